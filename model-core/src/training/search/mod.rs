//! Which family, parameters and preprocessing suit the data: random search with successive halving.
//!
//! Trials come in batches. The first batch is each family's defaults, cross-validated in full, so
//! that there always is something to compare with. Every later batch draws nine candidates and
//! tries them all on one fold; the best three go on to half of the folds and the best one to all of
//! them. Only trials that saw every fold compete for the first place.
//!
//! A step is a slice of a fit on one fold, of bounded work. The caller stops when its seconds are
//! over, between any two of them, or gives a budget of trials, which gives the same leaderboard on
//! every machine. A fold that was not finished by then counts for nothing.
//!
//! Sources: Bergstra & Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012);
//! Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
//! AISTATS 2016.

mod space;

use crate::order::{sort_by, sort_items};
use serde::{Deserialize, Serialize};

use super::fold::FoldTraining;
use super::{SelectionMetric, Standing, TrainError};
use crate::budget::Budget;
use crate::dataset::Dataset;
use crate::evaluation::Fold;
use crate::model::{Family, FamilyParams};
use crate::recipe::TrainParams;
use crate::rng::{Purpose, SplitMix64};
use crate::split::{Split, train_test_split};

/// Candidates of a batch, of which a third goes on at each rung.
const BATCH: usize = 9;

/// What to search among.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchParams {
    /// Families that are tried, in turn.
    pub families: Vec<Family>,
    /// Most trials, defaults included; without a number the caller has to stop.
    pub max_trials: Option<u32>,
    /// Whether derived columns and a selection of columns are tried too; default yes.
    pub preprocessing: bool,
    /// Held-out share of the rows, which the search does not look at; default 0.2.
    pub test_size: f64,
    /// Folds of the training rows that trials are measured on, at least 2; default 5.
    pub cv_folds: usize,
    /// Which of two trials is the better one; default by log loss.
    #[serde(default)]
    pub metric: SelectionMetric,
    /// Decides split, folds, candidates and fits; default 42.
    pub seed: u64,
}

impl SearchParams {
    /// The defaults for these families, without a limit of trials.
    #[must_use]
    pub fn new(families: Vec<Family>) -> Self {
        Self {
            families,
            max_trials: None,
            preprocessing: true,
            test_size: 0.2,
            cv_folds: 5,
            metric: SelectionMetric::default(),
            seed: 42,
        }
    }
}

/// One candidate and how it did on the folds it was tried on.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What [`Training`](super::Training) needs to train it.
    pub params: TrainParams,
    /// How it did on the folds so far.
    pub standing: Standing,
    /// Why it cannot be fitted, if so.
    pub failure: Option<String>,
}

impl Trial {
    /// The folds so far.
    #[must_use]
    pub fn folds(&self) -> &[Fold] {
        self.standing.folds()
    }

    /// Mean accuracy over the folds so far; 0 without any.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.standing.value(SelectionMetric::Accuracy).unwrap_or_default()
    }

    /// Mean log loss over the folds so far; 0 without any.
    #[must_use]
    pub fn log_loss(&self) -> f64 {
        self.standing.value(SelectionMetric::LogLoss).unwrap_or_default()
    }
}

/// What the next step goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchStep {
    /// Index of the trial.
    pub trial: usize,
    /// Its family.
    pub family: Family,
    /// The fold, from 0.
    pub fold: usize,
}

/// A search under way: trials in batches, of which the worse drop out after a fold.
///
/// A [`step`](Self::step) is a slice of one fit on one fold; the caller stops when its time is over.
///
/// ```
/// use model_core::training::{Search, SearchParams};
/// use model_core::{Dataset, Family};
/// let iris = Dataset::iris();
/// let families = vec![Family::LogisticRegression, Family::Svm];
/// let mut search =
///     Search::new(&iris, SearchParams { max_trials: Some(11), ..SearchParams::new(families) })?;
/// while search.next_step().is_some() {
///     search.step();
/// }
/// let best = search.best(None).expect("the defaults at least");
/// assert!(best.accuracy() > 0.95);
/// # Ok::<(), model_core::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Search<'a> {
    dataset: &'a Dataset,
    params: SearchParams,
    split: Split,
    trials: Vec<Trial>,
    /// Trials of the batch under way that are still in the race.
    racing: Vec<usize>,
    /// Folds that the racing trials are to see before the next ones drop out.
    rung: usize,
    /// The step that comes next, as a place in `racing` and a fold.
    next: Option<(usize, usize)>,
    /// The fold that the last step left unfinished.
    fold: Option<FoldTraining>,
}

