//! What a data set's author states beside the CSV: source, licence, units, hard ranges, checksum.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Statements about one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SidecarFeature {
    /// Name for people.
    pub label: String,
    /// Unit of the values.
    pub unit: Option<String>,
    /// Least and greatest value that can be true.
    pub hard_range: Option<[f64; 2]>,
}

/// Checksum of the CSV file's bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// Always `sha256`.
    pub algorithm: String,
    /// 64 hex digits.
    pub value: String,
}

/// The JSON file beside a CSV, such as `data/iris.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// Short name.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The target column.
    pub target: String,
    /// Where the data comes from.
    pub source: String,
    /// Under what licence.
    pub licence: String,
    /// Checksum of the CSV.
    pub checksum: Checksum,
    /// Statements by column name.
    pub features: BTreeMap<String, SidecarFeature>,
}
