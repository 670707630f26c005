//! `POST /api/v1/feedback`.

use axum::extract::{Request, State};
use axum::response::Response;
use tepal_api::{
    FeedbackRequest, FeedbackResponse, FeedbackStatus, LabelRequest, LabelResult, Problem,
    ProblemError,
};

use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Allowed, Feedback};
use crate::http::admission::Admitted;
use crate::http::{answer, body};
use crate::ports::{Label, LabelStatus};
use crate::services::log::labels;
use crate::services::metrics::CounterKey;
use crate::services::prediction_id::ID_LENGTH;

/// Longest body.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Most labels of a request.
const MAX_LABELS: usize = 1_000;

/// Says what the true classes of predictions were
///
/// The first label of a prediction stays: the same one again is `unchanged`, another one a `conflict` that
/// changes nothing. So a request can be sent again if its answer is lost, and labels may come late, as
/// long as the log keeps the prediction.
#[utoipa::path(
    post,
    path = "/api/v1/feedback",
    tag = "monitoring",
    security(("owner" = [])),
    request_body = FeedbackRequest,
    responses(
        (status = 200, description = "What became of each label", body = FeedbackResponse),
        (status = 400, description = "The body isn't JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the log can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    _admitted: Admitted,
    _allowed: Allowed<Feedback>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    let labels = read(body::json(request, MAX_BODY_BYTES).await?)?;
    let statuses = labels::record(&app.writer, app.config.log_shards, &labels).await?;
    for status in &statuses {
        app.telemetry.count(CounterKey::Feedback(status.as_str().into()), 1);
    }
    let results = labels.into_iter().zip(statuses);
    let results =
        results.map(|(label, status)| LabelResult { id: label.id, status: status.into() });
    answer::json(&FeedbackResponse { results: results.collect() })
}

/// The labels, or what keeps the body from being some.
fn read(request: FeedbackRequest) -> Result<Vec<Label>, ApiError> {
    let fault = |pointer: &str, code: &str, detail: &str| {
        let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
        Err(ApiError::InvalidChange(vec![ProblemError { pointer, code, detail }]))
    };
    let is_batch = request.labels.is_some();
    let labels = match request {
        FeedbackRequest { id: Some(id), label: Some(label), labels: None } => {
            vec![LabelRequest { id, label }]
        }
        FeedbackRequest { id: None, label: None, labels: Some(labels) } => labels,
        _ => return fault("", "missing_field", "send id and label, or labels and nothing else"),
    };
    if !(1..=MAX_LABELS).contains(&labels.len()) {
        return fault("/labels", "out_of_range", "send 1 to 1,000 labels");
    }
    // What could be an id is repeated in the answer, and nothing longer.
    let is_too_long = |label: &LabelRequest| label.id.len() > ID_LENGTH;
    if let Some(at) = labels.iter().position(is_too_long) {
        let pointer = if is_batch { format!("/labels/{at}/id") } else { "/id".to_owned() };
        return fault(&pointer, "not_an_id", "id must be that of a prediction");
    }
    Ok(labels.into_iter().map(|LabelRequest { id, label }| Label { id, label }).collect())
}

impl From<LabelStatus> for FeedbackStatus {
    fn from(status: LabelStatus) -> Self {
        match status {
            LabelStatus::Recorded => Self::Recorded,
            LabelStatus::Unchanged => Self::Unchanged,
            LabelStatus::Conflict => Self::Conflict,
            LabelStatus::UnknownId => Self::UnknownId,
            LabelStatus::UnknownClass => Self::UnknownClass,
        }
    }
}
