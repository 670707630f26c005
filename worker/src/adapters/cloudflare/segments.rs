//! Segments in KV.

use async_trait::async_trait;
use worker::KvStore;
use worker::send::SendFuture;

use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment, segment_key};

/// Segments in a KV namespace.
pub(super) struct KvSegments {
    pub(super) store: KvStore,
}

fn unreachable_store(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(format!("KV: {error}"))
}

#[async_trait]
impl SegmentStore for KvSegments {
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
        until_millis: i64,
    ) -> Result<(), StorageError> {
        let key = segment_key(shard, segment);
        let until_secs = u64::try_from(until_millis / 1_000).unwrap_or(0);
        let put = async {
            self.store.put(&key, ndjson)?.metadata(meta)?.expiration(until_secs).execute().await
        };
        SendFuture::new(put).await.map_err(unreachable_store)
    }

    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
        let key = segment_key(shard, segment);
        SendFuture::new(self.store.delete(&key)).await.map_err(unreachable_store)
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        let key = segment_key(shard, segment);
        SendFuture::new(self.store.get(&key).text()).await.map_err(unreachable_store)
    }
}
