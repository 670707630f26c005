//! Rows with their classes, and the schema that follows from them.

use super::limits::{MAX_CLASSES, check_limits};
use super::profile::ProfileColumn;
use super::{Column, ColumnKind, DatasetError, DatasetProfile, Note, Reading, RecordedSplit};
use crate::budget::Budget;
use crate::digest::Digest;
use crate::schema::row::is_code;
use crate::schema::{Feature, FeatureKind, NumericRange, Range, Schema, decimals};

/// Labelled rows: `n_samples` x `n_features` values, row by row, and a class index a row.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub(super) name: String,
    pub(super) target: String,
    pub(super) columns: Vec<Column>,
    pub(super) classes: Vec<String>,
    pub(super) values: Vec<f64>,
    pub(super) labels: Vec<u32>,
    /// Row in the file (from 0) of each row, if rows of the file were dropped.
    pub(super) file_rows: Option<Vec<usize>>,
    pub(super) notes: Vec<Note>,
    pub(super) reading: Option<Reading>,
    pub(super) recorded_split: Option<RecordedSplit>,
    pub(super) schema: Schema,
}

impl Dataset {
    /// The data set of these rows; `values` are row-major, `labels` index `classes`.
    ///
    /// A value is a finite number, the index of a category, or NaN where there is none.
    ///
    /// ```
    /// use model_core::Dataset;
    /// use model_core::dataset::{Column, ColumnKind};
    /// let column = Dataset::iris().columns()[0].clone();
    /// let classes = vec!["short".into(), "long".into()];
    /// let data = Dataset::new("sepals", "kind", vec![column], classes, vec![4.9, 7.1], vec![0, 1])?;
    /// assert_eq!((data.n_samples(), data.n_features()), (2, 1));
    /// # let _: Option<ColumnKind> = None;
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// [`DatasetError::Shape`] if lengths do not fit or a label has no class,
    /// [`DatasetError::NotFinite`] for infinities and for what is no category's index,
    /// [`DatasetError::NoRows`], [`DatasetError::TooFewClasses`],
    /// [`DatasetError::TooManyCategories`], and [`DatasetError::Limit`] above the limits.
    pub fn new(
        name: impl Into<String>,
        target: impl Into<String>,
        columns: Vec<Column>,
        classes: Vec<String>,
        mut values: Vec<f64>,
        labels: Vec<u32>,
    ) -> Result<Self, DatasetError> {
        let target = target.into();
        check_limits(&columns, labels.len(), classes.len())?;
        let (n, p, k) = (labels.len(), columns.len(), classes.len());
        if k > MAX_CLASSES {
            return Err(DatasetError::TooManyClasses { target, found: k, limit: MAX_CLASSES });
        }
        if p == 0 || values.len() != n * p {
            let (expected, got) = (n * p.max(1), values.len());
            return Err(DatasetError::Shape { what: "feature values", expected, got });
        }
        if k < 2 {
            return Err(DatasetError::TooFewClasses { target, found: k, marks: Vec::new() });
        }
        if let Some(&label) = labels.iter().find(|&&label| label as usize >= k) {
            let (expected, got) = (k - 1, label as usize);
            return Err(DatasetError::Shape { what: "greatest label", expected, got });
        }
        for column in &columns {
            let expected = match &column.kind {
                ColumnKind::Numeric => 0,
                ColumnKind::Categorical(categories) => categories.len(),
            };
            if let Some(got) = column.other.map(|code| code as usize).filter(|at| *at >= expected) {
                let what = "categories beyond the one that others share";
                return Err(DatasetError::Shape { what, expected, got });
            }
        }
        for (at, value) in values.iter_mut().enumerate() {
            let column = &columns[at % p];
            let sound = match &column.kind {
                ColumnKind::Numeric => value.is_finite(),
                ColumnKind::Categorical(categories) => is_code(*value, categories.len()),
            };
            if value.is_nan() {
                // One NaN of all, so that equal data have equal bytes.
                *value = f64::NAN;
            } else if !sound {
                let column = column.name.clone();
                return Err(DatasetError::NotFinite { row: at / p + 1, column });
            }
        }
        let mut dataset = Self {
            name: name.into(),
            target,
            columns,
            classes,
            values,
            labels,
            file_rows: None,
            notes: Vec::new(),
            reading: None,
            recorded_split: None,
            schema: Schema {
                name: String::new(),
                target: String::new(),
                features: Vec::new(),
                sources: Vec::new(),
                left_out: Vec::new(),
                classes: Vec::new(),
            },
        };
        let rows: Vec<usize> = (0..n).collect();
        dataset.schema = dataset.schema_of(&rows);
        Ok(dataset)
    }

