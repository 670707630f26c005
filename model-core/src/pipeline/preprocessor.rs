//! All steps from a raw row to what the model sees: imputed, encoded, derived, selected, scaled.
//!
//! Each step is fitted on training rows alone, so that nothing leaks from a held-out fold.

use serde::{Deserialize, Serialize};

use super::derived::Derived;
#[cfg(test)]
use super::fitting::{PreprocessorFit, ScalerFit};
use super::target_encoding::TargetCounts;
use super::{DerivedFeatures, Encoder, Encoding, Imputer, StandardScaler};
#[cfg(test)]
use crate::budget::Budget;
use crate::buffer::with_zeros;
use crate::dataset::Dataset;
use crate::model::ParamError;

/// What is done to the rows before the model sees them, beyond what every model needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PreprocessingParams {
    /// Columns made of pairs of numeric ones; default none.
    pub derived: DerivedFeatures,
    /// How many of the columns are kept, the most important ones; default all.
    pub select: Option<u32>,
}

impl PreprocessingParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] if no column would be kept.
    pub fn check(&self) -> Result<(), ParamError> {
        match self.select {
            Some(0) => {
                Err(ParamError { name: "select", value: 0.0, expected: "at least 1 column" })
            }
            _ => Ok(()),
        }
    }
}

/// Fitted steps from raw rows to design rows, which is what a model sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocessor {
    imputer: Imputer,
    encoder: Encoder,
    derived: Vec<Derived>,
    /// Which columns, encoded and then derived ones, are kept; ascending.
    selected: Option<Vec<u32>>,
    scaler: Option<StandardScaler>,
    /// What the rows that it is fitted on are encoded by, until the fit is over; by column.
    counts: Vec<Option<TargetCounts>>,
}

impl Preprocessor {
    /// These steps, with all columns kept and none scaled.
    pub(super) fn new(
        imputer: Imputer,
        encoder: Encoder,
        derived: Vec<Derived>,
        mut counts: Vec<Option<TargetCounts>>,
    ) -> Self {
        if counts.iter().all(Option::is_none) {
            counts.clear();
        }
        Self { imputer, encoder, derived, selected: None, scaler: None, counts }
    }

    /// The steps once all rows that they were fitted on are transformed.
    #[must_use]
    pub(crate) fn fitted(mut self) -> Self {
        self.counts = Vec::new();
        self
    }

    /// As [`transform_into`](Self::transform_into) for row number `row` of the data set, on which the
    /// steps were fitted: its own label does not count where labels encode.
    pub(crate) fn transform_training_row(&self, row: usize, values: &[f64], out: &mut [f64]) {
        if self.counts.is_empty() {
            return self.transform_into(values, out);
        }
        with_zeros(self.full_width(), |full| {
            let filled = self.imputer.filled(values);
            self.encoder.encode_training_row(row, &self.counts, filled, full);
            self.derive(values, full);
            match &self.selected {
                None => out.iter_mut().zip(&*full).for_each(|(out, value)| *out = *value),
                Some(selected) => keep(selected, full, out),
            }
        });
        if let Some(scaler) = &self.scaler {
            scaler.transform(out);
        }
    }

    /// Fits imputer and encoder on `rows` of `dataset` in one go.
    #[cfg(test)]
    fn fit(dataset: &Dataset, rows: &[usize], derived: DerivedFeatures) -> Self {
        let mut fit = PreprocessorFit::default();
        while fit.step(dataset, rows, &mut Budget::new(1)) {}
        fit.finish(dataset, derived).unwrap()
    }

    /// Keeps only these columns of the design rows (ascending).
    #[must_use]
    pub(crate) fn selecting(mut self, columns: Vec<u32>) -> Self {
        self.selected = Some(columns);
        self
    }

    /// Scales the columns of the design rows by a scaler that was fitted on them.
    #[must_use]
    pub(crate) fn scaled_by(mut self, scaler: Option<StandardScaler>) -> Self {
        self.scaler = scaler;
        self
    }

    /// Fits a scaler on design rows and scales them, in one go.
    #[cfg(test)]
    fn scaling(self, design: &mut [f64]) -> Self {
        let mut fit = ScalerFit::new(&self);
        while fit.step(design, &mut Budget::new(1)) {}
        self.scaled_by(fit.finish())
    }

