//! CSV bytes to columns without a target among them: two samples that will be compared.
//!
//! A cell that is not what its column holds stops nothing: it is counted ([`OddCells`]) and its
//! value is missing.

use std::collections::BTreeMap;

use super::cells::{Cell, NumericCells, shown_decimal};
use super::infer::{Inferred, Known, TypedColumn, infer};
use super::odd_cells::{OddCells, OddCount, Oddity};
use super::table::{Reading, Table};
use super::{ColumnKind, DatasetError, DecimalMark, Note};
use crate::order::filled;
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
    reading: &Reading,
) -> Result<ReadReference, DatasetError> {
    let table = Table::read(bytes, reading)?;
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
    let decimal = decimal_of(&table);
    let mut read = ReadReference { columns: Vec::new(), left_out: Vec::new() };
    for (at, name) in table.header.iter().enumerate() {
        let known = Known { categorical: categorical.contains(name), decimal, ..Known::default() };
        let mut notes = Vec::new();
        match infer(&table, at, &rows, known, &mut notes) {
            Ok(Inferred::Typed(TypedColumn { kind, values })) => {
                read.columns.push(ReadColumn { name: name.clone(), kind, values, odd: None });
            }
            Ok(Inferred::Expanded(kind, values)) => {
                let names = kind.feature_names(name).into_iter();
                read.columns.extend(names.zip(values).map(|(name, values)| number(name, values)));
            }
            Ok(Inferred::LeftOut) => {
                read.left_out.extend(notes.pop().map(|note| (name.clone(), note)));
            }
            // Numbers, with a few cells that are none.
            Err(DatasetError::BadCell { .. }) => read.columns.push(numbers(&table, at, decimal)),
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
    reading: &Reading,
) -> Result<ReadWindow, DatasetError> {
    let table = Table::read(bytes, reading)?;
    let mut read = ReadWindow { columns: Vec::new(), missing: Vec::new(), others: Vec::new() };
    let decimal = decimal_of(&table);
    let mut of_sources = Vec::new();
    for (name, kind) in expected {
        let Some(at) = table.position(name) else {
            match feature_of_source(&table, name) {
                Some((source, column)) => {
                    of_sources.push(source);
                    read.columns.push(column);
                }
                None => read.missing.push(name.to_owned()),
            }
            continue;
        };
        read.columns.push(match kind {
            ColumnKind::Numeric => numbers(&table, at, decimal),
            ColumnKind::Categorical(known) => categories(&table, at, known),
        });
    }
    let is_read = |name: &&String| {
        of_sources.contains(name) || read.columns.iter().any(|column| column.name == **name)
    };
    read.others = table.header.iter().filter(|name| !is_read(name)).cloned().collect();
    Ok(read)
}

fn texts(table: &Table, at: usize) -> impl Iterator<Item = &str> {
    (0..table.n_rows()).map(move |row| table.cell(row, at))
}

/// The decimal mark that the file shows.
fn decimal_of(table: &Table) -> Option<DecimalMark> {
    let columns: Vec<usize> = (0..table.header.len()).collect();
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    shown_decimal(table, &columns, &rows)
}

fn number(name: String, values: Vec<f64>) -> ReadColumn {
    ReadColumn { name, kind: ColumnKind::Numeric, values, odd: None }
}

/// A feature such as `day.month`, from the column of dates or texts whose name it begins with, and
/// that name.
fn feature_of_source<'a>(table: &'a Table, name: &str) -> Option<(&'a String, ReadColumn)> {
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let (at, source) = table.header.iter().enumerate().find(|(_, column)| {
        name.strip_prefix(column.as_str()).is_some_and(|rest| rest.starts_with('.'))
    })?;
    match infer(table, at, &rows, Known::default(), &mut Vec::new()).ok()? {
        Inferred::Expanded(kind, values) => {
            let names = kind.feature_names(source);
            let found = names.into_iter().zip(values).find(|(feature, _)| feature == name)?;
            Some((source, number(found.0, found.1)))
        }
        Inferred::Typed(_) | Inferred::LeftOut => None,
    }
}

/// A column of numbers; none at all if most of its cells are something else.
fn numbers(table: &Table, at: usize, decimal: Option<DecimalMark>) -> ReadColumn {
    let name = table.header.get(at).cloned().unwrap_or_default();
    let mut count = OddCount::new(&name, Oddity::NoNumber);
    let cells = NumericCells::of(table, at, decimal, None);
    let mut values = Vec::with_capacity(table.n_rows());
    for text in texts(table, at) {
        let (value, cell) = match cells.read(table, text) {
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
    let known: BTreeMap<&str, usize> = filled(known.iter().map(|name| (name.as_str(), 0)));
    let mut count = OddCount::new(&name, Oddity::NewCategory);
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts(table, at) {
        let is_present = !table.marks().always(text);
        if is_present {
            codes.insert(text, 0);
        }
        count.add(is_present.then(|| (text, !known.contains_key(text))));
    }
    codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let code = |text: &str| codes.get(text).map_or(f64::NAN, |&code| code as f64);
    let values = texts(table, at).map(code).collect();
    let names = codes.keys().map(|&text| text.to_owned()).collect();
    ReadColumn { name, kind: ColumnKind::Categorical(names), values, odd: count.finish() }
}
