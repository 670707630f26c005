//! The page's own paths, and what a browser is shown where there is nothing.
//!
//! One document serves all of them: its program reads the address and shows what belongs there. So
//! the document says nothing of whether there is such an address; only the status does.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG,
    TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::app::App;
use crate::error::ApiError;
use crate::http::etag;
use crate::ports::{PageDocument, PageError};

/// Headers that are about another transfer than the one to the caller.
const OF_THE_TRANSFER: [HeaderName; 7] = [
    ALLOW,
    HeaderName::from_static("cf-cache-status"),
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    DATE,
    TRANSFER_ENCODING,
];

/// The page's document; 304 without it if the caller has this one.
pub(crate) async fn show(State(app): State<App>, asked: HeaderMap) -> Result<Response, ApiError> {
    let mut response = answer(app.ports.page.document().await?);
    let known = response.headers().get(ETAG).is_some_and(|tag| etag::is_known(tag, &asked));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_TYPE);
    }
    Ok(response)
}

/// The page's document as the body of a 404, which nobody keeps.
///
/// # Errors
/// [`PageError`] if there is none to be had.
pub(crate) async fn not_found(app: &App) -> Result<Response, PageError> {
    let mut response = answer(app.ports.page.document().await?);
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.remove(ETAG);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn answer(document: PageDocument) -> Response {
    let mut response = Response::new(Body::from(document.html));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    for (name, value) in document.headers {
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = pair
            && !OF_THE_TRANSFER.contains(&name)
        {
            headers.insert(name, value);
        }
    }
    response
}
