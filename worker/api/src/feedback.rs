//! True classes on the wire.

use serde::{Deserialize, Serialize};

/// Body of `POST /api/v1/feedback`: one label, as `id` and `label`, or several as `labels`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackRequest {
    /// Id of the prediction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its true class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Labels of 1 to 1,000 predictions instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<LabelRequest>>,
}

/// The true class of a prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelRequest {
    /// Id of the prediction.
    pub id: String,
    /// Its true class.
    pub label: String,
}

/// Answer of `POST /api/v1/feedback`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackResponse {
    /// What became of each label, in the order that they were sent in.
    pub results: Vec<LabelResult>,
}

/// What became of a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelResult {
    /// Id of the prediction, as it was sent.
    pub id: String,
    /// What became of it.
    pub status: FeedbackStatus,
}

/// What became of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FeedbackStatus {
    /// It is the prediction's label from now on.
    Recorded,
    /// The prediction has this label already.
    Unchanged,
    /// The prediction has another label, which stays.
    Conflict,
    /// There is no such prediction.
    UnknownId,
    /// The model that answered knows no such class.
    UnknownClass,
}
