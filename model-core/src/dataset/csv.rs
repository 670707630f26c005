//! CSV bytes to [`Dataset`]: which columns, which rows, and of what type.

use serde::{Deserialize, Serialize};

use super::cells::shown_decimal;
use super::dialect::SEPARATORS;
use super::infer::{Inferred, Known, TypedColumn, infer, marks_among};
use super::labels::encode_labels;
use super::notes::{self, Counted};
use super::numbers;
use super::table::{Reading, Table};
use super::{Column, Dataset, DatasetError, MAX_CLASSES, Note, Sidecar, rare_categories};
use crate::schema::row::shortened;
use crate::schema::{DateOrder, Range, Source};

/// How to read a CSV file; it may be kept and sent beside the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CsvOptions {
    /// Name of the data set; the sidecar's, else `"data"`, if absent.
    pub name: Option<String>,
    /// The target column; the sidecar's, else the last one that is not dropped, if absent.
    pub target: Option<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns of numbers that are categories.
    pub categorical: Vec<String>,
    /// Columns of digits that are numbers and no codes, whatever they look like.
    pub numeric: Vec<String>,
    /// In which order dates are written; found from the file if absent.
    pub dates: Option<DateOrder>,
    /// Whether the rare categories of each column share one, which unknown categories are at
    /// prediction time: those with fewer rows than one in a hundred of the file's, but for 10 rows
    /// and more, and always those with a single row. Otherwise an unknown category is an error.
    pub unknown_other: bool,
    /// Whether a row may lack any value at prediction time; otherwise only where these rows do.
    pub allow_missing: bool,
    /// How the file is written.
    pub reading: Reading,
    /// What the data set's author states of it.
    pub sidecar: Option<Sidecar>,
}

impl CsvOptions {
    /// The defaults with this target column.
    ///
    /// ```
    /// use model_core::{CsvOptions, Dataset};
    /// let csv = b"kind,height\ncat,0.3\ncow,1.5\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::with_target("kind"))?;
    /// assert_eq!(data.schema().classes, ["cat", "cow"]);
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn with_target(target: impl Into<String>) -> Self {
        Self { target: Some(target.into()), ..Self::default() }
    }
}

impl Dataset {
    /// The data set that a CSV file holds.
    ///
    /// Separator, quotes, decimal mark, names and types are found out, over all rows; what was
    /// dropped, changed or guessed on the way is in [`Dataset::notes`], each with the option that
    /// overrules it. Empty, `NA`, `NaN`, `null` and `?` are missing, and among numbers the other marks
    /// of [`MISSING_AMONG_NUMBERS`](super::MISSING_AMONG_NUMBERS). Rows without a label are dropped, columns
    /// that nothing can be learnt from are left out. Dates and free text become several features.
    ///
    /// ```
    /// # use model_core::dataset::{CsvOptions, Dataset};
    /// let csv = b"height;colour;kind\n1,5;black;cat\n3,5;;cow\n2,0;white;cow\n0,3;black;cat\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!((data.n_samples(), data.n_features(), data.n_classes()), (4, 2, 2));
    /// assert_eq!(data.row(0), [1.5, 0.0], "black is the first category");
    /// assert!(data.row(1)[1].is_nan(), "the cow has no colour");
    /// # Ok::<(), model_core::dataset::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// A [`DatasetError`] that names row and column of the first fault, or the limit passed.
    pub fn from_csv(bytes: &[u8], options: &CsvOptions) -> Result<Self, DatasetError> {
        let mut table = Table::read(bytes, &options.reading)?;
        if let [column] = table.header.as_slice() {
            return Err(DatasetError::OneColumn { column: shortened(column) });
        }
        let mut notes = std::mem::take(&mut table.notes);
        let dropped = positions(&table, &options.drop, "drop")?;
        let categorical = positions(&table, &options.categorical, "take for categorical")?;
        let numeric = positions(&table, &options.numeric, "take for numeric")?;
        let target_at = target_position(&table, options, &dropped)?;
        let is_target = |note: &&Note| matches!(note, Note::RepeatedName { name, .. } if *name == table.header[target_at]);
        if let Some(Note::RepeatedName { name, place, called }) = notes.iter().find(is_target)
            && options.target.is_some()
        {
            let (target, place, called) = (shortened(name), *place, shortened(called));
            return Err(DatasetError::RepeatedTarget { target, place, called });
        }
        let Labels { rows, classes, labels } = labels(&table, target_at, &mut notes)?;

        let is_left_out = |at: usize| {
            dropped.contains(&at) || table.row_names.as_ref() == Some(&table.header[at])
        };
        let used: Vec<usize> =
            (0..table.header.len()).filter(|&at| at != target_at && !is_left_out(at)).collect();
        let decimal = shown_decimal(&table, &used, &rows);
        let mut features = Features::new(options);
        for (at, name) in table.header.iter().enumerate().filter(|(at, _)| *at != target_at) {
            if !used.contains(&at) {
                features.left_out.push(name.clone());
                continue;
            }
            let (categorical, numeric) = (categorical.contains(&at), numeric.contains(&at));
            let known = Known { categorical, numeric, decimal, dates: options.dates };
            features.take(name, infer(&table, at, &rows, known, &mut notes)?, &mut notes);
        }
        let Features { columns, values: typed, sources, left_out, .. } = features;
        let sidecar = options.sidecar.as_ref();
        if columns.is_empty() {
            return Err(no_features(&table, &left_out, &notes));
        }
        let values = (0..rows.len()).flat_map(|row| typed.iter().map(move |c| c[row])).collect();
        drop(typed);
        let name = options.name.clone().or_else(|| sidecar.map(|sidecar| sidecar.name.clone()));
        let name = name.unwrap_or_else(|| "data".into());
        let target = table.header[target_at].clone();
        let n_rows = table.n_rows();
        let separator = Some(table.separator);
        drop(table);
        let mut dataset = Self::new(name, target, columns, classes, values, labels)?;
        dataset.schema.left_out = left_out;
        dataset.schema.sources = sources;
        if rows.len() < n_rows {
            dataset.file_rows = Some(rows);
        }
        dataset.reading = Some(Reading { separator, decimal, ..options.reading.clone() });
        notes.extend(notes::remarks(&dataset, &notes));
        dataset.notes = notes;
        Ok(dataset)
    }
}

