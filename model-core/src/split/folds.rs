//! Cross-validation folds: drawn with the class mix, once or repeatedly, or given as lists.

use std::ops::Deref;

use super::{SplitError, refuse_empty_folds};
use crate::dataset::Dataset;
use crate::order::sort_rows;
use crate::rng::{Purpose, SplitMix64};

/// Most repeats of a cross-validation, so that the folds of the largest data set fit into memory.
pub const MAX_REPEATS: u32 = 100;

/// Test rows of each fold, repeat after repeat; a fold trains on the other rows of its part.
///
/// It reads as a slice of all folds. Each repeat has as many as the next, and within one no row is
/// in two. A row may be in none: the only one of its class always trains, as does what a list leaves
/// out; of such rows nothing is measured.
///
/// ```
/// use model_core::Dataset;
/// use model_core::split::Folds;
/// let iris = Dataset::iris();
/// let rows: Vec<usize> = (0..iris.n_samples()).collect();
/// let folds = Folds::stratified(&iris, &rows, 5, 3, 42)?;
/// assert_eq!((folds.len(), folds.n_repeats(), folds[7].len()), (15, 3, 30));
/// # Ok::<(), model_core::split::SplitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    lists: Vec<Vec<usize>>,
    n_repeats: u32,
}

impl Deref for Folds {
    type Target = [Vec<usize>];

    fn deref(&self) -> &[Vec<usize>] {
        &self.lists
    }
}

impl Folds {
    /// No cross-validation.
    #[must_use]
    pub fn none() -> Self {
        Self::once(Vec::new())
    }

    /// One repeat of these folds, as they are.
    pub(super) fn once(lists: Vec<Vec<usize>>) -> Self {
        Self { lists, n_repeats: 1 }
    }

    /// Shares `part`, rows of `dataset`, out into `n_folds` folds with its class mix, `n_repeats`
    /// times (0 counts as once). No folds for `n_folds` 0. A row that is the only one of its class
    /// in `part` is in no fold.
    ///
    /// The first repeat does not change with the number of repeats.
    ///
    /// # Errors
    /// [`SplitError::OneFold`], [`SplitError::Repeats`] over [`MAX_REPEATS`], and
    /// [`SplitError::TooManyFolds`] if there is no row for each fold.
    pub fn stratified(
        dataset: &Dataset,
        part: &[usize],
        n_folds: usize,
        n_repeats: u32,
        seed: u64,
    ) -> Result<Self, SplitError> {
        if n_folds == 1 {
            return Err(SplitError::OneFold);
        }
        refuse_empty_folds(dataset, part, n_folds)?;
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Folds);
        let (labels, n_classes) = (dataset.labels(), dataset.n_classes());
        let first = stratified_k_fold(part, labels, n_classes, n_folds, &mut rng);
        Self::once(first).with_repeats(dataset, part, n_repeats, seed)
    }

    /// Adds repeats, drawn from `seed`, to the folds at hand until there are `n_repeats`.
    ///
    /// So folds that were recorded elsewhere stay the first repeat.
    ///
    /// # Errors
    /// As [`Folds::stratified`].
    pub fn with_repeats(
        mut self,
        dataset: &Dataset,
        part: &[usize],
        n_repeats: u32,
        seed: u64,
    ) -> Result<Self, SplitError> {
        if n_repeats > MAX_REPEATS {
            return Err(SplitError::Repeats { got: n_repeats, limit: MAX_REPEATS });
        }
        let n_folds = self.n_folds();
        if n_folds == 0 || n_repeats <= self.n_repeats {
            return Ok(self);
        }
        refuse_empty_folds(dataset, part, n_folds)?;
        let (labels, n_classes) = (dataset.labels(), dataset.n_classes());
        for repeat in self.n_repeats..n_repeats {
            let mut rng = SplitMix64::for_purpose(seed, Purpose::Repeat(repeat));
            self.lists.extend(stratified_k_fold(part, labels, n_classes, n_folds, &mut rng));
        }
        self.n_repeats = n_repeats;
        Ok(self)
    }

    /// Folds that a caller lists: `lists[f]` holds the test rows of fold `f`, as indices into
    /// `dataset`. Rows of `part`, those that train and cross-validate, may be in none.
    ///
    /// A listed row that is the only one of its class in `part` is taken out of its fold, as nothing
    /// would be left to learn the class from; a fold that is empty then is left out.
    ///
    /// # Errors
    /// [`SplitError::TooFewFolds`], [`SplitError::EmptyFold`], [`SplitError::FoldRowRange`],
    /// [`SplitError::FoldRowHeldOut`] for a row outside `part`, [`SplitError::FoldRowTwice`], and
    /// [`SplitError::FoldClass`] if a fold leaves a class nothing to train on.
    pub fn from_lists(
        dataset: &Dataset,
        part: &[usize],
        mut lists: Vec<Vec<usize>>,
    ) -> Result<Self, SplitError> {
        if lists.len() < 2 {
            return Err(SplitError::TooFewFolds { got: lists.len() });
        }
        let n_samples = dataset.n_samples();
        let mut is_in_part = vec![false; n_samples];
        for &row in part {
            if let Some(slot) = is_in_part.get_mut(row) {
                *slot = true;
            }
        }
        let mut fold_of = vec![None; n_samples];
        for (fold, rows) in lists.iter().enumerate() {
            if rows.is_empty() {
                return Err(SplitError::EmptyFold { fold });
            }
            for &row in rows {
                let Some(slot) = fold_of.get_mut(row) else {
                    return Err(SplitError::FoldRowRange { fold, row, n_samples });
                };
                if !is_in_part[row] {
                    return Err(SplitError::FoldRowHeldOut { fold, row });
                }
                if let Some(first) = slot.replace(fold) {
                    return Err(SplitError::FoldRowTwice { fold, first, row });
                }
            }
        }
        let all = dataset.class_counts_of(part);
        let is_only = |row: usize| all.get(dataset.label(row) as usize) == Some(&1);
        lists.iter_mut().for_each(|rows| rows.retain(|&row| !is_only(row)));
        for (fold, rows) in lists.iter().enumerate() {
            let held_out = dataset.class_counts_of(rows);
            let gone = all
                .iter()
                .zip(&held_out)
                .position(|(all, held_out)| held_out > &0 && held_out >= all);
            if let Some(class) = gone {
                let class = dataset.schema().classes.get(class).cloned().unwrap_or_default();
                return Err(SplitError::FoldClass { fold, class });
            }
        }
        lists.retain(|rows| !rows.is_empty());
        if lists.len() < 2 {
            return Err(SplitError::TooFewFolds { got: lists.len() });
        }
        Ok(Self::once(lists))
    }

    /// The folds of those rows alone that still train, of which each class has `counts`.
    ///
    /// # Errors
    /// [`SplitError::EmptyFold`] if nothing is left of one.
    pub(super) fn among(
        mut self,
        dataset: &Dataset,
        trains: &[bool],
        counts: &[u32],
    ) -> Result<Self, SplitError> {
        for (fold, rows) in self.lists.iter_mut().enumerate() {
            rows.retain(|&row| trains.get(row) == Some(&true));
            let mut left = dataset.class_counts_of(rows);
            for (left, all) in left.iter_mut().zip(counts) {
                *left = all - *left;
            }
            // The first row of a class goes on training if the fold holds all of them.
            rows.retain(|&row| match left.get_mut(dataset.label(row) as usize) {
                Some(left @ 0) => {
                    *left = 1;
                    false
                }
                _ => true,
            });
            if rows.is_empty() {
                return Err(SplitError::EmptyFold { fold });
            }
        }
        Ok(self)
    }

    /// How often the rows were shuffled and split into folds; at least 1.
    #[must_use]
    pub fn n_repeats(&self) -> u32 {
        self.n_repeats
    }

    /// Folds of each repeat.
    #[must_use]
    pub fn n_folds(&self) -> usize {
        self.lists.len() / self.n_repeats as usize
    }

    /// The folds of each repeat.
    pub fn repeats(&self) -> impl Iterator<Item = &[Vec<usize>]> {
        self.lists.chunks(self.n_folds().max(1))
    }
}

