//! Multinomial logistic regression with an L2 penalty on the coefficients, not on the intercepts.
//!
//! The objective is scikit-learn's, `C · Σ weight · log loss + ½‖w‖²`. Our own L-BFGS on libm finds its
//! optimum with the same bits on every platform; smartcore's, with `alpha = 1 / C`, can be chosen
//! instead and may differ in the last bits. Prediction is our own softmax on libm either way.

#[cfg(feature = "checkpoint")]
mod checkpoint;
mod exponential;
mod federated;
mod lbfgs;
mod objective;
mod online;
mod smartcore_solver;
mod training;

use serde::{Deserialize, Serialize};

#[cfg(feature = "checkpoint")]
pub(crate) use self::checkpoint::LogisticState;
pub use self::federated::{FederatedError, federated_average};
pub use self::online::{OnlineError, OnlineLogisticRegression, OnlineParams};
pub(crate) use self::training::LogisticTraining;
use super::softmax::softmax;
use super::{ClassWeight, FitError, ParamError, TrainingRows, are_sound, check_positive};
use crate::budget::Budget;

/// Who finds the optimum; there is one, and both find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// Our own limited-memory BFGS.
    #[default]
    Lbfgs,
    /// smartcore's.
    Smartcore,
}

/// Parameters of logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegressionParams {
    /// Inverse strength of the L2 penalty; default 1.
    pub c: f64,
    /// Who finds the optimum; default our own.
    #[serde(default)]
    pub solver: Solver,
    /// What the loss of a row of each class weighs; default all the same. Our own solver only.
    #[serde(default)]
    pub class_weight: ClassWeight,
}

impl Default for LogisticRegressionParams {
    fn default() -> Self {
        Self { c: 1.0, solver: Solver::default(), class_weight: ClassWeight::default() }
    }
}

impl LogisticRegressionParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] if C is not a finite number above 0 or a class weight is out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        check_positive("C", self.c)?;
        self.class_weight.check()
    }
}

/// A fitted model: `n_classes` x `n_features` coefficients and an intercept a class.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    coefficients: Vec<f64>,
    intercepts: Vec<f64>,
    n_features: usize,
}

impl LogisticRegression {
    /// Fits on standardised rows.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], [`FitError::Solver`] if smartcore refuses
    /// the rows or is asked to weigh classes, and [`FitError::Diverged`] if its answer is not finite.
    pub fn fit(
        rows: TrainingRows<'_>,
        params: &LogisticRegressionParams,
    ) -> Result<Self, FitError> {
        let mut training = LogisticTraining::new(rows, params)?;
        while training.step(rows, &mut Budget::unlimited()) {}
        training.finish(rows)
    }

    /// The model with these parameters, if their shapes fit and all are within
    /// [`MAX_PARAMETER`](super::MAX_PARAMETER).
    #[must_use]
    pub fn from_parts(
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        n_features: usize,
    ) -> Option<Self> {
        let sound = are_sound(coefficients.iter().chain(&intercepts));
        let fits = n_features > 0
            && intercepts.len() >= 2
            && intercepts.len().checked_mul(n_features) == Some(coefficients.len());
        (sound && fits).then_some(Self { coefficients, intercepts, n_features })
    }

    /// Coefficients, a row of `n_features` a class.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// An intercept a class.
    #[must_use]
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.intercepts.len()
    }

    /// Writes the softmax of the class scores of standardised `values` into `out`.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        let weights = self.coefficients.chunks_exact(self.n_features);
        for ((out, intercept), weights) in out.iter_mut().zip(&self.intercepts).zip(weights) {
            *out = weights.iter().zip(values).fold(*intercept, |sum, (w, x)| sum + w * x);
        }
        softmax(out);
    }
}

