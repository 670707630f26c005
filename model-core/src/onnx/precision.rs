//! What single precision would make of the numbers that a model reads, found on the rows it carries.
//!
//! A float keeps about seven digits: an epoch in seconds, a coordinate with seven decimals or a
//! meter of ten digits is rounded, and the rounding may be as great as what tells the rows apart.
//! Whether it is can be known from the reference rows: they are answered as they are, and with the
//! numbers that the graph would read from floats.

use std::collections::BTreeSet;

use crate::artifact::Artifact;
use crate::model::Model;
use crate::order::argmax;
use crate::pipeline::Preprocessor;

/// A value may be off by so much of its column's standard deviation.
const MOST_OF_SPREAD: f64 = 1e-5;
/// A probability may be off by so much, as everywhere in an export.
const MOST_OF_PROBABILITY: f64 = 1e-5;

/// What floats as inputs would cost a model.
#[derive(Debug, Clone, PartialEq)]
pub struct SinglePrecisionLoss {
    /// The columns whose numbers need more digits.
    pub columns: Vec<NarrowedColumn>,
    /// Rows that were looked at: those that the model carries.
    pub n_rows: usize,
    /// Those of them that would get another label.
    pub n_labels: usize,
    /// By how much a probability would be off at most.
    pub probability: f64,
}

/// A column of numbers that single precision rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct NarrowedColumn {
    /// Its name.
    pub name: String,
    /// By how much a value is off at most.
    pub error: f64,
    /// The values' standard deviation.
    pub spread: f64,
    /// How many different values there are.
    pub n_values: usize,
    /// How many of them single precision tells apart.
    pub n_single: usize,
}

impl NarrowedColumn {
    fn is_worth_a_word(&self) -> bool {
        self.error > MOST_OF_SPREAD * self.spread || self.n_single < self.n_values
    }
}

impl Artifact {
    /// What single-precision inputs would cost this model; `None` if they carry what it reads.
    ///
    /// With a loss, [`to_onnx`](Self::to_onnx) writes a file that takes doubles. A column counts if
    /// a value of the rows that the model carries is off by more than 1e-5 of the column's standard
    /// deviation, or two different ones fall together; where a label changes, or a probability by
    /// more than 1e-5, each column that is rounded at all. Trees on the columns themselves compare in
    /// single precision outside ONNX too: they lose nothing more.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.single_precision_loss().is_none(), "centimetres with one decimal");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn single_precision_loss(&self) -> Option<SinglePrecisionLoss> {
        if compares_inputs_singly(self) {
            return None;
        }
        let sample = self.reference();
        let rows = || sample.train.rows().chain(sample.held_out.rows()).map(|(row, _)| row);
        let mut columns = Vec::new();
        for (at, feature) in self.schema().features.iter().enumerate() {
            let Some(range) = feature.numeric() else { continue };
            let values = rows().filter_map(|row| row.get(at).copied());
            columns.push(narrowed(&feature.name, values, range.decimals));
        }
        columns.retain(|column| column.error > 0.0);
        if columns.is_empty() {
            return None;
        }
        let decimals: Vec<Option<u8>> =
            self.schema().features.iter().map(|f| Some(f.numeric()?.decimals)).collect();
        let mut loss = SinglePrecisionLoss { columns, n_rows: 0, n_labels: 0, probability: 0.0 };
        let mut answers = [(); 2].map(|()| vec![0.0; self.schema().classes.len()]);
        for row in rows() {
            let singly: Vec<f64> = row
                .iter()
                .zip(&decimals)
                .map(|(&value, decimals)| decimals.map_or(value, |d| as_read(value, d)))
                .collect();
            let [exact, off] = &mut answers;
            self.predict_proba_into(row, exact);
            self.predict_proba_into(&singly, off);
            let differences = exact.iter().zip(&*off).map(|(a, b)| (a - b).abs());
            loss.probability = differences.fold(loss.probability, f64::max);
            loss.n_labels += usize::from(argmax(exact) != argmax(off));
            loss.n_rows += 1;
        }
        if loss.n_labels == 0 && loss.probability <= MOST_OF_PROBABILITY {
            loss.columns.retain(NarrowedColumn::is_worth_a_word);
        }
        (!loss.columns.is_empty()).then_some(loss)
    }
}

/// Whether the first thing that happens to a number is a comparison in single precision.
pub(super) fn compares_inputs_singly(artifact: &Artifact) -> bool {
    let pipeline = artifact.pipeline();
    let is_tree = matches!(pipeline.model, Model::RandomForest(_) | Model::GradientBoosting(_));
    is_tree && is_plain(&pipeline.preprocessor)
}

