//! One fit of a pipeline on some rows.

use crate::dataset::Dataset;
use crate::model::forest::Forest;
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::SvmMachine;
use crate::model::{FamilyParams, FitError, Model, TrainingRows};
use crate::pipeline::{Pipeline, StandardScaler};

/// A fit on its way: only what is ready can predict.
#[derive(Debug, Clone)]
pub(super) enum Fitted {
    /// A whole pipeline, with the out-of-bag accuracy of a forest.
    Ready { pipeline: Pipeline, out_of_bag_accuracy: Option<f64> },
    /// An SVM that decides and has no probabilities yet.
    Uncalibrated { scaler: Option<StandardScaler>, machine: SvmMachine },
}

/// Values and labels of `rows`, standardised if the pipeline has a scaler.
struct Prepared {
    values: Vec<f64>,
    labels: Vec<u32>,
}

impl Prepared {
    fn new(dataset: &Dataset, rows: &[usize], scaler: Option<&StandardScaler>) -> Self {
        let labels = rows.iter().map(|&row| dataset.label(row)).collect();
        let values = match scaler {
            Some(scaler) => scaler.transform(dataset, rows),
            None => rows.iter().flat_map(|&row| dataset.row(row)).copied().collect(),
        };
        Self { values, labels }
    }

    fn rows<'a>(&'a self, dataset: &Dataset) -> TrainingRows<'a> {
        TrainingRows {
            values: &self.values,
            labels: &self.labels,
            n_features: dataset.n_features(),
            n_classes: dataset.n_classes(),
        }
    }
}

impl Fitted {
    pub(super) fn fit(
        dataset: &Dataset,
        rows: &[usize],
        params: &FamilyParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        let scaler = params.scales_features().then(|| StandardScaler::fit(dataset, rows));
        let prepared = Prepared::new(dataset, rows, scaler.as_ref());
        let rows = prepared.rows(dataset);
        let (model, out_of_bag_accuracy) = match params {
            FamilyParams::LogisticRegression(params) => {
                (Model::LogisticRegression(LogisticRegression::fit(rows, params)?), None)
            }
            FamilyParams::RandomForest(params) => {
                let fitted = Forest::fit(rows, params, seed)?;
                (Model::RandomForest(fitted.forest), fitted.out_of_bag_accuracy)
            }
            FamilyParams::Svm(params) => {
                let machine = SvmMachine::fit(rows, params)?;
                return Ok(Self::Uncalibrated { scaler, machine });
            }
        };
        Ok(Self::Ready { pipeline: Pipeline { scaler, model }, out_of_bag_accuracy })
    }

    /// Fits the probabilities of an SVM on the rows it was fitted on; others have theirs already.
    pub(super) fn calibrate(
        self,
        dataset: &Dataset,
        rows: &[usize],
        params: &FamilyParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        let (Self::Uncalibrated { scaler, machine }, FamilyParams::Svm(params)) = (&self, params)
        else {
            return Ok(self);
        };
        let prepared = Prepared::new(dataset, rows, scaler.as_ref());
        let svm = machine.clone().calibrate(prepared.rows(dataset), params, seed)?;
        let pipeline = Pipeline { scaler: scaler.clone(), model: Model::Svm(svm) };
        Ok(Self::Ready { pipeline, out_of_bag_accuracy: None })
    }

    pub(super) fn into_ready(self) -> Option<(Pipeline, Option<f64>)> {
        match self {
            Self::Ready { pipeline, out_of_bag_accuracy } => Some((pipeline, out_of_bag_accuracy)),
            Self::Uncalibrated { .. } => None,
        }
    }
}
