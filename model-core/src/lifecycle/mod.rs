//! What is to be done about a model that lives: retrain it, try another beside it, promote that one, take it back,
//! tell somebody.
//!
//! Decisions are pure: evidence and a [`Policy`] go in, a decision and its reasons come out. Nothing here reads a
//! clock, a log or a random number, so that the edge, the page and a simulation decide alike. Evidence is counted
//! from a beginning that was fixed before, and may be looked at as often as one likes: each test behind a decision
//! keeps its error rate at all looks at once (`docs/guide/looking-often.md`).

mod alert;
mod candidate;
mod paired;
mod policy;
mod promotion;
mod retrain;
mod rollback;
mod rollout;

pub use self::alert::{AlertChange, AlertRule, AlertState};
pub use self::candidate::{CandidateEvidence, FoldEvidence, Shortfall, judge_candidate};
pub use self::paired::Paired;
pub use self::policy::{Mode, Policy, PolicyError};
pub use self::promotion::{
    ClassOutcomes, Dropped, Missing, Promotion, TrialEvidence, judge_challenger,
};
pub use self::retrain::{Hindrance, RetrainEvidence, Retraining, Trigger, decide_retraining};
pub use self::rollback::{Probation, RollbackReason, judge_promoted};
pub use self::rollout::{Rollout, Stage, next_stage};

use serde::{Deserialize, Serialize};

use crate::evaluation::SampleRatio;

/// Rows that two models could not answer, though both were asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors {
    /// Of the first.
    pub first: u64,
    /// Of the second.
    pub second: u64,
}

impl Errors {
    /// Whether the first fails more often, at `level` and however often one looks. Both were asked alike, so each
    /// error is that of either with probability 1/2 unless one of them fails more.
    ///
    /// ```
    /// use model_core::lifecycle::Errors;
    /// assert!(Errors { first: 20, second: 1 }.rise(0.95));
    /// assert!(!Errors { first: 2, second: 1 }.rise(0.95));
    /// ```
    #[must_use]
    pub fn rise(self, level: f64) -> bool {
        let ratio = SampleRatio::of(self.first, self.first + self.second, 0.5, level);
        ratio.is_mismatch && self.first > self.second
    }
}