/// `n_folds` disjoint lists that partition `rows`, each with their class mix; none for 0. A row that
/// is the only one of its class is in no list.
///
/// `labels` are those of the whole data set, `rows` index it.
pub(crate) fn stratified_k_fold(
    rows: &[usize],
    labels: &[u32],
    n_classes: usize,
    n_folds: usize,
    rng: &mut SplitMix64,
) -> Vec<Vec<usize>> {
    let mut folds = vec![Vec::new(); n_folds];
    if n_folds == 0 {
        return folds;
    }
    // Dealing goes on where the last class ended, so that fold sizes differ by at most one.
    let mut turn = 0;
    for class in 0..n_classes as u32 {
        let mut members: Vec<usize> =
            rows.iter().copied().filter(|&row| labels[row] == class).collect();
        if members.len() == 1 {
            continue;
        }
        rng.shuffle(&mut members);
        for row in members {
            folds[turn].push(row);
            turn = (turn + 1) % n_folds;
        }
    }
    folds.iter_mut().for_each(|fold| sort_rows(fold));
    folds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::train_test_split;

    fn all_rows() -> Vec<usize> {
        (0..150).collect()
    }

    #[test]
    fn every_repeat_shares_out_the_rows_anew_with_the_class_mix() {
        let iris = Dataset::iris();
        let folds = Folds::stratified(&iris, &all_rows(), 5, 3, 7).unwrap();
        assert_eq!((folds.len(), folds.n_folds(), folds.n_repeats()), (15, 5, 3));
        for repeat in folds.repeats() {
            let mut rows = repeat.concat();
            rows.sort_unstable();
            assert_eq!(rows, all_rows());
        }
        for fold in folds.iter() {
            assert_eq!(iris.class_counts_of(fold), [10, 10, 10]);
        }
        assert_ne!(folds[0], folds[5]);
        assert_ne!(folds[5], folds[10]);
    }

    #[test]
    fn more_repeats_leave_the_earlier_ones_as_they_are() {
        let iris = Dataset::iris();
        let folds = |n_repeats| Folds::stratified(&iris, &all_rows(), 5, n_repeats, 7).unwrap();
        assert_eq!(folds(1)[..], folds(3)[..5]);
        assert_eq!(folds(2)[..], folds(3)[..10]);
        assert_eq!(folds(0), folds(1));
    }

    #[test]
    fn recorded_folds_stay_the_first_repeat() {
        let iris = Dataset::iris();
        let split = train_test_split(&iris, 0.2, 5, 42).unwrap();
        let recorded = iris.recorded_split().unwrap().folds.clone();
        let split = split.with_repeats(&iris, 2, 42).unwrap();
        assert_eq!(split.folds[..5], recorded);
        let drawn = Folds::stratified(&iris, &split.train, 5, 2, 42).unwrap();
        assert_eq!(split.folds[5..], drawn[5..]);
        assert_ne!(split.folds[..5], drawn[..5]);
    }

    #[test]
    fn a_fold_trains_on_the_rest_of_the_part() {
        let iris = Dataset::iris();
        let mut split = train_test_split(&iris, 0.2, 0, 1).unwrap();
        let lists = vec![split.train[..3].to_vec(), split.train[10..12].to_vec()];
        split.folds = Folds::from_lists(&iris, &split.train, lists).unwrap();
        assert_eq!(split.fold_train_rows(0), split.train[3..]);
        assert_eq!(split.fold_train_rows(1).len(), 118);
        assert_eq!(split.fold_train_rows(2), split.train);
    }

    #[test]
    fn no_folds_have_no_repeats() {
        let iris = Dataset::iris();
        let split = train_test_split(&iris, 0.2, 0, 1).unwrap().with_repeats(&iris, 4, 1).unwrap();
        assert!(split.folds.is_empty());
        assert_eq!(split.folds, Folds::none());
        assert_eq!(split.folds.repeats().count(), 0);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let iris = Dataset::iris();
        let error = |n_folds, n_repeats| {
            Folds::stratified(&iris, &all_rows(), n_folds, n_repeats, 1).unwrap_err()
        };
        assert_eq!(error(1, 1), SplitError::OneFold);
        assert_eq!(error(5, 101), SplitError::Repeats { got: 101, limit: 100 });
        assert_eq!(error(151, 1), SplitError::TooManyFolds { n_folds: 151, rows: 150 });
    }

    #[test]
    fn a_listed_row_that_is_the_only_one_of_its_class_is_in_no_fold() {
        let iris = Dataset::iris();
        let part: Vec<usize> = [0].into_iter().chain(50..150).collect();
        let lists = vec![vec![0, 50], vec![60], vec![100, 101]];
        let folds = Folds::from_lists(&iris, &part, lists).unwrap();
        assert_eq!(folds[..], [vec![50], vec![60], vec![100, 101]]);
        let lists = vec![vec![0], vec![60], vec![100, 101]];
        assert_eq!(Folds::from_lists(&iris, &part, lists).unwrap().len(), 2);
        let error = Folds::from_lists(&iris, &part, vec![vec![0], vec![60]]).unwrap_err();
        assert_eq!(error, SplitError::TooFewFolds { got: 1 });
    }

    #[test]
    fn faulty_lists_are_refused_with_fold_and_row() {
        let iris = Dataset::iris();
        // Rows 0 to 49 are setosa, which two rows of the part are.
        let part: Vec<usize> = [0, 1].into_iter().chain(50..150).collect();
        let error = |lists: &[&[usize]]| {
            let lists = lists.iter().map(|rows| rows.to_vec()).collect();
            Folds::from_lists(&iris, &part, lists).unwrap_err()
        };
        assert_eq!(error(&[]), SplitError::TooFewFolds { got: 0 });
        assert_eq!(error(&[&[0]]), SplitError::TooFewFolds { got: 1 });
        assert_eq!(error(&[&[0], &[]]), SplitError::EmptyFold { fold: 1 });
        assert_eq!(
            error(&[&[0], &[50, 150]]),
            SplitError::FoldRowRange { fold: 1, row: 150, n_samples: 150 }
        );
        assert_eq!(error(&[&[0], &[2]]), SplitError::FoldRowHeldOut { fold: 1, row: 2 });
        assert_eq!(
            error(&[&[0, 60], &[1], &[60]]),
            SplitError::FoldRowTwice { fold: 2, first: 0, row: 60 }
        );
        assert_eq!(
            error(&[&[0], &[60, 60]]),
            SplitError::FoldRowTwice { fold: 1, first: 1, row: 60 }
        );
        assert_eq!(
            error(&[&[60], &[0, 1]]),
            SplitError::FoldClass { fold: 1, class: "setosa".into() }
        );
        let message = error(&[&[0], &[2]]).to_string();
        assert!(message.starts_with("fold 1, row 2 (both from 0)"), "{message}");
    }
}
