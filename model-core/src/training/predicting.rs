//! Rows that a fitted pipeline predicts, in slices of bounded work.

use std::borrow::Cow;

use super::predicted::Predicted;
use crate::budget::{Budget, share};
use crate::dataset::Dataset;
use crate::pipeline::Pipeline;

/// Predictions of rows of a data set, of which some are still to come.
#[derive(Debug)]
pub(super) struct Predicting {
    rows: Vec<usize>,
    /// A place a class, row by row.
    probabilities: Vec<f64>,
    rows_done: usize,
}

impl Predicting {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        Self { rows, probabilities: Vec::new(), rows_done: 0 }
    }

    /// Predicts until all rows are or the budget is spent; returns whether more are to come.
    pub(super) fn step(
        &mut self,
        pipeline: &Pipeline,
        dataset: &Dataset,
        budget: &mut Budget,
    ) -> bool {
        let left = self.rows.get(self.rows_done..).unwrap_or_default();
        if left.is_empty() || budget.is_spent() {
            return !left.is_empty();
        }
        let units = pipeline.units();
        let now = left.get(..budget.room_for(units)).unwrap_or(left);
        self.probabilities.extend(pipeline.predict_proba(dataset, now));
        self.rows_done += now.len();
        budget.spend(now.len(), units);
        self.rows_done < self.rows.len()
    }

    /// Goes on after rows that have these probabilities.
    #[cfg(feature = "checkpoint")]
    pub(super) fn resume(&mut self, probabilities: Vec<f64>, n_classes: usize) {
        self.rows_done = probabilities.len() / n_classes;
        self.probabilities = probabilities;
    }

    /// Whether no row is left.
    #[cfg(feature = "checkpoint")]
    pub(super) fn is_over(&self) -> bool {
        self.rows_done == self.rows.len()
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn rows_done(&self) -> usize {
        self.rows_done
    }

    pub(super) fn share_done(&self) -> f64 {
        share(self.rows_done, self.rows.len())
    }

    pub(super) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// What was predicted, beside what the rows are.
    pub(super) fn predicted(&self, dataset: &Dataset) -> Predicted<'_> {
        let probabilities = Cow::Borrowed(self.probabilities.as_slice());
        Predicted::new(probabilities, self.labels(dataset), dataset.n_classes())
    }

    /// As [`predicted`](Self::predicted), for the last time.
    pub(super) fn finish(self, dataset: &Dataset) -> Predicted<'static> {
        let labels = self.labels(dataset);
        Predicted::new(Cow::Owned(self.probabilities), labels, dataset.n_classes())
    }

    fn labels(&self, dataset: &Dataset) -> Vec<u32> {
        self.rows.iter().map(|&row| dataset.label(row)).collect()
    }
}
