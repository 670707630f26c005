//! Whether a model that is 80 % sure is right 80 % of the time.
//!
//! Source: Guo et al., "On calibration of modern neural networks", ICML 2017.

use serde::{Deserialize, Serialize};

use super::{clipped, labelled_rows};
use crate::order::argmax;

/// Bins of the calibration curve, as many as are commonly drawn.
const N_BINS: usize = 10;

/// The reliability curve of the top class's probability, the confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCurve {
    /// Ten bins of equal width over 0 to 1, lowest first; bin `i` holds confidences above `i / 10`
    /// up to and with `(i + 1) / 10`, the first one 0 too.
    pub bins: Vec<CalibrationBin>,
    /// Mean of `|accuracy - mean confidence|` over bins, weighted by their rows.
    pub expected_calibration_error: f64,
}

/// Rows whose confidence lies in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// How many.
    pub count: u32,
    /// Mean of their confidence; 0 without rows.
    pub mean_confidence: f64,
    /// Share of them predicted right; 0 without rows.
    pub accuracy: f64,
}

impl CalibrationCurve {
    /// The curve of these rows; empty bins and an error of 0 without rows.
    ///
    /// `probabilities` has `n_classes` columns, row by row; rows whose label is no class are passed
    /// over. The bins that hold rows are those of scikit-learn's `calibration_curve(y == argmax,
    /// max, n_bins=10)`.
    #[must_use]
    pub fn of(probabilities: &[f64], labels: &[u32], n_classes: usize) -> Self {
        let mut sums = [(0_u32, 0_u32, 0.0); N_BINS];
        for (row, label) in labelled_rows(probabilities, labels, n_classes) {
            let predicted = argmax(row);
            let confidence = clipped(row.get(predicted).copied().unwrap_or_default());
            let edges_below = (1..N_BINS).filter(|&i| confidence > i as f64 / N_BINS as f64);
            let (count, n_correct, sum) = &mut sums[edges_below.count()];
            *count += 1;
            *n_correct += u32::from(predicted == label);
            *sum += confidence;
        }
        let n_rows: u32 = sums.iter().map(|bin| bin.0).sum();
        let bins = sums.map(|(count, n_correct, sum)| CalibrationBin {
            count,
            mean_confidence: sum / f64::from(count.max(1)),
            accuracy: f64::from(n_correct) / f64::from(count.max(1)),
        });
        let gap = |bin: &CalibrationBin| (bin.accuracy - bin.mean_confidence).abs();
        let gaps: f64 = bins.iter().map(|bin| f64::from(bin.count) * gap(bin)).sum();
        Self { bins: bins.to_vec(), expected_calibration_error: gaps / f64::from(n_rows.max(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::example::{LABELS, N_CLASSES, PROBABILITIES};

    #[test]
    fn bins_are_those_of_scikit_learn() {
        // calibration_curve(y == P.argmax(1), P.max(1), n_bins=10), counts from numpy
        let curve = CalibrationCurve::of(&PROBABILITIES, &LABELS, N_CLASSES);
        let third = 1.0 / 3.0;
        let expected = [
            (3, 3, 0.4, third),
            (4, 3, 0.5, 2.0 * third),
            (5, 1, 0.6, 1.0),
            (6, 2, 0.7, 1.0),
            (7, 1, 0.8, 1.0),
            (8, 2, 0.9, 1.0),
        ];
        for (bin, count, mean_confidence, accuracy) in expected {
            let got = curve.bins[bin];
            assert_eq!(got.count, count);
            assert!((got.mean_confidence - mean_confidence).abs() < 1e-15);
            assert!((got.accuracy - accuracy).abs() < 1e-15);
        }
        assert_eq!(curve.bins[9], CalibrationBin::default());
        assert!((curve.expected_calibration_error - 0.175).abs() < 1e-15);
    }

    #[test]
    fn the_ends_fall_into_the_outer_bins() {
        let curve = CalibrationCurve::of(&[0.0, 0.0, 1.0, 0.0], &[1, 0], 2);
        assert_eq!((curve.bins[0].count, curve.bins[9].count), (1, 1));
        assert_eq!(curve.expected_calibration_error, 0.0);
    }

    #[test]
    fn no_rows_fill_no_bin() {
        let curve = CalibrationCurve::of(&[], &[], 3);
        assert_eq!(curve.bins, [CalibrationBin::default(); N_BINS]);
        assert_eq!(curve.expected_calibration_error, 0.0);
    }
}
