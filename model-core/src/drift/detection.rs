//! The comparison: every column, all columns at once, and the verdict.
//!
//! Under the default rule each column has a test of its values and, where rows lack a value, one of
//! the missing share; one test looks at all columns. Half of `alpha` is spent on the smallest
//! p-value of the columns (Bonferroni), half on the joint test; a column is named by Holm's steps
//! under that overall test. `docs/adr/0008-drift-rule.md` has the choice and its measurements.

use super::binning::on_the_steps_of;
use super::chi_square::{CountTest, homogeneity};
use super::column::{Paired, PairedValues, SampleColumn};
use super::evidently::{self, EvidentlyMethod};
use super::fisher::fisher_exact;
use super::holm::closed;
use super::joint::{JointShift, joint_shift};
use super::report::{DriftReport, DriftTest, FeatureDrift, MissingShares, Outcome};
use super::{BinShares, DriftError, kolmogorov_smirnov, wasserstein_normed};

/// How the verdict is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Tests whose false alarms are counted.
    Calibrated {
        /// Most probability of an alarm in a window without drift.
        alpha: f64,
        /// Rows that both samples need for a verdict.
        min_rows: usize,
    },
    /// Evidently's verdict, whatever the number of rows.
    EvidentlyCompatible {
        /// How numbers are compared.
        method: EvidentlyMethod,
        /// Instead of the method's own threshold.
        threshold: Option<f64>,
        /// Share of columns that must drift for the window to.
        drift_share: f64,
    },
}

impl Rule {
    /// Evidently's rule with its own choices: drift if half of the columns drift.
    pub const EVIDENTLY: Self = Self::EvidentlyCompatible {
        method: EvidentlyMethod::Default,
        threshold: None,
        drift_share: 0.5,
    };
}

impl Default for Rule {
    fn default() -> Self {
        Self::Calibrated { alpha: 0.05, min_rows: 50 }
    }
}

/// What [`detect`] may be told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DriftParams {
    /// How the verdict is reached.
    pub rule: Rule,
}

/// Compares the window `current` with `reference`.
///
/// Columns are found by name, in any order; what only the window has is passed over. Missing values
/// are left out of a column's comparison, and their share is tested by itself. A column that is
/// constant, empty or without values on a side has a result like any other.
///
/// ```
/// use model_core::Dataset;
/// use model_core::drift::{DriftParams, SampleColumn, detect};
///
/// let iris = Dataset::iris();
/// let setosa: Vec<usize> = (0..50).collect();
/// let all: Vec<usize> = (0..150).collect();
/// let reference = SampleColumn::of_dataset(&iris, &all);
/// let window = SampleColumn::of_dataset(&iris, &setosa);
/// let report = detect(&reference, &window, DriftParams::default())?;
/// assert!(report.drifted && report.features.iter().all(|feature| feature.drifted));
/// # Ok::<(), model_core::drift::DriftError>(())
/// ```
///
/// # Errors
/// A [`DriftError`] if the samples have not the same columns of the same types, columns of a sample
/// differ in length, a value is infinite or no category, or a parameter is outside its range.
pub fn detect(
    reference: &[SampleColumn],
    current: &[SampleColumn],
    params: DriftParams,
) -> Result<DriftReport, DriftError> {
    check(params.rule)?;
    let columns = paired(reference, current)?;
    let joint = joint_shift(&columns);
    let mut features: Vec<FeatureDrift> = columns.iter().map(compare).collect();
    features.iter_mut().for_each(FeatureDrift::test_the_type);
    Ok(judged(&columns, features, joint, params.rule))
}

