//! One fit of a pipeline on some rows.

use super::TrainParams;
use crate::dataset::Dataset;
use crate::model::forest::Forest;
use crate::model::logistic_regression::LogisticRegression;
use crate::model::svm::SvmMachine;
use crate::model::{FamilyParams, FitError, Model, TrainingRows};
use crate::pipeline::{Pipeline, Preprocessor};

/// A fit on its way: only what is ready can predict.
#[derive(Debug, Clone)]
pub(super) enum Fitted {
    /// A whole pipeline, with the out-of-bag accuracy of a forest.
    Ready { pipeline: Pipeline, out_of_bag_accuracy: Option<f64> },
    /// An SVM that decides and has no probabilities yet.
    Uncalibrated { preprocessor: Preprocessor, machine: SvmMachine },
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
    let fitted = Preprocessor::fit(dataset, rows, params.preprocessing.derived)?;
    let mut design = Design::new(dataset, rows, &fitted);
    let preprocessor = if params.family.scales_features() {
        fitted.scaling(dataset, &mut design.values)
    } else {
        fitted
    };
    Ok((preprocessor, design))
}

impl Fitted {
    pub(super) fn fit(
        dataset: &Dataset,
        rows: &[usize],
        params: &TrainParams,
    ) -> Result<Self, FitError> {
        let (preprocessor, design) = prepare(dataset, rows, params)?;
        let rows = design.rows();
        let (model, out_of_bag_accuracy) = match &params.family {
            FamilyParams::LogisticRegression(params) => {
                (Model::LogisticRegression(LogisticRegression::fit(rows, params)?), None)
            }
            FamilyParams::RandomForest(family) => {
                let fitted = Forest::fit(rows, family, params.seed)?;
                (Model::RandomForest(fitted.forest), fitted.out_of_bag_accuracy)
            }
            FamilyParams::Svm(params) => {
                let machine = SvmMachine::fit(rows, params)?;
                return Ok(Self::Uncalibrated { preprocessor, machine });
            }
        };
        Ok(Self::Ready { pipeline: Pipeline { preprocessor, model }, out_of_bag_accuracy })
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
        Ok(Self::Ready { pipeline, out_of_bag_accuracy: None })
    }

    pub(super) fn into_ready(self) -> Option<(Pipeline, Option<f64>)> {
        match self {
            Self::Ready { pipeline, out_of_bag_accuracy } => Some((pipeline, out_of_bag_accuracy)),
            Self::Uncalibrated { .. } => None,
        }
    }
}
