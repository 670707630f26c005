//! Model files in KV.

use async_trait::async_trait;
use worker::Env;
use worker::send::SendFuture;

use super::shard_object::STORE;
use crate::ports::{ArtifactStore, StorageError, artifact_key};

/// Model files in the namespace, for good.
pub(super) struct KvArtifacts {
    env: Env,
}

impl KvArtifacts {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }
}

fn unreachable(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(format!("KV: {error}"))
}

#[async_trait]
impl ArtifactStore for KvArtifacts {
    async fn put(&self, model_id: &str, artifact: Vec<u8>) -> Result<(), StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let key = artifact_key(model_id);
        let put = async { store.put_bytes(&key, &artifact)?.execute().await };
        SendFuture::new(put).await.map_err(unreachable)
    }

    async fn get(&self, model_id: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let key = artifact_key(model_id);
        SendFuture::new(store.get(&key).bytes()).await.map_err(unreachable)
    }
}