    /// The same rows with a split made elsewhere.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,y\n1,a\n2,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// let split = model_core::dataset::RecordedSplit {
    ///     source: "by hand".into(),
    ///     seed: 42,
    ///     test_size: 0.5,
    ///     train: vec![0],
    ///     test: vec![1],
    ///     folds: Vec::new(),
    /// };
    /// assert!(data.with_recorded_split(split)?.recorded_split().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DatasetError::RecordedSplit`] if it does not partition the rows: see
    /// [`RecordedSplit::check`].
    pub fn with_recorded_split(mut self, split: RecordedSplit) -> Result<Self, DatasetError> {
        split.check(self.n_samples())?;
        self.recorded_split = Some(split);
        Ok(self)
    }

    /// The split that came with the data set, if any.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.recorded_split().map(|split| split.test.len()), Some(30));
    /// ```
    #[must_use]
    pub fn recorded_split(&self) -> Option<&RecordedSplit> {
        self.recorded_split.as_ref()
    }

    /// What somebody should know of the data; empty for rows that did not come from a CSV file.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,constant,y\n1,7,a\n2,7,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert!(!data.notes().is_empty(), "a column that never changes is left out");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How its file was read: with the separator, and the decimal mark that its columns show, if they
    /// show one. `None` for rows that did not come from a CSV file.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x;y\n1,5;a\n2,5;b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// let reading = data.reading().expect("it came from a file");
    /// assert_eq!(reading.separator, Some(b';'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reading(&self) -> Option<&Reading> {
        self.reading.as_ref()
    }

    /// What its columns hold: see [`DatasetProfile`].
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.profile().columns.len(), 4);
    /// ```
    #[must_use]
    pub fn profile(&self) -> DatasetProfile {
        let values: Vec<Vec<f64>> =
            (0..self.n_features()).map(|at| self.column(at).collect()).collect();
        let columns = self.columns.iter().zip(&values).map(|(column, values)| {
            let (name, values) = (column.name.as_str(), values.as_slice());
            match &column.kind {
                ColumnKind::Numeric => ProfileColumn::Numeric { name, values },
                ColumnKind::Categorical(categories) => {
                    ProfileColumn::Categorical { name, categories, codes: values }
                }
            }
        });
        DatasetProfile::of(&columns.collect::<Vec<_>>(), &self.labels, self.n_classes())
    }

    /// The columns, in the order of a row.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.columns()[0].name, "sepal_length");
    /// ```
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Names, ranges and classes over all rows.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!((iris.schema().name.as_str(), iris.schema().target.as_str()), ("iris", "species"));
    /// ```
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Names and classes with the ranges of these rows alone: what a model trained on them knows.
    ///
    /// What the whole data set holds is accepted: its values widen the hard ranges, and a column
    /// that lacks a value anywhere, or is [nullable](Column::nullable), may lack one. Rows that are not
    /// there are passed over.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// let known = iris.schema_of(&[0, 1]);
    /// let range = known.features[0].numeric().expect("numbers");
    /// assert_eq!((range.training.min, range.training.max), (4.9, 5.1));
    /// ```
    #[must_use]
    pub fn schema_of(&self, rows: &[usize]) -> Schema {
        self.schema_with((0..self.n_features()).map(|at| self.feature_of(at, rows)).collect())
    }

    /// Column `at` as [`schema_of`](Self::schema_of) has it.
    pub(crate) fn feature_of(&self, at: usize, rows: &[usize]) -> Feature {
        let column = &self.columns[at];
        // Side by side, since they are gone through several times.
        let values: Vec<f64> =
            rows.iter().filter_map(|&row| self.row(row).get(at).copied()).collect();
        let n_missing = values.iter().filter(|value| value.is_nan()).count();
        let kind = match &column.kind {
            ColumnKind::Numeric => {
                FeatureKind::Numeric(self.numeric_range(at, values.iter().copied()))
            }
            ColumnKind::Categorical(names) => FeatureKind::Categorical(names.clone()),
        };
        Feature {
            name: column.name.clone(),
            label: column.label.clone(),
            unit: column.unit.clone(),
            kind,
            missing_share: n_missing as f64 / values.len().max(1) as f64,
            nullable: column.nullable || self.column(at).any(f64::is_nan),
            other: column.other,
        }
    }

    /// Names and classes with these features, one a column.
    pub(crate) fn schema_with(&self, features: Vec<Feature>) -> Schema {
        Schema {
            name: self.name.clone(),
            target: self.target.clone(),
            features,
            sources: self.schema.sources.clone(),
            left_out: self.schema.left_out.clone(),
            classes: self.classes.clone(),
        }
    }

    fn numeric_range(&self, at: usize, values: impl Iterator<Item = f64> + Clone) -> NumericRange {
        let whole = Range::of(self.column(at));
        let training = Range::of(values.clone());
        let no_range = Range { min: 0.0, max: 0.0 };
        let (training, whole) = match (training.min.is_finite(), whole.min.is_finite()) {
            (true, _) => (training, whole),
            // Not one of the rows has a value here.
            (false, true) => (whole, whole),
            (false, false) => (no_range, no_range),
        };
        let hard = self.columns[at].hard.unwrap_or_else(|| training.widened()).union(whole);
        let decimals = decimals(values.filter(|value| !value.is_nan()));
        NumericRange { training, hard, decimals }
    }

    /// Number of rows.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.n_samples(), 150);
    /// ```
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.labels.len()
    }

    /// Number of feature columns.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.n_features(), 4);
    /// ```
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.columns.len()
    }

    /// Number of classes.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.n_classes(), 3);
    /// ```
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.classes.len()
    }

    /// The feature values of row `index`; empty if there is no such row.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.row(0), [5.1, 3.5, 1.4, 0.2]);
    /// assert!(iris.row(150).is_empty());
    /// ```
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let p = self.n_features();
        let values = index.checked_mul(p).and_then(|start| self.values.get(start..)?.get(..p));
        values.unwrap_or_default()
    }

    /// The values of column `at`, from the first row down.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.column(0).next(), Some(5.1));
    /// ```
    pub fn column(&self, at: usize) -> impl Iterator<Item = f64> + Clone {
        self.values.iter().skip(at).step_by(self.n_features()).copied()
    }

    /// Where row `index` stands in the file it came from, counted from 1 below the header.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,y\n1,a\n2,\n3,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!(data.file_row(1), 3, "the row without a label is not here");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn file_row(&self, index: usize) -> usize {
        1 + match &self.file_rows {
            Some(rows) => rows.get(index).copied().unwrap_or(index),
            None => index,
        }
    }

    /// Rows of the file that are not here because they had no label.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,y\n1,a\n2,\n3,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!(data.n_dropped(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn n_dropped(&self) -> usize {
        let dropped = |note: &Note| match note {
            Note::DroppedRows { n_rows, .. } => Some(*n_rows),
            _ => None,
        };
        self.notes.iter().find_map(dropped).unwrap_or_default()
    }

    /// The row that stands at `file_row` (counted from 1) of the file; `None` if it was dropped
    /// or the file ends before.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,y\n1,a\n2,\n3,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!((data.row_in_file(2), data.row_in_file(3)), (None, Some(1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn row_in_file(&self, file_row: usize) -> Option<usize> {
        let at = file_row.checked_sub(1)?;
        match &self.file_rows {
            Some(rows) => rows.binary_search(&at).ok(),
            None => (at < self.n_samples()).then_some(at),
        }
    }

    /// The class index of row `index`; 0 if there is no such row.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!((iris.label(0), iris.label(149)), (0, 2));
    /// ```
    #[must_use]
    pub fn label(&self, index: usize) -> u32 {
        self.labels.get(index).copied().unwrap_or_default()
    }

    /// The class index of every row.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.labels().len(), 150);
    /// ```
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Rows of each class, in class order.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.class_counts(), [50, 50, 50]);
    /// ```
    #[must_use]
    pub fn class_counts(&self) -> Vec<u32> {
        let rows: Vec<usize> = (0..self.n_samples()).collect();
        self.class_counts_of(&rows)
    }

    /// Rows of each class among `rows`, in class order; rows that are not there are passed over.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.class_counts_of(&[0, 1, 149]), [2, 0, 1]);
    /// ```
    #[must_use]
    pub fn class_counts_of(&self, rows: &[usize]) -> Vec<u32> {
        let mut counts = vec![0; self.n_classes()];
        for label in rows.iter().filter_map(|&row| self.labels.get(row)) {
            if let Some(count) = counts.get_mut(*label as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// What names the data: the SHA-256 over column names, classes, values and labels.
    ///
    /// The same rows in the same order have the same digest however their file was written.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// let copy = model_core::Dataset::iris();
    /// assert_eq!(iris.digest(), copy.digest());
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digesting = self.begin_digest();
        while self.digest_on(&mut digesting, &mut Budget::unlimited()) {}
        digesting.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(
        p: usize,
        k: usize,
        values: Vec<f64>,
        labels: Vec<u32>,
    ) -> Result<Dataset, DatasetError> {
        let classes = (0..k).map(|i| format!("c{i}")).collect();
        let columns = (0..p).map(|i| Column::numeric(format!("x{i}"))).collect();
        Dataset::new("d", "y", columns, classes, values, labels)
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        assert!(build(1, 2, vec![1.0, 2.0], vec![0, 1]).is_ok());
        assert!(matches!(build(1, 2, vec![], vec![]), Err(DatasetError::NoRows)));
        assert!(matches!(build(1, 2, vec![1.0], vec![0, 1]), Err(DatasetError::Shape { .. })));
        assert!(matches!(build(1, 2, vec![1.0, 2.0], vec![0, 2]), Err(DatasetError::Shape { .. })));
        assert!(matches!(build(1, 1, vec![1.0], vec![0]), Err(DatasetError::TooFewClasses { .. })));
        assert!(matches!(
            build(1, 2, vec![1.0, f64::INFINITY], vec![0, 1]),
            Err(DatasetError::NotFinite { row: 2, .. })
        ));
    }

    #[test]
    fn a_value_may_be_missing_or_the_index_of_a_category() {
        let kind = ColumnKind::Categorical(vec!["blue".into(), "red".into()]);
        let colours = |values: [f64; 2]| {
            let column = Column { kind: kind.clone(), ..Column::numeric("colour") };
            let classes = vec!["a".into(), "b".into()];
            Dataset::new("d", "y", vec![column], classes, values.to_vec(), vec![0, 1])
        };
        let data = colours([f64::NAN, 1.0]).unwrap();
        let feature = &data.schema().features[0];
        assert_eq!((feature.nullable, feature.missing_share), (true, 0.5));
        assert_eq!(feature.categories().map(<[String]>::len), Some(2));
        assert!(matches!(colours([2.0, 0.0]), Err(DatasetError::NotFinite { row: 1, .. })));
        assert!(matches!(colours([0.0, 0.5]), Err(DatasetError::NotFinite { row: 2, .. })));
    }

    #[test]
    fn ranges_are_those_of_the_rows_asked_for() {
        let data = build(1, 2, vec![1.0, 2.0, 9.0], vec![0, 1, 1]).unwrap();
        let range = |schema: &Schema| *schema.features[0].numeric().unwrap();
        assert_eq!(range(data.schema()).training, Range { min: 1.0, max: 9.0 });
        let part = range(&data.schema_of(&[0, 1]));
        assert_eq!(part.training, Range { min: 1.0, max: 2.0 });
        // Three widths would end at 5, but the data set holds a 9.
        assert_eq!(part.hard, Range { min: 0.0, max: 9.0 });
    }

    #[test]
    fn rows_that_are_not_there_are_passed_over() {
        let data = build(1, 2, vec![1.0, 2.0, 9.0], vec![0, 1, 1]).unwrap();
        assert_eq!(data.class_counts_of(&[0, 1, 3, usize::MAX]), [1, 1]);
        assert_eq!(data.schema_of(&[0, 1, 3]).features[0], data.schema_of(&[0, 1]).features[0]);
        assert_eq!(data.schema_of(&[7]).classes, data.schema().classes);
    }

    #[test]
    fn iris_has_a_profile() {
        let profile = Dataset::iris().profile();
        assert_eq!((profile.columns.len(), profile.duplicate_rows), (4, 1));
        assert_eq!(profile.class_counts, [50, 50, 50]);
    }

    #[test]
    fn digest_changes_with_any_value_or_label() {
        let digest = |v: f64, l: u32| build(1, 2, vec![1.0, v], vec![0, l]).unwrap().digest();
        assert_eq!(digest(2.0, 1), digest(2.0, 1));
        assert_ne!(digest(2.0, 1), digest(3.0, 1));
        assert_ne!(digest(2.0, 1), digest(2.0, 0));
        let other_nan = f64::from_bits(f64::NAN.to_bits() ^ 1);
        assert_eq!(digest(f64::NAN, 1), digest(other_nan, 1));
    }
}
