//! CSV bytes to a table of text: encoding, dialect, names, row widths and limits.
//!
//! `encoding` makes text of bytes, `records` cuts the cells, `dialect` finds how, `header` where the names are. Invariant: every row
//! is as wide as the header, unless the reader keeps odd ones and asks for them; whatever was passed over
//! or repaired has a [`Note`].

use serde::{Deserialize, Serialize};

use super::dialect;
use super::encoding::{self, Encoding};
use super::header::{self, HeaderLine, is_comment, is_footer, line_of};
use super::notes::{Passed, QuoteStyle};
use super::numbers::DecimalMark;
use super::records::{Records, StrayQuote};
use super::{DatasetError, MAX_CSV_BYTES, MAX_ROWS, Note};
use crate::schema::row::shortened;

/// Most columns of a file: features, target and what is left out.
const MAX_FILE_COLUMNS: usize = 2 * super::MAX_COLUMNS;
/// First records whose widths are held against that.
const JUDGED_WIDTHS: usize = 100;

/// What the user states of how a file is written; what is not stated is found out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// What separates cells; ASCII.
    pub separator: Option<u8>,
    /// The decimal mark; the other mark then groups digits.
    pub decimal: Option<DecimalMark>,
    /// Where the names of the columns stand.
    pub header: Option<HeaderLine>,
    /// The texts that mean "no value", besides an empty cell and instead of those known.
    pub missing: Option<Vec<String>>,
    /// Further texts that mean "no value", besides those of `missing` or those known, in any column.
    // Readings are kept in browsers: those from before a field have to stay readable.
    #[serde(default)]
    pub also_missing: Vec<String>,
    /// How its letters are encoded; UTF-8 if absent, as a guess could be wrong without a sign of it.
    #[serde(default)]
    pub encoding: Option<Encoding>,
}

/// A file's header and rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Vec<String>,
    /// The separator that was stated or found.
    pub(super) separator: u8,
    /// The column of row names that the file does not name, if there is one.
    pub(super) row_names: Option<String>,
    pub(super) notes: Vec<Note>,
    pub(super) decimal: Option<DecimalMark>,
    pub(super) missing: Option<Vec<String>>,
    pub(super) also_missing: Vec<String>,
    records: Records,
    /// The record of each row.
    rows: Vec<u32>,
}

/// What becomes of a row that has more or fewer cells than the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OddRows {
    /// The file is refused.
    Refused,
    /// It is a row like any other, unless there are none but such; see [`Table::odd_row`].
    Kept,
}

impl Table {
    /// # Errors
    /// [`DatasetError::Limit`], [`DatasetError::Encoding`], [`DatasetError::NotUtf8`],
    /// [`DatasetError::NoRows`], [`DatasetError::Separators`], [`DatasetError::TwoHeaders`],
    /// [`DatasetError::NoHeaderLine`] and [`DatasetError::RowWidth`].
    pub(super) fn read(bytes: &[u8], stated: &Reading) -> Result<Self, DatasetError> {
        Self::read_with(bytes, stated, OddRows::Refused)
    }