impl<'a> Search<'a> {
    /// Splits the rows and sets up the families' defaults; nothing is fitted yet.
    ///
    /// # Errors
    /// [`TrainError::Split`], also for fewer than two folds; [`TrainError::NoFamily`] without
    /// families.
    pub fn new(dataset: &'a Dataset, params: SearchParams) -> Result<Self, TrainError> {
        let split =
            train_test_split(dataset, params.test_size, params.cv_folds.max(1), params.seed)?;
        Self::with_split(dataset, params, split)
    }

    /// As [`new`](Self::new), on a split that the caller made, with folds.
    ///
    /// # Errors
    /// [`TrainError::NoFamily`] without families, [`TrainError::Split`] without folds.
    pub fn with_split(
        dataset: &'a Dataset,
        params: SearchParams,
        split: Split,
    ) -> Result<Self, TrainError> {
        if params.families.is_empty() {
            return Err(TrainError::NoFamily);
        }
        if split.folds.len() < 2 {
            return Err(crate::split::SplitError::OneFold.into());
        }
        let mut search = Self {
            dataset,
            rung: split.folds.len(),
            params,
            split,
            trials: Vec::new(),
            racing: Vec::new(),
            next: None,
            fold: None,
        };
        let defaults: Vec<FamilyParams> = search
            .params
            .families
            .iter()
            .map(|&family| FamilyParams::default_for(family))
            .collect();
        for family in defaults {
            let params = search.train_params(family);
            search.enter(params);
        }
        search.next = (!search.racing.is_empty()).then_some((0, 0));
        Ok(search)
    }

    /// What the next [`step`](Self::step) goes on with; `None` once the trials are used up.
    #[must_use]
    pub fn next_step(&self) -> Option<SearchStep> {
        let (place, fold) = self.next?;
        let trial = *self.racing.get(place)?;
        let family = self.trials.get(trial)?.params.family.family();
        Some(SearchStep { trial, family, fold })
    }

    /// Goes on with one trial on one fold by a slice of bounded work, at most to its end; does
    /// nothing once the trials are used up.
    ///
    /// A trial that cannot be fitted drops out, with its reason.
    pub fn step(&mut self) {
        self.advance(&mut Budget::new(Budget::SLICE));
    }

    /// As [`step`](Self::step), until this budget is spent.
    pub(super) fn advance(&mut self, budget: &mut Budget) {
        let (Some(SearchStep { trial, fold, .. }), Some((place, _))) =
            (self.next_step(), self.next)
        else {
            return;
        };
        let params = &self.trials[trial].params;
        let mut under_way =
            self.fold.take().unwrap_or_else(|| FoldTraining::new(&self.split, fold));
        match under_way.step(self.dataset, params, budget) {
            Ok(None) => {
                self.fold = Some(under_way);
                return;
            }
            Ok(Some(held_out)) => self.trials[trial].standing.add(&held_out.evaluation()),
            Err(error) => self.trials[trial].failure = Some(error.to_string()),
        }
        let failed = self.trials[trial].failure.is_some();
        self.next = if !failed && fold + 1 < self.rung {
            Some((place, fold + 1))
        } else if place + 1 < self.racing.len() {
            self.start_of(place + 1)
        } else {
            self.next_rung();
            self.start_of(0)
        };
    }

    /// Every trial, the best first: those that saw more folds before those that saw fewer.
    #[must_use]
    pub fn leaderboard(&self) -> Vec<&Trial> {
        let mut trials: Vec<&Trial> =
            self.trials.iter().filter(|trial| !trial.folds().is_empty()).collect();
        let more_folds = |a: &Trial, b: &Trial| b.folds().len().cmp(&a.folds().len());
        sort_items(&mut trials, &mut |a, b| more_folds(a, b).then(self.order(a, b)));
        trials
    }

    /// The best trial that saw every fold, of one family or of all.
    #[must_use]
    pub fn best(&self, family: Option<Family>) -> Option<&Trial> {
        let is_asked = |trial: &&Trial| {
            family.is_none_or(|family| trial.params.family.family() == family)
                && trial.folds().len() == self.split.folds.len()
        };
        self.leaderboard().into_iter().find(is_asked)
    }

    /// Trials so far, in the order they were drawn.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The rows' shares.
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Better trials first, as [`SelectionMetric::best`] has it.
    fn order(&self, a: &Trial, b: &Trial) -> std::cmp::Ordering {
        a.standing.order(&b.standing, self.params.metric)
    }

    /// Where the racing trial at `place` goes on: at the first fold it has not seen.
    fn start_of(&self, place: usize) -> Option<(usize, usize)> {
        let trial = *self.racing.get(place)?;
        Some((place, self.trials.get(trial)?.folds().len()))
    }

