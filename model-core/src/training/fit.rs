//! One fit of a pipeline on some rows, in slices of bounded work.

use super::model_training::{ModelTraining, Trained};
use super::preparation::{Design, Preparation};
use crate::budget::Budget;
use crate::dataset::Dataset;
use crate::model::svm::{Calibration, SvmMachine};
use crate::model::{FamilyParams, FitError, Model};
use crate::pipeline::{Pipeline, Preprocessor};
use crate::recipe::TrainParams;

/// A pipeline with what its fit told of it.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) pipeline: Pipeline,
    /// Of a forest.
    pub(super) out_of_bag_accuracy: Option<f64>,
    /// By source column, of trees.
    pub(super) feature_importances: Option<Vec<f64>>,
    /// Of an SVM: which of the rows that it was fitted on are its support vectors.
    #[cfg_attr(not(feature = "checkpoint"), expect(dead_code, reason = "checkpoints alone ask"))]
    pub(super) support: Vec<usize>,
}

/// A fit on its way: only what is ready can predict.
///
/// It owns all that it works on but the data set's rows, of which every step is handed those that
/// it began with: so it can be left between two steps and taken up again later.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, moved once a slice; pointers of 32 bits make them alike"
)]
pub(super) enum Fitting {
    /// The rows are made ready for the model.
    Preparing(Preparation),
    /// The model is trained.
    Training { preprocessor: Preprocessor, design: Design, training: ModelTraining },
    /// An SVM that decides and has no probabilities yet.
    Uncalibrated(Machine),
    /// Its probabilities are being fitted.
    Calibrating { of: Machine, calibration: Calibration },
    /// A whole pipeline.
    Ready(Ready),
}

/// An SVM before its probabilities, and the rows that it was fitted on.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) preprocessor: Preprocessor,
    pub(super) design: Design,
    pub(super) machine: SvmMachine,
    /// Which of the rows are its support vectors.
    pub(super) support: Vec<usize>,
}

impl Default for Fitting {
    fn default() -> Self {
        Self::Preparing(Preparation::default())
    }
}

impl Fitting {
    /// Whether it need not be stepped further before it is calibrated.
    pub(super) fn is_fitted(&self) -> bool {
        matches!(self, Self::Uncalibrated(_) | Self::Ready(_))
    }

    /// Goes on with the fit on `rows` until it [is fitted](Self::is_fitted) or the budget is spent.
    ///
    /// # Errors
    /// As the family's fit.
    pub(super) fn fit(
        mut self,
        dataset: &Dataset,
        rows: &[usize],
        params: &TrainParams,
        budget: &mut Budget,
    ) -> Result<Self, FitError> {
        while !budget.is_spent() {
            self = match self {
                Self::Preparing(preparation) => {
                    match preparation.step(dataset, rows, params, budget)? {
                        Preparation::Ready { preprocessor, design } => {
                            let (family, seed) = (&params.family, params.seed);
                            let training = ModelTraining::new(design.rows(), family, seed)?;
                            Self::Training { preprocessor, design, training }
                        }
                        preparation => Self::Preparing(preparation),
                    }
                }
                Self::Training { preprocessor, design, mut training } => {
                    if training.step(design.rows(), budget)? {
                        Self::Training { preprocessor, design, training }
                    } else {
                        let trained = training.finish(design.rows(), &params.family)?;
                        Self::of(trained, preprocessor, design)
                    }
                }
                Self::Uncalibrated(_) | Self::Calibrating { .. } | Self::Ready(_) => break,
            };
        }
        Ok(self)
    }

    fn of(trained: Trained, preprocessor: Preprocessor, design: Design) -> Self {
        match trained {
            Trained::Machine { machine, support } => {
                Self::Uncalibrated(Machine { preprocessor, design, machine, support })
            }
            Trained::Model { model, out_of_bag_accuracy, importances } => {
                let by_source = |of_design: Vec<f64>| by_source(&preprocessor, &of_design);
                let feature_importances = importances.map(by_source);
                let pipeline = Pipeline { preprocessor, model };
                let support = Vec::new();
                Self::Ready(Ready { pipeline, out_of_bag_accuracy, feature_importances, support })
            }
        }
    }

    /// Goes on with the probabilities of an SVM, on the rows that it was fitted on, until it is ready
    /// or the budget is spent; others have theirs already.
    ///
    /// # Errors
    /// As the family's fit.
    pub(super) fn calibrate(
        mut self,
        params: &TrainParams,
        budget: &mut Budget,
    ) -> Result<Self, FitError> {
        let FamilyParams::Svm(family) = &params.family else { return Ok(self) };
        while !budget.is_spent() {
            self = match self {
                Self::Uncalibrated(of) => {
                    let calibration = Calibration::new(of.design.rows(), params.seed)?;
                    Self::Calibrating { of, calibration }
                }
                Self::Calibrating { of, mut calibration } => {
                    if calibration.step(of.design.rows(), family, budget)? {
                        Self::Calibrating { of, calibration }
                    } else {
                        let model = Model::Svm(calibration.finish(of.machine)?);
                        let pipeline = Pipeline { preprocessor: of.preprocessor, model };
                        let (out_of_bag_accuracy, feature_importances) = (None, None);
                        let support = of.support;
                        Self::Ready(Ready {
                            pipeline,
                            out_of_bag_accuracy,
                            feature_importances,
                            support,
                        })
                    }
                }
                Self::Preparing(_) | Self::Training { .. } | Self::Ready(_) => break,
            };
        }
        Ok(self)
    }

    /// Which share of the fit is done, calibration aside.
    pub(super) fn fit_share(&self, dataset: &Dataset, n_rows: usize, params: &TrainParams) -> f64 {
        let selects = params.preprocessing.select.is_some();
        let of_preparing = if selects { 0.3 } else { 0.05 };
        match self {
            Self::Preparing(preparation) => {
                of_preparing * preparation.share_done(dataset, n_rows, selects)
            }
            Self::Training { training, .. } => {
                of_preparing + (1.0 - of_preparing) * training.share_done(n_rows)
            }
            Self::Uncalibrated(_) | Self::Calibrating { .. } | Self::Ready(_) => 1.0,
        }
    }

    /// Which share of the calibration is done.
    pub(super) fn calibration_share(&self) -> f64 {
        match self {
            Self::Calibrating { calibration, .. } => calibration.share_done(),
            Self::Ready(_) => 1.0,
            Self::Preparing(_) | Self::Training { .. } | Self::Uncalibrated(_) => 0.0,
        }
    }

    /// What is ready, or the fit as it is.
    #[expect(clippy::result_large_err, reason = "it is the fit that goes on, not an error")]
    pub(super) fn into_ready(self) -> Result<Ready, Self> {
        match self {
            Self::Ready(ready) => Ok(ready),
            other => Err(other),
        }
    }
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
