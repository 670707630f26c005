//! What was seen of the traffic, window by window, on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LabelledReport;

/// Answer of `GET /api/v1/monitoring/windows`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WindowList {
    /// Newest first, without their features.
    pub windows: Vec<WindowReport>,
    /// What to send as `cursor` for the ones before; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How watching goes.
    pub watching: Watching,
}

/// How watching goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watching {
    /// Seconds from one look to the next; 0 if nobody looks but by hand.
    pub every_seconds: u32,
    /// Looks so far, those included that had too few rows to judge.
    pub n_looks: u64,
    /// When the last one was; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub last_look: Option<String>,
    /// Why the last look saw nothing; absent if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Rows that a window has at least and at most.
    pub window_rows: [u64; 2],
    /// Each version that answers.
    pub versions: Vec<WatchedVersion>,
}

/// A version that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WatchedVersion {
    /// Registry version.
    pub version: u64,
    /// Content id of its model.
    pub model_id: String,
    /// What it answers as.
    pub role: ServingRole,
    /// Rows since its last window; as many as a window has at most, if they are more.
    pub waiting_rows: u64,
    /// Its newest window, without features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<WindowReport>,
}

/// What a version answers as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ServingRole {
    /// It serves.
    Champion,
    /// It answers a share.
    Challenger,
}

/// Rows that one version answered, none of which is in another window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WindowReport {
    /// Its number; they are counted over all versions.
    pub number: u64,
    /// When it was looked at.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub at: String,
    /// Registry version that answered.
    pub version: u64,
    /// Content id of its model.
    pub model_id: String,
    /// What it answered as.
    pub role: ServingRole,
    /// Rows.
    pub n: u64,
    /// When the first of them was answered.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub from: String,
    /// When the last of them was answered.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub to: String,
    /// The features against those that trained the model.
    pub drift: WindowDrift,
    /// What was answered.
    pub predictions: WindowPredictions,
    /// Warnings that went with the answers, by code.
    pub warnings: BTreeMap<String, u64>,
    /// Requests since the version's window before, or since counting began; whichever version answered.
    pub traffic: WindowTraffic,
    /// How all of the version's predictions with a label turned out up to now, not those of the window alone: the
    /// interval holds however often one looks.
    pub labelled: LabelledReport,
}

/// Whether a window looks like the rows that trained the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WindowDrift {
    /// The verdict on all features together.
    pub outcome: WindowOutcome,
    /// Its p-value.
    pub p_value: f64,
    /// Rows of the reference.
    pub n_reference: u64,
    /// Windows of this version in a row that drifted, this one included.
    pub n_in_a_row: u32,
    /// Whether it is drift that stays: three windows in a row, the newest with a p-value that no more than one look in 30
    /// days is expected to reach without drift.
    pub lasts: bool,
    /// Features that moved.
    pub drifted: Vec<String>,
    /// Feature by feature, in the schema's order; absent in a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<FeatureWindow>,
}

/// The verdict on a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WindowOutcome {
    /// The rows differ from those that trained the model by more than chance.
    Drift,
    /// They do not, as far as they tell.
    NoDrift,
    /// The model carries too few rows to compare with.
    InsufficientData,
}

/// One feature of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureWindow {
    /// Its name in the schema.
    pub name: String,
    /// The test that decided, such as `ks`.
    pub test: String,
    /// Its statistic.
    pub statistic: f64,
    /// Its p-value.
    pub p_value: f64,
    /// The same, corrected for all tests of the window.
    pub p_value_adjusted: f64,
    /// Whether it moved.
    pub drifted: bool,
    /// Population stability index.
    pub psi: f64,
    /// Jensen-Shannon distance, natural logarithm.
    pub jensen_shannon: f64,
    /// Wasserstein distance in standard deviations of the reference; absent for categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasserstein_normed: Option<f64>,
    /// Share of rows without a value, when it was trained.
    pub missing_reference: f64,
    /// Share of rows without a value, in the window.
    pub missing_current: f64,
    /// Categories that no training row has; the first twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_categories: Vec<String>,
}

/// What was answered in a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WindowPredictions {
    /// Answers by class.
    pub classes: BTreeMap<String, u64>,
    /// How likely a mix at least so different is by chance, against the model's own answers to the rows that it
    /// carries; absent if it carries none. One test by itself, no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes_p_value: Option<f64>,
    /// Mean probability of the class that was answered; no accuracy.
    pub mean_confidence: f64,
    /// As `classes_p_value`, of the probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_p_value: Option<f64>,
}

/// Requests since a version's window before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WindowTraffic {
    /// To `/predict`.
    pub requests: u64,
    /// Those that were refused, as faulty, not allowed or too many.
    pub refused: u64,
    /// Those that failed here.
    pub failed: u64,
}
