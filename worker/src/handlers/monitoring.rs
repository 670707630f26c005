//! `POST /api/v1/monitoring/flush`.

use axum::extract::State;
use axum::response::Response;
use tepal_api::{FlushResponse, Problem};

use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed};
use crate::http::admission::Admitted;
use crate::http::answer;
use crate::ports::FlushReport;
use crate::services::log::reader;

/// Flushes the prediction log to KV now
///
/// It happens by itself every few minutes; this is for those who want to read the segments at once.
#[utoipa::path(
    post,
    path = "/api/v1/monitoring/flush",
    tag = "monitoring",
    security(("owner" = [])),
    responses(
        (status = 200, description = "What was moved", body = FlushResponse),
        (status = 401, description = "The owner's token is missing or wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the log can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn flush(
    _admitted: Admitted,
    _allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    app.writer.catch_up().await?;
    let report = reader::flush(app.ports.log.as_ref(), app.config.log_shards).await?;
    answer::json(&FlushResponse::from(report))
}

impl From<FlushReport> for FlushResponse {
    fn from(report: FlushReport) -> Self {
        let FlushReport { rows_sealed, segments_stored, rows_stored, rows_dropped } = report;
        Self { rows_sealed, segments_stored, rows_stored, rows_dropped }
    }
}
