//! One training, stage by stage: folds, fit, calibration, evaluation, and the model at the end.

use std::ops::ControlFlow;

use super::evaluating::{Evaluated, Evaluating};
use super::fit::{Fitting, Ready};
use super::fold::FoldTraining;
use super::magnitudes::check_magnitudes;
use super::{Progress, Stage, Standing, TrainError};
use crate::artifact::{Artifact, Content, Lineage, Origin, Receipt};
use crate::budget::Budget;
use crate::conformal::ConformalPredictor;
use crate::dataset::Dataset;
use crate::evaluation::{CrossValidation, Evaluation};
use crate::model::FitError;
use crate::recipe::{ALGORITHM_VERSION, TrainParams};
use crate::reference::ReferenceSample;
use crate::split::{Split, train_test_split};

/// One training under way; see the [module](super).
///
/// ```
/// use model_core::{Dataset, Family, TrainParams, Training};
/// let iris = Dataset::iris();
/// let mut training = Training::new(&iris, TrainParams::new(Family::Svm))?;
/// while training.next_stage().is_some() {
///     training.step()?;
/// }
/// let model = training.finish()?;
/// assert_eq!(model.evaluation().test.as_ref().map(|test| test.confusion.n_correct()), Some(29));
/// # Ok::<(), model_core::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) params: TrainParams,
    pub(super) split: Split,
    pub(super) stages: Vec<Stage>,
    pub(super) done: usize,
    pub(super) standing: Standing,
    /// `1 − p(true class)` of each row that a fold of the first repeat held out.
    pub(super) scores: Vec<f64>,
    pub(super) under_way: UnderWay,
    /// What a checkpoint belongs to, once one was asked for.
    #[cfg(feature = "checkpoint")]
    pub(super) names: std::sync::OnceLock<super::checkpoint::Names>,
}

/// What a step leaves to the next one.
#[derive(Debug)]
pub(super) enum UnderWay {
    /// Nothing: a stage begins that needs none before it.
    Nothing,
    /// A fold.
    Fold(Box<FoldTraining>),
    /// The fit on all training rows, or its calibration.
    Fit(Box<Fitting>),
    /// The evaluation, and once it is over all that an artifact takes.
    Evaluation(Box<Evaluating>),
}

impl<'a> Training<'a> {
    /// Checks the parameters and splits the rows; nothing is fitted yet.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// assert_eq!((training.split().train.len(), training.split().test.len()), (120, 30));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrainError::Param`], [`TrainError::Split`] and [`TrainError::TooLarge`].
    pub fn new(dataset: &'a Dataset, params: TrainParams) -> Result<Self, TrainError> {
        params.check()?;
        let split = train_test_split(dataset, params.test_size, params.cv_folds, params.seed)?
            .with_repeats(dataset, params.cv_repeats, params.seed)?;
        let split = match params.max_rows {
            Some(most) => split.with_max_rows(dataset, most as usize, params.seed)?,
            None => split,
        };
        Self::with_split(dataset, params, split)
    }

