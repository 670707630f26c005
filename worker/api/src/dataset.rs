//! Rows that the loop may train on: `/api/v1/datasets`.

use serde::{Deserialize, Serialize};

/// Longest file of rows that is kept, in bytes. KV would take 25 MiB, but body, rows and what is sent on to KV share the memory of
/// an isolate, 128 MB; and no training takes more than 5,000 rows.
pub const MAX_DATASET_BYTES: usize = 8 * 1024 * 1024;

/// What is known of rows that are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetInfo {
    /// Their hash, which the lineage of a model trained on them has.
    pub data_hash: String,
    /// Their name.
    pub name: String,
    /// How many there are.
    pub rows: u64,
    /// Bytes that they take.
    pub bytes: u64,
    /// Since when they are kept: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub kept_at: String,
}

/// Answer of `POST /api/v1/datasets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetResponse {
    /// What is known of them.
    #[serde(flatten)]
    pub info: DatasetInfo,
    /// Generation of the registry now.
    pub generation: u64,
    /// Hash of the ledger's last entry.
    pub audit_head: String,
}

/// Answer of `GET /api/v1/datasets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetList {
    /// All data sets, those first that were kept last.
    pub datasets: Vec<DatasetInfo>,
}

/// Answer of `DELETE /api/v1/datasets/{data_hash}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedDataset {
    /// Hash of the rows that are gone.
    pub data_hash: String,
    /// Generation of the registry now.
    pub generation: u64,
    /// Hash of the ledger's last entry.
    pub audit_head: String,
}
