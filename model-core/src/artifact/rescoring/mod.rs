//! Does a model still answer as its file says that it did?
//!
//! A file carries up to 128 of the rows that the model was tested on. [`Artifact::rescore`] answers
//! them and compares with what the evaluation in the file counts. The model in a file is the one
//! that was measured, narrowed already if it was quantised, and none is fitted again afterwards; one
//! that learned on or was merged was measured anew on the rows that it carries. So where all held-out
//! rows are aboard the figures must be equal, and where 128 of more are, no count may pass that of all.
//!
//! It finds what a checksum cannot: numbers that changed before the file was hashed or hashed again,
//! parts of two files put together, and a Tepal that computes something else than the one that
//! trained. It does not find a lie: whoever alters a model may alter the evaluation too. Nor does it
//! see what no answer depends on: names of columns and classes, units, ranges, training figures.

use serde::{Deserialize, Serialize};

use super::Artifact;
use crate::conformal::SetEvaluation;
use crate::evaluation::SplitEvaluation;
use crate::reference::MAX_HELD_OUT_ROWS;

/// By how much a log loss may differ that was summed in another order, as a share of it and at
/// least of 1.
const TOLERANCE: f64 = 1e-9;

/// What came of scoring a model on the held-out rows in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rescored {
    /// The rows are answered as the evaluation says.
    Agrees {
        /// Rows that were answered.
        n_rows: usize,
        /// Those answered right.
        n_correct: u32,
        /// Rows that the evaluation speaks of: more than `n_rows` if the file carries a sample of
        /// them, and the check is weaker then.
        n_held_out: usize,
    },
    /// There is nothing to score it on.
    NotPossible {
        /// Why.
        reason: NotRescored,
    },
}

/// Why a model cannot be scored again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotRescored {
    /// All rows trained it.
    #[error("no rows were held out: train with a test share to have the model checked")]
    NoHeldOutRows,
    /// The file carries none of the rows that were held out.
    #[error("the file carries no rows: its evaluation cannot be checked")]
    WithoutRows,
}

/// Where a model's answers contradict the evaluation in its file.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RescoreError {
    /// The evaluation is of other rows than the model held out.
    #[error(
        "the evaluation counts {evaluated} held-out rows and the lineage {held_out}: train the model again"
    )]
    HeldOut {
        /// Rows in the evaluation's confusion matrix.
        evaluated: u32,
        /// Rows that the lineage says were held out.
        held_out: usize,
    },
    /// Rows are missing, or there are too many.
    #[error("the file carries {carried} held-out rows where {due} are due: train the model again")]
    Rows {
        /// Held-out rows in the file.
        carried: usize,
        /// Those that the evaluation speaks of, or 128 if these are more.
        due: usize,
    },
    /// More rows get an answer than the evaluation counts of it.
    #[error(
        "{rescored} carried rows of class {actual} are answered as class {predicted}, and the evaluation counts {recorded}: the model was altered or trained by another version, train it again"
    )]
    Confusion {
        /// Index of the rows' class.
        actual: usize,
        /// Index of the class that they are answered as.
        predicted: usize,
        /// What the evaluation says, of all held-out rows.
        recorded: u32,
        /// What the carried rows say.
        rescored: u32,
    },
    /// The probabilities are not those that were measured.
    #[error(
        "the log loss of the carried rows is {rescored}, and the evaluation says {recorded}: the model was altered or trained by another version, train it again"
    )]
    LogLoss {
        /// What the evaluation says, of all held-out rows.
        recorded: f64,
        /// What the carried rows say.
        rescored: f64,
    },
    /// The prediction sets are not those that were counted.
    #[error(
        "the prediction sets of the carried rows are not those of the evaluation: the model was altered or trained by another version, train it again"
    )]
    PredictionSets,
}

