//! Two samples of numbers as shares of common bins, by Evidently's rule.
//!
//! A reference with more than 20 different values is binned by NumPy's `sturges` on both samples
//! together; with fewer, every value of either sample is a bin of its own.
//!
//! Source: Evidently 0.7 (`get_binned_data`) and NumPy's `histogram_bin_edges`.

/// Up to so many different reference values are bins of their own.
const MOST_VALUES: usize = 20;

/// Shares of one list of bins, each of which sums to 1 (or is 0 throughout if there are no rows).
#[derive(Debug, Clone, PartialEq)]
pub struct BinShares {
    /// Of the reference.
    pub reference: Vec<f64>,
    /// Of the current window.
    pub current: Vec<f64>,
}

impl BinShares {
    /// Shares of two sorted samples without NaN.
    #[must_use]
    pub fn of_sorted(reference: &[f64], current: &[f64]) -> Self {
        let ends = if n_distinct(reference) > MOST_VALUES {
            sturges(reference, current)
        } else {
            Ends::Values(merged(reference, current))
        };
        Self { reference: ends.shares(reference), current: ends.shares(current) }
    }

    /// Shares of counts by category, the same categories in both.
    #[must_use]
    pub fn of_counts(reference: &[u64], current: &[u64]) -> Self {
        let shares = |counts: &[u64]| {
            let n = counts.iter().sum::<u64>().max(1) as f64;
            counts.iter().map(|&count| count as f64 / n).collect()
        };
        Self { reference: shares(reference), current: shares(current) }
    }
}

/// How many different values a sorted sample has.
fn n_distinct(sorted: &[f64]) -> usize {
    sorted.chunk_by(|a, b| a == b).count()
}

/// The different values of both samples, ascending.
pub(super) fn merged(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = a.iter().chain(b).copied().collect();
    crate::order::sort_values(&mut values);
    values.dedup_by(|a, b| a == b);
    values
}

enum Ends {
    /// A bin a value.
    Values(Vec<f64>),
    /// Edges of bins that hold their lower edge; the last one holds both.
    Edges(Vec<f64>),
}

impl Ends {
    fn shares(&self, sorted: &[f64]) -> Vec<f64> {
        let n = sorted.len().max(1) as f64;
        let below = |limit: f64| sorted.partition_point(|value| *value < limit);
        let up_to = |limit: f64| sorted.partition_point(|value| *value <= limit);
        match self {
            Self::Values(values) => {
                values.iter().map(|&value| (up_to(value) - below(value)) as f64 / n).collect()
            }
            Self::Edges(edges) => {
                let mut counts: Vec<usize> = edges.iter().map(|&edge| below(edge)).collect();
                if let (Some(last), Some(&edge)) = (counts.last_mut(), edges.last()) {
                    *last = up_to(edge);
                }
                counts.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / n).collect()
            }
        }
    }
}

/// `numpy.histogram_bin_edges(both, "sturges")`, with the reference of more than one value.
fn sturges(reference: &[f64], current: &[f64]) -> Ends {
    let least = |pick: fn(&[f64]) -> Option<&f64>, better: fn(f64, f64) -> f64| {
        let ends = [pick(reference), pick(current)];
        ends.into_iter().flatten().copied().reduce(better).unwrap_or_default()
    };
    let (min, max) = (least(<[f64]>::first, f64::min), least(<[f64]>::last, f64::max));
    let n = (reference.len() + current.len()) as f64;
    // Halves, so that a range wider than any double still has a width.
    let range = max / 2.0 - min / 2.0;
    let n_bins = (range / (range / (libm::log2(n) + 1.0))).ceil();
    // At most 54 of as many rows as a double counts, but for ranges too small to divide.
    let n_bins = n_bins.clamp(1.0, 64.0);
    let step = 2.0 * (range / n_bins);
    let mut edges: Vec<f64> = (0..n_bins as u32).map(|i| f64::from(i) * step + min).collect();
    edges.push(max);
    Ends::Edges(edges)
}
