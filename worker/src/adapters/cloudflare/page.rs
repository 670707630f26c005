//! The page among the static assets.

use async_trait::async_trait;
use futures_util::StreamExt;
use worker::send::SendFuture;
use worker::{Env, Result};

use crate::ports::{PageDocument, PageError, PageSource};

/// The binding of `[assets]`.
const BINDING: &str = "ASSETS";

/// Where document and description are among the assets. The binding reads the path alone; a host must be there.
const DOCUMENT: &str = "https://assets/";
const API: &str = "https://assets/api.json";

/// `dist/index.html` with the headers of `dist/_headers`, through the binding `ASSETS`.
pub(super) struct AssetPage {
    env: Env,
}

impl AssetPage {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }

    async fn read(&self, address: &str) -> Result<std::result::Result<PageDocument, PageError>> {
        let answer = self.env.assets(BINDING)?.fetch(address, None).await?;
        let (parts, mut body) = answer.into_parts();
        if parts.status != http::StatusCode::OK {
            return Ok(Err(PageError(format!("the assets answer {}", parts.status))));
        }
        let mut html = Vec::new();
        while let Some(chunk) = body.next().await {
            html.extend_from_slice(&chunk?);
        }
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = parts.headers.iter().filter_map(text).collect();
        Ok(Ok(PageDocument { html, headers }))
    }

    async fn get(&self, address: &str) -> std::result::Result<PageDocument, PageError> {
        let read = SendFuture::new(self.read(address)).await;
        read.unwrap_or_else(|error| Err(PageError(error.to_string())))
    }
}

#[async_trait]
impl PageSource for AssetPage {
    async fn document(&self) -> std::result::Result<PageDocument, PageError> {
        self.get(DOCUMENT).await
    }

    async fn api_description(&self) -> std::result::Result<String, PageError> {
        let text = self.get(API).await?.html;
        String::from_utf8(text).map_err(|error| PageError(error.to_string()))
    }
}
