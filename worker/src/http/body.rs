//! Reading a JSON body within a limit.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use futures_util::future::poll_fn;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use std::pin::Pin;

use crate::error::ApiError;

/// The bytes of a JSON body of at most `limit` bytes.
///
/// What the headers say is judged before a byte is read, and what arrives is counted whatever
/// they said.
///
/// # Errors
/// [`ApiError::NotJson`] or [`ApiError::Compressed`] by the headers, [`ApiError::BodyTooLarge`]
/// by header or count, [`ApiError::BodyUnreadable`] if it breaks off.
pub(crate) async fn json_bytes(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    let headers = request.headers();
    if !is_json(headers) {
        return Err(ApiError::NotJson);
    }
    if is_compressed(headers) {
        return Err(ApiError::Compressed);
    }
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge { limit });
    }
    read(request.into_body(), limit).await
}

async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| ApiError::BodyUnreadable)?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(ApiError::BodyTooLarge { limit });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// `application/json` or `application/…+json`, with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    value.is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"))
}
