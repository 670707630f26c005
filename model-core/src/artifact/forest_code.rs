//! A forest in few bytes.
//!
//! Thresholds are listed once a feature; a tree is its nodes in pre-order, each a varint:
//! `0` a leaf whose fractions follow (all but the last, which completes the sum), `1 + class` a
//! pure leaf, `1 + n_classes + feature` a split whose threshold's place in the list follows.

use crate::model::forest::{Forest, LEAF_TOTAL, MAX_TREES, Node, Tree, TreeBuilder};

/// The thresholds of each feature, ascending, and the trees' nodes.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct ForestCode {
    n_trees: u32,
    thresholds: Vec<Vec<f32>>,
    nodes: Vec<u8>,
}

pub(super) fn encode(forest: &Forest) -> ForestCode {
    let n_classes = forest.n_classes() as u32;
    let mut thresholds = vec![Vec::new(); forest.n_features()];
    for node in forest.trees().iter().flat_map(Tree::nodes) {
        if let Node::Split { feature, threshold, .. } = *node {
            thresholds[feature as usize].push(threshold);
        }
    }
    for list in &mut thresholds {
        crate::order::sort_singles(list);
        list.dedup_by_key(|threshold| threshold.to_bits());
    }
    let mut nodes = Vec::new();
    for tree in forest.trees() {
        for node in tree.nodes() {
            match *node {
                Node::Split { feature, threshold, .. } => {
                    put(&mut nodes, 1 + n_classes + feature);
                    let list = &thresholds[feature as usize];
                    let place = list.partition_point(|other| other.total_cmp(&threshold).is_lt());
                    put(&mut nodes, place as u32);
                }
                Node::Leaf { leaf } => put_leaf(&mut nodes, tree.fractions(leaf)),
            }
        }
    }
    ForestCode { n_trees: forest.trees().len() as u32, thresholds, nodes }
}

fn put_leaf(nodes: &mut Vec<u8>, fractions: &[u16]) {
    match fractions.iter().position(|&part| part == LEAF_TOTAL) {
        Some(class) => put(nodes, 1 + class as u32),
        None => {
            put(nodes, 0);
            let all_but_last = fractions.split_last().map_or(fractions, |(_, rest)| rest);
            all_but_last.iter().for_each(|&part| put(nodes, u32::from(part)));
        }
    }
}

/// The forest, or `None` if the code is not one.
pub(super) fn decode(code: &ForestCode, n_classes: usize) -> Option<Forest> {
    let n_features = code.thresholds.len();
    // Every tree takes at least one byte: no more is reserved than the file is long.
    if code.n_trees as usize > code.nodes.len() || code.n_trees > MAX_TREES {
        return None;
    }
    let mut nodes = code.nodes.iter().copied();
    let mut trees = Vec::with_capacity(code.n_trees as usize);
    let mut fractions = vec![0; n_classes];
    for _ in 0..code.n_trees {
        let mut tree = TreeBuilder::new(n_classes);
        while !tree.is_complete() {
            let kind = take(&mut nodes)? as usize;
            if let Some(feature) = kind.checked_sub(1 + n_classes) {
                let place = take(&mut nodes)? as usize;
                let threshold = *code.thresholds.get(feature)?.get(place)?;
                tree.split(feature as u32, threshold);
                continue;
            }
            fractions.fill(0);
            if let Some(class) = kind.checked_sub(1) {
                *fractions.get_mut(class)? = LEAF_TOTAL;
            } else {
                let mut left = LEAF_TOTAL;
                let (last, others) = fractions.split_last_mut()?;
                for part in others {
                    *part = u16::try_from(take(&mut nodes)?).ok()?;
                    left = left.checked_sub(*part)?;
                }
                *last = left;
            }
            tree.leaf(&fractions);
        }
        trees.push(tree.finish()?);
    }
    if nodes.next().is_some() {
        return None;
    }
    Forest::from_parts(trees, n_features, n_classes)
}

/// Appends `value`, seven bits a byte, the lowest first.
pub(super) fn put(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The next value; `None` if the bytes end or hold more than 32 bits.
pub(super) fn take(bytes: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let mut value = 0_u32;
    for shift in [0, 7, 14, 21, 28] {
        let byte = bytes.next()?;
        let bits = u32::from(byte & 0x7F);
        value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_round_trip_and_overlong_ones_are_refused() {
        for value in [0, 1, 127, 128, 300, 65_535, u32::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(take(&mut bytes.into_iter()), Some(value));
        }
        assert_eq!(take(&mut [0xFF; 5].into_iter()), None);
        assert_eq!(take(&mut [0x80].into_iter()), None);
    }

    #[test]
    fn code_that_is_no_forest_is_refused() {
        let code = |n_trees, nodes: &[u8]| {
            decode(&ForestCode { n_trees, thresholds: vec![vec![0.5]], nodes: nodes.to_vec() }, 2)
        };
        assert!(code(1, &[3, 0, 1, 2]).is_some());
        assert!(code(1, &[3, 0, 1]).is_none(), "a side is missing");
        assert!(code(1, &[3, 1, 1, 2]).is_none(), "no such threshold");
        assert!(code(1, &[4, 0, 1, 2]).is_none(), "no such feature");
        assert!(code(1, &[1, 1]).is_none(), "bytes left over");
        assert!(code(u32::MAX, &[1]).is_none(), "fewer bytes than trees");
        assert!(code(0, &[]).is_none(), "no tree");
    }
}
