//! Accuracy over folds, and over repeats of them.

use serde::{Deserialize, Serialize};

use super::SplitEvaluation;

/// What one fold counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Held-out rows predicted right.
    pub n_correct: u32,
    /// Held-out rows.
    pub n_samples: u32,
    /// Their log loss, in nats a row.
    pub log_loss: f64,
}

impl Fold {
    /// What the evaluation of a fold's held-out rows counted.
    #[must_use]
    pub fn of(evaluation: &SplitEvaluation) -> Self {
        let SplitEvaluation { confusion, log_loss, .. } = evaluation;
        Self { n_correct: confusion.n_correct(), n_samples: confusion.total(), log_loss: *log_loss }
    }

    /// Share of held-out rows predicted right; 0 without rows.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        f64::from(self.n_correct) / f64::from(self.n_samples.max(1))
    }
}

/// The folds of one cross-validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// In the order of the split's folds, repeat after repeat.
    pub folds: Vec<Fold>,
    /// How often the rows were shuffled and split into folds; each repeat has as many folds as the next.
    pub n_repeats: u32,
    /// Rows that train or are held out: a fold trains on those that it does not hold out.
    pub n_rows: u32,
}

impl CrossValidation {
    /// One repeat, whose folds partition all rows.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!((cv.n_repeats, cv.n_rows), (1, 20));
    /// ```
    #[must_use]
    pub fn once(folds: Vec<Fold>) -> Self {
        let n_rows = folds.iter().map(|fold| fold.n_samples).sum();
        Self { folds, n_repeats: 1, n_rows }
    }

    /// Accuracy of each fold.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.fold_accuracies().collect::<Vec<_>>(), [0.8, 1.0]);
    /// ```
    pub fn fold_accuracies(&self) -> impl Iterator<Item = f64> {
        self.folds.iter().map(Fold::accuracy)
    }

    /// The folds of each repeat.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.repeats().count(), 1);
    /// ```
    pub fn repeats(&self) -> impl Iterator<Item = &[Fold]> {
        let n_repeats = (self.n_repeats as usize).max(1);
        self.folds.chunks(self.folds.len().div_ceil(n_repeats).max(1))
    }

    /// Mean accuracy over all folds.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.mean(), 0.9);
    /// ```
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean_accuracy(&self.folds)
    }

    /// Mean log loss over all folds, in nats a row.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.mean_log_loss(), 0.3);
    /// ```
    #[must_use]
    pub fn mean_log_loss(&self) -> f64 {
        let sum: f64 = self.folds.iter().map(|fold| fold.log_loss).sum();
        sum / self.folds.len().max(1) as f64
    }

    /// Standard deviation over all folds (ddof 0, as `numpy.std` gives it): how much accuracy
    /// changes with the rows that are held out.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert!((cv.std() - 0.1).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn std(&self) -> f64 {
        deviation(self.fold_accuracies(), self.mean())
    }

    /// Mean accuracy of each repeat.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.repeat_means().collect::<Vec<_>>(), [0.9]);
    /// ```
    pub fn repeat_means(&self) -> impl Iterator<Item = f64> {
        self.repeats().map(mean_accuracy)
    }

    /// Standard deviation of the repeats' means (ddof 0): how much the mean changes with the way
    /// rows are split. `None` of a single repeat.
    ///
    /// ```
    /// use model_core::CrossValidation;
    /// use model_core::evaluation::Fold;
    /// let fold = |n_correct, log_loss| Fold { n_correct, n_samples: 10, log_loss };
    /// let cv = CrossValidation::once(vec![fold(8, 0.5), fold(10, 0.1)]);
    /// assert_eq!(cv.std_over_repeats(), None, "one repeat does not vary");
    /// ```
    #[must_use]
    pub fn std_over_repeats(&self) -> Option<f64> {
        let mean = self.repeat_means().sum::<f64>() / self.repeat_means().count().max(1) as f64;
        (self.repeat_means().count() > 1).then(|| deviation(self.repeat_means(), mean))
    }
}

fn mean_accuracy(folds: &[Fold]) -> f64 {
    folds.iter().map(Fold::accuracy).sum::<f64>() / folds.len().max(1) as f64
}

fn deviation(values: impl Iterator<Item = f64>, mean: f64) -> f64 {
    let (n, squares) = values.fold((0_u32, 0.0), |(n, squares), value| {
        (n + 1, squares + (value - mean) * (value - mean))
    });
    (squares / f64::from(n.max(1))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds(n_correct: &[u32]) -> Vec<Fold> {
        let fold = |&n_correct| Fold { n_correct, n_samples: 24, log_loss: 0.2 };
        n_correct.iter().map(fold).collect()
    }

    #[test]
    fn mean_and_deviation_are_numpys() {
        let cv = CrossValidation::once(folds(&[22, 23, 23, 23, 24]));
        assert!((cv.mean_log_loss() - 0.2).abs() < 1e-15);
        // cross_val_score(...).mean() and .std() of the recorded logistic regression.
        assert!((cv.mean() - 0.958_333_333_333_333_4).abs() < 1e-12);
        assert!((cv.std() - 0.026_352_313_834_736_5).abs() < 1e-12);
        assert_eq!((cv.n_rows, cv.std_over_repeats()), (120, None));
    }

    #[test]
    fn repeats_deviate_less_than_their_folds() {
        let folds = folds(&[12, 24, 6, 24]);
        let cv = CrossValidation { folds, n_repeats: 2, n_rows: 48 };
        assert_eq!(cv.repeat_means().collect::<Vec<_>>(), [0.75, 0.625]);
        // numpy.std([0.75, 0.625]) and numpy.std([0.5, 1, 0.25, 1])
        assert_eq!(cv.std_over_repeats(), Some(0.0625));
        assert!((cv.std() - 0.324_759_526_419_164_5).abs() < 1e-15);
    }

    #[test]
    fn no_folds_are_no_repeats() {
        let cv = CrossValidation::once(Vec::new());
        assert_eq!((cv.mean(), cv.std(), cv.std_over_repeats()), (0.0, 0.0, None));
        assert_eq!(cv.repeats().count(), 0);
    }
}
