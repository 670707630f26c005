//! Early stopping: rows that grow no tree say after how many rounds the loss no longer falls.
//!
//! Boosting then starts again with all rows, for as many rounds as were best, so that no row is lost
//! to the model. With many rows it is left at the best rounds of the remaining ones, as the tenth
//! that is missing costs less than boosting twice. Measured in `docs/adr/0001-engines.md`.

use super::{GradientBoostingParams, loss};
use crate::model::{FitError, TrainingRows};
use crate::rng::{Purpose, SplitMix64};
use crate::split::stratified_sample;

/// From how many rows on those that were held out are not boosted on in the end.
const LEFT_OUT_FROM_ROWS: usize = 10_000;

/// The rows held out, and how the rounds before did on them.
#[derive(Debug)]
pub(super) struct Validation {
    rows: Vec<u32>,
    starts_again: bool,
    tol: f64,
    n_iter_no_change: u32,
    /// The least loss, and after how many rounds it was.
    least: f64,
    best_round: u32,
}

impl Validation {
    /// Holds out a share of `rows` with their class mix; the only row of a class stays. `None` if
    /// `params` ask for none, or no row can be held out.
    ///
    /// # Errors
    /// [`FitError::EmptyClass`].
    pub(super) fn draw(
        rows: TrainingRows<'_>,
        params: &GradientBoostingParams,
        seed: u64,
    ) -> Result<Option<Self>, FitError> {
        if !params.early_stopping.applies_to(rows.n_samples()) {
            return Ok(None);
        }
        let counts = rows.class_counts()?;
        let may_leave = |row: &usize| counts[rows.labels[*row] as usize] > 1;
        let able: Vec<usize> = (0..rows.n_samples()).filter(may_leave).collect();
        let wanted = (able.len() as f64 * params.validation_fraction) as usize;
        let mut rng = SplitMix64::for_purpose(seed, Purpose::EarlyStopping);
        let held_out = stratified_sample(rows.labels, rows.n_classes, &able, wanted, &mut rng);
        Ok((!held_out.is_empty()).then(|| Self {
            rows: held_out.into_iter().map(|row| row as u32).collect(),
            starts_again: rows.n_samples() < LEFT_OUT_FROM_ROWS,
            tol: params.tol,
            n_iter_no_change: params.n_iter_no_change,
            least: f64::INFINITY,
            best_round: 0,
        }))
    }

    /// The rows held out, ascending.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Whether boosting starts again with all rows in the end.
    pub(super) fn starts_again(&self) -> bool {
        self.starts_again
    }

    /// The rows that remain to grow trees, ascending.
    pub(super) fn remaining(&self, n_samples: usize) -> Vec<u32> {
        let mut held_out = self.rows.iter().copied().peekable();
        (0..n_samples as u32).filter(|row| held_out.next_if_eq(row).is_none()).collect()
    }

    /// The mean log loss of the held-out rows, each with its class's weight.
    pub(super) fn loss(&self, scores: &[f64], labels: &[u32], weights: &[f64]) -> f64 {
        let n_scores = scores.len() / labels.len();
        let (mut sum, mut total) = (0.0, 0.0);
        for &row in &self.rows {
            let row = row as usize;
            let (label, scores) = (labels[row], &scores[row * n_scores..(row + 1) * n_scores]);
            let weight = weights[label as usize];
            sum += weight * loss::log_loss(scores, label as usize);
            total += weight;
        }
        sum / total
    }

    /// Notes the loss after `round` rounds; whether it is the least so far.
    pub(super) fn note(&mut self, loss: f64, round: u32) -> bool {
        let is_least = loss < self.least - self.tol;
        if is_least {
            (self.least, self.best_round) = (loss, round);
        }
        is_least
    }

    /// Whether so many of `round` rounds have passed without a lower loss that boosting should end.
    pub(super) fn should_stop(&self, round: u32) -> bool {
        round - self.best_round >= self.n_iter_no_change
    }

    /// The least loss, and after how many rounds it was.
    #[cfg(feature = "checkpoint")]
    pub(super) fn least(&self) -> (f64, u32) {
        (self.least, self.best_round)
    }

    #[cfg(feature = "checkpoint")]
    pub(super) fn set_least(&mut self, least: f64, round: u32) {
        (self.least, self.best_round) = (least, round);
    }

    /// The number of rounds after which the loss was least.
    pub(super) fn best_round(&self) -> u32 {
        self.best_round
    }
}

#[cfg(test)]
mod tests {
    use super::super::EarlyStopping;
    use super::*;

    fn validation(labels: &[u32], n_classes: usize) -> Option<Validation> {
        let values = vec![0.0; labels.len()];
        let rows = TrainingRows { values: &values, labels, n_features: 1, n_classes };
        let early_stopping = EarlyStopping::On;
        let params = GradientBoostingParams { early_stopping, ..GradientBoostingParams::default() };
        Validation::draw(rows, &params, 42).unwrap()
    }

    #[test]
    fn a_tenth_with_the_class_mix_is_held_out() {
        let labels: Vec<u32> = (0..200).map(|row| u32::from(row % 4 == 0)).collect();
        let held_out = validation(&labels, 2).unwrap();
        let of_class_1 = held_out.rows().iter().filter(|row| **row % 4 == 0).count();
        assert_eq!((held_out.rows().len(), of_class_1), (20, 5));
        let remaining = held_out.remaining(200);
        assert_eq!(remaining.len(), 180);
        assert!(remaining.iter().all(|row| !held_out.rows().contains(row)));
    }

    #[test]
    fn every_class_keeps_a_row_to_learn_from() {
        for n_rare in 1..12 {
            let labels: Vec<u32> = (0..40).map(|row| if row < n_rare { row } else { 99 }).collect();
            let labels: Vec<u32> = labels.iter().map(|&label| label.min(n_rare)).collect();
            let n_classes = n_rare as usize + 1;
            let held_out = validation(&labels, n_classes).unwrap();
            let remaining = held_out.remaining(40);
            for class in 0..n_classes as u32 {
                assert!(remaining.iter().any(|&row| labels[row as usize] == class), "{class}");
            }
        }
        assert!(validation(&[0, 1, 2], 3).is_none(), "no row can be held out");
        assert!(validation(&[0, 0, 1, 1], 2).is_none(), "a tenth is no row");
    }

    #[test]
    fn it_stops_after_as_many_rounds_without_a_lower_loss() {
        let labels: Vec<u32> = (0..40).map(|row| row % 2).collect();
        let mut held_out = validation(&labels, 2).unwrap();
        assert!(held_out.note(0.7, 0) && held_out.note(0.5, 1));
        for round in 2..11 {
            assert!(!held_out.note(0.5 - 1e-8, round), "within the tolerance");
            assert!(!held_out.should_stop(round));
        }
        assert!(!held_out.note(f64::NAN, 11) && held_out.should_stop(11));
        assert_eq!(held_out.best_round(), 1);
    }
}
