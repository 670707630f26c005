//! `GET /health`, `/livez` and `/readyz`.

use serde::{Deserialize, Serialize};

/// Whether the Worker can do its work, and with which model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthResponse {
    /// The verdict.
    pub status: HealthStatus,
    /// Family of the served model; absent if none could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_used: Option<String>,
    /// Registry version of the served model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<u64>,
    /// Content id of the served model, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    /// Whether the prediction log answers; absent where it wasn't asked (`/livez`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<HealthStatus>,
    /// Version of the Worker's own code.
    pub worker_version: String,
}

/// A verdict on health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Everything answers.
    Ok,
    /// Predictions are answered, something else is not.
    Degraded,
    /// Predictions can't be answered.
    Unavailable,
}
