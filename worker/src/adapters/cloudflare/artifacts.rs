//! Model files and data sets in KV.

use async_trait::async_trait;
use worker::Env;
use worker::send::SendFuture;

use super::shard_object::STORE;
use crate::ports::{ArtifactKey, ArtifactStore, StorageError};

/// Files in the namespace, until they are deleted.
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
    async fn put(&self, key: ArtifactKey<'_>, bytes: Vec<u8>) -> Result<(), StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let key = key.text();
        let put = async { store.put_bytes(&key, &bytes)?.execute().await };
        SendFuture::new(put).await.map_err(unreachable)
    }

    async fn get(&self, key: ArtifactKey<'_>) -> Result<Option<Vec<u8>>, StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let key = key.text();
        SendFuture::new(store.get(&key).bytes()).await.map_err(unreachable)
    }

    async fn delete(&self, key: ArtifactKey<'_>) -> Result<(), StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let key = key.text();
        SendFuture::new(store.delete(&key)).await.map_err(unreachable)
    }
}
