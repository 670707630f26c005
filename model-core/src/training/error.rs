//! Why there is no model.

use super::Stage;
use crate::model::{Family, FitError, ParamError};
use crate::split::SplitError;

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The rows cannot be split as asked.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The model could not be fitted.
    #[error("{stage}: {source}")]
    Fit {
        /// During what.
        stage: Stage,
        /// Why.
        source: FitError,
    },
    /// A value is beyond what the family computes with.
    #[error(
        "{family} cannot compute with {value:e} in column {column:?}, beyond {most:e}: take another unit, or leave the column out"
    )]
    TooLarge {
        /// The family.
        family: Family,
        /// The column.
        column: String,
        /// The first such value.
        value: f64,
        /// The greatest magnitude that it computes with.
        most: f64,
    },
    /// A search has nothing to try.
    #[error("there is no family to search among: give at least one")]
    NoFamily,
    /// The caller asked to stop.
    #[error("training was cancelled")]
    Cancelled,
    /// [`Training::finish`](super::Training::finish) came before the last stage was done.
    #[error("training has {0} steps left")]
    Unfinished(usize),
}
