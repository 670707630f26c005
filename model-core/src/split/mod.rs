//! Which rows train and which are held out: stratified, seeded, or recorded elsewhere.

mod folds;
mod newest;

pub(crate) use self::folds::stratified_k_fold;
pub use self::folds::{Folds, MAX_REPEATS};
use crate::dataset::Dataset;
use crate::digest::Digest;
use crate::order::{sort_by, sort_rows};
use crate::rng::{Purpose, SplitMix64};

/// Rows to train on and rows to look at once, as indices into the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows that train and cross-validate.
    pub train: Vec<usize>,
    /// Rows held out; empty if all rows train.
    pub test: Vec<usize>,
    /// Test rows of each cross-validation fold. Drawn ones partition `train` but for rows that are
    /// the only ones of their class; listed ones may leave any rows out.
    pub folds: Folds,
}

impl Split {
    /// Adds repeats to the folds until there are `n_repeats`; the folds at hand stay the first.
    ///
    /// # Errors
    /// As [`Folds::with_repeats`].
    pub fn with_repeats(
        mut self,
        dataset: &Dataset,
        n_repeats: u32,
        seed: u64,
    ) -> Result<Self, SplitError> {
        self.folds = self.folds.with_repeats(dataset, &self.train, n_repeats, seed)?;
        Ok(self)
    }

    /// At most `max_rows` of the training rows, ascending, drawn from `seed` with their class mix;
    /// two rows of each class stay in any case, if there are two. Test rows stay.
    ///
    /// Folds hold out what is left of them, less what would leave a class nothing to train on.
    ///
    /// # Errors
    /// [`SplitError::EmptyFold`] if nothing is left of a fold.
    pub fn with_max_rows(
        mut self,
        dataset: &Dataset,
        max_rows: usize,
        seed: u64,
    ) -> Result<Self, SplitError> {
        if self.train.len() <= max_rows {
            return Ok(self);
        }
        let (labels, n_classes) = (dataset.labels(), dataset.n_classes());
        let mut rng = SplitMix64::for_purpose(seed, Purpose::MaxRows);
        let mut rows = stratified_sample(labels, n_classes, &self.train, max_rows, &mut rng);
        rows.retain(|&row| row < dataset.n_samples());
        let mut counts = dataset.class_counts_of(&rows);
        let mut trains = vec![false; dataset.n_samples()];
        rows.iter().for_each(|&row| trains[row] = true);
        for &row in &self.train {
            let class = dataset.label(row) as usize;
            let (Some(count), Some(trains)) = (counts.get_mut(class), trains.get_mut(row)) else {
                continue;
            };
            if *count < 2 && !*trains {
                *trains = true;
                *count += 1;
                rows.push(row);
            }
        }
        sort_rows(&mut rows);
        self.folds = self.folds.among(dataset, &trains, &counts)?;
        self.train = rows;
        Ok(self)
    }

