//! The Brier score: how far probabilities are from what was.
//!
//! Source: Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather
//! Review 78 (1950).

use super::{clipped, labelled_rows};

/// The Brier score: over rows, the mean of the squared errors summed over classes.
///
/// 0 is perfect, 2 is sure and wrong every time; 0 without rows. This is Brier's own convention
/// for any number of classes, two included: `brier_score_loss(y, P, scale_by_half=False)` of
/// scikit-learn. For two classes it is twice the figure that counts the positive class alone.
///
/// `probabilities` has `n_classes` columns, row by row; rows whose label is no class are passed
/// over.
#[must_use]
pub fn brier_score(probabilities: &[f64], labels: &[u32], n_classes: usize) -> f64 {
    let (mut sum, mut n_rows) = (0.0, 0_u32);
    for (row, label) in labelled_rows(probabilities, labels, n_classes) {
        for (class, &probability) in row.iter().enumerate() {
            let error = clipped(probability) - f64::from(u8::from(class == label));
            sum += error * error;
        }
        n_rows += 1;
    }
    sum / f64::from(n_rows.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::example::{LABELS, N_CLASSES, PROBABILITIES};

    #[test]
    fn the_score_is_that_of_scikit_learn() {
        // brier_score_loss(y, P)
        let score = brier_score(&PROBABILITIES, &LABELS, N_CLASSES);
        assert!((score - 0.320_416_666_666_666_74).abs() < 1e-15, "{score}");
        // p = [.1, .8, .35, .4, .35]
        // brier_score_loss([0, 1, 1, 0, 1], p, scale_by_half=False)
        let binary = [0.9, 0.1, 0.2, 0.8, 0.65, 0.35, 0.6, 0.4, 0.65, 0.35];
        assert!((brier_score(&binary, &[0, 1, 1, 0, 1], 2) - 0.422).abs() < 1e-15);
    }

    #[test]
    fn it_ends_at_0_and_2() {
        assert_eq!(brier_score(&[1.0, 0.0, 0.0, 1.0], &[0, 1], 2), 0.0);
        assert_eq!(brier_score(&[1.0, 0.0, 0.0, 1.0], &[1, 0], 2), 2.0);
        assert_eq!(brier_score(&[], &[], 2), 0.0);
    }
}
