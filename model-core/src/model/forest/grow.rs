//! Growing one tree: exact CART splits on columns that were sorted once for the whole forest.
//!
//! A node is a range of every column's sorted row list. A split partitions those lists stably, so
//! that they stay sorted and nothing is sorted again: O(`n_features` · rows) a level.

use super::tree::{TreeBuilder, leaf_fractions};
use super::{RandomForestParams, Tree};
use crate::model::{FitError, TrainingRows};
use crate::rng::SplitMix64;

/// Training columns in single precision, and their rows in ascending order of value.
pub(super) struct SortedColumns<'a> {
    columns: Vec<Vec<f32>>,
    orders: Vec<Vec<u32>>,
    labels: &'a [u32],
    n_classes: usize,
}

impl<'a> SortedColumns<'a> {
    /// # Errors
    /// [`FitError::TooLarge`] for a value that single precision cannot hold.
    pub(super) fn new(rows: TrainingRows<'a>) -> Result<Self, FitError> {
        let (mut columns, mut orders) = (Vec::new(), Vec::new());
        for feature in 0..rows.n_features {
            let column: Vec<f32> = rows
                .values
                .iter()
                .skip(feature)
                .step_by(rows.n_features)
                .map(|&v| v as f32)
                .collect();
            if column.iter().any(|value| !value.is_finite()) {
                return Err(FitError::TooLarge { feature });
            }
            let mut order: Vec<u32> = (0..column.len() as u32).collect();
            order.sort_by(|&a, &b| column[a as usize].total_cmp(&column[b as usize]));
            columns.push(column);
            orders.push(order);
        }
        Ok(Self { columns, orders, labels: rows.labels, n_classes: rows.n_classes })
    }

    pub(super) fn value(&self, feature: usize, row: usize) -> f32 {
        self.columns[feature][row]
    }
}

/// Where and how a node is split.
struct Best {
    feature: usize,
    /// First position of the right side, counted from the node's start.
    boundary: usize,
    threshold: f32,
    /// Sum over both sides of squared class counts over their total: the greater, the purer.
    score: f64,
}

/// A node still to be grown: a range of every column's row list.
struct Pending {
    start: usize,
    end: usize,
    depth: u32,
}

/// The tree of the rows drawn: `draws` counts how often each row is in the bootstrap sample.
pub(super) fn grow(
    data: &SortedColumns<'_>,
    draws: &[u32],
    params: &RandomForestParams,
    rng: &mut SplitMix64,
) -> Tree {
    let drawn = |order: &Vec<u32>| -> Vec<u32> {
        order.iter().copied().filter(|&row| draws[row as usize] > 0).collect()
    };
    let orders: Vec<Vec<u32>> = data.orders.iter().map(drawn).collect();
    let end = orders.first().map_or(0, Vec::len);
    let mut grower = Grower {
        data,
        draws,
        params,
        max_features: params.max_features.of(orders.len()),
        features: (0..orders.len()).collect(),
        orders,
        goes_left: vec![false; draws.len()],
        held_back: Vec::with_capacity(end),
        left: vec![0; data.n_classes],
    };
    let mut tree = TreeBuilder::new(data.n_classes);
    let mut pending = vec![Pending { start: 0, end, depth: 0 }];
    while let Some(Pending { start, end, depth }) = pending.pop() {
        let counts = grower.class_counts(start, end);
        match grower.best_split(start, end, depth, &counts, rng) {
            Some(best) => {
                grower.partition(start, end, &best);
                tree.split(best.feature as u32, best.threshold);
                let middle = start + best.boundary;
                // The left side is grown next: nodes come out in pre-order.
                pending.push(Pending { start: middle, end, depth: depth + 1 });
                pending.push(Pending { start, end: middle, depth: depth + 1 });
            }
            None => tree.leaf(&leaf_fractions(&counts)),
        }
    }
    #[expect(clippy::expect_used, reason = "each split above pushes both its children")]
    tree.finish().expect("every path ends in a leaf")
}

/// The working lists of one tree.
struct Grower<'a> {
    data: &'a SortedColumns<'a>,
    draws: &'a [u32],
    params: &'a RandomForestParams,
    max_features: usize,
    /// Drawn rows in each column's order; a node owns the same range in all of them.
    orders: Vec<Vec<u32>>,
    /// The features, in the order that the last node drew them.
    features: Vec<usize>,
    goes_left: Vec<bool>,
    held_back: Vec<u32>,
    left: Vec<u32>,
}

