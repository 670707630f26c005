//! CSV bytes to columns without a target among them: for comparing two files.

use std::collections::BTreeMap;

use super::cells::{Cell, NumericCells, shown_decimal};
use super::infer::{Inferred, Known, TypedColumn, infer};
use super::table::{Reading, Table};
use super::{ColumnKind, DatasetError};
use crate::schema::row::shortened;

/// A column of a file: its name, what it holds and the values of all rows.
pub(crate) type PlainColumn = (String, ColumnKind, Vec<f64>);

/// The columns of a file, typed by their cells; those named in `categorical` hold categories.
///
/// The second list names columns that say nothing of a distribution: without any value, or of texts
/// that nearly all differ.
///
/// # Errors
/// As [`Dataset::from_csv`](super::Dataset::from_csv) for what is no table and for faulty cells;
/// [`DatasetError::NoColumn`] if a column of `categorical` is not there.
pub(crate) fn typed(
    bytes: &[u8],
    categorical: &[String],
) -> Result<(Vec<PlainColumn>, Vec<String>), DatasetError> {
    let table = Table::read(bytes, &Reading::default())?;
    for name in categorical {
        if table.position(name).is_none() {
            return Err(DatasetError::NoColumn {
                column: shortened(name),
                purpose: "take for categorical",
                columns: table.names(),
            });
        }
    }
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let all: Vec<usize> = (0..table.header.len()).collect();
    let decimal = shown_decimal(&table, &all, &rows);
    let (mut columns, mut left_out, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (at, name) in table.header.iter().enumerate() {
        let known = Known { categorical: categorical.contains(name), decimal, ..Known::default() };
        match infer(&table, at, &rows, known, &mut notes)? {
            Inferred::Typed(TypedColumn { kind, values }) => {
                columns.push((name.clone(), kind, values));
            }
            Inferred::Expanded(kind, values) => {
                let names = kind.feature_names(name);
                let of = |(name, values)| (name, ColumnKind::Numeric, values);
                columns.extend(names.into_iter().zip(values).map(of));
            }
            Inferred::LeftOut => left_out.push(name.clone()),
        }
    }
    Ok((columns, left_out))
}

/// The columns of these names and types, and the names of the file's other columns.
///
/// Categories are the file's own: they need not be those expected.
///
/// # Errors
/// As [`typed`]; [`DatasetError::MissingColumn`], and [`DatasetError::BadCell`] for a cell that is
/// no number in a column of numbers.
pub(crate) fn expected<'a>(
    bytes: &[u8],
    columns: impl Iterator<Item = (&'a str, &'a ColumnKind)>,
) -> Result<(Vec<PlainColumn>, Vec<String>), DatasetError> {
    let table = Table::read(bytes, &Reading::default())?;
    let mut found = Vec::new();
    for (name, kind) in columns {
        let at = table.position(name).ok_or_else(|| DatasetError::MissingColumn {
            column: shortened(name),
            columns: table.names(),
        })?;
        let (kind, values) = match kind {
            ColumnKind::Numeric => (ColumnKind::Numeric, numbers(&table, at)?),
            ColumnKind::Categorical(_) => categories(&table, at),
        };
        found.push((name.to_owned(), kind, values));
    }
    let is_other = |name: &&String| !found.iter().any(|(known, ..)| known == *name);
    let others = table.header.iter().filter(is_other).cloned().collect();
    Ok((found, others))
}

fn texts(table: &Table, at: usize) -> impl Iterator<Item = &str> {
    (0..table.n_rows()).map(move |row| table.cell(row, at))
}

fn numbers(table: &Table, at: usize) -> Result<Vec<f64>, DatasetError> {
    let all: Vec<usize> = (0..table.header.len()).collect();
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let cells = NumericCells::of(table, at, shown_decimal(table, &all, &rows), None);
    let number = |(row, text): (usize, &str)| match cells.read(table, text) {
        Cell::Number(number) => Ok(number),
        Cell::Missing => Ok(f64::NAN),
        Cell::Infinite | Cell::Text => Err(DatasetError::BadCell {
            row: row + 1,
            column: shortened(&table.header[at]),
            text: shortened(text),
            expected: "a finite number, as the reference holds".into(),
            hint: String::new(),
        }),
    };
    texts(table, at).enumerate().map(number).collect()
}

fn categories(table: &Table, at: usize) -> (ColumnKind, Vec<f64>) {
    let is_present = |text: &&str| !table.marks().always(text);
    let mut codes: BTreeMap<&str, u32> =
        texts(table, at).filter(is_present).map(|text| (text, 0)).collect();
    codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let code = |text: &str| codes.get(text).map_or(f64::NAN, |&code| f64::from(code));
    let values = texts(table, at).map(code).collect();
    let names = codes.keys().map(|&text| text.to_owned()).collect();
    (ColumnKind::Categorical(names), values)
}
