//! Probabilities of a machine, from decision values of rows that did not train.

use super::{Sigmoid, Svm, SvmMachine, SvmParams, n_pairs, pairs};
use crate::model::{FitError, TrainingRows};
use crate::rng::{Purpose, SplitMix64};
use crate::split::stratified_k_fold;

/// Folds that calibrate, as in libsvm.
const CALIBRATION_FOLDS: usize = 5;

impl SvmMachine {
    /// Fits a sigmoid a pair on decision values of rows that did not train the machine which
    /// decided them: five seeded stratified folds.
    ///
    /// A class of one row trains every fold's machine and is never held out: against it a pair has
    /// the held-out rows of the other class alone, whose sigmoid is Laplace's rule, `(n + 1) / (n +
    /// 2)` for the other class whatever the decision. A pair without any held-out row has one half.
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
        let mut decided = vec![Vec::new(); n_pairs(k)];
        let mut decisions = vec![0.0; n_pairs(k)];
        for fold in folds(rows, seed)? {
            let machine = fit_without(rows, &fold, params)?;
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

/// What is held out in turn: a class of two rows or more is dealt over the folds, so that each
/// leaves a row of it to train on. Folds that got no row are left out.
fn folds(rows: TrainingRows<'_>, seed: u64) -> Result<Vec<Vec<usize>>, FitError> {
    let counts = rows.class_counts()?;
    let may_leave = |row: &usize| counts[rows.labels[*row] as usize] > 1;
    let able: Vec<usize> = (0..rows.n_samples()).filter(may_leave).collect();
    let mut rng = SplitMix64::for_purpose(seed, Purpose::Calibration);
    let mut folds =
        stratified_k_fold(&able, rows.labels, rows.n_classes, CALIBRATION_FOLDS, &mut rng);
    folds.retain(|fold| !fold.is_empty());
    Ok(folds)
}

/// The machine that all rows but `fold` train.
fn fit_without(
    rows: TrainingRows<'_>,
    fold: &[usize],
    params: &SvmParams,
) -> Result<SvmMachine, FitError> {
    let mut held_out = vec![false; rows.n_samples()];
    fold.iter().for_each(|&row| held_out[row] = true);
    let rest: Vec<usize> = (0..rows.n_samples()).filter(|&row| !held_out[row]).collect();
    let values: Vec<f64> = rest.iter().flat_map(|&row| rows.row(row)).copied().collect();
    let labels: Vec<u32> = rest.iter().map(|&row| rows.labels[row]).collect();
    SvmMachine::fit(TrainingRows { values: &values, labels: &labels, ..rows }, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of one feature: `counts[class]` of each class, around its index, with a spread that
    /// makes neighbours overlap a little.
    fn classes_of(counts: &[usize]) -> (Vec<f64>, Vec<u32>) {
        let mut rng = SplitMix64::for_purpose(11, Purpose::Synthetic);
        let labels: Vec<u32> = counts
            .iter()
            .zip(0..)
            .flat_map(|(&count, class)| std::iter::repeat_n(class, count))
            .collect();
        let value = |&class: &u32| f64::from(class) + (rng.unit() + rng.unit() - 1.0) * 0.7;
        (labels.iter().map(value).collect(), labels)
    }

    fn calibrated(values: &[f64], labels: &[u32], n_classes: usize) -> Svm {
        let rows = TrainingRows { values, labels, n_features: 1, n_classes };
        let params = SvmParams::default();
        SvmMachine::fit(rows, &params).unwrap().calibrate(rows, &params, 42).unwrap()
    }

    fn proba(svm: &Svm, value: f64) -> Vec<f64> {
        let mut out = vec![0.0; svm.machine().n_classes()];
        svm.predict_proba_into(&[value], &mut out);
        out
    }

    /// The share of rows whose own class is the most probable one.
    fn accuracy(svm: &Svm, values: &[f64], labels: &[u32]) -> f64 {
        let is_right = |(&value, &label): (&f64, &u32)| {
            let proba = proba(svm, value);
            proba.iter().all(|&other| other <= proba[label as usize])
        };
        let n_right = values.iter().zip(labels).filter(|row| is_right(*row)).count();
        n_right as f64 / labels.len() as f64
    }

    #[test]
    fn a_rare_class_leaves_the_other_pairs_their_sigmoids() {
        for n_rare in 1..5 {
            let (values, labels) = classes_of(&[60, 60, n_rare]);
            let svm = calibrated(&values, &labels, 3);
            let common = accuracy(&svm, &values[..120], &labels[..120]);
            assert!(common > 0.9, "{common} with {n_rare} rare rows");
            let p = proba(&svm, 0.0);
            assert!(p[0] > 0.9, "{p:?} with {n_rare} rare rows");
        }
    }

    #[test]
    fn many_lone_rows_do_not_drown_the_classes_that_can_be_held_out() {
        let counts = [[40, 40].as_slice(), &[1; 20]].concat();
        let (values, labels) = classes_of(&counts);
        let svm = calibrated(&values, &labels, counts.len());
        assert!(accuracy(&svm, &values[..80], &labels[..80]) > 0.9);
    }

    #[test]
    fn a_class_of_one_row_is_as_probable_as_the_other_held_out_rows_say() {
        let (values, labels) = classes_of(&[60, 60, 1]);
        let svm = calibrated(&values, &labels, 3);
        // Laplace's rule: 60 rows, none of which was of the lone row's class.
        for sigmoid in &svm.sigmoids()[1..] {
            assert!((sigmoid.probability(-1.0) - 61.0 / 62.0).abs() < 1e-9, "{sigmoid:?}");
            assert!((sigmoid.probability(1.0) - 61.0 / 62.0).abs() < 1e-9, "{sigmoid:?}");
        }
        // Two lone rows say nothing of each other.
        let (values, labels) = classes_of(&[60, 1, 1]);
        assert_eq!(calibrated(&values, &labels, 3).sigmoids()[2].probability(3.0), 0.5);
    }

    #[test]
    fn fewer_rows_than_folds_still_give_a_machine() {
        for counts in [&[1, 1][..], &[2, 1], &[2, 2], &[1, 1, 1], &[3, 1, 2]] {
            let (values, labels) = classes_of(counts);
            let p = proba(&calibrated(&values, &labels, counts.len()), 0.5);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{p:?} of {counts:?}");
        }
    }
}
