//! A forest in training as it is written down between two steps, and taken up again.
//!
//! What follows from the rows is worked out anew: the columns' ranks, and the tree under way, which
//! is grown again from its own random numbers with as much work as it had taken.

use serde::{Deserialize, Serialize};

use super::columns::RankedColumn;
use super::training::ForestTraining;
use super::{LEAF_TOTAL, RandomForestParams, Tree};
use crate::budget::Budget;
use crate::model::TrainingRows;

/// What is written down of a forest beside its trees.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ForestState {
    out_of_bag: Vec<u64>,
    importances: Vec<f64>,
    /// Work in the tree under way.
    spent: Option<u64>,
}

impl ForestTraining {
    /// What [`resume`](Self::resume) takes beside the [trees](Self::trees).
    pub(crate) fn state(&self) -> ForestState {
        ForestState {
            out_of_bag: self.out_of_bag.clone(),
            importances: self.importances.clone(),
            spent: self.growth.as_ref().map(|growth| growth.spent),
        }
    }

    /// The trees that are grown.
    pub(crate) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The training of which this was written down; `None` if it cannot be one of these rows and
    /// parameters.
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &RandomForestParams,
        seed: u64,
        trees: Vec<Tree>,
        state: ForestState,
    ) -> Option<Self> {
        let mut training = Self::new(rows, params, seed).ok()?;
        let ForestState { out_of_bag, importances, spent } = state;
        let most_votes = trees.len() as u64 * u64::from(LEAF_TOTAL);
        let is_sound = trees.len() < training.n_trees as usize
            && trees.iter().all(|tree| tree.fits(rows.n_features, rows.n_classes))
            && out_of_bag.len() == training.out_of_bag.len()
            && out_of_bag.iter().all(|&votes| votes <= most_votes)
            && importances.len() == training.importances.len()
            && importances.iter().all(|importance| importance.is_finite());
        if !is_sound {
            return None;
        }
        for feature in 0..rows.n_features {
            training.grower.add(RankedColumn::new(rows, feature).ok()?);
        }
        (training.trees, training.out_of_bag) = (trees, out_of_bag);
        training.importances = importances;
        if let Some(spent) = spent {
            let mut growth = training.plant(rows);
            let (grower, samples) = (&mut training.grower, &mut training.samples);
            if grower.grow(&mut growth, samples, &mut Budget::new(spent)) {
                return None;
            }
            training.growth = Some(growth);
        }
        Some(training)
    }
}
