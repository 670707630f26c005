//! Rows laid out for vector instructions: blocks of [`LANES`] rows, each block feature by feature.
//!
//! The lanes are rows, so each row's sum still runs over its features in their order, and its
//! bits do not depend on how many rows are worked on at once.

use super::exp::LANES;

/// Rows in blocks; the last block is filled up with zeros.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Blocks {
    n_features: usize,
    n_rows: usize,
    values: Vec<f64>,
}

impl Blocks {
    pub(super) fn new<'a>(rows: impl Iterator<Item = &'a [f64]>, n_features: usize) -> Self {
        let mut blocks = Self::with_capacity(0, n_features);
        rows.for_each(|row| blocks.push(row));
        blocks
    }

    /// Without rows, and with room for as many.
    pub(super) fn with_capacity(n_rows: usize, n_features: usize) -> Self {
        let room = n_rows.next_multiple_of(LANES) * n_features;
        Self { n_features, n_rows: 0, values: Vec::with_capacity(room) }
    }

    pub(super) fn push(&mut self, row: &[f64]) {
        let lane = self.n_rows % LANES;
        if lane == 0 {
            self.values.resize(self.values.len() + LANES * self.n_features, 0.0);
        }
        let block = self.values.len() - LANES * self.n_features;
        for (feature, &value) in row.iter().enumerate() {
            self.values[block + feature * LANES + lane] = value;
        }
        self.n_rows += 1;
    }

    /// The blocks, in the order of the rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(LANES * self.n_features)
    }
}

/// `Σ a·b` of each row of a block with `row`.
#[inline]
pub(super) fn dots(block: &[f64], row: &[f64]) -> [f64; LANES] {
    sums(block, row, |a, b| a * b)
}

/// `‖a − b‖²` of each row of a block with `row`.
#[inline]
pub(super) fn squared_distances(block: &[f64], row: &[f64]) -> [f64; LANES] {
    sums(block, row, |a, b| (a - b) * (a - b))
}

#[inline]
fn sums(block: &[f64], row: &[f64], term: impl Fn(f64, f64) -> f64) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (lanes, &b) in block.as_chunks::<LANES>().0.iter().zip(row) {
        for (sum, &a) in sums.iter_mut().zip(lanes) {
            *sum += term(a, b);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_rows_one_by_one() {
        let rows: Vec<Vec<f64>> =
            (0..11).map(|i| (0..3).map(|j| libm::sqrt(f64::from(3 * i + j))).collect()).collect();
        let blocks = Blocks::new(rows.iter().map(Vec::as_slice), 3);
        assert_eq!(blocks.iter().count(), 2);
        let x = [0.3, -1.7, 2.9];
        let dots: Vec<f64> = blocks.iter().flat_map(|block| dots(block, &x)).collect();
        let squares: Vec<f64> =
            blocks.iter().flat_map(|block| squared_distances(block, &x)).collect();
        for (at, row) in rows.iter().enumerate() {
            let dot = row.iter().zip(&x).fold(0.0, |sum, (a, b)| sum + a * b);
            let square = row.iter().zip(&x).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
            assert_eq!((dots[at], squares[at]), (dot, square));
        }
        assert_eq!(dots.len(), 16);
    }
}