    /// As [`new`](Self::new), on a split that the caller made; `params.test_size` and
    /// `params.max_rows` are the split's own, and the numbers of folds should be.
    ///
    /// ```
    /// use model_core::split::train_test_split;
    /// use model_core::{Dataset, Family, TrainParams, Training};
    /// let iris = Dataset::iris();
    /// let params = TrainParams::new(Family::GaussianNb);
    /// let split = train_test_split(&iris, params.test_size, params.cv_folds, params.seed)?;
    /// let model = Training::with_split(&iris, params.clone(), split)?;
    /// assert_eq!(model.split(), Training::new(&iris, params)?.split());
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrainError::Param`], [`TrainError::TooLarge`], and [`TrainError::Split`] as [`Split::check`] has it.
    pub fn with_split(
        dataset: &'a Dataset,
        params: TrainParams,
        split: Split,
    ) -> Result<Self, TrainError> {
        params.check()?;
        check_magnitudes(dataset, params.family.family())?;
        split.check(dataset, params.test_size, params.max_rows)?;
        let n_folds = split.folds.len();
        let mut stages: Vec<Stage> =
            (0..n_folds).map(|fold| Stage::CrossValidate { fold, n_folds }).collect();
        stages.push(Stage::Fit);
        if params.family.calibrates() {
            stages.push(Stage::Calibrate);
        }
        stages.push(Stage::Evaluate);
        Ok(Self {
            dataset,
            params,
            split,
            stages,
            done: 0,
            standing: Standing::default(),
            scores: Vec::new(),
            under_way: UnderWay::Nothing,
            #[cfg(feature = "checkpoint")]
            names: std::sync::OnceLock::new(),
        })
    }

    /// The stage that the next [`step`](Self::step) goes on with; `None` once all are done.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// use model_core::Stage;
    /// assert_eq!(training.next_stage(), Some(Stage::CrossValidate { fold: 0, n_folds: 5 }));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn next_stage(&self) -> Option<Stage> {
        self.stages.get(self.done).copied()
    }

    /// Stages behind.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// assert_eq!(training.steps_done(), 0);
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn steps_done(&self) -> usize {
        self.done
    }

    /// Stages in all.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// assert_eq!(training.n_steps(), 7, "five folds, the fit and the evaluation");
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.stages.len()
    }

    /// How far it is; `None` once all stages are done.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// assert!(training.progress().is_some_and(|progress| progress.share() == 0.0));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let stage_share = self.stage_share();
        let (steps_done, n_steps) = (self.done, self.stages.len());
        Some(Progress { stage: self.next_stage()?, steps_done, n_steps, stage_share })
    }

    fn stage_share(&self) -> f64 {
        let share = match (&self.under_way, self.next_stage()) {
            (UnderWay::Fold(fold), _) => fold.share_done(self.dataset, &self.params),
            (UnderWay::Fit(fitting), Some(Stage::Fit)) => {
                fitting.fit_share(self.dataset, self.split.train.len(), &self.params)
            }
            (UnderWay::Fit(fitting), Some(Stage::Calibrate)) => fitting.calibration_share(),
            (UnderWay::Evaluation(evaluating), _) => evaluating.share_done(),
            (UnderWay::Nothing | UnderWay::Fit(_), _) => 0.0,
        };
        share.clamp(0.0, 1.0)
    }

    /// The rows' shares.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// assert_eq!(training.split().folds.len(), 5);
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// How the folds so far did, for a choice among models.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let mut training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// while training.next_stage().is_some() {
    ///     training.step()?;
    /// }
    /// assert_eq!(training.standing().folds().len(), 5);
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Goes on with the [next stage](Self::next_stage) by a slice of bounded work, at most to its
    /// end; does nothing once all are done.
    ///
    /// A small stage takes one step, a large one as many as its work asks for. Between two of them
    /// the caller may show how far it is, or drop the training.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let mut training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// training.step()?;
    /// assert!(training.progress().is_some_and(|progress| progress.share() > 0.0));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrainError::Fit`] with the stage. The next step begins the stage anew, and with a
    /// calibration the fit that it stands on.
    pub fn step(&mut self) -> Result<(), TrainError> {
        self.advance(&mut Budget::new(Budget::SLICE))
    }

    /// As [`step`](Self::step), until this budget is spent.
    pub(super) fn advance(&mut self, budget: &mut Budget) -> Result<(), TrainError> {
        let Some(stage) = self.next_stage() else { return Ok(()) };
        let under_way = std::mem::replace(&mut self.under_way, UnderWay::Nothing);
        let is_over = match stage {
            Stage::CrossValidate { fold, .. } => self.cross_validate(under_way, fold, budget),
            Stage::Fit => self.fit(under_way, budget),
            Stage::Calibrate => self.calibrate(under_way, budget),
            Stage::Evaluate => Ok(self.evaluate(under_way, budget)),
        };
        match is_over {
            Ok(is_over) => {
                self.done += usize::from(is_over);
                Ok(())
            }
            Err(source) => {
                // A calibration stands on the fit before it, which is gone with it.
                self.done -= usize::from(stage == Stage::Calibrate);
                Err(TrainError::Fit { stage, source })
            }
        }
    }

    /// Goes on with a fold; whether it is done.
    fn cross_validate(
        &mut self,
        under_way: UnderWay,
        fold: usize,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        let mut training = match under_way {
            UnderWay::Fold(training) => training,
            _ => Box::new(FoldTraining::new(&self.split, fold)),
        };
        let Some(held_out) = training.step(self.dataset, &self.params, budget)? else {
            self.under_way = UnderWay::Fold(training);
            return Ok(false);
        };
        self.standing.add(&held_out.evaluation());
        // Each row counts once: a row's scores of two repeats tell less than two rows, and
        // their mean is no single model's.
        if fold < self.split.folds.n_folds() {
            self.scores.extend(held_out.scores());
        }
        Ok(true)
    }

    /// Goes on with the fit on all training rows; whether it is done.
    fn fit(&mut self, under_way: UnderWay, budget: &mut Budget) -> Result<bool, FitError> {
        let fitting = match under_way {
            UnderWay::Fit(fitting) => *fitting,
            _ => Fitting::default(),
        };
        let fitting = fitting.fit(self.dataset, &self.split.train, &self.params, budget)?;
        let is_fitted = fitting.is_fitted();
        self.under_way = UnderWay::Fit(Box::new(fitting));
        Ok(is_fitted)
    }

    /// Goes on with the calibration; whether it is done.
    fn calibrate(&mut self, under_way: UnderWay, budget: &mut Budget) -> Result<bool, FitError> {
        let UnderWay::Fit(fitting) = under_way else {
            return Err(FitError::Diverged);
        };
        match fitting.calibrate(&self.params, budget)?.into_ready() {
            Ok(ready) => {
                self.under_way = UnderWay::Fit(Box::new(Fitting::Ready(ready)));
                Ok(true)
            }
            Err(fitting) => {
                self.under_way = UnderWay::Fit(Box::new(fitting));
                Ok(false)
            }
        }
    }

    /// Goes on with the evaluation; whether it is done.
    fn evaluate(&mut self, under_way: UnderWay, budget: &mut Budget) -> bool {
        let mut evaluating = match under_way {
            UnderWay::Evaluation(evaluating) => evaluating,
            UnderWay::Fit(fitting) => match fitting.into_ready() {
                Ok(ready) => {
                    let (form, n_rows) = (self.params.quantisation, self.dataset.n_samples());
                    let coverage = self.params.coverage;
                    let conformal = ConformalPredictor::new(self.scores.clone(), coverage);
                    Box::new(Evaluating::new(ready, conformal, form, &self.split, n_rows))
                }
                Err(_) => return true,
            },
            UnderWay::Nothing | UnderWay::Fold(_) => return true,
        };
        let goes_on = evaluating.step(self.dataset, &self.split, budget);
        self.under_way = UnderWay::Evaluation(evaluating);
        !goes_on
    }

    /// Takes all steps that are left, and packs the model up.
    ///
    /// `observer` is told before each step how far the training is; if it answers `Break`, training
    /// ends there. A large stage takes many steps, so that it is asked every few dozen milliseconds.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use model_core::{Dataset, Family, TrainParams, Training};
    ///
    /// let iris = Dataset::iris();
    /// let mut stages = Vec::new();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// let model = training.run(&mut |progress| {
    ///     stages.push(progress.stage.to_string());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(stages.first().map(String::as_str), Some("fold 1 of 5"));
    /// assert!(model.evaluation().cv.is_some());
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// As [`step`](Self::step), and [`TrainError::Cancelled`].
    pub fn run(
        mut self,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Artifact, TrainError> {
        while let Some(so_far) = self.progress() {
            if observer(so_far).is_break() {
                return Err(TrainError::Cancelled);
            }
            self.step()?;
        }
        self.finish()
    }

    /// Packs the model up. Its receipt is empty: [`Artifact::with_receipt`] states time and place.
    ///
    /// ```
    /// # use model_core::{Dataset, Family, TrainParams, Training};
    /// # let iris = Dataset::iris();
    /// let training = Training::new(&iris, TrainParams::new(Family::GaussianNb))?;
    /// use model_core::TrainError;
    /// assert!(matches!(training.finish(), Err(TrainError::Unfinished(7))));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrainError::Unfinished`] before the last step.
    pub fn finish(self) -> Result<Artifact, TrainError> {
        let unfinished = TrainError::Unfinished(self.stages.len() - self.done);
        let UnderWay::Evaluation(evaluating) = self.under_way else { return Err(unfinished) };
        let Evaluated {
            ready,
            conformal,
            schema,
            data_hash,
            test,
            train,
            prediction_sets,
            quantisation,
        } = evaluating.finish(self.dataset).ok_or(unfinished)?;
        let Ready { pipeline, out_of_bag_accuracy, feature_importances, .. } = ready;
        let content = Content {
            schema,
            pipeline,
            evaluation: Evaluation {
                test,
                train,
                cv: (!self.standing.folds().is_empty()).then(|| CrossValidation {
                    folds: self.standing.folds().to_vec(),
                    n_repeats: self.split.folds.n_repeats(),
                    n_rows: self.split.train.len() as u32,
                }),
                out_of_bag_accuracy,
                feature_importances,
                quantisation,
                prediction_sets,
            },
            conformal,
            reference: ReferenceSample::draw(self.dataset, &self.split, self.params.seed),
            summary: None,
            lineage: Lineage {
                algorithm_version: ALGORITHM_VERSION,
                data_hash,
                n_train: self.split.train.len(),
                n_test: self.split.test.len(),
                split_hash: Some(self.split.digest()),
                params: self.params,
                origin: Origin::Trained,
            },
        };
        Ok(Artifact::new(content, Receipt::default()))
    }
}

