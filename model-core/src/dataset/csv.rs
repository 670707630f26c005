//! CSV bytes to [`Dataset`]: which columns, which rows, and of what type.

use super::infer::{Inferred, TypedColumn, encode_labels, infer};
use super::table::Table;
use super::{Column, Dataset, DatasetError, MAX_CLASSES, Note, Sidecar, cell, notes};
use crate::schema::Range;
use crate::schema::row::shortened;

/// How to read a CSV file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CsvOptions {
    /// Name of the data set; the sidecar's, else `"data"`, if absent.
    pub name: Option<String>,
    /// The target column; the sidecar's, else the last one that is not dropped, if absent.
    pub target: Option<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns of numbers that are categories.
    pub categorical: Vec<String>,
    /// The separator; found from the file if absent.
    pub separator: Option<u8>,
    /// What the data set's author states of it.
    pub sidecar: Option<Sidecar>,
}

impl Dataset {
    /// The data set that a CSV file holds.
    ///
    /// Comma, semicolon or tab separate cells; quotes, a byte order mark and CRLF are understood,
    /// and a decimal comma where it is not the separator. Empty, `NA`, `NaN`, `null` and `?` are
    /// missing. A column's type follows from all of its cells; rows without a label are dropped,
    /// columns that nothing can be learnt from are left out, and [`Dataset::notes`] says so.
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
        let table = Table::read(bytes, options.separator)?;
        if let [column] = table.header.as_slice() {
            return Err(DatasetError::OneColumn { column: shortened(column) });
        }
        let sidecar = options.sidecar.as_ref();
        let dropped = positions(&table, &options.drop, "drop")?;
        let categorical = positions(&table, &options.categorical, "take for categorical")?;
        let target_at = target_position(&table, options, &dropped)?;
        let target = table.header[target_at].clone();
        let is_missing = |text: &str| cell::read(text, false) == cell::Cell::Missing;
        let rows: Vec<usize> =
            (0..table.rows.len()).filter(|&row| !is_missing(&table.rows[row][target_at])).collect();
        if rows.is_empty() {
            return Err(DatasetError::NoLabels { target: shortened(&target) });
        }
        let texts: Vec<&str> = rows.iter().map(|&row| &table.rows[row][target_at]).collect();
        let (classes, labels) = encode_labels(&texts);
        if classes.len() > MAX_CLASSES {
            let (target, found) = (shortened(&target), classes.len());
            return Err(DatasetError::TooManyClasses { target, found, limit: MAX_CLASSES });
        }

        let mut notes = Vec::new();
        if rows.len() < table.rows.len() {
            let n_rows = table.rows.len() - rows.len();
            notes.push(Note::DroppedRows { target: target.clone(), n_rows });
        }
        let (mut columns, mut typed) = (Vec::new(), Vec::new());
        let mut left_out: Vec<String> = Vec::new();
        for (at, name) in table.header.iter().enumerate() {
            if at == target_at {
                continue;
            }
            if dropped.contains(&at) {
                left_out.push(name.clone());
                continue;
            }
            match infer(&table, at, &rows, categorical.contains(&at))? {
                Inferred::Typed(TypedColumn { kind, values }) => {
                    columns.push(Column { kind, ..column(name, sidecar) });
                    typed.push(values);
                }
                Inferred::LeftOut(note) => {
                    left_out.push(name.clone());
                    notes.push(note);
                }
            }
        }
        if columns.is_empty() {
            let left_out = super::table::list(left_out.iter().map(String::as_str));
            return Err(DatasetError::NoFeatures { left_out });
        }
        let values = (0..rows.len()).flat_map(|row| typed.iter().map(move |c| c[row])).collect();
        let name = options.name.clone().or_else(|| sidecar.map(|sidecar| sidecar.name.clone()));
        let name = name.unwrap_or_else(|| "data".into());
        let mut dataset = Self::new(name, target, columns, classes, values, labels)?;
        dataset.schema.left_out = left_out;
        if rows.len() < table.rows.len() {
            dataset.file_rows = Some(rows);
        }
        notes.extend(notes::remarks(&dataset));
        dataset.notes = notes;
        Ok(dataset)
    }
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
            "row 2, column \"x\": expected a finite number, got \"abc\"; correct the cell, or declare the column categorical",
        );
        check(
            "a\n1\n",
            "the file has one column, \"a\": expected at least a feature and the target, separated by comma, semicolon or tab",
        );
        check("x,y\n1,a\n2\n", "row 2 has 1 cells where the header has 2");
        check("x,y\n1,\n2,NA\n", "no row has a label in column \"y\"");
        check(
            "x,y\n1,a\n2,a\n",
            "column \"y\" holds 1 class: at least two are needed to tell apart",
        );
        check("x,y\n,a\n,b\n", "no column is left to learn from: x left out");
        let mut many = String::from("x,y\n");
        (0..101).for_each(|i| many += &format!("1,{i}.5\n"));
        check(
            &many,
            "column \"y\" holds 101 different values, over the limit of 100 classes: is it a measurement? choose another target",
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
        assert_eq!(data.notes()[0], Note::DroppedRows { target: "y".into(), n_rows: 1 });
    }

    #[test]
    fn numbers_are_categories_if_the_user_says_so() {
        let options = CsvOptions { categorical: vec!["x".into()], ..CsvOptions::default() };
        let data = with("x,y\n3,a\n1,b\n3,b\n", &options).unwrap();
        assert_eq!(data.columns()[0].kind, ColumnKind::Categorical(vec!["1".into(), "3".into()]));
        assert_eq!(data.row(0), [1.0]);
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