    /// Imputed, encoded and scaled `rows`, and what does that.
    #[cfg(test)]
    pub(crate) fn standardised(dataset: &Dataset, rows: &[usize]) -> (Self, Vec<f64>) {
        let fitted = Self::fit(dataset, rows, DerivedFeatures::None);
        let mut design = fitted.transform(dataset, rows);
        (fitted.scaling(&mut design), design)
    }

    /// The steps with these parts, if they fit each other and rows of `n_features` values.
    #[must_use]
    pub fn from_parts(
        n_features: usize,
        imputer: Imputer,
        encoder: Encoder,
        derived: Vec<Derived>,
        selected: Option<Vec<u32>>,
        scaler: Option<StandardScaler>,
    ) -> Option<Self> {
        let steps = Self { imputer, encoder, derived, selected, scaler, counts: Vec::new() };
        let full_width = steps.full_width();
        let exists = |at: u32| (at as usize) < n_features;
        let sound = steps.imputer.fill().len() == n_features
            && steps.encoder.encodings().len() == n_features
            && steps.derived.iter().all(|derived| exists(derived.first) && exists(derived.second))
            && steps.selected.as_ref().is_none_or(|selected| {
                selected.windows(2).all(|pair| pair[0] < pair[1])
                    && selected.last().is_some_and(|&last| (last as usize) < full_width)
            })
            && steps.scaler.as_ref().is_none_or(|s| s.mean().len() == steps.width())
            && steps.width() > 0;
        sound.then_some(steps)
    }

    /// What stands in for missing values.
    #[must_use]
    pub fn imputer(&self) -> &Imputer {
        &self.imputer
    }

    /// How columns are encoded.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The derived columns.
    #[must_use]
    pub fn derived(&self) -> &[Derived] {
        &self.derived
    }

    /// The columns that are kept, if not all are.
    #[must_use]
    pub fn selected(&self) -> Option<&[u32]> {
        self.selected.as_deref()
    }

    /// How columns are scaled, if the model's family asks for it.
    #[must_use]
    pub fn scaler(&self) -> Option<&StandardScaler> {
        self.scaler.as_ref()
    }

    /// How many values a raw row has.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.imputer.fill().len()
    }

    /// How many values a design row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.selected.as_ref().map_or_else(|| self.full_width(), Vec::len)
    }

    /// Width before selection.
    fn full_width(&self) -> usize {
        self.encoder.width() + self.derived.len()
    }

    /// The source columns that a column of the design rows comes from: one, or the two of a
    /// derived column; none if there is no such column.
    #[must_use]
    pub fn sources_of(&self, design_column: usize) -> Vec<usize> {
        let at = match &self.selected {
            Some(selected) => match selected.get(design_column) {
                Some(&at) => at as usize,
                None => return Vec::new(),
            },
            None => design_column,
        };
        if let Some(derived) = at.checked_sub(self.encoder.width()) {
            let sources = self.derived.get(derived).map(|d| [d.first as usize, d.second as usize]);
            return sources.map_or_else(Vec::new, Vec::from);
        }
        let mut end = 0;
        let source = self.encoder.encodings().iter().position(|encoding| {
            end += encoding.width();
            at < end
        });
        source.into_iter().collect()
    }

    /// Which columns of the design rows are numbers and not indicators.
    pub(super) fn number_columns(&self) -> Vec<bool> {
        // A derived column has two sources, both of them numbers.
        let is_indicator = |&source: &usize| {
            matches!(self.encoder.encodings().get(source), Some(Encoding::OneHot(_)))
        };
        let is_number = |at: usize| !self.sources_of(at).iter().any(is_indicator);
        (0..self.width()).map(is_number).collect()
    }

    /// Writes the design row of raw `values` into `out`, which has [`width`](Self::width) places.
    pub fn transform_into(&self, values: &[f64], out: &mut [f64]) {
        let filled = self.imputer.filled(values);
        if self.selected.is_none() && self.derived.is_empty() && self.encoder.is_identity() {
            match &self.scaler {
                Some(scaler) => scaler.transform_into(filled, out),
                None => out.iter_mut().zip(filled).for_each(|(out, value)| *out = value),
            }
            return;
        }
        match &self.selected {
            None => self.encode_and_derive(values, out),
            Some(selected) => with_zeros(self.full_width(), |full| {
                self.encode_and_derive(values, full);
                keep(selected, full, out);
            }),
        }
        if let Some(scaler) = &self.scaler {
            scaler.transform(out);
        }
    }

    fn encode_and_derive(&self, values: &[f64], out: &mut [f64]) {
        self.encoder.encode_into(self.imputer.filled(values), out);
        self.derive(values, out);
    }

    fn derive(&self, values: &[f64], out: &mut [f64]) {
        let of_derived = out.iter_mut().skip(self.encoder.width());
        for (out, derived) in of_derived.zip(&self.derived) {
            let value = |at: u32| self.imputer.value(values, at as usize);
            *out = derived.of(value(derived.first), value(derived.second));
        }
    }

    /// Work of one design row.
    pub(crate) fn units(&self) -> u64 {
        8 + 4 * (self.n_features() + self.full_width()) as u64
    }

    /// The design rows of `rows` of `dataset`, row-major.
    #[must_use]
    pub fn transform(&self, dataset: &Dataset, rows: &[usize]) -> Vec<f64> {
        let width = self.width();
        let mut out = vec![0.0; rows.len() * width];
        for (out, &row) in out.chunks_exact_mut(width.max(1)).zip(rows) {
            self.transform_into(dataset.row(row), out);
        }
        out
    }
}

