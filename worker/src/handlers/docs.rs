//! `GET /docs` and `/redoc`: a page of our own that renders `/openapi.json`.
//!
//! Its files are in the Worker, so it works offline; its policy allows nothing from elsewhere. It
//! has no field for a token: owner routes are described and not called.

use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

use crate::http::answer;

const PAGE: &str = include_str!("docs/index.html");
const SCRIPT: &str = include_str!("docs/docs.js");
const STYLE: &str = include_str!("docs/docs.css");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The page, for trying out (`/docs`) and for reading (`/redoc`).
pub(crate) async fn page() -> Response {
    let mut response = file("text/html; charset=utf-8", PAGE);
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The page's script.
pub(crate) async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

/// The page's style sheet.
pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    let mut response = answer::text(content_type, content);
    let minutes = HeaderValue::from_static("public, max-age=300");
    response.headers_mut().insert(CACHE_CONTROL, minutes);
    response
}

/// Whether the page explains problems of this kind.
#[cfg(test)]
pub(crate) fn explains(kind: &str) -> bool {
    PAGE.contains(&format!("id=\"{kind}\""))
}
