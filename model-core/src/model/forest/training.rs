//! A forest on its way, grown tree by tree, so that a caller can show progress or stop.

use super::columns::RankedColumn;
use super::grow::Grower;
use super::sample::{Coding, Sample, integer_weights};
use super::{FittedForest, Forest, RandomForestParams, Tree};
use crate::model::{FitError, TrainingRows};
use crate::order::argmax;
use crate::rng::{Purpose, SplitMix64};

/// A random forest in training: [`step`](Self::step) grows a tree.
///
/// Each tree has its own stream of random numbers, so that the forest does not depend on how its
/// steps are spread over time.
///
/// ```
/// use model_core::model::TrainingRows;
/// use model_core::model::forest::{ForestTraining, RandomForestParams};
///
/// let rows =
///     TrainingRows { values: &[0.0, 1.0, 4.0, 5.0], labels: &[0, 0, 1, 1], n_features: 1, n_classes: 2 };
/// let params = RandomForestParams { n_trees: 10, ..RandomForestParams::default() };
/// let mut training = ForestTraining::new(rows, &params, 42)?;
/// while training.step() {
///     assert!(training.n_done() < training.n_trees());
/// }
/// assert_eq!(training.finish().forest.trees().len(), 10);
/// # Ok::<(), model_core::FitError>(())
/// ```
#[derive(Debug)]
pub struct ForestTraining<'a> {
    rows: TrainingRows<'a>,
    seed: u64,
    n_trees: u32,
    grower: Grower,
    trees: Vec<Tree>,
    /// Sums of leaf fractions by the trees that did not see the row, a class after the other.
    out_of_bag: Vec<u64>,
    importances: Vec<f64>,
    draws: Vec<u32>,
    samples: Vec<Sample>,
}

impl<'a> ForestTraining<'a> {
    /// A forest of `params.n_trees` trees that are still to be grown.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::TooLarge`] for values that
    /// single precision cannot hold.
    pub fn new(
        rows: TrainingRows<'a>,
        params: &RandomForestParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        params.check()?;
        let n = rows.n_samples();
        let coding = Coding::new(integer_weights(&params.class_weight.of(rows)?, n));
        Ok(Self {
            rows,
            seed,
            n_trees: params.n_trees,
            grower: Grower::new(RankedColumn::all(rows)?, coding, params, n),
            trees: Vec::new(),
            out_of_bag: vec![0; n * rows.n_classes],
            importances: vec![0.0; rows.n_features],
            draws: Vec::new(),
            samples: Vec::new(),
        })
    }

    /// Trees to grow in all.
    #[must_use]
    pub fn n_trees(&self) -> u32 {
        self.n_trees
    }

    /// Trees that are grown.
    #[must_use]
    pub fn n_done(&self) -> u32 {
        self.trees.len() as u32
    }

    /// Grows the next tree, if there is one, and returns whether more are to come.
    pub fn step(&mut self) -> bool {
        if self.n_done() < self.n_trees {
            let mut rng = SplitMix64::for_purpose(self.seed, Purpose::Tree(self.n_done()));
            self.draw(&mut rng);
            let mut gains = vec![0.0; self.rows.n_features];
            let tree = self.grower.grow(&mut self.samples, &mut rng, &mut gains);
            self.ask_left_out_rows(&tree);
            let sum: f64 = gains.iter().sum();
            if sum > 0.0 {
                self.importances.iter_mut().zip(&gains).for_each(|(all, gain)| *all += gain / sum);
            }
            self.trees.push(tree);
        }
        self.n_done() < self.n_trees
    }

    /// Draws as many rows as there are, with replacement.
    fn draw(&mut self, rng: &mut SplitMix64) {
        let n = self.rows.n_samples();
        self.draws.clear();
        self.draws.resize(n, 0);
        for _ in 0..n {
            self.draws[rng.below(n as u32) as usize] += 1;
        }
        let drawn = (0_u32..).zip(self.rows.labels).zip(&self.draws);
        self.samples.clear();
        self.samples.extend(drawn.filter(|&(_, &draws)| draws > 0).map(
            |((row, &class), &draws)| Sample { row, code: self.grower.coding().code(class, draws) },
        ));
    }

    fn ask_left_out_rows(&mut self, tree: &Tree) {
        let votes = self.out_of_bag.chunks_exact_mut(self.rows.n_classes);
        let rows = self.rows.values.chunks_exact(self.rows.n_features).zip(votes);
        for ((values, votes), _) in rows.zip(&self.draws).filter(|&(_, &draws)| draws == 0) {
            let leaf = tree.leaf(|feature| values[feature] as f32);
            votes.iter_mut().zip(leaf).for_each(|(sum, part)| *sum += u64::from(*part));
        }
    }

    /// The forest, after growing the trees that are still missing.
    #[must_use]
    pub fn finish(mut self) -> FittedForest {
        while self.step() {}
        let sum: f64 = self.importances.iter().sum();
        if sum > 0.0 {
            self.importances.iter_mut().for_each(|importance| *importance /= sum);
        }
        let out_of_bag_accuracy = out_of_bag_accuracy(&self.out_of_bag, self.rows);
        let TrainingRows { n_features, n_classes, .. } = self.rows;
        FittedForest {
            forest: Forest { trees: self.trees, n_features, n_classes },
            out_of_bag_accuracy,
            feature_importances: self.importances,
        }
    }
}

