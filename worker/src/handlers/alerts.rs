//! What somebody was told, or is to be: `/api/v1/alerts`.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use tepal_api::{Alert, AlertList, Problem};

use crate::app::App;
use crate::config::Webhook;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::answer;
use crate::ports::{RegistryError, WatchAnswer, WatchQuestion};

/// As [`AlertList`], of alerts as they are kept.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<&'a str>,
    is_signed: bool,
    alerts: Vec<Value>,
}

/// The alerts, newest first
///
/// What is told: drift, accuracy, errors and allowance when they begin and when they are over, a step that was taken or waits for
/// an owner, and how a retraining ended. Each is kept until it has arrived, or was given up after 21 hours.
#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "The alerts", body = AlertList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    let alerts = ask(&app, &WatchQuestion::Alerts).await?;
    let webhook = app.config.webhook.as_ref();
    let is_signed = webhook.is_some_and(|webhook| webhook.key.is_some());
    answer::json(&Listed { webhook: webhook.map(Webhook::host), is_signed, alerts })
}

/// Sends an alert that says nothing
///
/// To see whether alerts arrive. What became of it stands in the answer; if it was not taken, it is sent again as any other.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/test",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "It was sent, and what became of it", body = Alert),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Nobody is to be told: WEBHOOK_URL isn't set", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn test(
    _admitted: Admitted,
    _allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    let sent = ask(&app, &WatchQuestion::TestAlert).await?;
    let sent = sent.first().ok_or_else(|| {
        let why =
            "nobody is to be told: set WEBHOOK_URL with `npx wrangler secret put WEBHOOK_URL`";
        RegistryError::Conflict { why: why.to_owned() }
    })?;
    answer::json(sent)
}

async fn ask(app: &App, question: &WatchQuestion) -> Result<Vec<Value>, ApiError> {
    match app.ports.watcher.ask(question).await? {
        WatchAnswer::Alerts { alerts } => Ok(alerts),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}
