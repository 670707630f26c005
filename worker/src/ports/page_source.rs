//! The page's document.

use async_trait::async_trait;

/// The document that every address of the page starts from, as the site sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDocument {
    /// HTML in UTF-8.
    pub html: Vec<u8>,
    /// What is told with it (its policy, how long it may be kept), as names and values.
    pub headers: Vec<(String, String)>,
}

/// The document isn't reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page isn't reached: {0}")]
pub struct PageError(pub String);

/// Where the page is kept.
#[async_trait]
pub trait PageSource: Send + Sync {
    /// The page's document.
    ///
    /// # Errors
    /// [`PageError`] if nothing answers for it, or it isn't there.
    async fn document(&self) -> Result<PageDocument, PageError>;
}
