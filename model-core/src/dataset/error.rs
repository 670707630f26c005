//! What can be wrong with a file of rows.

use super::notes::Counted;

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
    /// A line is not UTF-8 text.
    #[error(
        "{} is not UTF-8 text{}; the line reads {text:?}",
        place(*line),
        if *is_latin {
            ", it looks like Latin-1 or Windows-1252: save the file as CSV in UTF-8, or state --encoding windows-1252"
        } else {
            ": save the file as CSV in UTF-8"
        }
    )]
    NotUtf8 {
        /// Line, from 1, the header's.
        line: usize,
        /// Whether the file looks like an encoding of one byte a letter.
        is_latin: bool,
        /// The line, shortened, read as Windows-1252.
        text: String,
    },
    /// Two separators fit the file equally well.
    #[error(
        "{} and {} both fit the file: state --separator", separator_name(*first), separator_name(*second)
    )]
    Separators {
        /// One of them.
        first: u8,
        /// The other.
        second: u8,
    },
    /// Two lines look like names of columns.
    #[error(
        "line {below} looks like the header ({text_below:?}: texts above columns of numbers), and so does line {line} ({text:?}): delete line {line} if it is a title, delete line {below} if it holds units, or state --header {below}"
    )]
    TwoHeaders {
        /// The upper one, from 1.
        line: usize,
        /// Its text, shortened.
        text: String,
        /// The lower one.
        below: usize,
        /// Its text, shortened.
        text_below: String,
    },
    /// The header does not stand where it is said to.
    #[error("--header {line}: there is nothing in line {line}")]
    NoHeaderLine {
        /// The line, from 1.
        line: usize,
    },
    /// There is nothing below the header, or no header.
    #[error("the file has no data rows: expected a header line and at least two rows")]
    NoRows,
    /// There is one column only.
    #[error(
        "the file has one column, {column:?}: expected at least a feature and the target, separated by comma, semicolon, tab or |; {}",
        one_column(column)
    )]
    OneColumn {
        /// Its name, shortened.
        column: String,
    },
    /// No column is left to learn from.
    #[error("no column is left to learn from: {left_out} left out{}{reasons}", if reasons.is_empty() { "" } else { "; " })]
    NoFeatures {
        /// The columns that were left out.
        left_out: String,
        /// Why.
        reasons: String,
    },
    /// The target column is not there.
    #[error("there is no column {target:?}; the columns are {columns}")]
    NoTarget {
        /// The name asked for.
        target: String,
        /// The names that exist.
        columns: String,
    },
    /// Two columns have the target's name.
    #[error(
        "two columns are named {target:?}: which is the target? give it a name of its own, or state --target {called:?} for the one in place {place}"
    )]
    RepeatedTarget {
        /// The name.
        target: String,
        /// Place of the later one, from 1.
        place: usize,
        /// What the later one is called here.
        called: String,
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
        hint: String,
        /// The whole text, if reading goes past it once it is stated to mean "no value".
        mark: Option<Box<str>>,
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
    #[error("row {row} (line {line}) has {got} {} where the header has {expected}: {text:?}{}", if *got == 1 { "cell" } else { "cells" }, near(*quote))]
    RowWidth {
        /// Row, from 1.
        row: usize,
        /// Line of the file, from 1.
        line: usize,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        got: usize,
        /// The row, shortened.
        text: String,
        /// Line near it where a quote is not closed.
        quote: Option<usize>,
    },
    /// No row has a label.
    #[error("no row has a label in column {target:?}")]
    NoLabels {
        /// The target column.
        target: String,
    },
    /// Fewer than two classes.
    #[error(
        "column {target:?} holds {found} class: at least two are needed to tell apart{}",
        no_label(marks)
    )]
    TooFewClasses {
        /// The target column.
        target: String,
        /// Classes found.
        found: usize,
        /// Texts that were taken for no label.
        marks: Vec<Counted>,
    },
    /// The target's values differ from row to row.
    #[error("column {target:?} holds {found} different {what} in {n_rows} rows: {} choose another target (--target)", if *what == "texts" { "it names rows;" } else { "is it a measurement?" })]
    NoClasses {
        /// The target column.
        target: String,
        /// Its different values.
        found: usize,
        /// Rows with a value.
        n_rows: usize,
        /// What they are, `texts` or mostly numbers.
        what: &'static str,
    },
    /// Too few classes are left once rare ones are left out or made one.
    #[error(
        "column {target:?} is left with {found} class once those with fewer than {min_rows} rows are left out or merged: keep them, or ask for fewer rows a class"
    )]
    FewClasses {
        /// The target column.
        target: String,
        /// Classes left.
        found: usize,
        /// So many rows were asked of a class.
        min_rows: u32,
    },
    /// More classes than can be told apart.
    #[error(
        "column {target:?} holds {found} different values, over the limit of {limit} classes: is it a measurement? choose another target (--target)"
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
    #[error("{what}: {got} is over the limit of {limit}: leave out rows or columns")]
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
    /// A split that came with the data set does not partition its rows.
    #[error("the recorded split does not partition the rows, counted from 0: row {row} {fault}")]
    RecordedSplit {
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// Bytes that another program did not hand over as a data set.
    #[error("these bytes hold no data set: they were cut short, or another version wrote them")]
    NotHandedOver,
}

