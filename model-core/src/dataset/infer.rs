//! The type of a column from all of its cells: numeric, categorical, or not to be learnt from.

use std::collections::BTreeMap;

use super::cell::{self, Cell};
use super::table::Table;
use super::{ColumnKind, DatasetError, MAX_CATEGORIES, Note};
use crate::schema::row::shortened;

/// A column's values: numbers or indices of categories, NaN where there is none.
pub(super) struct TypedColumn {
    pub(super) kind: ColumnKind,
    pub(super) values: Vec<f64>,
}

/// What a column turned out to be.
pub(super) enum Inferred {
    Typed(TypedColumn),
    /// Nothing can be learnt from it; the note says why.
    LeftOut(Note),
}

/// A text that more rows share than this is no identifier.
const IDENTIFIER_SHARE: f64 = 0.5;
/// A column with fewer different texts is taken for categorical, however few rows there are.
const FEW_CATEGORIES: usize = 20;
/// Texts among numbers are faults if there are fewer than one in so many cells; else the column
/// is categorical.
const NUMBERS_PER_FAULT: usize = 20;

/// Types column `at` over `rows` (0-based); `as_categories` if the user says so.
///
/// A cell that is text in a column of numbers is a fault, unless such cells are many.
///
/// # Errors
/// [`DatasetError::BadCell`] for such a fault and for infinities;
/// [`DatasetError::TooManyCategories`] if the user asked for categories and there are too many.
pub(super) fn infer(
    table: &Table,
    at: usize,
    rows: &[usize],
    as_categories: bool,
) -> Result<Inferred, DatasetError> {
    let column = || table.header[at].clone();
    let text_of = |row: usize| table.rows[row].get(at).unwrap_or_default();
    let cells: Vec<Cell> =
        rows.iter().map(|&row| cell::read(text_of(row), table.decimal_comma)).collect();
    let count = |wanted: fn(&Cell) -> bool| cells.iter().filter(|cell| wanted(cell)).count();
    let n_missing = count(|cell| *cell == Cell::Missing);
    let n_texts = count(|cell| *cell == Cell::Text);
    let n_present = cells.len() - n_missing;
    if n_present == 0 {
        return Ok(Inferred::LeftOut(Note::NoValues { column: column() }));
    }
    let n_numbers = n_present - n_texts;
    let faulty = n_numbers > 0 && (n_texts == 1 || n_texts * NUMBERS_PER_FAULT <= n_present);
    if !as_categories && (n_texts == 0 || faulty) {
        let mut values = Vec::with_capacity(cells.len());
        for (cell, &row) in cells.iter().zip(rows) {
            values.push(match cell {
                Cell::Number(number) => *number,
                Cell::Missing => f64::NAN,
                Cell::Infinite | Cell::Text => {
                    return Err(DatasetError::BadCell {
                        row: row + 1,
                        column: shortened(&table.header[at]),
                        text: shortened(text_of(row)),
                        expected: "a finite number".into(),
                        hint: "; correct the cell, or declare the column categorical",
                    });
                }
            });
        }
        return Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Numeric, values }));
    }
    let mut codes: BTreeMap<&str, u32> = BTreeMap::new();
    for (cell, &row) in cells.iter().zip(rows) {
        if *cell != Cell::Missing {
            codes.insert(text_of(row), 0);
        }
    }
    let distinct = codes.len();
    if as_categories && distinct > MAX_CATEGORIES {
        let (column, limit) = (shortened(&table.header[at]), MAX_CATEGORIES);
        return Err(DatasetError::TooManyCategories { column, found: distinct, limit });
    }
    let mostly_different = distinct as f64 > IDENTIFIER_SHARE * n_present as f64;
    if !as_categories && distinct > FEW_CATEGORIES && mostly_different {
        return Ok(Inferred::LeftOut(Note::TextIdentifier { column: column(), distinct }));
    }
    if distinct > MAX_CATEGORIES {
        return Ok(Inferred::LeftOut(Note::TooManyCategories { column: column(), distinct }));
    }
    codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let values = cells.iter().zip(rows).map(|(cell, &row)| match cell {
        Cell::Missing => f64::NAN,
        _ => codes.get(text_of(row)).map_or(f64::NAN, |&code| f64::from(code)),
    });
    let values = values.collect();
    let categories = codes.into_keys().map(str::to_owned).collect();
    Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Categorical(categories), values }))
}