/// Writes the columns that are kept.
fn keep(selected: &[u32], full: &[f64], out: &mut [f64]) {
    for (out, &at) in out.iter_mut().zip(selected) {
        *out = full.get(at as usize).copied().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Dataset {
        let csv = b"x,colour,z,y\n1,red,2,a\n,blue,4,b\n3,red,6,a\n5,,8,b\n";
        Dataset::from_csv(csv, &crate::CsvOptions::default()).unwrap()
    }

    const ROWS: [usize; 4] = [0, 1, 2, 3];

    #[test]
    fn every_step_is_taken_in_its_order() {
        let data = data();
        let fitted = Preprocessor::fit(&data, &ROWS, DerivedFeatures::Ratios);
        // x, blue, red, z, x / z; the missing x is the median 3, the missing colour red.
        assert_eq!(
            fitted.transform(&data, &[0, 1, 3]).chunks(5).collect::<Vec<_>>(),
            [[1.0, 0.0, 1.0, 2.0, 0.5], [3.0, 1.0, 0.0, 4.0, 0.75], [5.0, 0.0, 1.0, 8.0, 0.625],]
        );
        let sources: Vec<_> = (0..6).map(|at| fitted.sources_of(at)).collect();
        assert_eq!(sources, [vec![0], vec![1], vec![1], vec![2], vec![0, 2], vec![]]);
        let selected = fitted.selecting(vec![1, 3]);
        assert_eq!(selected.transform(&data, &[1]), [1.0, 4.0]);
        let mut design = selected.transform(&data, &ROWS);
        let scaled = selected.scaling(&mut design);
        assert_eq!(design, scaled.transform(&data, &ROWS));
        assert_eq!(design[0], 0.0, "indicators stay");
        assert!((design[1] + 1.341_640_786).abs() < 1e-9, "(2 - 5) / sqrt(5): {design:?}");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let fitted = Preprocessor::fit(&data(), &ROWS, DerivedFeatures::Products);
        let build = |selected: Option<Vec<u32>>, scaler: Option<StandardScaler>, n| {
            let Preprocessor { imputer, encoder, derived, .. } = fitted.clone();
            Preprocessor::from_parts(n, imputer, encoder, derived, selected, scaler)
        };
        let scaler = |n: usize| StandardScaler::from_parts(vec![0.0; n], vec![1.0; n]);
        assert!(build(None, scaler(5), 3).is_some());
        assert!(build(None, None, 2).is_none());
        assert!(build(Some(vec![0, 4]), scaler(2), 3).is_some());
        assert!(build(Some(vec![0, 4]), scaler(5), 3).is_none());
        assert!(build(Some(vec![4, 0]), None, 3).is_none());
        assert!(build(Some(vec![5]), None, 3).is_none());
        assert!(build(Some(vec![]), None, 3).is_none());
    }
}
