//! The prediction log: gathered in the isolate, appended to shards, flushed to KV in segments.
//!
//! [`buffer`] gathers rows and counters in the isolate, [`writer`] sends them to a shard,
//! [`shard`] is what a shard does with them (open, sealed, stored, cold), [`erase`] forgets, [`labels`] brings true
//! classes there, [`tally`] is what it counts for reports, [`page`] merges pages, [`reader`] gives them, and totals, over all shards.

pub(crate) mod buffer;
mod erase;
pub(crate) mod labels;
pub(crate) mod page;
pub(crate) mod reader;
pub(crate) mod shard;
pub(crate) mod tally;
pub(crate) mod wire;
pub(crate) mod writer;
