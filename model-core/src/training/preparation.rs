//! From a data set's rows to the rows that a model sees, in slices of bounded work.

use crate::budget::{Budget, share};
use crate::dataset::{Dataset, MAX_ENCODED_VALUES};
use crate::model::forest::{ForestTraining, RandomForestParams};
use crate::model::{FitError, TrainingRows};
use crate::order::{sort_by, sort_rows};
use crate::pipeline::{Preprocessor, PreprocessorFit, ScalerFit};
use crate::recipe::TrainParams;
use crate::rng::{Purpose, SplitMix64};

/// Design rows and labels of the rows that are fitted on.
#[derive(Debug)]
pub(super) struct Design {
    values: Vec<f64>,
    labels: Vec<u32>,
    width: usize,
    n_classes: usize,
}

impl Design {
    /// Without values so far.
    fn new(dataset: &Dataset, rows: &[usize], preprocessor: &Preprocessor) -> Self {
        Self {
            values: Vec::with_capacity(rows.len() * preprocessor.width()),
            labels: rows.iter().map(|&row| dataset.label(row)).collect(),
            width: preprocessor.width(),
            n_classes: dataset.n_classes(),
        }
    }

    pub(super) fn rows(&self) -> TrainingRows<'_> {
        TrainingRows {
            values: &self.values,
            labels: &self.labels,
            n_features: self.width,
            n_classes: self.n_classes,
        }
    }

    /// Adds the design rows that are missing until the budget is spent; returns whether more are to
    /// come.
    fn fill(
        &mut self,
        dataset: &Dataset,
        rows: &[usize],
        preprocessor: &Preprocessor,
        budget: &mut Budget,
    ) -> bool {
        let n_done = self.values.len().checked_div(self.width).unwrap_or(rows.len());
        for &row in rows.get(n_done..).unwrap_or_default() {
            if budget.is_spent() {
                return true;
            }
            let start = self.values.len();
            self.values.resize(start + self.width, 0.0);
            if let Some(out) = self.values.get_mut(start..) {
                preprocessor.transform_training_row(row, dataset.row(row), out);
            }
            budget.spend(1, preprocessor.units());
        }
        false
    }
}

/// Preprocessing that is being fitted, and design rows that are being made by it.
///
/// It holds no rows of the data set: every step is handed those that it began with.
#[derive(Debug)]
pub(super) enum Preparation {
    /// Imputer and encoder, column by column.
    Columns(PreprocessorFit),
    /// Design rows, of all columns or of those that are kept.
    Rows { preprocessor: Preprocessor, design: Design, is_selected: bool },
    /// A forest that tells which columns are the most important.
    Selecting { preprocessor: Preprocessor, design: Design, forest: Box<ForestTraining> },
    /// The scaler, and its work on the design rows.
    Scaling { preprocessor: Preprocessor, design: Design, scaler: ScalerFit },
    /// Ready for a model.
    Ready { preprocessor: Preprocessor, design: Design },
}

impl Default for Preparation {
    fn default() -> Self {
        Self::Columns(PreprocessorFit::default())
    }
}

