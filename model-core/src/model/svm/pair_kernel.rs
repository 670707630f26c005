//! The kernel matrix of one pair of classes, row by row as the solver asks.

use super::blocks::{Blocks, dots};
use super::cache::RowCache;
use super::exp::{LANES, exp};
use super::kernel::MachineKernel;
use crate::model::TrainingRows;

/// `K(x_i, x_j)` over the rows of a pair.
pub(super) struct PairKernel<'a> {
    kernel: MachineKernel,
    rows: TrainingRows<'a>,
    pair: &'a [usize],
    blocks: Blocks,
    /// `‖x‖²` of each row, in whole blocks.
    squares: Vec<f64>,
    diagonal: Vec<f64>,
    cache: RowCache,
}

impl<'a> PairKernel<'a> {
    /// Over the rows `pair` of `rows`.
    pub(super) fn new(kernel: MachineKernel, rows: TrainingRows<'a>, pair: &'a [usize]) -> Self {
        let blocks = Blocks::new(pair.iter().map(|&row| rows.row(row)), rows.n_features);
        let width = pair.len().next_multiple_of(LANES);
        let square = |&row: &usize| rows.row(row).iter().fold(0.0, |sum, x| sum + x * x);
        let mut squares: Vec<f64> = pair.iter().map(square).collect();
        let diagonal = match kernel {
            MachineKernel::Rbf { .. } => vec![1.0; pair.len()],
            _ => squares.iter().map(|&square| kernel.of_dots([square; LANES])[0]).collect(),
        };
        squares.resize(width, 0.0);
        let cache = RowCache::new(pair.len(), width);
        Self { kernel, rows, pair, blocks, squares, diagonal, cache }
    }

    pub(super) fn len(&self) -> usize {
        self.pair.len()
    }

    /// `K(x_i, x_i)` of each row, in double precision.
    pub(super) fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// Row `i`, in single precision; it was one of the last two loaded.
    pub(super) fn row(&self, i: usize) -> &[f32] {
        &self.cache.get(i)[..self.pair.len()]
    }

    /// Makes row `i` ready to be read.
    pub(super) fn load(&mut self, i: usize) {
        let Self { kernel, rows, pair, blocks, squares, cache, .. } = self;
        cache.load(i, |out| {
            let x = rows.row(pair[i]);
            let blocks = blocks.iter().zip(squares.as_chunks().0).zip(out.as_chunks_mut().0);
            match *kernel {
                MachineKernel::Rbf { gamma } => {
                    let square = squares[i];
                    for ((block, squares), out) in blocks {
                        *out = rbf(gamma, square, squares, dots(block, x));
                    }
                }
                kernel => {
                    for ((block, _), out) in blocks {
                        *out = kernel.of_dots(dots(block, x)).map(|value| value as f32);
                    }
                }
            }
        });
    }
}

/// The RBF kernel of a row whose square is `square` with rows whose squares are `squares`, by
/// `‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b`.
#[inline]
fn rbf(gamma: f64, square: f64, squares: &[f64; LANES], dots: [f64; LANES]) -> [f32; LANES] {
    let mut exponents = dots;
    for (exponent, other) in exponents.iter_mut().zip(squares) {
        *exponent = -gamma * (square + other - 2.0 * *exponent);
    }
    exp(exponents).map(|value| value as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_kernels_values() {
        let values: Vec<f64> = (0..22).map(|i| f64::from(i * i % 7) / 4.0).collect();
        let rows = TrainingRows { values: &values, labels: &[0; 11], n_features: 2, n_classes: 1 };
        let pair = [7, 0, 3, 10, 1, 9, 2, 5, 4];
        for kernel in [
            MachineKernel::Rbf { gamma: 0.5 },
            MachineKernel::Linear,
            MachineKernel::Poly { gamma: 0.5, degree: 2, coef0: 1.0 },
        ] {
            let mut matrix = PairKernel::new(kernel, rows, &pair);
            for i in 0..pair.len() {
                let block = Blocks::new(std::iter::once(rows.row(pair[i])), 2);
                matrix.load(i);
                let want =
                    |j: usize| kernel.values(block.iter().next().unwrap(), rows.row(pair[j]))[0];
                assert_eq!(matrix.row(i).len(), 9);
                for j in 0..pair.len() {
                    assert!((f64::from(matrix.row(i)[j]) - want(j)).abs() < 1e-6);
                }
                assert!((matrix.diagonal()[i] - want(i)).abs() < 1e-12);
            }
        }
    }
}
