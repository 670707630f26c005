//! Growing one tree: exact CART splits on columns that were ranked once for the whole forest.
//!
//! A node is a range of one list of samples. Only the features that a node draws are put in
//! order, from the rows' places in the whole column, so that a level of the tree costs time
//! linear in the rows for each of them, however many features there are.
//!
//! A tree can be left between two features of a node and taken up again later: what is known of it
//! until then is its [`Growth`].

use super::RandomForestParams;
use super::columns::RankedColumn;
use super::place_sorter::PlaceSorter;
use super::sample::{Code, Coding, Sample};
use super::tree::{Tree, TreeBuilder, leaf_fractions};
use crate::budget::Budget;
use crate::order::halfway;
use crate::rng::SplitMix64;

/// Where and how a node is split.
#[derive(Debug)]
struct Best {
    feature: usize,
    /// The left side's last place in the feature's order.
    last_left: u32,
    threshold: f32,
    /// Sum over both sides of squared class weights over their total: the greater, the purer.
    score: f64,
}

/// A node still to be grown: a range of the list of samples.
#[derive(Debug)]
struct Pending {
    start: usize,
    end: usize,
    depth: u32,
}

/// A node whose split is being looked for; the class weights are the grower's.
#[derive(Debug)]
struct Node {
    start: usize,
    end: usize,
    depth: u32,
    n_draws: u32,
    /// Features that were drawn.
    drawn: usize,
    found_varying: bool,
    best: Option<Best>,
}

/// A tree on its way.
#[derive(Debug)]
pub(super) struct Growth {
    tree: TreeBuilder,
    rng: SplitMix64,
    /// What each feature's splits gained in purity.
    gains: Vec<f64>,
    pending: Vec<Pending>,
    /// The node that the last slice left in the middle.
    node: Option<Node>,
    /// Work so far: the same budget grows the same tree as far again.
    pub(super) spent: u64,
}

impl Growth {
    /// The tree, and what each feature's splits gained in purity; `None` before it is grown.
    pub(super) fn finish(self) -> Option<(Tree, Vec<f64>)> {
        Some((self.tree.finish()?, self.gains))
    }
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
    /// For this many samples and features, whose columns are to follow.
    pub(super) fn new(
        (n_samples, n_features): (usize, usize),
        coding: Coding,
        params: &RandomForestParams,
    ) -> Self {
        Self {
            columns: Vec::with_capacity(n_features),
            max_features: params.max_features.of(n_features),
            max_depth: params.max_depth,
            min_samples_leaf: params.min_samples_leaf,
            sorter: PlaceSorter::new(n_samples),
            features: Vec::with_capacity(n_features),
            keys: Vec::new(),
            held_back: Vec::new(),
            counts: vec![0; coding.n_classes()],
            left: vec![0; coding.n_classes()],
            coding,
        }
    }

    /// How many columns it has.
    pub(super) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Takes the next feature's column.
    pub(super) fn add(&mut self, column: RankedColumn) {
        self.columns.push(column);
    }

    pub(super) fn coding(&self) -> &Coding {
        &self.coding
    }

    /// Begins a tree of these samples, which draws its features from `rng`.
    pub(super) fn plant(&mut self, samples: &[Sample], rng: SplitMix64) -> Growth {
        self.features.clear();
        self.features.extend(0..self.columns.len());
        Growth {
            tree: TreeBuilder::new(self.coding.n_classes()),
            rng,
            gains: vec![0.0; self.columns.len()],
            pending: vec![Pending { start: 0, end: samples.len(), depth: 0 }],
            node: None,
            spent: 0,
        }
    }

