//! A reference without its rows: what is needed of it to see drift, and no more.
//!
//! A [`ReferenceSketch`] is built from rows or merged from others (of days, of shards), and a window
//! of rows is compared with it by [`detect_against_sketch`]. It holds no row, so the columns are
//! compared one by one and there is no joint test.

mod quantiles;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::quantiles::QuantileSketch;
use super::binning::BinShares;
use super::column::{Paired, PairedValues, SampleColumn};
use super::detection::{calibrated, compare};
use super::report::{DriftReport, Outcome};
use super::{DriftError, kolmogorov_smirnov};
use crate::dataset::ColumnKind;
use crate::order::filled;
use crate::reference::{ColumnSummary, ReferenceSummary};
use crate::schema::{Feature, FeatureKind, Schema};

/// Numbers that stand for a column where distances are taken.
const REPRESENTATIVES: u64 = 1024;

/// What is known of a column's values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SketchedValues {
    /// Numbers.
    Numeric(QuantileSketch),
    /// Rows by category.
    Categorical(BTreeMap<String, u64>),
}

/// A column's summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSketch {
    /// Its name.
    pub name: String,
    /// Rows without a value.
    pub n_missing: u64,
    /// The others.
    pub values: SketchedValues,
}

impl ColumnSketch {
    fn of(column: &SampleColumn) -> Self {
        let n_missing = column.values.iter().filter(|value| value.is_nan()).count() as u64;
        let values = match &column.kind {
            ColumnKind::Numeric => SketchedValues::Numeric(QuantileSketch::of(&column.values)),
            ColumnKind::Categorical(names) => {
                let mut counts = BTreeMap::new();
                for value in column.values.iter().filter(|value| !value.is_nan()) {
                    if let Some(name) = names.get(*value as usize) {
                        *counts.entry(name.clone()).or_insert(0) += 1;
                    }
                }
                SketchedValues::Categorical(counts)
            }
        };
        Self { name: column.name.clone(), n_missing, values }
    }

    fn of_summary((column, feature): (&ColumnSummary, &Feature)) -> Self {
        let counts = column.values.iter().zip(&column.counts);
        let values = match &feature.kind {
            FeatureKind::Numeric(_) => {
                let values = counts.map(|(value, n)| (*value, *n));
                SketchedValues::Numeric(QuantileSketch::of_groups(values, column.rank_error))
            }
            FeatureKind::Categorical(names) => {
                let count = |(code, n): (&f64, &u32)| {
                    names.get(*code as usize).map(|name| (name.clone(), u64::from(*n)))
                };
                SketchedValues::Categorical(filled(counts.filter_map(count)))
            }
        };
        Self { name: feature.name.clone(), n_missing: column.n_missing.into(), values }
    }

    fn n_rows(&self) -> u64 {
        let n_present = match &self.values {
            SketchedValues::Numeric(sketch) => sketch.n_rows(),
            SketchedValues::Categorical(counts) => {
                counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count))
            }
        };
        self.n_missing.saturating_add(n_present)
    }
}

/// The summary of a reference, column by column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceSketch {
    /// Its columns.
    pub columns: Vec<ColumnSketch>,
}

impl ReferenceSketch {
    /// The summary of these columns.
    #[must_use]
    pub fn of(columns: &[SampleColumn]) -> Self {
        Self { columns: columns.iter().map(ColumnSketch::of).collect() }
    }

