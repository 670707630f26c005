//! The edge: the only place that knows the Workers SDK.
//!
//! [`entry`] receives events; [`request`] and [`response`] turn the platform's requests and the
//! router's answers into each other's form, and [`lent_body`] keeps unread bodies. [`object_call`]
//! and [`sqlite`] are what every Durable Object is reached by and stores with; [`log`] speaks to
//! the shards, [`shard_call`] is what both sides say, [`shard_object`] is a shard on [`sql_shard`],
//! [`sql_labels`], [`sql_erasure`] and [`segments`]. [`registry`] speaks to the registry, [`registry_object`] is it on [`sql_documents`];
//! [`watcher`] and [`watcher_object`] are the same for the watcher. [`artifacts`] and [`pointer_copy`] are KV. [`page`] speaks to the static assets,
//! [`signature`] to WebCrypto, [`fetched`] to an OAuth issuer and to whom alerts are sent.

mod artifacts;
#[cfg(feature = "contract-suite")]
mod contract_suite;
mod entry;
mod fetched;
mod lent_body;
mod log;
mod object_call;
mod page;
mod platform;
mod pointer_copy;
mod registry;
mod registry_object;
mod request;
mod response;
mod segments;
mod shard_call;
mod shard_object;
mod signature;
mod sql_documents;
mod sql_erasure;
mod sql_labels;
mod sql_shard;
mod sqlite;
mod watcher;
mod watcher_object;
