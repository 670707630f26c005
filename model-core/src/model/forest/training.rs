//! A forest on its way, in slices of bounded work, so that a caller can show progress or stop.

use super::columns::RankedColumn;
use super::grow::{Grower, Growth};
use super::sample::{Coding, Sample, integer_weights};
use super::{FittedForest, Forest, RandomForestParams, Tree};
use crate::budget::{Budget, share};
use crate::model::{FitError, TrainingRows};
use crate::order::argmax;
use crate::rng::{Purpose, SplitMix64};

/// To rank a row's place in a column, once a forest.
const UNITS_A_RANK: u64 = 50;
/// To draw a row, and to ask a tree for one that it did not draw.
const UNITS_A_DRAW: u64 = 30;

/// A random forest in training: [`step`](Self::step) grows it by a slice of work.
///
/// It holds no rows: every step is handed those that it began with. Each tree has its own stream of
/// random numbers, so that the forest does not depend on how its steps are spread over time.
#[derive(Debug)]
pub(crate) struct ForestTraining {
    seed: u64,
    pub(super) n_trees: u32,
    n_features: usize,
    n_classes: usize,
    pub(super) grower: Grower,
    /// The tree that is being grown.
    pub(super) growth: Option<Growth>,
    pub(super) trees: Vec<Tree>,
    /// Sums of leaf fractions by the trees that did not see the row, a class after the other.
    pub(super) out_of_bag: Vec<u64>,
    pub(super) importances: Vec<f64>,
    draws: Vec<u32>,
    pub(super) samples: Vec<Sample>,
}

impl ForestTraining {
    /// A forest of `params.n_trees` trees that are still to be grown.
    ///
    /// # Errors
    /// [`FitError::Param`] and [`FitError::EmptyClass`].
    pub(crate) fn new(
        rows: TrainingRows<'_>,
        params: &RandomForestParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        params.check()?;
        let n = rows.n_samples();
        let coding = Coding::new(integer_weights(&params.class_weight.of(rows)?, n));
        Ok(Self {
            seed,
            n_trees: params.n_trees,
            n_features: rows.n_features,
            n_classes: rows.n_classes,
            grower: Grower::new((n, rows.n_features), coding, params),
            growth: None,
            trees: Vec::new(),
            out_of_bag: vec![0; n * rows.n_classes],
            importances: vec![0.0; rows.n_features],
            draws: Vec::new(),
            samples: Vec::new(),
        })
    }

    /// Whether every tree is grown.
    fn is_done(&self) -> bool {
        self.trees.len() >= self.n_trees as usize
    }

    /// Share of the trees that are grown.
    pub(crate) fn share_done(&self) -> f64 {
        share(self.trees.len(), self.n_trees as usize)
    }

    /// Ranks columns and grows trees until the budget is spent; returns whether more is to come.
    ///
    /// # Errors
    /// [`FitError::TooLarge`] for values that single precision cannot hold.
    pub(crate) fn step(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        while !self.is_done() && !budget.is_spent() {
            let n_ranked = self.grower.n_columns();
            if n_ranked < self.n_features {
                self.grower.add(RankedColumn::new(rows, n_ranked)?);
                budget.spend(rows.n_samples(), UNITS_A_RANK);
            } else {
                self.grow(rows, budget);
            }
        }
        Ok(!self.is_done())
    }

    /// Grows the next tree, or what is missing of it.
    fn grow(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) {
        let mut growth = match self.growth.take() {
            Some(growth) => growth,
            None => self.plant(rows),
        };
        if !self.grower.grow(&mut growth, &mut self.samples, budget) {
            self.growth = Some(growth);
            return;
        }
        #[expect(clippy::expect_used, reason = "each split pushes both its children")]
        let (tree, gains) = growth.finish().expect("every path ends in a leaf");
        self.ask_left_out_rows(rows, &tree);
        let sum: f64 = gains.iter().sum();
        if sum > 0.0 {
            self.importances.iter_mut().zip(&gains).for_each(|(all, gain)| *all += gain / sum);
        }
        self.trees.push(tree);
        budget.spend(rows.n_samples(), UNITS_A_DRAW);
    }

