//! One fold: a fit on the training rows outside of it, and predictions of those inside.

use super::fit::{Fitting, Ready};
use super::predicted::Predicted;
use super::predicting::Predicting;
use crate::budget::Budget;
use crate::dataset::Dataset;
use crate::model::{Family, FitError};
use crate::pipeline::Pipeline;
use crate::recipe::TrainParams;
use crate::split::Split;

/// A fold on its way, for a [`Training`](super::Training) or a trial of a
/// [`Search`](super::Search).
#[derive(Debug)]
pub(super) struct FoldTraining {
    /// Training rows outside of the fold.
    pub(super) rest: Vec<usize>,
    /// Rows inside.
    held_out: Vec<usize>,
    pub(super) phase: Phase,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, moved once a slice")]
pub(super) enum Phase {
    Fitting(Fitting),
    Predicting {
        ready: Box<Ready>,
        /// The same with its model's numbers in fewer bits, if that is asked for.
        narrow: Option<Box<Pipeline>>,
        predicting: Predicting,
    },
    /// A fit went wrong, or was finished.
    Over,
}

impl FoldTraining {
    pub(super) fn new(split: &Split, fold: usize) -> Self {
        Self {
            rest: split.fold_train_rows(fold),
            held_out: split.folds.get(fold).cloned().unwrap_or_default(),
            phase: Phase::Fitting(Fitting::default()),
        }
    }

    /// Goes on until the budget is spent; the predictions, once the fold is done.
    ///
    /// # Errors
    /// As the family's fit.
    pub(super) fn step(
        &mut self,
        dataset: &Dataset,
        params: &TrainParams,
        budget: &mut Budget,
    ) -> Result<Option<Predicted<'static>>, FitError> {
        while !budget.is_spent() {
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Fitting(fitting) => {
                    let fitting = fitting.fit(dataset, &self.rest, params, budget)?;
                    let fitting = fitting.calibrate(params, budget)?;
                    self.phase = match fitting.into_ready() {
                        Ok(ready) => self.predict(ready, params),
                        Err(fitting) => Phase::Fitting(fitting),
                    };
                }
                Phase::Predicting { ready, narrow, mut predicting } => {
                    let pipeline = narrow.as_deref().unwrap_or(&ready.pipeline);
                    if !predicting.step(pipeline, dataset, budget) {
                        return Ok(Some(predicting.finish(dataset)));
                    }
                    self.phase = Phase::Predicting { ready, narrow, predicting };
                }
                Phase::Over => return Err(FitError::Diverged),
            }
        }
        Ok(None)
    }

    pub(super) fn predict(&mut self, ready: Ready, params: &TrainParams) -> Phase {
        let narrow = params.quantisation.map(|form| Box::new(ready.pipeline.quantised(form)));
        let predicting = Predicting::new(std::mem::take(&mut self.held_out));
        Phase::Predicting { ready: Box::new(ready), narrow, predicting }
    }

    /// Roughly which share of the fold is done.
    pub(super) fn share_done(&self, dataset: &Dataset, params: &TrainParams) -> f64 {
        let (of_fit, of_calibration) = shares(params.family.family());
        let before = of_fit + of_calibration;
        match &self.phase {
            Phase::Fitting(fitting) => {
                of_fit * fitting.fit_share(dataset, self.rest.len(), params)
                    + of_calibration * fitting.calibration_share()
            }
            Phase::Predicting { predicting, .. } => {
                before + (1.0 - before) * predicting.share_done()
            }
            Phase::Over => 1.0,
        }
    }
}

/// What the fit and the calibration take of a fold's time; the rest is for predictions.
fn shares(family: Family) -> (f64, f64) {
    match family {
        // Five machines of four fifths of the rows each follow the one of all.
        Family::Svm => (0.2, 0.7),
        Family::KNearestNeighbors => (0.1, 0.0),
        Family::GaussianNb => (0.8, 0.0),
        Family::LogisticRegression | Family::RandomForest | Family::GradientBoosting => (0.9, 0.0),
    }
}
