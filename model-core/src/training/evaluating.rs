//! The last stage: what a fitted pipeline says of training and test rows, in slices of bounded
//! work.

use super::fit::Ready;
use super::predicting::Predicting;
use crate::budget::{Budget, share};
use crate::conformal::{ConformalPredictor, SetEvaluation};
use crate::dataset::{Dataset, Digesting};
use crate::digest::Digest;
use crate::evaluation::{Agreement, SplitEvaluation};
use crate::model::Quantisation;
use crate::pipeline::Pipeline;
use crate::schema::{Feature, Schema};
use crate::split::Split;

/// A fitted pipeline that is being measured.
#[derive(Debug)]
pub(super) struct Evaluating {
    pub(super) ready: Ready,
    pub(super) conformal: Option<ConformalPredictor>,
    /// Predictions of all rows before and after the model was narrowed, if it was.
    pub(super) narrowed: Option<Narrowed>,
    pub(super) test: Part,
    pub(super) train: Part,
    /// What the training rows hold, column by column.
    pub(super) features: Vec<Feature>,
    /// The name of the data, on its way and known.
    digesting: Option<Digesting>,
    pub(super) data_hash: Option<Digest>,
}

/// Two models that should answer alike.
#[derive(Debug)]
pub(super) struct Narrowed {
    pub(super) exact: Pipeline,
    pub(super) before: Predicting,
    pub(super) after: Predicting,
    pub(super) agreement: Option<Agreement>,
}

/// Rows that are predicted and then measured.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) predicting: Predicting,
    pub(super) evaluation: Option<SplitEvaluation>,
    sets: Option<SetEvaluation>,
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Evaluated {
    pub(super) ready: Ready,
    pub(super) conformal: Option<ConformalPredictor>,
    pub(super) schema: Schema,
    pub(super) data_hash: Digest,
    /// Absent without a test part.
    pub(super) test: Option<SplitEvaluation>,
    pub(super) train: SplitEvaluation,
    pub(super) prediction_sets: Option<SetEvaluation>,
    pub(super) quantisation: Option<Agreement>,
}

/// To put a row in its place on one class's curve.
const UNITS_A_RANK: u64 = 120;
/// To look at a value's range and decimals.
const UNITS_A_VALUE: u64 = 40;

impl Evaluating {
    /// Narrows the model if that is asked for; nothing is predicted yet.
    pub(super) fn new(
        mut ready: Ready,
        conformal: Option<ConformalPredictor>,
        quantisation: Option<Quantisation>,
        split: &Split,
        n_rows: usize,
    ) -> Self {
        let narrowed = quantisation.map(|form| {
            let narrow = ready.pipeline.quantised(form);
            let exact = std::mem::replace(&mut ready.pipeline, narrow);
            let [before, after] = [(); 2].map(|()| Predicting::new((0..n_rows).collect()));
            Narrowed { exact, before, after, agreement: None }
        });
        let (test, train) = (Part::new(split.test.clone()), Part::new(split.train.clone()));
        let (features, digesting, data_hash) = (Vec::new(), None, None);
        Self { ready, conformal, narrowed, test, train, features, digesting, data_hash }
    }

    /// Predicts and measures until all is or the budget is spent; returns whether more is to come.
    pub(super) fn step(&mut self, dataset: &Dataset, split: &Split, budget: &mut Budget) -> bool {
        let (pipeline, conformal) = (&self.ready.pipeline, self.conformal.as_ref());
        let narrowed = self.narrowed.as_mut();
        if narrowed.is_some_and(|narrowed| narrowed.step(pipeline, dataset, budget))
            || self.test.step(pipeline, dataset, conformal, budget)
            || self.train.step(pipeline, dataset, None, budget)
        {
            return true;
        }
        while self.features.len() < dataset.n_features() {
            if budget.is_spent() {
                return true;
            }
            self.features.push(dataset.feature_of(self.features.len(), &split.train));
            budget.spend(dataset.n_samples(), UNITS_A_VALUE);
        }
        if self.data_hash.is_none() {
            let mut digesting = self.digesting.take().unwrap_or_else(|| dataset.begin_digest());
            if dataset.digest_on(&mut digesting, budget) {
                self.digesting = Some(digesting);
                return true;
            }
            self.data_hash = Some(digesting.finish());
        }
        false
    }

    /// Whether all is measured.
    #[cfg(feature = "checkpoint")]
    pub(super) fn is_over(&self, dataset: &Dataset) -> bool {
        self.narrowed.as_ref().is_none_or(|narrowed| narrowed.agreement.is_some())
            && [&self.test, &self.train].iter().all(|part| part.evaluation.is_some())
            && self.features.len() == dataset.n_features()
            && self.data_hash.is_some()
    }

    /// Share of the rows that are predicted.
    pub(super) fn share_done(&self) -> f64 {
        let (mut done, mut all) = (0, 0);
        let parts = [&self.test.predicting, &self.train.predicting];
        let narrowed = self.narrowed.iter().flat_map(|both| [&both.before, &both.after]);
        for predicting in parts.into_iter().chain(narrowed) {
            done += predicting.rows_done();
            all += predicting.n_rows();
        }
        share(done, all)
    }

    /// What was measured; `None` before the end.
    pub(super) fn finish(self, dataset: &Dataset) -> Option<Evaluated> {
        Some(Evaluated {
            schema: dataset.schema_with(self.features),
            data_hash: self.data_hash?,
            test: self.test.evaluation.filter(|_| self.test.predicting.n_rows() > 0),
            train: self.train.evaluation?,
            prediction_sets: self.test.sets,
            quantisation: self.narrowed.and_then(|narrowed| narrowed.agreement),
            conformal: self.conformal,
            ready: self.ready,
        })
    }
}

impl Narrowed {
    fn step(&mut self, narrow: &Pipeline, dataset: &Dataset, budget: &mut Budget) -> bool {
        if self.agreement.is_some() {
            return false;
        }
        if self.before.step(&self.exact, dataset, budget)
            || self.after.step(narrow, dataset, budget)
        {
            return true;
        }
        let (before, after) = (self.before.probabilities(), self.after.probabilities());
        self.agreement = Some(Agreement::of(before, after, dataset.n_classes()));
        false
    }
}

impl Part {
    fn new(rows: Vec<usize>) -> Self {
        Self { predicting: Predicting::new(rows), evaluation: None, sets: None }
    }

    fn step(
        &mut self,
        pipeline: &Pipeline,
        dataset: &Dataset,
        conformal: Option<&ConformalPredictor>,
        budget: &mut Budget,
    ) -> bool {
        if self.evaluation.is_some() {
            return false;
        }
        if self.predicting.step(pipeline, dataset, budget) || budget.is_spent() {
            return true;
        }
        self.measure(dataset, conformal);
        budget.spend(self.predicting.n_rows() * dataset.n_classes(), UNITS_A_RANK);
        false
    }

    pub(super) fn measure(&mut self, dataset: &Dataset, conformal: Option<&ConformalPredictor>) {
        let predicted = self.predicting.predicted(dataset);
        self.evaluation = Some(predicted.evaluation());
        let sets = |conformal: &ConformalPredictor| predicted.sets(conformal);
        self.sets = conformal.filter(|_| self.predicting.n_rows() > 0).map(sets);
    }
}
