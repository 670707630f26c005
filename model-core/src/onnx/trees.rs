//! Forests and boosted trees as one `TreeEnsembleRegressor`, or several.
//!
//! Trees compare in single precision here as there. What is summed must not be rounded on the way:
//! a forest's leaves are whole numbers, whose sums single precision holds exactly up to 2^24; a
//! boosted tree gets an output of its own, and the outputs are summed as doubles.

use super::graph::{Graph, Value, floats, int, ints, string, strings};
use super::proto::Element;
use crate::model::forest::{self, Forest, LEAF_TOTAL};
use crate::model::gradient_boosting::{self, GradientBoosting};

/// Trees whose leaves' fractions sum exactly in single precision: 2^24 / 2^15.
const TREES_A_NODE: usize = (1 << 24) / LEAF_TOTAL as usize;

/// The probabilities of `forest`, as doubles, of columns in single precision.
pub(super) fn forest(graph: &mut Graph, columns: &Value, forest: &Forest) -> Value {
    let mut sum: Option<Value> = None;
    for trees in forest.trees().chunks(TREES_A_NODE) {
        let mut ensemble = Ensemble::default();
        for (id, tree) in trees.iter().enumerate() {
            ensemble.add_forest_tree(id as i64, tree);
        }
        let part = ensemble.node(graph, columns, forest.n_classes());
        let part = graph.cast(&part, Element::Double);
        sum = Some(match sum {
            Some(sum) => graph.op("Add", &[&sum, &part]),
            None => part,
        });
    }
    let total = forest.trees().len() as f64 * f64::from(LEAF_TOTAL);
    let total = graph.doubles("total", &[], &[total]);
    // A forest has at least one tree.
    let sum = sum.unwrap_or_else(|| total.clone());
    graph.op("Div", &[&sum, &total])
}

/// The scores of `boosting`, one a class, as doubles, of columns in single precision.
pub(super) fn boosting(graph: &mut Graph, columns: &Value, boosting: &GradientBoosting) -> Value {
    let n_scores = boosting.baseline().len();
    let baseline = graph.doubles("baseline", &[1, n_scores], boosting.baseline());
    let n_trees = boosting.trees().len();
    let scores = if n_trees == 0 {
        // One row of the baseline for each row, from a sum that is 0.
        let doubles = graph.cast(columns, Element::Double);
        let zero = graph.doubles("zero", &[], &[0.0]);
        let zeros = graph.op("Mul", &[&doubles, &zero]);
        let zeros = graph.sum(&zeros, 1);
        graph.unsqueeze(&zeros, &[1])
    } else {
        let mut ensemble = Ensemble::default();
        for (id, tree) in boosting.trees().iter().enumerate() {
            ensemble.add_boosted_tree(id as i64, tree);
        }
        let parts = ensemble.node(graph, columns, n_trees);
        let parts = graph.cast(&parts, Element::Double);
        let rounds = (n_trees / n_scores) as i64;
        let parts = graph.reshape(&parts, &[-1, rounds, n_scores as i64]);
        graph.sum(&parts, 1)
    };
    let scores = graph.op("Add", &[&scores, &baseline]);
    if n_scores > 1 {
        return scores;
    }
    // The one score of two classes is that of class 1, beside 0 for class 0.
    let beside = graph.doubles("class_1_alone", &[1, 2], &[0.0, 1.0]);
    graph.op("Mul", &[&scores, &beside])
}

/// The attributes of a `TreeEnsembleRegressor`, entry by entry.
#[derive(Default)]
struct Ensemble {
    tree_ids: Vec<i64>,
    node_ids: Vec<i64>,
    features: Vec<i64>,
    thresholds: Vec<f32>,
    is_leaf: Vec<bool>,
    true_ids: Vec<i64>,
    false_ids: Vec<i64>,
    weight_trees: Vec<i64>,
    weight_nodes: Vec<i64>,
    weight_targets: Vec<i64>,
    weights: Vec<f32>,
}

impl Ensemble {
    /// A tree whose leaves add their fractions to the classes, in whole numbers.
    fn add_forest_tree(&mut self, id: i64, tree: &forest::Tree) {
        for (at, node) in (0_i64..).zip(tree.nodes()) {
            match *node {
                forest::Node::Split { feature, threshold, right } => {
                    self.add_split(id, at, (feature, threshold, right));
                }
                forest::Node::Leaf { leaf } => {
                    self.add_leaf(id, at);
                    let fractions = (0_i64..).zip(tree.fractions(leaf));
                    for (class, part) in fractions.filter(|(_, part)| **part > 0) {
                        self.add_weight(id, at, class, f32::from(*part));
                    }
                }
            }
        }
    }

    /// A tree whose leaves' values are the output numbered as the tree is.
    fn add_boosted_tree(&mut self, id: i64, tree: &gradient_boosting::Tree) {
        for (at, node) in (0_i64..).zip(tree.nodes()) {
            match *node {
                gradient_boosting::Node::Split { feature, threshold, right } => {
                    self.add_split(id, at, (feature, threshold, right));
                }
                gradient_boosting::Node::Leaf { value } => {
                    self.add_leaf(id, at);
                    self.add_weight(id, at, id, value);
                }
            }
        }
    }

    fn add_split(&mut self, tree: i64, at: i64, (feature, threshold, right): (u32, f32, u32)) {
        // The left child follows its parent.
        self.add_node(tree, at, feature.into(), threshold, Some((at + 1, right.into())));
    }

    fn add_leaf(&mut self, tree: i64, at: i64) {
        self.add_node(tree, at, 0, 0.0, None);
    }

    fn add_node(
        &mut self,
        tree: i64,
        at: i64,
        feature: i64,
        threshold: f32,
        children: Option<(i64, i64)>,
    ) {
        self.tree_ids.push(tree);
        self.node_ids.push(at);
        self.features.push(feature);
        self.thresholds.push(threshold);
        self.is_leaf.push(children.is_none());
        let (left, right) = children.unwrap_or_default();
        self.true_ids.push(left);
        self.false_ids.push(right);
    }

    fn add_weight(&mut self, tree: i64, at: i64, target: i64, weight: f32) {
        self.weight_trees.push(tree);
        self.weight_nodes.push(at);
        self.weight_targets.push(target);
        self.weights.push(weight);
    }

    /// Adds the node: `n_targets` sums a row, in single precision.
    ///
    /// Where a value is missing is not said: imputation stands before, and leaves none.
    fn node(self, graph: &mut Graph, columns: &Value, n_targets: usize) -> Value {
        let mode = |is_leaf: &bool| if *is_leaf { "LEAF" } else { "BRANCH_LEQ" };
        let attributes = vec![
            string("aggregate_function", "SUM"),
            int("n_targets", n_targets as i64),
            ints("nodes_treeids", self.tree_ids),
            ints("nodes_nodeids", self.node_ids),
            ints("nodes_featureids", self.features),
            floats("nodes_values", self.thresholds),
            strings("nodes_modes", self.is_leaf.iter().map(mode)),
            ints("nodes_truenodeids", self.true_ids),
            ints("nodes_falsenodeids", self.false_ids),
            string("post_transform", "NONE"),
            ints("target_treeids", self.weight_trees),
            ints("target_nodeids", self.weight_nodes),
            ints("target_ids", self.weight_targets),
            floats("target_weights", self.weights),
        ];
        graph.ml("TreeEnsembleRegressor", columns, attributes)
    }
}
