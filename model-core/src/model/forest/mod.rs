//! Random forest: CART trees on bootstrap samples, probabilities averaged over trees.
//!
//! Sources: Breiman, "Random forests", Machine Learning 45 (2001); scikit-learn's
//! `RandomForestClassifier`, whose conventions hold (Gini, splits halfway between neighbouring
//! values in single precision, soft votes).
//!
//! Leaf fractions are multiples of 2^-15, so that their sum over trees is an integer: exact in
//! any order, in `f32` as in `f64`.

#[cfg(feature = "checkpoint")]
mod checkpoint;
mod columns;
mod grow;
mod place_sorter;
mod quantise;
mod sample;
mod training;
mod tree;

use serde::{Deserialize, Serialize};

#[cfg(feature = "checkpoint")]
pub(crate) use self::checkpoint::ForestState;
pub use self::quantise::QUANTISED_LEVELS;
pub(crate) use self::training::ForestTraining;
pub(crate) use self::tree::TreeBuilder;
pub use self::tree::{Node, Tree};
use super::{ClassWeight, FitError, ParamError, TrainingRows};
use crate::budget::Budget;

/// Most trees of a forest; their leaf fractions then sum to integers far below 2^53.
pub const MAX_TREES: u32 = 10_000;

/// What the fractions of a leaf sum to.
pub const LEAF_TOTAL: u16 = 1 << 15;

/// How many features a split looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxFeatures {
    /// The square root of their number, rounded down.
    Sqrt,
    /// All of them.
    All,
    /// This many.
    Count(u32),
}

impl MaxFeatures {
    fn of(self, n_features: usize) -> usize {
        match self {
            Self::Sqrt => n_features.isqrt().max(1),
            Self::All => n_features,
            Self::Count(count) => (count as usize).clamp(1, n_features.max(1)),
        }
    }
}

/// Parameters of a random forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestParams {
    /// Number of trees, 1 to 10,000; default 100.
    pub n_trees: u32,
    /// Features looked at per split; default the square root.
    pub max_features: MaxFeatures,
    /// Deepest level of a tree, the root being 0; default unlimited.
    pub max_depth: Option<u32>,
    /// Fewest rows drawn on either side of a split, whatever they weigh; default 1.
    pub min_samples_leaf: u32,
    /// What a row of each class weighs in splits and leaves; default all the same.
    #[serde(default)]
    pub class_weight: ClassWeight,
}

impl Default for RandomForestParams {
    fn default() -> Self {
        Self {
            n_trees: 100,
            max_features: MaxFeatures::Sqrt,
            max_depth: None,
            min_samples_leaf: 1,
            class_weight: ClassWeight::default(),
        }
    }
}

impl RandomForestParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] names the first one out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        let at_least_one = |name, value: u32| match value {
            0 => Err(ParamError { name, value: 0.0, expected: "at least 1" }),
            _ => Ok(()),
        };
        if !(1..=MAX_TREES).contains(&self.n_trees) {
            let value = f64::from(self.n_trees);
            return Err(ParamError { name: "n_trees", value, expected: "1 to 10000" });
        }
        at_least_one("min_samples_leaf", self.min_samples_leaf)?;
        if let MaxFeatures::Count(count) = self.max_features {
            at_least_one("max_features", count)?;
        }
        self.max_depth.map_or(Ok(()), |depth| at_least_one("max_depth", depth))?;
        self.class_weight.check()
    }
}

/// A fitted forest.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    trees: Vec<Tree>,
    n_features: usize,
    n_classes: usize,
}

/// A forest and what its left-out rows say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedForest {
    /// The forest.
    pub forest: Forest,
    /// Share of rows labelled right by the trees that did not train on them; absent if every row
    /// trained every tree.
    pub out_of_bag_accuracy: Option<f64>,
    /// Mean decrease in Gini impurity by the splits of each feature, a tree's weighing in sum as
    /// much as any other's: they sum to 1, or are all 0 if no tree has a split. scikit-learn's
    /// `feature_importances_`.
    pub feature_importances: Vec<f64>,
}