/// Class names and the label of each text: sorted by value if all are numbers, else by name.
pub(super) fn encode_labels(texts: &[&str]) -> (Vec<String>, Vec<u32>) {
    let mut codes: BTreeMap<&str, u32> = BTreeMap::new();
    // One by one, as `infer` does: collecting would sort them by code of its own.
    for text in texts {
        codes.insert(text, 0);
    }
    let distinct: Vec<&str> = codes.keys().copied().collect();
    let mut order: Vec<usize> = (0..distinct.len()).collect();
    let number = |text: &str| match cell::read(text, false) {
        Cell::Number(number) => Some(number),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = distinct.iter().map(|class| number(class)).collect();
    if let Some(numbers) = numbers {
        // Stable: texts of one number, such as 1 and 1.0, stay sorted by name.
        crate::order::sort_by(&mut order, &mut |a, b| numbers[a].total_cmp(&numbers[b]));
    }
    let classes: Vec<&str> = order.into_iter().map(|at| distinct[at]).collect();
    for (class, code) in classes.iter().zip(0..) {
        codes.insert(class, code);
    }
    let labels = texts.iter().map(|text| codes.get(text).copied().unwrap_or_default()).collect();
    (classes.into_iter().map(str::to_owned).collect(), labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The type of the column that these cells make, in short.
    fn kind(cells: &[&str], as_categories: bool) -> String {
        let rows: String = cells.iter().map(|cell| format!("{cell};y\n")).collect();
        let table = Table::read(format!("x;t\n{rows}").as_bytes(), None).unwrap();
        let rows: Vec<usize> = (0..cells.len()).collect();
        match infer(&table, 0, &rows, as_categories) {
            Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Numeric, values })) => {
                format!("{values:?}")
            }
            Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Categorical(names), values })) => {
                format!("{} {values:?}", names.join("|"))
            }
            Ok(Inferred::LeftOut(note)) => note.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn types_follow_from_all_cells() {
        assert_eq!(kind(&["1", "2,5", "NA"], false), "[1.0, 2.5, NaN]");
        assert_eq!(kind(&["b", "", "a", "b"], false), "a|b [1.0, NaN, 0.0, 1.0]");
        assert_eq!(kind(&["1", "0", "1"], true), "0|1 [1.0, 0.0, 1.0]");
        assert_eq!(kind(&["1", "2", "3+", "3+", "1"], false), "1|2|3+ [0.0, 1.0, 2.0, 2.0, 0.0]");
        assert_eq!(kind(&["", "?"], false), "column \"x\" is left out: it holds no values");
    }

    #[test]
    fn a_text_among_numbers_is_a_fault() {
        let message = "row 2, column \"x\": expected a finite number, got \"abc\"; correct the cell, or declare the column categorical";
        assert_eq!(kind(&["1", "abc", "2"], false), message);
        assert!(kind(&["1", "1e999"], false).contains("row 2, column \"x\""));
        let mut cells = vec!["7"; 100];
        cells[3] = "x";
        cells[90] = "y";
        assert!(kind(&cells, false).starts_with("row 4, column \"x\": expected"));
    }

    #[test]
    fn texts_that_name_rows_are_left_out() {
        let names: Vec<String> = (0..30).map(|i| format!("name {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            kind(&names, false),
            "column \"x\" is left out: it names rows (30 different texts)"
        );
    }

    #[test]
    fn classes_are_sorted_by_name_or_by_number() {
        let check = |texts: &[&str], classes: &[&str], labels: &[u32]| {
            let (names, codes) = encode_labels(texts);
            assert_eq!(
                (names, codes.as_slice()),
                (classes.iter().map(std::string::ToString::to_string).collect(), labels)
            );
        };
        check(&["b", "a", "b"], &["a", "b"], &[1, 0, 1]);
        check(&["10", "9", "-1"], &["-1", "9", "10"], &[2, 1, 0]);
        check(&["10", "9", "x"], &["10", "9", "x"], &[0, 1, 2]);
    }
}