    /// Lets the worse trials of a batch drop out, or begins the next batch.
    fn next_rung(&mut self) {
        let n_folds = self.split.folds.len();
        let mut left: Vec<usize> = self.racing.clone();
        left.retain(|&trial| self.trials[trial].failure.is_none());
        sort_by(&mut left, &mut |a, b| self.order(&self.trials[a], &self.trials[b]));
        left.truncate(left.len().div_ceil(3));
        if self.rung < n_folds && !left.is_empty() {
            self.rung = if self.rung == 1 && n_folds > 2 { n_folds.div_ceil(2) } else { n_folds };
            self.racing = left;
            return;
        }
        self.racing.clear();
        self.rung = 1;
        let limit = self.params.max_trials.map_or(usize::MAX, |most| most as usize);
        for _ in 0..BATCH.min(limit.saturating_sub(self.trials.len())) {
            let params = self.draw();
            self.enter(params);
        }
    }

    fn enter(&mut self, params: TrainParams) {
        let limit = self.params.max_trials.map_or(usize::MAX, |most| most as usize);
        if self.trials.len() < limit {
            self.racing.push(self.trials.len());
            self.trials.push(Trial { params, standing: Standing::default(), failure: None });
        }
    }

    /// The candidate that this seed has at this place; families take turns.
    fn draw(&self) -> TrainParams {
        let index = self.trials.len();
        let mut rng = SplitMix64::for_purpose(self.params.seed, Purpose::Trial(index as u32));
        let family = self.params.families[index % self.params.families.len()];
        let mut params = self.train_params(space::family_params(family, &mut rng));
        if self.params.preprocessing {
            params.preprocessing = space::preprocessing(self.dataset, &mut rng);
        }
        params
    }

    fn train_params(&self, family: FamilyParams) -> TrainParams {
        TrainParams {
            test_size: self.params.test_size,
            cv_folds: self.params.cv_folds,
            seed: self.params.seed,
            ..TrainParams::new(family)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(max_trials: u32, seed: u64) -> Vec<(TrainParams, usize)> {
        let iris = Dataset::iris();
        let families = vec![Family::LogisticRegression, Family::KNearestNeighbors];
        let params =
            SearchParams { max_trials: Some(max_trials), seed, ..SearchParams::new(families) };
        let mut search = Search::new(&iris, params).unwrap();
        while search.next_step().is_some() {
            search.step();
        }
        assert_eq!(search.trials().len(), max_trials as usize);
        search
            .leaderboard()
            .into_iter()
            .map(|trial| (trial.params.clone(), trial.folds().len()))
            .collect()
    }

    #[test]
    fn a_budget_of_trials_gives_one_leaderboard() {
        assert_eq!(searched(13, 1), searched(13, 1));
        assert_ne!(searched(13, 1), searched(13, 2));
    }

    #[test]
    fn the_worse_trials_drop_out_early() {
        let folds: Vec<usize> = searched(11, 3).into_iter().map(|(_, folds)| folds).collect();
        // Two defaults and the winner of nine see all folds, two more see three, six see one.
        assert_eq!(folds, [5, 5, 5, 3, 3, 1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn the_best_is_no_worse_than_the_defaults() {
        let iris = Dataset::iris();
        let params =
            SearchParams { max_trials: Some(10), ..SearchParams::new(vec![Family::GaussianNb]) };
        let mut search = Search::new(&iris, params).unwrap();
        while search.next_step().is_some() {
            search.step();
        }
        let default = search.trials()[0].log_loss();
        assert!(search.best(Some(Family::GaussianNb)).unwrap().log_loss() <= default);
        assert!(search.best(Some(Family::Svm)).is_none());
    }

    #[test]
    fn a_trial_that_cannot_be_fitted_drops_out_with_its_reason() {
        let csv: String = (0..40).map(|i| format!("{}e38,{}\n", i, ["a", "b"][i % 2])).collect();
        let data =
            Dataset::from_csv(format!("x,y\n{csv}").as_bytes(), &Default::default()).unwrap();
        let params =
            SearchParams { max_trials: Some(3), ..SearchParams::new(vec![Family::RandomForest]) };
        let mut search = Search::new(&data, params).unwrap();
        while search.next_step().is_some() {
            search.step();
        }
        assert!(search.trials()[0].failure.as_deref().unwrap().contains("beyond 3.4e38"));
    }

    #[test]
    fn nothing_to_search_is_an_error() {
        let iris = Dataset::iris();
        let error = |params| Search::new(&iris, params).unwrap_err();
        assert_eq!(error(SearchParams::new(Vec::new())), TrainError::NoFamily);
        let no_folds =
            SearchParams { cv_folds: 0, ..SearchParams::new(vec![Family::LogisticRegression]) };
        assert!(matches!(error(no_folds), TrainError::Split(_)));
    }
}
