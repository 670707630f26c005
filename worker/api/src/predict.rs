//! `POST /predict`: one row in, one answer out.

use serde::{Deserialize, Serialize};

use crate::{FeatureValue, OrderedMap};

/// Body of `POST /predict`: a value for each feature of the served model's schema, by name. A
/// nullable one may be `null` or left out.
///
/// The Worker reads bodies with its own strict parser; this type is for those who send one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PredictRequest(pub OrderedMap<FeatureValue>);

/// The answer to `POST /predict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictResponse {
    /// Id of this prediction, a UUIDv7: sortable by time, and what feedback refers to.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// The most probable class; of equally probable ones the first in the schema.
    pub prediction: String,
    /// Probability of the predicted class, 0 to 1. It is not the model's accuracy.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1))]
    pub confidence: f64,
    /// Probability of every class, in the schema's order of classes; they sum to 1.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, f64>))]
    pub probabilities: OrderedMap,
    /// Family of the model that answered: `logistic_regression`, `random_forest` or `svm`.
    pub model_used: String,
    /// Registry version of the model that answered.
    pub model_version: u64,
    /// Content id of the model that answered: the sha256 of its artifact, 64 hex digits.
    pub model_id: String,
    /// Classes that the model can't exclude at its coverage (0.9 unless it was trained for another),
    /// in the schema's order. If none conforms, the prediction alone, with the warning
    /// `no_class_conforms`. Absent if the model carries no scores to tell by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction_set: Option<Vec<String>>,
    /// What to know about this answer before trusting it; empty for an ordinary row.
    pub warnings: Vec<Warning>,
    /// When the answer was made: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub timestamp: String,
}

/// A remark on an answer that was given all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// What kind of remark, for programs.
    pub code: WarningCode,
    /// JSON pointer (RFC 6901) to the value in the request body that it is about; `""` is all of it.
    pub pointer: String,
    /// The remark in words.
    pub detail: String,
}

/// Kinds of [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// The value is allowed, but lies outside what the model saw in training.
    OutsideTrainingRange,
    /// The category is one that the model does not know, or hardly: it counts as the feature's
    /// `other`.
    UnknownCategory,
    /// No class conforms at the model's coverage; the most probable one is answered.
    NoClassConforms,
}

impl WarningCode {
    /// All of them.
    pub const ALL: [Self; 3] =
        [Self::OutsideTrainingRange, Self::UnknownCategory, Self::NoClassConforms];

    /// The code as it stands on the wire and in metric labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutsideTrainingRange => "outside_training_range",
            Self::UnknownCategory => "unknown_category",
            Self::NoClassConforms => "no_class_conforms",
        }
    }
}
