//! A training as it is written down between two steps, and taken up again on another machine.
//!
//! Written down is what was learnt, and what it would take long to learn again: scores of the folds
//! behind, predictions, and the fit under way. What follows from the data set is worked out anew:
//! design rows, ranks and bins of columns, kernel values, the model of nearest neighbours. So a
//! checkpoint holds no row of the data set, and is read beside the data set alone.
//!
//! The invariant: however often a training is written down and taken up again, its artifact has the
//! id that it has without a break. And each step after a resumption is one further, so that a training
//! which is taken up for a single step each time comes to its end, too.
//!
//! A checkpoint is no file to keep. It lives as long as its training, and a program reads those of its
//! own format and algorithm alone. Reading is safe whatever the bytes are: every part goes through the
//! constructor that training uses, or through a check of its shape, before anything is indexed by it.

mod error;
mod evaluating;
mod fitting;
mod frame;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::error::CheckpointError;
use self::evaluating::{EvaluatingWire, resume_predictions};
use self::fitting::{Basis, FittingWire, ReadyWire};
use super::fold::{FoldTraining, Phase};
use super::run::{Training, UnderWay};
use super::{Stage, Standing};
use crate::digest::Digest;
use crate::evaluation::{ConfusionMatrix, Fold};
use crate::recipe::ALGORITHM_VERSION;

/// What a checkpoint belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Names {
    algorithm_version: u32,
    data: Digest,
    params: Digest,
    split: Digest,
}

/// The state of a training beside its names.
#[derive(Serialize, Deserialize)]
struct TrainingWire {
    /// Stages behind.
    done: u32,
    folds: Vec<Fold>,
    areas: Vec<f64>,
    confusion: Option<Vec<u32>>,
    scores: Vec<f64>,
    under_way: UnderWayWire,
}

#[derive(Serialize, Deserialize)]
enum UnderWayWire {
    Nothing,
    Fold(FoldWire),
    Fit(FittingWire),
    Evaluation(EvaluatingWire),
}

#[derive(Serialize, Deserialize)]
enum FoldWire {
    Fitting(FittingWire),
    /// With the probabilities of the rows so far.
    Predicting(ReadyWire, Vec<f64>),
}