    /// What a model of this schema carries [without rows](crate::Artifact::without_rows).
    ///
    /// ```
    /// use model_core::drift::{ReferenceSketch, SampleColumn, detect_against_sketch};
    /// use model_core::{Dataset, Family, TrainParams};
    /// let iris = Dataset::iris();
    /// let model = TrainParams::new(Family::GaussianNb).train(&iris)?.without_rows()?;
    /// let summary = model.reference_summary().expect("it carries no rows");
    /// let sketch = ReferenceSketch::of_summary(model.schema(), summary);
    /// let window: Vec<usize> = (0..60).collect();
    /// let window = SampleColumn::of_dataset(&iris, &window);
    /// let report = detect_against_sketch(&sketch, &window, 0.05, 50)?;
    /// assert!(report.drifted, "fifty setosas and ten versicolors");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_summary(schema: &Schema, summary: &ReferenceSummary) -> Self {
        let columns = summary.columns().iter().zip(&schema.features);
        Self { columns: columns.map(ColumnSketch::of_summary).collect() }
    }

    /// Takes the rows of `other` in.
    ///
    /// # Errors
    /// [`DriftError::SketchDiffers`] if it has not the same columns of the same types; nothing is
    /// merged then.
    pub fn merge(&mut self, other: &Self) -> Result<(), DriftError> {
        use SketchedValues::{Categorical, Numeric};
        let (n, m) = (self.columns.len(), other.columns.len());
        for at in 0..n.max(m) {
            let alike = match (self.columns.get(at), other.columns.get(at)) {
                (Some(a), Some(b)) if a.name == b.name => matches!(
                    (&a.values, &b.values),
                    (Numeric(_), Numeric(_)) | (Categorical(_), Categorical(_))
                ),
                _ => false,
            };
            if !alike {
                let column = self.columns.get(at).or(other.columns.get(at));
                let column = column.map_or_else(String::new, |column| column.name.clone());
                return Err(DriftError::SketchDiffers { column });
            }
        }
        for (column, other) in self.columns.iter_mut().zip(&other.columns) {
            column.n_missing = column.n_missing.saturating_add(other.n_missing);
            match (&mut column.values, &other.values) {
                (Numeric(sketch), Numeric(other)) => sketch.merge(other),
                (Categorical(counts), Categorical(other)) => {
                    for (name, n) in other {
                        let count = counts.entry(name.clone()).or_insert(0);
                        *count = count.saturating_add(*n);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Compares the window `current` with a reference of which only the summary is left.
///
/// As [`detect`](super::detect) with its default rule, without the joint test. The summary's
/// Kolmogorov-Smirnov statistic may be off by its rank error: the p-value is that of the statistic
/// less that error by the asymptotic distribution, so it is never smaller than the rows' own
/// asymptotic one, and false alarms do not become more. PSI, Jensen-Shannon and Wasserstein are those
/// of up to 1,024 quantiles; of a model without rows, PSI and Jensen-Shannon are those of its groups.
///
/// # Errors
/// As [`detect`](super::detect).
pub fn detect_against_sketch(
    reference: &ReferenceSketch,
    current: &[SampleColumn],
    alpha: f64,
    min_rows: usize,
) -> Result<DriftReport, DriftError> {
    let rule = super::Rule::Calibrated { alpha, min_rows };
    super::detection::check(rule)?;
    let Some(first) = reference.columns.first() else { return Err(DriftError::NoColumns) };
    let mut features = Vec::new();
    let mut n_current = None;
    for sketch in &reference.columns {
        let column = current
            .iter()
            .find(|column| column.name == sketch.name)
            .ok_or_else(|| DriftError::MissingColumn { column: sketch.name.clone() })?;
        let (expected, got) = (*n_current.get_or_insert(column.values.len()), column.values.len());
        if expected != got {
            return Err(DriftError::RowCount { column: column.name.clone(), expected, got });
        }
        features.push(compared(sketch, column)?);
    }
    let (n_reference, n_current) = (first.n_rows() as usize, n_current.unwrap_or_default());
    let rows = n_reference.min(n_current);
    let (outcome, p_value) = calibrated(&mut features, None, alpha, (rows, min_rows));
    let drifted = outcome == Outcome::Drift;
    Ok(DriftReport { drifted, outcome, n_reference, n_current, p_value, joint: None, features })
}

/// One column against its summary, before any verdict.
fn compared(
    sketch: &ColumnSketch,
    column: &SampleColumn,
) -> Result<super::FeatureDrift, DriftError> {
    let stand_in = match &sketch.values {
        SketchedValues::Numeric(quantiles) => {
            SampleColumn::numeric(&*sketch.name, quantiles.representatives(REPRESENTATIVES))
        }
        SketchedValues::Categorical(counts) => SampleColumn {
            name: sketch.name.clone(),
            kind: ColumnKind::Categorical(counts.keys().cloned().collect()),
            values: Vec::new(),
            odd: None,
        },
    };
    let mut paired = Paired::new(&stand_in, column)?;
    if let SketchedValues::Categorical(counts) = &sketch.values {
        paired.count_reference(counts);
    }
    let n_missing = column.values.iter().filter(|value| value.is_nan()).count() as u64;
    let n_current = column.values.len() as u64;
    let mut feature = compare(&paired);
    feature.missing = super::detection::missing_shares(
        (sketch.n_missing, sketch.n_rows()),
        (n_missing, n_current),
    );
    if let (SketchedValues::Numeric(quantiles), PairedValues::Numeric { reference, current }) =
        (&sketch.values, &paired.values)
        && quantiles.is_grouped()
    {
        // Bins that know the groups' numbers alone would take every other value for new.
        let shares = BinShares::of_sorted(reference, &nearest_groups(reference, current));
        feature.psi = shares.population_stability_index();
        feature.kl_divergence = shares.kullback_leibler();
        feature.jensen_shannon = shares.jensen_shannon();
    }
    if let SketchedValues::Numeric(quantiles) = &sketch.values {
        let mut values: Vec<f64> =
            column.values.iter().copied().filter(|value| !value.is_nan()).collect();
        crate::order::sort_values(&mut values);
        let ks = against(quantiles, &values);
        feature.statistic = ks.statistic;
        (feature.p_value, feature.p_value_asymptotic) = (ks.p_value, ks.p_value_asymptotic);
    }
    feature.test_the_type();
    Ok(feature)
}

/// Each value as the number that is nearest to it among `groups`, the lower of two as near. Both
/// ascend.
fn nearest_groups(groups: &[f64], values: &[f64]) -> Vec<f64> {
    let nearest = |value: &f64| {
        let behind = groups.partition_point(|group| group < value);
        let below = behind.checked_sub(1).and_then(|at| groups.get(at));
        match (below, groups.get(behind)) {
            (Some(below), Some(above)) if value - below <= above - value => *below,
            (_, Some(above)) => *above,
            (Some(below), None) => *below,
            (None, None) => *value,
        }
    };
    values.iter().map(nearest).collect()
}

/// Kolmogorov-Smirnov against a summary; with the rows themselves while it still holds them all.
fn against(sketch: &QuantileSketch, current: &[f64]) -> super::KolmogorovSmirnov {
    let (error, pairs) = (sketch.rank_error(), sketch.weighted());
    if error == 0.0 || current.is_empty() {
        let values: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        return kolmogorov_smirnov(&values, current);
    }
    let (n, m) = (sketch.n_rows() as f64, current.len() as f64);
    let (mut i, mut j, mut rank, mut statistic) = (0, 0, 0_u64, 0.0_f64);
    while let (Some(pair), Some(b)) = (pairs.get(i), current.get(j)) {
        let value = pair.0.min(*b);
        while pairs.get(i).is_some_and(|pair| pair.0 <= value) {
            rank += pairs[i].1;
            i += 1;
        }
        while current.get(j).is_some_and(|b| *b <= value) {
            j += 1;
        }
        statistic = statistic.max((rank as f64 / n - j as f64 / m).abs());
    }
    let least = (statistic - error).max(0.0);
    let p_value_asymptotic = super::kolmogorov_smirnov::asymptotic(n, m, least);
    super::KolmogorovSmirnov { statistic, p_value: p_value_asymptotic, p_value_asymptotic }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{DriftParams, detect};
    use crate::rng::{Purpose, SplitMix64};

    fn sample(seed: u64, n: usize, shift: f64) -> Vec<SampleColumn> {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        let numbers =
            (0..n).map(|at| if at % 10 == 3 { f64::NAN } else { rng.unit() + shift }).collect();
        let colours = ["red", "green", "blue"];
        let texts: Vec<Option<&str>> =
            (0..n).map(|_| colours.get(rng.below(3) as usize).copied()).collect();
        vec![SampleColumn::numeric("x", numbers), SampleColumn::categorical("colour", &texts)]
    }

    #[test]
    fn a_short_reference_gives_the_p_values_of_its_rows() {
        let (reference, window) = (sample(1, 500, 0.0), sample(2, 200, 0.1));
        let rows = detect(&reference, &window, DriftParams::default()).unwrap();
        let sketch = ReferenceSketch::of(&reference);
        let report = detect_against_sketch(&sketch, &window, 0.05, 50).unwrap();
        assert_eq!((report.n_reference, report.n_current), (500, 200));
        for (a, b) in report.features.iter().zip(&rows.features) {
            let of = |f: &super::super::FeatureDrift| {
                (f.test, f.statistic, f.p_value, f.psi, f.missing.p_value, f.missing.reference)
            };
            assert_eq!(of(a), of(b));
        }
    }

    #[test]
    fn p_values_are_never_smaller_than_those_of_the_rows() {
        for seed in 0..20 {
            let (reference, window) = (sample(seed, 12_000, 0.0), sample(seed + 50, 300, 0.03));
            let rows = detect(&reference, &window, DriftParams::default()).unwrap();
            let mut sketch = ReferenceSketch { columns: Vec::new() };
            for part in reference[0].values.chunks(2500) {
                let part = ReferenceSketch::of(&[SampleColumn::numeric("x", part.to_vec())]);
                if sketch.columns.is_empty() {
                    sketch = part;
                } else {
                    sketch.merge(&part).unwrap();
                }
            }
            let report = detect_against_sketch(&sketch, &window, 0.05, 50).unwrap();
            let (ours, exact) = (&report.features[0], &rows.features[0]);
            assert!(ours.p_value >= exact.p_value - 1e-12, "{ours:?} {exact:?}");
            assert!((ours.statistic - exact.statistic).abs() < 0.02);
            assert!(
                (ours.wasserstein_normed.unwrap() - exact.wasserstein_normed.unwrap()).abs() < 0.02
            );
        }
    }

    /// The summary that a model of such a sample carries.
    fn summarised(columns: &[SampleColumn]) -> ReferenceSketch {
        let mut csv = String::from("x,colour,y\n");
        let (numbers, codes) = (&columns[0].values, &columns[1].values);
        for (at, (number, code)) in numbers.iter().zip(codes).enumerate() {
            let number = if number.is_nan() { String::new() } else { number.to_string() };
            let colour = ["blue", "green", "red"].get(*code as usize).copied().unwrap_or_default();
            csv.push_str(&format!("{number},{colour},{}\n", ["a", "b"][at % 2]));
        }
        let data = crate::Dataset::from_csv(csv.as_bytes(), &Default::default()).unwrap();
        let params = crate::TrainParams::new(crate::Family::LogisticRegression);
        let params = crate::TrainParams { test_size: 0.0, cv_folds: 0, ..params };
        let model = params.train(&data).unwrap().without_rows().unwrap();
        ReferenceSketch::of_summary(model.schema(), model.reference_summary().unwrap())
    }

    #[test]
    fn a_model_without_rows_sees_drift_and_raises_no_more_alarms_than_its_rows() {
        let mut alarms = [[0; 2]; 2];
        for seed in 0..40 {
            let reference = sample(seed, 256, 0.0);
            let sketch = summarised(&reference);
            let same = detect_against_sketch(&sketch, &reference, 0.05, 50).unwrap();
            let (psi, moved) = (same.features[0].psi, same.features[0].wasserstein_normed);
            // Half a group of eight rows of 256 is 0.05 standard deviations of a uniform column.
            assert!(psi < 0.05 && moved < Some(0.05), "{psi} {moved:?}");
            for window in 0..10 {
                for (moved, shift) in [0.0, 0.2].into_iter().enumerate() {
                    let window = sample(1000 + 10 * seed + window, 100, shift);
                    let ours = detect_against_sketch(&sketch, &window, 0.05, 50).unwrap();
                    let rows = detect(&reference, &window, DriftParams::default()).unwrap();
                    let (of_ours, of_rows) = (&ours.features, &rows.features);
                    assert_eq!(of_ours[1].p_value, of_rows[1].p_value, "categories are counted");
                    assert!(of_ours[0].p_value >= of_rows[0].p_value_asymptotic - 1e-12);
                    assert_eq!(of_ours[0].missing, of_rows[0].missing);
                    alarms[moved][0] += usize::from(ours.drifted);
                    alarms[moved][1] += usize::from(rows.drifted);
                }
            }
        }
        println!("of 400 windows, summary and rows: {alarms:?}");
        assert!(alarms[0][0] <= 20 && alarms[1][0] > 320, "{alarms:?}");
    }

    #[test]
    fn a_shift_is_seen_and_a_new_category() {
        let sketch = ReferenceSketch::of(&sample(1, 5000, 0.0));
        let mut window = sample(2, 200, 0.2);
        window[1] = SampleColumn::categorical("colour", &[Some("black"); 200]);
        let report = detect_against_sketch(&sketch, &window, 0.05, 50).unwrap();
        assert!(report.drifted && report.features.iter().all(|feature| feature.drifted));
        assert_eq!(report.features[1].new_categories, ["black"]);
        assert!(!detect_against_sketch(&sketch, &sample(2, 200, 0.0), 0.05, 50).unwrap().drifted);
    }

    #[test]
    fn only_like_sketches_merge() {
        let mut sketch = ReferenceSketch::of(&sample(1, 60, 0.0));
        let other = ReferenceSketch::of(&sample(2, 40, 0.0));
        sketch.merge(&other).unwrap();
        assert_eq!(sketch.columns[1].n_rows(), 100);
        let narrow = ReferenceSketch { columns: sketch.columns[..1].to_vec() };
        let error = sketch.merge(&narrow).unwrap_err();
        assert_eq!(error, DriftError::SketchDiffers { column: "colour".into() });
    }
}
