//! Which pages of other origins may read which answers.
//!
//! Only routes that are listed as open are, only to configured origins, and never with cookies; a key is sent by whoever
//! wrote the page, who then shows it to everybody that opens the page.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::config::CorsOrigins;

/// What of a request decides its CORS headers.
#[derive(Debug)]
pub(crate) struct CrossOrigin {
    origin: HeaderValue,
    /// The methods that the path answers, if the browser asks before it calls.
    preflight: Option<Vec<Method>>,
}

impl CrossOrigin {
    /// `None` if the request isn't a browser's cross-origin call of one of the `open` paths.
    pub(crate) fn of<B>(request: &Request<B>, open: &[(&str, Method)]) -> Option<Self> {
        let headers = request.headers();
        let origin = headers.get(http::header::ORIGIN)?.clone();
        let here = open.iter().filter(|(path, _)| *path == request.uri().path());
        let methods: Vec<Method> = here.map(|(_, method)| method.clone()).collect();
        let preflight = request.method() == Method::OPTIONS
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        (!methods.is_empty()).then(|| Self { origin, preflight: preflight.then_some(methods) })
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
        if let Some(methods) = self.preflight {
            let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
            let methods = HeaderValue::try_from(methods.join(", "));
            let allow = "authorization, content-type, x-tepal-key, x-tepal-subject";
            headers.extend(methods.ok().map(|methods| (ACCESS_CONTROL_ALLOW_METHODS, methods)));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allow));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        } else {
            let expose =
                HeaderValue::from_static("retry-after, www-authenticate, x-tepal-degraded");
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, expose);
        }
    }
}
