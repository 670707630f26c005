//! Multinomial logistic regression with an L2 penalty on the coefficients, not on the intercepts.
//!
//! Fitted by smartcore's L-BFGS with `alpha = 1 / C`, which is scikit-learn's objective
//! `C · Σ log loss + ½‖w‖²`; predicted by our own softmax on libm, so that one artifact gives the
//! same bits on every platform. Fitting uses the platform's `exp` and may differ in the last bits.

use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{
    LogisticRegression as Solver, LogisticRegressionParameters,
};

use super::{FitError, ParamError, TrainingRows, are_sound, check_positive};

/// Parameters of logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegressionParams {
    /// Inverse strength of the L2 penalty; default 1.
    pub c: f64,
}

impl Default for LogisticRegressionParams {
    fn default() -> Self {
        Self { c: 1.0 }
    }
}

impl LogisticRegressionParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] if C is not a finite number above 0.
    pub fn check(&self) -> Result<(), ParamError> {
        check_positive("C", self.c)
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
    /// the rows, and [`FitError::Diverged`] if its answer is not finite.
    pub fn fit(
        rows: TrainingRows<'_>,
        params: &LogisticRegressionParams,
    ) -> Result<Self, FitError> {
        params.check()?;
        rows.class_counts()?;
        let solver_error = |error: smartcore::error::Failed| FitError::Solver(error.to_string());
        let x = DenseMatrix::new(rows.n_samples(), rows.n_features, rows.values.to_vec(), false)
            .map_err(solver_error)?;
        let y = rows.labels.to_vec();
        let parameters = LogisticRegressionParameters::default().with_alpha(1.0 / params.c);
        let fitted = Solver::fit(&x, &y, parameters).map_err(solver_error)?;
        let mut coefficients: Vec<f64> = fitted.coefficients().iterator(0).copied().collect();
        let mut intercepts: Vec<f64> = fitted.intercept().iterator(0).copied().collect();
        if rows.n_classes == 2 {
            // One sigmoid for class 1 is the softmax of its logit and 0.
            coefficients.splice(0..0, vec![0.0; rows.n_features]);
            intercepts.insert(0, 0.0);
        } else {
            centre(&mut coefficients, rows.n_features, rows.n_classes);
            centre(&mut intercepts, 1, rows.n_classes);
        }
        Self::from_parts(coefficients, intercepts, rows.n_features).ok_or(FitError::Diverged)
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

/// Turns scores into probabilities, in place; the greatest score is taken off first so that
/// nothing overflows.
fn softmax(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = libm::exp(*score - greatest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_of_huge_scores_is_finite() {
        let mut scores = [1e308, -1e308, 1e308];
        softmax(&mut scores);
        assert_eq!(scores, [0.5, 0.0, 0.5]);
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
    fn parts_of_wrong_shape_are_refused() {
        assert!(LogisticRegression::from_parts(vec![1.0; 3], vec![0.0; 2], 2).is_none());
        assert!(LogisticRegression::from_parts(vec![f64::NAN, 0.0], vec![0.0; 2], 1).is_none());
        assert!(LogisticRegression::from_parts(vec![], vec![0.0; 2], 0).is_none());
    }
}
