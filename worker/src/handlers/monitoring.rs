//! `POST /api/v1/monitoring/flush` and `GET /api/v1/monitoring/report`.

use axum::extract::State;
use axum::response::Response;
use http::Uri;
use tepal_api::{FlushResponse, Problem, ProblemError, ReportResponse};

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::{answer, query};
use crate::ports::{Deployment, FlushReport, HourSpan};
use crate::services::log::reader;
use crate::services::{report, time};

const HOUR_MILLIS: i64 = 60 * 60 * 1_000;

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

/// What each version said, and how it turned out
///
/// Answers and warnings by version, and accuracy on the predictions that have a label. Times are rounded
/// to whole hours, outwards.
#[utoipa::path(
    get,
    path = "/api/v1/monitoring/report",
    tag = "monitoring",
    security(("owner" = [])),
    params(
        ("version" = Option<u64>, Query, description = "Only this registry version"),
        ("from" = Option<String>, Query, description = "Only predictions made at this RFC 3339 time or later, from the start of its hour on"),
        ("to" = Option<String>, Query, description = "Only predictions made before this RFC 3339 time, to the end of its hour"),
    ),
    responses(
        (status = 200, description = "The report", body = ReportResponse),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the log can't be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn report(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    scope: Surroundings,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = Asked::read(uri.query().unwrap_or("")).map_err(ApiError::Query)?;
    app.writer.catch_up().await?;
    let hour = |millis: Option<i64>| millis.map(time::hour);
    let span = HourSpan { from: hour(asked.from), to: hour(asked.to) };
    let tallies = reader::tallies(app.ports.log.as_ref(), app.config.log_shards, &span).await?;
    let pointer = app.serving.pointer(scope.background()).await;
    let deployment = pointer.as_ref().map(|pointer| &pointer.deployment);
    answer::json(&ReportResponse {
        from: asked.from.map(time::rfc3339_millis),
        to: asked.to.map(time::rfc3339_millis),
        versions: report::versions(&tallies, asked.version),
        champion_version: deployment.map(|deployment| deployment.champion.version),
        sample_ratio: deployment
            .and_then(Deployment::draw)
            .map(|draw| report::sample_ratio(&tallies, draw)),
    })
}

/// What a report is to be of; whole hours.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    version: Option<u64>,
    from: Option<i64>,
    to: Option<i64>,
}

impl Asked {
    /// The query, or every parameter that can't be used.
    fn read(text: &str) -> Result<Self, Vec<ProblemError>> {
        let mut asked = Self::default();
        let mut faults = Vec::new();
        let mut fault = |pointer: String, code: &str, detail: &str| {
            let [code, detail] = [code, detail].map(str::to_owned);
            faults.push(ProblemError { pointer, code, detail });
        };
        for (name, value) in query::form(text) {
            match name.as_str() {
                "version" => match value.parse() {
                    Ok(version) => asked.version = Some(version),
                    Err(_) => {
                        fault("?version".into(), "out_of_range", "version must be a number");
                    }
                },
                "from" | "to" => match time::parse_rfc3339(&value) {
                    Some(millis) if name == "from" => {
                        asked.from = Some(millis - millis.rem_euclid(HOUR_MILLIS));
                    }
                    Some(millis) => asked.to = Some(millis + (-millis).rem_euclid(HOUR_MILLIS)),
                    None => {
                        let detail = format!("{name} must be like 2026-01-01T00:00:00Z");
                        fault(format!("?{name}"), "not_a_time", &detail);
                    }
                },
                _ => fault("?".into(), "unknown_parameter", "known are version, from and to"),
            }
        }
        if faults.is_empty() { Ok(asked) } else { Err(faults) }
    }
}

impl From<FlushReport> for FlushResponse {
    fn from(report: FlushReport) -> Self {
        let FlushReport { rows_sealed, segments_stored, rows_stored, rows_dropped, .. } = report;
        Self { rows_sealed, segments_stored, rows_stored, rows_dropped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_whole_hours_outwards() {
        let of = |from: &str, to: &str| Asked::read(&format!("from={from}&to={to}")).unwrap();
        let day = "2026-01-01T";
        let whole = of(&format!("{day}07:00:00Z"), &format!("{day}09:00:00Z"));
        assert_eq!(whole.to.unwrap() - whole.from.unwrap(), 2 * HOUR_MILLIS);
        assert_eq!(of(&format!("{day}07:59:59Z"), &format!("{day}08:00:00.001Z")), whole);
    }

    #[test]
    fn every_faulty_parameter_is_named() {
        let faults = Asked::read("version=-1&from=x&to=y&form=z").unwrap_err();
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["?version", "?from", "?to", "?"]);
    }
}