impl DatasetError {
    /// The row that it names, from 1 below the header; `None` if it names none.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let error = Dataset::from_csv(b"x,y\n1,a\n2\n", &CsvOptions::default()).unwrap_err();
    /// assert_eq!(error.row(), Some(2), "{error}");
    /// ```
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::BadCell { row, .. }
            | Self::NoValue { row, .. }
            | Self::RowWidth { row, .. }
            | Self::NotFinite { row, .. } => Some(*row),
            _ => None,
        }
    }

    /// The column that it names, as the file does unless it was shortened; `None` if it names none.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let error = Dataset::from_csv(b"x,y\n1,a\n2,a\n", &CsvOptions::default()).unwrap_err();
    /// assert_eq!(error.column(), Some("y"), "{error}");
    /// ```
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::BadCell { column, .. }
            | Self::NoValue { column, .. }
            | Self::NotFinite { column, .. }
            | Self::TooManyCategories { column, .. }
            | Self::NoLabels { target: column }
            | Self::TooFewClasses { target: column, .. }
            | Self::NoClasses { target: column, .. }
            | Self::TooManyClasses { target: column, .. } => Some(column),
            _ => None,
        }
    }

    /// The whole text of the cell that it names, trimmed, if reading would go past it were that text
    /// stated to mean "no value" ([`Reading::also_missing`](super::Reading::also_missing)): one that is
    /// no number in a column of numbers, or no date among dates.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset, dataset::Reading};
    /// let csv = b"x;y\n1,5;a\n12,,5;b\n2,5;a\n";
    /// let error = Dataset::from_csv(csv, &CsvOptions::default()).unwrap_err();
    /// assert_eq!(error.cell_text(), Some("12,,5"), "{error}");
    /// let also_missing = vec!["12,,5".to_owned()];
    /// let reading = Reading { also_missing, ..Reading::default() };
    /// let options = CsvOptions { reading, ..CsvOptions::default() };
    /// assert!(Dataset::from_csv(csv, &options)?.row(1)[0].is_nan());
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn cell_text(&self) -> Option<&str> {
        match self {
            Self::BadCell { mark, .. } => mark.as_deref(),
            _ => None,
        }
    }

    /// Whether the file could be read if it were stated to be in Windows-1252, as far as its bytes
    /// show ([`Reading::encoding`](super::Reading::encoding)).
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let error = Dataset::from_csv(b"x,stra\xDFe\n1,a\n2,b\n", &CsvOptions::default()).unwrap_err();
    /// assert!(error.looks_like_windows_1252(), "{error}");
    /// ```
    #[must_use]
    pub fn looks_like_windows_1252(&self) -> bool {
        matches!(self, Self::NotUtf8 { is_latin: true, .. })
    }
}

/// A line, or the header.
fn place(line: usize) -> String {
    if line == 1 { "the header (line 1)".into() } else { format!("line {line}") }
}

/// What to do about a file of one column.
fn one_column(name: &str) -> &'static str {
    if name.contains([',', ';', '\t', '|']) {
        "each line stands in quotes as a whole: take those quotes out"
    } else if name.contains(' ') {
        "state --separator if it is another, as in --separator ' '"
    } else {
        "state --separator if it is another"
    }
}

fn separator_name(separator: u8) -> String {
    match separator {
        b',' => "comma".into(),
        b';' => "semicolon".into(),
        b'\t' => "tab".into(),
        other => format!("{:?}", other as char),
    }
}

fn near(quote: Option<usize>) -> String {
    quote.map_or_else(String::new, |line| {
        format!("; a quote that opens a cell in line {line} is not closed in that cell")
    })
}

fn no_label(marks: &[Counted]) -> String {
    let rows = |(text, n): &Counted| {
        let rows = if *n == 1 { "row holds" } else { "rows hold" };
        format!(
            "; {n} {rows} {text:?}, which is taken for no label (state --missing with the marks that mean no value, without it, to keep it as a class)"
        )
    };
    marks.iter().map(rows).collect()
}
