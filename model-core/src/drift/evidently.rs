//! The verdict that Evidently gives: one test a column, none adjusted, drift if half drift.
//!
//! For comparison with what others see. A threshold on PSI, Jensen-Shannon or Wasserstein knows
//! nothing of the number of rows, and most windows of 30 to 100 rows without drift are beyond it;
//! `docs/guide/drift.md` has the measured table.
//!
//! Source: Evidently 0.7, `legacy.calculations.stattests`.

use super::binning::{BinShares, merged};
use super::column::{Paired, PairedValues};
use super::gamma::chi_square_tail;
use super::report::{DriftTest, FeatureDrift};

/// How Evidently compares columns of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EvidentlyMethod {
    /// Its own choice by size of the reference and number of different values.
    #[default]
    Default,
    /// Kolmogorov-Smirnov: p-value at most 0.05.
    KolmogorovSmirnov,
    /// Population stability index of at least 0.1.
    PopulationStabilityIndex,
    /// Normed Wasserstein distance of at least 0.1.
    Wasserstein,
    /// Jensen-Shannon distance of at least 0.1.
    JensenShannon,
    /// Kullback-Leibler divergence of at least 0.1.
    KullbackLeibler,
}

/// References up to this many rows are tested, larger ones measured.
const SMALL_REFERENCE: usize = 1000;
/// Numbers with at most so many different values are taken for categories.
const FEW_VALUES: usize = 5;
/// Default threshold on a p-value, and on a distance.
const P_VALUE: f64 = 0.05;
const DISTANCE: f64 = 0.1;

/// Gives `feature`, found by the default tests, Evidently's test and verdict.
pub(super) fn judge(
    feature: &mut FeatureDrift,
    column: &Paired<'_>,
    method: EvidentlyMethod,
    threshold: Option<f64>,
) {
    if feature.test == DriftTest::TypeChanged {
        // There are no numbers left that a distance could be measured to.
        feature.drifted = true;
        return;
    }
    if let PairedValues::Numeric { reference, current } = &column.values {
        let shares = BinShares::of_sorted(reference, current);
        feature.psi = shares.population_stability_index();
        feature.kl_divergence = shares.kullback_leibler();
        feature.jensen_shannon = shares.jensen_shannon();
    }
    let test = test_of(column, method);
    feature.test = test;
    let p_value = match test {
        DriftTest::ChiSquareGoodnessOfFit => Some(goodness_of_fit(column)),
        DriftTest::ZTest => Some(two_shares(column)),
        DriftTest::KolmogorovSmirnov => Some((feature.statistic, feature.p_value)),
        _ => None,
    };
    if let Some((statistic, p_value)) = p_value {
        (feature.statistic, feature.p_value) = (statistic, p_value);
        if test != DriftTest::KolmogorovSmirnov {
            feature.p_value_asymptotic = p_value;
        }
        feature.p_value_adjusted = p_value;
        feature.drifted = p_value <= threshold.unwrap_or(P_VALUE);
        return;
    }
    feature.statistic = match test {
        DriftTest::PopulationStabilityIndex => feature.psi,
        DriftTest::Wasserstein => feature.wasserstein_normed.unwrap_or_default(),
        DriftTest::KullbackLeibler => feature.kl_divergence,
        _ => feature.jensen_shannon,
    };
    feature.p_value_adjusted = feature.p_value;
    feature.drifted = feature.statistic >= threshold.unwrap_or(DISTANCE);
}

/// Which test compares this column.
fn test_of(column: &Paired<'_>, method: EvidentlyMethod) -> DriftTest {
    use EvidentlyMethod as M;
    // Different values of reference and window together, as Evidently counts them.
    let (numeric, distinct) = match &column.values {
        PairedValues::Numeric { reference, current } => {
            let n = merged(reference, current).len();
            (Some(n), n)
        }
        PairedValues::Categorical { reference, current, .. } => {
            let is_seen = |(r, c): &(&u64, &u64)| **r + **c > 0;
            (None, reference.iter().zip(current).filter(is_seen).count())
        }
    };
    let chosen = match (method, numeric) {
        (M::PopulationStabilityIndex, _) => return DriftTest::PopulationStabilityIndex,
        (M::JensenShannon, _) => return DriftTest::JensenShannon,
        (M::KullbackLeibler, _) => return DriftTest::KullbackLeibler,
        (M::KolmogorovSmirnov, Some(_)) => return DriftTest::KolmogorovSmirnov,
        (M::Wasserstein, Some(_)) => return DriftTest::Wasserstein,
        // The other two are not defined for categories.
        (M::Default | M::KolmogorovSmirnov | M::Wasserstein, values) => values,
    };
    // Rows without a value do not count.
    let n_present = column.reference.iter().filter(|value| !value.is_nan()).count();
    let is_small = n_present <= SMALL_REFERENCE;
    match (chosen.is_some_and(|n| n > FEW_VALUES), is_small) {
        (true, true) => DriftTest::KolmogorovSmirnov,
        (true, false) => DriftTest::Wasserstein,
        (false, true) if distinct > 2 => DriftTest::ChiSquareGoodnessOfFit,
        (false, true) => DriftTest::ZTest,
        (false, false) => DriftTest::JensenShannon,
    }
}

/// Counts by category, or by value of numbers.
fn counts(column: &Paired<'_>) -> (Vec<u64>, Vec<u64>) {
    match &column.values {
        PairedValues::Categorical { reference, current, .. } => {
            (reference.clone(), current.clone())
        }
        PairedValues::Numeric { reference, current } => {
            let values = merged(reference, current);
            let count = |sample: &[f64]| {
                let of = |value: &f64| sample.iter().filter(|other| *other == value).count() as u64;
                values.iter().map(of).collect()
            };
            (count(reference), count(current))
        }
    }
}

/// Chi-square of the window's counts against the reference's shares, and its p-value.
///
/// A category that the reference does not have makes the p-value 0, and the statistic as great as
/// a double holds.
fn goodness_of_fit(column: &Paired<'_>) -> (f64, f64) {
    let (reference, current) = counts(column);
    let (n, m) = (reference.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    if n == 0.0 || m == 0.0 {
        return (0.0, 1.0);
    }
    let (mut statistic, mut used) = (0.0, 0_u32);
    for (&r, &c) in reference.iter().zip(&current).filter(|(r, c)| **r + **c > 0) {
        let expected = r as f64 * m / n;
        if r == 0 {
            return (f64::MAX, 0.0);
        }
        statistic += (c as f64 - expected) * (c as f64 - expected) / expected;
        used += 1;
    }
    (statistic, chi_square_tail(statistic, f64::from(used) - 1.0))
}

/// The z statistic for the share of the first category, and its two-sided p-value.
fn two_shares(column: &Paired<'_>) -> (f64, f64) {
    let (reference, current) = counts(column);
    let (n, m) = (reference.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    let used = reference.iter().zip(&current).find(|(r, c)| **r + **c > 0);
    let Some((&r, &c)) = used.filter(|_| n > 0.0 && m > 0.0) else { return (0.0, 1.0) };
    let (a, b) = (r as f64 / n, c as f64 / m);
    let pooled = (r + c) as f64 / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    if error == 0.0 {
        return (0.0, 1.0);
    }
    let z = (a - b) / error;
    (z, libm::erfc(z.abs() / std::f64::consts::SQRT_2))
}