    /// As [`read`](Self::read), but rows of another width are what `odd_rows` says.
    pub(super) fn read_with(
        bytes: &[u8],
        stated: &Reading,
        odd_rows: OddRows,
    ) -> Result<Self, DatasetError> {
        if bytes.len() > MAX_CSV_BYTES {
            let (got, limit) = (bytes.len(), MAX_CSV_BYTES);
            return Err(DatasetError::Limit { what: "bytes of CSV", got, limit });
        }
        let (text, note_on_encoding) = encoding::decode(bytes, stated.encoding)?;
        let text = text.as_ref();
        let (hinted, hint_length) = separator_hint(text);
        let body = text.get(hint_length..).unwrap_or_default();
        let mut found = dialect::find(body, stated.separator.or(hinted));
        let mut hint_fails = false;
        if let Some(hinted) = hinted.filter(|_| stated.separator.is_none()) {
            // The hint of a file that was saved in another way since.
            let other = dialect::find(body, None);
            let unused =
                body.lines().take(JUDGED_WIDTHS).all(|line| !line.contains(hinted as char));
            hint_fails = unused && other.dialect.separator != hinted;
            if hint_fails {
                found = other;
            }
        }
        let separator = found.dialect.separator;
        // One row more than there may be, and lines above them, show that there are too many.
        let mut records = Records::read(body, found.dialect, MAX_ROWS + 1000);
        if hint_length > 0 {
            records.shift_lines(1);
        }
        if let Some(other) = found.draw {
            return Err(DatasetError::Separators { first: separator, second: other });
        }
        // Before a name is made for each of them.
        let widths = (0..records.len().min(JUDGED_WIDTHS)).map(|record| records.width(record));
        let widest = widths.max().unwrap_or(0);
        if widest > MAX_FILE_COLUMNS {
            let (got, limit) = (widest, MAX_FILE_COLUMNS);
            return Err(DatasetError::Limit { what: "columns", got, limit });
        }
        let heading = header::find(&records, stated.header)?;
        let mut table = Self {
            header: heading.names,
            separator,
            row_names: heading.row_names,
            notes: note_on_encoding.into_iter().chain(heading.notes).collect(),
            decimal: stated.decimal,
            missing: stated.missing.clone(),
            also_missing: stated.also_missing.clone(),
            records,
            rows: Vec::new(),
        };
        if hint_fails {
            let text = shortened(text.lines().next().unwrap_or_default());
            let (what, first_line, n_lines) = (Passed::Hint, 1, 1);
            table.notes.push(Note::LinesPassedOver { what, first_line, n_lines, text });
        }
        let has_names = stated.header != Some(HeaderLine::Absent);
        table.take_rows(heading.first_row, has_names, odd_rows)?;
        table.note_quotes(found.dialect.quote, found.dialect.backslash);
        Ok(table)
    }

    /// Takes the records from `first` on for rows. Comments, the header once more if the file
    /// `has_names`, and lines below the table are passed over, and empty cells beyond the header left
    /// out.
    fn take_rows(
        &mut self,
        first: usize,
        has_names: bool,
        odd_rows: OddRows,
    ) -> Result<(), DatasetError> {
        let records = &self.records;
        let width = self.header.len();
        let mut passed: Vec<(Passed, usize, usize)> = Vec::new();
        let mut pass_over = |what, record| match passed.iter_mut().find(|one| one.0 == what) {
            Some(one) => one.2 += 1,
            None => passed.push((what, record, 1)),
        };
        let names = has_names.then(|| first.checked_sub(1)).flatten();
        let is_names = |record| {
            let same = |names| records.cells(record).eq(records.cells(names));
            width > 1 && names.is_some_and(same)
        };
        let (mut n_trailing, mut first_odd) = (0, None);
        for record in first..records.len() {
            if is_names(record) {
                pass_over(Passed::Names, record);
            } else if records.width(record) == width {
                self.rows.push(record as u32);
            } else if is_comment(records, record, width) {
                pass_over(Passed::Comment, record);
            } else if records.cells(record).all(str::is_empty) {
                // A line of nothing but separators.
            } else if is_footer(records, record, width) && !self.rows.is_empty() {
                (record..records.len()).for_each(|record| pass_over(Passed::Footer, record));
                break;
            } else if self.is_whole(record) {
                self.rows.push(record as u32);
                n_trailing += 1;
            } else {
                first_odd.get_or_insert(self.rows.len());
                self.rows.push(record as u32);
                if odd_rows == OddRows::Refused {
                    break;
                }
            }
            if self.rows.len() > MAX_ROWS {
                let got = self.rows.len();
                return Err(DatasetError::Limit { what: "rows", got, limit: MAX_ROWS });
            }
        }
        let is_refused = odd_rows == OddRows::Refused
            || !self.rows.iter().any(|&record| self.is_whole(record as usize));
        if let Some(error) = first_odd.filter(|_| is_refused).and_then(|row| self.odd_row(row)) {
            return Err(error);
        }
        if n_trailing > 0 {
            self.notes.push(Note::TrailingSeparators { n_rows: n_trailing });
        }
        for (what, record, n_lines) in passed {
            let (first_line, text) = (records.line(record), line_of(records, record));
            self.notes.push(Note::LinesPassedOver { what, first_line, n_lines, text });
        }
        if self.rows.is_empty() { Err(DatasetError::NoRows) } else { Ok(()) }
    }