    /// Checks the split against the data set and against the share that it is said to hold out.
    ///
    /// Its rows are in the data set, each in one part, and its folds hold out training rows. The
    /// test part has `test_size` of them within one row, less what small classes keep to train on.
    /// With `max_rows` no more train, but for two of each class, and `test_size` is that of the
    /// whole data set.
    ///
    /// # Errors
    /// [`SplitError::RowRange`], [`SplitError::RowTwice`], [`SplitError::FoldRowHeldOut`],
    /// [`SplitError::MaxRows`] and [`SplitError::Share`].
    pub fn check(
        &self,
        dataset: &Dataset,
        test_size: f64,
        max_rows: Option<u32>,
    ) -> Result<(), SplitError> {
        let n_samples = dataset.n_samples();
        let mut trains = vec![None; n_samples];
        let parts = [(&self.train, true), (&self.test, false)];
        for (row, part) in
            parts.into_iter().flat_map(|(rows, part)| rows.iter().map(move |&row| (row, part)))
        {
            match trains.get_mut(row) {
                None => return Err(SplitError::RowRange { row, n_samples }),
                Some(Some(_)) => return Err(SplitError::RowTwice { row }),
                Some(slot) => *slot = Some(part),
            }
        }
        for (fold, rows) in self.folds.iter().enumerate() {
            let is_outside = |row: &&usize| trains.get(**row).copied().flatten() != Some(true);
            if let Some(&row) = rows.iter().find(is_outside) {
                return Err(SplitError::FoldRowHeldOut { fold, row });
            }
        }
        let n_train = self.train.len();
        if let Some(limit) = max_rows
            && n_train > (limit as usize).saturating_add(2 * dataset.n_classes())
        {
            return Err(SplitError::MaxRows { limit, got: n_train });
        }
        let n_split = if max_rows.is_some() { n_samples } else { n_train + self.test.len() };
        let (expected, got) = (held_out(n_split, test_size), self.test.len());
        // A class that was given rows back is left with two, or with its only one.
        let counts = dataset.class_counts_of(&self.train);
        let given_back = 2 * counts.iter().filter(|&&rows| rows <= 2).count();
        if got > expected + 1 || got + 1 + given_back < expected {
            return Err(SplitError::Share { test_size, expected, got });
        }
        Ok(())
    }

    /// What names the split: the SHA-256 over the rows of each part and fold, in their order.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::new();
        let lists = [&self.train, &self.test].into_iter().chain(self.folds.iter());
        for rows in lists {
            bytes.extend((rows.len() as u64).to_le_bytes());
            bytes.extend(rows.iter().flat_map(|&row| (row as u64).to_le_bytes()));
        }
        Digest::of(&bytes)
    }

    /// Rows that fold `fold` trains on, in the order of `train`: those that it does not hold out.
    #[must_use]
    pub fn fold_train_rows(&self, fold: usize) -> Vec<usize> {
        let held_out = self.folds.get(fold).map(Vec::as_slice).unwrap_or_default();
        let end = held_out.iter().max().map_or(0, |&last| last + 1);
        let mut is_held_out = vec![false; end];
        held_out.iter().for_each(|&row| is_held_out[row] = true);
        let trains = |row: usize| !is_held_out.get(row).copied().unwrap_or_default();
        self.train.iter().copied().filter(|&row| trains(row)).collect()
    }
}

