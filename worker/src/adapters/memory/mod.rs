//! The ports in this process's memory: real ones, with the same states as at the edge, for native
//! builds and tests.

mod documents;
mod erasure;
mod log;
mod page;
mod platform;
mod registry;
mod segments;
mod shard;
mod signature;
mod watcher;
mod webhooks;

pub use documents::MemoryDocuments;
pub use log::MemoryLog;
pub use page::MemoryPage;
pub use platform::{CountingLimiter, Inline, Lines, ManualClock, SeededEntropy};
pub use registry::{MemoryArtifacts, MemoryPointerCopy, MemoryRegistry};
pub use segments::MemorySegments;
pub use shard::MemoryShard;
pub use signature::MemoryKeySets;
#[cfg(not(target_arch = "wasm32"))]
pub use signature::NativeSignatures;
pub use watcher::MemoryWatcher;
pub use webhooks::{MemoryWebhooks, Posted};
