//! The penalised log loss and its gradient.

use crate::model::TrainingRows;

/// `mean log loss + ½ ‖w‖² / (C · n)` over rows of `n_features` values; intercepts go free.
///
/// Two classes have one weight vector (for class 1), more have one each. A vector is
/// `n_features` weights and an intercept.
pub(super) struct Objective<'a> {
    rows: TrainingRows<'a>,
    penalty: f64,
}

impl<'a> Objective<'a> {
    pub(super) fn new(rows: TrainingRows<'a>, c: f64) -> Self {
        Self { rows, penalty: 1.0 / (c * rows.n_samples() as f64) }
    }

    /// How many numbers are to be found.
    pub(super) fn n_parameters(&self) -> usize {
        self.n_vectors() * (self.rows.n_features + 1)
    }

    fn n_vectors(&self) -> usize {
        if self.rows.n_classes == 2 { 1 } else { self.rows.n_classes }
    }

    /// The value at `weights`; its gradient goes into `gradient`.
    pub(super) fn evaluate(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let loss = match self.n_vectors() {
            1 => self.two_classes(weights, gradient),
            k => self.many_classes(k, weights, gradient),
        };
        let n = self.rows.n_samples() as f64;
        let (p, mut squares) = (self.rows.n_features, 0.0);
        let vectors = weights.chunks_exact(p + 1).zip(gradient.chunks_exact_mut(p + 1));
        for (weights, gradient) in vectors {
            for (at, (weight, gradient)) in weights.iter().zip(gradient).enumerate() {
                *gradient /= n;
                if at < p {
                    *gradient += self.penalty * weight;
                    squares += weight * weight;
                }
            }
        }
        loss / n + 0.5 * self.penalty * squares
    }

    fn rows(&self) -> impl Iterator<Item = (&'a [f64], u32)> {
        let rows = self.rows;
        rows.values.chunks_exact(rows.n_features).zip(rows.labels.iter().copied())
    }

    fn two_classes(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        for (x, label) in self.rows() {
            let score = score(weights, x);
            // ln(1 + e^z) and the sigmoid from one exponential that cannot overflow.
            let e = libm::exp(-score.abs());
            let (softplus, sigmoid) = if score > 0.0 {
                (score + libm::log1p(e), 1.0 / (1.0 + e))
            } else {
                (libm::log1p(e), e / (1.0 + e))
            };
            let target = f64::from(label);
            loss += softplus - target * score;
            collect(gradient, sigmoid - target, x);
        }
        loss
    }

    fn many_classes(&self, k: usize, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let width = self.rows.n_features + 1;
        let mut scores = vec![0.0; k];
        let mut loss = 0.0;
        for (x, label) in self.rows() {
            let mut greatest = f64::NEG_INFINITY;
            for (score_of, weights) in scores.iter_mut().zip(weights.chunks_exact(width)) {
                *score_of = score(weights, x);
                greatest = greatest.max(*score_of);
            }
            let own = scores.get(label as usize).copied().unwrap_or_default() - greatest;
            let mut sum = 0.0;
            for score in &mut scores {
                *score = libm::exp(*score - greatest);
                sum += *score;
            }
            loss += libm::log(sum) - own;
            let vectors = scores.iter().zip(gradient.chunks_exact_mut(width)).enumerate();
            for (class, (score, gradient)) in vectors {
                let target = f64::from(u8::from(class == label as usize));
                collect(gradient, score / sum - target, x);
            }
        }
        loss
    }
}

/// `w · x + intercept`, the intercept being the last weight.
fn score(weights: &[f64], x: &[f64]) -> f64 {
    let intercept = weights.last().copied().unwrap_or_default();
    weights.iter().zip(x).fold(intercept, |sum, (w, x)| sum + w * x)
}

/// Adds what a row with this error puts into a vector's gradient.
fn collect(gradient: &mut [f64], error: f64, x: &[f64]) {
    if let Some((intercept, weights)) = gradient.split_last_mut() {
        *intercept += error;
        weights.iter_mut().zip(x).for_each(|(g, x)| *g += error * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    /// The gradient against differences of the value.
    fn check(n_classes: usize) {
        let mut rng = SplitMix64::new(n_classes as u64);
        let values: Vec<f64> = (0..60).map(|_| 2.0 * rng.unit() - 1.0).collect();
        let labels: Vec<u32> = (0..20).map(|i| i % n_classes as u32).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes };
        let objective = Objective::new(rows, 0.7);
        let n = objective.n_parameters();
        let weights: Vec<f64> = (0..n).map(|_| rng.unit() - 0.5).collect();
        let (mut gradient, mut unused) = (vec![0.0; n], vec![0.0; n]);
        objective.evaluate(&weights, &mut gradient);
        for at in 0..n {
            let mut shifted = |by: f64| {
                let mut weights = weights.clone();
                weights[at] += by;
                objective.evaluate(&weights, &mut unused)
            };
            let slope = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
            assert!((slope - gradient[at]).abs() < 1e-8, "{at}: {slope} {}", gradient[at]);
        }
    }

    #[test]
    fn gradients_are_the_slopes() {
        check(2);
        check(3);
        check(5);
    }

    #[test]
    fn huge_scores_do_not_overflow() {
        let rows =
            TrainingRows { values: &[1e200, -1e200], labels: &[0, 1], n_features: 1, n_classes: 2 };
        let mut gradient = [0.0; 2];
        assert!(Objective::new(rows, 1.0).evaluate(&[1e3, 0.0], &mut gradient).is_finite());
    }
}