impl Preparation {
    /// Does what is next until it is done or the budget is spent, and gives what it has come to.
    ///
    /// # Errors
    /// [`FitError::Param`] if columns are to be derived from too many, and what a forest that
    /// selects columns may say.
    pub(super) fn step(
        self,
        dataset: &Dataset,
        rows: &[usize],
        params: &TrainParams,
        budget: &mut Budget,
    ) -> Result<Self, FitError> {
        Ok(match self {
            Self::Columns(mut fit) => {
                if fit.step(dataset, rows, budget) {
                    return Ok(Self::Columns(fit));
                }
                let preprocessor = fit.finish(dataset, params.preprocessing.derived)?;
                check_size(rows.len(), preprocessor.width())?;
                let design = Design::new(dataset, rows, &preprocessor);
                Self::Rows { preprocessor, design, is_selected: false }
            }
            Self::Rows { preprocessor, mut design, is_selected } => {
                if design.fill(dataset, rows, &preprocessor, budget) {
                    return Ok(Self::Rows { preprocessor, design, is_selected });
                }
                let keeps_fewer = |most: u32| (most as usize) < preprocessor.width();
                if !is_selected && params.preprocessing.select.is_some_and(keeps_fewer) {
                    let forest = selecting_forest(design.rows(), params.seed)?;
                    Self::Selecting { preprocessor, design, forest }
                } else if params.family.scales_features() {
                    let scaler = ScalerFit::new(&preprocessor);
                    Self::Scaling { preprocessor, design, scaler }
                } else {
                    Self::Ready { preprocessor: preprocessor.fitted(), design }
                }
            }
            Self::Selecting { preprocessor, design, mut forest } => {
                if forest.step(design.rows(), budget)? {
                    return Ok(Self::Selecting { preprocessor, design, forest });
                }
                let importances = forest.finish(design.rows()).feature_importances;
                let n_columns = params.preprocessing.select.unwrap_or(u32::MAX);
                Self::selected(preprocessor, greatest(&importances, n_columns), dataset, rows)
            }
            Self::Scaling { preprocessor, mut design, mut scaler } => {
                if scaler.step(&mut design.values, budget) {
                    return Ok(Self::Scaling { preprocessor, design, scaler });
                }
                let preprocessor = preprocessor.scaled_by(scaler.finish()).fitted();
                Self::Ready { preprocessor, design }
            }
            Self::Ready { .. } => self,
        })
    }

    /// Once it is known which columns are kept: their rows are to be made.
    pub(super) fn selected(
        preprocessor: Preprocessor,
        columns: Vec<u32>,
        dataset: &Dataset,
        rows: &[usize],
    ) -> Self {
        let preprocessor = preprocessor.selecting(columns);
        let design = Design::new(dataset, rows, &preprocessor);
        Self::Rows { preprocessor, design, is_selected: true }
    }

    /// Roughly which share of it is done; a forest takes longer than all else.
    pub(super) fn share_done(&self, dataset: &Dataset, n_rows: usize, selects: bool) -> f64 {
        let of_rows = |design: &Design| share(design.values.len(), design.width * n_rows);
        let without_forest = if selects { 0.1 } else { 1.0 };
        match self {
            Self::Columns(fit) => 0.5 * without_forest * fit.share_done(dataset),
            Self::Rows { design, is_selected: false, .. } => {
                without_forest * (0.5 + 0.2 * of_rows(design))
            }
            Self::Selecting { forest, .. } => 0.1 + 0.8 * forest.share_done(),
            Self::Rows { is_selected: true, .. } => 0.9,
            Self::Scaling { .. } => 0.95,
            Self::Ready { .. } => 1.0,
        }
    }
}

/// Refuses design rows that memory should not hold.
fn check_size(n_rows: usize, width: usize) -> Result<(), FitError> {
    let n_values = (n_rows as u64).saturating_mul(width as u64);
    if n_values > MAX_ENCODED_VALUES as u64 {
        return Err(FitError::DerivedValues { found: n_values, limit: MAX_ENCODED_VALUES });
    }
    Ok(())
}

/// The forest whose importances select columns.
fn selecting_forest(rows: TrainingRows<'_>, seed: u64) -> Result<Box<ForestTraining>, FitError> {
    let params = RandomForestParams::default();
    Ok(Box::new(ForestTraining::new(rows, &params, selection_seed(seed))?))
}

pub(super) fn selection_seed(seed: u64) -> u64 {
    SplitMix64::for_purpose(seed, Purpose::Selection).next_u64()
}

/// The `n_columns` greatest, ascending by index; the first of equals.
fn greatest(importances: &[f64], n_columns: u32) -> Vec<u32> {
    let mut columns: Vec<usize> = (0..importances.len()).collect();
    sort_by(&mut columns, &mut |a, b| importances[b].total_cmp(&importances[a]));
    columns.truncate(n_columns as usize);
    sort_rows(&mut columns);
    columns.into_iter().map(|column| column as u32).collect()
}
