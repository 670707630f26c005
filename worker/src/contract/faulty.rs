//! A segment store that fails when told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment};

/// A segment store in front of another.
pub(crate) struct Faulty<K> {
    inner: K,
    failing: AtomicBool,
    gets: AtomicUsize,
}

impl<K> Faulty<K> {
    pub(crate) fn new(inner: K) -> Self {
        Self { inner, failing: AtomicBool::new(false), gets: AtomicUsize::new(0) }
    }

    /// Whether every call fails from now on.
    pub(crate) fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// Segments that were read since this was asked last.
    pub(crate) fn take_gets(&self) -> usize {
        self.gets.swap(0, Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), StorageError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(StorageError::Unreachable("the segment store is told to fail".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl<K: SegmentStore> SegmentStore for Faulty<K> {
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
    ) -> Result<(), StorageError> {
        self.check()?;
        self.inner.put(shard, segment, ndjson, meta).await
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        self.check()?;
        self.gets.fetch_add(1, Ordering::SeqCst);
        self.inner.get(shard, segment).await
    }
}
