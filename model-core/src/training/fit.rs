//! One fit of a pipeline on some rows.

use crate::dataset::{Dataset, MAX_ENCODED_VALUES};
use crate::model::forest::{Forest, RandomForestParams};
use crate::model::gaussian_nb::GaussianNb;
use crate::model::gradient_boosting::GradientBoosting;
use crate::model::k_nearest_neighbors::KNearestNeighbors;
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::SvmMachine;
use crate::model::{FamilyParams, FitError, Model, ParamError, TrainingRows};
use crate::order::{sort_by, sort_rows};
use crate::pipeline::{Pipeline, Preprocessor};
use crate::recipe::TrainParams;
use crate::rng::{Purpose, SplitMix64};

/// A fit on its way: only what is ready can predict.
#[derive(Debug, Clone)]
pub(super) enum Fitted {
    /// A whole pipeline.
    Ready(Ready),
    /// An SVM that decides and has no probabilities yet.
    Uncalibrated { preprocessor: Preprocessor, machine: SvmMachine },
}

/// A pipeline with what its fit told of it.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) pipeline: Pipeline,
    /// Of a forest.
    pub(super) out_of_bag_accuracy: Option<f64>,
    /// By source column, of trees.
    pub(super) feature_importances: Option<Vec<f64>>,
}

/// Design rows and labels of the rows that are fitted on.
struct Design {
    values: Vec<f64>,
    labels: Vec<u32>,
    width: usize,
    n_classes: usize,
}

impl Design {
    fn new(dataset: &Dataset, rows: &[usize], preprocessor: &Preprocessor) -> Self {
        Self {
            values: preprocessor.transform(dataset, rows),
            labels: rows.iter().map(|&row| dataset.label(row)).collect(),
            width: preprocessor.width(),
            n_classes: dataset.n_classes(),
        }
    }

    fn rows(&self) -> TrainingRows<'_> {
        TrainingRows {
            values: &self.values,
            labels: &self.labels,
            n_features: self.width,
            n_classes: self.n_classes,
        }
    }
}

/// Fits the preprocessing, and gives the rows as the model is to see them.
fn prepare(
    dataset: &Dataset,
    rows: &[usize],
    params: &TrainParams,
) -> Result<(Preprocessor, Design), FitError> {
    let mut fitted = Preprocessor::fit(dataset, rows, params.preprocessing.derived)?;
    let n_values = (rows.len() as u64).saturating_mul(fitted.width() as u64);
    if n_values > MAX_ENCODED_VALUES as u64 {
        let (name, value) = ("values of all rows with derived columns", n_values as f64);
        return Err(ParamError { name, value, expected: "at most 50 million: derive fewer" }.into());
    }
    let mut design = Design::new(dataset, rows, &fitted);
    if let Some(n_columns) = params.preprocessing.select
        && (n_columns as usize) < fitted.width()
    {
        fitted = fitted.selecting(most_important(design.rows(), n_columns, params.seed)?);
        design = Design::new(dataset, rows, &fitted);
    }
    if params.family.scales_features() {
        fitted = fitted.scaling(dataset, &mut design.values);
    }
    Ok((fitted, design))
}

/// The `n_columns` columns that a forest finds most important, ascending; the first of equals.
fn most_important(rows: TrainingRows<'_>, n_columns: u32, seed: u64) -> Result<Vec<u32>, FitError> {
    let seed = SplitMix64::for_purpose(seed, Purpose::Selection).next_u64();
    let importances = Forest::fit(rows, &RandomForestParams::default(), seed)?.feature_importances;
    let mut columns: Vec<usize> = (0..rows.n_features).collect();
    sort_by(&mut columns, &mut |a, b| importances[b].total_cmp(&importances[a]));
    columns.truncate(n_columns as usize);
    sort_rows(&mut columns);
    Ok(columns.into_iter().map(|column| column as u32).collect())
}

/// The importances of a data set's columns from those of the design columns made of them.
fn by_source(preprocessor: &Preprocessor, of_design: &[f64]) -> Vec<f64> {
    let mut importances = vec![0.0; preprocessor.n_features()];
    for (at, &importance) in of_design.iter().enumerate() {
        let sources = preprocessor.sources_of(at);
        for &source in &sources {
            if let Some(sum) = importances.get_mut(source) {
                *sum += importance / sources.len() as f64;
            }
        }
    }
    importances
}

impl Fitted {
    pub(super) fn fit(
        dataset: &Dataset,
        rows: &[usize],
        params: &TrainParams,
    ) -> Result<Self, FitError> {
        let (preprocessor, design) = prepare(dataset, rows, params)?;
        let rows = design.rows();
        let (mut out_of_bag_accuracy, mut importances) = (None, None);
        let model = match &params.family {
            FamilyParams::LogisticRegression(params) => {
                Model::LogisticRegression(LogisticRegression::fit(rows, params)?)
            }
            FamilyParams::RandomForest(family) => {
                let fitted = Forest::fit(rows, family, params.seed)?;
                out_of_bag_accuracy = fitted.out_of_bag_accuracy;
                importances = Some(fitted.feature_importances);
                Model::RandomForest(fitted.forest)
            }
            FamilyParams::Svm(params) => {
                let machine = SvmMachine::fit(rows, params)?;
                return Ok(Self::Uncalibrated { preprocessor, machine });
            }
            FamilyParams::KNearestNeighbors(params) => {
                Model::KNearestNeighbors(KNearestNeighbors::fit(rows, params)?)
            }
            FamilyParams::GaussianNb(params) => Model::GaussianNb(GaussianNb::fit(rows, params)?),
            FamilyParams::GradientBoosting(params) => {
                let fitted = GradientBoosting::fit(rows, params)?;
                importances = Some(fitted.feature_importances);
                Model::GradientBoosting(fitted.model)
            }
        };
        let feature_importances = importances.map(|of_design| by_source(&preprocessor, &of_design));
        let pipeline = Pipeline { preprocessor, model };
        Ok(Self::Ready(Ready { pipeline, out_of_bag_accuracy, feature_importances }))
    }

    /// Fits the probabilities of an SVM on the rows it was fitted on; others have theirs already.
    pub(super) fn calibrate(
        self,
        dataset: &Dataset,
        rows: &[usize],
        params: &TrainParams,
    ) -> Result<Self, FitError> {
        let (Self::Uncalibrated { preprocessor, machine }, FamilyParams::Svm(family)) =
            (&self, &params.family)
        else {
            return Ok(self);
        };
        let design = Design::new(dataset, rows, preprocessor);
        let svm = machine.clone().calibrate(design.rows(), family, params.seed)?;
        let pipeline = Pipeline { preprocessor: preprocessor.clone(), model: Model::Svm(svm) };
        let (out_of_bag_accuracy, feature_importances) = (None, None);
        Ok(Self::Ready(Ready { pipeline, out_of_bag_accuracy, feature_importances }))
    }

    pub(super) fn into_ready(self) -> Option<Ready> {
        match self {
            Self::Ready(ready) => Some(ready),
            Self::Uncalibrated { .. } => None,
        }
    }
}
