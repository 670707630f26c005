//! Growing one tree: exact CART splits on columns that were ranked once for the whole forest.
//!
//! A node is a range of one list of samples. Only the features that a node draws are put in
//! order, from the rows' places in the whole column, so that a level of the tree costs time
//! linear in the rows for each of them, however many features there are.

use super::RandomForestParams;
use super::columns::RankedColumn;
use super::place_sorter::PlaceSorter;
use super::sample::{Code, Coding, Sample};
use super::tree::{Tree, TreeBuilder, leaf_fractions};
use crate::order::halfway;
use crate::rng::SplitMix64;

/// Where and how a node is split.
struct Best {
    feature: usize,
    /// The left side's last place in the feature's order.
    last_left: u32,
    threshold: f32,
    /// Sum over both sides of squared class weights over their total: the greater, the purer.
    score: f64,
}

/// A node still to be grown: a range of the list of samples.
struct Pending {
    start: usize,
    end: usize,
    depth: u32,
}

/// What the trees of a forest have in common, and the memory they work in.
#[derive(Debug)]
pub(super) struct Grower {
    columns: Vec<RankedColumn>,
    coding: Coding,
    max_features: usize,
    max_depth: Option<u32>,
    min_samples_leaf: u32,
    sorter: PlaceSorter,
    /// The features, in the order that the last node drew them.
    features: Vec<usize>,
    /// The samples of a node as `place << 32 | code`, in the order of one feature.
    keys: Vec<u64>,
    held_back: Vec<Sample>,
    /// Weight of each class in the node, and on the left of the boundary looked at.
    counts: Vec<u32>,
    left: Vec<u32>,
}

impl Grower {
    pub(super) fn new(
        columns: Vec<RankedColumn>,
        coding: Coding,
        params: &RandomForestParams,
        n_samples: usize,
    ) -> Self {
        Self {
            max_features: params.max_features.of(columns.len()),
            max_depth: params.max_depth,
            min_samples_leaf: params.min_samples_leaf,
            sorter: PlaceSorter::new(n_samples),
            features: Vec::with_capacity(columns.len()),
            keys: Vec::new(),
            held_back: Vec::new(),
            counts: vec![0; coding.n_classes()],
            left: vec![0; coding.n_classes()],
            columns,
            coding,
        }
    }

    pub(super) fn coding(&self) -> &Coding {
        &self.coding
    }

    /// The tree of these samples, which it reorders; what each split gains in purity is added to
    /// its feature's entry of `gains`.
    pub(super) fn grow(
        &mut self,
        samples: &mut [Sample],
        rng: &mut SplitMix64,
        gains: &mut [f64],
    ) -> Tree {
        self.features.clear();
        self.features.extend(0..self.columns.len());
        let mut tree = TreeBuilder::new(self.coding.n_classes());
        let mut pending = vec![Pending { start: 0, end: samples.len(), depth: 0 }];
        while let Some(Pending { start, end, depth }) = pending.pop() {
            let node = &mut samples[start..end];
            match self.best_split(node, depth, rng) {
                Some(best) => {
                    let unsplit = sum_of_squares(&self.counts) as f64 / f64::from(self.total());
                    // Rounding may leave a gain of nothing below 0.
                    gains[best.feature] += (best.score - unsplit).max(0.0);
                    tree.split(best.feature as u32, best.threshold);
                    let middle = start + self.partition(node, &best);
                    // The left side is grown next: nodes come out in pre-order.
                    pending.push(Pending { start: middle, end, depth: depth + 1 });
                    pending.push(Pending { start, end: middle, depth: depth + 1 });
                }
                None => tree.leaf(&leaf_fractions(&self.counts)),
            }
        }
        #[expect(clippy::expect_used, reason = "each split above pushes both its children")]
        tree.finish().expect("every path ends in a leaf")
    }

    fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// The purest split of the features drawn, or `None` where the node is a leaf; either way
    /// `counts` holds the node's class weights.
    ///
    /// Features are drawn until `max_features` were looked at and one of them was not constant.
    fn best_split(&mut self, node: &[Sample], depth: u32, rng: &mut SplitMix64) -> Option<Best> {
        self.counts.fill(0);
        let mut n_draws = 0;
        for sample in node {
            self.counts[self.coding.class(sample.code)] += self.coding.weight(sample.code);
            n_draws += self.coding.draws(sample.code);
        }
        let pure = self.counts.iter().filter(|&&count| count > 0).count() < 2;
        let too_deep = self.max_depth.is_some_and(|most| depth >= most);
        if pure || too_deep || n_draws / 2 < self.min_samples_leaf {
            return None;
        }
        let mut best: Option<Best> = None;
        let mut found_varying = false;
        for drawn in 0..self.features.len() {
            if drawn >= self.max_features && found_varying {
                break;
            }
            let other = drawn + rng.below((self.features.len() - drawn) as u32) as usize;
            self.features.swap(drawn, other);
            let feature = self.features[drawn];
            if self.put_in_order(node, feature) {
                found_varying = true;
                let floor = best.as_ref().map_or(f64::NEG_INFINITY, |best| best.score);
                best = self.best_boundary(feature, n_draws, floor).or(best);
            }
        }
        best
    }

