//! Training off the page's thread: the messages, and what the trainer does.
//!
//! The page posts a `TrainRequest`, with the data set beside it unless that is the built-in one, and
//! receives `TrainEvent`s. Progress is told between two slices of a training, some dozens of
//! milliseconds each; a slice that takes longer is interrupted by nothing but the end of the worker,
//! which is what "cancel" means. Nothing here touches the DOM; a worker has none.

mod job;
mod schedule;
mod search;
mod worker;

use model_core::digest::Digest;
use model_core::pipeline::PreprocessingParams;
use model_core::{Family, FamilyParams, Quantisation, Stage, TrainParams};
use serde::{Deserialize, Serialize};

pub use self::worker::serve;
use crate::test_rows::TestRows;
use crate::workers::Program;

/// Seed of the built-in model and of the published split.
pub(crate) const DEFAULT_SEED: u64 = 42;

/// Name of the worker that trains.
pub const NAME: &str = "trainer";

/// The program, as both ends know it.
#[derive(Debug)]
pub(crate) struct Trainer;

impl Program for Trainer {
    type Request = TrainRequest;
    type Event = TrainEvent;
    const NAME: &'static str = NAME;
}

/// What to train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TrainingData {
    /// The built-in data set.
    Iris,
    /// The data set whose bytes come with the message.
    HandedOver,
}

/// What to train: [`TrainParams`] but for the number of rows, which the trainer decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    /// The family and its parameters.
    pub(crate) family: FamilyParams,
    /// What is done to the rows first.
    pub(crate) preprocessing: PreprocessingParams,
    /// Whether numbers are kept in fewer bits.
    pub(crate) quantisation: Option<Quantisation>,
    /// Held-out share of the rows.
    pub(crate) test_size: f64,
    /// Cross-validation folds.
    pub(crate) cv_folds: u32,
    /// How often the folds are made.
    pub(crate) cv_repeats: u32,
    /// How often prediction sets should hold the truth.
    pub(crate) coverage: f64,
    /// Decides split, folds and all else that is drawn.
    pub(crate) seed: u64,
    /// Most training rows, of a model that is made again; else the time decides.
    pub(crate) max_rows: Option<u32>,
}

impl Recipe {
    /// The defaults for a family.
    pub(crate) fn new(family: impl Into<FamilyParams>) -> Self {
        Self::again(&TrainParams::new(family))
    }

    /// What makes the model again that was made of `params`.
    pub(crate) fn again(params: &TrainParams) -> Self {
        Self {
            family: params.family.clone(),
            preprocessing: params.preprocessing,
            quantisation: params.quantisation,
            test_size: params.test_size,
            cv_folds: params.cv_folds as u32,
            cv_repeats: params.cv_repeats,
            coverage: params.coverage,
            seed: params.seed,
            max_rows: params.max_rows,
        }
    }

    /// All of it, as the library takes it.
    pub(crate) fn params(&self) -> TrainParams {
        TrainParams {
            family: self.family.clone(),
            preprocessing: self.preprocessing,
            quantisation: self.quantisation,
            test_size: self.test_size,
            cv_folds: self.cv_folds as usize,
            cv_repeats: self.cv_repeats,
            max_rows: None,
            coverage: self.coverage,
            seed: self.seed,
        }
    }
}

/// One training of several families.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainRequest {
    /// What to train on.
    pub(crate) data: TrainingData,
    /// One a model, all of one split.
    pub(crate) recipes: Vec<Recipe>,
    /// Seconds that all of it may take: what would take longer trains on fewer rows or is left out.
    pub(crate) seconds: Option<f64>,
    /// Seconds beforehand to look for better parameters.
    pub(crate) search_seconds: Option<f64>,
    /// Hash that the data set must have, if it must.
    pub(crate) data_hash: Option<Digest>,
}

/// How far a search for better parameters is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Leaderboard {
    /// Candidates that were begun.
    pub(crate) n_trials: u32,
    /// Folds that a candidate is tried on if it does well.
    pub(crate) n_folds: u32,
    /// Seconds that it goes on.
    pub(crate) seconds_left: f64,
    /// The best ones, the best first.
    pub(crate) rows: Vec<TrialRow>,
}

/// A candidate and how it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrialRow {
    /// The family and its parameters.
    pub(crate) family: FamilyParams,
    /// What is done to the rows first.
    pub(crate) preprocessing: PreprocessingParams,
    /// Mean accuracy over its folds so far.
    pub(crate) accuracy: f64,
    /// Mean log loss over its folds so far.
    pub(crate) log_loss: f64,
    /// Folds that it was tried on.
    pub(crate) n_folds: u32,
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepProgress {
    /// How many models are behind.
    pub(crate) n_done: u32,
    /// How many there will be.
    pub(crate) n_models: u32,
    /// The family under way.
    pub(crate) family: Family,
    /// What is done now.
    pub(crate) step: Step,
    /// Seconds until all is done, where they were forecast.
    pub(crate) seconds_left: Option<f64>,
}

/// What is done at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// A sample trains, to know how long all rows take.
    Forecast {
        /// Its rows.
        n_rows: u32,
    },
    /// A stage of a training.
    Stage {
        /// Which one.
        stage: Stage,
        /// Stages of this model that are done.
        n_done: u32,
        /// Stages of this model.
        n_stages: u32,
        /// Which share of the stage is done, 0 to 1.
        share: f64,
    },
}

/// What became of a model without there being one, or less of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Shortfall {
    /// It would have taken too long, even on few rows.
    LeftOut {
        /// Seconds on all rows.
        seconds: f64,
    },
    /// It trained on some of the rows.
    Sampled {
        /// So many.
        n_rows: u32,
        /// Of so many.
        of: u32,
        /// Seconds on all rows.
        seconds: f64,
    },
    /// It cannot be trained: why.
    Failed(String),
}

/// Why there is no model at all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The trainer did not arrive.
    NotLoaded,
    /// It broke off, mostly for want of memory.
    Broke,
    /// The file on Data could not be read.
    NoData,
    /// The trainer sent something that is no model: why.
    BadArtifact(String),
    /// Nothing can be trained on these rows like that: why.
    Refused(String),
    /// No model came of it: what became of each.
    NoModel(Vec<(Family, Shortfall)>),
}

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum TrainEvent {
    /// How far the search is.
    Searching(Leaderboard),
    /// How far it is.
    Progress(StepProgress),
    /// A model is done.
    Trained {
        /// Which of the recipes it is of.
        recipe: u32,
        /// The artifact's bytes.
        artifact: Vec<u8>,
        /// Its answers on the rows that were held out; none if they are too many. The file has no name yet.
        test_rows: TestRows,
    },
    /// A model is not what was asked for.
    Fell {
        /// Which of the recipes it is of.
        recipe: u32,
        /// How.
        short: Shortfall,
    },
    /// All of it is done.
    Finished {
        /// From the request to the last artifact.
        total_millis: f64,
    },
    /// There is nothing to train on, or nothing can be split: why.
    Refused(String),
    /// The data set is another one than it must be.
    OtherData,
}
