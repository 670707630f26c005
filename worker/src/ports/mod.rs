//! What the services need from the outside world, as traits.
//!
//! Everything that reads a clock, draws random bytes, stores, or runs later stands behind one of
//! these. `adapters::memory` implements all of them for native builds and tests,
//! `adapters::cloudflare` for the edge. Nothing here knows HTTP or the Workers SDK.

mod background;
mod clock;
mod entropy;
mod limiter;
mod model_source;
mod page_source;
mod prediction_log;
mod segment_store;
mod shard_store;

pub use background::{Background, BoxFuture};
pub use clock::Clock;
pub use entropy::Entropy;
pub use limiter::RateLimiter;
pub use model_source::{ModelError, ModelSource, ServedModel};
pub use page_source::{PageDocument, PageError, PageSource};
pub use prediction_log::{
    Batch, BatchTag, Counters, FlushReport, HistoryQuery, LogError, LogRow, PredictionLog, ShardId,
};
pub(crate) use segment_store::segment_key;
pub use segment_store::{SegmentStore, StoredSegment};
pub use shard_store::{Appended, HotAndCold, Segment, SegmentState, ShardStore};
