//! Finding the k nearest rows: the first k by (squared distance, row index), always.
//!
//! smartcore's own `KNNClassifier` is not used. Its linear search keeps whichever of several
//! equally distant rows its heap happened to hold, and boxes two iterators a row: on 10,000 rows
//! of 4 columns a query takes 406 us, where a scan of a flat slice takes 14. Its cover tree cuts
//! ties in the order of its nodes, which hangs on `ln` and `powf` of the platform, and its bounds
//! are exact only up to rounding.
//!
//! So the tree only proposes: its k-th distance, widened by more than all that can be lost to
//! rounding, is the radius of a second query, and what lies within is ordered here by distances
//! computed in one way. Whatever the shape of the tree, the answer is that of the scan.
//!
//! Source: Beygelzimer, Kakade & Langford, "Cover trees for nearest neighbor", ICML 2006.

use std::sync::Arc;

use smartcore::algorithm::neighbour::cover_tree::CoverTree;
use smartcore::metrics::distance::Distance;

use crate::model::MAX_PARAMETER;
use crate::order::{nth_key, sort_by};

/// A training row and how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// Index of the training row.
    pub row: u32,
    /// Square of the Euclidean distance on standardised columns.
    pub squared_distance: f64,
}

impl Neighbor {
    const NONE: Self = Self { row: u32::MAX, squared_distance: f64::INFINITY };

    fn is_before(&self, other: &Self) -> bool {
        self.squared_distance < other.squared_distance
            || (self.squared_distance == other.squared_distance && self.row < other.row)
    }
}

/// Neighbours that are kept sorted on the stack; more are picked out of a list of all distances.
const ON_STACK: usize = 32;

/// From how many rows the tree is clearly faster than the scan, by number of features, measured
/// with k = 5 on five normal clusters (40,000 rows: 6 us against 56 with one feature, 62 against 64
/// with four). With more features it does not pay for being built.
const TREE_ROWS: [usize; 4] = [4_000, 8_000, 16_000, 40_000];

/// How rows are found.
#[derive(Debug, Clone)]
pub(super) enum Search {
    /// By looking at each.
    Scan,
    /// By smartcore's cover tree.
    Tree(Arc<Tree>),
}

/// A search is made from the rows, which are compared beside it.
impl PartialEq for Search {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Search {
    /// The faster way for these rows and k.
    pub(super) fn new(values: &[f64], n_features: usize, k: usize) -> Self {
        let least = TREE_ROWS.get(n_features.wrapping_sub(1)).copied().unwrap_or(usize::MAX);
        if values.len() / n_features.max(1) < least || k > ON_STACK {
            return Self::Scan;
        }
        Tree::new(values, n_features).map_or(Self::Scan, |tree| Self::Tree(Arc::new(tree)))
    }

    /// Hands the `k` rows of `values` that are nearest to `query` to `work`, nearest first.
    pub(super) fn with_nearest<R>(
        &self,
        values: &[f64],
        n_features: usize,
        query: &[f64],
        k: u32,
        work: impl FnOnce(&[Neighbor]) -> R,
    ) -> R {
        let k = k as usize;
        let mut stack = [Neighbor::NONE; ON_STACK];
        let Some(places) = stack.get_mut(..k) else {
            return work(&select(values, n_features, query, k));
        };
        let mut nearest = Nearest { places, len: 0 };
        let candidates = match self {
            Self::Tree(tree) => tree.candidates(query, k),
            Self::Scan => None,
        };
        match candidates {
            Some(of_tree) => {
                let rows = of_tree.iter().filter_map(|&row| {
                    let start = row as usize * n_features;
                    Some((row, values.get(start..start + n_features)?))
                });
                nearest.offer_all(rows, query);
            }
            None => nearest.offer_all((0..).zip(values.chunks_exact(n_features)), query),
        }
        work(nearest.found())
    }
}

/// Sum of squared differences, from the first column to the last.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
}

/// The nearest rows so far, sorted.
struct Nearest<'a> {
    places: &'a mut [Neighbor],
    len: usize,
}

