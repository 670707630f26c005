//! Reading a body within a limit.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use futures_util::future::poll_fn;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::pin::Pin;
use tepal_api::ProblemError;

use crate::error::ApiError;
use crate::protocols::tepal::json::{Value, read_object};
use crate::protocols::tepal::row::{MAX_DEPTH, pointer};

/// What a parser says is repeated up to so many characters.
const MAX_ECHO_CHARS: usize = 200;

/// So many members that stand twice are listed.
const MAX_FAULTS: usize = 10;

/// The bytes of a JSON body of at most `limit` bytes.
///
/// What the headers say is judged before a byte is read, and what arrives is counted whatever
/// they said.
///
/// # Errors
/// [`ApiError::NotJson`] or [`ApiError::Compressed`] by the headers, [`ApiError::BodyTooLarge`]
/// by header or count, [`ApiError::BodyUnreadable`] if it breaks off.
pub(crate) async fn json_bytes(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    if !is_json(request.headers()) {
        return Err(ApiError::NotJson);
    }
    bytes(request, limit).await
}

/// The value that a JSON body of at most `limit` bytes holds; an empty body is an empty object.
///
/// # Errors
/// As [`json_bytes`]; [`ApiError::Malformed`] if it is no JSON or nested too deep,
/// [`ApiError::InvalidChange`] if it holds something else.
pub(crate) async fn json<T: DeserializeOwned>(
    request: Request,
    limit: usize,
) -> Result<T, ApiError> {
    let bytes = match is_empty(request.headers()) {
        true => Vec::new(),
        false => json_bytes(request, limit).await?,
    };
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let invalid = |detail: String| {
        let [pointer, code] = ["", "wrong_type"].map(str::to_owned);
        ApiError::InvalidChange(vec![ProblemError { pointer, code, detail }])
    };
    // Whether it is JSON at all is judged as for predictions, by the reader that does so there.
    let (mut keys, mut twice) = (BTreeSet::new(), Vec::new());
    let whole = read_object(text, MAX_DEPTH, |key, _| {
        if !keys.insert(key.clone()) && twice.len() < MAX_FAULTS {
            twice.push(key);
        }
    });
    let whole = whole.map_err(ApiError::Malformed)?;
    if whole != Value::Object {
        return Err(invalid(format!("send an object, not {}", whole.describe())));
    }
    if !twice.is_empty() {
        return Err(ApiError::InvalidChange(twice.iter().map(|key| duplicate(key)).collect()));
    }
    // What was sent may be repeated in the error, at any length.
    let shortened = |error: serde_json::Error| {
        invalid(error.to_string().chars().take(MAX_ECHO_CHARS).collect())
    };
    // As text, like all else that is read as JSON: a second reader of each type would be 7 KB of the Worker. It is text, or it
    // would have been no JSON.
    crate::json::from_str(std::str::from_utf8(text).unwrap_or_default()).map_err(shortened)
}

fn duplicate(key: &str) -> ProblemError {
    let pointer = pointer(key);
    let name = pointer.get(1..).unwrap_or("");
    let detail = format!("{name} stands twice; send it once");
    ProblemError { detail, code: "duplicate_key".to_owned(), pointer }
}

/// The bytes of a model file of at most `limit` bytes.
///
/// # Errors
/// [`ApiError::NotOctets`] or [`ApiError::Compressed`] by the headers; else as [`json_bytes`].
pub(crate) async fn artifact_bytes(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    if media_type(request.headers()) != "application/octet-stream" {
        return Err(ApiError::NotOctets);
    }
    bytes(request, limit).await
}

async fn bytes(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    let headers = request.headers();
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
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// What the body is said to be, without parameters.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Whether the request says that it has no body, which then needs no type.
fn is_empty(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
    !headers.contains_key(CONTENT_TYPE) && length.is_none_or(|length| length == b"0")
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    value.is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"))
}
