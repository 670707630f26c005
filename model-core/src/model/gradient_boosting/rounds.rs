//! Boosting round by round, so that a caller can show progress and stop.

use super::binning::BinnedColumns;
use super::grow::Grower;
use super::loss;
use super::tree::Tree;
use super::{FittedBoosting, GradientBoosting, GradientBoostingParams};
use crate::model::{FitError, TrainingRows};

/// A model under way.
///
/// ```
/// use model_core::model::TrainingRows;
/// use model_core::model::gradient_boosting::{Boosting, GradientBoostingParams};
///
/// let values: Vec<f64> = (0..60).map(f64::from).collect();
/// let labels: Vec<u32> = (0..60).map(|row| u32::from(row >= 30)).collect();
/// let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
/// let mut boosting = Boosting::new(rows, &GradientBoostingParams::default())?;
/// while !boosting.is_done() {
///     boosting.step();
/// }
/// assert_eq!(boosting.finish().feature_importances, [1.0]);
/// # Ok::<(), model_core::FitError>(())
/// ```
#[derive(Debug)]
pub struct Boosting<'a> {
    labels: &'a [u32],
    n_classes: usize,
    n_rounds: u32,
    /// What a row of each class weighs.
    weights: Vec<f64>,
    baseline: Vec<f64>,
    /// A row's scores, row by row.
    scores: Vec<f64>,
    probabilities: Vec<f64>,
    /// Gradient and hessian of each row in one score.
    derivatives: Vec<(f64, f64)>,
    grower: Grower,
    trees: Vec<Tree>,
    gains: Vec<f64>,
    is_done: bool,
}

impl<'a> Boosting<'a> {
    /// Bins the columns and starts from the classes' shares.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::TooLarge`] for values that
    /// single precision cannot hold.
    pub fn new(rows: TrainingRows<'a>, params: &GradientBoostingParams) -> Result<Self, FitError> {
        params.check()?;
        let weights = params.class_weight.of(rows)?;
        let weighted: Vec<f64> = rows
            .class_counts()?
            .iter()
            .zip(&weights)
            .map(|(&n, weight)| n as f64 * weight)
            .collect();
        let baseline = loss::baseline(&weighted);
        let columns = BinnedColumns::new(rows, params.max_bins)?;
        let n = rows.n_samples();
        Ok(Self {
            labels: rows.labels,
            n_classes: rows.n_classes,
            n_rounds: params.n_rounds,
            weights,
            scores: baseline.repeat(n),
            probabilities: vec![0.0; n * baseline.len()],
            derivatives: vec![(0.0, 0.0); n],
            baseline,
            grower: Grower::new(columns, params.clone()),
            trees: Vec::new(),
            gains: vec![0.0; rows.n_features],
            is_done: false,
        })
    }

    /// Rounds that were boosted.
    #[must_use]
    pub fn rounds_done(&self) -> u32 {
        (self.trees.len() / self.baseline.len()) as u32
    }

    /// Rounds asked for.
    #[must_use]
    pub fn n_rounds(&self) -> u32 {
        self.n_rounds
    }

    /// Whether another round would change nothing: all are done, or no tree found a split, and so
    /// none would later.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Boosts one round: a tree a score, all from the probabilities before the round.
    pub fn step(&mut self) {
        if self.is_done {
            return;
        }
        let n_scores = self.baseline.len();
        self.probabilities.copy_from_slice(&self.scores);
        self.probabilities.chunks_exact_mut(n_scores).for_each(loss::probabilities);
        let n_before = self.trees.len();
        let mut has_split = false;
        for index in 0..n_scores {
            // The one score of two classes is that of class 1.
            let class = if n_scores == 1 { 1 } else { index as u32 };
            let probabilities = self.probabilities.iter().skip(index).step_by(n_scores);
            let rows = self.labels.iter().zip(probabilities);
            for (place, (&label, &probability)) in self.derivatives.iter_mut().zip(rows) {
                *place =
                    loss::derivatives(probability, label == class, self.weights[label as usize]);
            }
            let scores = &mut self.scores;
            let tree = self.grower.grow(&self.derivatives, &mut self.gains, &mut |leaf| {
                for &row in leaf.rows {
                    scores[row as usize * n_scores + index] += f64::from(leaf.value);
                }
            });
            has_split |= tree.is_some();
            self.trees.push(tree.unwrap_or_else(Tree::zero));
        }
        if !has_split {
            self.trees.truncate(n_before);
        }
        self.is_done = !has_split || self.rounds_done() == self.n_rounds;
    }

    /// The model of the rounds so far.
    #[must_use]
    pub fn finish(self) -> FittedBoosting {
        let total: f64 = self.gains.iter().sum();
        let share = |gain: &f64| if total > 0.0 { gain / total } else { 0.0 };
        FittedBoosting {
            feature_importances: self.gains.iter().map(share).collect(),
            model: GradientBoosting {
                baseline: self.baseline,
                trees: self.trees,
                n_features: self.grower.n_features(),
                n_classes: self.n_classes,
            },
        }
    }
}