fn out_of_bag_accuracy(votes: &[u64], rows: TrainingRows<'_>) -> Option<f64> {
    let (mut voted, mut right) = (0_u32, 0_u32);
    for (votes, &label) in votes.chunks_exact(rows.n_classes).zip(rows.labels) {
        let votes: Vec<f64> = votes.iter().map(|&sum| sum as f64).collect();
        if votes.iter().any(|&sum| sum > 0.0) {
            voted += 1;
            right += u32::from(argmax(&votes) == label as usize);
        }
    }
    (voted > 0).then(|| f64::from(right) / f64::from(voted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dataset;
    use crate::model::ClassWeight;

    /// Iris, and a column of ones behind it if told.
    fn iris(with_ones: bool) -> (Vec<f64>, Vec<u32>) {
        let iris = Dataset::iris();
        let mut values = Vec::new();
        for row in 0..iris.n_samples() {
            values.extend_from_slice(iris.row(row));
            values.extend(with_ones.then_some(1.0));
        }
        (values, (0..iris.n_samples()).map(|row| iris.label(row)).collect())
    }

    #[test]
    fn importances_are_near_those_of_scikit_learn() {
        let (values, labels) = iris(false);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes: 3 };
        let fitted = Forest::fit(rows, &RandomForestParams::default(), 42).unwrap();
        // Means of RandomForestClassifier(100, random_state=s).fit(X, y).feature_importances_ for
        // s in range(20); their standard deviations are 0.013, 0.004, 0.031 and 0.028.
        let expected = [0.0998, 0.0229, 0.4276, 0.4497];
        for (got, expected) in fitted.feature_importances.iter().zip(expected) {
            assert!((got - expected).abs() < 0.1, "{:?}", fitted.feature_importances);
        }
        let sum: f64 = fitted.feature_importances.iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_constant_feature_has_no_importance() {
        let (values, labels) = iris(true);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 5, n_classes: 3 };
        let params = RandomForestParams { n_trees: 20, ..RandomForestParams::default() };
        let importances = Forest::fit(rows, &params, 1).unwrap().feature_importances;
        assert_eq!(importances[4], 0.0);
        assert!(importances[..4].iter().all(|&importance| importance > 0.0), "{importances:?}");
    }

    #[test]
    fn without_a_split_nothing_is_important() {
        let rows =
            TrainingRows { values: &[1.0; 4], labels: &[0, 1, 0, 1], n_features: 1, n_classes: 2 };
        let fitted = Forest::fit(rows, &RandomForestParams::default(), 1).unwrap();
        assert_eq!(fitted.feature_importances, [0.0]);
    }

    #[test]
    fn steps_grow_the_forest_that_fit_does() {
        let (values, labels) = iris(false);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes: 3 };
        let params = RandomForestParams { n_trees: 7, ..RandomForestParams::default() };
        let mut training = ForestTraining::new(rows, &params, 3).unwrap();
        assert_eq!((training.n_done(), training.n_trees()), (0, 7));
        let more: Vec<bool> = (0..3).map(|_| training.step()).collect();
        assert_eq!((more, training.n_done()), (vec![true; 3], 3));
        let mut finished = ForestTraining::new(rows, &params, 3).unwrap();
        while finished.step() {}
        assert!(!finished.step() && finished.n_done() == 7, "there is no eighth tree");
        let whole = Forest::fit(rows, &params, 3).unwrap();
        assert_eq!(training.finish(), whole, "what is missing is grown");
        assert_eq!(finished.finish(), whole);
    }

    #[test]
    fn class_weights_move_the_answer_and_equal_ones_nothing() {
        let mut rng = SplitMix64::new(5);
        // One row in ten is of class 1, wherever it lies.
        let values: Vec<f64> = (0..400).map(|_| rng.unit()).collect();
        let labels: Vec<u32> = (0..400).map(|row| u32::from(row % 10 == 0)).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
        let fit = |class_weight| {
            let params = RandomForestParams {
                n_trees: 20,
                max_depth: Some(2),
                min_samples_leaf: 50,
                class_weight,
                ..RandomForestParams::default()
            };
            Forest::fit(rows, &params, 1).unwrap().forest
        };
        let mean = |forest: &Forest| {
            let mut out = [0.0; 2];
            let of = |&value: &f64| {
                forest.predict_proba_into(&[value], &mut out);
                out[1]
            };
            values.iter().map(of).sum::<f64>() / 400.0
        };
        let uniform = fit(ClassWeight::Uniform);
        assert!((mean(&uniform) - 0.1).abs() < 0.03);
        assert!((mean(&fit(ClassWeight::Balanced)) - 0.5).abs() < 0.08);
        assert_eq!(fit(ClassWeight::Values(vec![2.5, 2.5])), uniform);
    }
}
