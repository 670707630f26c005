//! The summary of one numeric column.

use serde::{Deserialize, Serialize};

/// Bins of a histogram.
const N_BINS: usize = 20;

/// What a numeric column holds. Without a value present, all figures are 0 and there are no bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericProfile {
    /// Rows without a value: NaN, and infinities too.
    pub missing: u32,
    /// Different values present; -0 is 0.
    pub distinct: u32,
    /// Least value.
    pub min: f64,
    /// First quartile, between two values by linear interpolation as `numpy.quantile` does it.
    pub q1: f64,
    /// Median, likewise.
    pub median: f64,
    /// Third quartile, likewise.
    pub q3: f64,
    /// Greatest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation (ddof 0).
    pub std: f64,
    /// How the values lie between `min` and `max`.
    pub histogram: Histogram,
}

/// Counts of values in bins of equal width.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Where bins begin and end: one more than there are bins.
    pub edges: Vec<f64>,
    /// Values from one edge up to, and but for the last bin without, the next.
    pub counts: Vec<u32>,
}

impl NumericProfile {
    /// The profile of one value a row.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        // Adding 0 makes -0 equal to 0 in the total order as well.
        let present = values.iter().filter(|value| value.is_finite()).map(|value| value + 0.0);
        let mut sorted: Vec<f64> = present.collect();
        let missing = (values.len() - sorted.len()) as u32;
        crate::order::sort_values(&mut sorted);
        let (mean, std) = mean_and_std(&sorted);
        Self {
            missing,
            distinct: sorted.chunk_by(|a, b| a == b).count() as u32,
            min: sorted.first().copied().unwrap_or_default(),
            q1: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q3: quantile(&sorted, 0.75),
            max: sorted.last().copied().unwrap_or_default(),
            mean,
            std,
            histogram: Histogram::of(&sorted),
        }
    }

    /// Whether no two values present differ.
    pub(super) fn is_constant(&self) -> bool {
        self.distinct <= 1
    }
}

/// The quantile of `sorted` at `share`; 0 without values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let below = place as usize;
    let Some(&low) = sorted.get(below) else { return 0.0 };
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let weight = place - below as f64;
    // Halves, so that no width overflows; from the nearer end, as numpy does.
    let width = high / 2.0 - low / 2.0;
    let from_low = low / 2.0 + width * weight;
    let from_high = high / 2.0 - width * (1.0 - weight);
    2.0 * if weight < 0.5 { from_low } else { from_high }
}

/// Mean and standard deviation of `sorted`, from its least value up; 0 without values.
fn mean_and_std(sorted: &[f64]) -> (f64, f64) {
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return (0.0, 0.0) };
    if min == max {
        return (min, 0.0);
    }
    let n = sorted.len() as f64;
    // Squares of what is farther out than this overflow or vanish.
    let largest = min.abs().max(max.abs());
    let scale = if (1e-140..1e140).contains(&largest) { 1.0 } else { largest };
    let mean = sorted.iter().map(|value| value / scale).sum::<f64>() / n;
    let squares: f64 = sorted
        .iter()
        .map(|value| value / scale - mean)
        .map(|deviation| deviation * deviation)
        .sum();
    // Rounding must not push the mean out of the values.
    ((mean * scale).clamp(min, max), (squares / n).sqrt() * scale)
}

impl Histogram {
    /// Twenty bins over `sorted`, as `numpy.histogram(values, bins=20)`; a single one if all values
    /// are equal, none without values.
    fn of(sorted: &[f64]) -> Self {
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Self::default();
        };
        if min == max {
            return Self { edges: vec![min, max], counts: vec![sorted.len() as u32] };
        }
        // Halves, so that the width does not overflow.
        let step = (max / 2.0 - min / 2.0) / N_BINS as f64;
        let edge = |index: usize| 2.0 * (min / 2.0 + index as f64 * step);
        let edges: Vec<f64> = (0..N_BINS).map(edge).chain([max]).collect();
        // The values are sorted, so that each inner edge is where one bin ends and the next begins.
        let mut counts = Vec::with_capacity(N_BINS);
        let mut start = 0;
        for end in edges.iter().skip(1).take(N_BINS - 1) {
            let stop = sorted.partition_point(|value| value < end).max(start);
            counts.push((stop - start) as u32);
            start = stop;
        }
        counts.push((sorted.len() - start) as u32);
        Self { edges, counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-14 * expected.abs(), "{got} {expected}");
    }

    /// 41 values on a grid of 1/8 with ties, and one missing.
    fn values() -> Vec<f64> {
        let values = (0..41).map(|i| f64::from((i * i * 7 + 3 * i) % 53) / 8.0 - 2.0);
        values.chain([f64::NAN]).collect()
    }

    #[test]
    fn figures_are_those_of_numpy() {
        let profile = NumericProfile::of(&values());
        // v = numpy.array([((i * i * 7 + 3 * i) % 53) / 8 - 2 for i in range(41)])
        // numpy.quantile(v, [0, .25, .5, .75, 1]), v.mean(), v.std(), len(numpy.unique(v))
        assert_eq!((profile.missing, profile.distinct), (1, 23));
        assert_eq!([profile.min, profile.q1, profile.median], [-2.0, -0.625, 2.0]);
        assert_eq!([profile.q3, profile.max], [3.0, 4.375]);
        close(profile.mean, 1.4847560975609757);
        close(profile.std, 1.9516243863483693);
        // numpy.histogram(v, bins=20)
        let counts = [1, 4, 2, 3, 2, 0, 0, 2, 0, 2, 0, 2, 4, 1, 6, 2, 4, 0, 4, 2];
        assert_eq!(profile.histogram.counts, counts);
        close(profile.histogram.edges[7], 0.23124999999999973);
        assert_eq!(profile.histogram.edges.len(), 21);
    }

    #[test]
    fn quartiles_between_values_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 7.5], [.25, .5, .75])
        let profile = NumericProfile::of(&[7.5, 1.0, 4.0, 2.0]);
        assert_eq!([profile.q1, profile.median, profile.q3], [1.75, 3.0, 4.875]);
    }

    #[test]
    fn a_constant_column_is_one_bin() {
        let profile = NumericProfile::of(&[0.1; 30]);
        assert_eq!((profile.mean, profile.std, profile.median), (0.1, 0.0, 0.1));
        assert_eq!(profile.histogram, Histogram { edges: vec![0.1; 2], counts: vec![30] });
        assert_eq!(NumericProfile::of(&[0.0, -0.0]).distinct, 1);
    }

    #[test]
    fn a_column_without_values_is_all_missing() {
        for values in [&[][..], &[f64::NAN, f64::INFINITY][..]] {
            let profile = NumericProfile::of(values);
            assert_eq!((profile.missing as usize, profile.distinct), (values.len(), 0));
            assert_eq!((profile.min, profile.median, profile.std), (0.0, 0.0, 0.0));
            assert_eq!(profile.histogram, Histogram::default());
        }
    }

    #[test]
    fn the_farthest_values_stay_finite() {
        for far in [f64::MAX, 1e-300, 1e200, 5e-324] {
            let profile = NumericProfile::of(&[-far, far, far, 0.0, -far]);
            let figures = [profile.q1, profile.median, profile.q3, profile.mean, profile.std];
            assert!(figures.iter().all(|figure| figure.is_finite()), "{profile:?}");
            assert!(profile.histogram.edges.iter().all(|edge| edge.is_finite()));
            assert_eq!(profile.histogram.counts.iter().sum::<u32>(), 5);
        }
        close(NumericProfile::of(&[-1e200, 1e200]).std, 1e200);
    }
}
