//! Tepal at the edge: a Cloudflare Worker that answers, logs and measures predictions.
