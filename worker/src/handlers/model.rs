//! `GET /api/v1/model`.

use axum::extract::State;
use axum::response::Response;
use tepal_api::{ModelResponse, Problem};

use crate::app::App;
use crate::error::ApiError;
use crate::http::answer;
use crate::services::model;

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
        (status = 503, description = "No model can be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(State(app): State<App>) -> Result<Response, ApiError> {
    let served = app.ports.models.current().await?;
    answer::json(&model::describe(&served))
}
