//! Growing one tree: the leaf whose split gains most is split next, on histograms of bins.
//!
//! A node is a range of the row list. Of two children only the smaller is counted, the larger is
//! what remains of their parent: sums are exact (see [`super::sums`]), so that this and counting
//! afresh give the same tree. Sources: Ke et al., "LightGBM", NeurIPS 2017; the gain is that of
//! Chen & Guestrin, "XGBoost", KDD 2016, equation 7.

use super::GradientBoostingParams;
use super::binning::BinnedColumns;
use super::histograms::Histograms;
use super::split::{Search, Split};
use super::sums::{Scale, Sums};
use super::tree::{Tree, TreeBuilder};
use crate::budget::Budget;

/// Bytes that the histograms of waiting nodes may take; beyond, nodes are counted afresh.
const HISTOGRAM_BYTES: usize = 64 << 20;

/// To count a row into a bin of one feature.
const UNITS_A_COUNT: u64 = 2;
/// To look at the bins of one feature for both halves of a split.
const UNITS_A_LOOK: u64 = 1000;

/// Grows tree after tree on the same columns; a tree can be left between two of its splits.
#[derive(Debug)]
pub(super) struct Grower {
    columns: BinnedColumns,
    params: GradientBoostingParams,
    histograms: Histograms,
    /// The rows that trees are grown on, ascending.
    sample: Vec<u32>,
    /// The same in the order of the tree under way; a node owns a range.
    rows: Vec<u32>,
    /// The right side of a split under way.
    held_back: Vec<u32>,
    /// What the gradients of the tree under way are counted in.
    scale: Scale,
    nodes: Vec<Growing>,
    n_leaves: u32,
}

/// A node of the tree being grown.
#[derive(Debug)]
struct Growing {
    start: usize,
    end: usize,
    depth: u32,
    sums: Sums,
    /// The best split, until it is made.
    best: Option<Split>,
    /// Kept for the children, if there was room.
    histogram: Option<Vec<Sums>>,
    made: Option<Made>,
}

/// A split that was made.
#[derive(Debug, Clone, Copy)]
struct Made {
    feature: usize,
    bin: u8,
    left: usize,
}

/// A leaf of a grown tree: rows and what they get.
#[derive(Debug)]
pub(super) struct LeafRows<'a> {
    pub(super) rows: &'a [u32],
    pub(super) value: f32,
}

impl Grower {
    /// Grows on all rows until [`grow_on`](Self::grow_on) says otherwise.
    pub(super) fn new(columns: BinnedColumns, params: GradientBoostingParams) -> Self {
        let n = columns.n_samples();
        let mut grower = Self {
            histograms: Histograms::new(&columns, HISTOGRAM_BYTES),
            columns,
            params,
            sample: Vec::new(),
            rows: Vec::new(),
            held_back: Vec::new(),
            scale: Scale::new(n, 0.0, 0.0),
            nodes: Vec::new(),
            n_leaves: 0,
        };
        grower.grow_on((0..n as u32).collect());
        grower
    }

    /// Grows the trees to come on these rows, ascending, alone.
    pub(super) fn grow_on(&mut self, sample: Vec<u32>) {
        self.rows.clone_from(&sample);
        self.held_back.clone_from(&sample);
        self.sample = sample;
    }

    pub(super) fn n_features(&self) -> usize {
        self.columns.n_features()
    }

    /// Begins the tree for these gradients and hessians of all rows, also of those that it is not
    /// grown on.
    pub(super) fn begin(&mut self, derivatives: &[(f64, f64)], budget: &mut Budget) {
        let greatest = derivatives.iter().fold((0.0_f64, 0.0_f64), |greatest, row| {
            (greatest.0.max(row.0.abs()), greatest.1.max(row.1))
        });
        self.scale = Scale::new(derivatives.len(), greatest.0, greatest.1);
        let scale = self.scale;
        self.plant(&scale, derivatives);
        self.n_leaves = 1;
        budget.spend(derivatives.len(), UNITS_A_COUNT * self.n_features() as u64);
    }

    /// Splits leaves until the tree is grown or the budget is spent; returns whether it is grown.
    /// Each split's gain is added to its feature's place in `gains`.
    pub(super) fn grow(&mut self, gains: &mut [f64], budget: &mut Budget) -> bool {
        self.grow_to(self.params.max_leaf_nodes, gains, budget)
    }

