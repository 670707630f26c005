//! From probabilities of pairs to probabilities of classes.
//!
//! Source: Wu, Lin & Weng, "Probability estimates for multi-class classification by pairwise
//! coupling", JMLR 5 (2004), the second approach: minimise `Σ_{i≠j} (r_ji p_i − r_ij p_j)²` with
//! `Σp = 1`. libsvm iterates; the minimum solves a small linear system, which is solved here.

use super::pairs;
use crate::buffer::with_zeros;

/// Writes into `out` the class probabilities that fit `pairwise` best; `pairwise[index]` is the
/// probability of the pair's first class, in the order of [`pairs`].
pub(super) fn couple(pairwise: &[f64], out: &mut [f64]) {
    let k = out.len();
    if let ([first], [a, b]) = (pairwise, &mut *out) {
        (*a, *b) = (*first, 1.0 - first);
        return;
    }
    with_zeros(k * k, |matrix| {
        // Q + eeᵀ: on Σp = 1 the added part is constant, and unlike Q it is positive definite
        // even where the pairs agree perfectly.
        matrix.fill(1.0);
        for (&r, (i, j)) in pairwise.iter().zip(pairs(k)) {
            let s = 1.0 - r;
            matrix[i * k + i] += s * s;
            matrix[j * k + j] += r * r;
            matrix[i * k + j] -= r * s;
            matrix[j * k + i] -= r * s;
        }
        out.fill(1.0);
        solve(matrix, out);
    });
    // Rounding may leave a vanishing probability slightly negative.
    out.iter_mut().for_each(|p| *p = p.max(0.0));
    let sum: f64 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= sum);
}

/// Solves `matrix · x = x_in` in place by elimination; `matrix` is symmetric positive definite,
/// k x k, and so needs no pivoting.
fn solve(matrix: &mut [f64], x: &mut [f64]) {
    let k = x.len();
    for pivot in 0..k {
        for row in pivot + 1..k {
            let ratio = matrix[row * k + pivot] / matrix[pivot * k + pivot];
            for column in pivot + 1..k {
                matrix[row * k + column] -= ratio * matrix[pivot * k + column];
            }
            x[row] -= ratio * x[pivot];
        }
    }
    for row in (0..k).rev() {
        let known: f64 = (row + 1..k).map(|column| matrix[row * k + column] * x[column]).sum();
        x[row] = (x[row] - known) / matrix[row * k + row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    fn coupled(pairwise: &[f64], k: usize) -> Vec<f64> {
        let mut out = vec![0.0; k];
        couple(pairwise, &mut out);
        out
    }

    #[test]
    fn pairs_that_agree_give_their_probabilities_back() {
        let truth = [0.5, 0.3, 0.15, 0.05];
        let pairwise: Vec<f64> = pairs(4).map(|(i, j)| truth[i] / (truth[i] + truth[j])).collect();
        for (got, want) in coupled(&pairwise, 4).iter().zip(truth) {
            assert!((got - want).abs() < 1e-14, "{got} {want}");
        }
    }

    #[test]
    fn the_answer_minimises_the_objective() {
        let mut rng = SplitMix64::new(5);
        for _ in 0..200 {
            let pairwise: Vec<f64> = (0..6).map(|_| 0.01 + 0.98 * rng.unit()).collect();
            let loss = |p: &[f64]| -> f64 {
                let one = |(r, (i, j)): (&f64, (usize, usize))| {
                    let gap = (1.0 - r) * p[i] - r * p[j];
                    gap * gap
                };
                pairwise.iter().zip(pairs(4)).map(one).sum()
            };
            let best = coupled(&pairwise, 4);
            assert!((best.iter().sum::<f64>() - 1.0).abs() < 1e-15);
            for (i, j) in pairs(4) {
                for shift in [-1e-4, 1e-4] {
                    let mut other = best.clone();
                    other[i] += shift;
                    other[j] -= shift;
                    assert!(loss(&other) >= loss(&best), "{best:?}");
                }
            }
        }
    }

    #[test]
    fn certain_pairs_and_contradictions_stay_probabilities() {
        for pairwise in [[1e-7, 1e-7, 1e-7], [1.0 - 1e-7, 1e-7, 1.0 - 1e-7], [0.5; 3]] {
            let p = coupled(&pairwise, 3);
            assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{p:?}");
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        }
    }
}
