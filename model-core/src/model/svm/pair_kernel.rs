//! The kernel matrix of one pair of classes, row by row as the solver asks.

use super::blocks::{Blocks, dots};
use super::cache::RowCache;
use super::exp::{LANES, exp};
use super::kernel::MachineKernel;
use crate::budget::Budget;
use crate::model::TrainingRows;

/// `K(x_i, x_j)` over the rows of a pair.
///
/// It holds no row but in its own layout: who reads a row of the matrix hands over the rows that it
/// began with.
#[derive(Debug)]
pub(super) struct PairKernel {
    kernel: MachineKernel,
    pair: Vec<usize>,
    blocks: Blocks,
    /// `‖x‖²` of each row, in whole blocks once all are laid out.
    squares: Vec<f64>,
    diagonal: Vec<f64>,
    cache: RowCache,
}

impl PairKernel {
    /// Over the rows `pair` of rows of `n_features`, which are still to be laid out.
    pub(super) fn new(kernel: MachineKernel, n_features: usize, pair: Vec<usize>) -> Self {
        Self {
            kernel,
            blocks: Blocks::with_capacity(pair.len(), n_features),
            squares: Vec::with_capacity(pair.len().next_multiple_of(LANES)),
            diagonal: Vec::with_capacity(pair.len()),
            cache: RowCache::new(pair.len(), pair.len().next_multiple_of(LANES)),
            pair,
        }
    }

    /// Lays rows out until all are or the budget is spent; returns whether all are.
    pub(super) fn lay_out(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) -> bool {
        while let Some(&row) = self.pair.get(self.diagonal.len()) {
            if budget.is_spent() {
                return false;
            }
            let values = rows.row(row);
            self.blocks.push(values);
            let square = values.iter().fold(0.0, |sum, x| sum + x * x);
            self.squares.push(square);
            self.diagonal.push(match self.kernel {
                MachineKernel::Rbf { .. } => 1.0,
                _ => self.kernel.of_dots([square; LANES])[0],
            });
            budget.spend(values.len(), UNITS_A_VALUE);
        }
        self.squares.resize(self.pair.len().next_multiple_of(LANES), 0.0);
        true
    }

    pub(super) fn len(&self) -> usize {
        self.pair.len()
    }

    /// The pair's rows, by their index among all.
    pub(super) fn into_pair(self) -> Vec<usize> {
        self.pair
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
    pub(super) fn load(&mut self, rows: TrainingRows<'_>, i: usize, budget: &mut Budget) {
        let Self { kernel, pair, blocks, squares, cache, .. } = self;
        cache.load(i, |out| {
            budget.spend(pair.len(), UNITS_A_KERNEL + rows.n_features as u64 / 2);
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

/// To lay a value out in blocks.
const UNITS_A_VALUE: u64 = 4;
/// A kernel value beyond its dot product, of which two products are a unit.
const UNITS_A_KERNEL: u64 = 5;

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
            let mut matrix = PairKernel::new(kernel, 2, pair.to_vec());
            while !matrix.lay_out(rows, &mut Budget::new(1)) {}
            for i in 0..pair.len() {
                let block = Blocks::new(std::iter::once(rows.row(pair[i])), 2);
                matrix.load(rows, i, &mut Budget::unlimited());
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
