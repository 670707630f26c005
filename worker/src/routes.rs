//! The one list of routes: the router, the OpenAPI document and CORS are made from it, and a test
//! holds `wrangler.toml` to it.

use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use utoipa::OpenApi;

use crate::app::App;
use crate::handlers::{
    audit, deployment, docs, feedback, health, keys, metrics, model, monitoring, openapi, predict,
    predictions, registry,
};

/// One method of a path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// Pages of other origins may call it, if they are configured.
    pub(crate) cross_origin: bool,
    /// Whether a request is limited, or whom it needs to come from, stands in the handler's arguments.
    pub(crate) handler: fn() -> MethodRouter<App>,
}

/// Lists the routes of the API, and describes them for the OpenAPI document in the same breath.
macro_rules! api {
    ($($method:ident $path:literal $([$mark:ident])? => $module:ident :: $handler:ident,)*) => {
        /// The API.
        pub(crate) const API: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            cross_origin: api!(@cross_origin $($mark)?),
            handler: || on(MethodFilter::$method, $module::$handler),
        }),*];

        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler),*))]
        struct Described;
    };
    (@cross_origin) => { false };
    (@cross_origin cross_origin) => { true };
}

api! {
    POST "/predict" [cross_origin] => predict::create,
    GET "/health" => health::health,
    GET "/livez" => health::livez,
    GET "/readyz" => health::readyz,
    GET "/metrics" => metrics::show,
    GET "/api/v1/model" => model::show,
    GET "/api/v1/model/card" => model::card,
    GET "/api/v1/model/artifact" => model::artifact,
    POST "/api/v1/models" => registry::publish,
    GET "/api/v1/models" => registry::list,
    GET "/api/v1/models/{version}" => registry::show,
    PATCH "/api/v1/models/{version}" => registry::describe,
    GET "/api/v1/models/{version}/artifact" => registry::artifact,
    GET "/api/v1/models/{version}/card" => registry::card,
    GET "/api/v1/aliases" => registry::aliases,
    PUT "/api/v1/aliases/{alias}" => registry::set_alias,
    DELETE "/api/v1/aliases/{alias}" => registry::delete_alias,
    GET "/api/v1/deployment" => deployment::show,
    PUT "/api/v1/deployment" => deployment::change,
    POST "/api/v1/rollback" => deployment::roll_back,
    GET "/api/v1/audit" => audit::list,
    GET "/api/v1/audit/verify" => audit::verify,
    POST "/api/v1/keys" => keys::mint,
    GET "/api/v1/keys" => keys::list,
    DELETE "/api/v1/keys/{key_id}" => keys::revoke,
    GET "/api/v1/predictions" => predictions::list,
    POST "/api/v1/feedback" => feedback::create,
    GET "/api/v1/monitoring/report" => monitoring::report,
    POST "/api/v1/monitoring/flush" => monitoring::flush,
    GET "/openapi.json" => openapi::show,
}

/// The files of the documentation page, which aren't part of the API.
pub(crate) const DOCUMENTATION: &[Route] = &[
    file("/docs", || on(MethodFilter::GET, docs::page)),
    file("/docs/", || on(MethodFilter::GET, docs::page)),
    file("/redoc", || on(MethodFilter::GET, docs::page)),
    file("/docs/docs.js", || on(MethodFilter::GET, docs::script)),
    file("/docs/docs.css", || on(MethodFilter::GET, docs::style)),
];

const fn file(path: &'static str, handler: fn() -> MethodRouter<App>) -> Route {
    Route { method: Method::GET, path, cross_origin: false, handler }
}

/// Every route, the page's own paths apart.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    API.iter().chain(DOCUMENTATION)
}

/// What the routes of the API say of themselves.
pub(crate) fn described() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

/// Paths that pages of other origins may call, each with a method.
pub(crate) fn cross_origin() -> Vec<(&'static str, Method)> {
    let open = all().filter(|route| route.cross_origin);
    open.map(|route| (route.path, route.method.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::openapi::PathItem;

    use super::*;

    /// A handler's description names its path and method a second time.
    #[test]
    fn each_handler_describes_the_route_that_it_answers() {
        let methods = |item: &PathItem| {
            let all = [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("PATCH", &item.patch),
            ];
            let there = all.into_iter().filter(|(_, operation)| operation.is_some());
            there.map(|(method, _)| method.to_owned()).collect::<Vec<_>>()
        };
        let paths = described().paths.paths;
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, item)| methods(item).into_iter().map(|m| (m, path.clone())))
            .collect();
        let routed: BTreeSet<(String, String)> =
            API.iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
        assert_eq!(routed, described);
        assert_eq!(routed.len(), API.len(), "no route stands twice");
    }
}
