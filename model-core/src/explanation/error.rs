//! Why there is no explanation.

use crate::model::ParamError;

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplanationError {
    /// The model carries no rows of its training data.
    #[error(
        "the model carries no rows of its training data to compare with: take a file that has its rows, or train it again"
    )]
    NoReferenceRows,
    /// No rows were given.
    #[error("there are no rows to look at: give at least one")]
    NoRows,
    /// A row of another width than the model's.
    #[error(
        "the row has {got} values, the model takes {expected}: give a row of this model's schema"
    )]
    RowWidth {
        /// Features of the model.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// A feature that the model does not have.
    #[error("there is no feature {feature} (from 0): the model has {n_features}")]
    NoFeature {
        /// Which was asked for, from 0.
        feature: usize,
        /// How many there are.
        n_features: usize,
    },
    /// A feature of which no row has a value.
    #[error("feature {feature:?} has no value in any of the rows: give rows that have one")]
    NoValues {
        /// Its name.
        feature: String,
    },
    /// A class that the model does not have.
    #[error("there is no class {class} (from 0): the model has {n_classes}")]
    NoClass {
        /// Which was asked for, from 0.
        class: usize,
        /// How many there are.
        n_classes: usize,
    },
    /// Rows of other columns, categories or classes than the model's.
    #[error(
        "{what} of the data set differs from the model's: give data with the columns, categories and classes that it was trained on"
    )]
    OtherData {
        /// What differs: `column "x"`, or `the list of classes`.
        what: String,
    },
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The linear system of a surrogate has no solution.
    #[error("the surrogate cannot be solved: give more samples, or a ridge above 0")]
    Singular,
    /// The caller asked to stop.
    #[error("the explanation was cancelled")]
    Cancelled,
}