/// The feature columns so far.
struct Features<'a> {
    columns: Vec<Column>,
    values: Vec<Vec<f64>>,
    sources: Vec<Source>,
    left_out: Vec<String>,
    options: &'a CsvOptions,
}

impl<'a> Features<'a> {
    fn new(options: &'a CsvOptions) -> Self {
        let (columns, values) = (Vec::new(), Vec::new());
        Self { columns, values, sources: Vec::new(), left_out: Vec::new(), options }
    }

    fn take(&mut self, name: &str, inferred: Inferred, notes: &mut Vec<Note>) {
        let nullable = self.options.allow_missing;
        match inferred {
            Inferred::Typed(TypedColumn { kind, mut values }) => {
                let stated = column(name, self.options.sidecar.as_ref());
                let mut column = Column { kind, nullable, ..stated };
                if self.options.unknown_other {
                    notes.extend(rare_categories::share_one(&mut column, &mut values));
                }
                self.columns.push(column);
                self.values.push(values);
            }
            Inferred::Expanded(kind, values) => {
                let first_feature = self.columns.len();
                let features = kind.feature_names(name).into_iter().zip(kind.ranges());
                let column =
                    |(name, hard)| Column { nullable, hard: Some(hard), ..Column::numeric(name) };
                self.columns.extend(features.map(column));
                self.values.extend(values);
                self.sources.push(Source { name: name.to_owned(), kind, first_feature });
            }
            Inferred::LeftOut => self.left_out.push(name.to_owned()),
        }
    }
}

/// Rows with a label, and their labels.
struct Labels {
    rows: Vec<usize>,
    classes: Vec<String>,
    labels: Vec<u32>,
}

/// From so many different numbers on a target may be a measurement.
const FEW_NUMBERS: usize = 10;
/// With fewer rows for each of its different values a target holds no classes.
const ROWS_PER_CLASS: usize = 5;
/// So many texts are classes, however few rows there are.
const FEW_TEXTS: usize = 20;

