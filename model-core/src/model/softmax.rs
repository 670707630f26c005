//! Scores to probabilities, for every family whose scores are logarithms.

/// Turns scores into probabilities, in place; the greatest score is taken off first so that
/// nothing overflows.
pub(super) fn softmax(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = libm::exp(*score - greatest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::softmax;

    #[test]
    fn softmax_of_huge_scores_is_finite() {
        let mut scores = [1e308, -1e308, 1e308];
        softmax(&mut scores);
        assert_eq!(scores, [0.5, 0.0, 0.5]);
    }
}
