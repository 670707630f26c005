//! The penalised log loss and its gradient.
//!
//! Rows are taken in blocks: first the scores of a block, then its exponentials, then its errors,
//! then what they put into the gradient. Each step is a loop without branches over contiguous
//! numbers, in an order that is part of the result.

use super::exponential::exponentials;
use crate::budget::Budget;
use crate::model::TrainingRows;

/// Rows of a block: their values and scores stay in the fastest cache.
const BLOCK: usize = 64;

/// `(Σ weight · log loss + ½ ‖w‖² / C) / Σ weight` over rows of `n_features` values; intercepts go
/// free. A row weighs what its class does.
///
/// Two classes have one weight vector (for class 1), more have one each. A vector is
/// `n_features` weights and an intercept.
///
/// It holds no rows: who evaluates it hands over those that it was made for.
#[derive(Debug)]
pub(super) struct Objective {
    n_features: usize,
    n_vectors: usize,
    class_weights: Vec<f64>,
    total_weight: f64,
    penalty: f64,
}

/// The value and the gradient at one point, on their way from block to block.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
pub(super) struct Evaluation {
    rows_done: usize,
    loss: f64,
    products: Vec<f64>,
    gradient: Vec<f64>,
}

impl Objective {
    pub(super) fn new(rows: TrainingRows<'_>, class_weights: Vec<f64>, c: f64) -> Self {
        let total_weight = rows.labels.iter().map(|&label| class_weights[label as usize]).sum();
        let n_vectors = if rows.n_classes == 2 { 1 } else { rows.n_classes };
        let penalty = 1.0 / (c * total_weight);
        Self { n_features: rows.n_features, n_vectors, class_weights, total_weight, penalty }
    }

    /// How many numbers are to be found.
    pub(super) fn n_parameters(&self) -> usize {
        self.n_vectors * (self.n_features + 1)
    }

    /// An evaluation that has not seen a row.
    pub(super) fn begin(&self) -> Evaluation {
        Evaluation {
            rows_done: 0,
            loss: 0.0,
            products: vec![1.0; self.class_weights.len()],
            gradient: vec![0.0; self.n_parameters()],
        }
    }

    /// Whether this can be an evaluation on these rows that has not seen them all.
    #[cfg(feature = "checkpoint")]
    pub(super) fn owns(&self, evaluation: &Evaluation, rows: TrainingRows<'_>) -> bool {
        evaluation.rows_done < rows.n_samples()
            && evaluation.rows_done.is_multiple_of(BLOCK)
            && evaluation.products.len() == self.class_weights.len()
            && evaluation.gradient.len() == self.n_parameters()
    }

    /// Takes blocks of rows into the evaluation at `weights` until the budget is spent; returns
    /// whether rows are left.
    pub(super) fn advance(
        &self,
        evaluation: &mut Evaluation,
        rows: TrainingRows<'_>,
        weights: &[f64],
        budget: &mut Budget,
    ) -> bool {
        let p = self.n_features;
        let products = std::mem::take(&mut evaluation.products);
        let mut loss = Loss { class_weights: &self.class_weights, sum: evaluation.loss, products };
        let mut scores = vec![0.0; self.n_vectors * BLOCK];
        let mut spare = [0.0; BLOCK];
        let values = rows.values.get(evaluation.rows_done * p..).unwrap_or_default();
        let labels = rows.labels.get(evaluation.rows_done..).unwrap_or_default();
        let gradient = &mut evaluation.gradient;
        for (values, labels) in values.chunks(BLOCK * p).zip(labels.chunks(BLOCK)) {
            if budget.is_spent() {
                break;
            }
            for (vector, scores) in weights.chunks_exact(p + 1).zip(scores.chunks_mut(BLOCK)) {
                for (x, score_of) in values.chunks_exact(p).zip(scores) {
                    *score_of = score(vector, x);
                }
            }
            match self.n_vectors {
                1 => loss.of_two_classes(labels, &mut scores, &mut spare),
                _ => loss.of_many_classes(labels, &mut scores, &mut spare),
            }
            for (gradient, errors) in gradient.chunks_exact_mut(p + 1).zip(scores.chunks(BLOCK)) {
                collect(gradient, &errors[..labels.len()], values);
            }
            evaluation.rows_done += labels.len();
            budget.spend(self.n_vectors * labels.len(), UNITS_A_SCORE + p as u64);
        }
        (evaluation.loss, evaluation.products) = (loss.sum, loss.products);
        evaluation.rows_done < rows.n_samples()
    }

