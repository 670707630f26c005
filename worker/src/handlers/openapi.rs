//! `GET /openapi.json`.

use std::sync::PoisonError;

use axum::extract::State;
use axum::response::Response;
use tepal_api::Problem;

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::answer;
use crate::services::openapi;

/// This description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "docs",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = serde_json::Value),
        (status = 503, description = "The page's files don't answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(app): State<App>,
    scope: Surroundings,
) -> Result<Response, ApiError> {
    let answering = app.serving.champion(scope.background()).await?;
    let model = &answering.model;
    let known = app.openapi.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((id, version, text)) = known
        && (&id, version) == (&model.id, model.version)
    {
        return Ok(answering.mark(answer::text("application/json", text)));
    }
    let described = app.ports.page.api_description().await?;
    let text = openapi::document(model, &described)?;
    let made = (model.id.clone(), model.version, text.clone());
    *app.openapi.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
    Ok(answering.mark(answer::text("application/json", text)))
}
