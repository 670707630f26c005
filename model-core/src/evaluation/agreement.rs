//! How far two models answer alike, such as one and its smaller copy.

use serde::{Deserialize, Serialize};

use super::clipped;
use crate::order::argmax;

/// What two models' probabilities on the same rows have in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Rows compared.
    pub n_rows: u32,
    /// Rows that both give the same label.
    pub n_equal_labels: u32,
    /// The greatest difference of any probability of any row.
    pub max_abs_difference: f64,
}

impl Agreement {
    /// Compares `a` with `b`, both with `n_classes` columns, row by row; rows that only one has
    /// are passed over.
    #[must_use]
    pub fn of(a: &[f64], b: &[f64], n_classes: usize) -> Self {
        let mut agreement = Self { n_rows: 0, n_equal_labels: 0, max_abs_difference: 0.0 };
        if n_classes == 0 {
            return agreement;
        }
        for (a, b) in a.chunks_exact(n_classes).zip(b.chunks_exact(n_classes)) {
            agreement.n_rows += 1;
            agreement.n_equal_labels += u32::from(argmax(a) == argmax(b));
            for (&a, &b) in a.iter().zip(b) {
                let difference = (clipped(a) - clipped(b)).abs();
                agreement.max_abs_difference = agreement.max_abs_difference.max(difference);
            }
        }
        agreement
    }

    /// Share of rows that both give the same label; 1 without rows, as none differs.
    #[must_use]
    pub fn label_share(&self) -> f64 {
        if self.n_rows == 0 {
            return 1.0;
        }
        f64::from(self.n_equal_labels) / f64::from(self.n_rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_the_greatest_difference_are_counted() {
        let a = [0.5, 0.25, 0.25, 0.0, 0.5, 0.5];
        let b = [0.5, 0.375, 0.125, 0.25, 0.25, 0.5];
        let agreement = Agreement::of(&a, &b, 3);
        let expected = Agreement { n_rows: 2, n_equal_labels: 1, max_abs_difference: 0.25 };
        assert_eq!(agreement, expected);
        assert_eq!(agreement.label_share(), 0.5);
    }

    #[test]
    fn a_model_agrees_with_itself_and_nothing_with_nothing() {
        let a = [0.5, 0.5, 0.1, 0.9];
        let agreement = Agreement::of(&a, &a, 2);
        assert_eq!((agreement.n_equal_labels, agreement.max_abs_difference), (2, 0.0));
        assert_eq!(Agreement::of(&[], &[], 2).label_share(), 1.0);
        assert_eq!(Agreement::of(&a, &a, 0).n_rows, 0);
    }
}
