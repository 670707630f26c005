//! What stands in for a missing value: the median of a numeric column, the mode of a categorical.
//!
//! Source: scikit-learn's `SimpleImputer` with `median` and `most_frequent`.

use crate::dataset::{ColumnKind, Dataset};

/// A fitted imputer: one value a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputer {
    fill: Vec<f64>,
}

impl Imputer {
    /// Fits on `rows` of `dataset`; a column without any value in them gets 0, or the first
    /// category.
    #[must_use]
    pub fn fit(dataset: &Dataset, rows: &[usize]) -> Self {
        let fill = (0..dataset.n_features()).map(|at| Self::fill_of(dataset, rows, at));
        Self { fill: fill.collect() }
    }

    /// What stands in for a missing value of one column.
    pub(super) fn fill_of(dataset: &Dataset, rows: &[usize], at: usize) -> f64 {
        let mut present: Vec<f64> =
            rows.iter().map(|&row| dataset.row(row)[at]).filter(|v| !v.is_nan()).collect();
        crate::order::sort_values(&mut present);
        match dataset.columns()[at].kind {
            ColumnKind::Numeric => median(&present),
            ColumnKind::Categorical(_) => mode(&present),
        }
    }

    /// With what [`fill_of`](Self::fill_of) gives for each column.
    pub(super) fn of_fill(fill: Vec<f64>) -> Self {
        Self { fill }
    }

    /// The imputer with these values, if all are finite.
    #[must_use]
    pub fn from_parts(fill: Vec<f64>) -> Option<Self> {
        fill.iter().all(|value| value.is_finite()).then_some(Self { fill })
    }

    /// What stands in for a missing value, by column.
    #[must_use]
    pub fn fill(&self) -> &[f64] {
        &self.fill
    }

    /// The values of a row with none missing.
    pub(super) fn filled<'a>(
        &'a self,
        values: &'a [f64],
    ) -> impl Iterator<Item = f64> + Clone + 'a {
        values.iter().zip(&self.fill).map(|(v, fill)| if v.is_nan() { *fill } else { *v })
    }

    /// The value of one column, filled in if it is missing.
    pub(super) fn value(&self, values: &[f64], at: usize) -> f64 {
        let value = values.get(at).copied().unwrap_or(f64::NAN);
        if value.is_nan() { self.fill.get(at).copied().unwrap_or_default() } else { value }
    }
}

/// The middle of sorted values, or the mean of the two in the middle; 0 of none.
fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match sorted.get(half) {
        None => 0.0,
        Some(&upper) if sorted.len() % 2 == 1 => upper,
        // Halves first, as their sum may overflow; exact but for subnormal numbers.
        Some(&upper) => sorted[half - 1] / 2.0 + upper / 2.0,
    }
}

/// The most frequent of sorted values, the least of equally frequent ones; 0 of none.
fn mode(sorted: &[f64]) -> f64 {
    let (mut best, mut best_count) = (0.0, 0);
    for run in sorted.chunk_by(|a, b| a == b) {
        if run.len() > best_count {
            (best, best_count) = (run[0], run.len());
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_mode_are_those_of_scikit_learn() {
        // SimpleImputer(strategy="median"), SimpleImputer(strategy="most_frequent")
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), 3.0);
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
        assert!(median(&[f64::MAX, f64::MAX]).is_finite());
        assert_eq!(mode(&[0.0, 1.0, 1.0, 2.0, 2.0]), 1.0);
        assert_eq!(mode(&[]), 0.0);
    }

    #[test]
    fn only_the_rows_asked_for_count() {
        let data = Dataset::from_csv(
            b"x,colour,y\n1,red,a\n,red,b\n5,,a\n100,blue,b\n",
            &crate::CsvOptions::default(),
        )
        .unwrap();
        let imputer = Imputer::fit(&data, &[0, 1, 2]);
        assert_eq!(imputer.fill(), [3.0, 1.0]);
        assert_eq!(imputer.filled(data.row(1)).collect::<Vec<_>>(), [3.0, 1.0]);
        assert_eq!(imputer.value(data.row(3), 0), 100.0);
    }
}
