//! Probabilities of a machine, from decision values of rows that did not train.

use super::{Sigmoid, Svm, SvmMachine, SvmParams, n_pairs, pairs};
use crate::model::{FitError, TrainingRows};
use crate::rng::{Purpose, SplitMix64};
use crate::split::stratified_k_fold;

/// Folds that calibrate, as in libsvm.
const CALIBRATION_FOLDS: usize = 5;

impl SvmMachine {
    /// Fits a sigmoid a pair on decision values of rows that did not train the machine which
    /// decided them: `n_folds` (at most the smallest class) seeded stratified folds.
    ///
    /// # Errors
    /// As [`SvmMachine::fit`].
    pub fn calibrate(
        self,
        rows: TrainingRows<'_>,
        params: &SvmParams,
        seed: u64,
    ) -> Result<Svm, FitError> {
        let k = rows.n_classes;
        let smallest = rows.class_counts()?.into_iter().min().unwrap_or_default();
        let all: Vec<usize> = (0..rows.n_samples()).collect();
        let n_folds = CALIBRATION_FOLDS.min(smallest);
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Calibration);
        let mut decided = vec![Vec::new(); n_pairs(k)];
        let mut decisions = vec![0.0; n_pairs(k)];
        // A class of one row cannot be held out; its pairs keep the sigmoid of no evidence.
        let folds = if n_folds < 2 {
            Vec::new()
        } else {
            stratified_k_fold(&all, rows.labels, k, n_folds, &mut rng)
        };
        for fold in folds {
            let mut held_out = vec![false; rows.n_samples()];
            fold.iter().for_each(|&row| held_out[row] = true);
            let rest: Vec<usize> = all.iter().copied().filter(|&row| !held_out[row]).collect();
            let values: Vec<f64> = rest.iter().flat_map(|&row| rows.row(row)).copied().collect();
            let labels: Vec<u32> = rest.iter().map(|&row| rows.labels[row]).collect();
            let part = TrainingRows { values: &values, labels: &labels, ..rows };
            let machine = Self::fit(part, params)?;
            for row in fold {
                machine.decide_into(rows.row(row), &mut decisions);
                let class = rows.labels[row] as usize;
                for (pair, (first, second)) in pairs(k).enumerate() {
                    if class == first || class == second {
                        decided[pair].push((decisions[pair], class == first));
                    }
                }
            }
        }
        let sigmoids = decided.iter().map(|decided| Sigmoid::fit(decided)).collect();
        Svm::from_parts(self, sigmoids).ok_or(FitError::Diverged)
    }
}
