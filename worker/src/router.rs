//! From the list of routes to a service. Beside it stand the page's paths, which `tepal-api` lists for
//! page and Worker.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tepal_api::pages;

use crate::app::App;
use crate::handlers::{fallback, page};
use crate::http::envelope::{Enveloped, envelope};
use crate::routes;

/// The whole Worker as a service. Requests should carry a [`crate::app::Scope`] in their
/// extensions; without one nothing is sent to the log until somebody reads it.
pub fn router(app: App) -> Router {
    let api = routes::all()
        .fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    let enveloped = Enveloped { app: app.clone(), cross_origin: routes::cross_origin().into() };
    page_paths()
        .fold(api, |router, path| router.route(&path, get(page::show)))
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::other_method)
        .layer(from_fn_with_state(enveloped, envelope))
        .with_state(app)
}

/// Each path of the page, with and without a slash at the end.
fn page_paths() -> impl Iterator<Item = String> {
    let with_slash = pages::ALL.into_iter().filter(|path| *path != "/");
    let with_slash = with_slash.map(|path| format!("{path}/"));
    pages::ALL.into_iter().map(str::to_owned).chain(with_slash)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const WRANGLER: &str = include_str!("../../wrangler.toml");

    /// What `wrangler.toml` sends to the Worker before it looks for a file.
    fn sent_to_the_worker() -> BTreeSet<&'static str> {
        let (_, list) = WRANGLER.split_once("run_worker_first = [").unwrap();
        let (list, _) = list.split_once(']').unwrap();
        list.split(',')
            .map(|rule| rule.trim().trim_matches('"'))
            .filter(|r| !r.is_empty())
            .collect()
    }

    fn covers(rule: &str, path: &str) -> bool {
        match rule.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => rule == path,
        }
    }

    #[test]
    fn whatever_the_router_answers_is_sent_to_it() {
        let rules = sent_to_the_worker();
        let api = routes::all().map(|route| route.path.to_owned());
        // The start is a file, and costs no request of the Worker.
        let pages = page_paths().filter(|path| path != "/");
        for path in api.chain(pages) {
            assert!(rules.iter().any(|rule| covers(rule, &path)), "{path} is in no rule");
        }
        assert!(!rules.iter().any(|rule| covers(rule, "/")));
    }

    #[test]
    fn each_rule_is_a_path_of_the_router_or_a_folder_of_the_api() {
        let paths: BTreeSet<String> =
            routes::all().map(|route| route.path.to_owned()).chain(page_paths()).collect();
        for rule in sent_to_the_worker() {
            let is_folder = ["/predict/*", "/docs/*", "/api/*"].contains(&rule);
            assert!(is_folder || paths.contains(rule), "{rule}");
        }
    }

    /// Any other handling answers unknown paths with a page, before the Worker is asked.
    #[test]
    fn what_is_no_file_is_left_to_the_worker() {
        let handling = WRANGLER.lines().find_map(|line| line.strip_prefix("not_found_handling = "));
        assert_eq!(handling, Some("\"none\""));
    }
}
