//! CSV bytes to columns without a target among them: two samples that will be compared.
//!
//! A cell that is not what its column holds stops nothing: it is counted ([`OddCells`]) and its
//! value is missing.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{self, Cell};
use super::infer::{Inferred, TypedColumn, infer};
use super::odd_cells::{OddCells, OddCount, Oddity};
use super::table::Table;
use super::{ColumnKind, DatasetError, Note};
use crate::schema::row::shortened;

/// A column of a file.
pub(crate) struct ReadColumn {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    /// The values of all rows, NaN where there is none.
    pub(crate) values: Vec<f64>,
    pub(crate) odd: Option<OddCells>,
}

/// A file whose own cells say what its columns hold.
pub(crate) struct ReadReference {
    pub(crate) columns: Vec<ReadColumn>,
    /// Columns that say nothing of a distribution, and why.
    pub(crate) left_out: Vec<(String, Note)>,
}

/// A file whose columns were expected to be those of another.
pub(crate) struct ReadWindow {
    pub(crate) columns: Vec<ReadColumn>,
    /// Expected columns that the file does not have.
    pub(crate) missing: Vec<String>,
    /// Columns that were not expected.
    pub(crate) others: Vec<String>,
}

/// The columns of a file, typed by their cells; those named in `categorical` hold categories.
///
/// # Errors
/// As [`Dataset::from_csv`](super::Dataset::from_csv) for what is no table;
/// [`DatasetError::NoColumn`] if a column of `categorical` is not there.
pub(crate) fn reference(
    bytes: &[u8],
    categorical: &[String],
) -> Result<ReadReference, DatasetError> {
    let table = Table::read(bytes, None)?;
    for name in categorical {
        if table.position(name).is_none() {
            return Err(DatasetError::NoColumn {
                column: shortened(name),
                purpose: "take for categorical",
                columns: table.names(),
            });
        }
    }
    let rows: Vec<usize> = (0..table.rows.len()).collect();
    let mut read = ReadReference { columns: Vec::new(), left_out: Vec::new() };
    for (at, name) in table.header.iter().enumerate() {
        match infer(&table, at, &rows, categorical.contains(name)) {
            Ok(Inferred::Typed(TypedColumn { kind, values })) => {
                read.columns.push(ReadColumn { name: name.clone(), kind, values, odd: None });
            }
            Ok(Inferred::LeftOut(note)) => read.left_out.push((name.clone(), note)),
            // Numbers, with a few cells that are none.
            Err(DatasetError::BadCell { .. }) => read.columns.push(numbers(&table, at)),
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// The columns of these names and types.
///
/// Categories are the file's own: those that are not expected are odd and compared all the same.
///
/// # Errors
/// As [`Dataset::from_csv`](super::Dataset::from_csv) for what is no table.
pub(crate) fn window<'a>(
    bytes: &[u8],
    expected: impl Iterator<Item = (&'a str, &'a ColumnKind)>,
) -> Result<ReadWindow, DatasetError> {
    let table = Table::read(bytes, None)?;
    let mut read = ReadWindow { columns: Vec::new(), missing: Vec::new(), others: Vec::new() };
    for (name, kind) in expected {
        let Some(at) = table.position(name) else {
            read.missing.push(name.to_owned());
            continue;
        };
        read.columns.push(match kind {
            ColumnKind::Numeric => numbers(&table, at),
            ColumnKind::Categorical(known) => categories(&table, at, known),
        });
    }
    let is_read = |name: &&String| read.columns.iter().any(|column| column.name == **name);
    read.others = table.header.iter().filter(|name| !is_read(name)).cloned().collect();
    Ok(read)
}

fn texts(table: &Table, at: usize) -> impl Iterator<Item = &str> {
    table.rows.iter().map(move |row| row.get(at).unwrap_or_default())
}

/// A column of numbers; none at all if most of its cells are something else.
fn numbers(table: &Table, at: usize) -> ReadColumn {
    let name = table.header.get(at).cloned().unwrap_or_default();
    let mut count = OddCount::new(&name, Oddity::NoNumber);
    let mut values = Vec::with_capacity(table.rows.len());
    for text in texts(table, at) {
        let (value, cell) = match cell::read(text, table.decimal_comma) {
            Cell::Number(number) => (number, Some((text, false))),
            Cell::Missing => (f64::NAN, None),
            Cell::Infinite | Cell::Text => (f64::NAN, Some((text, true))),
        };
        values.push(value);
        count.add(cell);
    }
    let odd = count.finish();
    if odd.as_ref().is_some_and(OddCells::change_the_type) {
        values.fill(f64::NAN);
    }
    ReadColumn { name, kind: ColumnKind::Numeric, values, odd }
}

fn categories(table: &Table, at: usize, known: &[String]) -> ReadColumn {
    let name = table.header.get(at).cloned().unwrap_or_default();
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let mut count = OddCount::new(&name, Oddity::NewCategory);
    let mut codes: BTreeMap<&str, u32> = BTreeMap::new();
    for text in texts(table, at) {
        let is_present = cell::read(text, false) != Cell::Missing;
        if is_present {
            codes.insert(text, 0);
        }
        count.add(is_present.then(|| (text, !known.contains(text))));
    }
    codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let code = |text: &str| codes.get(text).map_or(f64::NAN, |&code| f64::from(code));
    let values = texts(table, at).map(code).collect();
    let names = codes.keys().map(|&text| text.to_owned()).collect();
    ReadColumn { name, kind: ColumnKind::Categorical(names), values, odd: count.finish() }
}
