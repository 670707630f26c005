//! Where published model files and data sets rest (KV at the edge).

use async_trait::async_trait;

use super::StorageError;

/// A file, by the hash of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKey<'a> {
    /// A model, by its id.
    Model(&'a str),
    /// Rows to train on, by their hash.
    Dataset(&'a str),
}

impl ArtifactKey<'_> {
    /// As written in the store; never changed.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Model(id) => format!("model/v1/{id}"),
            Self::Dataset(hash) => format!("dataset/v1/{hash}"),
        }
    }
}

/// Keeps files until they are deleted. A file never changes: its name is the hash of its content. So a copy that is late or old
/// can't be wrong, only missing, or there still for a while.
#[async_trait]
pub trait ArtifactStore: Send + Sync {
    /// Stores a file; doing it again changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it wasn't stored.
    async fn put(&self, key: ArtifactKey<'_>, bytes: Vec<u8>) -> Result<(), StorageError>;

    /// The file as it was stored, if there is one; whoever reads it checks it.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it can't be asked.
    async fn get(&self, key: ArtifactKey<'_>) -> Result<Option<Vec<u8>>, StorageError>;

    /// Deletes a file; one that isn't there is deleted already.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if it wasn't deleted.
    async fn delete(&self, key: ArtifactKey<'_>) -> Result<(), StorageError>;
}
