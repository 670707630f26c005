//! The ports in this process's memory: real ones, with the same states as at the edge, for native
//! builds and tests.

mod log;
mod page;
mod platform;
mod segments;
mod shard;

pub use log::MemoryLog;
pub use page::MemoryPage;
pub use platform::{CountingLimiter, Inline, ManualClock, SeededEntropy};
pub use segments::MemorySegments;
pub use shard::MemoryShard;