/// Why rows cannot be split as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Not a share.
    #[error("test_size {0} is not in 0 to 0.9: give the share of rows to hold out, 0 for none")]
    TestSize(f64),
    /// The parts are not of the size that was asked for.
    #[error(
        "the split holds out {got} rows where test_size {test_size} asks for {expected}: state the share that it was made with"
    )]
    Share {
        /// Held-out share that was stated.
        test_size: f64,
        /// Rows that would be held out.
        expected: usize,
        /// Rows that are.
        got: usize,
    },
    /// More rows train than the recipe allows.
    #[error(
        "the split trains on {got} rows where max_rows allows {limit}: draw them with Split::with_max_rows"
    )]
    MaxRows {
        /// The most that may train.
        limit: u32,
        /// Rows that train.
        got: usize,
    },
    /// A row of a part is not there.
    #[error("row {row} of the split, counted from 0: the data set has {n_samples} rows")]
    RowRange {
        /// Row, from 0.
        row: usize,
        /// Rows of the data set.
        n_samples: usize,
    },
    /// A row is listed twice, in one part or in both.
    #[error("row {row} of the split, counted from 0, is listed twice")]
    RowTwice {
        /// Row, from 0.
        row: usize,
    },
    /// One fold is none.
    #[error("1 fold cannot cross-validate: give at least 2, or 0 for no cross-validation")]
    OneFold,
    /// There is no row for each fold.
    #[error(
        "{n_folds} folds are more than there are rows to hold out ({rows}): ask for fewer, or for 0"
    )]
    TooManyFolds {
        /// Folds asked for.
        n_folds: usize,
        /// Training rows but those that are the only ones of their class.
        rows: usize,
    },
    /// More repeats than memory is kept for.
    #[error("{got} repeats are over the limit of {limit}")]
    Repeats {
        /// Repeats asked for.
        got: u32,
        /// The most that are drawn.
        limit: u32,
    },
    /// Lists of fewer than two folds.
    #[error("{got} folds are listed: cross-validation needs at least 2")]
    TooFewFolds {
        /// Folds listed.
        got: usize,
    },
    /// A listed fold holds out nothing.
    #[error("fold {fold} (from 0) lists no rows")]
    EmptyFold {
        /// Fold, from 0.
        fold: usize,
    },
    /// A listed row is not there.
    #[error("fold {fold}, row {row} (both from 0): the data set has {n_samples} rows")]
    FoldRowRange {
        /// Fold, from 0.
        fold: usize,
        /// Row, from 0.
        row: usize,
        /// Rows of the data set.
        n_samples: usize,
    },
    /// A listed row is kept for the test.
    #[error(
        "fold {fold}, row {row} (both from 0): the row is held out for the test and may be in no fold"
    )]
    FoldRowHeldOut {
        /// Fold, from 0.
        fold: usize,
        /// Row, from 0.
        row: usize,
    },
    /// A row is listed twice.
    #[error("fold {fold}, row {row} (both from 0): the row is in fold {first} already")]
    FoldRowTwice {
        /// The later fold, from 0.
        fold: usize,
        /// The earlier fold, from 0; the same if it lists the row twice.
        first: usize,
        /// Row, from 0.
        row: usize,
    },
    /// A class has nothing left to train on.
    #[error(
        "fold {fold} (from 0) holds out all rows of class {class:?}: leave at least one to train on"
    )]
    FoldClass {
        /// Fold, from 0.
        fold: usize,
        /// The class.
        class: String,
    },
}

/// Splits the rows into a training part, a held-out part and folds of the training part, each
/// with the data set's class mix.
///
/// A split recorded with the data set answers if it was made with the same numbers; else `seed`
/// decides. `test_size` is the held-out share, `n_folds` 0 asks for no folds.
///
/// A rare class stops nothing: two rows of each class train before one is held out, so that one is
/// left whichever a fold holds out, and a row that is the only one of its class always trains.
///
/// # Errors
/// [`SplitError::TestSize`] outside 0 to 0.9, [`SplitError::OneFold`], and
/// [`SplitError::TooManyFolds`] if there is no row for each fold.
pub fn train_test_split(
    dataset: &Dataset,
    test_size: f64,
    n_folds: usize,
    seed: u64,
) -> Result<Split, SplitError> {
    if !(0.0..=0.9).contains(&test_size) {
        return Err(SplitError::TestSize(test_size));
    }
    if n_folds == 1 {
        return Err(SplitError::OneFold);
    }
    if let Some(recorded) = dataset.recorded_split()
        && recorded.answers(test_size, n_folds, seed)
    {
        let lists = if n_folds == 0 { Vec::new() } else { recorded.folds.clone() };
        let folds = Folds::once(lists);
        return Ok(Split { train: recorded.train.clone(), test: recorded.test.clone(), folds });
    }
    let all: Vec<usize> = (0..dataset.n_samples()).collect();
    let mut rng = SplitMix64::for_purpose(seed, Purpose::Split);
    let wanted = held_out(all.len(), test_size);
    let mut test = stratified_sample(dataset.labels(), dataset.n_classes(), &all, wanted, &mut rng);
    give_back(dataset, &mut test);
    let mut is_test = vec![false; all.len()];
    test.iter().for_each(|&row| is_test[row] = true);
    let train: Vec<usize> = all.into_iter().filter(|&row| !is_test[row]).collect();

    let folds = Folds::stratified(dataset, &train, n_folds, 1, seed)?;
    Ok(Split { train, test, folds })
}

