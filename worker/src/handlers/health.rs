//! `GET /health`, `/livez`, `/readyz`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use tepal_api::{HealthResponse, HealthStatus};

use crate::app::{App, Surroundings};
use crate::error::ApiError;
use crate::http::answer;
use crate::services::serving::Answering;

/// Whether predictions are answered
///
/// Says which model answers; `degraded` means that it isn't known to be the one that should. Asks
/// nothing that a prediction wouldn't, so it can be polled at will.
#[utoipa::path(
    get,
    path = "/health",
    tag = "health",
    responses(
        (status = 200, description = "Predictions are answered", body = HealthResponse),
        (status = 503, description = "No model can be read", body = HealthResponse),
    )
)]
pub(crate) async fn health(
    State(app): State<App>,
    scope: Surroundings,
) -> Result<Response, ApiError> {
    let health = with_model(&app, &scope).await;
    respond(&health)
}

/// Whether the Worker runs
#[utoipa::path(
    get,
    path = "/livez",
    tag = "health",
    responses((status = 200, description = "It runs", body = HealthResponse))
)]
pub(crate) async fn livez() -> Result<Response, ApiError> {
    respond(&bare(HealthStatus::Ok))
}

/// Whether everything a prediction touches answers
///
/// Also asks the prediction log, at most once in `METRICS_MAX_AGE_SECS`; `degraded` means that predictions are answered and the log isn't
/// reached.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "Predictions are answered", body = HealthResponse),
        (status = 503, description = "No model can be read", body = HealthResponse),
    )
)]
pub(crate) async fn readyz(
    State(app): State<App>,
    scope: Surroundings,
) -> Result<Response, ApiError> {
    let mut health = with_model(&app, &scope).await;
    let log = match app.totals().await.log_is_up {
        true => HealthStatus::Ok,
        false => HealthStatus::Unavailable,
    };
    health.log = Some(log);
    if health.status == HealthStatus::Ok && log != HealthStatus::Ok {
        health.status = HealthStatus::Degraded;
    }
    respond(&health)
}

const fn worker_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn bare(status: HealthStatus) -> HealthResponse {
    HealthResponse {
        status,
        model_used: None,
        model_version: None,
        model_id: None,
        log: None,
        worker_version: worker_version().to_owned(),
    }
}

async fn with_model(app: &App, scope: &Surroundings) -> HealthResponse {
    match app.serving.champion(scope.background()).await {
        Ok(Answering { model, degraded }) => HealthResponse {
            model_used: Some(model.artifact.family().as_str().to_owned()),
            model_version: Some(model.version),
            model_id: Some(model.id.clone()),
            ..bare(if degraded { HealthStatus::Degraded } else { HealthStatus::Ok })
        },
        Err(_) => bare(HealthStatus::Unavailable),
    }
}

fn respond(health: &HealthResponse) -> Result<Response, ApiError> {
    let mut response = answer::json(health)?;
    if health.status == HealthStatus::Unavailable {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}
