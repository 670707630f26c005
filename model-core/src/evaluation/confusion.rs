//! The confusion matrix and what follows from it.

use serde::{Deserialize, Serialize};

/// Counts of rows by true class (row) and predicted class (column).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    n_classes: usize,
    counts: Vec<u32>,
}

/// Precision, recall and F1 of one class, or an average of them.
///
/// What would divide by zero is 0, as with scikit-learn's `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Of the rows predicted so, the share that are.
    pub precision: f64,
    /// Of the rows that are, the share predicted so.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Rows that are of the class.
    pub support: u32,
}

/// The classification report, as scikit-learn prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassificationReport {
    /// One entry a class.
    pub classes: Vec<ClassMetrics>,
    /// Mean over the classes that have rows.
    pub macro_average: ClassMetrics,
    /// Mean over classes, weighted by support.
    pub weighted_average: ClassMetrics,
}

impl ConfusionMatrix {
    /// The matrix of no rows.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// assert_eq!(ConfusionMatrix::new(3).counts(), [0; 9]);
    /// ```
    #[must_use]
    pub fn new(n_classes: usize) -> Self {
        Self { n_classes, counts: vec![0; n_classes * n_classes] }
    }

    /// The matrix with these counts, row by row, if they are `n_classes` squared and their sum
    /// fits.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// assert!(ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).is_some());
    /// assert!(ConfusionMatrix::from_counts(2, vec![8, 2, 1]).is_none(), "no square");
    /// ```
    #[must_use]
    pub fn from_counts(n_classes: usize, counts: Vec<u32>) -> Option<Self> {
        let square = n_classes.checked_mul(n_classes) == Some(counts.len());
        let sum = counts.iter().try_fold(0_u32, |sum, &count| sum.checked_add(count));
        (square && sum.is_some()).then_some(Self { n_classes, counts })
    }

    /// Counts one row; classes that do not exist are passed over.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// let mut matrix = ConfusionMatrix::new(2);
    /// matrix.count(0, 1);
    /// assert_eq!(matrix.get(0, 1), 1);
    /// ```
    pub fn count(&mut self, actual: usize, predicted: usize) {
        if actual < self.n_classes
            && predicted < self.n_classes
            && let Some(cell) = self.counts.get_mut(actual * self.n_classes + predicted)
        {
            *cell += 1;
        }
    }

