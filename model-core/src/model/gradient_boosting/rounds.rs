//! Boosting round by round, in slices of bounded work, so that a caller can show progress and stop.

use super::binning::BinnedColumns;
use super::early_stopping::Validation;
use super::grow::Grower;
use super::loss;
use super::tree::Tree;
use super::{FittedBoosting, GradientBoosting, GradientBoostingParams};
use crate::budget::{Budget, share};
use crate::model::{FitError, TrainingRows};

/// To bin a value, once a model.
const UNITS_A_VALUE: u64 = 60;
/// To work out a row's probability and its gradient of one score.
const UNITS_A_SCORE: u64 = 25;

/// A model under way: [`step`](Self::step) takes it on by a slice of work.
///
/// With early stopping it is first boosted without the rows held out, until their loss no longer
/// falls; the best rounds, at least one, are then boosted again with all rows, unless those are many.
///
/// It holds no rows: every step is handed those that it began with.
#[derive(Debug)]
pub(crate) struct Boosting {
    pub(super) params: GradientBoostingParams,
    pub(super) n_features: usize,
    pub(super) n_classes: usize,
    /// What a row of each class weighs.
    weights: Vec<f64>,
    pub(super) baseline: Vec<f64>,
    /// A row's scores, row by row.
    pub(super) scores: Vec<f64>,
    pub(super) probabilities: Vec<f64>,
    /// Gradient and hessian of each row in one score.
    pub(super) derivatives: Vec<(f64, f64)>,
    /// The columns that are binned so far, until all are and the grower has them.
    pub(super) columns: BinnedColumns,
    pub(super) grower: Option<Grower>,
    pub(super) round: Round,
    pub(super) trees: Vec<Tree>,
    pub(super) gains: Vec<f64>,
    /// Rounds at most; once early stopping has found how many were best, that many.
    pub(super) n_rounds: usize,
    /// What finds it, while it is being found.
    pub(super) validation: Option<Validation>,
    /// The gains of the rounds that were best.
    pub(super) best_gains: Vec<f64>,
    /// Share of the work that was done before the first of the trees.
    pub(super) share_before: f64,
    is_done: bool,
}

/// The round under way.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Trees that it has, one a score.
    pub(super) n_trees: usize,
    /// Whether the next one has been begun.
    pub(super) is_growing: bool,
    pub(super) has_split: bool,
}

impl Boosting {
    /// Starts from the classes' shares. `seed` decides which rows early stopping holds out.
    ///
    /// # Errors
    /// [`FitError::Param`] and [`FitError::EmptyClass`].
    pub(crate) fn new(
        rows: TrainingRows<'_>,
        params: &GradientBoostingParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        params.check()?;
        let weights = params.class_weight.of(rows)?;
        let weighted: Vec<f64> = rows
            .class_counts()?
            .iter()
            .zip(&weights)
            .map(|(&n, weight)| n as f64 * weight)
            .collect();
        let baseline = loss::baseline(&weighted);
        let n = rows.n_samples();
        let scores = baseline.repeat(n);
        let mut validation = Validation::draw(rows, params, seed)?;
        if let Some(validation) = &mut validation {
            validation.note(validation.loss(&scores, rows.labels, &weights), 0);
        }
        Ok(Self {
            params: params.clone(),
            n_features: rows.n_features,
            n_classes: rows.n_classes,
            weights,
            scores,
            probabilities: vec![0.0; n * baseline.len()],
            derivatives: vec![(0.0, 0.0); n],
            baseline,
            columns: BinnedColumns::of_rows(n),
            grower: None,
            round: Round::default(),
            trees: Vec::new(),
            gains: vec![0.0; rows.n_features],
            n_rounds: params.n_rounds as usize,
            validation,
            best_gains: vec![0.0; rows.n_features],
            share_before: 0.0,
            is_done: false,
        })
    }

    /// Share of the rounds that are done; early stopping passes over some. Where boosting starts
    /// again with all rows, finding out how many rounds there should be counts as half.
    pub(crate) fn share_done(&self) -> f64 {
        if self.is_done {
            return 1.0;
        }
        let starts_again = self.validation.as_ref().is_some_and(Validation::starts_again);
        let share_after = if starts_again { 0.5 } else { 1.0 };
        self.share_before
            + (share_after - self.share_before)
                * share(self.trees.len(), self.n_rounds * self.baseline.len())
    }

    /// Bins columns and grows trees until the budget is spent; returns whether more is to come.
    ///
    /// # Errors
    /// [`FitError::TooLarge`] for values that single precision cannot hold.
    pub(crate) fn step(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        while !self.is_done && !budget.is_spent() {
            match self.grower.take() {
                Some(mut grower) => {
                    self.advance(rows, &mut grower, budget);
                    self.grower = Some(grower);
                }
                None if self.columns.n_features() < self.n_features => {
                    self.columns.add(rows, self.params.max_bins)?;
                    budget.spend(rows.n_samples(), UNITS_A_VALUE);
                }
                None => self.grower = Some(self.grower_of_columns(rows.n_samples())),
            }
        }
        Ok(!self.is_done)
    }

