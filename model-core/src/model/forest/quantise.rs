//! A forest in eight bits: fewer levels a feature, coarser leaves.

use super::tree::apportion;
use super::{Forest, LEAF_TOTAL, Node, Tree, TreeBuilder};

/// Most distinct thresholds of a feature in a quantised forest: a value's place among them fits
/// a byte.
pub const QUANTISED_LEVELS: usize = 255;

/// What the fractions of a quantised leaf are multiples of: 2^-8 of [`LEAF_TOTAL`].
const LEAF_STEP: u16 = LEAF_TOTAL >> 8;

impl Forest {
    /// The forest in eight bits: its thresholds are at most [`QUANTISED_LEVELS`] distinct ones a
    /// feature, its leaf fractions multiples of 2^-8 of the total.
    ///
    /// A feature with more thresholds has them cut, in ascending order, into that many groups of
    /// equal size, and the middle one stands for its group. Leaf fractions still sum to
    /// [`LEAF_TOTAL`]: the largest remainders are rounded up. A quantised forest stays as it is.
    #[must_use]
    pub fn quantised(&self) -> Self {
        let levels = Levels::of_features(&self.trees, self.n_features);
        let trees = self.trees.iter().map(|tree| quantised_tree(tree, &levels, self.n_classes));
        Self { trees: trees.collect(), n_features: self.n_features, n_classes: self.n_classes }
    }
}

/// The distinct thresholds of a feature, ascending.
struct Levels {
    thresholds: Vec<f32>,
}

impl Levels {
    /// Of each feature.
    fn of_features(trees: &[Tree], n_features: usize) -> Vec<Self> {
        let mut levels: Vec<Self> =
            (0..n_features).map(|_| Self { thresholds: Vec::new() }).collect();
        for node in trees.iter().flat_map(Tree::nodes) {
            if let Node::Split { feature, threshold, .. } = *node
                && let Some(of_feature) = levels.get_mut(feature as usize)
            {
                of_feature.thresholds.push(threshold);
            }
        }
        for Self { thresholds } in &mut levels {
            crate::order::sort_singles(thresholds);
            thresholds.dedup_by_key(|threshold| threshold.to_bits());
        }
        levels
    }

    /// The threshold that stands for this one.
    fn of(&self, threshold: f32) -> f32 {
        let (n, n_groups) = (self.thresholds.len() as u64, QUANTISED_LEVELS as u64);
        if n <= n_groups {
            return threshold;
        }
        let place = self.thresholds.partition_point(|other| other.total_cmp(&threshold).is_lt());
        // Group g holds the places from g · n / 255, rounded up, to before the next group's first.
        let first = |group: u64| (group * n).div_ceil(n_groups);
        let group = place as u64 * n_groups / n;
        let middle = ((first(group) + first(group + 1) - 1) / 2) as usize;
        self.thresholds.get(middle).copied().unwrap_or(threshold)
    }
}

fn quantised_tree(tree: &Tree, levels: &[Levels], n_classes: usize) -> Tree {
    let mut builder = TreeBuilder::new(n_classes);
    for node in tree.nodes() {
        match *node {
            Node::Split { feature, threshold, .. } => {
                builder.split(feature, levels[feature as usize].of(threshold));
            }
            Node::Leaf { leaf } => builder.leaf(&coarse(tree.fractions(leaf))),
        }
    }
    #[expect(clippy::expect_used, reason = "it has the shape of a tree that is sound")]
    builder.finish().expect("every path ends in a leaf")
}

/// The fractions as multiples of [`LEAF_STEP`] of the same sum.
fn coarse(fractions: &[u16]) -> Vec<u16> {
    let fractions: Vec<u32> = fractions.iter().map(|&part| u32::from(part)).collect();
    let mut parts = apportion(&fractions, LEAF_TOTAL / LEAF_STEP);
    parts.iter_mut().for_each(|part| *part *= LEAF_STEP);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::RandomForestParams;
    use super::*;
    use crate::model::TrainingRows;
    use crate::rng::SplitMix64;

    fn forest(n: u32, n_trees: u32) -> Forest {
        let mut rng = SplitMix64::new(4);
        let values: Vec<f64> = (0..2 * n).map(|_| rng.unit()).collect();
        let labels: Vec<u32> = (0..n).map(|_| rng.below(3)).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 3 };
        let params =
            RandomForestParams { n_trees, min_samples_leaf: 3, ..RandomForestParams::default() };
        Forest::fit(rows, &params, 1).unwrap().forest
    }

    #[test]
    fn levels_and_leaves_fit_a_byte() {
        let exact = forest(2000, 10);
        let quantised = exact.quantised();
        for feature in 0..2 {
            let thresholds =
                |forest: &Forest| Levels::of_features(forest.trees(), 2).remove(feature).thresholds;
            let (before, after) = (thresholds(&exact), thresholds(&quantised));
            assert!(before.len() > QUANTISED_LEVELS && after.len() == QUANTISED_LEVELS);
            assert!(after.iter().all(|threshold| before.contains(threshold)));
        }
        for tree in quantised.trees() {
            for node in tree.nodes() {
                let Node::Leaf { leaf } = *node else { continue };
                assert!(tree.fractions(leaf).iter().all(|part| part % LEAF_STEP == 0));
            }
        }
        assert_eq!(quantised.quantised(), quantised);
    }

    #[test]
    fn few_thresholds_and_pure_leaves_stay() {
        let mut exact = forest(60, 1);
        assert_eq!(exact.trees[0].nodes().len(), exact.quantised().trees[0].nodes().len());
        let nodes = vec![
            Node::Split { feature: 0, threshold: 0.5, right: 2 },
            Node::Leaf { leaf: 0 },
            Node::Leaf { leaf: 1 },
        ];
        let pure = vec![LEAF_TOTAL, 0, 0, 0, LEAF_TOTAL, 0];
        exact.trees = vec![Tree::from_parts(nodes, pure, 3).unwrap()];
        assert_eq!(exact.quantised(), exact);
    }

    #[test]
    fn coarse_fractions_are_near_and_sum_to_the_total() {
        assert_eq!(coarse(&[10923, 10923, 10922]), [86 * 128, 85 * 128, 85 * 128]);
        assert_eq!(coarse(&[LEAF_TOTAL, 0]), [LEAF_TOTAL, 0]);
        assert_eq!(coarse(&[1, LEAF_TOTAL - 1]), [0, LEAF_TOTAL]);
    }

    #[test]
    fn probabilities_stay_near() {
        let exact = forest(300, 16);
        let quantised = exact.quantised();
        let (mut a, mut b, mut moved) = ([0.0; 3], [0.0; 3], 0.0);
        for at in 0..100 {
            let values = [f64::from(at) / 100.0, f64::from(at * 37 % 100) / 100.0];
            exact.predict_proba_into(&values, &mut a);
            quantised.predict_proba_into(&values, &mut b);
            moved += a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 300.0;
            assert_eq!(b.iter().sum::<f64>(), 1.0);
        }
        assert!(moved < 0.03, "{moved}");
    }
}
