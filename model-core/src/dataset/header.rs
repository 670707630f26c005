//! Where a table begins: hints, titles and comments above it, its names, or none.
//!
//! Names are texts above a column of numbers, or texts that are not among the values below them.
//! Everything that is passed over or made up is noted; what could be read in two ways is refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::dialect::usual_width;
use super::missing::MISSING_AMONG_NUMBERS;
use super::notes::Passed;
use super::numbers::{is_bare_number, looks_numeric};
use super::records::Records;
use super::{DatasetError, Note};
use crate::schema::row::shortened;

/// Where the names of a file's columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderLine {
    /// In this line, counted from 1 with every line of the file.
    Line(usize),
    /// Nowhere: the first line is data already.
    Absent,
}

/// Rows that a column is judged by.
const JUDGED_ROWS: usize = 200;
/// A column is one of numbers if this share of its cells are.
const NUMERIC_SHARE: f64 = 0.8;
/// Least number of rows below a second line of names that tells it from data.
const LEAST_ROWS_BELOW: usize = 3;
/// What a column without a name in R's tables is called.
const ROW_NAMES: &str = "row names";

/// A file's names and where its rows are.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) names: Vec<String>,
    /// The first record that is data.
    pub(super) first_row: usize,
    /// The column of row names, which the file does not name.
    pub(super) row_names: Option<String>,
    pub(super) notes: Vec<Note>,
}

/// Finds the names in `records`.
///
/// # Errors
/// [`DatasetError::NoRows`], [`DatasetError::NoHeaderLine`], [`DatasetError::TwoHeaders`].
pub(super) fn find(records: &Records, stated: Option<HeaderLine>) -> Result<Heading, DatasetError> {
    let mut notes = Vec::new();
    let mut at = 0;
    let width = usual_width(records, 0).ok_or(DatasetError::NoRows)?;
    match stated {
        Some(HeaderLine::Line(line)) => {
            at = (0..records.len())
                .find(|&record| records.line(record) == line)
                .ok_or(DatasetError::NoHeaderLine { line })?;
        }
        Some(HeaderLine::Absent) => {}
        None => {
            pass_over_comments(records, width, &mut at, &mut notes);
            pass_over_title(records, width, &mut at, &mut notes);
            if names_stand_below(records, width, at) {
                let text = |record| line_of(records, record);
                return Err(DatasetError::TwoHeaders {
                    line: records.line(at),
                    text: text(at),
                    below: records.line(at + 1),
                    text_below: text(at + 1),
                });
            }
        }
    }
    if at >= records.len() {
        return Err(DatasetError::NoRows);
    }
    let is_absent = match stated {
        Some(stated) => stated == HeaderLine::Absent,
        None if records.width(at) == width => looks_like_data(records, width, at),
        None => holds_numbers(records, width, at),
    };
    if is_absent {
        if stated.is_none() {
            notes.push(Note::NoHeader { text: line_of(records, at), n_columns: width });
        }
        let names = (1..=width).map(|n| format!("column {n}")).collect();
        return Ok(Heading { names, first_row: at, row_names: None, notes });
    }
    let mut names: Vec<String> = records.cells(at).map(str::to_owned).collect();
    if let Some(first) = names.first_mut()
        && let Some(bare) = first.strip_prefix('#')
        && !bare.trim().is_empty()
    {
        *first = bare.trim().to_owned();
    }
    let first_row = at + 1;
    let width = usual_width(records, first_row).unwrap_or(names.len());
    let mut row_names = None;
    if width == names.len() + 1 && !last_cells_are_empty(records, first_row, width) {
        let name = free_name(ROW_NAMES, &names);
        names.insert(0, name.clone());
        let example = records.cell(first_row, 0).to_owned();
        notes.push(Note::RowNames { column: name.clone(), example });
        row_names = Some(name);
    } else if width + 1 == names.len() && names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    make_distinct(&mut names, &mut notes);
    Ok(Heading { names, first_row, row_names, notes })
}

