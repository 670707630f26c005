//! `POST /predict`.

use axum::extract::{Request, State};
use axum::response::Response;
use tepal_api::{PredictResponse, Problem};

use crate::app::App;
use crate::config::LogMode;
use crate::error::ApiError;
use crate::http::admission::Admitted;
use crate::http::{answer, body};
use crate::services::metrics::CounterKey;
use crate::services::predict::{self, Circumstances};

/// Longest body.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Whom the row is about, in the caller's own words.
const SUBJECT_HEADER: &str = "x-tepal-subject";

/// Classifies one row
///
/// Send a value for each column of the served model: a number, a category as a string, or the text of
/// a date, a time or free text. Values outside the hard range and unknown categories are refused;
/// values that are allowed but outside what the model was trained on are answered with a warning.
#[utoipa::path(
    post,
    path = "/predict",
    tag = "predict",
    params(
        ("x-tepal-key" = Option<String>, Header, description = "Who is asking; decides which of two models answers while an experiment runs"),
        ("x-tepal-subject" = Option<String>, Header, description = "Whom the row is about; kept as a keyed hash only"),
    ),
    request_body(content = serde_json::Value, content_type = "application/json"),
    responses(
        (status = 200, description = "The answer", body = PredictResponse),
        (status = 400, description = "The body isn't JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 16 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body isn't sent as plain JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body doesn't fit the model's schema", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Over the rate limit; Retry-After says how long to wait at most", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No model can be read, or the log is durable and can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    _admitted: Admitted,
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    let subject = request.headers().get(SUBJECT_HEADER).cloned();
    let bytes = body::json_bytes(request, MAX_BODY_BYTES).await?;
    let model = app.ports.models.current().await?;
    let around = Circumstances {
        now_millis: app.ports.clock.now_millis(),
        random: app.ports.entropy.bytes(),
        shard: app.writer.shard,
        subject: subject.as_ref().map(http::HeaderValue::as_bytes),
        subject_secret: app.config.subject_secret.as_deref(),
    };
    let answer = predict::predict(&model, &bytes, &around)?;
    let text = serde_json::to_string(&answer.response)?;

    let buffer = &app.writer.buffer;
    let class = answer.response.prediction.clone();
    let mut counts = vec![(CounterKey::Predictions(class.into(), model.version), 1)];
    for warning in &answer.response.warnings {
        counts.push((CounterKey::Warnings(warning.code.as_str().into()), 1));
    }
    let row = answer.into_row()?;
    match app.config.log_mode {
        LogMode::Batched => {
            buffer.push(row);
            for (key, n) in counts {
                buffer.count(key, n);
            }
        }
        LogMode::Durable => app.writer.append_now(row, &counts).await?,
    }
    Ok(answer::text("application/json", text))
}
