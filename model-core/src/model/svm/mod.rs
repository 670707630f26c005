//! Support vector machine: C-SVC with an RBF kernel, one machine a pair of classes, with
//! probabilities calibrated on rows that did not train.
//!
//! Sources: Chang & Lin, "LIBSVM: a library for support vector machines" (2011), whose sign and
//! order conventions hold; the solver in `smo`, Platt's sigmoid in `platt`, the coupling of
//! pairs in `coupling`.

mod coupling;
mod kernel;
mod platt;
mod smo;

use serde::{Deserialize, Serialize};

use self::kernel::PairKernel;
pub use self::platt::Sigmoid;
use super::{FitError, ParamError, TrainingRows, are_sound, check_positive};
use crate::buffer::with_zeros;
use crate::rng::{Purpose, SplitMix64};
use crate::split::stratified_k_fold;

/// Width of the RBF kernel `exp(-gamma · ‖a − b‖²)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gamma {
    /// `1 / (n_features · variance of all values)`, scikit-learn's default.
    Scale,
    /// This number.
    Value(f64),
}

/// Parameters of the support vector machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SvmParams {
    /// Penalty of a row on the wrong side; default 1.
    pub c: f64,
    /// Width of the kernel; default [`Gamma::Scale`].
    pub gamma: Gamma,
}

impl Default for SvmParams {
    fn default() -> Self {
        Self { c: 1.0, gamma: Gamma::Scale }
    }
}

impl SvmParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] if C or a numeric gamma is not a finite number above 0.
    pub fn check(&self) -> Result<(), ParamError> {
        check_positive("C", self.c)?;
        match self.gamma {
            Gamma::Scale => Ok(()),
            Gamma::Value(gamma) => check_positive("gamma", gamma),
        }
    }
}

/// The pairs of classes, in the order of every per-pair list: (0,1), (0,2), …, (1,2), …
pub(crate) fn pairs(n_classes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n_classes).flat_map(move |first| (first + 1..n_classes).map(move |second| (first, second)))
}

/// How many pairs `n_classes` have.
pub(crate) const fn n_pairs(n_classes: usize) -> usize {
    n_classes * n_classes.saturating_sub(1) / 2
}

/// Position of the pair (`first`, `second`), `first < second`, in the order of [`pairs`].
const fn pair_index(first: usize, second: usize, n_classes: usize) -> usize {
    first * (2 * n_classes - first - 1) / 2 + second - first - 1
}

/// The fitted one-against-one machines, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct SvmMachine {
    gamma: f64,
    n_features: usize,
    /// Support vectors, row-major, grouped by class.
    vectors: Vec<f64>,
    /// Support vectors of each class.
    class_counts: Vec<usize>,
    /// `n_classes - 1` coefficients a support vector: against the other classes in order.
    coefficients: Vec<f64>,
    /// A constant a pair.
    intercepts: Vec<f64>,
}

impl SvmMachine {
    /// Fits one machine a pair of classes on standardised rows.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::Diverged`] if a coefficient
    /// is not finite.
    pub fn fit(rows: TrainingRows<'_>, params: &SvmParams) -> Result<Self, FitError> {
        Ok(Self::fit_with_rows(rows, params)?.0)
    }

