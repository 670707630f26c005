//! Paths that don't exist, and methods that a path doesn't have.

use axum::response::Response;
use http::Method;

use crate::error::ApiError;
use crate::http::answer;

/// Nothing is here.
pub(crate) async fn not_found() -> Result<Response, ApiError> {
    Err(ApiError::NotFound)
}

/// The path is known and doesn't answer this method; `OPTIONS` is answered for every path. axum
/// adds the header `Allow`.
pub(crate) async fn other_method(method: Method) -> Result<Response, ApiError> {
    if method == Method::OPTIONS { Ok(answer::empty()) } else { Err(ApiError::MethodNotAllowed) }
}
