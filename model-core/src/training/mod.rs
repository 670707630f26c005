//! From a [`Dataset`] to an [`Artifact`], in steps that the caller times, shows and may stop.
//!
//! Nothing here reads a clock: whoever calls [`Training::step`] may stamp its begin and end, and
//! so learns how long the fit alone took. Nothing blocks for good either: a step is one fit.

mod fit;
mod predicted;
mod search;
mod selection;
mod stage;

use std::ops::ControlFlow;

use self::fit::{Fitted, Ready};
use self::predicted::Predicted;
pub use self::search::{Search, SearchParams, SearchStep, Trial};
pub use self::selection::select_best;
pub use self::stage::{Progress, Stage};
use crate::artifact::{Artifact, Content, Lineage, Receipt};
use crate::conformal::ConformalPredictor;
use crate::dataset::Dataset;
use crate::evaluation::{Agreement, CrossValidation, Evaluation, Fold};
use crate::model::{FitError, ParamError};
use crate::pipeline::Pipeline;
use crate::recipe::{ALGORITHM_VERSION, TrainParams};
use crate::reference::ReferenceSample;
use crate::schema::Schema;
use crate::split::{Split, SplitError, train_test_split};

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The rows cannot be split as asked.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The model could not be fitted.
    #[error("{stage}: {source}")]
    Fit {
        /// During what.
        stage: Stage,
        /// Why.
        source: FitError,
    },
    /// A search has nothing to try.
    #[error("there is no family to search among: give at least one")]
    NoFamily,
    /// The caller asked to stop.
    #[error("training was cancelled")]
    Cancelled,
    /// [`Training::finish`] came before the last step.
    #[error("training has {0} steps left")]
    Unfinished(usize),
}

/// One training under way; see the [module](self).
///
/// ```
/// use model_core::{Dataset, Family, FamilyParams, Receipt, TrainParams, Training};
/// let iris = Dataset::iris();
/// let params = TrainParams::new(FamilyParams::default_for(Family::Svm));
/// let mut training = Training::new(&iris, params)?;
/// while training.next_stage().is_some() {
///     training.step()?;
/// }
/// let model = training.finish(Receipt::default())?;
/// assert_eq!(model.evaluation().test.as_ref().map(|test| test.confusion.n_correct()), Some(29));
/// # Ok::<(), model_core::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    dataset: &'a Dataset,
    params: TrainParams,
    split: Split,
    schema: Schema,
    stages: Vec<Stage>,
    done: usize,
    folds: Vec<Fold>,
    /// `1 − p(true class)` of each row that a fold of the first repeat held out.
    scores: Vec<f64>,
    fitted: Option<Fitted>,
    evaluated: Option<Evaluated>,
}

/// What the last step leaves.
#[derive(Debug)]
struct Evaluated {
    pipeline: Pipeline,
    evaluation: Evaluation,
    conformal: Option<ConformalPredictor>,
}

impl<'a> Training<'a> {
    /// Checks the parameters and splits the rows; nothing is fitted yet.
    ///
    /// # Errors
    /// [`TrainError::Param`] and [`TrainError::Split`].
    pub fn new(dataset: &'a Dataset, params: TrainParams) -> Result<Self, TrainError> {
        let split = train_test_split(dataset, params.test_size, params.cv_folds, params.seed)?
            .with_repeats(dataset, params.cv_repeats, params.seed)?;
        Self::with_split(dataset, params, split)
    }

    /// As [`new`](Self::new), on a split that the caller made; `params.test_size` and the numbers
    /// of folds should be the split's own.
    ///
    /// # Errors
    /// [`TrainError::Param`].
    pub fn with_split(
        dataset: &'a Dataset,
        params: TrainParams,
        split: Split,
    ) -> Result<Self, TrainError> {
        params.check()?;
        let n_folds = split.folds.len();
        let mut stages: Vec<Stage> =
            (0..n_folds).map(|fold| Stage::CrossValidate { fold, n_folds }).collect();
        stages.push(Stage::Fit);
        if params.family.calibrates() {
            stages.push(Stage::Calibrate);
        }
        stages.push(Stage::Evaluate);
        let schema = dataset.schema_of(&split.train);
        Ok(Self {
            dataset,
            params,
            split,
            schema,
            stages,
            done: 0,
            folds: Vec::new(),
            scores: Vec::new(),
            fitted: None,
            evaluated: None,
        })
    }

    /// What the next [`step`](Self::step) does; `None` once all are done.
    #[must_use]
    pub fn next_stage(&self) -> Option<Stage> {
        self.stages.get(self.done).copied()
    }

    /// Steps behind.
    #[must_use]
    pub fn steps_done(&self) -> usize {
        self.done
    }

