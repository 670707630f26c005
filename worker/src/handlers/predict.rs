//! `POST /predict`.

use axum::extract::{Request, State};
use axum::response::Response;
use tepal_api::{PredictResponse, Problem};

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::access::MayPredict;
use crate::http::admission::Admitted;
use crate::http::{answer, body, headers};
use crate::protocols::tepal::response::response;
use crate::protocols::tepal::row;
use crate::services::classify::classify;
use crate::services::metrics::CounterKey;
use crate::services::prediction_id;
use crate::services::record::{Answered, Shadow, record};
use crate::services::subject::pseudonym;

/// Longest body.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Classifies one row
///
/// Send a value for each column of the served model: a number, a category as a string, or the text of
/// a date, a time or free text. Values outside the hard range and unknown categories are refused;
/// values that are allowed but outside what the model was trained on are answered with a warning.
#[utoipa::path(
    post,
    path = "/predict",
    tag = "predict",
    security((), ("owner" = [])),
    params(
        ("x-tepal-key" = Option<String>, Header, description = "Who is asking; decides which of two models answers while an experiment runs"),
        ("x-tepal-subject" = Option<String>, Header, description = "Whom the row is about; kept as a keyed hash only"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json"),
    responses(
        (status = 200, description = "The answer", body = PredictResponse),
        (status = 400, description = "The body isn't JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "A token that isn't valid; or none, where predictions aren't for all", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not ask for predictions", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 16 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body isn't sent as plain JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body doesn't fit the model's schema", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Over the rate limit; Retry-After says how long to wait at most", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No model can be read, or the log is durable and can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    _admitted: Admitted,
    _may: MayPredict,
    State(app): State<App>,
    scope: Surroundings,
    request: Request,
) -> Result<Response, ApiError> {
    let key = request.headers().get(headers::KEY).cloned();
    let subject = request.headers().get(headers::SUBJECT).cloned();
    let bytes = body::json_bytes(request, MAX_BODY_BYTES).await?;
    let now_millis = app.ports.clock.now_millis();
    let id = prediction_id::new(now_millis, app.ports.entropy.bytes()?, app.writer.shard);
    let told_apart_by = key.as_ref().map_or(id.as_bytes(), http::HeaderValue::as_bytes);
    let assigned = app.serving.assigned(told_apart_by, scope.background()).await?;
    let model = &assigned.answering.model;

    let decoded = row::decode(&bytes, model.artifact.schema());
    if let (Err(_), Some(trial), Some(other)) = (&decoded, assigned.trial, &assigned.shadow)
        && row::decode(&bytes, other.artifact.schema()).is_ok()
    {
        // The other model would have taken it: that speaks against this one.
        let refused = CounterKey::TrialErrors(trial.number, model.version);
        app.telemetry.count(refused, 1);
    }
    let decoded = decoded?;
    let classification = classify(model, &decoded.row);
    let response = response(model, &decoded, &classification, id, now_millis);
    let text = serde_json::to_string(&response)?;

    let shadow = assigned.shadow.as_deref().map(|model| {
        // Ranges and categories may be others than the champion's.
        let decoded = row::decode(&bytes, model.artifact.schema()).ok();
        Shadow { model, classification: decoded.map(|decoded| classify(model, &decoded.row)) }
    });
    let secret = app.config.subject_secret.as_ref();
    let answered = Answered {
        id: response.id,
        at_millis: now_millis,
        model,
        row: &decoded.row,
        classification,
        shadow,
        warnings: response.warnings.iter().map(|warning| warning.code).collect(),
        subject: subject
            .zip(secret)
            .and_then(|(subject, secret)| pseudonym(secret.expose(), subject.as_bytes())),
        // All requests of a key fall on one side, so they are no draws of their own.
        draw: assigned.draw.filter(|_| key.is_none()),
        trial: assigned.trial,
        absent: assigned.absent,
    };
    record(&app.writer, app.config.log_mode, answered).await?;
    Ok(assigned.answering.mark(answer::text("application/json", text)))
}
