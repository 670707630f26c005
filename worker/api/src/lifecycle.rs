//! The loop on the wire: what its owner wants of it, trials, and what was decided at each look.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::TrialStage;

/// How far the loop goes by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// It decides and acts.
    Auto,
    /// It decides, and waits for `POST /api/v1/rollout/approve` before anybody is answered otherwise. A challenger that
    /// falls short it drops by itself, and it takes a failing champion back by itself.
    #[default]
    Approve,
    /// It looks and says what it would do.
    Off,
}

/// What an owner wants of the loop. What is absent of a body is as by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoopPolicy {
    /// How far it goes by itself.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub mode: PolicyMode,
    /// Probability of a false step, 0.0001 to 0.5: of promoting a challenger that is no better over its whole trial, and
    /// of taking back a champion that is no worse over its whole probation. 0.05 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub alpha: f64,
    /// A retraining is asked for once the accuracy on labelled rows is shown to be below this, 0 to 1; 0.9 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub min_accuracy: f64,
    /// A retraining is asked for once so many windows in a row drifted, the newest beyond doubt; 3 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub drift_windows: u64,
    /// Hours between two retrainings at least, 0 to 8760; 24 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub cooldown_hours: f64,
    /// Retrainings a day at most, 0 to 100; 4 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub max_per_day: u32,
    /// Labelled rows that a retraining needs, from 10; 50 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub min_rows: u64,
    /// A challenger must gain so much accuracy at least, as a share of the labelled rows; 0.02 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub min_gain: f64,
    /// No class may lose more of its recall than this; 0.05 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub max_recall_drop: f64,
    /// Labelled rows of a class from which on its recall counts; 20 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub min_class_rows: u64,
    /// Labelled rows that a challenger needs in the shadow, with a tenth and with half of the requests; 50, 100 and 200
    /// by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub stage_labels: [u64; 3],
    /// Labelled rows after which a challenger that is not promoted is dropped; 2000 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub max_labels: u64,
    /// Labelled rows for which a promoted champion is held against the one before; 500 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub probation_labels: u64,
}

/// Answer of `GET /api/v1/policy` and of its change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyResponse {
    /// Generation of the registry, which is also the `ETag`.
    pub generation: u64,
    /// What is wanted.
    pub policy: LoopPolicy,
    /// Hash of the ledger's last entry, if this was a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
}

/// Body of `POST /api/v1/rollout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TrialRequest {
    /// Version that is put on trial.
    pub challenger: u64,
    /// Why, for the ledger; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of `DELETE /api/v1/rollout`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TrialEndRequest {
    /// Why, for the ledger; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One page of `GET /api/v1/monitoring/decisions`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionList {
    /// The decisions of this page.
    pub decisions: Vec<LoopDecision>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What was decided at one look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoopDecision {
    /// Its number, from 1 up.
    pub number: u64,
    /// When: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub at: String,
    /// How far the loop went by itself then.
    pub mode: PolicyMode,
    /// Registry version that served.
    pub champion: u64,
    /// Registry version beside it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<u64>,
    /// Number of the trial under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<u64>,
    /// How far that had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<TrialStage>,
    /// What is right to do.
    pub step: LoopStep,
    /// What became of it.
    pub outcome: LoopOutcome,
    /// The same in a sentence or two, with its reasons.
    pub says: String,
    /// What was looked at: counts, rates and p-values.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub evidence: Map<String, Value>,
}

/// What is right to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LoopStep {
    /// Nothing.
    Wait,
    /// The challenger gets more of the requests.
    Advance,
    /// The challenger becomes the champion, on probation.
    Promote,
    /// The challenger is given up.
    Drop,
    /// The champion's probation is over.
    Pass,
    /// The champion before comes back.
    RollBack,
    /// A new model is to be trained.
    Retrain,
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LoopOutcome {
    /// There was nothing to do.
    Nothing,
    /// It was done.
    Done,
    /// It waits for its owner.
    Waits,
    /// It is not done, as the policy's mode is `off`.
    Off,
    /// It could not be done; the next look decides anew.
    Failed,
}
