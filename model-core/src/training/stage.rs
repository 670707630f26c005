//! The stages of a training, and how far it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a training does at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Fits on all folds but one and predicts that one.
    CrossValidate {
        /// Which fold, from 0.
        fold: usize,
        /// Of how many.
        n_folds: usize,
    },
    /// Fits on all training rows.
    Fit,
    /// Fits probabilities on rows held out from the training rows.
    Calibrate,
    /// Predicts training and test rows.
    Evaluate,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrossValidate { fold, n_folds } => write!(f, "fold {} of {n_folds}", fold + 1),
            Self::Fit => f.write_str("fit"),
            Self::Calibrate => f.write_str("calibrate"),
            Self::Evaluate => f.write_str("evaluate"),
        }
    }
}

/// How far a training is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The stage under way.
    pub stage: Stage,
    /// Stages behind.
    pub steps_done: usize,
    /// Stages in all.
    pub n_steps: usize,
    /// Which share of the stage is done, from 0 to 1, as far as its work can be foreseen: of its
    /// trees, rounds, pairs of classes, rows. It never falls within a stage.
    pub stage_share: f64,
}

impl Progress {
    /// Which share of the training is done, from 0 to 1, every stage counting alike.
    ///
    /// ```
    /// use model_core::{Progress, Stage};
    /// let progress = Progress { stage: Stage::Fit, steps_done: 5, n_steps: 7, stage_share: 0.5 };
    /// assert!((progress.share() - 5.5 / 7.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn share(&self) -> f64 {
        let done = self.steps_done as f64 + self.stage_share.clamp(0.0, 1.0);
        (done / self.n_steps.max(1) as f64).clamp(0.0, 1.0)
    }
}