fn labels(table: &Table, target_at: usize, notes: &mut Vec<Note>) -> Result<Labels, DatasetError> {
    let marks = table.marks();
    let target = || shortened(&table.header[target_at]);
    let (mut rows, mut dropped): (Vec<usize>, Vec<Counted>) = (Vec::new(), Vec::new());
    for row in 0..table.n_rows() {
        let text = table.cell(row, target_at);
        if !marks.always(text) {
            rows.push(row);
        } else if !text.is_empty() {
            notes::count(&mut dropped, text);
        }
    }
    if rows.is_empty() {
        return Err(DatasetError::NoLabels { target: target() });
    }
    let texts: Vec<&str> = rows.iter().map(|&row| table.cell(row, target_at)).collect();
    let (classes, labels) = encode_labels(&texts);
    let (n_rows, found) = (rows.len(), classes.len());
    let n_numbers = classes.iter().filter(|class| numbers::is_bare_number(class)).count();
    let (few, rows_per_class, what) = match n_numbers {
        n if n == found => (FEW_NUMBERS, ROWS_PER_CLASS, "numbers"),
        // A few marks among measurements.
        n if 2 * n > found => (FEW_NUMBERS, ROWS_PER_CLASS, "values, most of them numbers,"),
        _ => (FEW_TEXTS, 2, "texts"),
    };
    if found > few && n_rows < rows_per_class * found {
        return Err(DatasetError::NoClasses { target: target(), found, n_rows, what });
    }
    if found > MAX_CLASSES {
        return Err(DatasetError::TooManyClasses { target: target(), found, limit: MAX_CLASSES });
    }
    if found < 2 {
        let marks = dropped;
        return Err(DatasetError::TooFewClasses { target: target(), found, marks });
    }
    if n_rows < table.n_rows() {
        let (target, n_rows) = (table.header[target_at].clone(), table.n_rows() - n_rows);
        notes.push(Note::DroppedRows { target, n_rows, marks: dropped });
    }
    let name = &table.header[target_at];
    let values = classes.iter().map(String::as_str);
    notes.extend(marks_among(name, values, texts.into_iter(), marks, true));
    Ok(Labels { rows, classes, labels })
}

/// Why no column is left, with what was said of those that were left out.
fn no_features(table: &Table, left_out: &[String], notes: &[Note]) -> DatasetError {
    let mut reasons: Vec<String> = notes.iter().map(ToString::to_string).collect();
    let first: Vec<&str> = table.cells(0).collect();
    let other = SEPARATORS
        .iter()
        .map(|&byte| byte as char)
        .find(|&c| c != table.separator as char && first.iter().any(|cell| cell.contains(c)));
    reasons.extend(other.map(|other| {
        format!("cells hold {other:?}, too: state --separator if that is what separates them")
    }));
    let left_out = super::table::list(left_out.iter().map(String::as_str));
    DatasetError::NoFeatures { left_out, reasons: reasons.join("; ") }
}

/// Where the columns of these names stand.
fn positions(
    table: &Table,
    names: &[String],
    purpose: &'static str,
) -> Result<Vec<usize>, DatasetError> {
    let position = |name: &String| {
        table.position(name).ok_or_else(|| DatasetError::NoColumn {
            column: shortened(name),
            purpose,
            columns: table.names(),
        })
    };
    names.iter().map(position).collect()
}

fn target_position(
    table: &Table,
    options: &CsvOptions,
    dropped: &[usize],
) -> Result<usize, DatasetError> {
    let stated = options.target.as_deref();
    let stated = stated.or(options.sidecar.as_ref().map(|sidecar| sidecar.target.as_str()));
    let position = match stated {
        Some(name) => table.position(name).filter(|at| !dropped.contains(at)),
        None => (0..table.header.len()).rev().find(|at| !dropped.contains(at)),
    };
    position.ok_or_else(|| DatasetError::NoTarget {
        target: shortened(stated.unwrap_or_default()),
        columns: super::table::list(
            (0..table.header.len())
                .filter(|at| !dropped.contains(at))
                .map(|at| table.header[at].as_str()),
        ),
    })
}

