//! The ports, implemented: in memory for native builds and tests, on Cloudflare for the edge.

pub mod memory;

#[cfg(target_arch = "wasm32")]
mod cloudflare;