    /// Steps in all.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.stages.len()
    }

    /// The rows' shares.
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Runs the next stage; does nothing once all are done.
    ///
    /// # Errors
    /// [`TrainError::Fit`] with the stage. The same stage may be tried again.
    pub fn step(&mut self) -> Result<(), TrainError> {
        let Some(stage) = self.next_stage() else { return Ok(()) };
        let failed = |source| TrainError::Fit { stage, source };
        match stage {
            Stage::CrossValidate { fold, .. } => {
                let held_out =
                    held_out(self.dataset, &self.split, fold, &self.params).map_err(failed)?;
                self.folds.push(held_out.fold());
                // Each row counts once: a row's scores of two repeats tell less than two rows, and
                // their mean is no single model's.
                if fold < self.split.folds.n_folds() {
                    self.scores.extend(held_out.scores());
                }
            }
            Stage::Fit => {
                let fitted = Fitted::fit(self.dataset, &self.split.train, &self.params);
                self.fitted = Some(fitted.map_err(failed)?);
            }
            Stage::Calibrate => {
                let fitted = self.fitted.clone();
                let calibrated = fitted
                    .map(|fitted| fitted.calibrate(self.dataset, &self.split.train, &self.params));
                self.fitted = calibrated.transpose().map_err(failed)?;
            }
            Stage::Evaluate => {
                let scores = std::mem::take(&mut self.scores);
                self.evaluated = self.fitted.take().and_then(|f| self.evaluate(f, scores));
            }
        }
        self.done += 1;
        Ok(())
    }

    fn evaluate(&self, fitted: Fitted, scores: Vec<f64>) -> Option<Evaluated> {
        let Ready { pipeline, out_of_bag_accuracy, feature_importances } = fitted.into_ready()?;
        let (pipeline, quantisation) = match self.params.quantisation {
            Some(form) => {
                let narrowed = pipeline.quantised(form);
                let rows: Vec<usize> = (0..self.dataset.n_samples()).collect();
                let before = pipeline.predict_proba(self.dataset, &rows);
                let after = narrowed.predict_proba(self.dataset, &rows);
                let agreement = Agreement::of(&before, &after, self.dataset.n_classes());
                (narrowed, Some(agreement))
            }
            None => (pipeline, None),
        };
        let conformal = ConformalPredictor::new(scores, self.params.coverage);
        let test = (!self.split.test.is_empty())
            .then(|| Predicted::by(&pipeline, self.dataset, &self.split.test));
        let evaluation = Evaluation {
            test: test.as_ref().map(Predicted::evaluation),
            train: Predicted::by(&pipeline, self.dataset, &self.split.train).evaluation(),
            cv: (!self.folds.is_empty()).then(|| CrossValidation {
                folds: self.folds.clone(),
                n_repeats: self.split.folds.n_repeats(),
                n_rows: self.split.train.len() as u32,
            }),
            out_of_bag_accuracy,
            feature_importances,
            quantisation,
            prediction_sets: test.zip(conformal.as_ref()).map(|(test, sets)| test.sets(sets)),
        };
        Some(Evaluated { pipeline, evaluation, conformal })
    }

    /// Packs the model up, with what the caller knows of time and place.
    ///
    /// # Errors
    /// [`TrainError::Unfinished`] before the last step.
    pub fn finish(self, receipt: Receipt) -> Result<Artifact, TrainError> {
        let left = self.stages.len() - self.done;
        let Some(evaluated) = self.evaluated.filter(|_| left == 0) else {
            return Err(TrainError::Unfinished(left));
        };
        let content = Content {
            schema: self.schema,
            pipeline: evaluated.pipeline,
            evaluation: evaluated.evaluation,
            conformal: evaluated.conformal,
            reference: ReferenceSample::draw(self.dataset, &self.split, self.params.seed),
            lineage: Lineage {
                algorithm_version: ALGORITHM_VERSION,
                data_hash: self.dataset.digest(),
                n_train: self.split.train.len(),
                n_test: self.split.test.len(),
                split_hash: Some(self.split.digest()),
                params: self.params,
            },
        };
        Ok(Artifact::new(content, receipt))
    }
}

/// Fits on the training rows that a fold does not hold out and predicts those that it does.
fn held_out(
    dataset: &Dataset,
    split: &Split,
    fold: usize,
    params: &TrainParams,
) -> Result<Predicted, FitError> {
    let rest = split.fold_train_rows(fold);
    let fitted = Fitted::fit(dataset, &rest, params)?.calibrate(dataset, &rest, params)?;
    let pipeline = fitted.into_ready().ok_or(FitError::Diverged)?.pipeline;
    let pipeline = match params.quantisation {
        Some(form) => pipeline.quantised(form),
        None => pipeline,
    };
    let rows = split.folds.get(fold).map(Vec::as_slice).unwrap_or_default();
    Ok(Predicted::by(&pipeline, dataset, rows))
}