    /// What grows trees on the columns, all of which are binned.
    pub(super) fn grower_of_columns(&mut self, n_samples: usize) -> Grower {
        let columns = std::mem::take(&mut self.columns);
        let mut grower = Grower::new(columns, self.params.clone());
        if let Some(validation) = &self.validation {
            grower.grow_on(validation.remaining(n_samples));
        }
        grower
    }

    /// Grows the next tree of the round, or what is missing of it: a round has a tree a score, all
    /// from the probabilities before it.
    fn advance(&mut self, rows: TrainingRows<'_>, grower: &mut Grower, budget: &mut Budget) {
        let n_scores = self.baseline.len();
        if !self.round.is_growing {
            if self.round.n_trees == 0 {
                self.probabilities.copy_from_slice(&self.scores);
                self.probabilities.chunks_exact_mut(n_scores).for_each(loss::probabilities);
            }
            self.derive(rows);
            budget.spend(rows.n_samples(), UNITS_A_SCORE);
            grower.begin(&self.derivatives, budget);
            self.round.is_growing = true;
        }
        if !grower.grow(&mut self.gains, budget) {
            return;
        }
        let (scores, index) = (&mut self.scores, self.round.n_trees);
        let tree = grower.harvest(&mut |leaf| {
            for &row in leaf.rows {
                scores[row as usize * n_scores + index] += f64::from(leaf.value);
            }
        });
        self.round.is_growing = false;
        self.round.n_trees += 1;
        self.round.has_split |= tree.is_some();
        let tree = tree.unwrap_or_else(Tree::zero);
        if let Some(validation) = &self.validation {
            for &row in validation.rows() {
                let row = row as usize;
                self.scores[row * n_scores + index] += f64::from(tree.value(rows.row(row)));
            }
            budget.spend(validation.rows().len(), UNITS_A_SCORE);
        }
        self.trees.push(tree);
        if self.round.n_trees == n_scores {
            self.end_round(rows, grower, budget);
        }
    }

    /// Gradient and hessian of each row in the score whose tree is next.
    pub(super) fn derive(&mut self, rows: TrainingRows<'_>) {
        let (n_scores, index) = (self.baseline.len(), self.round.n_trees);
        // The one score of two classes is that of class 1.
        let class = if n_scores == 1 { 1 } else { index as u32 };
        let probabilities = self.probabilities.iter().skip(index).step_by(n_scores);
        let rows = rows.labels.iter().zip(probabilities);
        for (place, (&label, &probability)) in self.derivatives.iter_mut().zip(rows) {
            *place = loss::derivatives(probability, label == class, self.weights[label as usize]);
        }
    }

    /// Drops a round in which no tree found a split: none would later. After the last round the model
    /// is done, or starts again if rows were held out from it.
    fn end_round(&mut self, rows: TrainingRows<'_>, grower: &mut Grower, budget: &mut Budget) {
        let Round { n_trees, has_split, .. } = std::mem::take(&mut self.round);
        if !has_split {
            self.trees.truncate(self.trees.len() - n_trees);
        }
        let n_rounds = self.trees.len() / self.baseline.len();
        let is_last = !has_split || n_rounds == self.n_rounds;
        let Some(validation) = &mut self.validation else {
            self.is_done = is_last;
            return;
        };
        let loss = validation.loss(&self.scores, rows.labels, &self.weights);
        budget.spend(validation.rows().len() * self.baseline.len(), UNITS_A_SCORE);
        if validation.note(loss, n_rounds as u32) || n_rounds <= 1 {
            self.best_gains.clone_from(&self.gains);
        }
        if !(validation.should_stop(n_rounds as u32) || is_last) {
            return;
        }
        self.n_rounds = validation.best_round().max(1) as usize;
        if validation.starts_again() {
            self.start_again(rows, grower);
        } else {
            self.trees.truncate(self.n_rounds * self.baseline.len());
            self.gains.clone_from(&self.best_gains);
            self.is_done = true;
        }
    }

    /// Starts again with all rows.
    fn start_again(&mut self, rows: TrainingRows<'_>, grower: &mut Grower) {
        self.validation = None;
        self.share_before = 0.5;
        self.scores = self.baseline.repeat(rows.n_samples());
        self.trees.clear();
        self.gains.fill(0.0);
        grower.grow_on((0..rows.n_samples() as u32).collect());
    }

    /// The model of the trees so far.
    pub(crate) fn finish(self) -> FittedBoosting {
        let total: f64 = self.gains.iter().sum();
        let share = |gain: &f64| if total > 0.0 { gain / total } else { 0.0 };
        FittedBoosting {
            feature_importances: self.gains.iter().map(share).collect(),
            model: GradientBoosting {
                baseline: self.baseline,
                trees: self.trees,
                n_features: self.n_features,
                n_classes: self.n_classes,
            },
        }
    }
}