    /// The value at `weights` and its gradient, once the evaluation has seen every row.
    pub(super) fn finish(&self, evaluation: Evaluation, weights: &[f64]) -> (f64, Vec<f64>) {
        let p = self.n_features;
        let Evaluation { loss, products, mut gradient, .. } = evaluation;
        let loss = Loss { class_weights: &self.class_weights, sum: loss, products };
        let mut squares = 0.0;
        let vectors = weights.chunks_exact(p + 1).zip(gradient.chunks_exact_mut(p + 1));
        for (weights, gradient) in vectors {
            for (at, (weight, gradient)) in weights.iter().zip(gradient).enumerate() {
                *gradient /= self.total_weight;
                if at < p {
                    *gradient += self.penalty * weight;
                    squares += weight * weight;
                }
            }
        }
        (loss.sum() / self.total_weight + 0.5 * self.penalty * squares, gradient)
    }
}

/// A row's exponential of one score, beside the two products of each feature that are a unit.
const UNITS_A_SCORE: u64 = 8;

/// A product is turned into its logarithm before the next factor could overflow it.
const GREAT: f64 = 1e250;

/// The weighted sum of log losses, on its way.
///
/// Of each row, the loss is a linear part and the logarithm of a number from 1 to the number of
/// classes. Those numbers are multiplied within each class, which saves most logarithms.
struct Loss<'a> {
    class_weights: &'a [f64],
    sum: f64,
    products: Vec<f64>,
}

impl<'a> Loss<'a> {
    /// Adds `weight · (linear + ln factor)` for a row of `class`, whose weight it returns.
    #[inline]
    fn add(&mut self, class: usize, linear: f64, factor: f64) -> f64 {
        let weight = self.class_weights[class];
        let product = &mut self.products[class];
        *product *= factor;
        if *product > GREAT {
            self.sum += weight * libm::log(std::mem::replace(product, 1.0));
        }
        self.sum += weight * linear;
        weight
    }

    fn sum(self) -> f64 {
        let rest = self.class_weights.iter().zip(&self.products);
        self.sum + rest.map(|(weight, product)| weight * libm::log(*product)).sum::<f64>()
    }

    /// Adds the losses of a block and turns its scores into weighted errors.
    fn of_two_classes(&mut self, labels: &[u32], scores: &mut [f64], powers: &mut [f64; BLOCK]) {
        powers.iter_mut().zip(&*scores).for_each(|(power, score)| *power = -score.abs());
        exponentials(powers);
        for ((score, power), &label) in scores.iter_mut().zip(powers).zip(labels) {
            // ln(1 + e^z) and the sigmoid from one exponential that cannot overflow.
            let (z, target, share) = (*score, f64::from(label), 1.0 / (1.0 + *power));
            let sigmoid = if z > 0.0 { share } else { *power * share };
            let positive = if z < 0.0 { 0.0 } else { z };
            let weight = self.add(label as usize, positive - target * z, 1.0 + *power);
            *score = weight * (sigmoid - target);
        }
    }

    /// The same for a score a class, a block of each class after the other.
    fn of_many_classes(&mut self, labels: &[u32], scores: &mut [f64], sums: &mut [f64; BLOCK]) {
        sums.fill(f64::NEG_INFINITY);
        for scores in scores.chunks_exact(BLOCK) {
            sums.iter_mut().zip(scores).for_each(|(most, score)| *most = most.max(*score));
        }
        for scores in scores.chunks_exact_mut(BLOCK) {
            scores.iter_mut().zip(&*sums).for_each(|(score, most)| *score -= most);
        }
        let mut own = [0.0; BLOCK];
        for (at, (own, &label)) in own.iter_mut().zip(labels).enumerate() {
            *own = scores[label as usize * BLOCK + at];
        }
        exponentials(scores);
        sums.fill(0.0);
        for powers in scores.chunks_exact(BLOCK) {
            sums.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
        }
        let mut weights = [0.0; BLOCK];
        for (((weight, sum), own), &label) in
            weights.iter_mut().zip(sums.iter_mut()).zip(own).zip(labels)
        {
            *weight = self.add(label as usize, -own, *sum);
            *sum = *weight / *sum;
        }
        for powers in scores.chunks_exact_mut(BLOCK) {
            powers.iter_mut().zip(&*sums).for_each(|(power, share)| *power *= share);
        }
        for (at, (weight, &label)) in weights.iter().zip(labels).enumerate() {
            scores[label as usize * BLOCK + at] -= weight;
        }
    }
}

