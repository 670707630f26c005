//! How good a model is, from rows it did not train on and, beside them, from those it did.
//!
//! Metrics take probabilities, row by row, and class indices, and know of no model: whoever
//! predicts in batches calls [`SplitEvaluation::of`]. All of them are `n log n` at most, finite,
//! and say 0 or `None` of no rows.

mod agreement;
mod brier;
mod calibration;
mod comparison;
mod confusion;
mod cross_validation;
#[cfg(test)]
mod example;
mod interval;
mod roc_auc;
mod sequence;
pub mod student_t;

use serde::{Deserialize, Serialize};

pub use self::agreement::Agreement;
pub use self::brier::brier_score;
pub use self::calibration::{CalibrationBin, CalibrationCurve};
pub use self::comparison::{
    ComparisonError, CorrectedTTest, compare, compare_by, corrected_t_test,
};
pub use self::confusion::{ClassMetrics, ClassificationReport, ConfusionMatrix};
pub use self::cross_validation::{CrossValidation, Fold};
pub use self::interval::wilson_interval;
pub use self::roc_auc::{RocPoint, macro_roc_auc, roc_auc, roc_curve};
pub use self::sequence::{SampleRatio, confidence_sequence};
use crate::conformal::SetEvaluation;
use crate::order::argmax;

/// Everything measured of one model; deterministic, and part of the artifact's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// On the held-out rows; absent if none were held out.
    pub test: Option<SplitEvaluation>,
    /// On the training rows.
    pub train: SplitEvaluation,
    /// Over the folds of the training rows; absent if none were asked for.
    pub cv: Option<CrossValidation>,
    /// Of a forest's trees on the rows they did not train on.
    pub out_of_bag_accuracy: Option<f64>,
    /// How much each input column did for the fit, if the family tells: shares that sum to 1, in
    /// the schema's order; a column's indicators count together.
    pub feature_importances: Option<Vec<f64>>,
    /// Of a quantised model: how its answers agree with those before, over the whole data set.
    pub quantisation: Option<Agreement>,
    /// Prediction sets of the held-out rows; absent without such rows, and in models without
    /// cross-validation or of a file format before 3.
    pub prediction_sets: Option<SetEvaluation>,
}

/// What one set of rows says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitEvaluation {
    /// True classes against predicted ones.
    pub confusion: ConfusionMatrix,
    /// Mean of `−ln p(true class)`, in nats; probabilities below 1e-15 count as that.
    pub log_loss: f64,
    /// How good the probabilities are; absent in models of file format 1, which did not say.
    pub quality: Option<ProbabilityQuality>,
}

/// How good probabilities are, beyond their log loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbabilityQuality {
    /// [`brier_score`], 0 to 2.
    pub brier: f64,
    /// [`roc_auc`] of each class against the rest; absent for a class that no row or every row is
    /// of.
    pub roc_auc: Vec<Option<f64>>,
    /// Confidence against accuracy.
    pub calibration: CalibrationCurve,
}

impl ProbabilityQuality {
    /// Of probabilities and labels as [`SplitEvaluation::of`] takes them.
    fn of(probabilities: &[f64], labels: &[u32], n_classes: usize) -> Self {
        Self {
            brier: brier_score(probabilities, labels, n_classes),
            roc_auc: roc_auc(probabilities, labels, n_classes),
            calibration: CalibrationCurve::of(probabilities, labels, n_classes),
        }
    }

    /// Mean of [`roc_auc`](Self::roc_auc) over the classes that have one.
    #[must_use]
    pub fn macro_roc_auc(&self) -> Option<f64> {
        macro_roc_auc(&self.roc_auc)
    }
}

impl SplitEvaluation {
    /// Evaluates the probabilities of rows whose classes are known.
    ///
    /// `probabilities` has `n_classes` columns, row by row, and `labels` a class index a row; rows
    /// whose label is no class are passed over. The predicted label is the argmax, the lowest class
    /// on a tie. Probabilities beyond 0 and 1 count as those, NaN as 0.
    ///
    /// ```
    /// use model_core::SplitEvaluation;
    /// let evaluation = SplitEvaluation::of(&[0.8, 0.2, 0.4, 0.6], &[0, 1], 2);
    /// assert_eq!(evaluation.confusion.n_correct(), 2);
    /// let quality = evaluation.quality.unwrap();
    /// assert_eq!(quality.roc_auc, [Some(1.0), Some(1.0)]);
    /// assert!((quality.brier - 0.2).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn of(probabilities: &[f64], labels: &[u32], n_classes: usize) -> Self {
        let mut confusion = ConfusionMatrix::new(n_classes);
        let mut loss = 0.0;
        for (row, actual) in labelled_rows(probabilities, labels, n_classes) {
            confusion.count(actual, argmax(row));
            let probability = row.get(actual).copied().unwrap_or_default();
            loss -= libm::log(clipped(probability).max(1e-15));
        }
        Self {
            log_loss: loss / f64::from(confusion.total().max(1)),
            confusion,
            quality: Some(ProbabilityQuality::of(probabilities, labels, n_classes)),
        }
    }
}

/// Each row's probabilities and class, without rows whose label is no class.
fn labelled_rows<'a>(
    probabilities: &'a [f64],
    labels: &'a [u32],
    n_classes: usize,
) -> impl Iterator<Item = (&'a [f64], usize)> {
    probabilities
        .chunks_exact(n_classes.max(1))
        .zip(labels)
        .map(|(row, &label)| (row, label as usize))
        .filter(move |&(_, label)| label < n_classes)
}

/// The probability within 0 and 1, and 0 for NaN, so that every metric is finite.
fn clipped(probability: f64) -> f64 {
    if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::example::{LABELS, N_CLASSES, PROBABILITIES};
    use super::*;

    #[test]
    fn log_loss_is_that_of_scikit_learn() {
        // log_loss(y, P)
        let evaluation = SplitEvaluation::of(&PROBABILITIES, &LABELS, N_CLASSES);
        assert!((evaluation.log_loss - 0.583_098_287_945_134_1).abs() < 1e-15);
        assert_eq!(evaluation.confusion.counts(), [4, 0, 0, 0, 3, 1, 1, 1, 2]);
    }

    #[test]
    fn no_rows_and_unknown_labels_evaluate_to_nothing() {
        for evaluation in [
            SplitEvaluation::of(&[], &[], 2),
            SplitEvaluation::of(&[0.5, 0.5], &[2], 2),
            SplitEvaluation::of(&[0.5, 0.5], &[], 2),
        ] {
            assert_eq!(evaluation.confusion.total(), 0);
            let quality = evaluation.quality.unwrap();
            assert_eq!((evaluation.log_loss, quality.brier), (0.0, 0.0));
            assert_eq!(quality.macro_roc_auc(), None);
        }
        assert!(SplitEvaluation::of(&[], &[], 0).quality.unwrap().roc_auc.is_empty());
    }

    #[test]
    fn figures_stay_finite_whatever_a_model_says() {
        let odd = [f64::NAN, 1.0, f64::INFINITY, f64::NEG_INFINITY, 0.0, f64::NAN];
        let evaluation = SplitEvaluation::of(&odd, &[0, 1, 1], 2);
        let quality = evaluation.quality.unwrap();
        assert!(evaluation.log_loss.is_finite() && quality.brier.is_finite());
        assert!(quality.roc_auc.iter().flatten().all(|area| (0.0..=1.0).contains(area)));
        assert!(quality.calibration.expected_calibration_error.is_finite());
    }
}
