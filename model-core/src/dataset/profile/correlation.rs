//! Pearson correlation between numeric columns.

use serde::{Deserialize, Serialize};

use super::numeric::NumericProfile;

/// Most numeric columns whose correlation is computed, the first ones: at 200,000 rows their 1,225
/// pairs take a second or two.
pub const MAX_CORRELATED: usize = 50;

/// Correlation of each numeric column with each, of at most [`MAX_CORRELATED`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// Indices of the columns, among all of the profile.
    pub columns: Vec<usize>,
    /// The symmetric matrix row by row, -1 to 1, over the rows where both columns have a value.
    /// Absent if a column does not vary there, as without two rows.
    pub values: Vec<Option<f64>>,
}

impl Correlation {
    /// Correlation between columns, which come with their index and profile.
    pub(super) fn of(columns: &[(usize, &[f64], &NumericProfile)]) -> Self {
        let columns = columns.get(..MAX_CORRELATED).unwrap_or(columns);
        let p = columns.len();
        let mut values = vec![None; p * p];
        for (i, &(_, x, x_profile)) in columns.iter().enumerate() {
            for (j, &(_, y, y_profile)) in columns.iter().enumerate().skip(i) {
                let is_full = x_profile.missing == 0 && y_profile.missing == 0;
                let (x_standard, y_standard) = (Standard::of(x_profile), Standard::of(y_profile));
                let pairs = x
                    .iter()
                    .zip(y)
                    .filter(|(x, y)| is_full || (x.is_finite() && y.is_finite()))
                    .map(|(&x, &y)| (x_standard.apply(x), y_standard.apply(y)));
                let correlation = if x_profile.is_constant() || y_profile.is_constant() {
                    None
                } else if i == j {
                    Some(1.0)
                } else if is_full {
                    pearson(pairs, (0.0, 0.0))
                } else {
                    means_if_varied(pairs.clone()).and_then(|means| pearson(pairs, means))
                };
                values[i * p + j] = correlation;
                values[j * p + i] = correlation;
            }
        }
        Self { columns: columns.iter().map(|column| column.0).collect(), values }
    }
}

/// What brings a column to mean 0 and deviation 1, so that no product overflows.
#[derive(Clone, Copy)]
struct Standard {
    mean: f64,
    inverse: f64,
}

impl Standard {
    fn of(profile: &NumericProfile) -> Self {
        Self { mean: profile.mean, inverse: 1.0 / profile.std }
    }

    fn apply(self, value: f64) -> f64 {
        (value - self.mean) * self.inverse
    }
}

/// Means of both sides; `None` if a side does not vary, which rounding would hide later.
fn means_if_varied(pairs: impl Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let mut pairs = pairs.peekable();
    let first = *pairs.peek()?;
    let (mut n, mut sum, mut varies) = (0_u32, (0.0, 0.0), (false, false));
    for pair in pairs {
        n += 1;
        sum = (sum.0 + pair.0, sum.1 + pair.1);
        varies = (varies.0 || pair.0 != first.0, varies.1 || pair.1 != first.1);
    }
    (varies == (true, true)).then(|| (sum.0 / f64::from(n), sum.1 / f64::from(n)))
}

/// The correlation of standardised `pairs` around `means`.
fn pearson(pairs: impl Iterator<Item = (f64, f64)>, means: (f64, f64)) -> Option<f64> {
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (x, y) = (pair.0 - means.0, pair.1 - means.1);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    let correlation: f64 = xy / (xx.sqrt() * yy.sqrt());
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn correlation(columns: &[&[f64]]) -> Correlation {
        let profiles: Vec<_> = columns.iter().map(|values| NumericProfile::of(values)).collect();
        let columns: Vec<_> = columns
            .iter()
            .zip(&profiles)
            .enumerate()
            .map(|(index, (&values, profile))| (index, values, profile))
            .collect();
        Correlation::of(&columns)
    }

    fn close(got: Option<f64>, expected: f64) {
        assert!((got.unwrap() - expected).abs() < 1e-14, "{got:?} {expected}");
    }

    #[test]
    fn complete_columns_are_those_of_numpy() {
        // numpy.corrcoef([x, y, z])
        let x = [1.0, 2.0, 4.0, 7.5, -3.0, 0.25];
        let y = [2.0, 1.5, 3.0, 9.0, 0.0, 1.0];
        let z = [1e6, 1e6 - 1.0, 1e6 + 2.0, 1e6 - 4.0, 1e6 + 3.0, 1e6];
        let matrix = correlation(&[&x, &y, &z]).values;
        close(matrix[1], 0.9150691659312732);
        close(matrix[2], -0.7572587685335712);
        close(matrix[5], -0.7984925556608423);
        assert_eq!((matrix[0], matrix[3], matrix[7]), (Some(1.0), matrix[1], matrix[5]));
    }

    #[test]
    fn pairs_with_missing_values_are_those_of_pandas() {
        // pandas.DataFrame({"x": x, "y": y}).corr(): numpy.corrcoef of the complete rows
        let x = [1.0, NAN, 4.0, 7.5, -3.0, 0.25, 100.0];
        let y = [2.0, 1.5, 3.0, 9.0, 0.0, 1.0, NAN];
        close(correlation(&[&x, &y]).values[1], 0.9331950924478333);
    }

    #[test]
    fn columns_that_do_not_vary_together_have_none() {
        let constant = correlation(&[&[0.1; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]]).values;
        assert_eq!(constant, [None, None, None, Some(1.0)]);
        // The first varies, but not where the second has a value.
        let x = [0.1, 0.1, 0.1, 5.0];
        let y = [1.0, 2.0, 3.0, NAN];
        assert_eq!(correlation(&[&x, &y]).values[1], None);
        assert_eq!(correlation(&[&[1.0, NAN, 2.0], &[NAN, 1.0, 2.0]]).values[1], None);
        assert_eq!(correlation(&[&[1.0, 2.0, NAN, NAN], &[NAN, NAN, 1.0, 2.0]]).values[1], None);
    }

    #[test]
    fn only_the_first_columns_are_correlated() {
        let column = [1.0, 2.0, 3.0];
        let correlation = correlation(&[&column[..]; MAX_CORRELATED + 3]);
        assert_eq!(correlation.columns.len(), MAX_CORRELATED);
        assert_eq!(correlation.values.len(), MAX_CORRELATED * MAX_CORRELATED);
    }

    #[test]
    fn far_values_stay_finite() {
        let matrix = correlation(&[&[-1e300, 0.0, 1e300], &[1.0, 0.0, -1.0]]).values;
        close(matrix[1], -1.0);
    }
}