    /// As [`grow`](Self::grow), until the tree has this many leaves.
    fn grow_to(&mut self, n_leaves: u32, gains: &mut [f64], budget: &mut Budget) -> bool {
        let scale = self.scale;
        while self.n_leaves < n_leaves {
            if budget.is_spent() {
                return false;
            }
            let Some((at, split)) = self.most_gainful() else { break };
            gains[split.feature] += split.gain;
            self.n_leaves += 1;
            self.split(&scale, at, split, self.n_leaves < self.params.max_leaf_nodes);
            // Its rows move, the smaller half is counted, and all bins are looked at for both.
            let n_rows = self.nodes[at].len();
            budget.spend(n_rows, UNITS_A_COUNT * (1 + self.n_features() as u64 / 2));
            budget.spend(self.n_features(), UNITS_A_LOOK);
        }
        true
    }

    /// Leaves of the tree under way.
    #[cfg(feature = "checkpoint")]
    pub(super) fn n_leaves(&self) -> u32 {
        self.n_leaves
    }

    /// Grows a tree that was just begun until it has as many leaves as it had before.
    #[cfg(feature = "checkpoint")]
    pub(super) fn grow_again(&mut self, n_leaves: u32) {
        let mut gains = vec![0.0; self.n_features()];
        let n_leaves = n_leaves.min(self.params.max_leaf_nodes);
        self.grow_to(n_leaves, &mut gains, &mut Budget::unlimited());
    }

    /// Starts a tree with all rows of the sample in its root.
    fn plant(&mut self, scale: &Scale, derivatives: &[(f64, f64)]) {
        self.histograms.set_rows(scale, derivatives);
        let sums = self.histograms.sums_of(&self.sample);
        self.rows.copy_from_slice(&self.sample);
        self.nodes.clear();
        let end = self.rows.len();
        self.nodes.push(Growing::new(0, end, 0, sums));
        if self.may_split(scale, 0) {
            self.search(scale, 0);
        }
    }

    /// Whether any split of this node could leave enough on both sides.
    fn may_split(&self, scale: &Scale, at: usize) -> bool {
        let node = &self.nodes[at];
        let min_hessian = scale.hessian_units(self.params.min_sum_hessian_in_leaf);
        scale.count(node.sums) >= 2 * u64::from(self.params.min_samples_leaf)
            && scale.hessian(node.sums) >= 2.0 * min_hessian
            && self.params.max_depth.is_none_or(|most| node.depth < most)
    }