/// Trains in one call.
///
/// `progress` is told each step before it runs; if it answers `Break`, training ends there.
///
/// # Errors
/// As [`Training::new`] and [`Training::step`], and [`TrainError::Cancelled`].
pub fn train(
    dataset: &Dataset,
    params: &TrainParams,
    receipt: Receipt,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Artifact, TrainError> {
    let mut training = Training::new(dataset, params.clone())?;
    while let Some(stage) = training.next_stage() {
        let (steps_done, n_steps) = (training.steps_done(), training.n_steps());
        if progress(Progress { stage, steps_done, n_steps }).is_break() {
            return Err(TrainError::Cancelled);
        }
        training.step()?;
    }
    training.finish(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Family, FamilyParams, Quantisation};
    use crate::pipeline::{DerivedFeatures, PreprocessingParams};

    fn params(family: Family) -> TrainParams {
        TrainParams::new(FamilyParams::default_for(family))
    }

    #[test]
    fn a_training_can_be_stopped_before_any_step() {
        let iris = Dataset::iris();
        for stop_at in 0..8 {
            let mut progress = |progress: Progress| match progress.steps_done == stop_at {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let result = train(&iris, &params(Family::Svm), Receipt::default(), &mut progress);
            assert_eq!(result.unwrap_err(), TrainError::Cancelled);
        }
    }

    #[test]
    fn finishing_early_is_an_error() {
        let iris = Dataset::iris();
        let mut training = Training::new(&iris, params(Family::LogisticRegression)).unwrap();
        training.step().unwrap();
        assert_eq!(training.finish(Receipt::default()).unwrap_err(), TrainError::Unfinished(6));
    }

    #[test]
    fn stages_are_told_in_order() {
        let iris = Dataset::iris();
        let mut told = Vec::new();
        let mut progress = |progress: Progress| {
            told.push(progress.stage.to_string());
            ControlFlow::Continue(())
        };
        let small = TrainParams { cv_folds: 2, ..params(Family::Svm) };
        train(&iris, &small, Receipt::default(), &mut progress).unwrap();
        assert_eq!(told, ["fold 1 of 2", "fold 2 of 2", "fit", "calibrate", "evaluate"]);
    }

    #[test]
    fn a_quantised_model_is_measured_as_it_is() {
        let iris = Dataset::iris();
        for family in [Family::RandomForest, Family::Svm] {
            for form in Quantisation::ALL {
                let params = TrainParams { quantisation: Some(form), ..params(family) };
                let mut go_on = |_| ControlFlow::Continue(());
                let model = train(&iris, &params, Receipt::default(), &mut go_on).unwrap();
                let agreement = model.evaluation().quantisation.unwrap();
                assert_eq!(agreement.n_rows, 150);
                assert!(agreement.label_share() > 0.98, "{family} {form:?}: {agreement:?}");
                let read = Artifact::from_bytes(&model.to_bytes()).unwrap();
                assert_eq!(read, model, "{family} {form:?}");
            }
        }
        let refused =
            TrainParams { quantisation: Some(Quantisation::F32), ..params(Family::GaussianNb) };
        assert!(matches!(Training::new(&iris, refused), Err(TrainError::Param(_))));
    }

    #[test]
    fn every_family_round_trips_with_any_preprocessing() {
        let csv: String = (0..60)
            .map(|i| {
                let (x, colour) = (i % 7, ["red", "green", "blue", ""][i * 5 % 4]);
                format!("{},{},{colour},{}\n", x * x + i % 3, i % 5, ["a", "b", "c"][x % 3])
            })
            .collect();
        let data =
            Dataset::from_csv(format!("x,z,colour,y\n{csv}").as_bytes(), &Default::default());
        let data = data.unwrap();
        for family in Family::ALL {
            for (derived, select) in
                [(DerivedFeatures::None, None), (DerivedFeatures::RatiosAndProducts, Some(3))]
            {
                let preprocessing = PreprocessingParams { derived, select };
                let params = TrainParams { preprocessing, ..params(family) };
                let mut go_on = |_| ControlFlow::Continue(());
                let model = train(&data, &params, Receipt::default(), &mut go_on).unwrap();
                let read = Artifact::from_bytes(&model.to_bytes()).unwrap();
                assert_eq!(read.id(), model.id(), "{family}");
                for row in 0..data.n_samples() {
                    let row = model.schema().row(data.row(row)).unwrap();
                    let answer = model.predict(&row);
                    assert_eq!(answer, read.predict(&row));
                    let sum: f64 = answer.probabilities.iter().sum();
                    assert!((sum - 1.0).abs() < 1e-12, "{family}: {sum}");
                }
                if let Some(importances) = &model.evaluation().feature_importances {
                    assert_eq!(importances.len(), 3);
                    assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn the_training_rows_alone_decide_the_ranges() {
        let iris = Dataset::iris();
        let small =
            TrainParams { test_size: 0.9, cv_folds: 0, ..params(Family::LogisticRegression) };
        let model =
            train(&iris, &small, Receipt::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let training = model.schema().features[0].numeric().unwrap().training;
        assert!(training.width() < iris.schema().features[0].numeric().unwrap().training.width());
    }
}
