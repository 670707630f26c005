//! `GET /metrics`.

use axum::extract::State;
use axum::response::Response;
use tepal_api::Problem;

use crate::app::App;
use crate::error::ApiError;
use crate::http::answer;
use crate::services::log::reader;
use crate::services::metrics;

/// Counters and durations in the Prometheus text format
///
/// Totals over all isolates that have delivered; other isolates' last 50 ms may be missing.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "monitoring",
    responses(
        (status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text"),
        (status = 503, description = "The log can't be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(State(app): State<App>) -> Result<Response, ApiError> {
    app.writer.catch_up().await?;
    let totals = reader::counters(app.ports.log.as_ref(), app.config.log_shards).await?;
    let model = app.ports.models.current().await.ok();
    let text = metrics::render(&totals, model.as_deref())
        .map_err(|error| ApiError::Unwritable(error.to_string()))?;
    Ok(answer::text(metrics::CONTENT_TYPE, text))
}
