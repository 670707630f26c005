//! Where published model files rest (KV at the edge).

use async_trait::async_trait;

use super::StorageError;

/// Keeps model files under `model/v1/{model id}`, for good. A file never changes: its id is the hash of
/// its content. So a copy that is late or old can't be wrong, only missing.
#[async_trait]
pub trait ArtifactStore: Send + Sync {
    /// Stores a file; doing it again changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it wasn't stored.
    async fn put(&self, model_id: &str, artifact: Vec<u8>) -> Result<(), StorageError>;

    /// The file as it was stored, if there is one; whoever reads it checks it.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it can't be asked.
    async fn get(&self, model_id: &str) -> Result<Option<Vec<u8>>, StorageError>;
}

/// The one place that knows how an artifact's key is written.
#[must_use]
pub(crate) fn artifact_key(model_id: &str) -> String {
    format!("model/v1/{model_id}")
}