    /// As [`SvmMachine::fit`], with the index in `rows` of each support vector.
    ///
    /// # Errors
    /// As [`SvmMachine::fit`].
    pub fn fit_with_rows(
        rows: TrainingRows<'_>,
        params: &SvmParams,
    ) -> Result<(Self, Vec<usize>), FitError> {
        params.check()?;
        rows.class_counts()?;
        let gamma = match params.gamma {
            Gamma::Value(gamma) => gamma,
            Gamma::Scale => scale_gamma(rows),
        };
        let k = rows.n_classes;
        let mut members = vec![Vec::new(); k];
        for (row, &label) in rows.labels.iter().enumerate() {
            members[label as usize].push(row);
        }
        // alphas[row * (k - 1) + slot]: the row's coefficient against each other class.
        let mut alphas = vec![0.0; rows.n_samples() * (k - 1)];
        let mut intercepts = Vec::with_capacity(n_pairs(k));
        for (first, second) in pairs(k) {
            let pair: Vec<usize> = [members[first].as_slice(), &members[second]].concat();
            let signs: Vec<f64> = (0..pair.len())
                .map(|at| if at < members[first].len() { 1.0 } else { -1.0 })
                .collect();
            let kernel = PairKernel::new(rows, &pair, &signs, gamma);
            let solution = smo::solve(kernel, &signs, params.c);
            intercepts.push(-solution.rho);
            for (at, (&row, &sign)) in pair.iter().zip(&signs).enumerate() {
                let slot = if at < members[first].len() { second - 1 } else { first };
                alphas[row * (k - 1) + slot] = sign * solution.alpha[at];
            }
        }
        let support: Vec<Vec<usize>> = members
            .iter()
            .map(|rows| {
                let is_support =
                    |row: &usize| alphas[row * (k - 1)..][..k - 1].iter().any(|a| *a != 0.0);
                rows.iter().copied().filter(is_support).collect()
            })
            .collect();
        let order: Vec<usize> = support.concat();
        let machine = Self::from_parts(
            gamma,
            rows.n_features,
            order.iter().flat_map(|&row| rows.row(row)).copied().collect(),
            support.iter().map(Vec::len).collect(),
            order.iter().flat_map(|&row| &alphas[row * (k - 1)..][..k - 1]).copied().collect(),
            intercepts,
        );
        Ok((machine.ok_or(FitError::Diverged)?, order))
    }

    /// The machines with these parameters, if their shapes fit and all numbers are within
    /// [`MAX_PARAMETER`](super::MAX_PARAMETER).
    #[must_use]
    pub fn from_parts(
        gamma: f64,
        n_features: usize,
        vectors: Vec<f64>,
        class_counts: Vec<usize>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Option<Self> {
        let k = class_counts.len();
        let n_vectors = class_counts.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n))?;
        let numbers = vectors.iter().chain(&coefficients).chain(&intercepts);
        let sound = gamma.is_finite()
            && gamma > 0.0
            && n_features > 0
            && k >= 2
            && n_vectors.checked_mul(n_features) == Some(vectors.len())
            && n_vectors.checked_mul(k - 1) == Some(coefficients.len())
            && intercepts.len() == n_pairs(k)
            && are_sound(numbers);
        sound.then_some(Self { gamma, n_features, vectors, class_counts, coefficients, intercepts })
    }

    /// The kernel's width.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.class_counts.len()
    }

    /// Support vectors, row-major, grouped by class.
    #[must_use]
    pub fn vectors(&self) -> &[f64] {
        &self.vectors
    }

    /// Support vectors of each class.
    #[must_use]
    pub fn class_counts(&self) -> &[usize] {
        &self.class_counts
    }

    /// `n_classes - 1` dual coefficients a support vector, against the other classes in order.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The constant of each pair's decision value.
    #[must_use]
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// Writes the decision value of each pair into `out`, which has one place a pair; above 0
    /// speaks for the pair's first class.
    pub fn decide_into(&self, values: &[f64], out: &mut [f64]) {
        let k = self.n_classes();
        out.iter_mut().zip(&self.intercepts).for_each(|(out, intercept)| *out = *intercept);
        let mut vectors = self.vectors.chunks_exact(self.n_features);
        let mut coefficients = self.coefficients.chunks_exact(k - 1);
        for (class, &count) in self.class_counts.iter().enumerate() {
            for (vector, coefficients) in vectors.by_ref().zip(coefficients.by_ref()).take(count) {
                let likeness = kernel::rbf(self.gamma, vector, values);
                for (slot, coefficient) in coefficients.iter().enumerate() {
                    let pair = if slot < class {
                        pair_index(slot, class, k)
                    } else {
                        pair_index(class, slot + 1, k)
                    };
                    if let Some(sum) = out.get_mut(pair) {
                        *sum += coefficient * likeness;
                    }
                }
            }
        }
    }

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

