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
    /// A retraining is asked for by the clock after so many hours without one, 0 to 8760; 168, a week, by default, and 0 is never.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub every_hours: f64,
    /// Hours between two retrainings at least, 0 to 8760; 24 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub cooldown_hours: f64,
    /// Retrainings a day at most, 0 to 24; 4 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub max_per_day: u32,
    /// Labelled rows that a retraining needs, 10 to 5000; 50 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub min_rows: u64,
    /// Labelled rows that a retraining takes at most, the newest, 10 to 5000; 1000 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub max_rows: u64,
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
    /// Looks in a row that find something before an alert tells it; 1 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub alert_raise_after: u32,
    /// Looks in a row that no longer find it before an alert tells that it is over; 3 by default.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub alert_resolve_after: u32,
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

/// Answer of `GET /api/v1/retrain`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetrainingList {
    /// The last ones, at most 32.
    pub retrainings: Vec<Retraining>,
}

/// A retraining at the edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retraining {
    /// Its number, from 1 up.
    pub number: u64,
    /// How far it is, or how it ended.
    pub state: RetrainingState,
    /// What asked for it.
    pub triggers: Vec<RetrainTrigger>,
    /// Who: `loop`, `owner`, or a key's id.
    pub actor: String,
    /// When it began: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub began_at: String,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub ended_at: Option<String>,
    /// Registry version that served then.
    pub champion: u64,
    /// Labelled rows that it trains on.
    pub rows: u64,
    /// Rows of a data set that is kept at the edge which it trains on beside them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kept_rows: u64,
    /// Hash of that data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_data_hash: Option<String>,
    /// Rows that it can't use, by why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRows>,
    /// What is trained.
    pub candidates: Vec<RetrainCandidate>,
    /// Which share of it is done, 0 to 1.
    pub share: f64,
    /// Registry version that came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Content id of the model that came of it, or would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    /// The same in a sentence or two.
    pub says: String,
    /// What the comparison with the champion counted.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub evidence: Map<String, Value>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How far a retraining is, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RetrainingState {
    /// Its rows are gathered.
    Gathering,
    /// Models are trained.
    Training,
    /// The best one is held against the champion.
    Comparing,
    /// Over: the new model is published, and on trial if there was none.
    Published,
    /// Over: the new model is no better.
    NotBetter,
    /// Over: there was nothing to train on.
    NoData,
    /// Over: somebody stopped it.
    Cancelled,
    /// Over: it could not be done.
    Failed,
}

impl RetrainingState {
    /// Whether it is still under way.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Gathering | Self::Training | Self::Comparing)
    }
}

/// What asks for a retraining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RetrainTrigger {
    /// Somebody.
    Hand,
    /// The champion is shown to be right too seldom.
    Accuracy,
    /// Its rows have changed for good.
    Drift,
    /// The clock.
    Schedule,
}

/// Rows that a retraining can't use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedRows {
    /// Why.
    pub why: String,
    /// How many.
    pub n: u64,
}

/// A model that a retraining makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetrainCandidate {
    /// Family, such as `random_forest`.
    pub family: String,
    /// Mean accuracy of its cross-validation, once it is trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv_accuracy: Option<f64>,
    /// Its mean log loss there: the least is the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv_log_loss: Option<f64>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}
