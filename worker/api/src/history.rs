//! The owner's view of the prediction log.

use serde::{Deserialize, Serialize};

use crate::{FeatureValue, OrderedMap, WarningCode};

/// One page of `GET /api/v1/predictions`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryPage {
    /// The records of this page.
    pub predictions: Vec<PredictionRecord>,
    /// Pass it as `cursor` to get the next, older page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One logged prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionRecord {
    /// Id of the prediction, as it was answered.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// When it was answered: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub timestamp: String,
    /// Registry version of the model that answered.
    pub model_version: u64,
    /// Content id of the model that answered.
    pub model_id: String,
    /// The features as they were sent, in the schema's order; `null` is one without a value.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, FeatureValue>))]
    pub features: OrderedMap<FeatureValue>,
    /// The class that was answered.
    pub prediction: String,
    /// Probability of every class, in the schema's order.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, f64>))]
    pub probabilities: OrderedMap,
    /// What the model said of the row that was asked too, and whose answer was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<ShadowPrediction>,
    /// The warnings that went with the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningCode>,
    /// HMAC of the `x-tepal-subject` header, if one was sent: it groups a person's rows without naming them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The experiment that dealt the request, if it was dealt by its own id and not by a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
    /// The trial that the row counts in, if one is under way: its label then says which of the two models was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TrialRow>,
    /// What the true class was, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// When that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub labelled_at: Option<String>,
}

/// An experiment in which a request fell to the champion or to the challenger at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draw {
    /// Registry version of the challenger, whoever answered.
    pub challenger_version: u64,
    /// The share that it should get, in hundredths of a per cent.
    pub split_basis_points: u16,
}

/// A trial that a row counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialRow {
    /// Its number.
    pub number: u64,
    /// Its stage when the row was answered.
    pub stage: TrialStage,
    /// Registry version that is on trial, whoever answered.
    pub model_version: u64,
}

/// How far a trial has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrialStage {
    /// The challenger is asked for every row, and answers none.
    Shadow,
    /// It answers a tenth of the requests.
    Tenth,
    /// It answers half of them.
    Half,
    /// It is the champion, and the one before is asked in its shadow.
    Probation,
}

impl TrialStage {
    /// From the first to the last.
    pub const ALL: [Self; 4] = [Self::Shadow, Self::Tenth, Self::Half, Self::Probation];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Tenth => "tenth",
            Self::Half => "half",
            Self::Probation => "probation",
        }
    }
}

/// What a model said that didn't answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShadowPrediction {
    /// Its registry version.
    pub model_version: u64,
    /// Its content id.
    pub model_id: String,
    /// The class that it would have answered.
    pub prediction: String,
    /// Probability of every class, in its schema's order.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, f64>))]
    pub probabilities: OrderedMap,
}

/// Answer of `DELETE /api/v1/predictions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasureResponse {
    /// Predictions that were erased so far, also since it was asked for before.
    pub erased: u64,
    /// Segments that the shards still have to look through, or to write without them.
    pub remaining: u64,
    /// Hash of the ledger's entry that notes who asked for it; the results name it.
    pub audit_head: String,
}

/// Answer of `POST /api/v1/monitoring/flush`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlushResponse {
    /// Rows that this call moved into a segment.
    pub rows_sealed: u64,
    /// Segments that this call put into KV.
    pub segments_stored: u64,
    /// Rows in those segments.
    pub rows_stored: u64,
    /// Rows beyond their hot days that this call dropped from SQLite; they stay in KV.
    pub rows_dropped: u64,
}
