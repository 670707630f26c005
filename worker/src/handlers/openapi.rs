//! `GET /openapi.json`.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::error::ApiError;
use crate::http::answer;
use crate::services::openapi;

/// Tells what the routes say of themselves; the router, which lists them, puts it into each request.
#[derive(Clone, Copy)]
pub(crate) struct DescribedRoutes(pub(crate) fn() -> utoipa::openapi::OpenApi);

/// This description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "docs",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value))
)]
pub(crate) async fn show(
    State(app): State<App>,
    Extension(routes): Extension<DescribedRoutes>,
) -> Result<Response, ApiError> {
    let model = app.ports.models.current().await?;
    if let Some((id, text)) = app.openapi.get()
        && *id == model.id
    {
        return Ok(answer::text("application/json", text.clone()));
    }
    let text = openapi::document(routes.0(), &model)?;
    let _kept = app.openapi.set((model.id.clone(), text.clone()));
    Ok(answer::text("application/json", text))
}
