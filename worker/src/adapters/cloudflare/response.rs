//! The router's answers, as the platform takes them.

use std::cell::RefCell;
use std::collections::HashMap;

use axum::body::{Body, Bytes, HttpBody};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use http::HeaderMap;
use worker::js_sys::Uint8Array;
use worker::{Error, ResponseBody, Result, web_sys};

/// Sets of headers that are kept; a route has one or two, unless origins are listed one by one.
const MOST_KEPT: usize = 64;

thread_local! {
    /// JavaScript's form of the header sets answered so far, by their text. Building one crosses
    /// into JavaScript twice a header, and nearly all answers share a few.
    static KEPT: RefCell<HashMap<Vec<u8>, web_sys::Headers>> = RefCell::default();
}

/// The platform's form of an answer.
///
/// A body that is in memory in one piece, as nearly all are, crosses in one piece. Any other is
/// handed on as it comes: it may be longer than the memory.
///
/// # Errors
/// The platform's, if it refuses status, headers or body.
pub(super) async fn outgoing(from: http::Response<Body>) -> Result<web_sys::Response> {
    let (parts, body) = from.into_parts();
    let init = web_sys::ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(&kept(&parts.headers)?.into());
    match Outgoing::of(body).await? {
        Outgoing::Nothing => Ok(web_sys::Response::new_with_opt_str_and_init(None, &init)?),
        Outgoing::Whole(bytes) => {
            let array = Uint8Array::from(bytes.as_ref());
            Ok(web_sys::Response::new_with_opt_buffer_source_and_init(Some(&array), &init)?)
        }
        Outgoing::Pieces(pieces) => {
            let pieces = readable(pieces)?;
            Ok(web_sys::Response::new_with_opt_readable_stream_and_init(Some(&pieces), &init)?)
        }
    }
}

/// How a body leaves.
enum Outgoing {
    Nothing,
    Whole(Bytes),
    Pieces(BoxStream<'static, std::result::Result<Bytes, axum::Error>>),
}

impl Outgoing {
    async fn of(body: Body) -> Result<Self> {
        let Some(length) = body.size_hint().exact() else {
            return Ok(Self::Pieces(body.into_data_stream().boxed()));
        };
        if length == 0 {
            return Ok(Self::Nothing);
        }
        let mut pieces = body.into_data_stream();
        let Some(first) = pieces.next().await else { return Ok(Self::Nothing) };
        let first = first.map_err(|error| Error::RustError(error.to_string()))?;
        if u64::try_from(first.len()) == Ok(length) {
            return Ok(Self::Whole(first));
        }
        Ok(Self::Pieces(stream::iter([Ok(first)]).chain(pieces).boxed()))
    }
}

/// JavaScript's form of a stream; the platform asks for a piece when it has sent the one before.
fn readable(
    pieces: BoxStream<'static, std::result::Result<Bytes, axum::Error>>,
) -> Result<web_sys::ReadableStream> {
    let pieces = pieces.map_err(|error| Error::RustError(error.to_string()));
    let built = worker::ResponseBuilder::new().from_stream(pieces)?;
    match built.body() {
        ResponseBody::Stream(stream) => Ok(stream.clone()),
        _ => Err(Error::RustError("the SDK made no stream of a stream".into())),
    }
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
