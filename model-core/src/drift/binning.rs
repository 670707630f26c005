//! Two samples of numbers as shares of common bins, by Evidently's rule.
//!
//! A reference with more than 20 different values is binned by NumPy's `sturges` on both samples
//! together; with fewer, every value of either sample is a bin of its own.
//!
//! The default report counts a window's value that is next to one of the reference, seen against the
//! reference's own step, as that value ([`on_the_steps_of`]): a bin must not end between two values
//! that the reference does not tell apart. Evidently's rule takes the values as they are.
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

/// So near to a value of the reference, in steps, a value is that one where each has its own bin.
const WITHIN_BINS_OF_A_VALUE: f64 = 0.5;
/// The same where bins are wide, and only an edge could part what is tied.
const WITHIN_WIDE_BINS: f64 = 0.05;

/// The window's values, sorted, each of them as the reference's nearest value if that is nearer than
/// half the least step between values of the reference (a twentieth, where bins are wide).
///
/// A reference of doses in halves does not tell 0.5002 from 0.5. Where the reference's values are
/// all over the place its least step is next to nothing, and nothing is changed.
pub(super) fn on_the_steps_of(reference: &[f64], current: &[f64]) -> Vec<f64> {
    let Some(step) = least_step(reference) else { return current.to_vec() };
    let is_wide = n_distinct(reference) > MOST_VALUES;
    let within = step * if is_wide { WITHIN_WIDE_BINS } else { WITHIN_BINS_OF_A_VALUE };
    let nearest = |&value: &f64| {
        let above = reference.partition_point(|other| *other < value);
        let neighbours =
            [above.checked_sub(1).and_then(|at| reference.get(at)), reference.get(above)];
        let distance = |other: f64| (other - value).abs();
        let nearest = neighbours.into_iter().flatten().copied();
        let nearest = nearest.reduce(|a, b| if distance(b) < distance(a) { b } else { a });
        nearest.filter(|&other| distance(other) < within).unwrap_or(value)
    };
    // Each value goes to its nearest, so that they stay sorted.
    current.iter().map(nearest).collect()
}

/// Values closer than this share of the greatest are one value, written with rounding.
const ROUNDING: f64 = 1e-12;

/// The least distance between values of a sorted sample that are not the same but for rounding;
/// `None` if there is but one value.
fn least_step(sorted: &[f64]) -> Option<f64> {
    let greatest = sorted.first()?.abs().max(sorted.last()?.abs());
    let steps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
    steps.filter(|step| step.is_finite() && *step > greatest * ROUNDING).reduce(f64::min)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_to_the_reference_s_nearest_within_half_a_step() {
        let check = |reference: &[f64], current: &[f64], expected: &[f64]| {
            assert_eq!(on_the_steps_of(reference, current), expected, "{reference:?}");
        };
        check(
            &[0.5, 0.5, 1.0, 2.0],
            &[0.4998, 0.5002, 1.2, 1.26, 1.9],
            &[0.5, 0.5, 1.0, 1.26, 2.0],
        );
        // Half a step is as near to one value as to the next: a value of its own.
        check(&[1.0, 2.0], &[0.4, 1.5, 2.6], &[0.4, 1.5, 2.6]);
        // One value, or none, has no step.
        check(&[7.0, 7.0], &[7.0001], &[7.0001]);
        check(&[], &[1.0], &[1.0]);
        // 0.30000000000000004 is 0.3 with rounding, not a step of 4e-17.
        check(&[0.1, 0.2, 0.3, 0.1 + 0.2], &[0.1001], &[0.1]);
        // Bins of many values are wide: 0.1 of a step is a value, 0.01 is not.
        let many: Vec<f64> = (0..21).map(f64::from).collect();
        check(&many, &[2.9, 3.01], &[2.9, 3.0]);
        // Steps wider than any double.
        check(&[f64::MIN, f64::MAX], &[1.0], &[1.0]);
    }

    #[test]
    fn tied_values_that_move_by_nothing_are_the_same_bins() {
        let doses = |shift: f64| -> Vec<f64> {
            (0..90).map(|row| f64::from(1 << (row / 30)) / 2.0 + shift).collect()
        };
        let (reference, current) = (doses(0.0), doses(2e-4));
        let psi = |current: &[f64]| {
            BinShares::of_sorted(&reference, current).population_stability_index()
        };
        assert_eq!(psi(&on_the_steps_of(&reference, &current)), 0.0);
        assert!(psi(&current) > 10.0, "Evidently's own");
    }

    #[test]
    fn no_wide_bin_ends_between_values_that_are_tied() {
        let counts =
            |shift: f64| -> Vec<f64> { (0..290).map(|row| f64::from(row / 10) + shift).collect() };
        let (reference, current) = (counts(0.0), counts(-2e-4));
        let psi = |current: &[f64]| {
            BinShares::of_sorted(&reference, current).population_stability_index()
        };
        assert_eq!(psi(&on_the_steps_of(&reference, &current)), 0.0);
    }
}