impl Training<'_> {
    /// The training as it is now, for [`resume`](Self::resume): between any two steps, also in the
    /// middle of a fit.
    ///
    /// It names the data set, the parameters and the split by their digests, and holds none of the
    /// data set's rows. The one solver whose state is not written down is smartcore's for logistic
    /// regression, which works in one piece: a fit is behind it or before it.
    ///
    /// **Size.** With `n` rows, `k` classes, `p` design columns and numbers of 8 bytes: `n` scores, `n·k`
    /// predictions (thrice that while a narrowed model is compared with its exact one), and of the
    /// model and its fit
    ///
    /// - logistic regression: 26 vectors of `k (p + 1)` numbers
    /// - naive Bayes: 2 (1 + k) p numbers
    /// - nearest neighbours: nothing
    /// - SVM: `k - 1` numbers a support vector; while it is calibrated those of one more machine and as
    ///   many decisions a row; and three numbers a row of the pair under way
    /// - forest and boosting: their trees as in the model's file, with `n·k` votes of up to 5 bytes or
    ///   `2 n·k` scores
    ///
    /// Measured at its greatest, of 10,000 rows of 20 columns and 3 overlapping classes, with the families'
    /// defaults: forest 0.92 MB, SVM 0.48, boosting 0.35, the others 0.31.
    ///
    /// ```
    /// use model_core::{Dataset, Family, TrainParams, Training};
    /// let iris = Dataset::iris();
    /// let params = TrainParams::new(Family::Svm);
    /// let mut training = Training::new(&iris, params.clone())?;
    /// training.step()?;
    /// let checkpoint = training.checkpoint();
    /// // Later, or elsewhere.
    /// let training = Training::new(&iris, params)?.resume(&checkpoint)?;
    /// assert_eq!(training.steps_done(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checkpoint(&self) -> Vec<u8> {
        let confusion = self.standing.confusion.as_ref();
        let state = TrainingWire {
            done: self.done as u32,
            folds: self.standing.folds.clone(),
            areas: self.standing.areas.clone(),
            confusion: confusion.map(|confusion| confusion.counts().to_vec()),
            scores: self.scores.clone(),
            under_way: UnderWayWire::of(&self.under_way),
        };
        frame::close(&frame::put(&state, frame::put(self.names(), Vec::new())))
    }

    /// This training as it was when `checkpoint` was written, by it or by one on another machine.
    ///
    /// It is to have the data set, the parameters and the split of that one; how far it is itself does
    /// not matter. What follows from the data set is worked out anew at once, in one piece: the data
    /// set's digest, the design rows of one fit, ranks or bins of their columns, and the tree under way.
    /// Kernel values of an SVM come back as its steps ask for them.
    ///
    /// ```
    /// use model_core::training::CheckpointError;
    /// use model_core::{Dataset, Family, TrainParams, Training};
    /// let iris = Dataset::iris();
    /// let params = TrainParams::new(Family::RandomForest);
    /// let unbroken = params.train(&iris)?;
    ///
    /// let mut checkpoint = Training::new(&iris, params.clone())?.checkpoint();
    /// let broken = loop {
    ///     let mut training = Training::new(&iris, params.clone())?.resume(&checkpoint)?;
    ///     if training.next_stage().is_none() {
    ///         break training.finish()?;
    ///     }
    ///     training.step()?;
    ///     checkpoint = training.checkpoint();
    /// };
    /// assert_eq!(broken.id(), unbroken.id());
    ///
    /// let other = Training::new(&iris, TrainParams { seed: 7, ..params })?;
    /// assert_eq!(other.resume(&checkpoint).unwrap_err(), CheckpointError::OtherParams);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A [`CheckpointError`] that says what is wrong with the checkpoint, or what it belongs to
    /// instead. The training is lost then, and is made again by [`Training::new`].
    pub fn resume(mut self, checkpoint: &[u8]) -> Result<Self, CheckpointError> {
        let mut body = frame::open(checkpoint)?;
        let unfit = |part| CheckpointError::Inconsistent { part };
        let names: Names = frame::take(&mut body).ok_or(unfit("names"))?;
        self.check_names(names)?;
        let state: TrainingWire = frame::take(&mut body).ok_or(unfit("state"))?;
        if !body.is_empty() {
            return Err(unfit("state"));
        }
        self.resume_scores(&state).ok_or(unfit("scores"))?;
        self.under_way = self.resume_stage(state.under_way).ok_or(unfit("stage under way"))?;
        Ok(self)
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| Names {
            algorithm_version: ALGORITHM_VERSION,
            data: self.dataset.digest(),
            params: Digest::of(&serde_json::to_vec(&self.params).unwrap_or_default()),
            split: self.split.digest(),
        })
    }

    fn check_names(&self, found: Names) -> Result<(), CheckpointError> {
        let expected = *self.names();
        if found.algorithm_version != expected.algorithm_version {
            let (found, expected) = (found.algorithm_version, expected.algorithm_version);
            return Err(CheckpointError::OtherAlgorithm { found, expected });
        }
        if found.data != expected.data {
            return Err(CheckpointError::OtherDataset);
        }
        if found.params != expected.params {
            return Err(CheckpointError::OtherParams);
        }
        if found.split != expected.split {
            return Err(CheckpointError::OtherSplit);
        }
        Ok(())
    }

    /// Takes over how many stages are behind, and what the folds among them said.
    fn resume_scores(&mut self, state: &TrainingWire) -> Option<()> {
        let done = state.done as usize;
        let n_folds = done.min(self.split.folds.len());
        let held_out: Vec<usize> = self.split.folds.iter().take(n_folds).map(Vec::len).collect();
        let n_held_out: usize = held_out.iter().sum();
        let n_scores: usize = held_out.iter().take(self.split.folds.n_folds()).sum();
        let counts = |(fold, &n_rows): (&Fold, &usize)| {
            fold.n_samples as usize == n_rows && fold.n_correct <= fold.n_samples
        };
        let is_sound = done <= self.stages.len()
            && state.folds.len() == n_folds
            && state.folds.iter().zip(&held_out).all(counts)
            && state.areas.len() <= n_folds
            && state.areas.iter().all(|area| (0.0..=1.0).contains(area))
            && state.confusion.is_some() == (n_folds > 0)
            && state.scores.len() == n_scores
            && state.scores.iter().all(|score| score.is_finite());
        if !is_sound {
            return None;
        }
        let confusion = match state.confusion.clone() {
            Some(counts) => {
                let confusion = ConfusionMatrix::from_counts(self.dataset.n_classes(), counts)?;
                Some(confusion).filter(|it| it.total() as usize == n_held_out)?.into()
            }
            None => None,
        };
        let (folds, areas) = (state.folds.clone(), state.areas.clone());
        self.standing = Standing { folds, areas, confusion };
        self.scores.clone_from(&state.scores);
        self.done = done;
        Some(())
    }

    /// Takes over what the stage that is next, if there is one, has come to.
    fn resume_stage(&self, wire: UnderWayWire) -> Option<UnderWay> {
        let basis = Basis { dataset: self.dataset, rows: &self.split.train, params: &self.params };
        Some(match (self.next_stage(), wire) {
            (Some(Stage::CrossValidate { .. } | Stage::Fit), UnderWayWire::Nothing) => {
                UnderWay::Nothing
            }
            (Some(Stage::CrossValidate { fold, .. }), UnderWayWire::Fold(wire)) => {
                UnderWay::Fold(Box::new(self.resume_fold(fold, wire)?))
            }
            (Some(stage), UnderWayWire::Fit(wire)) => {
                let fits = match wire {
                    FittingWire::Preparing(_)
                    | FittingWire::Selecting(_)
                    | FittingWire::Training(..) => stage == Stage::Fit,
                    FittingWire::Uncalibrated(..) | FittingWire::Calibrating(..) => {
                        stage == Stage::Calibrate
                    }
                    FittingWire::Ready(_) => stage == Stage::Evaluate,
                };
                let fitting = if fits { wire.resume(basis) } else { None };
                UnderWay::Fit(Box::new(fitting?))
            }
            (Some(Stage::Evaluate) | None, UnderWayWire::Evaluation(wire)) => {
                let data_hash = self.names().data;
                let evaluating = wire.resume(basis, &self.split, &self.scores, data_hash)?;
                if self.next_stage().is_none() && !evaluating.is_over(self.dataset) {
                    return None;
                }
                UnderWay::Evaluation(Box::new(evaluating))
            }
            _ => return None,
        })
    }

    fn resume_fold(&self, fold: usize, wire: FoldWire) -> Option<FoldTraining> {
        let mut training = FoldTraining::new(&self.split, fold);
        let (dataset, params) = (self.dataset, &self.params);
        let basis = Basis { dataset, rows: &training.rest, params };
        let phase = match wire {
            FoldWire::Fitting(wire) => Phase::Fitting(wire.resume(basis)?),
            FoldWire::Predicting(ready, probabilities) => {
                let ready = ready.resume(basis)?;
                let mut phase = training.predict(ready, params);
                if let Phase::Predicting { predicting, .. } = &mut phase {
                    resume_predictions(predicting, probabilities, dataset)?;
                }
                phase
            }
        };
        training.phase = phase;
        Some(training)
    }
}

impl UnderWayWire {
    fn of(under_way: &UnderWay) -> Self {
        match under_way {
            UnderWay::Nothing => Self::Nothing,
            UnderWay::Fold(fold) => match &fold.phase {
                Phase::Fitting(fitting) => Self::Fold(FoldWire::Fitting(FittingWire::of(fitting))),
                Phase::Predicting { ready, predicting, .. } => {
                    let probabilities = predicting.probabilities().to_vec();
                    let ready = ReadyWire::of(ready, &ready.pipeline);
                    Self::Fold(FoldWire::Predicting(ready, probabilities))
                }
                // What went wrong, or was finished, does not stay here: it would begin anew.
                Phase::Over => Self::Nothing,
            },
            UnderWay::Fit(fitting) => Self::Fit(FittingWire::of(fitting)),
            UnderWay::Evaluation(evaluating) => Self::Evaluation(EvaluatingWire::of(evaluating)),
        }
    }
}