impl Grower<'_> {
    fn class_counts(&self, start: usize, end: usize) -> Vec<u32> {
        let mut counts = vec![0; self.data.n_classes];
        for &row in &self.orders[0][start..end] {
            counts[self.data.labels[row as usize] as usize] += self.draws[row as usize];
        }
        counts
    }

    /// The purest split of the features drawn, or `None` where the node is a leaf.
    ///
    /// Features are drawn until `max_features` were looked at and one of them was not constant.
    fn best_split(
        &mut self,
        start: usize,
        end: usize,
        depth: u32,
        counts: &[u32],
        rng: &mut SplitMix64,
    ) -> Option<Best> {
        let pure = counts.iter().filter(|&&count| count > 0).count() < 2;
        let too_deep = self.params.max_depth.is_some_and(|most| depth >= most);
        let total: u32 = counts.iter().sum();
        if pure || too_deep || total / 2 < self.params.min_samples_leaf {
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
            let order = &self.orders[feature][start..end];
            let value = |at: usize| self.data.columns[feature][order[at] as usize];
            if value(0) == value(order.len() - 1) {
                continue;
            }
            found_varying = true;
            let floor = best.as_ref().map_or(f64::NEG_INFINITY, |best| best.score);
            best = self.best_boundary(feature, start, end, counts, floor).or(best);
        }
        best
    }

    /// The purest boundary of one feature whose score is above `floor`; the first of equals.
    fn best_boundary(
        &mut self,
        feature: usize,
        start: usize,
        end: usize,
        counts: &[u32],
        floor: f64,
    ) -> Option<Best> {
        let order = &self.orders[feature][start..end];
        let column = &self.data.columns[feature];
        let total: u32 = counts.iter().sum();
        // Squared counts of both sides, kept up to date in integers: exact, hence the same
        // everywhere.
        let mut left_squares = 0_u64;
        let mut right_squares: u64 = counts.iter().map(|&c| u64::from(c) * u64::from(c)).sum();
        let mut n_left = 0;
        self.left.fill(0);
        let (mut best, mut best_score) = (None, floor);
        for (at, pair) in order.windows(2).enumerate() {
            let row = pair[0] as usize;
            let (class, weight) = (self.data.labels[row] as usize, self.draws[row]);
            let (in_left, in_right) = (self.left[class], counts[class] - self.left[class]);
            left_squares += u64::from(weight) * u64::from(2 * in_left + weight);
            right_squares -= u64::from(weight) * u64::from(2 * in_right - weight);
            self.left[class] += weight;
            n_left += weight;
            let (low, high) = (column[row], column[pair[1] as usize]);
            let n_right = total - n_left;
            if low == high || n_left.min(n_right) < self.params.min_samples_leaf {
                continue;
            }
            let score =
                left_squares as f64 / f64::from(n_left) + right_squares as f64 / f64::from(n_right);
            if score > best_score {
                best_score = score;
                let threshold = halfway(low, high);
                best = Some(Best { feature, boundary: at + 1, threshold, score });
            }
        }
        best
    }

    /// Brings the left side's rows to the front of the node's range in every column, both sides
    /// in their old order.
    fn partition(&mut self, start: usize, end: usize, best: &Best) {
        for (at, &row) in self.orders[best.feature][start..end].iter().enumerate() {
            self.goes_left[row as usize] = at < best.boundary;
        }
        for (feature, order) in self.orders.iter_mut().enumerate() {
            if feature == best.feature {
                continue;
            }
            let range = &mut order[start..end];
            self.held_back.clear();
            let mut kept = 0;
            for at in 0..range.len() {
                let row = range[at];
                if self.goes_left[row as usize] {
                    range[kept] = row;
                    kept += 1;
                } else {
                    self.held_back.push(row);
                }
            }
            range[kept..].copy_from_slice(&self.held_back);
        }
    }
}

/// The threshold between two neighbouring values: their midpoint, or the lower one if the midpoint
/// rounds to the upper, which would send both to the left.
pub(in crate::model) fn halfway(low: f32, high: f32) -> f32 {
    let middle = low / 2.0 + high / 2.0;
    if middle >= high { low } else { middle }
}

#[cfg(test)]
mod tests {
    use super::halfway;

    #[test]
    fn midpoint_never_reaches_the_upper_value() {
        assert_eq!(halfway(1.0, 2.0), 1.5);
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        assert_eq!(halfway(1.0, next), 1.0);
        assert_eq!(halfway(-3e38, 3e38), 0.0);
        assert!(halfway(2e38, 3e38).is_finite());
    }
}
