//! Counters, and the text of `GET /metrics`.
//!
//! An isolate counts deltas under [`CounterKey`]s; they reach the log in the same call as the
//! rows, tagged, so that a retry counts once. A shard counts labels, and failures of its own. The key's
//! JSON text is what a shard stores, so a shard needs to know no metric. [`families`] makes of the totals
//! what `/metrics` shows, and [`text`] writes it.

mod families;
mod key;
mod text;

pub(crate) use families::{Families, Scrape};
pub(crate) use key::{
    CounterKey, DurationClass, PredictRequests, operations, predict_requests, trial_errors,
    verdicts,
};
pub(crate) use text::{Format, render};
