//! Successful answers.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::ApiError;
use crate::services::serving::Answering;

/// Rides on an answer that says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Degraded;

/// The answering model isn't known to be the one that should.
const DEGRADED: HeaderName = HeaderName::from_static("x-tepal-degraded");

/// 200 with `value` as JSON.
///
/// # Errors
/// [`ApiError::Unwritable`] if it has no JSON form.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, ApiError> {
    Ok(text("application/json", serde_json::to_string(value)?))
}

/// 200 with `text` of this media type; not to be kept by caches.
pub(crate) fn text(content_type: &'static str, text: impl Into<Body>) -> Response {
    with_status(StatusCode::OK, content_type, text)
}

/// An answer of this status; not to be kept by caches.
pub(crate) fn with_status(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Answering {
    /// Says so in the header if this isn't known to be the model that should answer.
    pub(crate) fn mark(&self, mut response: Response) -> Response {
        if self.degraded {
            response.headers_mut().insert(DEGRADED, HeaderValue::from_static("1"));
            response.extensions_mut().insert(Degraded);
        }
        response
    }
}

/// 204: nothing to say.
pub(crate) fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
