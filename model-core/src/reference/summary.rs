//! What a model carries of its training rows if it carries none of them: how the values of each
//! column are distributed, by itself.
//!
//! A number stands for at least [`MIN_GROUP`] neighbouring values: the value itself where that many
//! rows share it, otherwise the mean of a group. Fewer values than that fall to a neighbour. No
//! value stands for a single row, and nothing says which values of two columns were in one row.
//! Categories are counted.
//!
//! Source: Domingo-Ferrer & Mateo-Sanz, "Practical data-oriented microaggregation for statistical
//! disclosure control", IEEE Transactions on Knowledge and Data Engineering 14 (2002), on one column.

use super::ReferenceRows;
use crate::order::sort_values;
use crate::schema::{Feature, FeatureKind, NumericRange, Schema, unscaled};

/// Fewest rows that a number of a summary stands for.
pub(crate) const MIN_GROUP: usize = 5;

/// Of each column of a schema, how its values are distributed in rows that are not carried.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceSummary {
    pub(crate) columns: Vec<ColumnSummary>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnSummary {
    /// Rows without a value.
    pub n_missing: u32,
    /// Numbers, or indices of categories, ascending.
    pub values: Vec<f64>,
    /// Rows that each of them stands for.
    pub counts: Vec<u32>,
    /// Rows by which the number of rows up to a value may be off.
    pub rank_error: u32,
}

impl ReferenceSummary {
    /// The columns, in the schema's order.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams};
    /// let model = TrainParams::new(Family::GaussianNb).train(&Dataset::iris())?.without_rows()?;
    /// let summary = model.reference_summary().expect("it carries no rows");
    /// assert_eq!(summary.columns().len(), 4);
    /// assert!(summary.columns().iter().all(|column| column.counts.iter().all(|rows| *rows >= 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> &[ColumnSummary] {
        &self.columns
    }

    /// The summary of rows of a schema.
    pub(crate) fn of(rows: &ReferenceRows, schema: &Schema) -> Self {
        let column = |(at, feature): (usize, &Feature)| {
            let all = rows.rows().map(|(row, _)| row.get(at).copied().unwrap_or(f64::NAN));
            let mut values: Vec<f64> = all.filter(|value| !value.is_nan()).collect();
            sort_values(&mut values);
            let n_missing = (rows.len() - values.len()) as u32;
            let (values, counts, rank_error) = match &feature.kind {
                FeatureKind::Numeric(range) => grouped(&values, range),
                FeatureKind::Categorical(_) => counted(&values),
            };
            ColumnSummary { n_missing, values, counts, rank_error }
        };
        Self { columns: schema.features.iter().enumerate().map(column).collect() }
    }
}

/// Distinct values, the rows of each, and by how much ranks are off.
type Distribution = (Vec<f64>, Vec<u32>, u32);

fn counted(sorted: &[f64]) -> Distribution {
    let (mut values, mut counts) = (Vec::new(), Vec::new());
    for run in sorted.chunk_by(|a, b| a == b) {
        values.extend(run.first());
        counts.push(run.len() as u32);
    }
    (values, counts, 0)
}

/// Numbers in groups of [`MIN_GROUP`] and more. If there are fewer, none stands for them.
fn grouped(sorted: &[f64], range: &NumericRange) -> Distribution {
    // Of each group, where it ends, and the value that enough of its rows share.
    let mut groups: Vec<(usize, Option<f64>)> = Vec::new();
    let (mut start, mut end) = (0, 0);
    for run in sorted.chunk_by(|a, b| a == b) {
        end += run.len();
        if end - start >= MIN_GROUP {
            groups.push((end, run.first().copied().filter(|_| run.len() >= MIN_GROUP)));
            start = end;
        }
    }
    if let Some((last, _)) = groups.last_mut() {
        *last = sorted.len();
    }
    let (mut values, mut counts, mut rank_error, mut start) = (Vec::new(), Vec::new(), 0, 0);
    for (end, shared) in groups {
        let group = sorted.get(start..end).unwrap_or_default();
        // Minus zero, which equals zero, becomes it.
        let value = shared.unwrap_or_else(|| mean(group, range.decimals)) + 0.0;
        let below = group.partition_point(|other| *other < value);
        let above = group.len() - group.partition_point(|other| *other <= value);
        rank_error = rank_error.max(below.max(above) as u32);
        counts.push(group.len() as u32);
        values.push(value);
        start = end;
    }
    (values, counts, rank_error)
}

