//! Segments in KV.

use async_trait::async_trait;
use worker::KvStore;
use worker::send::SendFuture;

use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment, segment_key};

/// Segments in a KV namespace, each for `ttl_days`.
pub(super) struct KvSegments {
    pub(super) store: KvStore,
    pub(super) ttl_days: u32,
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
    ) -> Result<(), StorageError> {
        let key = segment_key(shard, segment);
        let put = async {
            self.store
                .put(&key, ndjson)?
                .metadata(meta)?
                .expiration_ttl(u64::from(self.ttl_days) * 24 * 60 * 60)
                .execute()
                .await
        };
        SendFuture::new(put).await.map_err(unreachable_store)
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        let key = segment_key(shard, segment);
        SendFuture::new(self.store.get(&key).text()).await.map_err(unreachable_store)
    }
}
