//! Somebody else's address, to which messages are posted.

use async_trait::async_trait;

use super::StorageError;

/// Posts messages: `fetch` at the edge.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Posts `body`, which is JSON, to `url` with these headers; the status of the answer, whose body isn't read.
    /// Redirections aren't followed.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if nothing answers there within seconds.
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<u16, StorageError>;
}
