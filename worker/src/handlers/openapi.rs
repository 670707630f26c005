//! `GET /openapi.json`.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::error::ApiError;
use crate::http::answer;
use crate::services::openapi;

/// This description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "docs",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value))
)]
pub(crate) async fn show(State(app): State<App>) -> Result<Response, ApiError> {
    let model = app.ports.models.current().await?;
    if let Some((id, text)) = app.openapi.get()
        && *id == model.id
    {
        return Ok(answer::text("application/json", text.clone()));
    }
    let text = openapi::document(&model)?;
    let _kept = app.openapi.set((model.id.clone(), text.clone()));
    Ok(answer::text("application/json", text))
}
