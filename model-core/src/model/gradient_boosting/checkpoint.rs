//! Boosting as it is written down between two steps, and taken up again.
//!
//! What follows from the rows is worked out anew: the columns' bins, and the tree under way, whose
//! splits are found again, since sums are exact in any order.

use serde::{Deserialize, Serialize};

use super::early_stopping::Validation;
use super::grow::Grower;
use super::rounds::{Boosting, Round};
use super::{GradientBoosting, GradientBoostingParams, Tree, loss};
use crate::budget::Budget;
use crate::model::TrainingRows;

/// What is written down of boosting beside its trees.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BoostingState {
    n_rounds: u32,
    /// The least loss of the rows held out and the rounds until then, while some are held out.
    least: Option<(f64, u32)>,
    scores: Vec<f64>,
    gains: Vec<f64>,
    best_gains: Vec<f64>,
    round: RoundState,
}

/// The round under way.
#[derive(Debug, Serialize, Deserialize)]
struct RoundState {
    n_trees: u32,
    has_split: bool,
    /// Each row's probabilities before the round, of the scores that have no tree of it yet; none
    /// before its first tree, as they follow from the scores then.
    probabilities: Vec<f64>,
    /// Leaves of the tree under way.
    n_leaves: Option<u32>,
}

impl Boosting {
    /// What [`resume`](Self::resume) takes beside the [trees](Self::trees_so_far).
    pub(crate) fn state(&self) -> BoostingState {
        let (n_scores, n_trees) = (self.baseline.len(), self.round.n_trees);
        let probabilities = match n_trees {
            0 => Vec::new(),
            _ => {
                let rows = self.probabilities.chunks_exact(n_scores);
                rows.flat_map(|row| row.iter().skip(n_trees)).copied().collect()
            }
        };
        let n_leaves = self.grower.as_ref().map(Grower::n_leaves);
        BoostingState {
            n_rounds: self.n_rounds as u32,
            least: self.validation.as_ref().map(Validation::least),
            scores: self.scores.clone(),
            gains: self.gains.clone(),
            best_gains: self.best_gains.clone(),
            round: RoundState {
                n_trees: n_trees as u32,
                has_split: self.round.has_split,
                probabilities,
                n_leaves: n_leaves.filter(|_| self.round.is_growing),
            },
        }
    }

    /// The trees that are grown, as a model: what a round lacks are trees that add nothing.
    pub(crate) fn trees_so_far(&self) -> GradientBoosting {
        let mut trees = self.trees.clone();
        trees.resize(trees.len().next_multiple_of(self.baseline.len()), Tree::zero());
        let (n_features, n_classes) = (self.n_features, self.n_classes);
        GradientBoosting { baseline: self.baseline.clone(), trees, n_features, n_classes }
    }

    /// The training of which this was written down; `None` if it cannot be one of these rows and
    /// parameters.
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &GradientBoostingParams,
        seed: u64,
        trees: GradientBoosting,
        state: BoostingState,
    ) -> Option<Self> {
        let mut boosting = Self::new(rows, params, seed).ok()?;
        let (n_scores, n_features) = (boosting.baseline.len(), rows.n_features);
        let n_trees = state.round.n_trees as usize;
        let mut trees = trees.trees;
        if n_trees > 0 {
            trees.truncate((trees.len() + n_trees).checked_sub(n_scores)?);
        }
        let n_done = (trees.len() / n_scores) as u32;
        let is_sound = n_trees < n_scores
            && trees.len() % n_scores == n_trees
            && trees.iter().all(|tree| tree.fits(n_features))
            && state.n_rounds <= params.n_rounds
            && n_done < state.n_rounds
            && state.scores.len() == boosting.scores.len()
            && [&state.gains, &state.best_gains].iter().all(|gains| gains.len() == n_features)
            && [&state.scores, &state.gains, &state.best_gains]
                .into_iter()
                .flatten()
                .all(|number| number.is_finite());
        if !is_sound {
            return None;
        }
        match (&mut boosting.validation, state.least) {
            (Some(validation), Some((least, best_round))) if best_round <= n_done => {
                validation.set_least(least, best_round);
            }
            (Some(validation), None) if validation.starts_again() => {
                (boosting.validation, boosting.share_before) = (None, 0.5);
            }
            (None, None) => {}
            _ => return None,
        }
        boosting.n_rounds = state.n_rounds as usize;
        boosting.trees = trees;
        boosting.scores = state.scores;
        (boosting.gains, boosting.best_gains) = (state.gains, state.best_gains);
        boosting.resume_round(rows, state.round)?;
        Some(boosting)
    }

    fn resume_round(&mut self, rows: TrainingRows<'_>, state: RoundState) -> Option<()> {
        let (n_scores, n_trees) = (self.baseline.len(), state.n_trees as usize);
        while self.columns.n_features() < self.n_features {
            self.columns.add(rows, self.params.max_bins).ok()?;
        }
        let mut grower = self.grower_of_columns(rows.n_samples());
        if n_trees == 0 {
            self.probabilities.copy_from_slice(&self.scores);
            self.probabilities.chunks_exact_mut(n_scores).for_each(loss::probabilities);
        } else {
            let n_left = n_scores - n_trees;
            let saved = state.probabilities;
            let is_sound = saved.len() == n_left * rows.n_samples()
                && saved.iter().all(|probability| (0.0..=1.0).contains(probability));
            if !is_sound {
                return None;
            }
            let places = self.probabilities.chunks_exact_mut(n_scores);
            for (row, saved) in places.zip(saved.chunks_exact(n_left)) {
                row.get_mut(n_trees..)?.copy_from_slice(saved);
            }
        }
        self.round = Round { n_trees, has_split: state.has_split, is_growing: false };
        if let Some(n_leaves) = state.n_leaves {
            self.derive(rows);
            grower.begin(&self.derivatives, &mut Budget::unlimited());
            grower.grow_again(n_leaves);
            self.round.is_growing = true;
        }
        self.grower = Some(grower);
        Some(())
    }
}