    /// Number of classes.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.n_classes(), 2);
    /// ```
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Counts, row by row.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.counts(), [8, 2, 1, 9]);
    /// ```
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Rows of class `actual` that were predicted as `predicted`.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.get(0, 1), 2);
    /// ```
    #[must_use]
    pub fn get(&self, actual: usize, predicted: usize) -> u32 {
        if actual.max(predicted) >= self.n_classes {
            return 0;
        }
        self.counts.get(actual * self.n_classes + predicted).copied().unwrap_or_default()
    }

    /// Rows counted.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.total(), 20);
    /// ```
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Rows predicted right.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.n_correct(), 17);
    /// ```
    #[must_use]
    pub fn n_correct(&self) -> u32 {
        (0..self.n_classes).map(|class| self.get(class, class)).sum()
    }

    /// Share of rows predicted right; 0 without rows.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.accuracy(), 0.85);
    /// ```
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        ratio(self.n_correct(), self.total())
    }

    /// Counts the rows of `other` too, a matrix of as many classes.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let mut matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// matrix.add(&matrix.clone());
    /// assert_eq!(matrix.total(), 40);
    /// ```
    pub fn add(&mut self, other: &Self) {
        if self.n_classes == other.n_classes {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// Rows that are of class `class`.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.support(1), 10);
    /// ```
    #[must_use]
    pub fn support(&self, class: usize) -> u32 {
        (0..self.n_classes).map(|other| self.get(class, other)).sum()
    }

    /// Of the rows of class `class`, the share predicted so; `None` without rows, which say
    /// nothing of it.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!((matrix.recall(0), matrix.recall(2)), (Some(0.8), None));
    /// ```
    #[must_use]
    pub fn recall(&self, class: usize) -> Option<f64> {
        let support = self.support(class);
        (support > 0).then(|| ratio(self.get(class, class), support))
    }

    /// Mean recall of the classes that have rows; `None` without rows.
    ///
    /// It is scikit-learn's `balanced_accuracy_score`.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert!(matrix.balanced_accuracy().is_some_and(|mean| (mean - 0.85).abs() < 1e-12));
    /// ```
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls: Vec<f64> =
            (0..self.n_classes).filter_map(|class| self.recall(class)).collect();
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }

    /// Classes that have rows and that no row at all is predicted as, ascending.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// let always_no = ConfusionMatrix::from_counts(2, vec![95, 0, 5, 0]).expect("a square");
    /// assert_eq!(always_no.never_predicted(), [1]);
    /// ```
    #[must_use]
    pub fn never_predicted(&self) -> Vec<usize> {
        let is_never = |&class: &usize| {
            self.support(class) > 0 && (0..self.n_classes).all(|other| self.get(other, class) == 0)
        };
        (0..self.n_classes).filter(is_never).collect()
    }

    /// Precision, recall and F1 by class and on average.
    ///
    /// ```
    /// use model_core::ConfusionMatrix;
    /// // Rows are what was, columns what was predicted.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![8, 2, 1, 9]).expect("a square");
    /// assert_eq!(matrix.report().classes[1].recall, 0.9);
    /// ```
    #[must_use]
    pub fn report(&self) -> ClassificationReport {
        let classes: Vec<ClassMetrics> = (0..self.n_classes)
            .map(|class| {
                let right = self.get(class, class);
                let support = self.support(class);
                let predicted = (0..self.n_classes).map(|other| self.get(other, class)).sum();
                ClassMetrics {
                    precision: ratio(right, predicted),
                    recall: ratio(right, support),
                    f1: ratio(2 * right, support + predicted),
                    support,
                }
            })
            .collect();
        // Of a class without rows nothing is known, neither good nor bad.
        let macro_average = average(&classes, |class| f64::from(class.support.min(1)));
        let weighted_average = average(&classes, |class| f64::from(class.support));
        ClassificationReport { macro_average, weighted_average, classes }
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

fn average(classes: &[ClassMetrics], weight: impl Fn(&ClassMetrics) -> f64) -> ClassMetrics {
    let total: f64 = classes.iter().map(&weight).sum();
    let mean = |metric: fn(&ClassMetrics) -> f64| {
        let sum: f64 = classes.iter().map(|class| weight(class) * metric(class)).sum();
        if total > 0.0 { sum / total } else { 0.0 }
    };
    ClassMetrics {
        precision: mean(|class| class.precision),
        recall: mean(|class| class.recall),
        f1: mean(|class| class.f1),
        support: classes.iter().map(|class| class.support).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_is_that_of_scikit_learn() {
        // classification_report of the recorded SVM confusion matrix on Iris.
        let counts = vec![10, 0, 0, 0, 9, 1, 0, 0, 10];
        let report = ConfusionMatrix::from_counts(3, counts).unwrap().report();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(report.classes[2].precision, 10.0 / 11.0);
        close(report.classes[1].recall, 0.9);
        close(report.weighted_average.precision, 0.969_696_969_696_969_6);
        close(report.weighted_average.recall, 0.966_666_666_666_666_7);
        close(report.weighted_average.f1, 0.966_583_124_477_861_3);
        assert_eq!(report.macro_average.support, 30);
    }

    #[test]
    fn a_class_never_predicted_has_precision_zero() {
        let report = ConfusionMatrix::from_counts(2, vec![0, 3, 0, 5]).unwrap().report();
        assert_eq!((report.classes[0].precision, report.classes[0].f1), (0.0, 0.0));
        assert_eq!(ConfusionMatrix::new(2).accuracy(), 0.0);
    }

    #[test]
    fn counts_of_wrong_shape_are_refused() {
        assert!(ConfusionMatrix::from_counts(2, vec![1; 3]).is_none());
        assert!(ConfusionMatrix::from_counts(1, vec![u32::MAX]).is_some());
        assert!(ConfusionMatrix::from_counts(2, vec![u32::MAX; 4]).is_none());
    }
}
