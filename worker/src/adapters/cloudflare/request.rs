//! The platform's requests, as the router takes them.
//!
//! The SDK's own conversion fails on addresses and header values that the `http` crate refuses,
//! which would answer odd but harmless requests with a 500. This one leaves out what nobody here
//! reads. It is also quicker: most of the cost of a small request is crossing between JavaScript
//! and wasm, so names cross once an isolate and short bodies in one piece.

use axum::body::Body;
use futures_util::stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{JsString, Uint8Array};
use worker::wasm_bindgen::{self, JsCast, prelude::wasm_bindgen};
use worker::{Error, Result, web_sys};

use super::lent_body::{self, Leftover};
use crate::http::headers::READ;

/// What the platform says of who connected.
const ADDRESS_HEADER: &str = "cf-connecting-ip";

/// A path that no route has, for addresses that can't be read as one.
const UNREADABLE: &str = "/unreadable";

/// Bodies that say they are at most so long are read before the router runs.
const SHORT_BODY_BYTES: u64 = 64 * 1024;

#[wasm_bindgen]
extern "C" {
    /// `Headers`, asked with names that are JavaScript strings already.
    type Headers;

    #[wasm_bindgen(method, js_name = get)]
    fn value(this: &Headers, name: &JsString) -> Option<JsString>;
}

thread_local! {
    static NAMES: Vec<(HeaderName, JsString)> =
        READ.map(|name| (name.clone(), JsString::from(name.as_str()))).into();
    static ADDRESS: JsString = JsString::from(ADDRESS_HEADER);
}

/// A request as the router takes it.
pub(super) struct Incoming {
    pub(super) request: Request<Body>,
    pub(super) leftover: Leftover,
    /// The address that it came from.
    pub(super) address: Option<String>,
}

/// The router's form of a request.
///
/// # Errors
/// The platform's, if it doesn't hand out the body.
pub(super) async fn incoming(from: &web_sys::Request) -> Result<Incoming> {
    let from_headers: Headers = from.headers().unchecked_into();
    let headers = headers(&from_headers);
    let (body, leftover) = match announced_length(&headers) {
        Some(length) if length <= SHORT_BODY_BYTES => (short_body(from).await?, Leftover::none()),
        _ => lent_body::lend(from.body()),
    };
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(from.method().as_bytes()).unwrap_or(Method::TRACE);
    *request.uri_mut() = uri(&from.url());
    *request.headers_mut() = headers;
    let address = ADDRESS.with(|name| from_headers.value(name)).map(String::from);
    Ok(Incoming { request, leftover, address })
}

fn headers(from: &Headers) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(READ.len());
    NAMES.with(|names| {
        for (name, text) in names {
            let value = from.value(text).map(String::from);
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name.clone(), value);
            }
        }
    });
    headers
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that is read in one piece; one that breaks off fails when the handler reads it.
async fn short_body(from: &web_sys::Request) -> Result<Body> {
    Ok(match JsFuture::from(from.array_buffer()?).await {
        Ok(buffer) => Body::from(Uint8Array::new(&buffer).to_vec()),
        Err(error) => {
            let error = Error::from(error);
            Body::from_stream(stream::once(async { Err::<Vec<u8>, _>(error) }))
        }
    })
}

/// Path and query of an absolute address.
fn uri(url: &str) -> Uri {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let authority_and_path = url.get(after_scheme..).unwrap_or("");
    let path = authority_and_path.find('/').and_then(|at| authority_and_path.get(at..));
    path.and_then(|path| path.parse().ok()).unwrap_or_else(|| Uri::from_static(UNREADABLE))
}
