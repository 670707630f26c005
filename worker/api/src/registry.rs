//! The registry on the wire: versions, aliases, deployment, ledger.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::TrialStage;

/// One published model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersion {
    /// Registry version, from 1 up.
    pub version: u64,
    /// Content id: the sha256 of the artifact, 64 hex digits.
    pub model_id: String,
    /// Family, such as `svm`.
    pub family: String,
    /// Name of the data set that it learned from.
    pub name: String,
    /// Bytes of the artifact.
    pub bytes: u64,
    /// When it was published: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub created_at: String,
    /// When it was trained, if its receipt says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub trained_at: Option<String>,
    /// Names that stand for it, `champion` and `challenger` among them.
    pub aliases: Vec<String>,
    /// What its owner says of it.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// It is kept, and can't be chosen any more.
    pub archived: bool,
    /// Share of held-out rows that it got right; `null` if it has none.
    pub test_accuracy: Option<f64>,
    /// Mean accuracy of its cross-validation; `null` if it has none.
    pub cv_accuracy_mean: Option<f64>,
    /// Rows of its owner's data that the artifact holds.
    pub carries_rows: u64,
    /// Rows on which the edge scored it again when it was published, with the result that its evaluation
    /// claims; `null` if that couldn't be done.
    pub verified_rows: Option<u64>,
    /// Why it couldn't be scored again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unverified_because: Option<String>,
}

/// Answer of `POST /api/v1/models` and of changes of one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersionResponse {
    /// The version.
    #[serde(flatten)]
    pub model: ModelVersion,
    /// Generation of the registry, which is also the `ETag`.
    pub generation: u64,
    /// Hash of the ledger's last entry, if this was a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
}

/// One page of `GET /api/v1/models`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelList {
    /// The versions of this page.
    pub models: Vec<ModelVersion>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Body of `PATCH /api/v1/models/{version}`; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelPatch {
    /// New description, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// New tags, at most 32 of at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Whether it is archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Body of `PUT /api/v1/aliases/{alias}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AliasRequest {
    /// The version that it should stand for.
    pub version: u64,
}

/// Answer of `GET /api/v1/aliases` and of its changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AliasList {
    /// Generation of the registry, which is also the `ETag`.
    pub generation: u64,
    /// Version by alias, `champion` and `challenger` among them.
    pub aliases: std::collections::BTreeMap<String, u64>,
    /// Hash of the ledger's last entry, if this was a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
}

/// A version and its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServedVersion {
    /// Registry version.
    pub version: u64,
    /// Content id of its model.
    pub model_id: String,
}

/// What a challenger does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeploymentMode {
    /// It answers its share of the requests.
    #[default]
    Live,
    /// It is asked for its share of the requests, and its answer is only logged.
    Shadow,
}

/// Answer of `GET /api/v1/deployment` and of its changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentResponse {
    /// Generation of the registry, which is also the `ETag`.
    pub generation: u64,
    /// Answers, unless the challenger does.
    pub champion: ServedVersion,
    /// Is tried beside it.
    pub challenger: Option<ServedVersion>,
    /// The challenger's share of the requests, in hundredths of a per cent.
    pub split_basis_points: u16,
    /// What the challenger does.
    pub mode: DeploymentMode,
    /// Whether anybody may download the champion's artifact.
    pub public_artifact: bool,
    /// What a rollback would bring back.
    pub previous_champion: Option<ServedVersion>,
    /// The trial under way, which the loop takes on step by step; absent if an owner deals the requests by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// Hash of the ledger's last entry, if this was a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
}

/// A challenger on trial, or a champion on probation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trial {
    /// Number of the ledger's entry that began it.
    pub number: u64,
    /// How far it has come.
    pub stage: TrialStage,
}

/// Body of `PUT /api/v1/deployment`; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeploymentRequest {
    /// Version of the champion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<u64>,
    /// Version of the challenger; `null` takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub challenger: Option<Option<u64>>,
    /// The challenger's share, 0 to 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_basis_points: Option<u16>,
    /// What the challenger does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<DeploymentMode>,
    /// Whether anybody may download the champion's artifact; not of another champion if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_artifact: Option<bool>,
    /// Whether another champion is on probation: the one before goes on being asked in its shadow, and comes back by
    /// itself if it is shown to be better. It takes the challenger's place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probation: bool,
    /// Why, for the ledger; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What speaks for it, such as counts and rates that were looked at, for the ledger: at most 2,048 bytes
    /// of JSON. Fractions are kept as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub evidence: Option<Map<String, Value>>,
}

/// `null` that was sent is another thing than nothing.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<u64>>, D::Error> {
    Option::<u64>::deserialize(deserializer).map(Some)
}

/// Body of `POST /api/v1/rollback`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// Why, for the ledger; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What speaks for it, such as counts and rates that were looked at, for the ledger: at most 2,048 bytes
    /// of JSON. Fractions are kept as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub evidence: Option<Map<String, Value>>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its number, from 1 up, without gaps.
    pub sequence: u64,
    /// When: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub at: String,
    /// Who: `owner`, `bootstrap`, the id of a key, or `oauth:` and a subject of the issuer.
    pub actor: String,
    /// What was done, in one word.
    pub action: String,
    /// Of what, from what to what, and why.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Map<String, Value>,
    /// Hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 of the canonical JSON (RFC 8785) of this entry without `hash`.
    pub hash: String,
}

impl AuditEntry {
    /// The text that `hash` is the SHA-256 of: the canonical JSON (RFC 8785) of this entry without `hash`.
    ///
    /// Details hold text, whole numbers and truths only, under names in ASCII, for which that is sorted names
    /// and no blanks; a `Map` keeps its names sorted.
    #[must_use]
    pub fn canonical(&self) -> String {
        /// Its members, in the order of their names.
        #[derive(Serialize)]
        struct Hashed<'a> {
            action: &'a str,
            actor: &'a str,
            at: &'a str,
            details: &'a Map<String, Value>,
            previous_hash: &'a str,
            sequence: u64,
        }
        let Self { sequence, at, actor, action, details, previous_hash, hash: _ } = self;
        let hashed = Hashed { action, actor, at, details, previous_hash, sequence: *sequence };
        // Texts, whole numbers and truths have a JSON form.
        serde_json::to_string(&hashed).unwrap_or_default()
    }
}

/// One page of `GET /api/v1/audit`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries of this page.
    pub entries: Vec<AuditEntry>,
    /// Pass it as `cursor` to get the next, older page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Answer of `GET /api/v1/audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerification {
    /// Whether every entry is what its hash says and follows from the one before.
    pub valid: bool,
    /// Entries that do.
    pub entries: u64,
    /// Hash of the last one that does.
    pub head: String,
    /// First entry that doesn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<u64>,
}