    /// Fills `keys` with the node's samples in the order of `feature`, unless it is constant here;
    /// returns whether it varies.
    fn put_in_order(&mut self, node: &[Sample], feature: usize) -> bool {
        let column = &self.columns[feature];
        let (mut least, mut most) = (u32::MAX, 0);
        self.keys.clear();
        self.keys.extend(node.iter().map(|sample| {
            let place = column.place(sample.row);
            (least, most) = (least.min(place), most.max(place));
            u64::from(place) << 32 | u64::from(sample.code.0)
        }));
        let varies = column.value(least) != column.value(most);
        if varies {
            self.sorter.sort(&mut self.keys);
        }
        varies
    }

    /// The purest boundary of the feature in `keys` whose score is above `floor`; the first of
    /// equals.
    fn best_boundary(&mut self, feature: usize, n_draws: u32, floor: f64) -> Option<Best> {
        let column = &self.columns[feature];
        let total = self.total();
        // Squared weights of both sides, kept up to date in integers: exact, hence the same
        // everywhere.
        let (mut left_squares, mut right_squares) = (0, sum_of_squares(&self.counts));
        let (mut left_weight, mut left_draws) = (0, 0);
        self.left.fill(0);
        let mut best = None;
        let (mut best_score, mut hopeless) = (floor, floor * BARELY_LESS);
        for pair in self.keys.windows(2) {
            let code = Code(pair[0] as u32);
            let (class, weight) = (self.coding.class(code), self.coding.weight(code));
            let in_left = self.left[class];
            let in_right = self.counts[class] - in_left;
            self.left[class] = in_left + weight;
            left_weight += weight;
            left_draws += self.coding.draws(code);
            let weight = u64::from(weight);
            left_squares += weight * (2 * u64::from(in_left) + weight);
            right_squares -= weight * (2 * u64::from(in_right) - weight);
            if left_draws.min(n_draws - left_draws) < self.min_samples_leaf {
                continue;
            }
            let (left, right) = (f64::from(left_weight), f64::from(total - left_weight));
            let (left_sum, right_sum) = (left_squares as f64, right_squares as f64);
            // The comparison below without its divisions, up to rounding. Few pass, and only they
            // fetch their values from memory.
            if left_sum * right + right_sum * left < hopeless * (left * right) {
                continue;
            }
            let last_left = (pair[0] >> 32) as u32;
            let (low, high) = (column.value(last_left), column.value((pair[1] >> 32) as u32));
            let score = left_sum / left + right_sum / right;
            if low < high && score > best_score {
                (best_score, hopeless) = (score, score * BARELY_LESS);
                best = Some(Best { feature, last_left, threshold: halfway(low, high), score });
            }
        }
        best
    }

    /// Brings the left side's samples to the front, both sides in their old order, and returns how
    /// many they are.
    fn partition(&mut self, node: &mut [Sample], best: &Best) -> usize {
        let column = &self.columns[best.feature];
        self.held_back.clear();
        let mut kept = 0;
        for at in 0..node.len() {
            let sample = node[at];
            if column.place(sample.row) <= best.last_left {
                node[kept] = sample;
                kept += 1;
            } else {
                self.held_back.push(sample);
            }
        }
        node[kept..].copy_from_slice(&self.held_back);
        kept
    }
}

/// 1 less a margin far beyond what the few roundings of a score can add up to.
const BARELY_LESS: f64 = 1.0 - 1e-12;

