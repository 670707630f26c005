//! ROC curves, one class against the rest, and the area under them.
//!
//! Source: Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006).

use serde::{Deserialize, Serialize};

use super::{clipped, labelled_rows};

/// One point of a ROC curve: what calling every row at `threshold` or above positive gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Of the rows of other classes, the share called positive.
    pub false_positive_rate: f64,
    /// Of the rows of the class, the share called positive.
    pub true_positive_rate: f64,
    /// The least probability that is called positive; absent at (0, 0), where none is.
    pub threshold: Option<f64>,
}

/// Area under the ROC curve of each class against the rest; `n log n` a class.
///
/// It is the chance that a row of the class gets a higher probability of it than a row of another
/// class, where a tie counts half. A class without rows of its own, or without rows of others, has
/// none. `probabilities` has `n_classes` columns, row by row; rows whose label is no class are
/// passed over.
///
/// The figure is that of scikit-learn's `roc_auc_score(y == class, probabilities[:, class])`.
#[must_use]
pub fn roc_auc(probabilities: &[f64], labels: &[u32], n_classes: usize) -> Vec<Option<f64>> {
    (0..n_classes)
        .map(|class| {
            let steps = steps(probabilities, labels, n_classes, class);
            let total = steps.last().filter(|last| last.has_both())?;
            // Counts are integers, so the trapezoids add up exactly: twice the area, in rows.
            let (mut area, mut left) = (0, Step::START);
            for step in &steps {
                let width = step.false_positives - left.false_positives;
                area += width * (step.true_positives + left.true_positives);
                left = *step;
            }
            Some(area as f64 / (2 * total.true_positives * total.false_positives) as f64)
        })
        .collect()
}

/// Mean over the classes that have an area; `None` if none has.
///
/// With rows of every class it is scikit-learn's `roc_auc_score(.., multi_class="ovr")`.
#[must_use]
pub fn macro_roc_auc(areas: &[Option<f64>]) -> Option<f64> {
    let n_present = areas.iter().flatten().count();
    (n_present > 0).then(|| areas.iter().flatten().sum::<f64>() / n_present as f64)
}

/// The ROC curve of `class` against the rest, from (0, 0) to (1, 1).
///
/// Points on the straight line between their neighbours are left out, as they change no chart.
/// (`roc_curve` of scikit-learn leaves out those that also lie halfway.) Empty if the class has no
/// rows or the others have none.
#[must_use]
pub fn roc_curve(
    probabilities: &[f64],
    labels: &[u32],
    n_classes: usize,
    class: usize,
) -> Vec<RocPoint> {
    let steps = steps(probabilities, labels, n_classes, class);
    let Some(&total) = steps.last().filter(|last| last.has_both()) else { return Vec::new() };
    let mut corners: Vec<Step> = vec![Step::START];
    for step in steps {
        if let [.., before, last] = corners.as_slice()
            && last.is_between(before, &step)
        {
            corners.pop();
        }
        corners.push(step);
    }
    let point = |step: Step| RocPoint {
        false_positive_rate: step.false_positives as f64 / total.false_positives as f64,
        true_positive_rate: step.true_positives as f64 / total.true_positives as f64,
        threshold: step.threshold,
    };
    corners.into_iter().map(point).collect()
}

/// Rows called positive at a threshold.
#[derive(Debug, Clone, Copy)]
struct Step {
    threshold: Option<f64>,
    false_positives: u64,
    true_positives: u64,
}

impl Step {
    /// Nothing is called positive.
    const START: Self = Self { threshold: None, false_positives: 0, true_positives: 0 };

    fn has_both(&self) -> bool {
        self.false_positives > 0 && self.true_positives > 0
    }

    /// Whether the three lie on one line.
    fn is_between(&self, before: &Self, after: &Self) -> bool {
        let across = |from: &Self, to: &Self| to.false_positives - from.false_positives;
        let up = |from: &Self, to: &Self| to.true_positives - from.true_positives;
        across(before, self) * up(self, after) == across(self, after) * up(before, self)
    }
}