    /// Begins the next tree.
    pub(super) fn plant(&mut self, rows: TrainingRows<'_>) -> Growth {
        let tree = self.trees.len() as u32;
        let mut rng = SplitMix64::for_purpose(self.seed, Purpose::Tree(tree));
        self.draw(rows, &mut rng);
        self.grower.plant(&self.samples, rng)
    }

    /// Draws as many rows as there are, with replacement.
    fn draw(&mut self, rows: TrainingRows<'_>, rng: &mut SplitMix64) {
        let n = rows.n_samples();
        self.draws.clear();
        self.draws.resize(n, 0);
        for _ in 0..n {
            self.draws[rng.below(n as u32) as usize] += 1;
        }
        let drawn = (0_u32..).zip(rows.labels).zip(&self.draws);
        self.samples.clear();
        self.samples.extend(drawn.filter(|&(_, &draws)| draws > 0).map(
            |((row, &class), &draws)| Sample { row, code: self.grower.coding().code(class, draws) },
        ));
    }

    fn ask_left_out_rows(&mut self, rows: TrainingRows<'_>, tree: &Tree) {
        let votes = self.out_of_bag.chunks_exact_mut(self.n_classes);
        let rows = rows.values.chunks_exact(self.n_features).zip(votes);
        for ((values, votes), _) in rows.zip(&self.draws).filter(|&(_, &draws)| draws == 0) {
            let leaf = tree.leaf(|feature| values[feature] as f32);
            votes.iter_mut().zip(leaf).for_each(|(sum, part)| *sum += u64::from(*part));
        }
    }

    /// The forest of the trees so far.
    pub(crate) fn finish(mut self, rows: TrainingRows<'_>) -> FittedForest {
        let sum: f64 = self.importances.iter().sum();
        if sum > 0.0 {
            self.importances.iter_mut().for_each(|importance| *importance /= sum);
        }
        let out_of_bag_accuracy = out_of_bag_accuracy(&self.out_of_bag, rows);
        let (n_features, n_classes) = (self.n_features, self.n_classes);
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
    use super::super::MaxFeatures;
    use super::super::grow::UNITS_A_SAMPLE;
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

    /// The forest in slices of `units`, and how many there were.
    fn in_slices(
        rows: TrainingRows<'_>,
        params: &RandomForestParams,
        units: u64,
    ) -> (FittedForest, usize) {
        let mut training = ForestTraining::new(rows, params, 3).unwrap();
        let (mut n_slices, mut share) = (1, 0.0);
        let most = units + rows.n_samples() as u64 * (UNITS_A_SAMPLE + UNITS_A_DRAW + UNITS_A_RANK);
        loop {
            let mut budget = Budget::new(units);
            let goes_on = training.step(rows, &mut budget).unwrap();
            assert!(budget.spent() <= most, "{} of {most}", budget.spent());
            assert!(training.share_done() >= share);
            share = training.share_done();
            if !goes_on {
                assert_eq!(share, 1.0);
                return (training.finish(rows), n_slices);
            }
            n_slices += 1;
        }
    }

    #[test]
    fn slices_of_any_size_grow_the_forest_that_fit_does() {
        let (values, labels) = iris(false);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes: 3 };
        for max_features in [MaxFeatures::Sqrt, MaxFeatures::All] {
            let params =
                RandomForestParams { n_trees: 7, max_features, ..RandomForestParams::default() };
            let whole = Forest::fit(rows, &params, 3).unwrap();
            let (by_piece, n_pieces) = in_slices(rows, &params, 1);
            let (by_tree, n_slices) = in_slices(rows, &params, 20_000);
            assert_eq!(by_piece, whole);
            assert_eq!(by_tree, whole);
            assert!(n_pieces > 4 * n_slices && n_slices > 3, "{n_pieces} {n_slices}");
        }
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
