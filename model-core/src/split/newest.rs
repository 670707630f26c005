//! The newest rows are held out: what a model will be asked is like them rather than like the oldest.

use super::{Folds, Split, SplitError, give_back, held_out, shares_of_classes};
use crate::dataset::Dataset;
use crate::order::sort_rows;

impl Split {
    /// Holds out the newest rows of each class, where `dataset` lists rows from the oldest to the newest. As many, and with the
    /// same class mix, as [`train_test_split`](super::train_test_split) draws; folds are drawn from the rows before.
    ///
    /// ```
    /// use model_core::Dataset;
    /// use model_core::split::Split;
    /// let iris = Dataset::iris();
    /// let split = Split::with_newest_held_out(&iris, 0.2, 5, 2, 42)?;
    /// assert_eq!((&split.test[..10], split.folds.len()), (&[40, 41, 42, 43, 44, 45, 46, 47, 48, 49][..], 10));
    /// # Ok::<(), model_core::split::SplitError>(())
    /// ```
    ///
    /// # Errors
    /// [`SplitError::TestSize`], and as [`Folds::stratified`].
    pub fn with_newest_held_out(
        dataset: &Dataset,
        test_size: f64,
        n_folds: usize,
        n_repeats: u32,
        seed: u64,
    ) -> Result<Self, SplitError> {
        if !(0.0..=0.9).contains(&test_size) {
            return Err(SplitError::TestSize(test_size));
        }
        let n_samples = dataset.n_samples();
        let mut by_class = vec![Vec::new(); dataset.n_classes()];
        (0..n_samples).for_each(|row| by_class[dataset.label(row) as usize].push(row));
        let takes = shares_of_classes(&by_class, n_samples, held_out(n_samples, test_size));
        let newest = by_class.iter().zip(takes).flat_map(|(rows, n)| &rows[rows.len() - n..]);
        let mut test: Vec<usize> = newest.copied().collect();
        sort_rows(&mut test);
        give_back(dataset, &mut test);
        let mut is_test = vec![false; n_samples];
        test.iter().for_each(|&row| is_test[row] = true);
        let train: Vec<usize> = (0..n_samples).filter(|&row| !is_test[row]).collect();
        let folds = Folds::stratified(dataset, &train, n_folds, n_repeats, seed)?;
        Ok(Self { train, test, folds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::train_test_split;

    #[test]
    fn it_has_the_size_and_the_class_mix_of_a_drawn_one() {
        let iris = Dataset::iris();
        for test_size in [0.0, 0.15, 0.2, 0.5, 0.9] {
            let newest = Split::with_newest_held_out(&iris, test_size, 3, 1, 7).unwrap();
            let drawn = train_test_split(&iris, test_size, 3, 7).unwrap();
            let mix = |split: &Split| iris.class_counts_of(&split.test);
            assert_eq!(mix(&newest), mix(&drawn), "{test_size}");
            newest.check(&iris, test_size, None).unwrap();
        }
        assert!(Split::with_newest_held_out(&iris, 0.95, 3, 1, 7).is_err());
    }

    #[test]
    fn no_row_of_a_class_that_trains_is_newer_than_one_that_is_held_out() {
        let iris = Dataset::iris();
        let split = Split::with_newest_held_out(&iris, 0.3, 0, 1, 7).unwrap();
        for class in 0..3 {
            let of_class = |rows: &[usize]| -> Vec<usize> {
                rows.iter().copied().filter(|&row| iris.label(row) == class).collect()
            };
            assert!(of_class(&split.train).last() < of_class(&split.test).first());
        }
    }
}