/// Shifts each column so that it sums to 0 over the classes: the softmax stays as it is, and the
/// unpenalised intercepts get the one representative that scikit-learn reports.
fn centre(values: &mut [f64], width: usize, n_classes: usize) {
    for column in 0..width {
        let mean = values.iter().skip(column).step_by(width).sum::<f64>() / n_classes as f64;
        values.iter_mut().skip(column).step_by(width).for_each(|value| *value -= mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_solvers_find_one_optimum() {
        let mut rng = crate::rng::SplitMix64::new(9);
        for n_classes in [2, 4] {
            let values: Vec<f64> = (0..300).map(|_| 2.0 * rng.unit() - 1.0).collect();
            let labels: Vec<u32> = values
                .chunks_exact(3)
                .map(|row| (row[0] + 0.5 * rng.unit() > 0.3) as u32 + rng.below(n_classes - 1))
                .collect();
            let n_classes = n_classes as usize;
            let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes };
            let fit = |solver| {
                let params = LogisticRegressionParams { c: 2.0, solver, ..Default::default() };
                LogisticRegression::fit(rows, &params).unwrap()
            };
            let (ours, theirs) = (fit(Solver::Lbfgs), fit(Solver::Smartcore));
            for (a, b) in ours.coefficients().iter().zip(theirs.coefficients()) {
                assert!((a - b).abs() < 1e-6, "{n_classes}: {a} {b}");
            }
        }
    }

    #[test]
    fn two_classes_are_fitted_too() {
        let rows = TrainingRows {
            values: &[-1.0, -0.5, 0.5, 1.0],
            labels: &[0, 0, 1, 1],
            n_features: 1,
            n_classes: 2,
        };
        let model = LogisticRegression::fit(rows, &LogisticRegressionParams::default()).unwrap();
        let mut out = [0.0; 2];
        model.predict_proba_into(&[1.0], &mut out);
        // Newton's method on w² / 2 + Σ log loss gives w = 0.944216305367638.
        assert!((out[1] - 0.719_950_544).abs() < 1e-6, "{out:?}");
        assert!((out[0] + out[1] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn balanced_classes_are_those_of_scikit_learn() {
        // X, y = load_iris(return_X_y=True); rows = np.r_[0:50, 50:70, 100:110], then np.r_[50:70,
        // 100:110]; LogisticRegression(class_weight="balanced", C=1, tol=1e-12,
        // solver="newton-cholesky").fit(X[rows], y[rows]), scikit-learn 1.9.1. Its lbfgs, which
        // stops when the value does, is 1e-6 off.
        let iris = crate::Dataset::iris();
        let fit = |rows: &[usize], first: u32| {
            let values: Vec<f64> = rows.iter().flat_map(|&row| iris.row(row)).copied().collect();
            let labels: Vec<u32> = rows.iter().map(|&row| iris.label(row) - first).collect();
            let n_classes = 3 - first as usize;
            let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes };
            let class_weight = ClassWeight::Balanced;
            let params = LogisticRegressionParams { class_weight, ..Default::default() };
            LogisticRegression::fit(rows, &params).unwrap()
        };
        let close = |got: &[f64], expected: &[f64]| {
            assert_eq!(got.len(), expected.len());
            for (a, b) in got.iter().zip(expected) {
                assert!((a - b).abs() < 1e-6, "{got:?}");
            }
        };
        let three: Vec<usize> = (0..70).chain(100..110).collect();
        let model = fit(&three, 0);
        #[rustfmt::skip]
        close(model.coefficients(), &[
            -0.296_528_486, 0.810_470_044, -2.137_079_943, -0.883_919_379,
            0.763_223_152, -0.322_017_366, -0.310_834_098, -0.482_594_025,
            -0.466_694_666, -0.488_452_679, 2.447_914_041, 1.366_513_404,
        ]);
        close(model.intercepts(), &[7.948_510_328, 0.372_209_771, -8.320_720_099]);
        let two: Vec<usize> = (50..70).chain(100..110).collect();
        let model = fit(&two, 1);
        close(
            &model.coefficients()[4..],
            &[-0.493_216_052, -0.294_058_655, 2.080_720_597, 1.215_041_836],
        );
        close(&model.intercepts()[1..], &[-8.492_487_452]);
    }

    #[test]
    fn equal_weights_change_no_bit_and_smartcore_takes_none() {
        let rows = TrainingRows {
            values: &[-1.0, -0.5, 0.7, 1.0],
            labels: &[0, 1, 0, 1],
            n_features: 1,
            n_classes: 2,
        };
        let fit = |class_weight, solver| {
            let params = LogisticRegressionParams { c: 2.0, class_weight, solver };
            LogisticRegression::fit(rows, &params)
        };
        let uniform = fit(ClassWeight::Uniform, Solver::Lbfgs).unwrap();
        assert_eq!(fit(ClassWeight::Balanced, Solver::Lbfgs).unwrap(), uniform);
        let refused = fit(ClassWeight::Balanced, Solver::Smartcore);
        assert!(matches!(refused, Err(FitError::Solver(_))), "{refused:?}");
    }

    #[test]
    fn parts_of_wrong_shape_are_refused() {
        assert!(LogisticRegression::from_parts(vec![1.0; 3], vec![0.0; 2], 2).is_none());
        assert!(LogisticRegression::from_parts(vec![f64::NAN, 0.0], vec![0.0; 2], 1).is_none());
        assert!(LogisticRegression::from_parts(vec![], vec![0.0; 2], 0).is_none());
    }
}
