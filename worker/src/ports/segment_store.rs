//! Where flushed segments rest (KV at the edge).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ShardId, StorageError};

/// What is kept beside a segment, at most 1,024 bytes as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSegment {
    /// Id of the oldest row.
    pub from: String,
    /// Id of the newest row.
    pub to: String,
    /// Rows.
    pub rows: u64,
    /// Registry versions that answered them, at most [`Self::MOST_VERSIONS`].
    pub versions: Vec<u64>,
}

impl StoredSegment {
    /// So many versions are listed, the lowest; there may be others if there are so many.
    pub const MOST_VERSIONS: usize = 16;

    /// Whether a row of this version may be among the rows.
    #[must_use]
    pub fn may_hold(&self, version: u64) -> bool {
        self.versions.len() >= Self::MOST_VERSIONS || self.versions.contains(&version)
    }
}

/// Stores segments under `log/v1/{shard}/{segment:010}`, until a time that each is told.
#[async_trait]
pub trait SegmentStore: Send + Sync {
    /// Stores `ndjson` until `until_millis`, which is at least a minute ahead; doing it again with the same
    /// content changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it wasn't stored.
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
        until_millis: i64,
    ) -> Result<(), StorageError>;

    /// Deletes the segment, if it is there.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it may be there still.
    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError>;

    /// The segment's NDJSON, `None` once its time is over.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it can't be asked.
    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError>;
}

/// The one place that knows how a segment's key is written.
#[must_use]
pub(crate) fn segment_key(shard: ShardId, segment: u64) -> String {
    format!("log/v1/{shard}/{segment:010}")
}