impl Nearest<'_> {
    fn found(&self) -> &[Neighbor] {
        self.places.get(..self.len).unwrap_or_default()
    }

    /// What lies farther need not be offered.
    fn bound(&self) -> f64 {
        self.places.last().map_or(f64::INFINITY, |last| last.squared_distance)
    }

    fn offer(&mut self, new: Neighbor) {
        let is_full = self.len == self.places.len();
        if is_full && !self.places.last().is_some_and(|last| new.is_before(last)) {
            return;
        }
        let at = self.found().iter().take_while(|other| !new.is_before(other)).count();
        if let Some(tail) = self.places.get_mut(at..) {
            tail.rotate_right(1);
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = new;
        }
        self.len = (self.len + 1).min(self.places.len());
    }

    /// Offers these rows, of which each has its values.
    #[inline]
    fn offer_all<'v>(&mut self, rows: impl Iterator<Item = (u32, &'v [f64])>, query: &[f64]) {
        let mut bound = self.bound();
        for (row, values) in rows {
            let squared_distance = squared_distance(values, query);
            if squared_distance > bound {
                continue;
            }
            self.offer(Neighbor { row, squared_distance });
            bound = self.bound();
        }
    }
}

/// As the scan, for many neighbours: all distances, cut at the k-th.
fn select(values: &[f64], n_features: usize, query: &[f64], k: usize) -> Vec<Neighbor> {
    let rows = values.chunks_exact(n_features);
    let distances: Vec<f64> = rows.map(|values| squared_distance(values, query)).collect();
    // No square is below zero: the bits are in the order of the numbers.
    let mut keys: Vec<u64> = distances.iter().map(|distance| distance.to_bits()).collect();
    let farthest = if k < keys.len() { nth_key(&mut keys, k) } else { u64::MAX };
    let within = |row: &usize| distances[*row].to_bits() <= farthest;
    let mut nearest: Vec<usize> = (0..distances.len()).filter(within).collect();
    sort_by(&mut nearest, &mut |a, b| distances[a].total_cmp(&distances[b]));
    nearest.truncate(k);
    let neighbor = |row: usize| Neighbor { row: row as u32, squared_distance: distances[row] };
    nearest.into_iter().map(neighbor).collect()
}

/// smartcore's cover tree of the rows.
#[derive(Debug)]
pub(super) struct Tree {
    tree: CoverTree<Vec<f64>, Coarse>,
    /// Distance of the row farthest from row 0: no two rows are more than twice this apart.
    radius: f64,
}

/// Euclidean distance, 0 if below `floor`.
///
/// A level of the tree spans distances within a factor of 1.3, and building it recurses. With the
/// floor that is some hundred levels; without it thousands, if rows crowd towards one point, and
/// wasm's stack is small.
#[derive(Debug, Clone)]
struct Coarse {
    floor: f64,
}

impl Distance<Vec<f64>> for Coarse {
    fn distance(&self, a: &Vec<f64>, b: &Vec<f64>) -> f64 {
        let distance = squared_distance(a, b).sqrt();
        if distance < self.floor { 0.0 } else { distance }
    }
}

/// The floor against the radius of the rows.
const FLOOR: f64 = 1e-13;
/// What the second query's radius is widened by, against the lengths that met in the first. Each
/// of the three distances in a triangle may be off by a floor, and the k-th by one more; rounding
/// is below 1e-15 of each with so few features.
const SLACK: f64 = 1e-12;

impl Tree {
    fn new(values: &[f64], n_features: usize) -> Option<Self> {
        let rows: Vec<Vec<f64>> = values.chunks_exact(n_features).map(<[f64]>::to_vec).collect();
        let centre = rows.first()?;
        let farthest = rows.iter().map(|row| squared_distance(centre, row)).fold(0.0, f64::max);
        let radius = farthest.sqrt();
        // Rows all in one place have no levels to sort them by.
        if radius == 0.0 {
            return None;
        }
        let tree = CoverTree::new(rows, Coarse { floor: FLOOR * radius }).ok()?;
        Some(Self { tree, radius })
    }