    /// The waiting node whose split gains most; the first of equals.
    fn most_gainful(&self) -> Option<(usize, Split)> {
        let mut best: Option<(usize, Split)> = None;
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(split) = node.best
                && best.is_none_or(|(_, best)| split.gain > best.gain)
            {
                best = Some((at, split));
            }
        }
        best
    }

    /// Makes a split, and looks for the next ones if the tree may still grow.
    fn split(&mut self, scale: &Scale, at: usize, split: Split, grows_on: bool) {
        let middle = self.partition(at, split);
        let left = self.nodes.len();
        let node = &mut self.nodes[at];
        node.best = None;
        node.made = Some(Made { feature: split.feature, bin: split.bin, left });
        let histogram = node.histogram.take();
        let (start, end, depth) = (node.start, node.end, node.depth + 1);
        let right_sums = node.sums.without(split.left);
        self.nodes.push(Growing::new(start, middle, depth, split.left));
        self.nodes.push(Growing::new(middle, end, depth, right_sums));
        match histogram {
            _ if !grows_on => self.histograms.give_back(histogram),
            Some(histogram) => self.search_pair(scale, histogram, left),
            None => {
                for at in [left, left + 1] {
                    if self.may_split(scale, at) {
                        self.search(scale, at);
                    }
                }
            }
        }
    }

    /// Brings the rows of the left side to the front of the node's range; where the right begins.
    fn partition(&mut self, at: usize, split: Split) -> usize {
        let column = self.columns.column(split.feature);
        let (start, end) = (self.nodes[at].start, self.nodes[at].end);
        let range = &mut self.rows[start..end];
        let held_back = &mut self.held_back[..range.len()];
        let (mut kept, mut held) = (0, 0);
        // Each row is written to both sides and counted on one: no branch to mispredict.
        for at in 0..range.len() {
            let row = range[at];
            let is_left = usize::from(column[row as usize] <= split.bin);
            range[kept] = row;
            held_back[held] = row;
            kept += is_left;
            held += 1 - is_left;
        }
        range[kept..].copy_from_slice(&held_back[..held]);
        start + kept
    }

    /// Counts a node's rows and finds its best split.
    fn search(&mut self, scale: &Scale, at: usize) {
        let node = &mut self.nodes[at];
        let rows = &self.rows[node.start..node.end];
        let mut search = Search::new(scale, &self.params, node.sums);
        let mut kept = self.histograms.take();
        self.histograms.gather(rows);
        for feature in 0..self.columns.n_features() {
            let bins = self.histograms.count(&self.columns, feature, rows);
            search.look(feature, bins);
            self.histograms.store(feature, kept.as_deref_mut());
        }
        self.keep(at, search.best(), kept);
    }

    /// Finds the best splits of two children, `left` and the next: the smaller is counted, the
    /// larger is what remains of their parent's histogram.
    fn search_pair(&mut self, scale: &Scale, mut remains: Vec<Sums>, left: usize) {
        let right = left + 1;
        let left_is_smaller = self.nodes[left].len() < self.nodes[right].len();
        let (smaller, larger) = if left_is_smaller { (left, right) } else { (right, left) };
        let [smaller_may, larger_may] = [smaller, larger].map(|at| self.may_split(scale, at));
        if !(smaller_may || larger_may) {
            return self.histograms.give_back(Some(remains));
        }
        let [mut small_search, mut large_search] =
            [smaller, larger].map(|at| Search::new(scale, &self.params, self.nodes[at].sums));
        let mut kept = if smaller_may { self.histograms.take() } else { None };
        let rows = &self.rows[self.nodes[smaller].start..self.nodes[smaller].end];
        self.histograms.gather(rows);
        for feature in 0..self.columns.n_features() {
            let bins = self.histograms.count(&self.columns, feature, rows);
            if smaller_may {
                small_search.look(feature, bins);
            }
            if larger_may {
                large_search.look(feature, self.histograms.subtract_from(feature, &mut remains));
            }
            self.histograms.store(feature, kept.as_deref_mut());
        }
        self.keep(smaller, small_search.best(), kept);
        self.keep(larger, large_search.best(), Some(remains));
    }

    /// Notes what a search found; a node without a split gives its histogram back.
    fn keep(&mut self, at: usize, best: Option<Split>, histogram: Option<Vec<Sums>>) {
        let node = &mut self.nodes[at];
        node.best = best;
        if best.is_some() {
            node.histogram = histogram;
        } else {
            self.histograms.give_back(histogram);
        }
    }

    /// The tree that was grown, in pre-order, each leaf shown to `on_leaf`; `None` if there was
    /// nothing to split.
    pub(super) fn harvest(&mut self, on_leaf: &mut dyn FnMut(LeafRows<'_>)) -> Option<Tree> {
        let scale = self.scale;
        for node in &mut self.nodes {
            self.histograms.give_back(node.histogram.take());
        }
        self.nodes.first()?.made?;
        let mut tree = TreeBuilder::default();
        let mut pending = vec![0];
        while let Some(at) = pending.pop() {
            let node = &self.nodes[at];
            if let Some(Made { feature, bin, left }) = node.made {
                tree.split(feature as u32, self.columns.threshold(feature, bin));
                // The left side is next: nodes come out in pre-order.
                pending.extend([left + 1, left]);
            } else {
                let hessian =
                    scale.hessian(node.sums) + scale.hessian_units(self.params.l2_regularization);
                let step = -scale.step(node.sums.gradient() / hessian);
                let value = (step * self.params.learning_rate) as f32;
                tree.leaf(value);
                on_leaf(LeafRows { rows: &self.rows[node.start..node.end], value });
            }
        }
        tree.finish()
    }
}

impl Growing {
    fn new(start: usize, end: usize, depth: u32, sums: Sums) -> Self {
        Self { start, end, depth, sums, best: None, histogram: None, made: None }
    }

    fn len(&self) -> usize {
        self.end - self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TrainingRows;
    use crate::rng::SplitMix64;

    fn tree(room: usize) -> (Option<Tree>, Vec<f64>) {
        let mut rng = SplitMix64::new(7);
        let values: Vec<f64> = (0..4000).map(|_| rng.unit()).collect();
        let derivatives: Vec<(f64, f64)> =
            (0..1000).map(|_| (rng.unit() - 0.5, rng.unit())).collect();
        let labels = vec![0; 1000];
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes: 1 };
        let mut columns = BinnedColumns::of_rows(1000);
        (0..4).for_each(|_| columns.add(rows, 255).unwrap());
        let mut grower = Grower::new(columns, GradientBoostingParams::default());
        grower.histograms = Histograms::new(&grower.columns, room);
        let (mut gains, mut n_leaf_rows) = (vec![0.0; 4], 0);
        grower.begin(&derivatives, &mut Budget::unlimited());
        while !grower.grow(&mut gains, &mut Budget::new(1)) {}
        let tree = grower.harvest(&mut |leaf| n_leaf_rows += leaf.rows.len());
        assert_eq!(n_leaf_rows, 1000);
        (tree, gains)
    }

    #[test]
    fn counting_afresh_gives_the_same_tree_as_subtracting() {
        let subtracted = tree(HISTOGRAM_BYTES);
        assert_eq!(subtracted.0.as_ref().map(|tree| tree.nodes().len()), Some(61));
        assert_eq!(tree(0), subtracted);
        assert_eq!(tree(60_000), subtracted);
    }
}
