//! A model of any family on its way.

use crate::budget::Budget;
use crate::model::forest::ForestTraining;
use crate::model::gaussian_nb::GaussianNbTraining;
use crate::model::gradient_boosting::Boosting;
use crate::model::k_nearest_neighbors::KNearestNeighbors;
use crate::model::logistic_regression::LogisticTraining;
use crate::model::svm::{SvmMachine, SvmTraining};
use crate::model::{FamilyParams, FitError, Model, TrainingRows};

/// What is known of a model between two slices of its fit; it holds no rows.
#[derive(Debug)]
pub(super) enum ModelTraining {
    LogisticRegression(LogisticTraining),
    RandomForest(ForestTraining),
    Svm(SvmTraining),
    GradientBoosting(Boosting),
    GaussianNb(GaussianNbTraining),
    /// Nearest neighbours, who are the rows themselves and perhaps a tree of them: one piece.
    Whole,
}

/// What a fit gives.
#[derive(Debug)]
pub(super) enum Trained {
    /// A model, and what trees tell beside it.
    Model { model: Model, out_of_bag_accuracy: Option<f64>, importances: Option<Vec<f64>> },
    /// An SVM that decides and has no probabilities yet, and which rows are its support vectors.
    Machine { machine: SvmMachine, support: Vec<usize> },
}

impl Trained {
    fn model(model: Model) -> Self {
        Self::Model { model, out_of_bag_accuracy: None, importances: None }
    }
}

/// To go through a value some ten times, or to put it in its place of a search tree.
const UNITS_A_VALUE: u64 = 10;

impl ModelTraining {
    /// # Errors
    /// [`FitError::Param`] and [`FitError::EmptyClass`].
    pub(super) fn new(
        rows: TrainingRows<'_>,
        params: &FamilyParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        Ok(match params {
            FamilyParams::LogisticRegression(params) => {
                Self::LogisticRegression(LogisticTraining::new(rows, params)?)
            }
            FamilyParams::RandomForest(params) => {
                Self::RandomForest(ForestTraining::new(rows, params, seed)?)
            }
            FamilyParams::Svm(params) => Self::Svm(SvmTraining::new(rows, params)?),
            FamilyParams::GradientBoosting(params) => {
                Self::GradientBoosting(Boosting::new(rows, params, seed)?)
            }
            FamilyParams::GaussianNb(params) => {
                Self::GaussianNb(GaussianNbTraining::new(rows, params)?)
            }
            FamilyParams::KNearestNeighbors(_) => Self::Whole,
        })
    }

    /// Goes on until the model is trained or the budget is spent; returns whether more is to come.
    ///
    /// # Errors
    /// As the family's fit.
    pub(super) fn step(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        match self {
            Self::LogisticRegression(training) => Ok(training.step(rows, budget)),
            Self::RandomForest(training) => training.step(rows, budget),
            Self::Svm(training) => training.step(rows, budget),
            Self::GradientBoosting(training) => training.step(rows, budget),
            Self::GaussianNb(training) => Ok(training.step(rows, budget)),
            Self::Whole => {
                budget.spend(rows.values.len(), UNITS_A_VALUE);
                Ok(false)
            }
        }
    }

    /// Which share of it is done, with this many rows.
    pub(super) fn share_done(&self, n_rows: usize) -> f64 {
        match self {
            Self::LogisticRegression(training) => training.share_done(),
            Self::RandomForest(training) => training.share_done(),
            Self::Svm(training) => training.share_done(),
            Self::GradientBoosting(training) => training.share_done(),
            Self::GaussianNb(training) => training.share_done(n_rows),
            Self::Whole => 0.0,
        }
    }

    /// What was trained.
    ///
    /// # Errors
    /// As the family's fit.
    pub(super) fn finish(
        self,
        rows: TrainingRows<'_>,
        params: &FamilyParams,
    ) -> Result<Trained, FitError> {
        Ok(match (self, params) {
            (Self::LogisticRegression(training), _) => {
                Trained::model(Model::LogisticRegression(training.finish(rows)?))
            }
            (Self::RandomForest(training), _) => {
                let fitted = training.finish(rows);
                Trained::Model {
                    model: Model::RandomForest(fitted.forest),
                    out_of_bag_accuracy: fitted.out_of_bag_accuracy,
                    importances: Some(fitted.feature_importances),
                }
            }
            (Self::Svm(training), _) => {
                let (machine, support) = training.finish(rows)?;
                Trained::Machine { machine, support }
            }
            (Self::GradientBoosting(training), _) => {
                let fitted = training.finish();
                Trained::Model {
                    model: Model::GradientBoosting(fitted.model),
                    out_of_bag_accuracy: None,
                    importances: Some(fitted.feature_importances),
                }
            }
            (Self::Whole, FamilyParams::KNearestNeighbors(params)) => {
                Trained::model(Model::KNearestNeighbors(KNearestNeighbors::fit(rows, params)?))
            }
            (Self::GaussianNb(training), _) => {
                Trained::model(Model::GaussianNb(training.finish(rows)?))
            }
            // No other family begins as a whole.
            (Self::Whole, _) => return Err(FitError::Diverged),
        })
    }
}