/// A record as a line to show.
pub(super) fn line_of(records: &Records, record: usize) -> String {
    let cells: Vec<&str> = records.cells(record).take(20).collect();
    shortened(&cells.join(","))
}

/// Goes beyond lines that begin with `#` and are no names.
fn pass_over_comments(records: &Records, width: usize, at: &mut usize, notes: &mut Vec<Note>) {
    let from = *at;
    while *at < records.len() && is_comment(records, *at, width) {
        *at += 1;
    }
    passed_over(records, from..*at, Passed::Comment, notes);
}

/// Whether a record begins with `#` and is not as wide as a row.
pub(super) fn is_comment(records: &Records, record: usize, width: usize) -> bool {
    records.cell(record, 0).starts_with('#') && records.width(record) != width
}

/// Goes beyond lines above the names that are of another width.
fn pass_over_title(records: &Records, width: usize, at: &mut usize, notes: &mut Vec<Note>) {
    let Some(first) = (*at..records.len()).find(|&record| records.width(record) == width) else {
        return;
    };
    let mut header = first;
    if !looks_like_names(records, width, first) {
        // The names may be fewer than the cells, and rows of yet another width may follow them.
        while header > *at && (header == first || holds_numbers(records, width, header)) {
            header -= 1;
        }
        if records.cells(header).filter(|cell| !cell.is_empty()).count() < 2 {
            header = first;
        }
    }
    passed_over(records, *at..header, Passed::Title, notes);
    *at = header;
}

/// Whether a record has a number above numbers, as no line of names has.
fn holds_numbers(records: &Records, width: usize, record: usize) -> bool {
    (0..records.width(record).min(width)).any(|column| {
        is_bare_number(records.cell(record, column))
            && below(records, width, record, column).is_numeric
    })
}

/// Lines below the table, such as `(36 rows)` or `Source: …`: from `record` to the end there is one
/// text a line, where the table has two columns at least.
pub(super) fn is_footer(records: &Records, record: usize, width: usize) -> bool {
    width > 1
        && (record..records.len()).all(|record| {
            let mut cells = records.cells(record).filter(|cell| !cell.is_empty());
            let text = cells.next().is_some_and(|cell| cell.contains(char::is_alphabetic));
            text && cells.next().is_none() && records.width(record) != width
        })
}

fn passed_over(
    records: &Records,
    range: std::ops::Range<usize>,
    what: Passed,
    notes: &mut Vec<Note>,
) {
    if !range.is_empty() {
        notes.push(Note::LinesPassedOver {
            what,
            first_line: records.line(range.start),
            n_lines: range.len(),
            text: line_of(records, range.start),
        });
    }
}

/// What the cells of a column below a record are.
struct Below<'a> {
    is_numeric: bool,
    texts: BTreeSet<&'a str>,
    n: usize,
}

fn below(records: &Records, width: usize, record: usize, column: usize) -> Below<'_> {
    let rows = (record + 1..records.len()).filter(|&row| records.width(row) == width);
    let (mut n, mut n_numbers, mut texts) = (0, 0, BTreeSet::new());
    for row in rows.take(JUDGED_ROWS) {
        let cell = records.cell(row, column);
        if cell.is_empty() || is_mark(cell) {
            continue;
        }
        n += 1;
        n_numbers += usize::from(looks_numeric(cell));
        texts.insert(cell);
    }
    Below { is_numeric: n > 0 && n_numbers as f64 >= NUMERIC_SHARE * n as f64, texts, n }
}

fn is_mark(text: &str) -> bool {
    super::missing::MISSING
        .iter()
        .chain(&MISSING_AMONG_NUMBERS)
        .any(|mark| text.eq_ignore_ascii_case(mark))
}

/// Whether a record is texts above columns of which one at least is of numbers.
fn looks_like_names(records: &Records, width: usize, record: usize) -> bool {
    let mut above_numbers = false;
    for column in 0..width {
        let cell = records.cell(record, column);
        if !below(records, width, record, column).is_numeric {
            continue;
        }
        if is_bare_number(cell) {
            return false;
        }
        above_numbers |= !cell.is_empty() && !is_mark(cell);
    }
    above_numbers
}