fn column(name: &str, sidecar: Option<&Sidecar>) -> Column {
    let stated = sidecar.and_then(|sidecar| sidecar.features.get(name));
    let hard = stated.and_then(|stated| stated.hard_range);
    Column {
        label: stated.map_or_else(|| name.to_owned(), |stated| stated.label.clone()),
        unit: stated.and_then(|stated| stated.unit.clone()),
        hard: hard.map(|[min, max]| Range { min, max }),
        ..Column::numeric(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::ColumnKind;

    fn read(csv: &str) -> Result<Dataset, DatasetError> {
        Dataset::from_csv(csv.as_bytes(), &CsvOptions::default())
    }

    fn with(csv: &str, options: &CsvOptions) -> Result<Dataset, String> {
        Dataset::from_csv(csv.as_bytes(), options).map_err(|error| error.to_string())
    }

    #[test]
    fn faults_name_row_and_column() {
        let check = |csv: &str, message: &str| {
            assert_eq!(read(csv).unwrap_err().to_string(), message);
        };
        check(
            "x,y\n1,a\nabc,b\n",
            "row 2, column \"x\": expected a finite number, got \"abc\"; 1 of 2 cells of the column are numbers: correct the cell, state --also-missing abc if it means no value, or declare the column categorical",
        );
        check(
            "a\n1\n",
            "the file has one column, \"a\": expected at least a feature and the target, separated by comma, semicolon, tab or |; state --separator if it is another",
        );
        check(
            "x,y\n1,a\n2,b,c\n3,b\n",
            "row 2 (line 3) has 3 cells where the header has 2: \"2,b,c\"",
        );
        check("x,y\n1,\n2,NA\n", "no row has a label in column \"y\"");
        check(
            "x,y\n1,a\n2,a\n",
            "column \"y\" holds 1 class: at least two are needed to tell apart",
        );
        check(
            "x,y\n,a\n,b\n",
            "no column is left to learn from: x left out; column \"x\" is left out: it holds no values",
        );
        let mut many = String::from("x,y\n");
        (0..101).for_each(|i| many += &format!("1,{i}.5\n"));
        check(
            &many,
            "column \"y\" holds 101 different numbers in 101 rows: is it a measurement? choose another target (--target)",
        );
    }

    #[test]
    fn the_target_may_be_named() {
        let options = |target: &str, drop: &[&str]| CsvOptions {
            target: (!target.is_empty()).then(|| target.into()),
            drop: drop.iter().map(|name| (*name).to_owned()).collect(),
            ..CsvOptions::default()
        };
        let csv = "y,x,z\nb,1,p\na,2,q\n";
        let data = with(csv, &options("y", &["z"])).unwrap();
        assert_eq!(data.schema().classes, ["a", "b"]);
        assert_eq!(
            (data.row(0), data.schema().left_out.as_slice()),
            (&[1.0][..], &["z".into()][..])
        );
        // The last column that is left is the target.
        assert_eq!(
            with(csv, &options("", &["z", "x"])).unwrap_err(),
            "no column is left to learn from: x, z left out"
        );
        let error = with(csv, &options("w", &[])).unwrap_err();
        assert_eq!(error, "there is no column \"w\"; the columns are y, x, z");
        let error = with(csv, &options("y", &["y"])).unwrap_err();
        assert_eq!(error, "there is no column \"y\"; the columns are x, z");
        let error = with(csv, &options("y", &["w"])).unwrap_err();
        assert_eq!(error, "there is no column \"w\" to drop; the columns are y, x, z");
    }

    #[test]
    fn rows_without_a_label_are_dropped_and_counted() {
        let data = read("x,y\n1,a\n2,\n3,b\n").unwrap();
        assert_eq!((data.n_samples(), data.file_row(0), data.file_row(1)), (2, 1, 3));
        assert_eq!(
            data.notes()[0],
            Note::DroppedRows { target: "y".into(), n_rows: 1, marks: Vec::new() }
        );
    }

    #[test]
    fn numbers_are_categories_if_the_user_says_so() {
        let options = CsvOptions { categorical: vec!["x".into()], ..CsvOptions::default() };
        let data = with("x,y\n3,a\n1,b\n3,b\n", &options).unwrap();
        assert_eq!(data.columns()[0].kind, ColumnKind::Categorical(vec!["1".into(), "3".into()]));
        assert_eq!(data.row(0), [1.0]);
    }

    #[test]
    fn options_come_back_as_they_were_sent() {
        let reading = Reading {
            separator: Some(b';'),
            decimal: Some(numbers::DecimalMark::Comma),
            header: Some(crate::dataset::HeaderLine::Line(3)),
            missing: Some(vec!["-".into()]),
            also_missing: vec!["12,,5".into()],
            encoding: Some(crate::dataset::Encoding::Windows1252),
        };
        let dates = Some(DateOrder::DayMonthYear);
        let drop = vec!["id".into()];
        let stated = CsvOptions { drop, dates, reading, ..CsvOptions::with_target("kind") };
        for options in [stated, CsvOptions::default()] {
            let sent = serde_json::to_string(&options).unwrap();
            assert_eq!(serde_json::from_str::<CsvOptions>(&sent).unwrap(), options, "{sent}");
        }
        // As an earlier version kept it.
        let kept = r#"{"separator":59,"decimal":"comma","header":null,"missing":["-"]}"#;
        let kept: Reading = serde_json::from_str(kept).unwrap();
        assert_eq!((kept.separator, kept.encoding), (Some(b';'), None));
        assert!(kept.also_missing.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = Dataset::from_csv(&bytes, &CsvOptions::default());
        }

        #[test]
        fn any_cells_are_read_without_panic(
            cells in proptest::collection::vec("[0-9.,;eENna?\"\n x-]{0,6}", 4..60),
            width in 2_usize..5,
        ) {
            let lines: Vec<String> = cells.chunks_exact(width).map(|row| row.join(",")).collect();
            let csv = format!("{}\n{}\n", ["a", "b", "c", "d"][..width].join(","), lines.join("\n"));
            if let Ok(data) = read(&csv) {
                for row in 0..data.n_samples() {
                    // What the data set holds, its schema takes.
                    proptest::prop_assert!(data.schema().row(data.row(row)).is_ok());
                }
            }
        }
    }
}