    /// Whether a record has a cell for each name, and nothing beyond.
    fn is_whole(&self, record: usize) -> bool {
        let (got, width) = (self.records.width(record), self.header.len());
        got == width || got > width && self.records.cells(record).skip(width).all(str::is_empty)
    }

    /// What is wrong with a row that has more or fewer cells than the header; `None` if it has not.
    pub(super) fn odd_row(&self, row: usize) -> Option<DatasetError> {
        let (records, record) = (&self.records, *self.rows.get(row)? as usize);
        if self.is_whole(record) {
            return None;
        }
        let is_near = |quote: &&StrayQuote| quote.record.abs_diff(record) <= 1;
        let quote = records.stray_quotes.iter().find(is_near).map(|quote| quote.line);
        Some(DatasetError::RowWidth {
            row: row + 1,
            line: records.line(record),
            expected: self.header.len(),
            got: records.width(record),
            text: line_of(records, record),
            quote,
        })
    }

    /// The rows that have a cell for each name.
    pub(super) fn whole_rows(&self) -> Vec<usize> {
        let rows = (0..).zip(&self.rows).filter(|(_, record)| self.is_whole(**record as usize));
        rows.map(|(row, _)| row).collect()
    }

    fn note_quotes(&mut self, quote: u8, backslash: bool) {
        let row_of = |rows: &[u32], record: usize| {
            rows.binary_search(&(record as u32)).map_or(0, |row| row + 1)
        };
        let records = &self.records;
        if let Some(first) = records.stray_quotes.first() {
            self.notes.push(Note::StrayQuotes {
                n_cells: records.n_stray_quotes,
                row: row_of(&self.rows, first.record),
                line: first.line,
                closed_in_line: first.closed_in_line,
            });
        }
        let looks_like_rows =
            |cell: &&super::records::TallCell| cell.reads_as_rows(self.header.len());
        if let Some(cell) = records.tall_cells.iter().find(looks_like_rows) {
            self.notes.push(Note::TallCell {
                row: row_of(&self.rows, cell.record),
                first_line: cell.first_line,
                last_line: cell.last_line,
            });
        }
        if quote == b'\'' && records.has_quoted {
            self.notes.push(Note::Quotes { style: QuoteStyle::Single });
        }
        if backslash {
            self.notes.push(Note::Quotes { style: QuoteStyle::Backslash });
        }
    }

    /// How many rows there are.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// A cell's text; empty if there is no such cell.
    pub(super) fn cell(&self, row: usize, at: usize) -> &str {
        self.rows.get(row).map_or("", |&record| self.records.cell(record as usize, at))
    }

    /// The cells of a row, as many as names.
    pub(super) fn cells(&self, row: usize) -> impl Iterator<Item = &str> {
        (0..self.header.len()).map(move |at| self.cell(row, at))
    }

    /// Where the column of this name stands.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The names of all columns, shortened, for a message.
    pub(super) fn names(&self) -> String {
        list(self.header.iter().map(String::as_str))
    }

    /// The marks of missing values that count in this file.
    pub(super) fn marks(&self) -> super::missing::Marks<'_> {
        super::missing::Marks { stated: self.missing.as_deref(), also: &self.also_missing }
    }
}

/// Names for a message: at most 20 of them, none longer than 60 characters.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.map(shortened);
    let shown: Vec<String> = names.by_ref().take(20).collect();
    let more = names.count();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

/// The separator that a first line such as `sep=;` states, as spreadsheets write it, and the bytes up
/// to the line after it.
fn separator_hint(text: &str) -> (Option<u8>, usize) {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let bare = line.trim_matches([' ', '"', '\'']);
    let stated = bare.get(..4).filter(|start| start.eq_ignore_ascii_case("sep="));
    // The hint may be cut at its own separator: `"sep=,"` or `sep=,,,`.
    let separator = stated.and_then(|_| line.split_once('=')?.1.bytes().next());
    match separator.filter(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()) {
        Some(separator) => {
            let rest = text.get(line.len()..).unwrap_or_default();
            let end = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
            (Some(separator), line.len() + end)
        }
        None => (None, 0),
    }
}
