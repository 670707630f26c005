//! Weighted ridge regression of several targets at once, by Cholesky's decomposition.
//!
//! Source: scikit-learn's `Ridge(solver="cholesky")` with `sample_weight`, which leaves the
//! intercept out of the penalty.

use super::ExplanationError;

/// Fitted linear functions, one a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// By target, a coefficient a column.
    pub coefficients: Vec<Vec<f64>>,
    /// By target.
    pub intercepts: Vec<f64>,
}

/// The functions that minimise, for each target, the weighted sum of squared errors plus `alpha`
/// times the sum of squared coefficients.
///
/// `x` has `weights.len()` rows of `width` values, `y` as many rows of `n_targets`.
///
/// # Errors
/// [`ExplanationError::NoRows`] if no weight is above 0 or lengths do not fit,
/// [`ExplanationError::Singular`] if columns depend on each other and `alpha` is 0.
pub fn weighted_ridge(
    x: &[f64],
    y: &[f64],
    weights: &[f64],
    width: usize,
    n_targets: usize,
    alpha: f64,
) -> Result<Ridge, ExplanationError> {
    let total: f64 = weights.iter().sum();
    let fits = x.len() == weights.len() * width && y.len() == weights.len() * n_targets;
    if !fits || width == 0 || n_targets == 0 || !(total > 0.0 && total.is_finite()) {
        return Err(ExplanationError::NoRows);
    }
    let mean_x = weighted_mean(x, weights, width, total);
    let mean_y = weighted_mean(y, weights, n_targets, total);
    let (mut gram, mut right) = (vec![0.0; width * width], vec![0.0; width * n_targets]);
    let mut centred = vec![0.0; width];
    for ((x, y), weight) in x.chunks_exact(width).zip(y.chunks_exact(n_targets)).zip(weights) {
        for (centred, (value, mean)) in centred.iter_mut().zip(x.iter().zip(&mean_x)) {
            *centred = value - mean;
        }
        for (a, &first) in centred.iter().enumerate() {
            for (b, &second) in centred.iter().enumerate().take(a + 1) {
                gram[a * width + b] += weight * first * second;
            }
            for (t, (value, mean)) in y.iter().zip(&mean_y).enumerate() {
                right[a * n_targets + t] += weight * first * (value - mean);
            }
        }
    }
    (0..width).for_each(|a| gram[a * width + a] += alpha);
    decompose(&mut gram, width)?;
    solve(&gram, &mut right, width, n_targets);
    let coefficients: Vec<Vec<f64>> = (0..n_targets)
        .map(|t| right.iter().skip(t).step_by(n_targets).copied().collect())
        .collect();
    let offset = |of: &Vec<f64>| of.iter().zip(&mean_x).map(|(c, mean)| c * mean).sum::<f64>();
    let intercepts = coefficients.iter().zip(&mean_y).map(|(of, mean)| mean - offset(of)).collect();
    Ok(Ridge { coefficients, intercepts })
}

/// The weighted mean of each of `width` columns.
fn weighted_mean(values: &[f64], weights: &[f64], width: usize, total: f64) -> Vec<f64> {
    let mut mean = vec![0.0; width];
    for (row, weight) in values.chunks_exact(width).zip(weights) {
        mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
    }
    mean.iter_mut().for_each(|sum| *sum /= total);
    mean
}

/// Replaces the lower triangle of a symmetric matrix by L, where L times its transpose is it.
fn decompose(matrix: &mut [f64], n: usize) -> Result<(), ExplanationError> {
    for row in 0..n {
        for column in 0..=row {
            let dot: f64 = (0..column).map(|k| matrix[row * n + k] * matrix[column * n + k]).sum();
            let rest = matrix[row * n + column] - dot;
            matrix[row * n + column] = if column < row {
                rest / matrix[column * n + column]
            } else if rest > matrix[row * n + row] * 1e-14 {
                rest.sqrt()
            } else {
                // Nothing is left of the column but rounding.
                return Err(ExplanationError::Singular);
            };
        }
    }
    Ok(())
}

/// Replaces the right sides (`n` x `m`) by the solutions, by L and then by its transpose.
fn solve(l: &[f64], right: &mut [f64], n: usize, m: usize) {
    for t in 0..m {
        for row in 0..n {
            let dot: f64 = (0..row).map(|k| l[row * n + k] * right[k * m + t]).sum();
            right[row * m + t] = (right[row * m + t] - dot) / l[row * n + row];
        }
        for row in (0..n).rev() {
            let dot: f64 = (row + 1..n).map(|k| l[k * n + row] * right[k * m + t]).sum();
            right[row * m + t] = (right[row * m + t] - dot) / l[row * n + row];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 10] = [0.5, 1.0, -1.0, 2.0, 0.0, 0.0, 2.0, -1.0, 1.5, 0.5];
    const WEIGHTS: [f64; 5] = [1.0, 0.5, 2.0, 0.25, 1.5];

    #[test]
    fn a_linear_function_is_found_without_penalty() {
        let y: Vec<f64> =
            X.chunks(2).flat_map(|x| [3.0 + 2.0 * x[0] - x[1], 7.0 - 0.5 * x[0]]).collect();
        let ridge = weighted_ridge(&X, &y, &WEIGHTS, 2, 2, 0.0).unwrap();
        for (got, want) in ridge.coefficients.concat().iter().zip([2.0, -1.0, -0.5, 0.0]) {
            assert!((got - want).abs() < 1e-12, "{ridge:?}");
        }
        assert!((ridge.intercepts[0] - 3.0).abs() < 1e-12);
        assert!((ridge.intercepts[1] - 7.0).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_solution_is_refused() {
        let constant = [1.0; 10];
        let of = |x: &[f64], weights: &[f64], alpha| {
            weighted_ridge(x, &[1.0, 2.0, 3.0, 4.0, 5.0], weights, 2, 1, alpha)
        };
        assert_eq!(of(&constant, &WEIGHTS, 0.0), Err(ExplanationError::Singular));
        let flat = of(&constant, &WEIGHTS, 1.0).unwrap();
        assert_eq!(flat.coefficients, [[0.0, 0.0]]);
        assert_eq!(of(&X, &[0.0; 5], 1.0), Err(ExplanationError::NoRows));
        assert_eq!(of(&X[..8], &WEIGHTS, 1.0), Err(ExplanationError::NoRows));
    }
}
