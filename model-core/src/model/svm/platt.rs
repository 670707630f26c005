//! Platt's sigmoid: from a decision value to a probability.
//!
//! Source: Lin, Lin & Weng, "A note on Platt's probabilistic outputs for support vector machines",
//! Machine Learning 68 (2007): Newton's method with backtracking on the regularised likelihood.

/// `p(first class | decision) = 1 / (1 + exp(slope · decision + offset))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sigmoid {
    /// Negative where greater decisions speak for the first class.
    pub slope: f64,
    /// Shift.
    pub offset: f64,
}

/// Newton steps at most; the paper's figure.
const MAX_STEPS: usize = 100;
/// Least step of the line search; the paper's figure.
const LEAST_STEP: f64 = 1e-10;
/// Keeps the Hessian positive definite; the paper's figure.
const RIDGE: f64 = 1e-12;
/// Slope and offset are settled when the gradient is below this. The paper stops at 1e-5; Newton
/// steps are cheap and the result is worth more digits.
const GRADIENT_TOLERANCE: f64 = 1e-9;
/// Pairwise probabilities keep this distance from 0 and 1, as in libsvm, so that coupling is
/// well posed.
pub(crate) const LEAST_PROBABILITY: f64 = 1e-7;

impl Sigmoid {
    /// Fits to decision values and whether each row is of the first class.
    ///
    /// Without rows the sigmoid is flat: one half.
    #[must_use]
    pub fn fit(decided: &[(f64, bool)]) -> Self {
        let n_first = decided.iter().filter(|(_, first)| *first).count() as f64;
        let n_second = decided.len() as f64 - n_first;
        // Targets short of 0 and 1, by Laplace's rule: no row proves certainty.
        let (high, low) = ((n_first + 1.0) / (n_first + 2.0), 1.0 / (n_second + 2.0));
        let target = |first: bool| if first { high } else { low };
        let loss = |sigmoid: Self| {
            decided.iter().fold(0.0, |sum, &(decision, first)| {
                let z = sigmoid.slope * decision + sigmoid.offset;
                let t = target(first);
                // Two forms of one term, neither of which overflows.
                sum + if z >= 0.0 {
                    t * z + libm::log1p(libm::exp(-z))
                } else {
                    (t - 1.0) * z + libm::log1p(libm::exp(z))
                }
            })
        };
        let mut sigmoid =
            Self { slope: 0.0, offset: libm::log((n_second + 1.0) / (n_first + 1.0)) };
        let mut value = loss(sigmoid);
        for _ in 0..MAX_STEPS {
            let Newton { gradient, direction, decrease } = sigmoid.newton(decided, target);
            if gradient[0].abs() < GRADIENT_TOLERANCE && gradient[1].abs() < GRADIENT_TOLERANCE {
                break;
            }
            let mut step = 1.0;
            let moved = loop {
                let slope = sigmoid.slope + step * direction[0];
                let offset = sigmoid.offset + step * direction[1];
                let next = Self { slope, offset };
                let next_value = loss(next);
                if next_value < value + 1e-4 * step * decrease {
                    break Some((next, next_value));
                }
                step /= 2.0;
                if step < LEAST_STEP {
                    break None;
                }
            };
            match moved {
                Some(next) => (sigmoid, value) = next,
                None => break,
            }
        }
        sigmoid
    }

    fn newton(self, decided: &[(f64, bool)], target: impl Fn(bool) -> f64) -> Newton {
        let (mut h11, mut h22, mut h21) = (RIDGE, RIDGE, 0.0);
        let (mut g1, mut g2) = (0.0, 0.0);
        for &(decision, first) in decided {
            let p = self.raw(decision);
            let weight = p * (1.0 - p);
            h11 += decision * decision * weight;
            h22 += weight;
            h21 += decision * weight;
            let error = target(first) - p;
            g1 += decision * error;
            g2 += error;
        }
        let determinant = h11 * h22 - h21 * h21;
        let d1 = -(h22 * g1 - h21 * g2) / determinant;
        let d2 = -(h11 * g2 - h21 * g1) / determinant;
        Newton { gradient: [g1, g2], direction: [d1, d2], decrease: g1 * d1 + g2 * d2 }
    }

    fn raw(self, decision: f64) -> f64 {
        let z = self.slope * decision + self.offset;
        if z >= 0.0 {
            let e = libm::exp(-z);
            e / (1.0 + e)
        } else {
            1.0 / (1.0 + libm::exp(z))
        }
    }

    /// The probability of the pair's first class, kept `1e-7` away from 0 and 1.
    #[must_use]
    pub fn probability(self, decision: f64) -> f64 {
        self.raw(decision).clamp(LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    }
}

struct Newton {
    gradient: [f64; 2],
    direction: [f64; 2],
    decrease: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greater_decisions_speak_for_the_first_class() {
        let decided: Vec<(f64, bool)> =
            (-10..=10).map(|i| (f64::from(i) / 5.0, i > -2 && i != 3)).collect();
        let sigmoid = Sigmoid::fit(&decided);
        assert!(sigmoid.slope < 0.0);
        assert!(sigmoid.probability(2.0) > 0.9 && sigmoid.probability(-2.0) < 0.1);
    }

    #[test]
    fn the_gradient_vanishes_at_the_fit() {
        let decided: Vec<(f64, bool)> =
            (0..40).map(|i| (f64::from(i % 9) - 4.0, i % 3 == 0 || i % 9 > 5)).collect();
        let sigmoid = Sigmoid::fit(&decided);
        let (first, second) =
            decided.iter().fold(
                (0.0, 0.0),
                |(a, b), (_, first)| {
                    if *first { (a + 1.0, b) } else { (a, b + 1.0) }
                },
            );
        let target = |is_first: bool| {
            if is_first { (first + 1.0) / (first + 2.0) } else { 1.0 / (second + 2.0) }
        };
        let gradient = sigmoid.newton(&decided, target).gradient;
        assert!(gradient.iter().all(|g| g.abs() < 1e-8), "{gradient:?}");
    }

    #[test]
    fn without_rows_it_is_one_half() {
        assert_eq!(Sigmoid::fit(&[]).probability(3.0), 0.5);
    }

    #[test]
    fn separated_rows_give_a_finite_sigmoid() {
        let decided = [(-1e6, false), (-2e6, false), (1e6, true), (2e6, true)];
        for decided in [&decided[..], &[(0.0, true), (0.0, false)]] {
            let Sigmoid { slope, offset } = Sigmoid::fit(decided);
            assert!(slope.is_finite() && offset.is_finite());
        }
    }
}
