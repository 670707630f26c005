//! The log loss: where scores begin, and what they mean.
//!
//! Two classes have one score, the log odds of class 1; more have one each, made into
//! probabilities by the softmax.

use crate::model::softmax::softmax;

/// Scores of a model without trees: the classes' shares of all weight, as log odds or as logarithms
/// less their mean. Source: scikit-learn's `fit_intercept_only`.
pub(super) fn baseline(class_weights: &[f64]) -> Vec<f64> {
    let total: f64 = class_weights.iter().sum();
    let share = |weight: &f64| (weight / total).clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    let shares: Vec<f64> = class_weights.iter().map(share).collect();
    if let [_, one] = shares[..] {
        return vec![libm::log(one / (1.0 - one))];
    }
    let logs: Vec<f64> = shares.into_iter().map(libm::log).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    logs.into_iter().map(|log| log - mean).collect()
}

/// Turns the scores of one row into the probability of class 1, or into those of all classes.
pub(super) fn probabilities(scores: &mut [f64]) {
    match scores {
        [score] => *score = sigmoid(*score),
        _ => softmax(scores),
    }
}

/// The probability that belongs to log odds of `score`, without overflow.
fn sigmoid(score: f64) -> f64 {
    let e = libm::exp(-score.abs());
    if score > 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// The log loss of one row of this class with these scores.
pub(super) fn log_loss(scores: &[f64], class: usize) -> f64 {
    if let [score] = scores {
        // The log odds of the row's class.
        let odds = if class == 1 { *score } else { -score };
        return libm::log1p(libm::exp(-odds.abs())) + (-odds).max(0.0);
    }
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| libm::exp(score - greatest)).sum();
    libm::log(sum) + greatest - scores[class]
}

/// Gradient and hessian of the loss in one score, where `probability` belongs to it.
pub(super) fn derivatives(probability: f64, is_target: bool, weight: f64) -> (f64, f64) {
    let target = f64::from(u8::from(is_target));
    (weight * (probability - target), weight * probability * (1.0 - probability))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_trees_answers_the_shares() {
        let mut scores = baseline(&[5.0, 3.0, 2.0]);
        assert!(scores.iter().sum::<f64>().abs() < 1e-15);
        probabilities(&mut scores);
        for (got, want) in scores.iter().zip([0.5, 0.3, 0.2]) {
            assert!((got - want).abs() < 1e-15, "{got} {want}");
        }
        let mut scores = baseline(&[1.0, 3.0]);
        probabilities(&mut scores);
        assert!((scores[0] - 0.75).abs() < 1e-15);
    }

    #[test]
    fn the_log_loss_is_that_of_the_probability() {
        for scores in [&[0.7][..], &[-3.0], &[0.0], &[0.2, -1.0, 0.8], &[3.0, 3.0, -40.0]] {
            let mut proba = scores.to_vec();
            probabilities(&mut proba);
            if let [one] = proba[..] {
                proba = vec![1.0 - one, one];
            }
            for (class, p) in proba.into_iter().enumerate() {
                assert!((log_loss(scores, class) + libm::log(p)).abs() < 1e-12, "{scores:?}");
            }
        }
        assert_eq!(log_loss(&[1e300], 0), 1e300);
        assert_eq!(log_loss(&[0.0, 1e300, 0.0], 1), 0.0);
    }

    #[test]
    fn a_vanishing_class_has_a_finite_score() {
        for weights in [&[1e-30, 1.0][..], &[1.0, 1e-30], &[1.0, 1e-30, 1.0]] {
            assert!(baseline(weights).iter().all(|score| score.is_finite()));
        }
    }

    #[test]
    fn derivatives_are_those_of_the_loss() {
        for (score, target) in [(-1.5, true), (0.3, false), (2.0, true)] {
            let loss = |score| {
                let p = sigmoid(score);
                -3.0 * libm::log(if target { p } else { 1.0 - p })
            };
            let (gradient, hessian) = derivatives(sigmoid(score), target, 3.0);
            let step = 1e-4;
            let (below, at, above) = (loss(score - step), loss(score), loss(score + step));
            assert!((gradient - (above - below) / (2.0 * step)).abs() < 1e-7);
            assert!((hessian - (above - 2.0 * at + below) / (step * step)).abs() < 1e-6);
        }
        assert_eq!(sigmoid(1e308), 1.0);
        assert_eq!(sigmoid(-1e308), 0.0);
    }
}
