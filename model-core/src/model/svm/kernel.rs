//! The RBF kernel: one value for prediction, cached rows for training.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::model::TrainingRows;

/// `exp(-gamma · ‖a − b‖²)`.
#[inline]
pub(super) fn rbf(gamma: f64, a: &[f64], b: &[f64]) -> f64 {
    let distance = a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
    libm::exp(-gamma * distance)
}

/// Memory that cached rows may take.
const CACHE_BYTES: usize = 100 * 1024 * 1024;

/// Rows of the matrix `Q[i][j] = sign_i · sign_j · K(x_i, x_j)` of one pair of classes, computed
/// on demand; the least recently used go when [`CACHE_BYTES`] are full.
///
/// Rows are kept in single precision, as libsvm keeps them: half the memory, and the solver's
/// tolerance is far above its rounding.
pub(super) struct PairKernel<'a> {
    rows: TrainingRows<'a>,
    pair: &'a [usize],
    signs: &'a [f64],
    gamma: f64,
    squares: Vec<f64>,
    cache: BTreeMap<usize, (u64, Rc<[f32]>)>,
    /// Cached rows by last use; the first is the one to go.
    uses: BTreeMap<u64, usize>,
    clock: u64,
    capacity: usize,
}

impl<'a> PairKernel<'a> {
    pub(super) fn new(
        rows: TrainingRows<'a>,
        pair: &'a [usize],
        signs: &'a [f64],
        gamma: f64,
    ) -> Self {
        let square = |&row: &usize| rows.row(row).iter().fold(0.0, |sum, x| sum + x * x);
        let squares = pair.iter().map(square).collect();
        let capacity = (CACHE_BYTES / (4 * pair.len().max(1))).max(2);
        let (cache, uses) = (BTreeMap::new(), BTreeMap::new());
        Self { rows, pair, signs, gamma, squares, cache, uses, clock: 0, capacity }
    }

    pub(super) fn len(&self) -> usize {
        self.pair.len()
    }

    /// Row `i` of Q.
    pub(super) fn row(&mut self, i: usize) -> Rc<[f32]> {
        self.clock += 1;
        let clock = self.clock;
        if let Some((used, row)) = self.cache.get_mut(&i) {
            self.uses.remove(used);
            *used = clock;
            let row = Rc::clone(row);
            self.uses.insert(clock, i);
            return row;
        }
        if self.cache.len() >= self.capacity
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            self.cache.remove(&oldest);
        }
        let row = self.compute(i);
        self.cache.insert(i, (clock, Rc::clone(&row)));
        self.uses.insert(clock, i);
        row
    }

    fn compute(&self, i: usize) -> Rc<[f32]> {
        let x = self.rows.row(self.pair[i]);
        let value = |(j, &row): (usize, &usize)| {
            let dot = x.iter().zip(self.rows.row(row)).fold(0.0, |sum, (a, b)| sum + a * b);
            let distance = self.squares[i] + self.squares[j] - 2.0 * dot;
            (self.signs[i] * self.signs[j] * libm::exp(-self.gamma * distance)) as f32
        };
        self.pair.iter().enumerate().map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_same_from_cache_and_after_eviction() {
        let values: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7)).collect();
        let rows = TrainingRows { values: &values, labels: &[0; 6], n_features: 2, n_classes: 1 };
        let (pair, signs) = ([0, 1, 2, 3, 4, 5], [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]);
        let mut kernel = PairKernel::new(rows, &pair, &signs, 0.5);
        kernel.capacity = 2;
        let fresh: Vec<_> = (0..6).map(|i| kernel.row(i)).collect();
        assert_eq!(kernel.cache.len(), 2);
        for i in [5, 0, 3, 5, 1] {
            assert_eq!(kernel.row(i), fresh[i]);
        }
        assert_eq!((kernel.cache.len(), kernel.uses.len()), (2, 2));
        assert!((f64::from(fresh[0][1]) - rbf(0.5, rows.row(0), rows.row(1))).abs() < 1e-6);
    }
}
