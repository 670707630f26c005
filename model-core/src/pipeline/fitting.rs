//! Preprocessing on its way to be fitted, in slices of bounded work: column by column, then row by
//! row.

use super::target_encoding::TargetCounts;
use super::{DerivedFeatures, Encoder, Encoding, Imputer, Preprocessor, StandardScaler};
use crate::budget::{Budget, share};
use crate::dataset::Dataset;
use crate::model::FitError;

/// To find a row's place in one column, once to impute it and once to encode it.
const UNITS_A_VALUE: u64 = 60;
/// To take a value's part in the mean and the deviation of its column.
const UNITS_A_MOMENT: u64 = 10;
/// To scale a value.
const UNITS_A_SCALED: u64 = 2;

/// Imputer and encoder on their way.
#[derive(Debug, Default)]
pub(crate) struct PreprocessorFit {
    fill: Vec<f64>,
    encodings: Vec<Encoding>,
    /// By column, what training rows are encoded by.
    counts: Vec<Option<TargetCounts>>,
}

impl PreprocessorFit {
    /// Fits columns on `rows` of `dataset` until the budget is spent; returns whether more are to
    /// come.
    pub(crate) fn step(&mut self, dataset: &Dataset, rows: &[usize], budget: &mut Budget) -> bool {
        while self.fill.len() < dataset.n_features() {
            if budget.is_spent() {
                return true;
            }
            let at = self.fill.len();
            let fill = Imputer::fill_of(dataset, rows, at);
            self.fill.push(fill);
            let (encoding, counts) = Encoder::encoding_of(dataset, rows, at, fill);
            self.encodings.push(encoding);
            self.counts.push(counts);
            budget.spend(rows.len(), UNITS_A_VALUE);
        }
        false
    }

    /// Share of the columns that are fitted.
    pub(crate) fn share_done(&self, dataset: &Dataset) -> f64 {
        share(self.fill.len(), dataset.n_features())
    }

    /// What was fitted, with all columns kept and none scaled.
    ///
    /// # Errors
    /// [`FitError::DerivedSources`] if columns are to be derived from too many.
    pub(crate) fn finish(
        self,
        dataset: &Dataset,
        derived: DerivedFeatures,
    ) -> Result<Preprocessor, FitError> {
        let derived = derived.columns_for(dataset)?;
        let (imputer, encoder) =
            (Imputer::of_fill(self.fill), Encoder::of_encodings(self.encodings));
        Ok(Preprocessor::new(imputer, encoder, derived, self.counts))
    }
}

/// A scaler on its way: means and deviations first, then every row is scaled.
#[derive(Debug)]
pub(crate) struct ScalerFit {
    is_number: Vec<bool>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    scaler: Option<StandardScaler>,
    values_scaled: usize,
}

impl ScalerFit {
    /// For design rows of `preprocessor`, of which numbers alone are scaled: indicators stay 0 and 1.
    pub(crate) fn new(preprocessor: &Preprocessor) -> Self {
        let is_number = preprocessor.number_columns();
        let (mean, scale) = (Vec::new(), Vec::new());
        Self { is_number, mean, scale, scaler: None, values_scaled: 0 }
    }

    /// Fits columns of the design rows, then scales rows, until the budget is spent; returns whether
    /// more is to come.
    pub(crate) fn step(&mut self, design: &mut [f64], budget: &mut Budget) -> bool {
        let width = self.is_number.len().max(1);
        while let Some(&is_number) = self.is_number.get(self.mean.len()) {
            if budget.is_spent() {
                return true;
            }
            let (mean, scale) = StandardScaler::moments(design, width, self.mean.len(), is_number);
            self.mean.push(mean);
            self.scale.push(scale);
            budget.spend(design.len() / width, UNITS_A_MOMENT);
        }
        let scaler = self.scaler.get_or_insert_with(|| {
            let (mean, scale) = (std::mem::take(&mut self.mean), std::mem::take(&mut self.scale));
            self.is_number.clear();
            StandardScaler::of_moments(mean, scale)
        });
        let width = scaler.mean().len().max(1);
        let left = design.get_mut(self.values_scaled..).unwrap_or_default();
        for row in left.chunks_exact_mut(width) {
            if budget.is_spent() {
                return true;
            }
            scaler.transform(row);
            self.values_scaled += width;
            budget.spend(width, UNITS_A_SCALED);
        }
        false
    }

    /// The scaler; `None` before it is fitted.
    pub(crate) fn finish(self) -> Option<StandardScaler> {
        self.scaler
    }
}
