//! Accuracy over folds.

use serde::{Deserialize, Serialize};

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

/// The folds of one cross-validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// In the order of the split's folds.
    pub folds: Vec<Fold>,
}

impl CrossValidation {
    /// Accuracy of each fold.
    pub fn fold_accuracies(&self) -> impl Iterator<Item = f64> {
        self.folds.iter().map(|fold| f64::from(fold.n_correct) / f64::from(fold.n_samples.max(1)))
    }

    /// Mean accuracy over folds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.fold_accuracies().sum::<f64>() / self.folds.len().max(1) as f64
    }

    /// Mean log loss over folds, in nats a row.
    #[must_use]
    pub fn mean_log_loss(&self) -> f64 {
        let sum: f64 = self.folds.iter().map(|fold| fold.log_loss).sum();
        sum / self.folds.len().max(1) as f64
    }

    /// Standard deviation over folds (ddof 0, as `numpy.std` gives it).
    #[must_use]
    pub fn std(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.fold_accuracies().map(|a| (a - mean) * (a - mean)).sum();
        (squares / self.folds.len().max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_are_numpys() {
        let folds = [22, 23, 23, 23, 24];
        let folds = folds.map(|n_correct| Fold { n_correct, n_samples: 24, log_loss: 0.2 });
        let cv = CrossValidation { folds: folds.to_vec() };
        assert!((cv.mean_log_loss() - 0.2).abs() < 1e-15);
        // cross_val_score(...).mean() and .std() of the recorded logistic regression.
        assert!((cv.mean() - 0.958_333_333_333_333_4).abs() < 1e-12);
        assert!((cv.std() - 0.026_352_313_834_736_5).abs() < 1e-12);
    }
}