/// Folds that calibrate, as in libsvm.
const CALIBRATION_FOLDS: usize = 5;

/// `1 / (n_features · variance of all values)`; 1 if the values do not vary.
fn scale_gamma(rows: TrainingRows<'_>) -> f64 {
    let n = rows.values.len().max(1) as f64;
    let mean = rows.values.iter().sum::<f64>() / n;
    let variance = rows.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let gamma = 1.0 / (rows.n_features as f64 * variance);
    if gamma.is_finite() && gamma > 0.0 { gamma } else { 1.0 }
}

/// A calibrated machine: what predicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Svm {
    machine: SvmMachine,
    sigmoids: Vec<Sigmoid>,
}

impl Svm {
    /// The machine with a sigmoid a pair, if they are as many as pairs and within
    /// [`MAX_PARAMETER`](super::MAX_PARAMETER).
    #[must_use]
    pub fn from_parts(machine: SvmMachine, sigmoids: Vec<Sigmoid>) -> Option<Self> {
        let sound = sigmoids.len() == n_pairs(machine.n_classes())
            && sigmoids.iter().all(|sigmoid| are_sound([&sigmoid.slope, &sigmoid.offset]));
        sound.then_some(Self { machine, sigmoids })
    }

    /// The machines.
    #[must_use]
    pub fn machine(&self) -> &SvmMachine {
        &self.machine
    }

    /// The sigmoid of each pair.
    #[must_use]
    pub fn sigmoids(&self) -> &[Sigmoid] {
        &self.sigmoids
    }

    /// Writes the probability of each class for standardised `values` into `out`.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        with_zeros(self.sigmoids.len(), |pairwise| {
            self.machine.decide_into(values, pairwise);
            for (value, sigmoid) in pairwise.iter_mut().zip(&self.sigmoids) {
                *value = sigmoid.probability(*value);
            }
            coupling::couple(pairwise, out);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_numbered_in_their_order() {
        for k in 2..8 {
            for (index, (first, second)) in pairs(k).enumerate() {
                assert_eq!(pair_index(first, second, k), index);
            }
            assert_eq!(pairs(k).count(), n_pairs(k));
        }
    }

    #[test]
    fn two_separated_classes_are_told_apart() {
        let values: Vec<f64> = (0..20).map(|i| f64::from(i) / 10.0).collect();
        let labels: Vec<u32> = (0..20).map(|i| u32::from(i >= 10)).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
        let params = SvmParams::default();
        let svm = SvmMachine::fit(rows, &params).unwrap().calibrate(rows, &params, 1).unwrap();
        let mut out = [0.0; 2];
        svm.predict_proba_into(&[0.2], &mut out);
        assert!(out[0] > 0.9 && (out[0] + out[1] - 1.0).abs() < 1e-15, "{out:?}");
        svm.predict_proba_into(&[1.8], &mut out);
        assert!(out[1] > 0.9, "{out:?}");
    }

    #[test]
    fn rows_that_do_not_vary_still_give_a_machine() {
        let rows = TrainingRows {
            values: &[1.0; 8],
            labels: &[0, 1, 0, 1, 0, 1, 0, 1],
            n_features: 1,
            n_classes: 2,
        };
        let params = SvmParams::default();
        let svm = SvmMachine::fit(rows, &params).unwrap().calibrate(rows, &params, 1).unwrap();
        let mut out = [0.0; 2];
        svm.predict_proba_into(&[1.0], &mut out);
        assert!((out[0] - 0.5).abs() < 1e-6, "{out:?}");
    }

    #[test]
    fn parts_of_wrong_shape_are_refused() {
        let build = |counts: Vec<usize>, vectors: usize| {
            SvmMachine::from_parts(1.0, 1, vec![0.0; vectors], counts, vec![0.0; 2], vec![0.0])
        };
        assert!(build(vec![1, 1], 2).is_some());
        assert!(build(vec![1, 1], 3).is_none());
        assert!(build(vec![usize::MAX, 1], 2).is_none());
        assert!(build(vec![2], 2).is_none());
    }
}
