//! What the services need from the outside world, as traits.
//!
//! Everything that reads a clock, draws random bytes, stores, checks a stranger's signature, or runs later stands behind one of
//! these. `adapters::memory` implements all of them for native builds and tests,
//! `adapters::cloudflare` for the edge. Nothing here knows HTTP or the Workers SDK.

mod artifact_store;
mod background;
mod clock;
mod document_store;
mod entropy;
mod erasure_store;
mod label_store;
mod limiter;
mod page_source;
mod pointer_copy;
mod prediction_log;
mod registry;
mod request_log;
mod segment_store;
mod shard_store;
mod signature;
mod storage;
mod usage;
mod watcher;
mod webhook;

pub use artifact_store::{ArtifactKey, ArtifactStore};
pub use background::{Background, BoxFuture};
pub use clock::Clock;
pub use document_store::{DocumentStore, KeyRange, Table};
pub use entropy::{Entropy, EntropyError};
pub use erasure_store::{Asked, Erased, Erasure, ErasureStore, Progress, Running};
pub use label_store::{
    Found, HourSpan, Label, LabelStatus, LabelStore, Labelled, Labels, NewLabel, Part, Tally,
};
pub use limiter::RateLimiter;
pub use page_source::{PageDocument, PageError, PageSource};
pub use pointer_copy::PointerCopy;
pub use prediction_log::{
    Batch, BatchTag, Counters, DIRECTORY, FlushReport, HistoryQuery, LogPage, LogRow, Outcome,
    PredictionLog, ShardId, ShardStatus,
};
pub use registry::{
    Answer, AuditEntry, Change, ChangeRequest, Changed, DatasetRecord, Deployment, Extent,
    KeyRecord, Mode, ModelRef, Pointer, Published, Query, Registry, RegistryError, Rescoring,
    TrialStep, Version,
};
pub use request_log::RequestLog;
pub(crate) use segment_store::segment_key;
pub use segment_store::{SegmentStore, StoredSegment};
pub use shard_store::{Appended, Bounds, HotAndCold, Segment, SegmentState, ShardStore};
pub use signature::{KeySetSource, PublicKey, SignatureVerifier};
pub use storage::StorageError;
pub use usage::{Operation, Usage};
pub use watcher::{WatchAnswer, WatchQuestion, Watcher};
pub use webhook::WebhookSender;