    /// Grows the tree of these samples, which it reorders, until it is grown or the budget is
    /// spent; returns whether it is grown.
    pub(super) fn grow(
        &mut self,
        growth: &mut Growth,
        samples: &mut [Sample],
        budget: &mut Budget,
    ) -> bool {
        loop {
            let mut node = match growth.node.take() {
                Some(node) => node,
                None => match growth.pending.pop() {
                    Some(pending) => self.enter(pending, samples),
                    None => return true,
                },
            };
            let range = &mut samples[node.start..node.end];
            if !self.search(&mut node, range, growth, budget) {
                growth.node = Some(node);
                return false;
            }
            let Some(best) = node.best else {
                growth.tree.leaf(&leaf_fractions(&self.counts));
                continue;
            };
            let unsplit = sum_of_squares(&self.counts) as f64 / f64::from(self.total());
            // Rounding may leave a gain of nothing below 0.
            growth.gains[best.feature] += (best.score - unsplit).max(0.0);
            growth.tree.split(best.feature as u32, best.threshold);
            let middle = node.start + self.partition(range, &best);
            // The left side is grown next: nodes come out in pre-order.
            let depth = node.depth + 1;
            growth.pending.push(Pending { start: middle, end: node.end, depth });
            growth.pending.push(Pending { start: node.start, end: middle, depth });
        }
    }

    fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Weighs a node's classes; one that is to be a leaf has no feature left to be drawn.
    fn enter(&mut self, Pending { start, end, depth }: Pending, samples: &[Sample]) -> Node {
        self.counts.fill(0);
        let mut n_draws = 0;
        for sample in &samples[start..end] {
            self.counts[self.coding.class(sample.code)] += self.coding.weight(sample.code);
            n_draws += self.coding.draws(sample.code);
        }
        let pure = self.counts.iter().filter(|&&count| count > 0).count() < 2;
        let too_deep = self.max_depth.is_some_and(|most| depth >= most);
        let is_leaf = pure || too_deep || n_draws / 2 < self.min_samples_leaf;
        let drawn = if is_leaf { self.features.len() } else { 0 };
        Node { start, end, depth, n_draws, drawn, found_varying: false, best: None }
    }

    /// Looks for the purest split of the features drawn; false if the budget ends before.
    ///
    /// Features are drawn until `max_features` were looked at and one of them was not constant.
    fn search(
        &mut self,
        node: &mut Node,
        samples: &[Sample],
        growth: &mut Growth,
        budget: &mut Budget,
    ) -> bool {
        for drawn in node.drawn..self.features.len() {
            if drawn >= self.max_features && node.found_varying {
                break;
            }
            if budget.is_spent() {
                node.drawn = drawn;
                return false;
            }
            budget.spend(samples.len(), UNITS_A_SAMPLE);
            growth.spent += samples.len() as u64 * UNITS_A_SAMPLE;
            let other = drawn + growth.rng.below((self.features.len() - drawn) as u32) as usize;
            self.features.swap(drawn, other);
            let feature = self.features[drawn];
            if self.put_in_order(samples, feature) {
                node.found_varying = true;
                let floor = node.best.as_ref().map_or(f64::NEG_INFINITY, |best| best.score);
                if let Some(better) = self.best_boundary(feature, node.n_draws, floor) {
                    node.best = Some(better);
                }
            }
        }
        true
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

/// To put a sample in the order of one feature and look at the boundary behind it.
pub(super) const UNITS_A_SAMPLE: u64 = 12;

/// 1 less a margin far beyond what the few roundings of a score can add up to.
const BARELY_LESS: f64 = 1.0 - 1e-12;

fn sum_of_squares(counts: &[u32]) -> u64 {
    counts.iter().map(|&count| u64::from(count) * u64::from(count)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::{MaxFeatures, Node as TreeNode, sample::integer_weights};
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
        let mut grower = Grower::new((rows.n_samples(), rows.n_features), coding, &params);
        let columns = (0..rows.n_features).map(|feature| RankedColumn::new(rows, feature));
        columns.for_each(|column| grower.add(column.unwrap()));
        let mut growth = grower.plant(&samples, SplitMix64::new(1));
        while !grower.grow(&mut growth, &mut samples, &mut Budget::new(1)) {}
        growth.finish().unwrap().0
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
                TreeNode::Split { feature, threshold, .. } => {
                    let ours = score(rows, feature as usize, f64::from(threshold));
                    prop_assert!((ours - best).abs() < 1e-9, "{} {}", ours, best);
                }
                TreeNode::Leaf { .. } => {
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
