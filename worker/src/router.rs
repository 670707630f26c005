//! The one list of routes.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::handlers::{
    docs, fallback, health, metrics, model, monitoring, openapi, predict, predictions,
};
use crate::http::envelope::envelope;

/// Makes a route's handlers, by method.
type Methods = fn() -> MethodRouter<App>;

/// Path and methods. Whether a route is limited or the owner's stands in its handler's arguments.
const ROUTES: &[(&str, Methods)] = &[
    ("/predict", || post(predict::create)),
    ("/health", || get(health::health)),
    ("/livez", || get(health::livez)),
    ("/readyz", || get(health::readyz)),
    ("/metrics", || get(metrics::show)),
    ("/api/v1/model", || get(model::show)),
    ("/api/v1/predictions", || get(predictions::list)),
    ("/api/v1/monitoring/flush", || post(monitoring::flush)),
    ("/openapi.json", || get(openapi::show)),
    ("/docs", || get(docs::page)),
    ("/docs/", || get(docs::page)),
    ("/redoc", || get(docs::page)),
    ("/docs/docs.js", || get(docs::script)),
    ("/docs/docs.css", || get(docs::style)),
];

/// The whole Worker as a service. Requests should carry a [`crate::app::Scope`] in their
/// extensions; without one nothing is sent to the log until somebody reads it.
pub fn router(app: App) -> Router {
    ROUTES
        .iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods()))
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::other_method)
        .layer(from_fn_with_state(app.clone(), envelope))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Files of the documentation page aren't part of the API.
    #[test]
    fn the_openapi_document_lists_every_path_of_the_api() {
        let is_api = |path: &&str| !path.starts_with("/docs") && *path != "/redoc";
        let routed: BTreeSet<&str> = ROUTES.iter().map(|(path, _)| *path).filter(is_api).collect();
        let document = crate::services::openapi::described();
        let described: BTreeSet<&str> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(routed, described);
    }
}
