//! The one list of routes: the router and CORS are made from it, and tests hold the OpenAPI document and
//! `wrangler.toml` to it.

use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

use crate::app::App;
use crate::handlers::{
    alerts, audit, datasets, deployment, docs, export, feedback, health, keys, lifecycle, metrics,
    model, monitoring, openapi, predict, predictions, registry, windows,
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

        #[cfg(test)]
        #[derive(utoipa::OpenApi)]
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
    GET "/api/v1/policy" => lifecycle::policy,
    PUT "/api/v1/policy" => lifecycle::set_policy,
    POST "/api/v1/rollout" => lifecycle::begin,
    DELETE "/api/v1/rollout" => lifecycle::end,
    POST "/api/v1/rollout/approve" => lifecycle::approve,
    POST "/api/v1/datasets" => datasets::keep,
    GET "/api/v1/datasets" => datasets::list,
    DELETE "/api/v1/datasets/{data_hash}" => datasets::delete,
    POST "/api/v1/retrain" => lifecycle::retrain,
    GET "/api/v1/retrain" => lifecycle::retrainings,
    DELETE "/api/v1/retrain" => lifecycle::cancel_retraining,
    GET "/api/v1/monitoring/decisions" => lifecycle::decisions,
    GET "/api/v1/alerts" => alerts::list,
    POST "/api/v1/alerts/test" => alerts::test,
    GET "/api/v1/audit" => audit::list,
    GET "/api/v1/audit/verify" => audit::verify,
    POST "/api/v1/keys" => keys::mint,
    GET "/api/v1/keys" => keys::list,
    DELETE "/api/v1/keys/{key_id}" => keys::revoke,
    GET "/api/v1/predictions" => predictions::list,
    GET "/api/v1/predictions/export" => export::show,
    DELETE "/api/v1/predictions" => predictions::erase,
    POST "/api/v1/feedback" => feedback::create,
    GET "/api/v1/monitoring/report" => monitoring::report,
    POST "/api/v1/monitoring/flush" => monitoring::flush,
    POST "/api/v1/monitoring/look" => windows::look,
    GET "/api/v1/monitoring/windows" => windows::list,
    GET "/api/v1/monitoring/windows/{number}" => windows::show,
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

/// Paths that pages of other origins may call, each with a method.
pub(crate) fn cross_origin() -> Vec<(&'static str, Method)> {
    let open = all().filter(|route| route.cross_origin);
    open.map(|route| (route.path, route.method.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::{env, fs};

    use tepal_api::{
        FlushResponse, HealthResponse, HistoryPage, ModelResponse, PredictResponse, Problem,
    };
    use utoipa::openapi::PathItem;
    use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
    use utoipa::{Modify, OpenApi};

    use super::*;

    /// What isn't said of a single route.
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Tepal",
            description = "Predictions of a tabular classifier, served at the edge.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
            contact(),
        ),
        components(schemas(
            PredictResponse,
            ModelResponse,
            HealthResponse,
            HistoryPage,
            FlushResponse,
            Problem,
        )),
        modifiers(&OwnerScheme),
        tags(
            (name = "predict", description = "Ask the model"),
            (name = "model", description = "What is served, and how good it is"),
            (name = "health", description = "For probes"),
            (name = "registry", description = "What was published, what serves, and who changed it"),
            (name = "keys", description = "Who may do what"),
            (name = "monitoring", description = "Metrics and the prediction log"),
            (name = "loop", description = "A model that looks after itself: trials, what is decided, and what is wanted"),
            (name = "docs", description = "This description"),
        )
    )]
    struct Frame;

    struct OwnerScheme;

    impl Modify for OwnerScheme {
        fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
            if let Some(components) = document.components.as_mut() {
                let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
                components.add_security_scheme("owner", scheme);
            }
        }
    }

    fn described() -> utoipa::openapi::OpenApi {
        Frame::openapi().merge_from(Described::openapi())
    }

    /// The file goes with the page, and is what the Worker reads. `UPDATE_OPENAPI=1 cargo test -p tepal-worker` writes it anew.
    #[test]
    fn what_is_written_down_is_what_the_routes_say() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/api.json");
        let said = serde_json::to_string_pretty(&described()).unwrap() + "\n";
        if env::var_os("UPDATE_OPENAPI").is_some() {
            fs::write(&path, &said).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap();
        assert!(written == said, "write it anew: UPDATE_OPENAPI=1 cargo test -p tepal-worker");
    }

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