/// The mean of ascending values, to as many decimals as the column has if that is among them.
fn mean(group: &[f64], decimals: u8) -> f64 {
    let n = group.len().max(1) as f64;
    // Each is divided by itself: a sum may be beyond a double.
    let mean: f64 = group.iter().map(|value| value / n).sum();
    let power = unscaled(1, decimals).map_or(1.0, |unit| 1.0 / unit).round();
    let rounded = (mean * power).round();
    let is_exact = rounded.abs() < (1_i64 << 53) as f64;
    let rounded = if is_exact { unscaled(rounded as i64, decimals) } else { None };
    let (Some(low), Some(high)) = (group.first(), group.last()) else { return mean };
    match rounded {
        Some(rounded) if *low <= rounded && rounded <= *high => rounded,
        _ => mean.max(*low).min(*high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, SplitMix64};
    use crate::schema::Range;

    fn of(values: &[f64], decimals: u8) -> Distribution {
        let mut sorted = values.to_vec();
        sort_values(&mut sorted);
        let range = Range { min: -1e9, max: 1e9 };
        grouped(&sorted, &NumericRange { training: range, hard: range, decimals })
    }

    #[test]
    fn a_value_that_five_rows_share_stands_for_itself() {
        let (values, counts, error) = of(&[2.0, 1.0].repeat(5), 0);
        assert_eq!((values, counts, error), (vec![1.0, 2.0], vec![5, 5], 0));
        // Fewer rows beside it fall to it, those behind the last too.
        let (values, counts, error) = of(&[0.0, 1.0, 7.0, 7.0, 7.0, 7.0, 7.0, 9.0], 0);
        assert_eq!((values, counts, error), (vec![7.0], vec![8], 2));
    }

    #[test]
    fn others_are_replaced_by_their_mean_as_the_column_is_written() {
        let (values, counts, error) = of(&[0.1, 0.2, 0.4, 0.5, 0.9], 1);
        assert_eq!((values, counts, error), (vec![0.4], vec![5], 2));
        let (values, ..) = of(&[1e300, 2e300, 3e300, 4e300, 5e300], 0);
        assert!((values[0] / 3e300 - 1.0).abs() < 1e-12);
        let (values, ..) = of(&[f64::MAX; 6], 0);
        assert_eq!(values, [f64::MAX]);
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0], 0), (vec![], vec![], 0), "too few for a group");
    }

    #[test]
    fn ranks_are_off_by_no_more_than_they_say() {
        let mut rng = SplitMix64::for_purpose(3, Purpose::Synthetic);
        for case in 0..200 {
            let n = 5 + rng.below(250) as usize;
            let steps = [3, 10, 40, 1000, 1_000_000][case % 5];
            let mut rows: Vec<f64> = (0..n).map(|_| f64::from(rng.below(steps)) / 10.0).collect();
            sort_values(&mut rows);
            let (values, counts, error) = of(&rows, 1);
            assert_eq!(counts.iter().sum::<u32>() as usize, n);
            assert!(counts.iter().all(|count| *count as usize >= MIN_GROUP));
            assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
            assert!((error as usize) < 3 * MIN_GROUP, "{error}");
            for at in rows.iter().chain(&values) {
                let exact = rows.partition_point(|value| value <= at);
                let behind = values.partition_point(|value| value <= at);
                let ours: u32 = counts[..behind].iter().sum();
                assert!(exact.abs_diff(ours as usize) <= error as usize, "{at} of {rows:?}");
            }
        }
    }
}
