//! Why two samples cannot be compared.

/// Why there is no drift report.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DriftError {
    /// The reference has no column.
    #[error("the reference has no columns: give at least one to compare")]
    NoColumns,
    /// The window lacks a column of the reference.
    #[error("the current window has no column {column:?}, which the reference has")]
    MissingColumn {
        /// Its name.
        column: String,
    },
    /// Numbers on one side, categories on the other.
    #[error("column {column:?} holds numbers in one sample and categories in the other")]
    KindDiffers {
        /// Its name.
        column: String,
    },
    /// A column is longer or shorter than the first.
    #[error("column {column:?} has {got} rows where the first column has {expected}")]
    RowCount {
        /// Its name.
        column: String,
        /// Rows of the first column.
        expected: usize,
        /// Rows of this one.
        got: usize,
    },
    /// An infinity among numbers.
    #[error("column {column:?} holds an infinity: leave the value out (NaN)")]
    NotFinite {
        /// Its name.
        column: String,
    },
    /// What is no category's index.
    #[error("column {column:?} holds {code}, which is no index of its categories")]
    NoCategory {
        /// Its name.
        column: String,
        /// The value.
        code: f64,
    },
    /// A parameter outside its range.
    #[error("{name} is {value}: it must be {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would do.
        expected: &'static str,
    },
    /// Two sketches that cannot be merged.
    #[error("sketches of different columns cannot be merged: {column:?} differs")]
    SketchDiffers {
        /// The first column that differs.
        column: String,
    },
}
