//! A copy of the registry's pointer, for when the registry doesn't answer (KV at the edge).

use async_trait::async_trait;

use super::{Pointer, StorageError};

/// Keeps one pointer. What is read may be older than what was written last.
#[async_trait]
pub trait PointerCopy: Send + Sync {
    /// Keeps this one.
    ///
    /// # Errors
    /// [`StorageError`] if it isn't kept.
    async fn put(&self, pointer: &Pointer) -> Result<(), StorageError>;

    /// The one that is kept, if there is one.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be asked, or isn't one.
    async fn get(&self) -> Result<Option<Pointer>, StorageError>;
}
