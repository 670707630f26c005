//! Standardisation: each column to mean 0 and standard deviation 1.
//!
//! Source: scikit-learn's `StandardScaler` (population standard deviation, ddof 0).

/// Standardised values keep within this: farther out no model changes its answer, and products
/// of them with parameters within [`MAX_PARAMETER`](crate::model::MAX_PARAMETER) stay finite.
pub(crate) const MAX_STANDARDISED: f64 = 1e100;

/// A fitted scaler: `(value - mean) / scale` a column.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl StandardScaler {
    /// Fits on `values`, row-major, a row of as many values as `scaled` has entries; a column
    /// that `scaled` does not name stays as it is.
    ///
    /// A constant column gets its value as mean and a scale of 1, so that it becomes exactly 0.
    #[must_use]
    pub fn fit(values: &[f64], scaled: &[bool]) -> Self {
        let width = scaled.len().max(1);
        let of_column = |(at, &scaled)| Self::moments(values, width, at, scaled);
        let (mean, scale) = scaled.iter().enumerate().map(of_column).unzip();
        Self { mean, scale }
    }

    /// Mean and scale of column `at` of row-major `values`; 0 and 1 if it is not to be scaled.
    pub(super) fn moments(values: &[f64], width: usize, at: usize, is_scaled: bool) -> (f64, f64) {
        if !is_scaled {
            return (0.0, 1.0);
        }
        // Side by side, since it is gone through five times.
        let column: Vec<f64> = values.iter().skip(at).step_by(width).copied().collect();
        let n = column.len().max(1) as f64;
        let first = column.first().copied().unwrap_or_default();
        if column.iter().all(|value| *value == first) {
            return (first, 1.0);
        }
        let m = column.iter().sum::<f64>() / n;
        // The second pass takes back what rounding left in the mean.
        let m = m + column.iter().map(|value| value - m).sum::<f64>() / n;
        let variance = column.iter().map(|value| (value - m) * (value - m)).sum::<f64>() / n;
        // Values too close for their squares to be told apart scale like a constant.
        let is_told_apart = variance > 0.0 && variance.is_finite();
        (m, if is_told_apart { variance.sqrt() } else { 1.0 })
    }

    /// With the [`moments`](Self::moments) of each column.
    pub(super) fn of_moments(mean: Vec<f64>, scale: Vec<f64>) -> Self {
        Self { mean, scale }
    }

    /// The scaler with these means and scales, if they are as many, finite and no scale is zero.
    #[must_use]
    pub fn from_parts(mean: Vec<f64>, scale: Vec<f64>) -> Option<Self> {
        let sound = mean.len() == scale.len()
            && mean.iter().all(|value| value.is_finite())
            && scale.iter().all(|value| value.is_finite() && *value > 0.0);
        sound.then_some(Self { mean, scale })
    }

    /// Mean of each column.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Standard deviation of each column, 1 for a constant one.
    #[must_use]
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Writes the standardised `values` into `out`.
    pub fn transform_into(&self, values: impl Iterator<Item = f64>, out: &mut [f64]) {
        let parameters = self.mean.iter().zip(&self.scale);
        for ((out, value), (mean, scale)) in out.iter_mut().zip(values).zip(parameters) {
            *out = standardised(value, *mean, *scale);
        }
    }

    /// Standardises a row in place.
    pub fn transform(&self, row: &mut [f64]) {
        for ((value, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
            *value = standardised(*value, *mean, *scale);
        }
    }
}

fn standardised(value: f64, mean: f64, scale: f64) -> f64 {
    ((value - mean) / scale).clamp(-MAX_STANDARDISED, MAX_STANDARDISED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(values: &[f64]) -> Vec<f64> {
        let scaler = StandardScaler::fit(values, &[true]);
        values
            .iter()
            .map(|&value| {
                let mut row = [value];
                scaler.transform(&mut row);
                row[0]
            })
            .collect()
    }

    #[test]
    fn columns_that_are_not_to_be_scaled_stay() {
        let scaler = StandardScaler::fit(&[1.0, 1.0, 3.0, 0.0], &[true, false]);
        let mut out = [0.0; 2];
        scaler.transform_into([3.0, 1.0].into_iter(), &mut out);
        assert_eq!(out, [1.0, 1.0]);
    }

    #[test]
    fn constant_feature_scales_to_zero() {
        // The mean of three 0.1 is not 0.1 in floating point.
        assert_eq!(scaled(&[0.1, 0.1, 0.1]), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn deviation_is_the_population_one() {
        // StandardScaler().fit_transform([[1], [2], [3]])
        let out = scaled(&[1.0, 2.0, 3.0]);
        assert!((out[2] - 1.224_744_871_391_589).abs() < 1e-15, "{out:?}");
        assert_eq!(out[1], 0.0);
    }

    #[test]
    fn values_whose_squares_vanish_or_overflow_stay_finite() {
        for values in [[1e-300, 2e-300, 3e-300], [-1e200, 0.0, 1e200]] {
            assert!(scaled(&values).iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn the_farthest_values_stay_finite() {
        let scaler = StandardScaler::from_parts(vec![-1e308], vec![1e-300]).unwrap();
        let mut out = [0.0];
        scaler.transform_into([1e308].into_iter(), &mut out);
        assert_eq!(out, [1e100]);
    }

    #[test]
    fn parts_that_would_divide_by_zero_are_refused() {
        assert!(StandardScaler::from_parts(vec![0.0], vec![0.0]).is_none());
        assert!(StandardScaler::from_parts(vec![0.0], vec![]).is_none());
        assert!(StandardScaler::from_parts(vec![f64::NAN], vec![1.0]).is_none());
    }
}