fn sum_of_squares(counts: &[u32]) -> u64 {
    counts.iter().map(|&count| u64::from(count) * u64::from(count)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::{MaxFeatures, Node, sample::integer_weights};
    use super::*;
    use crate::model::TrainingRows;

    /// The full-depth tree of each row drawn as often as told, every feature looked at.
    fn tree(rows: TrainingRows<'_>, draws: &[u32], class_weights: &[f64]) -> Tree {
        let params =
            RandomForestParams { max_features: MaxFeatures::All, ..RandomForestParams::default() };
        let coding = Coding::new(integer_weights(class_weights, rows.n_samples()));
        let drawn = (0..).zip(rows.labels).zip(draws).filter(|&(_, &draws)| draws > 0);
        let mut samples: Vec<Sample> = drawn
            .map(|((row, &class), &draws)| Sample { row, code: coding.code(class, draws) })
            .collect();
        let columns = RankedColumn::all(rows).unwrap();
        let mut grower = Grower::new(columns, coding, &params, rows.n_samples());
        let mut gains = vec![0.0; rows.n_features];
        grower.grow(&mut samples, &mut SplitMix64::new(1), &mut gains)
    }

    /// The best score of any split of a node, found by trying `value <= threshold` for every
    /// value: minus infinity if none has two sides.
    fn best_score(rows: TrainingRows<'_>, split: impl Fn(f64) -> bool) -> f64 {
        let mut best = f64::NEG_INFINITY;
        for feature in 0..rows.n_features {
            for threshold in rows.values.iter().skip(feature).step_by(rows.n_features) {
                if split(*threshold) {
                    best = best.max(score(rows, feature, *threshold));
                }
            }
        }
        best
    }

    fn score(rows: TrainingRows<'_>, feature: usize, threshold: f64) -> f64 {
        let mut sides = [vec![0.0; rows.n_classes], vec![0.0; rows.n_classes]];
        for (row, &label) in rows.labels.iter().enumerate() {
            let side = usize::from(rows.row(row)[feature] > threshold);
            sides[side][label as usize] += 1.0;
        }
        let of = |side: &Vec<f64>| {
            side.iter().map(|count| count * count).sum::<f64>() / side.iter().sum::<f64>()
        };
        let score = of(&sides[0]) + of(&sides[1]);
        if score.is_nan() { f64::NEG_INFINITY } else { score }
    }

    /// A few rows of two features with many ties, and labels of three classes.
    fn tied_rows() -> impl Strategy<Value = (Vec<f64>, Vec<u32>)> {
        (2_usize..40).prop_flat_map(|n| {
            let values = vec((0_u8..5).prop_map(f64::from), 2 * n);
            (values, vec(0_u32..3, n))
        })
    }

    proptest! {
        #[test]
        fn a_lone_binary_feature_that_separates_is_split(
            labels in vec(0_u32..2, 2..60),
            low in -1e6_f32..1e6,
            width in 1e-3_f32..1e6,
            swapped: bool,
        ) {
            prop_assume!(labels.contains(&0) && labels.contains(&1) && low + width > low);
            let value = |label: u32| if (label == 1) == swapped { low } else { low + width };
            let values: Vec<f64> = labels.iter().map(|&label| f64::from(value(label))).collect();
            let rows =
                TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
            let tree = tree(rows, &vec![1; labels.len()], &[1.0, 1.0]);
            prop_assert_eq!(tree.nodes().len(), 3);
            for (&label, &value) in labels.iter().zip(&values) {
                let sure = tree.leaf(|_| value as f32)[label as usize];
                prop_assert_eq!(sure, super::super::LEAF_TOTAL);
            }
        }

        #[test]
        fn no_other_split_of_tied_values_is_purer((values, labels) in tied_rows()) {
            let rows =
                TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 3 };
            let tree = tree(rows, &vec![1; labels.len()], &[1.0; 3]);
            let best = best_score(rows, |_| true);
            match tree.nodes()[0] {
                Node::Split { feature, threshold, .. } => {
                    let ours = score(rows, feature as usize, f64::from(threshold));
                    prop_assert!((ours - best).abs() < 1e-9, "{} {}", ours, best);
                }
                Node::Leaf { .. } => {
                    let pure = labels.iter().all(|label| label == &labels[0]);
                    prop_assert!(pure || best == f64::NEG_INFINITY);
                }
            }
        }

        #[test]
        fn distinct_rows_are_told_apart(labels in vec(0_u32..4, 2..200), seed: u64) {
            // Pairs of few values: ties in either column, no row twice.
            let n = labels.len();
            let mut cells: Vec<u32> = (0..225).collect();
            SplitMix64::new(seed).shuffle(&mut cells);
            let values: Vec<f64> =
                cells[..n].iter().flat_map(|cell| [cell / 15, cell % 15]).map(f64::from).collect();
            let rows =
                TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 4 };
            let tree = tree(rows, &vec![1; n], &[1.0; 4]);
            for (row, &label) in labels.iter().enumerate() {
                let sure = tree.leaf(|feature| rows.row(row)[feature] as f32)[label as usize];
                prop_assert_eq!(sure, super::super::LEAF_TOTAL);
            }
        }

        #[test]
        fn a_row_of_twice_the_weight_is_a_row_drawn_twice((values, labels) in tied_rows()) {
            let rows =
                TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 3 };
            let draws: Vec<u32> = labels.iter().map(|&label| [1, 2, 8][label as usize]).collect();
            let drawn = tree(rows, &draws, &[1.0; 3]);
            let weighted = tree(rows, &vec![1; labels.len()], &[0.5, 1.0, 4.0]);
            prop_assert_eq!(drawn, weighted);
        }
    }
}
