//! The page's document, and files that go with it.

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

    /// What wire types and routes say of themselves: `public/api.json`. As a file beside the page it is no part of the Worker,
    /// whose upload it would be a fiftieth of.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    async fn api_description(&self) -> Result<String, PageError>;
}
