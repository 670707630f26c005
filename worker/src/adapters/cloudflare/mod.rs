//! The edge: the only place that knows the Workers SDK.
//!
//! [`entry`] receives events, [`convert`] and [`outgoing`] turn the platform's requests and the
//! router's answers into each other's form, [`incoming`] keeps unread bodies, [`log`] speaks to the
//! shards, [`page`] to the static assets, [`shard_object`] is a shard.

mod convert;
mod entry;
mod incoming;
mod log;
mod outgoing;
mod page;
mod platform;
mod segments;
mod shard_object;
mod sql_shard;
