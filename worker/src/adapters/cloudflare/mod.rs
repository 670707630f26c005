//! The edge: the only place that knows the Workers SDK.
//!
//! [`entry`] receives events, [`convert`] turns the platform's requests and answers into the
//! router's, [`log`] speaks to the shards, [`shard_object`] is a shard.

mod convert;
mod entry;
mod log;
mod platform;
mod segments;
mod shard_object;
mod sql_shard;