/// Whether a rule's parameters are sound.
pub(super) fn check(rule: Rule) -> Result<(), DriftError> {
    let share = |name, value: f64| {
        let expected = "between 0 and 1";
        let sound = (0.0..=1.0).contains(&value);
        if sound { Ok(()) } else { Err(DriftError::Parameter { name, value, expected }) }
    };
    match rule {
        Rule::Calibrated { alpha, .. } => share("alpha", alpha),
        Rule::EvidentlyCompatible { threshold, drift_share, .. } => {
            share("drift_share", drift_share)?;
            match threshold {
                Some(value) if value.is_nan() || value < 0.0 => {
                    let expected = "0 or more";
                    Err(DriftError::Parameter { name: "threshold", value, expected })
                }
                _ => Ok(()),
            }
        }
    }
}

/// The reference's columns beside the window's.
fn paired<'a>(
    reference: &'a [SampleColumn],
    current: &'a [SampleColumn],
) -> Result<Vec<Paired<'a>>, DriftError> {
    if reference.is_empty() {
        return Err(DriftError::NoColumns);
    }
    let found = |column: &'a SampleColumn| {
        let same_name = current.iter().find(|other| other.name == column.name);
        same_name
            .ok_or_else(|| DriftError::MissingColumn { column: column.name.clone() })
            .and_then(|other| Paired::new(column, other))
    };
    let columns: Vec<Paired<'_>> = reference.iter().map(found).collect::<Result<_, _>>()?;
    let Some(first) = columns.first() else { return Err(DriftError::NoColumns) };
    for column in &columns {
        for (expected, got) in
            [(first.n_reference(), column.n_reference()), (first.n_current(), column.n_current())]
        {
            if expected != got {
                let column = column.name.to_owned();
                return Err(DriftError::RowCount { column, expected, got });
            }
        }
    }
    Ok(columns)
}

/// What one column's own tests and distances say, before any verdict.
pub(super) fn compare(column: &Paired<'_>) -> FeatureDrift {
    let (test, statistic, p_value, p_value_asymptotic, shares, moved, new_categories) =
        match &column.values {
            PairedValues::Numeric { reference, current } => {
                let ks = kolmogorov_smirnov(reference, current);
                let shares = BinShares::of_sorted(reference, &on_the_steps_of(reference, current));
                let moved = wasserstein_normed(reference, current);
                let test = DriftTest::KolmogorovSmirnov;
                let (p, asymptotic) = (ks.p_value, ks.p_value_asymptotic);
                (test, ks.statistic, p, asymptotic, shares, Some(moved), Vec::new())
            }
            PairedValues::Categorical { reference, current, new, .. } => {
                let found = homogeneity(reference, current);
                let test = match found.test {
                    CountTest::ChiSquare => DriftTest::ChiSquare,
                    CountTest::FisherExact => DriftTest::FisherExact,
                };
                let shares = BinShares::of_counts(reference, current);
                let (p, asymptotic) = (found.p_value, found.p_value_asymptotic);
                (test, found.statistic, p, asymptotic, shares, None, new.clone())
            }
        };
    FeatureDrift {
        name: column.name.to_owned(),
        test,
        statistic,
        p_value,
        p_value_asymptotic,
        p_value_adjusted: p_value,
        psi: shares.population_stability_index(),
        kl_divergence: shares.kullback_leibler(),
        wasserstein_normed: moved.map(finite),
        jensen_shannon: shares.jensen_shannon(),
        missing: {
            let (a, b) = column.n_missing();
            let (n, m) = (column.n_reference() as u64, column.n_current() as u64);
            missing_shares((a as u64, n), (b as u64, m))
        },
        new_categories,
        odd: column.odd.cloned(),
        drifted: false,
    }
}

/// A distance that no double holds is as great as one can be.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::MAX }
}

/// Shares without a value, from missing and all rows of the reference and of the window.
pub(super) fn missing_shares((a, n): (u64, u64), (b, m): (u64, u64)) -> MissingShares {
    let share = |missing: u64, rows: u64| missing as f64 / rows.max(1) as f64;
    MissingShares {
        reference: share(a, n),
        current: share(b, m),
        p_value: (a + b > 0).then(|| fisher_exact([a, n - a, b, m - b])),
        p_value_adjusted: None,
    }
}