/// `w · x + intercept`, the intercept being the last weight; in four partial sums, which do not
/// wait for each other.
fn score(weights: &[f64], x: &[f64]) -> f64 {
    let Some((intercept, weights)) = weights.split_last() else { return 0.0 };
    let ((weights, w_rest), (x, x_rest)) = (weights.as_chunks::<4>(), x.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (weights, x) in weights.iter().zip(x) {
        for ((sum, weight), x) in sums.iter_mut().zip(weights).zip(x) {
            *sum += weight * x;
        }
    }
    let rest = w_rest.iter().zip(x_rest).fold(*intercept, |sum, (w, x)| sum + w * x);
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Adds what rows with these errors put into a vector's gradient, four rows at a time.
fn collect(gradient: &mut [f64], errors: &[f64], values: &[f64]) {
    let Some((intercept, gradient)) = gradient.split_last_mut() else { return };
    let p = gradient.len();
    *intercept += errors.iter().sum::<f64>();
    let (fours, rest) = errors.as_chunks::<4>();
    let (values, last) = values.split_at(4 * p * fours.len());
    for ([e, f, g, h], values) in fours.iter().zip(values.chunks_exact(4 * p)) {
        let (first, second) = values.split_at(2 * p);
        let ((a, b), (c, d)) = (first.split_at(p), second.split_at(p));
        let rows = a.iter().zip(b).zip(c.iter().zip(d));
        for (sum, ((a, b), (c, d))) in gradient.iter_mut().zip(rows) {
            *sum += (e * a + f * b) + (g * c + h * d);
        }
    }
    for (error, x) in rest.iter().zip(last.chunks_exact(p)) {
        gradient.iter_mut().zip(x).for_each(|(sum, x)| *sum += error * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    /// The value and its gradient, in slices of `units`.
    fn evaluate(
        objective: &Objective,
        rows: TrainingRows<'_>,
        weights: &[f64],
        units: u64,
    ) -> (f64, Vec<f64>) {
        let mut evaluation = objective.begin();
        while objective.advance(&mut evaluation, rows, weights, &mut Budget::new(units)) {}
        objective.finish(evaluation, weights)
    }

    /// The gradient against differences of the value.
    fn check(n_classes: usize, n_rows: u32) {
        let mut rng = SplitMix64::new(n_classes as u64);
        let values: Vec<f64> = (0..3 * n_rows).map(|_| 2.0 * rng.unit() - 1.0).collect();
        let labels: Vec<u32> = (0..n_rows).map(|i| i % n_classes as u32).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes };
        let weights = (0..n_classes).map(|class| 0.5 + class as f64).collect();
        let objective = Objective::new(rows, weights, 0.7);
        let n = objective.n_parameters();
        let weights: Vec<f64> = (0..n).map(|_| rng.unit() - 0.5).collect();
        let (value, gradient) = evaluate(&objective, rows, &weights, u64::MAX);
        assert_eq!(evaluate(&objective, rows, &weights, 1), (value, gradient.clone()));
        for at in 0..n {
            let shifted = |by: f64| {
                let mut weights = weights.clone();
                weights[at] += by;
                evaluate(&objective, rows, &weights, u64::MAX).0
            };
            let slope = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
            assert!((slope - gradient[at]).abs() < 1e-8, "{at}: {slope} {}", gradient[at]);
        }
    }

    #[test]
    fn gradients_are_the_slopes() {
        check(2, 20);
        check(3, 150);
        check(5, 64);
    }

    #[test]
    fn huge_scores_do_not_overflow() {
        let rows =
            TrainingRows { values: &[1e200, -1e200], labels: &[0, 1], n_features: 1, n_classes: 2 };
        let objective = Objective::new(rows, vec![1.0; 2], 1.0);
        assert!(evaluate(&objective, rows, &[1e3, 0.0], u64::MAX).0.is_finite());
    }
}