    /// Rows among which are the `k` nearest; none if the tree cannot tell.
    fn candidates(&self, query: &[f64], k: usize) -> Option<Vec<u32>> {
        // smartcore panics where distances do not compare.
        if !query.iter().all(|value| value.abs() <= MAX_PARAMETER) {
            return None;
        }
        let query = query.to_vec();
        let found = self.tree.find(&query, k).ok()?;
        if found.len() < k {
            return None;
        }
        let farthest = found.iter().map(|(_, distance, _)| *distance).fold(0.0, f64::max);
        let radius = farthest + SLACK * (farthest + self.radius);
        let within = self.tree.find_radius(&query, radius).ok()?;
        (within.len() >= k).then(|| within.iter().map(|(row, ..)| *row as u32).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, SplitMix64};

    fn nearest(search: &Search, values: &[f64], p: usize, query: &[f64], k: u32) -> Vec<Neighbor> {
        search.with_nearest(values, p, query, k, <[Neighbor]>::to_vec)
    }

    /// The tree, the scan and the list of all distances on rows drawn by `draw`.
    fn check_agreement(p: usize, n: usize, draw: impl Fn(&mut SplitMix64) -> f64) {
        let mut rng = SplitMix64::for_purpose(p as u64, Purpose::Synthetic);
        let values: Vec<f64> = (0..n * p).map(|_| draw(&mut rng)).collect();
        let tree = Search::Tree(Arc::new(Tree::new(&values, p).unwrap()));
        for round in 0..200 {
            let query: Vec<f64> = match round % 2 {
                0 => (0..p).map(|_| draw(&mut rng)).collect(),
                _ => values[round * p..][..p].to_vec(),
            };
            for k in [1, 5, 30] {
                let expected = select(&values, p, &query, k);
                let k = k as u32;
                assert_eq!(nearest(&Search::Scan, &values, p, &query, k), expected);
                assert_eq!(nearest(&tree, &values, p, &query, k), expected);
            }
        }
    }

    #[test]
    fn tree_and_scan_find_the_same_rows_on_grids_full_of_ties() {
        for p in 1..=4 {
            check_agreement(p, 1500, |rng| f64::from(rng.below(7)) / 10.0);
        }
    }

    #[test]
    fn tree_and_scan_find_the_same_rows_without_ties() {
        for p in 1..=4 {
            check_agreement(p, 1500, |rng| rng.unit() * rng.unit() - 0.3);
        }
    }

    #[test]
    fn rows_that_crowd_towards_a_point_neither_recurse_for_long_nor_get_lost() {
        let scales = |rng: &mut SplitMix64| libm::pow(0.5, 500.0 * rng.unit());
        for p in 1..=2 {
            check_agreement(p, 2000, scales);
        }
    }

    #[test]
    fn rows_in_one_place_are_scanned() {
        assert!(Tree::new(&[1.5; 20], 2).is_none());
    }

    #[test]
    fn values_beyond_numbers_take_the_first_rows() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let tree = Search::Tree(Arc::new(Tree::new(&values, 1).unwrap()));
        for query in [f64::NAN, f64::INFINITY] {
            for search in [&tree, &Search::Scan] {
                let found = nearest(search, &values, 1, &[query], 3);
                assert_eq!(found.iter().map(|n| n.row).collect::<Vec<_>>(), [0, 1, 2]);
            }
        }
    }

    #[test]
    fn large_sets_of_few_columns_get_a_tree() {
        let values: Vec<f64> = (0..20_000).map(|i| f64::from(i % 701)).collect();
        assert!(matches!(Search::new(&values, 1, 5), Search::Tree(_)));
        assert!(matches!(Search::new(&values, 1, 100), Search::Scan));
        assert!(matches!(Search::new(&values, 5, 5), Search::Scan));
        assert!(matches!(Search::new(&values[..100], 1, 5), Search::Scan));
    }
}
