//! All columns at once: did the middle of the data move, seen against how the columns vary together?
//!
//! A small shift of one column stands out where another column would have predicted its value, and
//! small shifts of many columns add up; tests of one column at a time see neither.
//!
//! The test is the permutation form of Hotelling's, on ranks: numbers become their mid-ranks in
//! both samples together, categories indicators, and the sum of the current window's scores is
//! measured by its covariance over all ways to split the rows in two. Ranks make it blind to units and
//! safe from outliers.
//!
//! Source: Puri & Sen, "Nonparametric methods in multivariate analysis" (1971), chapter 5.

use super::column::{Paired, PairedValues};
use super::gamma::chi_square_tail;

/// What the test of all columns finds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct JointShift {
    /// The squared distance between the samples' mean scores, in units of its covariance.
    pub statistic: f64,
    /// Directions in which scores vary.
    pub degrees_of_freedom: u32,
    /// Probability of so great a distance between samples of one distribution.
    pub p_value: f64,
}

/// The chi-square distribution holds while there are so many rows a direction.
const ROWS_PER_DIRECTION: usize = 10;
/// More directions than this would take minutes: the columns are left to their own tests.
const MAX_DIRECTIONS: usize = 512;
/// A category that fewer rows of the smaller sample are expected to have gets no indicator.
const LEAST_EXPECTED: f64 = 5.0;
/// A score whose variance given the others is below this share of its own adds no direction.
const TOLERANCE: f64 = 1e-9;

/// The test of all columns; `None` with fewer than two directions or too few rows for them.
pub(super) fn joint_shift(columns: &[Paired<'_>]) -> Option<JointShift> {
    let first = columns.first()?;
    let (n, m) = (first.n_reference(), first.n_current());
    let all = n + m;
    // Counted before any score is made: a window may hold thousands of categories.
    let n_directions: usize = columns.iter().map(n_directions_of).sum();
    if n == 0
        || m == 0
        || !(2..=MAX_DIRECTIONS).contains(&n_directions)
        || all < ROWS_PER_DIRECTION * n_directions
    {
        return None;
    }
    let scores: Vec<Vec<f64>> = columns.iter().flat_map(|column| scores_of(column)).collect();
    let sums: Vec<f64> = scores.iter().map(|score| score[n..].iter().sum()).collect();
    // The covariance of those sums when the rows are split at random.
    let factor = n as f64 * m as f64 / (all as f64 * (all as f64 - 1.0));
    let covariance = |a: &[f64], b: &[f64]| factor * dot(a, b);
    let lower: Vec<Vec<f64>> = (0..scores.len())
        .map(|a| (0..=a).map(|b| covariance(&scores[a], &scores[b])).collect())
        .collect();
    let (statistic, degrees) = squared_distance(lower, sums);
    (degrees >= 2).then(|| JointShift {
        statistic,
        degrees_of_freedom: degrees,
        p_value: chi_square_tail(statistic, f64::from(degrees)),
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `v' S^-1 v` by Cholesky's decomposition of the lower triangle `S`, and the rank of `S`.
fn squared_distance(mut lower: Vec<Vec<f64>>, mut v: Vec<f64>) -> (f64, u32) {
    let (mut sum, mut rank) = (0.0, 0);
    for a in 0..v.len() {
        let (before, rest) = lower.split_at_mut(a);
        let Some(row) = rest.first_mut() else { break };
        let variance = row[a];
        for (b, other) in before.iter().enumerate() {
            let left = row[b] - dot(&row[..b], &other[..b]);
            // A direction that was left out has a pivot of 0.
            row[b] = if other[b] > 0.0 { left / other[b] } else { 0.0 };
        }
        let left = variance - dot(&row[..a], &row[..a]);
        if left <= TOLERANCE * variance {
            row[a] = 0.0;
            v[a] = 0.0;
            continue;
        }
        row[a] = left.sqrt();
        v[a] = (v[a] - dot(&row[..a], &v[..a])) / row[a];
        sum += v[a] * v[a];
        rank += 1;
    }
    (sum, rank)
}

/// How many lists of scores [`scores_of`] makes.
fn n_directions_of(column: &Paired<'_>) -> usize {
    match &column.values {
        PairedValues::Numeric { .. } => 1,
        PairedValues::Categorical { reference, current, .. } => {
            frequent(&both(reference, current), column).len()
        }
    }
}

/// Scores of all rows, the reference's first, with mean 0; a row without a value has the mean.
fn scores_of(column: &Paired<'_>) -> Vec<Vec<f64>> {
    match &column.values {
        PairedValues::Numeric { .. } => {
            let values: Vec<f64> = column.reference.iter().chain(column.current).copied().collect();
            vec![mid_ranks(&values)]
        }
        PairedValues::Categorical { codes, reference, current, .. } => {
            indicators(column, codes, &both(reference, current))
        }
    }
}

/// Rows of each category in both samples.
fn both(reference: &[u64], current: &[u64]) -> Vec<u64> {
    reference.iter().zip(current).map(|(r, c)| r + c).collect()
}

/// Ranks from -1/2 to 1/2 about their mean; tied values share theirs.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&at| !values[at].is_nan()).collect();
    crate::order::sort_by(&mut order, &mut |a, b| values[a].total_cmp(&values[b]));
    let mut scores = vec![0.0; values.len()];
    let n = order.len() as f64;
    let mut before = 0.0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let size = tied.len() as f64;
        let rank = (before + 0.5 * size) / n - 0.5;
        tied.iter().for_each(|&at| scores[at] = rank);
        before += size;
    }
    scores
}

/// The categories that are frequent enough, but for the most frequent.
fn frequent(counts: &[u64], column: &Paired<'_>) -> Vec<usize> {
    let (n, m) = (column.n_reference(), column.n_current());
    let share = n.min(m) as f64 / (n + m).max(1) as f64;
    let most = (0..counts.len()).max_by_key(|&at| counts[at]);
    let is_frequent = |at: &usize| counts[*at] as f64 * share >= LEAST_EXPECTED;
    (0..counts.len()).filter(|at| Some(*at) != most).filter(is_frequent).collect()
}

/// An indicator for each frequent category.
fn indicators(column: &Paired<'_>, codes: &[f64], counts: &[u64]) -> Vec<Vec<f64>> {
    let n_present: u64 = counts.iter().sum();
    frequent(counts, column)
        .into_iter()
        .map(|at| {
            let mean = counts[at] as f64 / n_present as f64;
            let score = |&code: &f64| match code {
                code if code.is_nan() => 0.0,
                code if code as usize == at => 1.0 - mean,
                _ => -mean,
            };
            codes.iter().map(score).collect()
        })
        .collect()
}
