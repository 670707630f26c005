//! A split that comes with a data set.

use serde::{Deserialize, Serialize};

use super::DatasetError;

/// Most folds that are read.
const MAX_FOLDS: usize = 1_000;

/// A split made elsewhere that comes with a data set, such as `data/iris.split.json`.
///
/// It is used whenever somebody asks for the seed, test size and number of folds it was made with,
/// so that figures can be compared row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedSplit {
    /// The call that made it.
    pub source: String,
    /// Its seed.
    pub seed: u64,
    /// Its held-out share.
    pub test_size: f64,
    /// Training rows, in the order they train in.
    pub train: Vec<usize>,
    /// Held-out rows.
    pub test: Vec<usize>,
    /// Test rows of each fold.
    #[serde(deserialize_with = "super::bounded::up_to::<MAX_FOLDS, _, _>")]
    pub folds: Vec<Vec<usize>>,
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Train,
    Test,
}

impl RecordedSplit {
    /// Checks that training and test rows partition `n_samples` rows, and the folds, if there are
    /// any, the training rows.
    ///
    /// # Errors
    /// [`DatasetError::RecordedSplit`] with the first row that is listed twice, in no part, in no
    /// fold, or beyond the data set.
    pub fn check(&self, n_samples: usize) -> Result<(), DatasetError> {
        let fault = |row, fault| Err(DatasetError::RecordedSplit { row, fault });
        let mut part_of = vec![None; n_samples];
        let parts = [(&self.train, Part::Train), (&self.test, Part::Test)];
        for (rows, part) in parts {
            for &row in rows {
                match part_of.get_mut(row) {
                    None => return fault(row, "is beyond the data set"),
                    Some(Some(_)) => return fault(row, "is listed twice"),
                    Some(slot) => *slot = Some(part),
                }
            }
        }
        if let Some(row) = part_of.iter().position(Option::is_none) {
            return fault(row, "neither trains nor is held out");
        }
        if self.folds.is_empty() {
            return Ok(());
        }
        for &row in self.folds.iter().flatten() {
            match part_of.get_mut(row) {
                Some(slot @ Some(Part::Train)) => *slot = None,
                _ => return fault(row, "is in two folds, or in one and no training row"),
            }
        }
        match part_of.iter().position(|part| *part == Some(Part::Train)) {
            Some(row) => fault(row, "trains and is in no fold"),
            None => Ok(()),
        }
    }

    /// The same split of rows that have other numbers, or none where they are left out.
    pub(super) fn renumbered(self, new_row: &[Option<usize>]) -> Self {
        let renumber = |rows: Vec<usize>| -> Vec<usize> {
            rows.into_iter().filter_map(|row| new_row.get(row).copied().flatten()).collect()
        };
        Self {
            train: renumber(self.train),
            test: renumber(self.test),
            folds: self.folds.into_iter().map(renumber).collect(),
            ..self
        }
    }

    pub(crate) fn answers(&self, test_size: f64, n_folds: usize, seed: u64) -> bool {
        self.seed == seed
            && self.test_size.to_bits() == test_size.to_bits()
            && (n_folds == 0 || n_folds == self.folds.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_share_out_the_rows_is_named() {
        let sound = RecordedSplit {
            source: String::new(),
            seed: 1,
            test_size: 0.25,
            train: vec![2, 0, 3],
            test: vec![1],
            folds: vec![vec![3], vec![0, 2]],
        };
        assert_eq!(sound.check(4), Ok(()));
        let refused = |change: fn(&mut RecordedSplit)| {
            let mut split = sound.clone();
            change(&mut split);
            let text = split.check(4).unwrap_err().to_string();
            text.split(':').next().unwrap_or_default().to_owned()
        };
        let named = [
            refused(|split| split.train[0] = 4),
            refused(|split| split.train[0] = 0),
            refused(|split| split.test.clear()),
            refused(|split| split.folds[0][0] = 0),
            refused(|split| split.folds[0][0] = 1),
            refused(|split| split.folds[0].clear()),
        ];
        let split = "the recorded split does not partition the rows, counted from 0";
        assert!(named.iter().all(|text| text == split), "{named:?}");
        assert!(RecordedSplit { folds: Vec::new(), ..sound }.check(4).is_ok());
    }
}