/// One step for each distinct probability of `class`, from the highest down.
fn steps(probabilities: &[f64], labels: &[u32], n_classes: usize, class: usize) -> Vec<Step> {
    // Bits of numbers from 0 to 1 order as the numbers do and leave the top bit free, so that a row
    // is one key: its probability, then whether it is of the class.
    let mut keys: Vec<u64> = labelled_rows(probabilities, labels, n_classes)
        .filter_map(|(row, label)| {
            let probability = clipped(*row.get(class)?).abs();
            Some(probability.to_bits() << 1 | u64::from(label == class))
        })
        .collect();
    crate::order::sort_keys(&mut keys);
    let mut at = Step::START;
    keys.chunk_by(|a, b| a >> 1 == b >> 1)
        .rev()
        .map(|tied| {
            let positives = tied.iter().filter(|key| *key & 1 == 1).count();
            at.threshold = tied.first().map(|key| f64::from_bits(key >> 1));
            at.true_positives += positives as u64;
            at.false_positives += (tied.len() - positives) as u64;
            at
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::example::{LABELS, N_CLASSES, PROBABILITIES};

    #[test]
    fn areas_are_those_of_scikit_learn() {
        // roc_auc_score(y == c, P[:, c]) for c in 0, 1, 2
        let areas = roc_auc(&PROBABILITIES, &LABELS, N_CLASSES);
        assert_eq!(areas, [Some(0.953_125), Some(0.921_875), Some(0.968_75)]);
        // roc_auc_score(y, P, multi_class="ovr")
        let mean = macro_roc_auc(&areas).unwrap();
        assert!((mean - 0.947_916_666_666_666_6).abs() < 1e-15);
    }

    #[test]
    fn the_curve_is_that_of_scikit_learn_at_its_corners() {
        // roc_curve(y == 0, P[:, 0], drop_intermediate=False), less what lies on straights.
        let curve = roc_curve(&PROBABILITIES, &LABELS, N_CLASSES, 0);
        let points: Vec<_> = curve
            .iter()
            .map(|point| (point.false_positive_rate, point.true_positive_rate, point.threshold))
            .collect();
        let expected = [
            (0.0, 0.0, None),
            (0.0, 0.5, Some(0.7)),
            (0.125, 0.75, Some(0.5)),
            (0.125, 1.0, Some(0.4)),
            (1.0, 1.0, Some(0.05)),
        ];
        assert_eq!(points, expected);
    }

    #[test]
    fn the_area_is_that_below_the_curve() {
        for (class, area) in roc_auc(&PROBABILITIES, &LABELS, N_CLASSES).into_iter().enumerate() {
            let curve = roc_curve(&PROBABILITIES, &LABELS, N_CLASSES, class);
            let below: f64 = curve
                .windows(2)
                .map(|pair| {
                    let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
                    width * (pair[0].true_positive_rate + pair[1].true_positive_rate) / 2.0
                })
                .sum();
            assert!((below - area.unwrap()).abs() < 1e-15);
        }
    }

    #[test]
    fn a_class_without_its_own_or_other_rows_has_none() {
        assert_eq!(roc_auc(&[0.9, 0.1, 0.4, 0.6], &[0, 0], 2), [None, None]);
        assert_eq!(roc_auc(&[], &[], 3), [None; 3]);
        assert_eq!(macro_roc_auc(&[None, Some(0.5), None]), Some(0.5));
        assert_eq!(macro_roc_auc(&[None]), None);
        assert!(roc_curve(&[0.9, 0.1], &[0], 2, 0).is_empty());
        assert!(roc_curve(&[0.9, 0.1, 0.2, 0.8], &[0, 1], 2, 2).is_empty());
    }

    #[test]
    fn a_constant_score_is_chance() {
        assert_eq!(roc_auc(&[0.5; 8], &[0, 1, 1, 1], 2), [Some(0.5), Some(0.5)]);
        assert_eq!(roc_curve(&[0.5; 8], &[0, 1, 1, 1], 2, 0).len(), 2);
        assert_eq!(roc_auc(&[0.0, 1.0, -0.0, 1.0], &[0, 1], 2), [Some(0.5), Some(0.5)]);
    }
}
