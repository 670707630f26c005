//! `GET /api/v1/model`: what is being served, and how good it is.

use serde::{Deserialize, Serialize};

/// The served model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelResponse {
    /// Content id: the sha256 of its artifact, 64 hex digits.
    pub model_id: String,
    /// Registry version.
    pub model_version: u64,
    /// Family: `logistic_regression`, `random_forest` or `svm`.
    pub model_used: String,
    /// Size of the artifact.
    pub artifact_bytes: u64,
    /// Whether anybody may have the file, at `/api/v1/model/artifact`.
    #[serde(default)]
    pub artifact_public: bool,
    /// What a row looks like, and what can be answered.
    pub schema: ModelSchema,
    /// How the model did on data of known class.
    pub evaluation: ModelEvaluation,
    /// What it was made from.
    pub lineage: ModelLineage,
}

/// Features and classes of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelSchema {
    /// Name of the data set it was trained on.
    pub name: String,
    /// The column that is predicted.
    pub target: String,
    /// The columns of a row, in order.
    pub features: Vec<FeatureSchema>,
    /// The columns that are sent as a text and give several of the features.
    #[serde(default)]
    pub sources: Vec<SourceSchema>,
    /// The classes, in the order of every probability list.
    pub classes: Vec<String>,
}

/// One column of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureSchema {
    /// Name in a request body.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Unit of measurement; absent for a pure number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What kind of value it takes.
    #[serde(rename = "type")]
    pub kind: FeatureType,
    /// What the training data covered; a value outside it is answered with a warning. Only a
    /// numeric feature has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_range: Option<ValueRange>,
    /// What is accepted at all; a value outside it is refused. Only a numeric feature has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_range: Option<ValueRange>,
    /// Decimals of the training values: the natural step of a control is `10^-decimals`. Only a
    /// numeric feature has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// The texts that are known, in sorted order; any other is refused unless there is an `other`.
    /// Only a categorical feature has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// Which of the categories any text is that is none of them: it is answered with a warning.
    /// Absent if such a text is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Whether a row may do without a value: leave the feature out or send `null`.
    pub nullable: bool,
}

/// Kinds of feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// A finite number.
    Numeric,
    /// One of the feature's categories, as a string; any string if there is an `other`.
    Categorical,
}

/// A column that is sent as one text and gives several features, such as a date.
///
/// Its features may be sent under their own names instead, but not beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceSchema {
    /// Name in a request body.
    pub name: String,
    /// What its text says.
    #[serde(rename = "type")]
    pub kind: SourceType,
    /// A text of the kind that training read.
    pub example: String,
    /// Names of the features that it gives, in the order of a row.
    pub features: Vec<String>,
    /// Whether a row may do without a value: leave the column out or send `null`.
    pub nullable: bool,
}

/// Kinds of text that give features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// A date, perhaps with a time of day: in the order of the example, or as in ISO 8601.
    Date,
    /// A time of day.
    Time,
    /// Any text.
    Text,
}

/// Inclusive bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueRange {
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
}

/// How a model did on rows of known class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelEvaluation {
    /// On rows kept from training; absent if none were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<SplitMetrics>,
    /// On the rows it was trained on: flattering by nature.
    pub train: SplitMetrics,
    /// Over folds of the training rows; absent if it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_validation: Option<CrossValidation>,
    /// A forest's accuracy on the rows that each tree did not see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_bag_accuracy: Option<f64>,
    /// What its prediction sets promise and how they did; absent if it makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction_sets: Option<PredictionSets>,
}

/// Prediction sets of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionSets {
    /// How often a set should hold the true class.
    pub coverage: f64,
    /// Cross-validated rows that the sets are made by.
    pub n_scores: u32,
    /// A class is in the set if 1 less its probability is no greater; absent if there are too few
    /// rows for the coverage, and every set holds every class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How often the sets of rows kept from training held the true class; absent if none were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_coverage: Option<f64>,
    /// Classes in those sets, on average; an empty set counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_mean_size: Option<f64>,
}

/// Figures of one set of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SplitMetrics {
    /// Rows.
    pub n_samples: u32,
    /// Rows whose class was right.
    pub n_correct: u32,
    /// Share of rows whose class was right.
    pub accuracy: f64,
    /// Mean negative log probability of the true class, in nats.
    pub log_loss: f64,
    /// Rows are true classes, columns predicted ones, both in the schema's order.
    pub confusion_matrix: Vec<Vec<u32>>,
    /// Figures per class, in the schema's order.
    pub classes: Vec<ClassReport>,
}

/// Figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClassReport {
    /// The class.
    pub class: String,
    /// Of the rows predicted as it, the share that are.
    pub precision: f64,
    /// Of the rows that are it, the share predicted so.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Rows that are it.
    pub support: u32,
}

/// Accuracy over the folds of a cross-validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrossValidation {
    /// Accuracy of each fold.
    pub fold_accuracies: Vec<f64>,
    /// Their mean.
    pub accuracy_mean: f64,
    /// Their standard deviation (ddof 0).
    pub accuracy_std: f64,
}

/// What a model was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelLineage {
    /// sha256 of the training data, 64 hex digits.
    pub data_hash: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// Raised whenever the same data and parameters give other bits.
    pub algorithm_version: u32,
}
