//! Paths that don't exist, and methods that a path doesn't have.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, VARY};
use http::{HeaderMap, HeaderValue, Method, Uri};
use tepal_api::PROBLEM_JSON;

use super::page;
use crate::app::App;
use crate::error::ApiError;
use crate::http::accept::quality;
use crate::http::answer;

/// Nothing is here: a problem, and to a browser the page, which says the same to people.
pub(crate) async fn not_found(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if is_read(&method) && !names_a_file(uri.path()) {
        let shown = if wants_the_page(&headers) { page::not_found(&app).await.ok() } else { None };
        let mut response = shown.unwrap_or_else(|| ApiError::NotFound.into_response());
        response.headers_mut().append(VARY, HeaderValue::from(ACCEPT));
        return response;
    }
    ApiError::NotFound.into_response()
}

/// The path is known and doesn't answer this method; `OPTIONS` is answered for every path that is.
/// axum adds the header `Allow`.
pub(crate) async fn other_method(method: Method) -> Result<Response, ApiError> {
    if method == Method::OPTIONS { Ok(answer::empty()) } else { Err(ApiError::MethodNotAllowed) }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Whether the path ends in the name of a file other than a page's, such as `/metrics.json`. Whoever
/// asks for one, be it from a browser's address bar, wants that file and no page.
fn names_a_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    last.rsplit_once('.').is_some_and(|(_, kind)| !kind.starts_with("htm"))
}

/// Whether a browser asks: HTML is named, and neither form of the problem is liked better.
/// Wildcards, which programs send too, name nothing.
fn wants_the_page(headers: &HeaderMap) -> bool {
    let html = quality(headers, "text/html");
    html > 0.0
        && html >= quality(headers, "application/json")
        && html >= quality(headers, PROBLEM_JSON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_end_of_its_path() {
        for path in ["/favicon.ico", "/metrics.json", "/a/openapi.yaml", "/.env", "/app-0f.js"] {
            assert!(names_a_file(path), "{path}");
        }
        for path in ["/", "/nowhere", "/v1.2/model", "/health/", "/monitor.html", "/old.htm"] {
            assert!(!names_a_file(path), "{path}");
        }
    }

    #[test]
    fn browsers_want_the_page_and_programs_do_not() {
        let wants = |accept: &'static str| {
            wants_the_page(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(wants("text/html"));
        assert!(wants("application/json;q=0.5, text/html"));
        assert!(!wants("*/*"));
        assert!(!wants("text/*"));
        assert!(!wants("application/json"));
        assert!(!wants("application/json, text/html;q=0.9"));
        assert!(!wants("application/problem+json, text/html;q=0.1"));
        assert!(!wants("text/html;q=0"));
        assert!(!wants_the_page(&HeaderMap::new()));
    }
}
