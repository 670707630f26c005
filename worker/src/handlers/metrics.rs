//! `GET /metrics`.

use axum::extract::State;
use axum::response::Response;
use http::header::VARY;
use http::{HeaderMap, HeaderValue};

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::{accept, answer};
use crate::services::metrics::{self, Families, Format, Scrape};

/// Counters and durations for Prometheus
///
/// In its text format 0.0.4, or in OpenMetrics if `Accept` names that and doesn't prefer plain
/// text. Totals over all isolates that have delivered, at most `METRICS_MAX_AGE_SECS` old. While the log
/// doesn't answer there are none, and `tepal_log_up` is 0.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "monitoring",
    responses(
        (status = 200, description = "The totals", content(
            (String = "text/plain"),
            (String = "application/openmetrics-text"),
        )),
    )
)]
pub(crate) async fn show(
    State(app): State<App>,
    scope: Surroundings,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let serving = app.serving.champion(scope.background()).await.ok();
    let snapshot = app.totals().await;
    let families = Families::of(&Scrape {
        snapshot: &snapshot,
        served: serving.as_ref().map(|answering| answering.model.as_ref()),
        degraded: serving.as_ref().is_none_or(|answering| answering.degraded),
        buffered_rows: app.writer.buffer.held_rows(),
        allowance: &app.config.allowance,
        now_millis: app.ports.clock.now_millis(),
    });
    let format = format(&headers);
    let text = metrics::render(families, format)
        .map_err(|error| ApiError::Unwritable(error.to_string()))?;
    let mut response = answer::text(format.content_type(), text);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn format(headers: &HeaderMap) -> Format {
    let openmetrics = accept::quality(headers, "application/openmetrics-text");
    if openmetrics > 0.0 && openmetrics >= accept::quality(headers, "text/plain") {
        Format::OpenMetrics
    } else {
        Format::Prometheus
    }
}
