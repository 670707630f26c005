//! Which pages of other origins may read which answers.
//!
//! Only `/predict` is open, only to configured origins, and never with credentials.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::{HeaderMap, HeaderValue, Method};

use crate::config::CorsOrigins;

/// Paths that other origins may call.
const OPEN_PATHS: [&str; 1] = ["/predict"];

/// What of a request decides its CORS headers.
#[derive(Debug)]
pub(crate) struct CrossOrigin {
    origin: HeaderValue,
    preflight: bool,
}

impl CrossOrigin {
    /// `None` if the request isn't a browser's cross-origin call of an open path.
    pub(crate) fn of(method: &Method, path: &str, headers: &HeaderMap) -> Option<Self> {
        let origin = headers.get(http::header::ORIGIN)?.clone();
        let preflight =
            method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        OPEN_PATHS.contains(&path).then_some(Self { origin, preflight })
    }

    /// Adds the headers that let the origin read the answer, if it may.
    pub(crate) fn answer(self, allowed: &CorsOrigins, headers: &mut HeaderMap) {
        let origin = match allowed {
            CorsOrigins::Any => HeaderValue::from_static("*"),
            CorsOrigins::List(list) => {
                headers.append(VARY, HeaderValue::from_static("origin"));
                let listed = list.iter().any(|origin| origin.as_bytes() == self.origin.as_bytes());
                if !listed {
                    return;
                }
                self.origin
            }
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.preflight {
            let allow = "content-type, x-tepal-key, x-tepal-subject";
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allow));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        } else {
            let expose = HeaderValue::from_static("retry-after");
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, expose);
        }
    }
}
