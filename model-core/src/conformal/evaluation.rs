//! What prediction sets of rows hold whose classes are known.

use serde::{Deserialize, Serialize};

use super::ConformalPredictor;

/// Counts of prediction sets. A set counts as it is: an empty one holds nothing, although it is
/// answered as the most probable class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetEvaluation {
    /// Of each class: its rows, and how many of their sets hold it.
    pub classes: Vec<(u32, u32)>,
    /// Rows whose set holds no class, one, two and so on up to all.
    pub sizes: Vec<u32>,
}

impl SetEvaluation {
    /// Counts the sets of rows whose classes are known.
    ///
    /// `probabilities` has `n_classes` columns, row by row, and `labels` a class index a row; rows
    /// whose label is no class are passed over.
    ///
    /// ```
    /// use model_core::conformal::{ConformalPredictor, SetEvaluation};
    /// let sets = ConformalPredictor::new(vec![0.4; 9], 0.9).unwrap();
    /// let counts = SetEvaluation::of(&sets, &[0.9, 0.1, 0.7, 0.3, 0.5, 0.5], &[0, 1, 1], 2);
    /// assert_eq!(counts.sizes, [1, 2, 0]);
    /// assert_eq!(counts.coverage(), 1.0 / 3.0);
    /// assert_eq!(counts.mean_size(), 2.0 / 3.0);
    /// ```
    #[must_use]
    pub fn of(
        predictor: &ConformalPredictor,
        probabilities: &[f64],
        labels: &[u32],
        n_classes: usize,
    ) -> Self {
        let mut counts = Self { classes: vec![(0, 0); n_classes], sizes: vec![0; n_classes + 1] };
        for (row, &label) in probabilities.chunks_exact(n_classes.max(1)).zip(labels) {
            let Some((rows, covered)) = counts.classes.get_mut(label as usize) else { continue };
            let set = predictor.prediction_set(row);
            *rows += 1;
            *covered += u32::from(set.contains(label as usize));
            if let Some(count) = counts.sizes.get_mut(set.len()) {
                *count += 1;
            }
        }
        counts
    }

    /// Rows whose set was asked for.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.n_rows(), 5);
    /// ```
    #[must_use]
    pub fn n_rows(&self) -> u32 {
        self.sizes.iter().sum()
    }

    /// Rows whose set holds their class.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.n_covered(), 3);
    /// ```
    #[must_use]
    pub fn n_covered(&self) -> u32 {
        self.classes.iter().map(|(_, covered)| covered).sum()
    }

    /// Share of rows whose set holds their class; 0 without rows.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.coverage(), 0.6);
    /// ```
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.share(self.n_covered())
    }

    /// The same of each class; absent for a class without rows.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.class_coverages().nth(1), Some(Some(0.5)));
    /// ```
    pub fn class_coverages(&self) -> impl Iterator<Item = Option<f64>> {
        self.classes
            .iter()
            .map(|&(rows, covered)| (rows > 0).then(|| f64::from(covered) / f64::from(rows)))
    }

    /// Classes in a set, on average; 0 without rows.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.mean_size(), 1.2);
    /// ```
    #[must_use]
    pub fn mean_size(&self) -> f64 {
        let classes: f64 =
            self.sizes.iter().zip(0_u32..).map(|(&n, size)| f64::from(n) * f64::from(size)).sum();
        classes / f64::from(self.n_rows().max(1))
    }

    /// Share of rows of which no class conforms.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.empty_share(), 0.0);
    /// ```
    #[must_use]
    pub fn empty_share(&self) -> f64 {
        self.share(self.sizes.first().copied().unwrap_or_default())
    }

    /// Share of rows whose set is one class.
    ///
    /// ```
    /// use model_core::SetEvaluation;
    /// // Of three rows of class 0 the sets of two hold it, of two rows of class 1 one; no set is empty.
    /// let sets = SetEvaluation { classes: vec![(3, 2), (2, 1)], sizes: vec![0, 4, 1] };
    /// assert_eq!(sets.single_share(), 0.8);
    /// ```
    #[must_use]
    pub fn single_share(&self) -> f64 {
        self.share(self.sizes.get(1).copied().unwrap_or_default())
    }

    fn share(&self, n: u32) -> f64 {
        f64::from(n) / f64::from(self.n_rows().max(1))
    }

    /// Whether these can be the counts of a model with this many classes.
    pub(crate) fn is_sound(&self, n_classes: usize) -> bool {
        let rows: u64 = self.classes.iter().map(|&(rows, _)| u64::from(rows)).sum();
        let sets: u64 = self.sizes.iter().map(|&sets| u64::from(sets)).sum();
        self.classes.len() == n_classes
            && self.sizes.len() == n_classes + 1
            && self.classes.iter().all(|(rows, covered)| covered <= rows)
            && rows == sets
            && u32::try_from(rows).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted() -> SetEvaluation {
        let sets = ConformalPredictor::new(vec![0.6; 9], 0.9).unwrap();
        let probabilities = [0.5, 0.5, 0.0, 1.0, 0.0, 0.0, 0.34, 0.33, 0.33, 0.2, 0.4, 0.4];
        SetEvaluation::of(&sets, &probabilities, &[0, 1, 1, 2], 3)
    }

    #[test]
    fn sets_are_counted_by_class_and_size() {
        let counts = counted();
        assert_eq!(counts.classes, [(1, 1), (2, 0), (1, 1)]);
        assert_eq!(counts.sizes, [1, 1, 2, 0]);
        assert_eq!((counts.n_rows(), counts.n_covered()), (4, 2));
        assert_eq!((counts.coverage(), counts.mean_size()), (0.5, 1.25));
        assert_eq!((counts.empty_share(), counts.single_share()), (0.25, 0.25));
        let by_class: Vec<Option<f64>> = counts.class_coverages().collect();
        assert_eq!(by_class, [Some(1.0), Some(0.0), Some(1.0)]);
    }

    #[test]
    fn no_rows_and_unknown_labels_count_nothing() {
        let sets = ConformalPredictor::new(vec![0.6; 9], 0.9).unwrap();
        let counts = SetEvaluation::of(&sets, &[0.5, 0.5], &[2], 2);
        assert_eq!((counts.n_rows(), counts.coverage(), counts.mean_size()), (0, 0.0, 0.0));
        assert_eq!(counts.class_coverages().collect::<Vec<_>>(), [None, None]);
        assert_eq!(SetEvaluation::of(&sets, &[], &[], 0).n_rows(), 0);
    }

    #[test]
    fn counts_that_contradict_each_other_are_unsound() {
        let sound = counted();
        assert!(sound.is_sound(3) && !sound.is_sound(2));
        let changed = |change: fn(&mut SetEvaluation)| {
            let mut counts = sound.clone();
            change(&mut counts);
            counts.is_sound(3)
        };
        assert!(!changed(|counts| counts.classes[0].1 = 2));
        assert!(!changed(|counts| counts.sizes[0] = 2));
        assert!(!changed(|counts| counts.sizes[0] = u32::MAX));
        assert!(!changed(|counts| counts.classes[0].0 = u32::MAX));
    }
}
