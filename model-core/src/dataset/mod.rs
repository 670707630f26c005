//! Labelled rows in memory: where the data's way begins.
//!
//! A [`Dataset`] that exists is valid: rectangular, finite, with at least two classes and every
//! label inside them. It comes from a CSV file ([`Dataset::from_csv`]) or is the built-in Iris
//! ([`Dataset::iris`]).

mod csv;
mod iris;
mod sidecar;

use std::collections::BTreeMap;

pub use self::csv::CsvOptions;
pub use self::iris::published_iris_accuracy;
pub use self::sidecar::{Checksum, Sidecar, SidecarFeature};
use crate::digest::Digest;
use crate::schema::{Feature, FeatureKind, NumericRange, Range, Schema, decimals};
use crate::split::RecordedSplit;

/// Most rows that a data set may have.
pub const MAX_ROWS: usize = 200_000;
/// Most feature columns that a data set may have.
pub const MAX_COLUMNS: usize = 500;
/// Most classes that a data set may have.
pub const MAX_CLASSES: usize = 100;
/// Most bytes of a CSV file.
pub const MAX_CSV_BYTES: usize = 50 * 1024 * 1024;

/// Why rows do not make a data set. Rows are counted from 1 below the header.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The file could not be read as CSV text.
    #[error("not readable as CSV: {reason}")]
    Csv {
        /// What the reader met.
        reason: String,
    },
    /// There is nothing below the header, or no header.
    #[error("the file has no data rows: expected a header line and at least two rows")]
    NoRows,
    /// The target column is not there.
    #[error("there is no column {target:?}; the columns are {columns}")]
    NoTarget {
        /// The name asked for.
        target: String,
        /// The names that exist.
        columns: String,
    },
    /// Two columns share a name.
    #[error("two columns are named {name:?}: column names must differ")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A cell is not a number.
    #[error("row {row}, column {column:?}: expected a number, got {text:?}")]
    NotANumber {
        /// Row, from 1.
        row: usize,
        /// Column name.
        column: String,
        /// The cell's text, shortened.
        text: String,
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
    /// A row's label is empty.
    #[error("row {row} has no label in column {target:?}")]
    NoLabel {
        /// Row, from 1.
        row: usize,
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
    /// A value is NaN or infinite.
    #[error("row {row}, column {column:?}: not a finite number")]
    NotFinite {
        /// Row, from 1.
        row: usize,
        /// Column name.
        column: String,
    },
}

/// What a column is called and what is declared of it, before any row is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the CSV.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Unit, if known.
    pub unit: Option<String>,
    /// Hard range, if the data set states one.
    pub hard: Option<Range>,
}

/// Labelled rows: `n_samples` x `n_features` values, row by row, and a class index a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    name: String,
    target: String,
    columns: Vec<Column>,
    classes: Vec<String>,
    values: Vec<f64>,
    labels: Vec<u32>,
    recorded_split: Option<RecordedSplit>,
    schema: Schema,
}

impl Dataset {
    /// The data set of these rows; `values` are row-major, `labels` index `classes`.
    ///
    /// # Errors
    /// [`DatasetError::Shape`] if lengths do not fit or a label has no class,
    /// [`DatasetError::NotFinite`] for NaN and infinities, [`DatasetError::NoRows`],
    /// [`DatasetError::TooFewClasses`], and [`DatasetError::Limit`] above the limits.
    pub fn new(
        name: impl Into<String>,
        target: impl Into<String>,
        columns: Vec<Column>,
        classes: Vec<String>,
        values: Vec<f64>,
        labels: Vec<u32>,
    ) -> Result<Self, DatasetError> {
        let (n, p, k) = (labels.len(), columns.len(), classes.len());
        let target = target.into();
        if n == 0 {
            return Err(DatasetError::NoRows);
        }
        for (what, got, limit) in [
            ("rows", n, MAX_ROWS),
            ("feature columns", p, MAX_COLUMNS),
            ("classes", k, MAX_CLASSES),
        ] {
            if got > limit {
                return Err(DatasetError::Limit { what, got, limit });
            }
        }
        if p == 0 || values.len() != n * p {
            let (expected, got) = (n * p.max(1), values.len());
            return Err(DatasetError::Shape { what: "feature values", expected, got });
        }
        if k < 2 {
            return Err(DatasetError::TooFewClasses { target, found: k });
        }
        if let Some(&label) = labels.iter().find(|&&label| label as usize >= k) {
            let (expected, got) = (k - 1, label as usize);
            return Err(DatasetError::Shape { what: "greatest label", expected, got });
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let column = columns[at % p].name.clone();
            return Err(DatasetError::NotFinite { row: at / p + 1, column });
        }
        let mut dataset = Self {
            name: name.into(),
            target,
            columns,
            classes,
            values,
            labels,
            recorded_split: None,
            schema: Schema {
                name: String::new(),
                target: String::new(),
                features: Vec::new(),
                classes: Vec::new(),
            },
        };
        let rows: Vec<usize> = (0..n).collect();
        dataset.schema = dataset.schema_of(&rows);
        Ok(dataset)
    }

    /// Ties a split that was recorded elsewhere to this data set; see [`RecordedSplit`].
    #[must_use]
    pub fn with_recorded_split(mut self, split: RecordedSplit) -> Self {
        self.recorded_split = split.fits(self.n_samples()).then_some(split);
        self
    }

    /// The split that came with the data set, if any.
    #[must_use]
    pub fn recorded_split(&self) -> Option<&RecordedSplit> {
        self.recorded_split.as_ref()
    }

