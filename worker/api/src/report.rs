//! The report on versions that answer, on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/v1/monitoring/report`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportResponse {
    /// Start of the first hour that is counted; absent if all are from the beginning on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub from: Option<String>,
    /// End of the last hour that is counted; absent if all are up to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub to: Option<String>,
    /// Each version that was asked, the lowest first.
    pub versions: Vec<VersionReport>,
    /// The version that serves; absent while none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion_version: Option<u64>,
    /// Whether the running experiment deals as it should; absent if none is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_ratio: Option<SampleRatioReport>,
}

/// What one version said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionReport {
    /// Registry version.
    pub version: u64,
    /// Predictions, those in the shadow included.
    pub n: u64,
    /// Those of them that were made in the shadow, and not answered.
    pub n_shadow: u64,
    /// Predictions by class.
    pub classes: BTreeMap<String, u64>,
    /// Mean probability of the predicted class, to six digits; no accuracy. Absent without predictions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_confidence: Option<f64>,
    /// Warnings that went with answers, by code.
    pub warnings: BTreeMap<String, u64>,
    /// How predictions with a label turned out.
    pub labelled: LabelledReport,
}

/// How predictions with a label turned out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelledReport {
    /// Predictions with a label.
    pub n: u64,
    /// Those whose label is the predicted class.
    pub n_correct: u64,
    /// Their share; absent without labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// A 95 % confidence sequence of the accuracy: it holds however often one looks, in a window that was
    /// fixed before its labels came.
    pub interval: [f64; 2],
}

/// Whether an experiment deals as it should.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleRatioReport {
    /// Registry version of the challenger.
    pub challenger_version: u64,
    /// Requests without a key that the challenger answered.
    pub n_challenger: u64,
    /// Requests without a key that either side answered at this split.
    pub n_total: u64,
    /// The challenger's share as it was configured.
    pub expected: f64,
    /// A 99 % confidence sequence of the share that it gets.
    pub interval: [f64; 2],
    /// The least level at which the expected share is excluded, however often one looks, in a window that was
    /// fixed before.
    pub p_value: f64,
    /// Whether the expected share is excluded.
    pub is_mismatch: bool,
}
