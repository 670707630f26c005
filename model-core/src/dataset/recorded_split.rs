//! A split that comes with a data set.

use serde::Deserialize;

use crate::order::sort_rows;

/// A split made elsewhere that comes with a data set, such as `data/iris.split.json`.
///
/// It is used whenever somebody asks for the seed, test size and number of folds it was made with,
/// so that figures can be compared row by row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    pub folds: Vec<Vec<usize>>,
}

impl RecordedSplit {
    /// Whether training and test rows share out `n_samples` rows, and the folds the training rows.
    #[must_use]
    pub fn fits(&self, n_samples: usize) -> bool {
        let sorted = |rows: &mut Vec<usize>| sort_rows(rows);
        let mut all: Vec<usize> = self.train.iter().chain(&self.test).copied().collect();
        let mut train = self.train.clone();
        let mut folded: Vec<usize> = self.folds.iter().flatten().copied().collect();
        [&mut all, &mut train, &mut folded].into_iter().for_each(sorted);
        all.iter().copied().eq(0..n_samples) && (folded.is_empty() || folded == train)
    }

    pub(crate) fn answers(&self, test_size: f64, n_folds: usize, seed: u64) -> bool {
        self.seed == seed
            && self.test_size.to_bits() == test_size.to_bits()
            && (n_folds == 0 || n_folds == self.folds.len())
    }
}
