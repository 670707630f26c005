//! smartcore's L-BFGS: the same objective, by another hand.

use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};

use crate::model::all_fits::all_fits;
use crate::model::{FitError, TrainingRows};

/// Weights and intercepts: of class 1 alone if there are two classes, else of each class.
///
/// # Errors
/// [`FitError::Solver`] if smartcore refuses the rows.
pub(super) fn solve(rows: TrainingRows<'_>, c: f64) -> Result<(Vec<f64>, Vec<f64>), FitError> {
    all_fits()?;
    let failed = |error: smartcore::error::Failed| FitError::Solver(error.to_string());
    let values = rows.values.to_vec();
    let x = DenseMatrix::new(rows.n_samples(), rows.n_features, values, false).map_err(failed)?;
    let y = rows.labels.to_vec();
    // Its default of 0 is no penalty at all.
    let parameters = LogisticRegressionParameters::default().with_alpha(1.0 / c);
    let fitted = LogisticRegression::fit(&x, &y, parameters).map_err(failed)?;
    let coefficients = fitted.coefficients().iterator(0).copied().collect();
    let intercepts = fitted.intercept().iterator(0).copied().collect();
    Ok((coefficients, intercepts))
}
