//! Boosted trees in few bytes.
//!
//! Thresholds are listed once a feature; a tree is its nodes in pre-order, each a varint: `0` a
//! leaf, whose value is the next in the list of all, `1 + feature` a split, whose threshold's place
//! in the feature's list follows.

use super::forest_code::{put, take};
use crate::model::gradient_boosting::{
    GradientBoosting, MAX_ROUNDS, Node, Tree, TreeBuilder, n_scores,
};

/// Where scores begin, the thresholds of each feature, ascending, the trees' nodes and the values
/// of their leaves.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct BoostingCode {
    n_rounds: u32,
    baseline: Vec<f64>,
    thresholds: Vec<Vec<f32>>,
    nodes: Vec<u8>,
    leaves: Vec<f32>,
}

pub(super) fn encode(model: &GradientBoosting) -> BoostingCode {
    let mut thresholds = vec![Vec::new(); model.n_features()];
    for node in model.trees().iter().flat_map(Tree::nodes) {
        if let Node::Split { feature, threshold, .. } = *node {
            thresholds[feature as usize].push(threshold);
        }
    }
    for list in &mut thresholds {
        crate::order::sort_singles(list);
        list.dedup_by_key(|threshold| threshold.to_bits());
    }
    let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
    for node in model.trees().iter().flat_map(Tree::nodes) {
        match *node {
            Node::Split { feature, threshold, .. } => {
                put(&mut nodes, 1 + feature);
                let list = &thresholds[feature as usize];
                let place = list.partition_point(|other| other.total_cmp(&threshold).is_lt());
                put(&mut nodes, place as u32);
            }
            Node::Leaf { value } => {
                put(&mut nodes, 0);
                leaves.push(value);
            }
        }
    }
    let n_rounds = model.n_rounds() as u32;
    BoostingCode { n_rounds, baseline: model.baseline().to_vec(), thresholds, nodes, leaves }
}

/// The model, or `None` if the code is not one.
pub(super) fn decode(code: &BoostingCode, n_classes: usize) -> Option<GradientBoosting> {
    let n_trees = (code.n_rounds as usize).checked_mul(n_scores(n_classes))?;
    // Every tree has a leaf, four bytes long: no more is reserved than the file is long.
    if code.n_rounds > MAX_ROUNDS || n_trees > code.leaves.len() {
        return None;
    }
    let mut nodes = code.nodes.iter().copied();
    let mut leaves = code.leaves.iter().copied();
    let mut trees = Vec::with_capacity(n_trees);
    for _ in 0..n_trees {
        let mut tree = TreeBuilder::default();
        while !tree.is_complete() {
            match take(&mut nodes)?.checked_sub(1) {
                None => tree.leaf(leaves.next()?),
                Some(feature) => {
                    let place = take(&mut nodes)? as usize;
                    tree.split(feature, *code.thresholds.get(feature as usize)?.get(place)?);
                }
            }
        }
        trees.push(tree.finish()?);
    }
    if nodes.next().is_some() || leaves.next().is_some() {
        return None;
    }
    GradientBoosting::from_parts(code.baseline.clone(), trees, code.thresholds.len(), n_classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TrainingRows;
    use crate::model::gradient_boosting::GradientBoostingParams;
    use crate::rng::SplitMix64;

    fn fitted(n_classes: u32, n_rounds: u32) -> GradientBoosting {
        let mut rng = SplitMix64::new(u64::from(n_classes));
        let values: Vec<f64> = (0..600).map(|_| rng.unit()).collect();
        let labels: Vec<u32> =
            values.chunks_exact(3).map(|row| (row[0] * f64::from(n_classes)) as u32).collect();
        let n_classes = n_classes as usize;
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes };
        let params = GradientBoostingParams { n_rounds, ..GradientBoostingParams::default() };
        GradientBoosting::fit(rows, &params, 42).unwrap().model
    }

    #[test]
    fn models_come_back_as_they_were() {
        for (n_classes, n_rounds) in [(2, 1), (2, 40), (3, 20), (5, 3)] {
            let model = fitted(n_classes, n_rounds);
            assert_eq!(model.n_rounds(), n_rounds as usize);
            assert_eq!(decode(&encode(&model), n_classes as usize), Some(model));
        }
        let prior = GradientBoosting::from_parts(vec![0.3], Vec::new(), 4, 2).unwrap();
        assert_eq!(decode(&encode(&prior), 2), Some(prior));
    }

    #[test]
    fn code_that_is_no_model_is_refused() {
        let code = |n_rounds, nodes: &[u8], leaves: &[f32]| {
            let (nodes, leaves) = (nodes.to_vec(), leaves.to_vec());
            let thresholds = vec![vec![0.5]];
            decode(&BoostingCode { n_rounds, baseline: vec![0.0], thresholds, nodes, leaves }, 2)
        };
        assert!(code(1, &[1, 0, 0, 0], &[1.0, 2.0]).is_some());
        assert!(code(1, &[1, 0, 0], &[1.0, 2.0]).is_none(), "a side is missing");
        assert!(code(1, &[1, 0, 0, 0], &[1.0]).is_none(), "a value is missing");
        assert!(code(1, &[1, 1, 0, 0], &[1.0, 2.0]).is_none(), "no such threshold");
        assert!(code(1, &[2, 0, 0, 0], &[1.0, 2.0]).is_none(), "no such feature");
        assert!(code(1, &[0, 0], &[1.0]).is_none(), "bytes left over");
        assert!(code(1, &[0], &[1.0, 2.0]).is_none(), "values left over");
        assert!(code(1, &[0], &[f32::NAN]).is_none(), "not a number");
        assert!(code(u32::MAX, &[0], &[1.0]).is_none(), "fewer values than trees");
    }

    proptest::proptest! {
        #[test]
        fn any_code_is_read_without_panic(
            n_rounds in 0_u32..4,
            baseline in proptest::collection::vec(proptest::num::f64::ANY, 0..4),
            thresholds in proptest::collection::vec(
                proptest::collection::vec(proptest::num::f32::ANY, 0..3), 0..3),
            nodes in proptest::collection::vec(0_u8..4, 0..40),
            leaves in proptest::collection::vec(proptest::num::f32::ANY, 0..20),
            n_classes in 0_usize..5,
        ) {
            let code = BoostingCode { n_rounds, baseline, thresholds, nodes, leaves };
            if let Some(model) = decode(&code, n_classes) {
                let mut out = vec![0.0; n_classes];
                model.predict_proba_into(&[1.0, -1.0], &mut out);
                proptest::prop_assert_eq!(decode(&encode(&model), n_classes), Some(model));
            }
        }

        #[test]
        fn a_changed_byte_is_refused_or_another_model(at in 0_usize..10_000, byte in 0_u8..) {
            let model = fitted(3, 2);
            let mut code = encode(&model);
            let at = at % code.nodes.len();
            let same = code.nodes[at] == byte;
            code.nodes[at] = byte;
            proptest::prop_assert_eq!(decode(&code, 3) == Some(model), same);
        }
    }
}