impl Forest {
    /// Fits `params.n_trees` trees, each on a bootstrap sample of `rows` drawn by its own stream.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::TooLarge`] for values that
    /// single precision cannot hold.
    pub fn fit(
        rows: TrainingRows<'_>,
        params: &RandomForestParams,
        seed: u64,
    ) -> Result<FittedForest, FitError> {
        let mut training = ForestTraining::new(rows, params, seed)?;
        while training.step(rows, &mut Budget::unlimited())? {}
        Ok(training.finish(rows))
    }

    /// The forest of these trees, if there is at least one and each fits the widths.
    #[must_use]
    pub fn from_parts(trees: Vec<Tree>, n_features: usize, n_classes: usize) -> Option<Self> {
        let fits = !trees.is_empty()
            && n_features > 0
            && n_classes >= 2
            && trees.iter().all(|tree| tree.fits(n_features, n_classes));
        fits.then_some(Self { trees, n_features, n_classes })
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Writes the mean of the trees' leaf fractions for raw `values` into `out`.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for tree in &self.trees {
            let leaf = tree.leaf(|feature| values.get(feature).map_or(0.0, |&value| value as f32));
            out.iter_mut().zip(leaf).for_each(|(sum, part)| *sum += f64::from(*part));
        }
        // At most 10,000 trees of 2^15: the sums are integers far below 2^53, hence exact.
        let total = self.trees.len() as f64 * f64::from(LEAF_TOTAL);
        out.iter_mut().for_each(|sum| *sum /= total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    fn fit(values: &[f64], labels: &[u32], n_features: usize, n_trees: u32) -> FittedForest {
        let n_classes = labels.iter().max().unwrap().to_owned() as usize + 1;
        let rows = TrainingRows { values, labels, n_features, n_classes };
        let params = RandomForestParams { n_trees, ..RandomForestParams::default() };
        Forest::fit(rows, &params, 1).unwrap()
    }

    #[test]
    fn a_lone_binary_feature_that_separates_is_split() {
        // Ties everywhere: only the boundary between 0 and 1 can be split.
        let values: Vec<f64> = (0..60).map(|i| f64::from(i % 2)).collect();
        let labels: Vec<u32> = (0..60).map(|i| i % 2).collect();
        let fitted = fit(&values, &labels, 1, 20);
        assert_eq!(fitted.out_of_bag_accuracy, Some(1.0));
        let mut out = [0.0; 2];
        fitted.forest.predict_proba_into(&[1.0], &mut out);
        assert_eq!(out, [0.0, 1.0]);
    }

    #[test]
    fn probabilities_sum_to_one_exactly() {
        let mut rng = SplitMix64::new(3);
        let values: Vec<f64> = (0..300).map(|_| rng.unit()).collect();
        let labels: Vec<u32> = (0..100).map(|_| rng.below(3)).collect();
        let forest = fit(&values, &labels, 3, 16).forest;
        for row in values.chunks_exact(3) {
            let mut out = [0.0; 3];
            forest.predict_proba_into(row, &mut out);
            assert_eq!(out.iter().sum::<f64>(), 1.0, "{out:?}");
        }
    }

    #[test]
    fn a_constant_feature_leaves_one_leaf() {
        let forest = fit(&[1.0; 10], &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1], 1, 3).forest;
        assert!(forest.trees().iter().all(|tree| tree.nodes().len() == 1));
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let check = |params: RandomForestParams| params.check().unwrap_err().name;
        let default = RandomForestParams::default;
        assert_eq!(check(RandomForestParams { n_trees: 0, ..default() }), "n_trees");
        assert_eq!(check(RandomForestParams { max_depth: Some(0), ..default() }), "max_depth");
        assert_eq!(
            check(RandomForestParams { min_samples_leaf: 0, ..default() }),
            "min_samples_leaf"
        );
    }

    #[test]
    fn values_beyond_single_precision_are_refused() {
        let rows =
            TrainingRows { values: &[0.0, 1e39], labels: &[0, 1], n_features: 1, n_classes: 2 };
        let error = Forest::fit(rows, &RandomForestParams::default(), 1).unwrap_err();
        assert_eq!(error, FitError::TooLarge { feature: 0 });
    }
}
