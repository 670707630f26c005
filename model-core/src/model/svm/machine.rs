//! The fitted one-against-one machines: from rows to decision values.

use super::blocks::Blocks;
use super::training::SvmTraining;
use super::{Int8Vectors, MachineKernel, SvmParams, n_pairs, pair_index};
use crate::budget::Budget;
use crate::model::{FitError, TrainingRows, are_sound};

/// The fitted one-against-one machines, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct SvmMachine {
    kernel: MachineKernel,
    n_features: usize,
    /// Support vectors, row-major, grouped by class.
    vectors: Vec<f64>,
    /// The same in the layout that decides.
    blocks: Blocks,
    /// The same in levels, if that is where they come from.
    int8: Option<Int8Vectors>,
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
    /// [`FitError::Param`], [`FitError::EmptyClass`], [`FitError::NotConverged`] if the solver runs
    /// out of steps, and [`FitError::Diverged`] if a coefficient is not finite.
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
        let mut training = SvmTraining::new(rows, params)?;
        while training.step(rows, &mut Budget::unlimited())? {}
        training.finish(rows)
    }

    /// The machines with these parameters, if their shapes fit and all numbers are within
    /// [`MAX_PARAMETER`](crate::model::MAX_PARAMETER).
    #[must_use]
    pub fn from_parts(
        kernel: MachineKernel,
        n_features: usize,
        vectors: Vec<f64>,
        class_counts: Vec<usize>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Option<Self> {
        let k = class_counts.len();
        let n_vectors = class_counts.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n))?;
        let numbers = vectors.iter().chain(&coefficients).chain(&intercepts);
        let sound = kernel.is_sound()
            && n_features > 0
            && k >= 2
            && n_vectors.checked_mul(n_features) == Some(vectors.len())
            && n_vectors.checked_mul(k - 1) == Some(coefficients.len())
            && intercepts.len() == n_pairs(k)
            && are_sound(numbers);
        if !sound {
            return None;
        }
        let blocks = Blocks::new(vectors.chunks_exact(n_features), n_features);
        let int8 = None;
        Some(Self {
            kernel,
            n_features,
            vectors,
            blocks,
            int8,
            class_counts,
            coefficients,
            intercepts,
        })
    }

    /// As [`SvmMachine::from_parts`], with support vectors in 255 levels a feature.
    #[must_use]
    pub fn from_int8_parts(
        kernel: MachineKernel,
        int8: Int8Vectors,
        class_counts: Vec<usize>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Option<Self> {
        let (n_features, vectors) = (int8.n_features(), int8.values());
        let machine =
            Self::from_parts(kernel, n_features, vectors, class_counts, coefficients, intercepts)?;
        Some(Self { int8: Some(int8), ..machine })
    }

    /// The same machine with other numbers, as many as before.
    pub(super) fn with_numbers(
        &self,
        vectors: Vec<f64>,
        int8: Option<Int8Vectors>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    ) -> Self {
        let blocks = Blocks::new(vectors.chunks_exact(self.n_features), self.n_features);
        let class_counts = self.class_counts.clone();
        Self { vectors, blocks, int8, class_counts, coefficients, intercepts, ..*self }
    }

    /// The kernel with its numbers.
    #[must_use]
    pub fn kernel(&self) -> MachineKernel {
        self.kernel
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

    /// Support vectors in 255 levels a feature, if the machine was quantised to them.
    #[must_use]
    pub fn int8_vectors(&self) -> Option<&Int8Vectors> {
        self.int8.as_ref()
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

    /// Work of one decision.
    pub(crate) fn units(&self) -> u64 {
        let n_vectors = self.class_counts.iter().sum::<usize>() as u64;
        // Two products of numbers are a unit; an exponential and its bookkeeping are some.
        n_vectors * (8 + self.n_features as u64 / 2 + self.class_counts.len() as u64)
    }

    /// Writes the decision value of each pair into `out`, which has one place a pair; above 0
    /// speaks for the pair's first class.
    pub fn decide_into(&self, values: &[f64], out: &mut [f64]) {
        let k = self.n_classes();
        let Some(out) = out.get_mut(..self.intercepts.len()) else { return };
        out.copy_from_slice(&self.intercepts);
        let mut coefficients = self.coefficients.chunks_exact(k - 1);
        let (mut class, mut left) = (0, self.class_counts[0]);
        for block in self.blocks.iter() {
            let likenesses = self.kernel.values(block, values);
            for (likeness, coefficients) in likenesses.iter().zip(coefficients.by_ref()) {
                while left == 0 {
                    class += 1;
                    left = self.class_counts[class];
                }
                left -= 1;
                let (before, after) = coefficients.split_at(class);
                for (other, coefficient) in before.iter().enumerate() {
                    out[pair_index(other, class, k)] += coefficient * likeness;
                }
                // The pairs of a class with those after it stand side by side.
                let after_from = class * (2 * k - class - 1) / 2;
                for (out, coefficient) in out[after_from..].iter_mut().zip(after) {
                    *out += coefficient * likeness;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gamma, Kernel};
    use super::*;
    use crate::model::ClassWeight;

    /// Three classes of 10, 7 and 7 rows that overlap.
    fn overlapping() -> (Vec<f64>, Vec<u32>) {
        let value = |i: u32| {
            let (a, b) = ((7 * i * i + 3 * i) % 11, (5 * i * i + i) % 13);
            let (third, second) = (f64::from(i % 3) * 0.5, f64::from(u8::from(i % 3 == 1)) * 0.6);
            [
                f64::from(a) / 5.0 - 1.0 + third + f64::from(i) / 64.0,
                f64::from(b) / 6.0 - 1.0 - second,
            ]
        };
        let label = |i: u32| if i.is_multiple_of(7) { 0 } else { i % 3 };
        ((0..24).flat_map(value).collect(), (0..24).map(label).collect())
    }

    fn check(params: &SvmParams, intercepts: [f64; 3], decisions: [f64; 3], support: [usize; 3]) {
        let (values, labels) = overlapping();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 3 };
        let machine = SvmMachine::fit(rows, params).unwrap();
        assert_eq!(machine.class_counts(), support, "{params:?}");
        let mut out = [0.0; 3];
        machine.decide_into(&[0.3, -0.4], &mut out);
        let got = machine.intercepts().iter().chain(&out);
        for (got, want) in got.zip(intercepts.iter().chain(&decisions)) {
            assert!((got - want).abs() < 1e-3, "{got} is not {want} with {params:?}");
        }
    }

    /// Figures of scikit-learn 1.9.1, `SVC(decision_function_shape="ovo", ...)` on the same rows:
    /// `intercept_`, `decision_function([[0.3, -0.4]])` and `n_support_`.
    #[test]
    fn kernels_are_those_of_scikit_learn() {
        let default = SvmParams::default();
        // kernel="linear"
        let linear = SvmParams { kernel: Kernel::Linear, ..default.clone() };
        check(&linear, [1.07926, 0.84957, -0.01576], [0.53342, 0.58217, 0.2636], [8, 7, 7]);
        // kernel="poly", degree=3, coef0=1.0, gamma="auto"
        let kernel = Kernel::Poly { degree: 3, coef0: 1.0 };
        let cubic = SvmParams { kernel, gamma: Gamma::Auto, ..default.clone() };
        check(&cubic, [0.99459, 1.08176, -0.3997], [0.57827, 0.88978, -0.02072], [9, 7, 6]);
        // kernel="poly", degree=2, gamma="scale", C=10.0
        let square =
            SvmParams { kernel: Kernel::Poly { degree: 2, coef0: 0.0 }, c: 10.0, ..default };
        check(&square, [1.31665, 0.96338, -0.44907], [0.90454, 0.93871, -0.20852], [8, 7, 6]);
    }

    /// As above, with `class_weight="balanced"`, and `class_weight={0: 1.0, 1: 5.0, 2: 0.5}, C=2.0`.
    #[test]
    fn class_weights_are_those_of_scikit_learn() {
        let balanced = SvmParams { class_weight: ClassWeight::Balanced, ..SvmParams::default() };
        check(&balanced, [0.1819, 0.07992, -0.14897], [0.02673, 0.07925, 0.22379], [10, 7, 7]);
        let class_weight = ClassWeight::Values(vec![1.0, 5.0, 0.5]);
        let given = SvmParams { class_weight, c: 2.0, ..SvmParams::default() };
        check(&given, [-0.12307, 0.54248, 0.67029], [-1.08953, 1.02348, 1.04788], [10, 6, 7]);
    }
}