/// Whether the record below `record` looks like names, too: then one of them is a title, or a row of
/// units.
fn names_stand_below(records: &Records, width: usize, record: usize) -> bool {
    let next = record + 1;
    let n_below = records.len().saturating_sub(next + 1);
    width > 1
        && records.width(record) == width
        && next < records.len()
        && records.width(next) == width
        && n_below >= LEAST_ROWS_BELOW
        && looks_like_names(records, width, next)
        && (0..width).all(|column| {
            let is_text = |record| {
                let cell = records.cell(record, column);
                !is_bare_number(cell)
            };
            let below = below(records, width, next, column);
            // Text above numbers; above texts, one that is not among them.
            is_text(record)
                && if below.is_numeric {
                    is_text(next) && !is_mark(records.cell(next, column))
                } else {
                    !below.texts.contains(records.cell(next, column))
                }
        })
}

/// Whether a record is a row like those below it: numbers above numbers, texts that stand below again.
fn looks_like_data(records: &Records, width: usize, record: usize) -> bool {
    let (mut like_data, mut like_names) = (0, 0);
    let mut numbers = Vec::new();
    for column in 0..width {
        let cell = records.cell(record, column);
        let below = below(records, width, record, column);
        if below.n == 0 || cell.is_empty() {
            continue;
        }
        if below.is_numeric {
            if is_bare_number(cell) {
                like_data += 1;
                numbers.extend(cell.parse::<i64>());
            } else if !is_mark(cell) {
                like_names += 1;
            }
        } else if below.texts.contains(cell) {
            like_data += 1;
        } else if 2 * below.texts.len() <= below.n {
            like_names += 1;
        }
    }
    // Years, or a numbering, may name columns: 2019, 2020, 2021.
    let counts_up = numbers.len() > 1 && numbers.windows(2).all(|pair| pair[1] - pair[0] == 1);
    like_data > like_names && like_data > 0 && !(counts_up && numbers.len() >= like_data)
}

fn last_cells_are_empty(records: &Records, first: usize, width: usize) -> bool {
    (first..records.len())
        .filter(|&record| records.width(record) == width)
        .all(|record| records.cell(record, width - 1).is_empty())
}

/// `name`, or what comes closest to it and is not taken.
pub(crate) fn free_name(name: &str, taken: &[String]) -> String {
    let is_free = |name: &str| !taken.iter().any(|taken| taken == name);
    if is_free(name) {
        return name.to_owned();
    }
    (2..).map(|n| format!("{name} ({n})")).find(|name| is_free(name)).unwrap_or_default()
}

/// Calls columns without a name by their place, and of those with one name the later ones otherwise.
fn make_distinct(names: &mut [String], notes: &mut Vec<Note>) {
    let mut taken: Vec<String> = names.iter().filter(|name| !name.is_empty()).cloned().collect();
    taken.sort_unstable();
    taken.dedup();
    let mut seen = BTreeSet::new();
    let nameless: Vec<usize> = (0..names.len()).filter(|&at| names[at].is_empty()).collect();
    for (at, name) in names.iter_mut().enumerate() {
        let is_repeated = seen.contains(name.as_str());
        if !name.is_empty() && !is_repeated {
            seen.insert(name.clone());
            continue;
        }
        let wanted = if is_repeated { name.clone() } else { format!("column {}", at + 1) };
        let called = free_name(&wanted, &taken);
        if is_repeated {
            let name = name.clone();
            notes.push(Note::RepeatedName { name, place: at + 1, called: called.clone() });
        }
        taken.push(called.clone());
        seen.insert(called.clone());
        *name = called;
    }
    if let Some(&first) = nameless.first() {
        let called = names.get(first).cloned().unwrap_or_default();
        notes.push(Note::NamelessColumns { n_columns: nameless.len(), place: first + 1, called });
    }
}
