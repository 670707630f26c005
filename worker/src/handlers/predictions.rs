//! `GET` and `DELETE /api/v1/predictions`.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use serde::Serialize;
use serde_json::value::RawValue;
use tepal_api::{ErasureResponse, HistoryPage, Problem, ProblemError};

use crate::app::App;
use crate::config::Secret;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::{answer, query};
use crate::ports::{Asked, Change, ChangeRequest, Erasure, HistoryQuery, Outcome, Progress};
use crate::services::log::{reader, wire};
use crate::services::subject::pseudonym;
use crate::services::{prediction_id, time};

const DEFAULT_LIMIT: usize = 100;

const UNKNOWN: &str = "known are limit, cursor, from, to, version, class, labelled and outcome";

/// Keeps an answer well under a megabyte.
pub(super) const MAX_LIMIT: usize = 1_000;

/// The logged predictions, newest first
///
/// Follow `next_cursor` until it is absent to read all of them, each exactly once. A page may have fewer than
/// `limit`, or none, and go on. Predictions that are made while you read come before the first page and aren't in later ones.
#[utoipa::path(
    get,
    path = "/api/v1/predictions",
    tag = "monitoring",
    security(("owner" = [])),
    params(
        ("limit" = Option<usize>, Query, description = "Records a page, 1 to 1000; 100 if absent", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("from" = Option<String>, Query, description = "Only predictions made at this RFC 3339 time or later"),
        ("to" = Option<String>, Query, description = "Only predictions made before this RFC 3339 time"),
        ("version" = Option<u64>, Query, description = "Only predictions of this registry version"),
        ("class" = Option<String>, Query, description = "Only predictions of this class"),
        ("labelled" = Option<bool>, Query, description = "Only predictions with a label, or only those without"),
        ("outcome" = Option<String>, Query, description = "`right`: only predictions whose label is the class that was answered; `wrong`: those with another"),
    ),
    responses(
        (status = 200, description = "One page", body = HistoryPage),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The owner's token is missing or wrong", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the log can't be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = read_query(uri.query().unwrap_or("")).map_err(ApiError::Query)?;
    app.writer.catch_up().await?;
    let page = reader::page(app.ports.log.as_ref(), app.config.log_shards, &asked).await?;
    // A `HistoryPage` whose records are passed on as they were written.
    #[derive(Serialize)]
    struct Page<'a> {
        predictions: Vec<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<&'a str>,
    }
    let predictions = wire::raw_records(&page.rows)?;
    answer::json(&Page { predictions, next_cursor: page.next.as_deref() })
}