impl Artifact {
    /// Scores the model on the held-out rows that it carries and compares with its evaluation.
    ///
    /// The evaluation's confusion matrix, log loss and prediction sets must be those of the carried
    /// rows; if these are a sample, they must be possible for one. It costs at most 128 predictions,
    /// so a file of a stranger can be checked.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT, Rescored};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let agrees = Rescored::Agrees { n_rows: 30, n_correct: 29, n_held_out: 30 };
    /// assert_eq!(model.rescore()?, agrees);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A [`RescoreError`] that says where answers and evaluation part.
    pub fn rescore(&self) -> Result<Rescored, RescoreError> {
        let rows = &self.reference().held_out;
        let recorded = self.evaluation().test.as_ref();
        let evaluated = recorded.map_or(0, |test| test.confusion.total());
        let held_out = self.lineage().n_test;
        if evaluated as usize != held_out {
            return Err(RescoreError::HeldOut { evaluated, held_out });
        }
        if held_out > 0 && self.reference_summary().is_some() {
            return Ok(Rescored::NotPossible { reason: NotRescored::WithoutRows });
        }
        let due = held_out.min(MAX_HELD_OUT_ROWS);
        if rows.len() != due {
            return Err(RescoreError::Rows { carried: rows.len(), due });
        }
        let Some(recorded) = recorded.filter(|_| due > 0) else {
            return Ok(Rescored::NotPossible { reason: NotRescored::NoHeldOutRows });
        };
        let n_classes = self.schema().classes.len();
        let probabilities = self.pipeline().predict_proba_of(rows, n_classes);
        let rescored = SplitEvaluation::of(&probabilities, rows.labels(), n_classes);
        let is_whole = due == held_out;
        compare_confusion(recorded, &rescored, is_whole)?;
        compare_log_loss(recorded, &rescored, is_whole)?;
        if let (Some(sets), Some(recorded)) = (self.conformal(), &self.evaluation().prediction_sets)
        {
            let rescored = SetEvaluation::of(sets, &probabilities, rows.labels(), n_classes);
            compare_sets(recorded, &rescored, is_whole)?;
        }
        let n_correct = rescored.confusion.n_correct();
        Ok(Rescored::Agrees { n_rows: due, n_correct, n_held_out: held_out })
    }
}

/// Whether a count of carried rows can be, where all held-out rows give `recorded`.
fn fits(recorded: u32, rescored: u32, is_whole: bool) -> bool {
    if is_whole { rescored == recorded } else { rescored <= recorded }
}

fn compare_confusion(
    recorded: &SplitEvaluation,
    rescored: &SplitEvaluation,
    is_whole: bool,
) -> Result<(), RescoreError> {
    let n_classes = rescored.confusion.n_classes();
    let cells = (0..n_classes).flat_map(|actual| (0..n_classes).map(move |at| (actual, at)));
    for (actual, predicted) in cells {
        let recorded = recorded.confusion.get(actual, predicted);
        let rescored = rescored.confusion.get(actual, predicted);
        if !fits(recorded, rescored, is_whole) {
            return Err(RescoreError::Confusion { actual, predicted, recorded, rescored });
        }
    }
    Ok(())
}

/// No row adds less than 0 to a log loss, so a sample's sum is at most that of all.
fn compare_log_loss(
    recorded: &SplitEvaluation,
    rescored: &SplitEvaluation,
    is_whole: bool,
) -> Result<(), RescoreError> {
    let sum = |part: &SplitEvaluation| part.log_loss * f64::from(part.confusion.total());
    let (all, carried) = (sum(recorded), sum(rescored));
    let slack = TOLERANCE * all.abs().max(f64::from(recorded.confusion.total()));
    let agrees = carried <= all + slack && (!is_whole || carried >= all - slack);
    if agrees {
        return Ok(());
    }
    Err(RescoreError::LogLoss { recorded: recorded.log_loss, rescored: rescored.log_loss })
}

fn compare_sets(
    recorded: &SetEvaluation,
    rescored: &SetEvaluation,
    is_whole: bool,
) -> Result<(), RescoreError> {
    let covered = |sets: &SetEvaluation| -> Vec<u32> {
        sets.classes.iter().map(|&(_, covered)| covered).chain(sets.sizes.iter().copied()).collect()
    };
    let counts = covered(recorded).into_iter().zip(covered(rescored));
    let agrees = counts.into_iter().all(|(all, carried)| fits(all, carried, is_whole));
    if agrees { Ok(()) } else { Err(RescoreError::PredictionSets) }
}

#[cfg(test)]
mod tests;