    /// Names, ranges and classes over all rows.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Names and classes with the ranges of these rows alone: what a model trained on them knows.
    #[must_use]
    pub fn schema_of(&self, rows: &[usize]) -> Schema {
        let features = self.columns.iter().enumerate().map(|(j, column)| {
            let values = rows.iter().map(|&i| self.row(i)[j]);
            let start = Range { min: f64::INFINITY, max: f64::NEG_INFINITY };
            let training = values
                .clone()
                .fold(start, |range, v| Range { min: range.min.min(v), max: range.max.max(v) });
            let hard = column.hard.unwrap_or_else(|| training.widened());
            // A value that trained the model is always accepted.
            let hard = Range { min: hard.min.min(training.min), max: hard.max.max(training.max) };
            Feature {
                name: column.name.clone(),
                label: column.label.clone(),
                unit: column.unit.clone(),
                kind: FeatureKind::Numeric(NumericRange {
                    training,
                    hard,
                    decimals: decimals(values),
                }),
            }
        });
        Schema {
            name: self.name.clone(),
            target: self.target.clone(),
            features: features.collect(),
            classes: self.classes.clone(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.labels.len()
    }

    /// Number of feature columns.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.columns.len()
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.classes.len()
    }

    /// The feature values of row `index`; empty if there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let p = self.n_features();
        self.values.get(index * p..(index + 1) * p).unwrap_or_default()
    }

    /// The class index of row `index`; 0 if there is no such row.
    #[must_use]
    pub fn label(&self, index: usize) -> u32 {
        self.labels.get(index).copied().unwrap_or_default()
    }

    /// The class index of every row.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Rows of each class, in class order.
    #[must_use]
    pub fn class_counts(&self) -> Vec<u32> {
        let rows: Vec<usize> = (0..self.n_samples()).collect();
        self.class_counts_of(&rows)
    }

    /// Rows of each class among `rows`, in class order.
    #[must_use]
    pub fn class_counts_of(&self, rows: &[usize]) -> Vec<u32> {
        let mut counts = vec![0; self.n_classes()];
        for &row in rows {
            counts[self.label(row) as usize] += 1;
        }
        counts
    }

    /// What names the data: the SHA-256 over column names, classes, values and labels.
    ///
    /// The same rows in the same order have the same digest however their file was written.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(self.values.len() * 8 + self.labels.len() * 4);
        let mut text = |text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        text(&self.target);
        self.columns.iter().for_each(|column| text(&column.name));
        self.classes.iter().for_each(|class| text(class));
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        bytes.extend(self.labels.iter().flat_map(|label| label.to_le_bytes()));
        Digest::of(&bytes)
    }
}

/// Class names in sorted order and the label of each row.
fn encode_labels(texts: &[String]) -> (Vec<String>, Vec<u32>) {
    let mut codes: BTreeMap<&str, u32> = texts.iter().map(|text| (text.as_str(), 0)).collect();
    for (code, (_, slot)) in codes.iter_mut().enumerate() {
        *slot = code as u32;
    }
    let labels = texts.iter().map(|text| codes[text.as_str()]).collect();
    (codes.into_keys().map(str::to_owned).collect(), labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(n: usize) -> Vec<Column> {
        let column =
            |i| Column { name: format!("x{i}"), label: format!("x{i}"), unit: None, hard: None };
        (0..n).map(column).collect()
    }

    fn build(
        p: usize,
        k: usize,
        values: Vec<f64>,
        labels: Vec<u32>,
    ) -> Result<Dataset, DatasetError> {
        let classes = (0..k).map(|i| format!("c{i}")).collect();
        Dataset::new("d", "y", columns(p), classes, values, labels)
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        assert!(build(1, 2, vec![1.0, 2.0], vec![0, 1]).is_ok());
        assert_eq!(build(1, 2, vec![], vec![]), Err(DatasetError::NoRows));
        assert!(matches!(build(1, 2, vec![1.0], vec![0, 1]), Err(DatasetError::Shape { .. })));
        assert!(matches!(build(1, 2, vec![1.0, 2.0], vec![0, 2]), Err(DatasetError::Shape { .. })));
        assert!(matches!(build(1, 1, vec![1.0], vec![0]), Err(DatasetError::TooFewClasses { .. })));
        assert!(matches!(
            build(1, 2, vec![1.0, f64::NAN], vec![0, 1]),
            Err(DatasetError::NotFinite { row: 2, .. })
        ));
    }

    #[test]
    fn ranges_are_those_of_the_rows_asked_for() {
        let data = build(1, 2, vec![1.0, 2.0, 9.0], vec![0, 1, 1]).unwrap();
        assert_eq!(data.schema().features[0].numeric().training, Range { min: 1.0, max: 9.0 });
        let schema = data.schema_of(&[0, 1]);
        assert_eq!(schema.features[0].numeric().training, Range { min: 1.0, max: 2.0 });
    }

    #[test]
    fn digest_changes_with_any_value_or_label() {
        let digest = |v: f64, l: u32| build(1, 2, vec![1.0, v], vec![0, l]).unwrap().digest();
        assert_eq!(digest(2.0, 1), digest(2.0, 1));
        assert_ne!(digest(2.0, 1), digest(3.0, 1));
        assert_ne!(digest(2.0, 1), digest(2.0, 0));
    }

    #[test]
    fn classes_are_sorted_by_name() {
        let texts = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(encode_labels(&texts), (vec!["a".into(), "b".into()], vec![1, 0, 1]));
    }
}
