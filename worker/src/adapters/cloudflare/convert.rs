//! The platform's requests and answers, and the router's.
//!
//! The SDK's own conversion fails on addresses and header values that the `http` crate refuses,
//! which would answer odd but harmless requests with a 500. This one leaves out what nobody here
//! reads, and so is also quicker.

use std::pin::Pin;

use axum::body::{Body, HttpBody};
use futures_util::future::poll_fn;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use worker::{Response, ResponseBuilder, Result, web_sys};

/// Every request header that something in this crate reads.
const HEADERS: [HeaderName; 9] = [
    http::header::ACCESS_CONTROL_REQUEST_METHOD,
    http::header::AUTHORIZATION,
    http::header::CONTENT_ENCODING,
    http::header::CONTENT_LENGTH,
    http::header::CONTENT_TYPE,
    http::header::ORIGIN,
    http::header::TRANSFER_ENCODING,
    HeaderName::from_static("x-tepal-key"),
    HeaderName::from_static("x-tepal-subject"),
];

/// What the platform says of who connected.
const ADDRESS_HEADER: &str = "cf-connecting-ip";

/// A path that no route has, for addresses that can't be read as one.
const UNREADABLE: &str = "/unreadable";

/// The router's form of a request, and the address that it came from.
///
/// # Errors
/// The platform's, if it doesn't hand out the request's headers.
pub(super) fn request(from: &web_sys::Request) -> Result<(Request<Body>, Option<String>)> {
    let from_headers = from.headers();
    let method = Method::from_bytes(from.method().as_bytes()).unwrap_or(Method::TRACE);
    let has_body = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let body = from.body().filter(|_| has_body);
    let body = body.map_or_else(Body::empty, |stream| Body::new(worker::Body::new(stream)));
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri(&from.url());
    for name in HEADERS {
        let value = from_headers.get(name.as_str())?;
        if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok())
        {
            request.headers_mut().insert(name, value);
        }
    }
    Ok((request, from_headers.get(ADDRESS_HEADER)?))
}

/// Path and query of an absolute address.
fn uri(url: &str) -> Uri {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let authority_and_path = url.get(after_scheme..).unwrap_or("");
    let path = authority_and_path.find('/').and_then(|at| authority_and_path.get(at..));
    path.and_then(|path| path.parse().ok()).unwrap_or_else(|| Uri::from_static(UNREADABLE))
}

/// The platform's form of an answer, whose body is in memory already.
///
/// # Errors
/// The platform's, if it refuses status, headers or body.
pub(super) async fn response(from: http::Response<Body>) -> Result<Response> {
    let (parts, mut body) = from.into_parts();
    let mut builder = ResponseBuilder::new().with_status(parts.status.as_u16());
    for (name, value) in &parts.headers {
        if let Ok(value) = value.to_str() {
            builder = builder.with_header(name.as_str(), value)?;
        }
    }
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| worker::Error::RustError(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(if bytes.is_empty() { builder.empty() } else { builder.fixed(bytes) })
}