/// Takes rows of small classes out of the held-out ones, so that two of each are left to train on.
fn give_back(dataset: &Dataset, test: &mut Vec<usize>) {
    let mut left: Vec<u32> = dataset.class_counts();
    for (left, held_out) in left.iter_mut().zip(dataset.class_counts_of(test)) {
        *left -= held_out;
    }
    test.retain(|&row| {
        let left = &mut left[dataset.label(row) as usize];
        let needed = *left < 2;
        *left += u32::from(needed);
        !needed
    });
}

/// Refuses more folds than there are rows that can be held out.
fn refuse_empty_folds(dataset: &Dataset, rows: &[usize], n_folds: usize) -> Result<(), SplitError> {
    let counts = dataset.class_counts_of(rows).into_iter();
    let rows = counts.filter(|&rows| rows > 1).sum::<u32>() as usize;
    if n_folds > rows { Err(SplitError::TooManyFolds { n_folds, rows }) } else { Ok(()) }
}

/// Rows to hold out: the share rounded up, as scikit-learn does.
fn held_out(n_samples: usize, test_size: f64) -> usize {
    // The margin keeps 0.2 * 150 at 30, not 31.
    (n_samples as f64 * test_size - 1e-9).ceil().max(0.0) as usize
}

/// `wanted` of `rows` (indices into `labels`, each below `n_classes`), sorted, with the class mix of
/// `rows`: each class gives its share rounded
/// down, and the largest remainders (lower class first) give one more.
pub(crate) fn stratified_sample(
    labels: &[u32],
    n_classes: usize,
    rows: &[usize],
    wanted: usize,
    rng: &mut SplitMix64,
) -> Vec<usize> {
    let wanted = wanted.min(rows.len());
    let mut by_class = vec![Vec::new(); n_classes];
    for &row in rows {
        let class = labels.get(row).map_or(0, |&label| label as usize);
        by_class[class].push(row);
    }
    let takes = shares_of_classes(&by_class, rows.len(), wanted);

    let mut sample = Vec::with_capacity(wanted);
    for (members, take) in by_class.iter_mut().zip(takes) {
        rng.shuffle(members);
        sample.extend_from_slice(&members[..take]);
    }
    sort_rows(&mut sample);
    sample
}

