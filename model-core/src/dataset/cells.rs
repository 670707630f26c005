//! The cells of one column: how its numbers are written, and each of them read.

use std::collections::BTreeMap;

use super::DatasetError;
use super::notes::also_missing;
use super::numbers::{self, DecimalMark, Guess, Marks, NumberFormat};
use super::table::Table;
use crate::schema::Range;
use crate::schema::row::shortened;

/// Different numbers from which on a text behind each of them can only be a unit.
const NUMBERS_OF_A_UNIT: usize = 10;

/// One column of a table, and the rows that count.
pub(super) struct Column<'a> {
    pub(super) table: &'a Table,
    pub(super) at: usize,
    pub(super) rows: &'a [usize],
    /// The cells' texts. They lie far from each other in the file and are gone through several
    /// times, so they are gathered once.
    texts: Vec<&'a str>,
}

impl<'a> Column<'a> {
    pub(super) fn new(table: &'a Table, at: usize, rows: &'a [usize]) -> Self {
        let texts = rows.iter().map(|&row| table.cell(row, at)).collect();
        Self { table, at, rows, texts }
    }

    pub(super) fn name(&self) -> String {
        self.table.header[self.at].clone()
    }

    /// The cell of the row at this place among the rows that count.
    pub(super) fn text(&self, place: usize) -> &'a str {
        self.texts.get(place).copied().unwrap_or_default()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.texts.iter().copied()
    }

    /// The fault of a cell that is not what the others of the column are (`what` of them are), which
    /// is past once its text is stated to mean "no value".
    pub(super) fn fault(&self, place: usize, expected: &str, what: &str) -> DatasetError {
        let also_missing = also_missing(self.text(place));
        DatasetError::BadCell {
            row: self.rows[place] + 1,
            column: shortened(&self.table.header[self.at]),
            text: shortened(self.text(place)),
            expected: expected.to_owned(),
            hint: format!(
                "; {what}: correct the cell, state {also_missing} if it means no value, or declare the column categorical"
            ),
            mark: Some(self.text(place).into()),
        }
    }
}

/// The decimal mark that the columns of numbers show, if they agree.
pub(super) fn shown_decimal(
    table: &Table,
    columns: &[usize],
    rows: &[usize],
) -> Option<DecimalMark> {
    if table.decimal.is_some() {
        return table.decimal;
    }
    let mut shown = None;
    for &at in columns {
        let column = Column::new(table, at, rows);
        let (marks, n_values) = marks(&column);
        let Some(decimal) = marks.decimal() else { continue };
        if 2 * marks.n_numbers <= n_values {
            continue;
        }
        match shown {
            None => shown = Some(decimal),
            Some(other) if other != decimal => return None,
            Some(_) => {}
        }
    }
    shown
}

/// How the marks of a column's numbers are used, and how many of its cells have a value, if it holds
/// numbers.
pub(super) fn marks(column: &Column<'_>) -> (Marks, usize) {
    let missing = column.table.marks();
    let (mut marks, mut n_values) = (Marks::default(), 0);
    for text in column.texts() {
        if !missing.among_numbers(text) {
            n_values += 1;
            marks.add(text);
        }
    }
    (marks, n_values)
}

/// The signs that may stand at the numbers of a column.
#[derive(Debug, Default)]
pub(super) struct Unit(Option<String>);

impl Unit {
    pub(super) fn is(&self, sign: &str) -> bool {
        self.0.as_deref() == Some(sign)
    }
}

/// The one sign of the column's numbers: a currency or `%` at some of them, or a unit at each.
pub(super) fn unit(column: &Column<'_>, format: NumberFormat) -> Unit {
    let missing = column.table.marks();
    let (mut sign, mut n_with, mut n_without) = (None, 0_usize, 0_usize);
    let mut has_blank = true;
    let mut different: BTreeMap<u64, usize> = BTreeMap::new();
    for text in column.texts().filter(|text| !missing.among_numbers(text)) {
        let Some(read) = numbers::read(text, format) else { continue };
        if read.sign.is_empty() {
            n_without += 1;
            continue;
        }
        if *sign.get_or_insert(read.sign) != read.sign {
            return Unit(None);
        }
        n_with += 1;
        has_blank &= text.contains([' ', '\u{a0}', '\u{202f}']);
        if different.len() <= NUMBERS_OF_A_UNIT {
            different.insert(read.value.to_bits(), 0);
        }
    }
    let sign = sign.filter(|sign| {
        let is_amount = *sign == "%"
            || numbers::is_currency_word(sign)
            || !sign.chars().any(char::is_alphabetic);
        is_amount || (n_without == 0 && (has_blank || different.len() > NUMBERS_OF_A_UNIT))
    });
    Unit(sign.filter(|_| n_with > 0).map(str::to_owned))
}

/// What a cell of a column of numbers says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Missing,
    /// A finite number.
    Number(f64),
    /// A number beyond what a double holds, or `inf`.
    Infinite,
    /// Anything else.
    Text,
}

/// How to read the cells of a column that is known to hold numbers.
#[derive(Debug)]
pub(super) struct NumericCells {
    format: NumberFormat,
    /// What was guessed, and neither the file nor the expected range shows.
    guess: Guess,
    unit: Unit,
}

impl NumericCells {
    /// Looks at column `at` of the table. Where its marks could mean two things, that one is taken by
    /// which more values lie in the range that is `expected`.
    pub(super) fn of(
        table: &Table,
        at: usize,
        shown: Option<DecimalMark>,
        expected: Option<Range>,
    ) -> Self {
        let rows = table.whole_rows();
        let column = Column::new(table, at, &rows);
        let (marks, _) = marks(&column);
        let (mut format, mut guess) = marks.format(table.decimal, shown);
        if matches!(guess, Guess::Groups | Guess::Decimal)
            && let Some(range) = expected
        {
            let inside = |format| {
                let read = |text| numbers::read(text, format).map(|read| read.value);
                column.texts().filter_map(read).filter(|value| range.contains(*value)).count()
            };
            let other = NumberFormat { decimal: format.decimal.other(), other_groups: true };
            let (here, there) = (inside(format), inside(other));
            if there > here {
                format = other;
            }
            if there != here {
                guess = Guess::None;
            }
        }
        Self { format, guess, unit: unit(&column, format) }
    }

    /// What was guessed of how its numbers are written.
    pub(super) const fn guess(&self) -> Guess {
        self.guess
    }

    /// A trimmed cell's number with what was taken out of its text, if it is a finite one.
    pub(super) fn number<'a>(&self, table: &Table, text: &'a str) -> Option<numbers::Read<'a>> {
        let is_known = |read: &numbers::Read<'_>| read.sign.is_empty() || self.unit.is(read.sign);
        let read = numbers::read(text, self.format).filter(is_known)?;
        (read.value.is_finite() && !table.marks().among_numbers(text)).then_some(read)
    }

    /// What a trimmed cell says.
    pub(super) fn read(&self, table: &Table, text: &str) -> Cell {
        if table.marks().among_numbers(text) {
            return Cell::Missing;
        }
        match numbers::read(text, self.format) {
            Some(read) if !read.value.is_finite() => Cell::Infinite,
            Some(read) if read.sign.is_empty() || self.unit.is(read.sign) => {
                Cell::Number(read.value)
            }
            _ => Cell::Text,
        }
    }
}
