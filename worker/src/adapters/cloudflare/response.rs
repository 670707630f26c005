//! The router's answers, as the platform takes them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use futures_util::future::poll_fn;
use http::HeaderMap;
use worker::js_sys::Uint8Array;
use worker::{Error, Result, web_sys};

/// Sets of headers that are kept; a route has one or two, unless origins are listed one by one.
const MOST_KEPT: usize = 64;

thread_local! {
    /// JavaScript's form of the header sets answered so far, by their text. Building one crosses
    /// into JavaScript twice a header, and nearly all answers share a few.
    static KEPT: RefCell<HashMap<Vec<u8>, web_sys::Headers>> = RefCell::default();
}

/// The platform's form of an answer, whose body is in memory already.
///
/// # Errors
/// The platform's, if it refuses status, headers or body.
pub(super) async fn outgoing(from: http::Response<Body>) -> Result<web_sys::Response> {
    let (parts, body) = from.into_parts();
    let init = web_sys::ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(&kept(&parts.headers)?.into());
    let bytes = collect(body).await?;
    if bytes.is_empty() {
        return Ok(web_sys::Response::new_with_opt_str_and_init(None, &init)?);
    }
    let array = Uint8Array::from(bytes.as_slice());
    Ok(web_sys::Response::new_with_opt_buffer_source_and_init(Some(&array), &init)?)
}

async fn collect(mut body: Body) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| Error::RustError(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn kept(headers: &HeaderMap) -> Result<web_sys::Headers> {
    let mut text = Vec::with_capacity(512);
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"] {
            text.extend_from_slice(part);
        }
    }
    if let Some(found) = KEPT.with_borrow(|kept| kept.get(&text).cloned()) {
        return Ok(found);
    }
    let built = web_sys::Headers::new()?;
    for (name, value) in headers {
        if let Ok(value) = value.to_str() {
            built.append(name.as_str(), value)?;
        }
    }
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(text, built.clone());
    });
    Ok(built)
}
