//! Support vector machine: C-SVC, one machine a pair of classes, with probabilities calibrated on
//! rows that did not train.
//!
//! Parameters (`params`) name a kernel, whose numbers `kernel` resolves; `training` solves each pair's
//! dual problem (`smo`) over kernel rows computed on demand (`pair_kernel`, `cache`), and gives the
//! `machine`; `calibration` fits a sigmoid a pair (`platt`) whose probabilities `coupling` joins to
//! those of the classes. Both are taken on slice by slice.
//!
//! Source: Chang & Lin, "LIBSVM: a library for support vector machines" (2011), whose sign and
//! order conventions hold.

mod blocks;
mod cache;
mod calibration;
#[cfg(feature = "checkpoint")]
mod checkpoint;
mod coupling;
mod exp;
mod kernel;
mod machine;
mod pair_kernel;
mod params;
mod platt;
mod quantised;
mod smo;
mod training;

pub(crate) use self::calibration::Calibration;
#[cfg(feature = "checkpoint")]
pub(crate) use self::checkpoint::{CalibrationState, MachineState, SvmState};
pub use self::kernel::MachineKernel;
pub use self::machine::SvmMachine;
pub use self::params::{Gamma, Kernel, SvmParams};
#[cfg(feature = "onnx")]
pub(crate) use self::platt::LEAST_PROBABILITY;
pub use self::platt::Sigmoid;
pub use self::quantised::Int8Vectors;
pub(crate) use self::training::SvmTraining;
use super::are_sound;
use crate::buffer::with_zeros;

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
    use crate::model::TrainingRows;

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
    fn equal_rows_of_both_classes_still_give_a_machine() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i / 4) / 3.0 - 1.5).collect();
        let labels: Vec<u32> = (0..40).map(|i| i % 2).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
        let asked = [(Kernel::Rbf, 1.0), (Kernel::Linear, 1.0), (Kernel::poly(), 1.0)];
        for (kernel, c) in asked.into_iter().chain([(Kernel::Rbf, 1e6)]) {
            let params = SvmParams { kernel, c, ..SvmParams::default() };
            let svm = SvmMachine::fit(rows, &params).unwrap().calibrate(rows, &params, 1).unwrap();
            let mut out = [0.0; 2];
            svm.predict_proba_into(&[0.3], &mut out);
            assert!((out[0] - 0.5).abs() < 0.1, "{out:?} with {params:?}");
        }
    }

    #[test]
    fn parts_of_wrong_shape_are_refused() {
        let build = |counts: Vec<usize>, vectors: usize| {
            SvmMachine::from_parts(
                MachineKernel::Linear,
                1,
                vec![0.0; vectors],
                counts,
                vec![0.0; 2],
                vec![0.0],
            )
        };
        assert!(build(vec![1, 1], 2).is_some());
        assert!(build(vec![1, 1], 3).is_none());
        assert!(build(vec![usize::MAX, 1], 2).is_none());
        assert!(build(vec![2], 2).is_none());
    }
}
