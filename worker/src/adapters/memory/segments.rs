//! A segment store in a map.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment, segment_key};

/// Keeps segments under the same keys as KV does; it forgets only what it is told to, and can be made to fail.
#[derive(Debug, Default)]
pub struct MemorySegments {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    segments: BTreeMap<String, (String, StoredSegment)>,
    failing: bool,
    /// How many reads are left before one fails.
    gets_left: Option<u32>,
}

impl MemorySegments {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Key, content and metadata of everything stored.
    #[must_use]
    pub fn stored(&self) -> BTreeMap<String, (String, StoredSegment)> {
        self.lock().segments.clone()
    }

    /// The `n`-th read from now on fails, once.
    pub fn fail_get(&self, n: u32) {
        self.lock().gets_left = n.checked_sub(1);
    }

    /// Whether every call fails from now on.
    pub fn set_failing(&self, failing: bool) {
        self.lock().failing = failing;
    }
}

#[async_trait]
impl SegmentStore for MemorySegments {
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
        _until_millis: i64,
    ) -> Result<(), StorageError> {
        let mut inner = self.lock();
        if inner.failing {
            return Err(StorageError::Unreachable("the segment store is told to fail".into()));
        }
        inner.segments.insert(segment_key(shard, segment), (ndjson, meta.clone()));
        Ok(())
    }

    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
        let mut inner = self.lock();
        if inner.failing {
            return Err(StorageError::Unreachable("the segment store is told to fail".into()));
        }
        inner.segments.remove(&segment_key(shard, segment));
        Ok(())
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        let mut inner = self.lock();
        let fails = inner.gets_left == Some(0);
        inner.gets_left = inner.gets_left.and_then(|left| left.checked_sub(1));
        if inner.failing || fails {
            return Err(StorageError::Unreachable("the segment store is told to fail".into()));
        }
        Ok(inner.segments.get(&segment_key(shard, segment)).map(|(ndjson, _)| ndjson.clone()))
    }
}