/// Erases predictions for good
///
/// One by its id, or all about a person. They are out of sight at once. The shards look through a bounded number
/// of segments before the answer and through the rest by themselves; `remaining` is how many that are. The
/// ledger notes that it was asked for, and each shard's result when it is done.
#[utoipa::path(
    delete,
    path = "/api/v1/predictions",
    tag = "monitoring",
    security(("owner" = [])),
    params(
        ("id" = Option<String>, Query, description = "Id of a prediction"),
        ("subject" = Option<String>, Query, description = "Whom they are about, as it was sent in `x-tepal-subject`; instead of id"),
    ),
    responses(
        (status = 200, description = "They are erased", body = ErasureResponse),
        (status = 202, description = "They are out of sight, and the shards go on erasing them", body = ErasureResponse),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or log or registry can't be reached; try again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn erase(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let secret = app.config.subject_secret.as_ref().map(Secret::expose);
    let what = read_erasure(uri.query().unwrap_or(""), secret).map_err(ApiError::Query)?;
    // Noted first: nothing is erased of which the ledger doesn't know.
    let details = [("by".to_owned(), what.by().into())].into_iter().collect();
    let change = Change::Note { action: "erase".to_owned(), details };
    let at_millis = app.ports.clock.now_millis();
    let request =
        ChangeRequest { change, actor: allowed.actor, at_millis, if_generation: None, then: None };
    let audit_head = app.ports.registry.change(&request).await?.audit_head;
    app.writer.catch_up().await?;
    let asked = Asked { entry: audit_head, actor: request.actor };
    let (log, shards) = (app.ports.log.as_ref(), app.config.log_shards);
    let Progress { erased, remaining } = reader::erase(log, shards, &what, &asked).await?;
    let mut response =
        answer::json(&ErasureResponse { erased, remaining, audit_head: asked.entry })?;
    if remaining > 0 {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}

/// What is to be erased, or what keeps the query from saying so.
fn read_erasure(text: &str, secret: Option<&str>) -> Result<Erasure, Vec<ProblemError>> {
    let fault = |pointer: &str, code: &str, detail: &str| {
        let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
        Err(vec![ProblemError { pointer, code, detail }])
    };
    let parameters: Vec<(String, String)> = query::form(text).collect();
    let [(name, value)] = parameters.as_slice() else {
        return fault("?", "missing_parameter", "send id or subject, and nothing else");
    };
    match name.as_str() {
        "id" if prediction_id::is_id(value) => Ok(Erasure::Id(value.clone())),
        "id" => fault("?id", "not_an_id", "id must be that of a prediction"),
        "subject" if value.is_empty() => fault("?subject", "out_of_range", "subject is empty"),
        // Without the secret no row has a subject.
        "subject" => match secret.and_then(|secret| pseudonym(secret, value.as_bytes())) {
            Some(subject) => Ok(Erasure::Subject(subject)),
            None => fault(
                "?subject",
                "not_configured",
                "SUBJECT_SECRET isn't set, so no row says whom it is about; set it with: npx wrangler secret put SUBJECT_SECRET",
            ),
        },
        _ => fault("?", "unknown_parameter", "known are id and subject"),
    }
}

/// The query, or every parameter that can't be used.
pub(super) fn read_query(text: &str) -> Result<HistoryQuery, Vec<ProblemError>> {
    let mut query = HistoryQuery { limit: DEFAULT_LIMIT, ..HistoryQuery::default() };
    let mut to_id: Option<String> = None;
    let mut faults = Vec::new();
    let mut fault = |name: &str, code: &str, detail: &str| {
        let known = !name.is_empty();
        faults.push(ProblemError {
            pointer: if known { format!("?{name}") } else { "?".to_owned() },
            code: code.to_owned(),
            detail: detail.to_owned(),
        });
    };
    for (name, value) in query::form(text) {
        match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => query.limit = limit,
                _ => fault("limit", "out_of_range", "limit must be a number from 1 to 1000"),
            },
            "cursor" if prediction_id::is_id(&value) => query.before_id = Some(value),
            "cursor" => fault("cursor", "not_a_cursor", "cursor must be a next_cursor"),
            "from" => match time::parse_rfc3339(&value) {
                Some(millis) => query.from_id = Some(prediction_id::first_of(millis)),
                None => fault("from", "not_a_time", "from must be like 2026-01-01T00:00:00Z"),
            },
            "to" => match time::parse_rfc3339(&value) {
                Some(millis) => to_id = Some(prediction_id::first_of(millis)),
                None => fault("to", "not_a_time", "to must be like 2026-01-01T00:00:00Z"),
            },
            "version" => match value.parse() {
                Ok(version) => query.model_version = Some(version),
                Err(_) => fault("version", "out_of_range", "version must be a number"),
            },
            "class" => query.class = Some(value),
            "labelled" => match value.parse() {
                Ok(labelled) => query.labelled = Some(labelled),
                Err(_) => fault("labelled", "out_of_range", "labelled must be true or false"),
            },
            "outcome" => match value.as_str() {
                "right" => query.outcome = Some(Outcome::Right),
                "wrong" => query.outcome = Some(Outcome::Wrong),
                _ => fault("outcome", "out_of_range", "outcome must be right or wrong"),
            },
            _ => fault("", "unknown_parameter", UNKNOWN),
        }
    }
    query.before_id = match (query.before_id, to_id) {
        (Some(cursor), Some(to)) => Some(cursor.min(to)),
        (cursor, to) => cursor.or(to),
    };
    if faults.is_empty() { Ok(query) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_bounds_on_ids() {
        let query = read_query(
            "limit=5&from=2026-01-01T00:00:00Z&to=2026-01-01T01%3A00%3A00%2B01:00&version=2",
        )
        .unwrap();
        assert_eq!(query.limit, 5);
        assert_eq!(query.model_version, Some(2));
        assert_eq!(query.from_id, query.before_id);
        assert_eq!(query.from_id.unwrap(), "019b76da-a800-7000-8000-000000000000");
    }

    #[test]
    fn every_faulty_parameter_is_named() {
        let faults =
            read_query("limit=0&cursor=x&from=y&to=z&version=-1&labelled=1&outcome=x&limt=3")
                .unwrap_err();
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["?limit", "?cursor", "?from", "?to", "?version", "?labelled", "?outcome", "?"]
        );
    }
}
