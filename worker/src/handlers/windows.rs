//! What was seen of the traffic: `/api/v1/monitoring/windows`.

use axum::extract::State;
use axum::response::Response;
use http::Uri;
use tepal_api::{Problem, Watching, WindowList, WindowReport};

use super::cursor;
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::answer;
use crate::http::path::Segment;
use crate::ports::{RegistryError, WatchAnswer, WatchQuestion};

/// Windows a page, if nothing is asked.
const DEFAULT_LIMIT: usize = 50;

/// What was seen of the traffic, newest window first
///
/// A window is the newest rows of one version, 50 to 200 of them, none of which is in another window. Whether its
/// features look like those that trained the model, what was answered, and how labelled answers turned out.
#[utoipa::path(
    get,
    path = "/api/v1/monitoring/windows",
    tag = "monitoring",
    security(("owner" = [])),
    params(
        ("limit" = Option<usize>, Query, description = "Windows a page, 1 to 1000; 50 if absent", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "One page", body = WindowList),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let cursor::Page { limit, before } = cursor::read(uri.query(), DEFAULT_LIMIT)?;
    match app.ports.watcher.ask(&WatchQuestion::Windows { before, limit }).await? {
        WatchAnswer::Windows { windows, more, watching } => {
            let last = windows.last().map(|window| window.number.to_string());
            answer::json(&WindowList { windows, next_cursor: last.filter(|_| more), watching })
        }
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// One window, feature by feature
#[utoipa::path(
    get,
    path = "/api/v1/monitoring/windows/{number}",
    tag = "monitoring",
    security(("owner" = [])),
    params(("number" = u64, Path, description = "The window's number")),
    responses(
        (status = 200, description = "The window", body = WindowReport),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is none of this number, or not any more", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    Segment(name): Segment,
) -> Result<Response, ApiError> {
    let none = || RegistryError::NotFound { what: "window of such a number".into() };
    let number = name.parse().map_err(|_| none())?;
    match app.ports.watcher.ask(&WatchQuestion::Window { number }).await? {
        WatchAnswer::Windows { windows, .. } => match windows.into_iter().next() {
            Some(window) => answer::json(&window),
            None => Err(none().into()),
        },
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// Look now
///
/// Does what is done at every quarter of an hour by itself: judges the rows that no window has yet, if a version has
/// 50 of them, and says how watching goes. What was answered a moment ago is among them.
#[utoipa::path(
    post,
    path = "/api/v1/monitoring/look",
    tag = "monitoring",
    security(("owner" = [])),
    responses(
        (status = 200, description = "How watching goes now", body = Watching),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or log or watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn look(
    _admitted: Admitted,
    _allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    app.writer.catch_up().await?;
    match app.ports.watcher.ask(&WatchQuestion::Look).await? {
        WatchAnswer::Watching { watching, .. } => answer::json(&watching),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}
