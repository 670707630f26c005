//! The copy of the registry's pointer, in KV.

use async_trait::async_trait;
use worker::Env;
use worker::send::SendFuture;

use super::shard_object::STORE;
use crate::ports::{Pointer, PointerCopy, StorageError};

const KEY: &str = "registry/v1/pointer";

/// One key of the namespace.
pub(super) struct KvPointerCopy {
    env: Env,
}

impl KvPointerCopy {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }
}

fn unreachable(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(format!("KV: {error}"))
}

#[async_trait]
impl PointerCopy for KvPointerCopy {
    async fn put(&self, pointer: &Pointer) -> Result<(), StorageError> {
        let text = serde_json::to_string(pointer)
            .map_err(|error| StorageError::Corrupt(error.to_string()))?;
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let put = async { store.put(KEY, text)?.execute().await };
        SendFuture::new(put).await.map_err(unreachable)
    }

    async fn get(&self) -> Result<Option<Pointer>, StorageError> {
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let text = SendFuture::new(store.get(KEY).text()).await.map_err(unreachable)?;
        let read = |text: String| crate::json::from_str(&text);
        text.map(read).transpose().map_err(|error| StorageError::Corrupt(error.to_string()))
    }
}
