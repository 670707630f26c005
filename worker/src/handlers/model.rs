//! `GET /api/v1/model`, its card and its file: the public face of what is served.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use model_core::card::ModelCard;
use tepal_api::{ModelResponse, Problem};

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::admission::Admitted;
use crate::http::{accept, answer, etag, query};
use crate::ports::{ModelRef, RegistryError};
use crate::services::model;
use crate::services::serving::ServedModel;

/// The served model
///
/// Its schema (features with units and ranges, classes), how well it did on rows of known class,
/// and what it was made from.
#[utoipa::path(
    get,
    path = "/api/v1/model",
    tag = "model",
    responses(
        (status = 200, description = "The served model", body = ModelResponse),
        (status = 429, description = "The rate limit is used up", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No model can be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    _admitted: Admitted,
    State(app): State<App>,
    scope: Surroundings,
) -> Result<Response, ApiError> {
    let answering = app.serving.champion(scope.background()).await?;
    let pointer = app.serving.pointer(scope.background()).await;
    // What answers in the champion's place is not what its owner opened.
    let is_public = pointer.is_some_and(|pointer| {
        let deployment = &pointer.deployment;
        deployment.public_artifact && deployment.champion.model_id == answering.model.id
    });
    Ok(answering.mark(answer::json(&model::describe(&answering.model, is_public))?))
}

/// The served model's card
///
/// What it is for, what it learned from, how good it is, and what not to trust it with. As Markdown, or as
/// JSON if `Accept` likes that better.
#[utoipa::path(
    get,
    path = "/api/v1/model/card",
    tag = "model",
    responses(
        (status = 200, description = "The card", content((String = "text/markdown"), (serde_json::Value = "application/json"))),
        (status = 429, description = "The rate limit is used up", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No model can be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn card(
    _admitted: Admitted,
    State(app): State<App>,
    scope: Surroundings,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let answering = app.serving.champion(scope.background()).await?;
    Ok(answering.mark(card_of(&answering.model, &headers)?))
}

/// The served model's file
///
/// If its owner opened it: with it a page answers as the edge does, without asking it. Kept for good by
/// caches if it is asked for by its id, and compared by `ETag` else.
#[utoipa::path(
    get,
    path = "/api/v1/model/artifact",
    tag = "model",
    params(("id" = Option<String>, Query, description = "Only if this is the served model's id; the answer never changes then")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The caller has it"),
        (status = 403, description = "It isn't public", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Another model is served", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "The rate limit is used up", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The file isn't to be had, or not yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn artifact(
    _admitted: Admitted,
    State(app): State<App>,
    scope: Surroundings,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let pointer = app.serving.pointer(scope.background()).await;
    let Some(pointer) = pointer.filter(|pointer| pointer.deployment.public_artifact) else {
        return Err(ApiError::NotPublic);
    };
    let champion = &pointer.deployment.champion;
    let id = &champion.model_id;
    let asked = query::form(uri.query().unwrap_or("")).find(|(name, _)| name == "id");
    if asked.as_ref().is_some_and(|(_, asked)| asked != id) {
        return Err(RegistryError::NotFound { what: "such model in service".into() }.into());
    }
    let tag = HeaderValue::try_from(format!("\"{id}\"")).ok();
    let known = tag.as_ref().is_some_and(|tag| etag::is_known(tag, &headers));
    let mut response = if known { not_modified() } else { artifact_of(&app, champion).await? };
    let keeping = match asked {
        Some(_) => "public, max-age=31536000, immutable",
        None => "public, no-cache",
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(keeping));
    response.headers_mut().extend(tag.map(|tag| (ETAG, tag)));
    Ok(response)
}

fn not_modified() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

/// The card of `model`, in the form that the caller likes better.
pub(super) fn card_of(model: &ServedModel, headers: &HeaderMap) -> Result<Response, ApiError> {
    let card = ModelCard::of(&model.artifact);
    let json = accept::quality(headers, "application/json");
    let mut response = if json > accept::quality(headers, "text/markdown") {
        answer::json(&card)?
    } else {
        answer::text("text/markdown; charset=utf-8", card.markdown())
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// The file of this model, as it was published.
pub(super) async fn artifact_of(app: &App, model: &ModelRef) -> Result<Response, ApiError> {
    let mut response = answer::text("application/octet-stream", app.serving.file(model).await?);
    let short: String = model.model_id.chars().take(8).collect();
    let name = HeaderValue::try_from(format!("attachment; filename=\"{short}.tepal\""));
    response.headers_mut().extend(name.ok().map(|name| (CONTENT_DISPOSITION, name)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(response)
}
