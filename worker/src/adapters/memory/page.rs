//! A page in memory.

use async_trait::async_trait;

use crate::ports::{PageDocument, PageError, PageSource};

/// A page that consists of one document, or one that was never built.
#[derive(Debug, Default)]
pub struct MemoryPage {
    document: Option<PageDocument>,
}

impl MemoryPage {
    /// A page of this text, sent with these headers.
    #[must_use]
    pub fn new(html: &str, headers: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(owned).collect();
        Self { document: Some(PageDocument { html: html.into(), headers }) }
    }
}

#[async_trait]
impl PageSource for MemoryPage {
    async fn document(&self) -> Result<PageDocument, PageError> {
        self.document.clone().ok_or_else(|| PageError("there is none".into()))
    }

    async fn api_description(&self) -> Result<String, PageError> {
        Ok(include_str!("../../../../public/api.json").to_owned())
    }
}