/// The report on columns that were compared.
fn judged(
    columns: &[Paired<'_>],
    mut features: Vec<FeatureDrift>,
    joint: Option<JointShift>,
    rule: Rule,
) -> DriftReport {
    let sizes = columns.first().map(|column| (column.n_reference(), column.n_current()));
    let (n_reference, n_current) = sizes.unwrap_or_default();
    let (outcome, p_value) = match rule {
        Rule::Calibrated { alpha, min_rows } => {
            let rows = n_reference.min(n_current);
            calibrated(&mut features, joint, alpha, (rows, min_rows))
        }
        Rule::EvidentlyCompatible { method, threshold, drift_share } => {
            for (feature, column) in features.iter_mut().zip(columns) {
                evidently::judge(feature, column, method, threshold);
            }
            let n_drifted = features.iter().filter(|feature| feature.drifted).count();
            let share = n_drifted as f64 / features.len().max(1) as f64;
            (if share >= drift_share { Outcome::Drift } else { Outcome::NoDrift }, None)
        }
    };
    let drifted = outcome == Outcome::Drift;
    DriftReport { drifted, outcome, n_reference, n_current, p_value, joint, features }
}

/// Adjusts the p-values of all tests, and judges by them; the verdict and its p-value.
pub(super) fn calibrated(
    features: &mut [FeatureDrift],
    joint: Option<JointShift>,
    alpha: f64,
    (rows, needed): (usize, usize),
) -> (Outcome, Option<f64>) {
    let of_values = features.iter().map(|feature| feature.p_value);
    let of_missing = features.iter().filter_map(|feature| feature.missing.p_value);
    let p_values: Vec<f64> = of_values.chain(of_missing).collect();
    let least = p_values.iter().copied().fold(1.0, f64::min) * p_values.len() as f64;
    let (overall, adjusted) = match joint {
        Some(joint) => {
            let overall = (2.0 * least.min(joint.p_value)).min(1.0);
            (overall, closed(&p_values, overall))
        }
        None => (least.min(1.0), super::holm(&p_values)),
    };
    let is_judged = rows >= needed;
    let (of_values, of_missing) = adjusted.split_at(features.len());
    let mut of_missing = of_missing.iter();
    for (feature, &adjusted) in features.iter_mut().zip(of_values) {
        feature.p_value_adjusted = adjusted;
        if feature.missing.p_value.is_some() {
            feature.missing.p_value_adjusted = of_missing.next().copied();
        }
        feature.drifted = is_judged && adjusted <= alpha;
        decide_by_missing(feature, alpha, is_judged);
    }
    let outcome = match (is_judged, overall <= alpha) {
        (false, _) => Outcome::InsufficientData { rows, needed },
        (true, true) => Outcome::Drift,
        (true, false) => Outcome::NoDrift,
    };
    (outcome, Some(overall))
}

/// Where the missing share drifted and the values did not, the missing share has decided.
fn decide_by_missing(feature: &mut FeatureDrift, alpha: f64, is_judged: bool) {
    let missing = feature.missing;
    let (Some(p_value), Some(adjusted)) = (missing.p_value, missing.p_value_adjusted) else {
        return;
    };
    if !is_judged || feature.drifted || adjusted > alpha {
        return;
    }
    feature.test = DriftTest::MissingShare;
    feature.statistic = missing.current - missing.reference;
    (feature.p_value, feature.p_value_asymptotic) = (p_value, p_value);
    feature.p_value_adjusted = adjusted;
    feature.drifted = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, SplitMix64};

    fn uniform(seed: u64, n: usize) -> Vec<f64> {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        (0..n).map(|_| rng.unit()).collect()
    }

    fn columns(seed: u64, n: usize, shift: f64) -> Vec<SampleColumn> {
        (0..3)
            .map(|at| {
                let values = uniform(seed + at, n).into_iter().map(|value| value + shift);
                SampleColumn::numeric(format!("x{at}"), values.collect())
            })
            .collect()
    }

    fn default(reference: &[SampleColumn], current: &[SampleColumn]) -> DriftReport {
        let report = detect(reference, current, DriftParams::default()).unwrap();
        assert_is_finite(&report);
        report
    }

    /// JSON has no NaN: serde writes `null`, of which only absent results may be one.
    fn assert_is_finite(report: &DriftReport) {
        for f in &report.features {
            let numbers = [f.statistic, f.p_value, f.p_value_asymptotic, f.p_value_adjusted];
            let distances = [f.psi, f.kl_divergence, f.jensen_shannon];
            let moved = f.wasserstein_normed.unwrap_or_default();
            assert!(numbers.iter().chain(&distances).all(|n| n.is_finite()), "{f:?}");
            assert!(moved.is_finite(), "{f:?}");
            assert!(numbers[1..].iter().all(|p| (0.0..=1.0).contains(p)), "{f:?}");
        }
    }

    #[test]
    fn a_shift_drifts_and_none_does_not() {
        let reference = columns(1, 200, 0.0);
        assert_eq!(default(&reference, &columns(60, 100, 0.0)).outcome, Outcome::NoDrift);
        let drifted = default(&reference, &columns(60, 100, 0.4));
        assert!(drifted.drifted && drifted.features.iter().all(|feature| feature.drifted));
        assert!(drifted.p_value.unwrap() < 1e-9);
    }

    #[test]
    fn few_rows_are_no_verdict_and_still_numbers() {
        let (reference, current) = (columns(1, 200, 0.0), columns(60, 30, 0.9));
        let report = default(&reference, &current);
        assert_eq!(report.outcome, Outcome::InsufficientData { rows: 30, needed: 50 });
        assert!(!report.drifted && report.features.iter().all(|feature| !feature.drifted));
        assert!(report.features.iter().all(|feature| feature.p_value_adjusted < 0.05));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["outcome"], &json["rows"]), (&"insufficient_data".into(), &30.into()));
    }

    #[test]
    fn a_column_going_missing_is_drift() {
        let reference = columns(1, 200, 0.0);
        let mut current = columns(60, 100, 0.0);
        current[1].values.iter_mut().step_by(5).for_each(|value| *value = f64::NAN);
        let report = default(&reference, &current);
        let drifted: Vec<bool> = report.features.iter().map(|feature| feature.drifted).collect();
        assert_eq!(drifted, [false, true, false]);
        assert_eq!(report.features[1].test, DriftTest::MissingShare);
        assert!((report.features[1].statistic - 0.2).abs() < 1e-12);
        current[1].values.fill(f64::NAN);
        let report = default(&reference, &current);
        assert_eq!((report.features[1].psi, report.features[1].drifted), (0.0, true));
        // What was missing all along is none.
        let mut reference = reference;
        reference[1].values.fill(f64::NAN);
        assert!(!default(&reference, &current).features[1].drifted);
    }

    #[test]
    fn samples_without_anything_to_compare_have_a_result() {
        let constant = |n: usize| vec![SampleColumn::numeric("x", vec![7.0; n])];
        assert_eq!(default(&constant(100), &constant(60)).features[0].p_value, 1.0);
        for (n, m) in [(0, 0), (100, 0), (0, 100), (1, 1)] {
            let report = default(&constant(n), &constant(m));
            assert!(matches!(report.outcome, Outcome::InsufficientData { .. }));
        }
        let moved = [SampleColumn::numeric("x", vec![8.0; 60])];
        assert!(default(&constant(100), &moved).drifted);
        let huge = [SampleColumn::numeric("x", [f64::MAX, f64::MIN].repeat(40))];
        assert!(default(&constant(100), &huge).drifted);
        default(&huge, &constant(100));
        default(
            &[SampleColumn::numeric(
                "x",
                (0..80).map(|i| f64::MAX / 80.0 * f64::from(i) - f64::MAX / 3.0).collect(),
            )],
            &huge,
        );
    }

    #[test]
    fn a_new_category_is_named() {
        let colours = |names: &[&'static str], n: usize| {
            let texts: Vec<Option<&str>> = names.iter().cycle().take(n).map(|t| Some(*t)).collect();
            SampleColumn::categorical("colour", &texts)
        };
        let reference = [colours(&["red", "blue"], 100)];
        let report = default(&reference, &[colours(&["red", "blue", "green"], 90)]);
        assert_eq!(report.features[0].new_categories, ["green"]);
        assert!(report.drifted);
        assert!(!default(&reference, &[colours(&["red", "blue"], 90)]).drifted);
        let texts = default(&reference, &[colours(&["a", "b", "c"], 60)]);
        assert_eq!(texts.features[0].new_categories.len(), 3);
    }

    #[test]
    fn a_shift_across_columns_that_vary_together_is_found() {
        // The second column follows the first; no column alone says that it no longer does.
        let base = |seed: u64, n: usize| uniform(seed, n);
        let pair = |seed: u64, n: usize, shift: f64| {
            let (x, noise) = (base(seed, n), base(seed + 9, n));
            let y = x.iter().zip(noise).map(|(x, noise)| x + 0.1 * noise + shift).collect();
            vec![SampleColumn::numeric("x", x), SampleColumn::numeric("y", y)]
        };
        let report = default(&pair(1, 256, 0.0), &pair(3, 100, 0.07));
        assert!(report.features.iter().all(|feature| feature.p_value > 0.05), "{report:?}");
        assert!(report.drifted && report.joint.unwrap().p_value < 1e-6, "{report:?}");
    }

    /// A score for each row and category would take gigabytes: the columns have their own tests.
    #[test]
    fn a_window_of_thousands_of_categories_gets_no_joint_test() {
        let texts: Vec<String> = (0..20_000).map(|i| format!("{}", i % 2000)).collect();
        let column = |n_categories: usize| {
            let text = |i: usize| texts.get(i % n_categories).map(String::as_str);
            let texts: Vec<Option<&str>> = (0..20_000).map(text).collect();
            [SampleColumn::categorical("x", &texts), SampleColumn::categorical("y", &texts)]
        };
        let report = detect(&column(200), &column(2000), DriftParams::default()).unwrap();
        assert!(report.joint.is_none() && report.drifted);
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let (reference, mut current) = (columns(1, 100, 0.0), columns(60, 100, 0.4));
        let report = default(&reference, &current);
        current.reverse();
        current.insert(1, SampleColumn::numeric("new", vec![1.0; 3]));
        assert_eq!(default(&reference, &current), report);
    }

    #[test]
    fn what_cannot_be_compared_is_told() {
        let reference = columns(1, 100, 0.0);
        let refused = |current: &[SampleColumn], words: &str| {
            let error = detect(&reference, current, DriftParams::default()).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        };
        refused(&reference[..2], "no column \"x2\"");
        let mut uneven = reference.clone();
        uneven[2].values.pop();
        refused(&uneven, "\"x2\" has 99 rows where the first column has 100");
        let mut infinite = reference.clone();
        infinite[0].values[3] = f64::INFINITY;
        refused(&infinite, "\"x0\" holds an infinity");
        let mut text = reference.clone();
        text[0] = SampleColumn::categorical("x0", &[Some("a")]);
        refused(&text, "numbers in one sample and categories");
        assert_eq!(detect(&[], &reference, DriftParams::default()), Err(DriftError::NoColumns));
        let rule = Rule::Calibrated { alpha: 1.5, min_rows: 50 };
        let error = detect(&reference, &reference, DriftParams { rule }).unwrap_err();
        assert_eq!(error.to_string(), "alpha is 1.5: it must be between 0 and 1");
    }
}
