//! The steps of a training, and how far it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a step does.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The step about to run.
    pub stage: Stage,
    /// Steps behind.
    pub steps_done: usize,
    /// Steps in all.
    pub n_steps: usize,
}