impl TrainParams {
    /// The model of these rows, trained in one call; [`Training`] shows how far it is and can be stopped.
    ///
    /// ```
    /// use model_core::{Dataset, Family, TrainParams};
    /// let model = TrainParams::new(Family::GaussianNb).train(&Dataset::iris())?;
    /// assert_eq!((model.lineage().n_train, model.lineage().n_test), (120, 30));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Training::new`] and [`Training::step`].
    pub fn train(&self, dataset: &Dataset) -> Result<Artifact, TrainError> {
        Training::new(dataset, self.clone())?.run(&mut |_| ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Family, Quantisation};
    use crate::pipeline::{DerivedFeatures, PreprocessingParams};

    fn params(family: Family) -> TrainParams {
        TrainParams::new(family)
    }

    #[test]
    fn a_training_can_be_stopped_before_any_step() {
        let iris = Dataset::iris();
        for stop_at in 0..8 {
            let mut progress = |progress: Progress| match progress.steps_done == stop_at {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let result = Training::new(&iris, params(Family::Svm)).unwrap().run(&mut progress);
            assert_eq!(result.unwrap_err(), TrainError::Cancelled);
        }
    }

    #[test]
    fn finishing_early_is_an_error() {
        let iris = Dataset::iris();
        let mut training = Training::new(&iris, params(Family::LogisticRegression)).unwrap();
        training.step().unwrap();
        assert_eq!(training.finish().unwrap_err(), TrainError::Unfinished(6));
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
        Training::new(&iris, small).unwrap().run(&mut progress).unwrap();
        assert_eq!(told, ["fold 1 of 2", "fold 2 of 2", "fit", "calibrate", "evaluate"]);
    }

    #[test]
    fn a_quantised_model_is_measured_as_it_is() {
        let iris = Dataset::iris();
        for family in [Family::RandomForest, Family::Svm] {
            for form in Quantisation::ALL {
                let params = TrainParams { quantisation: Some(form), ..params(family) };
                let model = params.train(&iris).unwrap();
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
                let model = params.train(&data).unwrap();
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
        let model = small.train(&iris).unwrap();
        let training = model.schema().features[0].numeric().unwrap().training;
        assert!(training.width() < iris.schema().features[0].numeric().unwrap().training.width());
    }
}
