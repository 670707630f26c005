//! A segment store that fails when told to.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment};

/// A segment store in front of another.
pub(crate) struct Faulty<K> {
    inner: K,
    failing: AtomicBool,
    gets: AtomicUsize,
    until_millis: AtomicI64,
}

impl<K> Faulty<K> {
    pub(crate) fn new(inner: K) -> Self {
        Self {
            inner,
            failing: AtomicBool::new(false),
            gets: AtomicUsize::new(0),
            until_millis: AtomicI64::new(0),
        }
    }

    /// Whether every call fails from now on.
    pub(crate) fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// Segments that were read since this was asked last.
    pub(crate) fn take_gets(&self) -> usize {
        self.gets.swap(0, Ordering::SeqCst)
    }

    /// Until when the last segment that was put is kept.
    pub(crate) fn last_until(&self) -> i64 {
        self.until_millis.load(Ordering::SeqCst)
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
        until_millis: i64,
    ) -> Result<(), StorageError> {
        self.check()?;
        self.inner.put(shard, segment, ndjson, meta, until_millis).await?;
        self.until_millis.store(until_millis, Ordering::SeqCst);
        Ok(())
    }

    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
        self.check()?;
        self.inner.delete(shard, segment).await
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        self.check()?;
        self.gets.fetch_add(1, Ordering::SeqCst);
        self.inner.get(shard, segment).await
    }
}
