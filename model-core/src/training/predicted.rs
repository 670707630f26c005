//! What a fitted pipeline says of rows whose classes are known, predicted once for all that is
//! measured of them.

use std::borrow::Cow;

use crate::conformal::{ConformalPredictor, SetEvaluation, score};
use crate::evaluation::SplitEvaluation;

/// Probabilities, `n_classes` a row, and the rows' classes.
pub(super) struct Predicted<'a> {
    probabilities: Cow<'a, [f64]>,
    labels: Vec<u32>,
    n_classes: usize,
}

impl<'a> Predicted<'a> {
    pub(super) fn new(probabilities: Cow<'a, [f64]>, labels: Vec<u32>, n_classes: usize) -> Self {
        Self { probabilities, labels, n_classes }
    }

    pub(super) fn evaluation(&self) -> SplitEvaluation {
        SplitEvaluation::of(&self.probabilities, &self.labels, self.n_classes)
    }

    /// `1 − p(true class)` of each row.
    pub(super) fn scores(&self) -> impl Iterator<Item = f64> {
        self.probabilities
            .chunks_exact(self.n_classes.max(1))
            .zip(&self.labels)
            .map(|(row, &label)| score(row.get(label as usize).copied().unwrap_or_default()))
    }

    pub(super) fn sets(&self, predictor: &ConformalPredictor) -> SetEvaluation {
        SetEvaluation::of(predictor, &self.probabilities, &self.labels, self.n_classes)
    }
}
