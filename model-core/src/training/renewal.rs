//! What a model that serves is trained anew by: families, folds, and which rows are held out.

use super::{TrainError, Training};
use crate::artifact::WithoutRowsError;
use crate::dataset::Dataset;
use crate::model::Family;
use crate::recipe::TrainParams;
use crate::split::Split;

/// How often a renewal shuffles its rows into folds: what a comparison can tell grows with it.
const REPEATS: u32 = 2;

impl TrainParams {
    /// The recipes of a renewal, by the families' defaults: of those whose models can be [without
    /// rows](crate::Artifact::without_rows). A model stays, and rows that people asked it may have to go.
    ///
    /// ```
    /// use model_core::TrainParams;
    /// let families: Vec<_> = TrainParams::of_renewal(42).iter().map(|it| it.family.family().as_str()).collect();
    /// assert_eq!(families, ["logistic_regression", "random_forest", "gaussian_nb", "gradient_boosting"]);
    /// ```
    #[must_use]
    pub fn of_renewal(seed: u64) -> Vec<Self> {
        let able = Family::ALL.into_iter().filter(|it| WithoutRowsError::of_family(*it).is_none());
        able.map(|family| Self { cv_repeats: REPEATS, seed, ..Self::new(family) }).collect()
    }
}

impl<'a> Training<'a> {
    /// The training of a renewal on `dataset`, whose rows are in the order of their time: the newest of each class are held
    /// out ([`Split::with_newest_held_out`]).
    ///
    /// ```
    /// use model_core::{Dataset, TrainParams, Training};
    /// let iris = Dataset::iris();
    /// let params = TrainParams::of_renewal(42).remove(0);
    /// let training = Training::of_renewal(&iris, params)?;
    /// assert_eq!((training.split().test[0], training.split().folds.len()), (40, 10));
    /// # Ok::<(), model_core::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// As [`with_split`](Self::with_split).
    pub fn of_renewal(dataset: &'a Dataset, params: TrainParams) -> Result<Self, TrainError> {
        let TrainParams { test_size, cv_folds, cv_repeats, seed, .. } = params;
        let split = Split::with_newest_held_out(dataset, test_size, cv_folds, cv_repeats, seed)?;
        Self::with_split(dataset, params, split)
    }
}
