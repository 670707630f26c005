//! What can be wrong with a file of rows.

/// Why rows do not make a data set. Rows are counted from 1 below the header.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The bytes are not UTF-8 text.
    #[error("the file is {found}: save it as CSV in UTF-8")]
    Encoding {
        /// What they seem to be.
        found: &'static str,
    },
    /// A row is not UTF-8 text.
    #[error("row {row} is not UTF-8 text: save the file as CSV in UTF-8")]
    NotUtf8 {
        /// Row, from 1; 0 is the header.
        row: u64,
    },
    /// The file could not be read as CSV text.
    #[error("not readable as CSV: {reason}")]
    Csv {
        /// What the reader met.
        reason: String,
    },
    /// There is nothing below the header, or no header.
    #[error("the file has no data rows: expected a header line and at least two rows")]
    NoRows,
    /// There is one column only.
    #[error(
        "the file has one column, {column:?}: expected at least a feature and the target, separated by comma, semicolon or tab"
    )]
    OneColumn {
        /// Its name, shortened.
        column: String,
    },
    /// No column is left to learn from.
    #[error("no column is left to learn from: {left_out} left out")]
    NoFeatures {
        /// The columns that were left out.
        left_out: String,
    },
    /// The target column is not there.
    #[error("there is no column {target:?}; the columns are {columns}")]
    NoTarget {
        /// The name asked for.
        target: String,
        /// The names that exist.
        columns: String,
    },
    /// A column that an option names is not there.
    #[error("there is no column {column:?} to {purpose}; the columns are {columns}")]
    NoColumn {
        /// The name asked for.
        column: String,
        /// What for.
        purpose: &'static str,
        /// The names that exist.
        columns: String,
    },
    /// Two columns share a name.
    #[error("two columns are named {name:?}: column names must differ")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A cell is not what its column holds.
    #[error("row {row}, column {column:?}: expected {expected}, got {text:?}{hint}")]
    BadCell {
        /// Row, from 1.
        row: usize,
        /// Column name.
        column: String,
        /// The cell's text, shortened.
        text: String,
        /// What would do.
        expected: String,
        /// What else could be done; empty, or begins with a separator.
        hint: &'static str,
    },
    /// A cell is empty where the model needs a value.
    #[error("row {row}, column {column:?}: expected {expected}, got no value")]
    NoValue {
        /// Row, from 1.
        row: usize,
        /// Column name.
        column: String,
        /// What would do.
        expected: String,
    },
    /// A row has more or fewer cells than the header.
    #[error("row {row} has {got} cells where the header has {expected}")]
    RowWidth {
        /// Row, from 1.
        row: usize,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        got: usize,
    },
    /// No row has a label.
    #[error("no row has a label in column {target:?}")]
    NoLabels {
        /// The target column.
        target: String,
    },
    /// Fewer than two classes.
    #[error("column {target:?} holds {found} class: at least two are needed to tell apart")]
    TooFewClasses {
        /// The target column.
        target: String,
        /// Classes found.
        found: usize,
    },
    /// More classes than can be told apart.
    #[error(
        "column {target:?} holds {found} different values, over the limit of {limit} classes: is it a measurement? choose another target"
    )]
    TooManyClasses {
        /// The target column.
        target: String,
        /// Classes found.
        found: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// A column has more categories than can be told apart.
    #[error(
        "column {column:?} holds {found} different texts, over the limit of {limit} categories: leave it out"
    )]
    TooManyCategories {
        /// The column.
        column: String,
        /// Categories found.
        found: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// A limit of the data set was passed.
    #[error("{what}: {got} is over the limit of {limit}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The count.
        got: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// Values, labels and schema do not fit each other.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// What would fit.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// A value is infinite, or no index of a category.
    #[error("row {row}, column {column:?}: not a finite number or a known category")]
    NotFinite {
        /// Row, from 1.
        row: usize,
        /// Column name.
        column: String,
    },
    /// A column that the model does not know.
    #[error("there is a column {column:?} that the model does not know; it reads {known}")]
    UnknownColumn {
        /// The name, shortened.
        column: String,
        /// The columns of the model.
        known: String,
    },
    /// A column that the model needs is not there.
    #[error("there is no column {column:?}, which the model needs; the columns are {columns}")]
    MissingColumn {
        /// The name.
        column: String,
        /// The names that exist.
        columns: String,
    },
}