/// How many of `wanted` rows each class gives, of `n_rows` in all, with their class mix: its share rounded
/// down, and the largest remainders (lower class first) give one more.
fn shares_of_classes(by_class: &[Vec<usize>], n_rows: usize, wanted: usize) -> Vec<usize> {
    // In 64 bits, as the products pass 32 at 200,000 rows and wasm's usize has no more.
    let total = n_rows.max(1) as u64;
    let share = |members: &Vec<usize>| members.len() as u64 * wanted as u64;
    let mut takes: Vec<usize> =
        by_class.iter().map(|members| (share(members) / total) as usize).collect();
    let mut order: Vec<usize> = (0..takes.len()).collect();
    let remainder = |class: usize| share(&by_class[class]) % total;
    sort_by(&mut order, &mut |a, b| remainder(b).cmp(&remainder(a)));
    let missing = wanted - takes.iter().sum::<usize>();
    order.iter().take(missing).for_each(|&class| takes[class] += 1);
    takes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut rows: Vec<usize>) -> Vec<usize> {
        rows.sort_unstable();
        rows
    }

    #[test]
    fn parts_share_out_the_rows_with_the_class_mix() {
        let iris = Dataset::iris();
        let split = train_test_split(&iris, 0.2, 5, 7).unwrap();
        assert_eq!(iris.class_counts_of(&split.test), [10, 10, 10]);
        let all = sorted([split.train.clone(), split.test.clone()].concat());
        assert_eq!(all, (0..150).collect::<Vec<_>>());
        assert_eq!(sorted(split.folds.concat()), split.train);
        for fold in split.folds.iter() {
            assert_eq!(iris.class_counts_of(fold), [8, 8, 8]);
        }
    }

    #[test]
    fn a_seed_gives_one_split_and_another_seed_another() {
        let iris = Dataset::iris();
        let split = |seed| train_test_split(&iris, 0.2, 5, seed).unwrap();
        assert_eq!(split(1), split(1));
        assert_ne!(split(1), split(2));
    }

    #[test]
    fn the_recorded_split_answers_for_its_own_numbers_only() {
        let iris = Dataset::iris();
        let recorded = iris.recorded_split().unwrap();
        assert_eq!(train_test_split(&iris, 0.2, 5, 42).unwrap().test, recorded.test);
        assert_eq!(train_test_split(&iris, 0.2, 0, 42).unwrap().train, recorded.train);
        assert_ne!(train_test_split(&iris, 0.3, 5, 42).unwrap().test, recorded.test);
        assert_ne!(train_test_split(&iris, 0.2, 10, 42).unwrap().test, recorded.test);
    }

    #[test]
    fn a_recorded_split_that_does_not_share_out_the_rows_is_an_error() {
        let iris = Dataset::iris();
        let mut split = iris.recorded_split().unwrap().clone();
        split.train[0] = split.train[1];
        assert!(iris.with_recorded_split(split).is_err());
    }

    #[test]
    fn a_split_of_another_share_or_of_other_rows_is_refused() {
        let iris = Dataset::iris();
        let split = train_test_split(&iris, 0.2, 5, 7).unwrap();
        assert_eq!(split.check(&iris, 0.2, None), Ok(()));
        let share = SplitError::Share { test_size: 0.4, expected: 60, got: 30 };
        assert_eq!(split.check(&iris, 0.4, None), Err(share));
        let refused = |change: fn(&mut Split)| {
            let mut split = split.clone();
            change(&mut split);
            split.check(&iris, 0.2, None).unwrap_err()
        };
        assert_eq!(
            refused(|split| split.train[3] = 150),
            SplitError::RowRange { row: 150, n_samples: 150 }
        );
        let row = split.test[0];
        assert_eq!(refused(|split| split.train[0] = split.test[0]), SplitError::RowTwice { row });
        assert_eq!(
            refused(|split| split.folds = Folds::once(vec![vec![split.test[0]], Vec::new()])),
            SplitError::FoldRowHeldOut { fold: 0, row }
        );
    }

    #[test]
    fn rows_given_back_to_small_classes_keep_a_split_sound() {
        let csv = format!("x,y\n{}1,b\n2,b\n3,c\n3,c\n", "1,a\n2,a\n".repeat(4));
        let data = Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
        for test_size in [0.0, 0.1, 0.5, 0.9] {
            let split = train_test_split(&data, test_size, 2, 1).unwrap();
            assert_eq!(split.check(&data, test_size, None), Ok(()), "{test_size}");
        }
    }

    #[test]
    fn zero_holds_nothing_out() {
        let split = train_test_split(&Dataset::iris(), 0.0, 0, 1).unwrap();
        assert_eq!((split.train.len(), split.test.len(), split.folds.len()), (150, 0, 0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let iris = Dataset::iris();
        let error = |test_size, folds| train_test_split(&iris, test_size, folds, 1).unwrap_err();
        assert_eq!(error(1.0, 5), SplitError::TestSize(1.0));
        assert!(matches!(error(f64::NAN, 5), SplitError::TestSize(_)));
        assert_eq!(error(0.2, 1), SplitError::OneFold);
        assert_eq!(error(0.2, 121), SplitError::TooManyFolds { n_folds: 121, rows: 120 });
    }

    #[test]
    fn two_rows_of_a_small_class_always_train() {
        let read =
            |csv: &str| Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
        let csv = format!("x,y\n{}1,b\n2,b\n", "1,a\n2,a\n".repeat(20));
        for seed in 0..20 {
            let data = read(&csv);
            let split = train_test_split(&data, 0.5, 5, seed).unwrap();
            assert_eq!(data.class_counts_of(&split.train)[1], 2);
            // Whichever fold holds one out, the other is there to learn from.
            for fold in 0..5 {
                assert!(data.class_counts_of(&split.fold_train_rows(fold))[1] > 0);
            }
        }
    }

    #[test]
    fn the_only_row_of_a_class_always_trains() {
        let csv = format!("x,y\n1,b\n{}1,c\n", "1,a\n2,a\n".repeat(20));
        let data = Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
        for seed in 0..20 {
            let split = train_test_split(&data, 0.9, 3, seed).unwrap();
            assert!(split.train.contains(&0) && split.train.contains(&41));
            for fold in 0..3 {
                assert_eq!(data.class_counts_of(&split.folds[fold])[1..], [0, 0]);
                assert_eq!(data.class_counts_of(&split.fold_train_rows(fold))[1..], [1, 1]);
            }
        }
    }

    #[test]
    fn fewer_training_rows_keep_class_mix_folds_and_test_part() {
        let iris = Dataset::iris();
        let whole = train_test_split(&iris, 0.2, 5, 7).unwrap().with_repeats(&iris, 2, 7).unwrap();
        let split = whole.clone().with_max_rows(&iris, 60, 7).unwrap();
        assert_eq!(iris.class_counts_of(&split.train), [20, 20, 20]);
        assert_eq!((&split.test, split.folds.n_repeats()), (&whole.test, 2));
        for repeat in split.folds.repeats() {
            assert_eq!(sorted(repeat.concat()), split.train);
        }
        assert_eq!(split.check(&iris, 0.2, Some(60)), Ok(()));
        let error = whole.check(&iris, 0.2, Some(60)).unwrap_err();
        assert_eq!(error, SplitError::MaxRows { limit: 60, got: 120 });
        assert_eq!(whole.clone().with_max_rows(&iris, 120, 7).unwrap(), whole);
        let other = whole.with_max_rows(&iris, 60, 8).unwrap();
        assert_ne!(other.train, split.train);
    }

    #[test]
    fn fewer_training_rows_leave_every_class_something_to_learn_from() {
        let csv = format!("x,y\n1,b\n{}2,c\n2,c\n3,c\n", "1,a\n2,a\n".repeat(200));
        let data = Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
        for seed in 0..10 {
            let split = train_test_split(&data, 0.1, 4, seed).unwrap();
            let few = split.with_max_rows(&data, 20, seed).unwrap();
            let counts = data.class_counts_of(&few.train);
            assert_eq!(counts[1..], [1, 2], "{counts:?}");
            assert!(few.train.len() <= 23 && few.check(&data, 0.1, Some(20)).is_ok());
            for fold in 0..4 {
                assert!(!data.class_counts_of(&few.fold_train_rows(fold)).contains(&0));
            }
        }
    }

    #[test]
    fn forty_eight_classes_of_three_rows_are_shared_out() {
        let csv: String = (0..144).map(|i| format!("{i},c{}\n", i % 48)).collect();
        let csv = format!("x,y\n{csv}");
        let data = Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let sizes: Vec<usize> = split.folds.iter().map(Vec::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), split.train.len());
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        for fold in 0..5 {
            assert!(!data.class_counts_of(&split.fold_train_rows(fold)).contains(&0));
        }
    }

    #[test]
    fn remainders_go_to_the_largest_share() {
        let iris = Dataset::iris();
        let rows: Vec<usize> = (0..150).collect();
        let sample = stratified_sample(iris.labels(), 3, &rows, 31, &mut SplitMix64::new(1));
        assert_eq!(iris.class_counts_of(&sample), [11, 10, 10]);
    }
}