/// Whether columns reach the classifier as they are, but for what is filled in.
pub(super) fn is_plain(preprocessor: &Preprocessor) -> bool {
    preprocessor.derived().is_empty() && preprocessor.scaler().is_none()
}

fn narrowed(name: &str, values: impl Iterator<Item = f64>, decimals: u8) -> NarrowedColumn {
    let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|value| value / n).sum::<f64>();
    let variance = values.iter().map(|value| (value - mean) * (value - mean) / n).sum::<f64>();
    let read = |value: &f64| as_read(*value, decimals);
    let different = |values: &mut dyn Iterator<Item = f64>| {
        values.map(|value| (value + 0.0).to_bits()).collect::<BTreeSet<u64>>().len()
    };
    NarrowedColumn {
        name: name.to_owned(),
        error: values.iter().map(|value| (value - read(value)).abs()).fold(0.0, f64::max),
        spread: variance.sqrt(),
        n_values: different(&mut values.iter().copied()),
        n_single: different(&mut values.iter().map(read)),
    }
}

/// What the graph reads where a caller holds `value` as a float: the shortest decimal of at most
/// `decimals` places that the float stands for, or the float. The graph's own steps are in
/// `features`.
fn as_read(value: f64, decimals: u8) -> f64 {
    let float = value as f32;
    let mut power = 1.0;
    for _ in 0..=decimals {
        let decimal = libm::rint(f64::from(float) * power) / power;
        if decimal as f32 == float {
            return decimal;
        }
        power *= 10.0;
    }
    f64::from(float)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::pipeline::{DerivedFeatures, PreprocessingParams};
    use crate::{CsvOptions, Dataset, Family, TrainParams};

    #[test]
    fn decimals_of_seven_digits_are_read_as_they_were_written() {
        let check =
            |value: f64, decimals: u8, read: f64| assert_eq!(as_read(value, decimals), read);
        check(5.1, 1, 5.1);
        check(-0.25, 6, -0.25);
        check(16_777_216.0, 0, 16_777_216.0);
        check(16_777_217.0, 0, 16_777_216.0);
        check(0.1, 0, f64::from(0.1_f32));
        assert!(as_read(f64::NAN, 2).is_nan());
    }

    /// Rows whose class follows a small change of a great number.
    fn loss(csv: &str, family: Family, derived: DerivedFeatures) -> Option<SinglePrecisionLoss> {
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let preprocessing = PreprocessingParams { derived, select: None };
        let params = TrainParams { cv_folds: 0, preprocessing, ..TrainParams::new(family) };
        params.train(&data).unwrap().single_precision_loss()
    }

    fn readings(start: f64, step: f64, decimals: usize) -> String {
        let mut csv = String::from("reading,other,class\n");
        for row in 0..60_u32 {
            let reading = start + step * f64::from(row);
            let class = if row < 30 { "before" } else { "after" };
            csv += &format!("{reading:.decimals$},{}.5,{class}\n", row * 7 % 5);
        }
        csv
    }

    #[test]
    fn numbers_of_more_digits_are_found_and_named() {
        let none = DerivedFeatures::None;
        for (start, step, decimals) in
            [(1.9e9, 3.0, 0), (47.123_456_7, 1e-7, 7), (8_123_456_700.0, 10.0, 0)]
        {
            let csv = readings(start, step, decimals);
            let loss = loss(&csv, Family::Svm, none).unwrap();
            let names: Vec<&str> = loss.columns.iter().map(|column| &*column.name).collect();
            assert_eq!(names, ["reading"], "{start}");
            assert!(loss.n_labels > 0 && loss.n_rows == 60, "{loss:?}");
            assert!(loss.columns[0].n_single < loss.columns[0].n_values);
        }
    }

    #[test]
    fn numbers_that_floats_hold_and_trees_lose_nothing() {
        let (none, ratios) = (DerivedFeatures::None, DerivedFeatures::Ratios);
        assert_eq!(loss(&readings(1.0, 0.1, 1), Family::Svm, none), None);
        assert_eq!(loss(&readings(100_000.0, 3.0, 0), Family::GaussianNb, ratios), None);
        let csv = readings(1.9e9, 3.0, 0);
        assert_eq!(loss(&csv, Family::RandomForest, none), None);
        // A ratio is taken in doubles before it is compared.
        assert!(loss(&csv, Family::RandomForest, ratios).is_some());
    }
}
