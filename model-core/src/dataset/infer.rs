//! The type of a column from all of its cells: numbers, dates, categories, free text, or nothing to
//! be learnt from.
//!
//! Numbers come first, unless they are codes; then dates; then categories, if there are few enough
//! for the rows; then text. Whatever is guessed on the way has a [`Note`].

use std::collections::BTreeMap;

use super::cells::{Column, marks, unit};
use super::codes;
use super::missing::Marks;
use super::notes::{CodeSign, count, placeholder};
use super::numbers::{self, Change, DecimalMark, Guess};
use super::table::Table;
use super::{ColumnKind, DatasetError, MAX_CATEGORIES, Note};
use crate::schema::row::shortened;
use crate::schema::source::{MAX_BUCKETS, dates};
use crate::schema::{DateOrder, DatePart, SourceKind};

/// A column's values: numbers or indices of categories, NaN where there is none.
#[derive(Debug)]
pub(super) struct TypedColumn {
    pub(super) kind: ColumnKind,
    pub(super) values: Vec<f64>,
}

/// What a column turned out to be.
#[derive(Debug)]
pub(super) enum Inferred {
    Typed(TypedColumn),
    /// Each cell yields several features: the values of each, NaN where the cell is empty.
    Expanded(SourceKind, Vec<Vec<f64>>),
    /// Nothing can be learnt from it; a note says why.
    LeftOut,
}

/// What is known of a column before its cells are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// The user says that its numbers are categories.
    pub(super) categorical: bool,
    /// The user says that its digits are numbers and no codes.
    pub(super) numeric: bool,
    /// The decimal mark that other columns show.
    pub(super) decimal: Option<DecimalMark>,
    /// The order of dates that the user states.
    pub(super) dates: Option<DateOrder>,
}

/// A text that more rows share than this is no identifier.
const IDENTIFIER_SHARE: f64 = 0.5;
/// A column with fewer different texts is taken for categorical, however few rows there are.
const FEW_CATEGORIES: usize = 20;
/// Texts among numbers are faults if there are fewer than one in so many cells.
const NUMBERS_PER_FAULT: usize = 20;
/// Texts of so many words on average are prose.
const WORDS_OF_PROSE: usize = 3;
/// Buckets that the words of a text are shared among, so that there are ten rows at least for each.
const ROWS_PER_BUCKET: usize = 10;
/// Types column `at` over `rows` (0-based).
///
/// # Errors
/// [`DatasetError::BadCell`] for a cell that is no number in a column of numbers, unless such cells
/// are many; [`DatasetError::TooManyCategories`] if the user asked for categories and there are too
/// many.
pub(super) fn infer(
    table: &Table,
    at: usize,
    rows: &[usize],
    known: Known,
    notes: &mut Vec<Note>,
) -> Result<Inferred, DatasetError> {
    let column = Column::new(table, at, rows);
    if column.texts().all(|text| table.marks().always(text)) {
        notes.push(Note::NoValues { column: column.name() });
        return Ok(Inferred::LeftOut);
    }
    if known.categorical {
        let stated = categories(&column, true, notes)?;
        notes.extend(many_categories(&column, known, &stated));
        return Ok(stated);
    }
    as_found(&column, known, notes)
}

/// What the column's cells make of it.
fn as_found(
    column: &Column<'_>,
    known: Known,
    notes: &mut Vec<Note>,
) -> Result<Inferred, DatasetError> {
    if let Some(dates) = dates(column, known, notes)? {
        return Ok(dates);
    }
    if let Some(numbers) = numbers(column, known, notes)? {
        return Ok(numbers);
    }
    categories(column, false, notes)
}

/// With fewer rows a category, on average, hardly one can be learnt from: of two rows one may be held
/// out, and what the other says is one row's word. From three on more than one is left to train.
const ROWS_PER_CATEGORY: usize = 3;
/// So few categories are no sign of numbers, however few rows there are.
const FEW_STATED: usize = 10;

/// The note on a column that was stated to hold categories and has hardly a row for each, unless its
/// cells would have made it categorical all the same.
fn many_categories(column: &Column<'_>, known: Known, stated: &Inferred) -> Option<Note> {
    let Inferred::Typed(TypedColumn { kind: ColumnKind::Categorical(categories), values }) = stated
    else {
        return None;
    };
    let distinct = categories.len();
    let n_rows = values.iter().filter(|value| !value.is_nan()).count();
    if distinct <= FEW_STATED || n_rows >= ROWS_PER_CATEGORY * distinct {
        return None;
    }
    let is_categorical = matches!(
        as_found(column, known, &mut Vec::new()),
        Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Categorical(_), .. }))
    );
    let column = column.name();
    (!is_categorical).then_some(Note::ManyCategories { column, distinct, n_rows })
}

/// The column as numbers; `None` if it holds none, or codes.
fn numbers(
    column: &Column<'_>,
    known: Known,
    notes: &mut Vec<Note>,
) -> Result<Option<Inferred>, DatasetError> {
    let missing = column.table.marks();
    let (marks, n_values) = marks(column);
    if n_values == 0 || 2 * marks.n_numbers < n_values {
        return Ok(None);
    }
    let (format, guess) = marks.format(column.table.decimal, known.decimal);
    let unit = unit(column, format);
    let mut found = Vec::new();
    let mut odd: Vec<usize> = Vec::new();
    let mut values = Vec::with_capacity(column.rows.len());
    let mut changes = Changes::default();
    let mut odd_texts: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, text) in column.texts().enumerate() {
        if missing.among_numbers(text) {
            if !text.is_empty() {
                count(&mut found, text);
            }
            values.push(f64::NAN);
            continue;
        }
        match numbers::read(text, format) {
            Some(read)
                if read.value.is_finite() && (read.sign.is_empty() || unit.is(read.sign)) =>
            {
                changes.add(text, &read, place);
                values.push(read.value);
            }
            _ => {
                if odd_texts.len() <= FEW_CATEGORIES {
                    *odd_texts.entry(text).or_default() += 1;
                }
                odd.push(place);
                values.push(f64::NAN);
            }
        }
    }
    let code = codes::find(column.texts(), column.rows.len(), &values);
    // Beside texts, padded numbers are codes, too; and texts among codes are codes.
    let code = match code {
        Some(codes::Finding::LeadingZeros { n_cells, example }) if !odd.is_empty() => {
            Some(codes::Finding::Code { why: CodeSign::LeadingZeros, n_cells, example })
        }
        code => code,
    };
    if !known.numeric
        && let Some(code @ codes::Finding::Code { .. }) = code
    {
        notes.push(code.note(column.name()));
        return Ok(None);
    }
    if let Some(&first) = odd.first() {
        let n_numbers = n_values - odd.len();
        if 2 * n_numbers < n_values || n_numbers == 0 {
            return Ok(None);
        }
        let few = odd.len() == 1 || odd.len() * NUMBERS_PER_FAULT <= n_values;
        if few || distinct(column, FEW_CATEGORIES).is_none() {
            return Err(odd_cell(column, first, n_numbers, n_values));
        }
        let texts = odd_texts.into_iter().map(|(text, n)| (text.to_owned(), n)).collect();
        notes.push(Note::MixedTypes { column: column.name(), n_numbers, texts });
        return Ok(None);
    }
    match code {
        Some(code) if !known.numeric => notes.push(code.note(column.name())),
        _ => {}
    }
    if !found.is_empty() {
        let (column, marks) = (column.name(), found);
        notes.push(Note::MissingMarks { column, marks, among_texts: false });
    }
    changes.note(column, &values, guess, notes);
    if let Some((number, n_cells)) = placeholder(values.iter().copied()) {
        // As a cell writes it: a mark that is stated has to be the cell's text.
        let place = values.iter().position(|value| *value == number).unwrap_or_default();
        let value = column.text(place).to_owned();
        notes.push(Note::Placeholder { column: column.name(), value, n_cells });
    }
    Ok(Some(Inferred::Typed(TypedColumn { kind: ColumnKind::Numeric, values })))
}

fn odd_cell(column: &Column<'_>, place: usize, n_numbers: usize, n_values: usize) -> DatasetError {
    let what = format!("{n_numbers} of {n_values} cells of the column are numbers");
    column.fault(place, "a finite number", &what)
}

/// What was changed in the texts of a column before they were read.
#[derive(Default)]
pub(super) struct Changes {
    /// How many cells, and the place of the first.
    groups: (usize, usize),
    units: (usize, usize),
    minus: (usize, usize),
    commas: (usize, usize),
    points: (usize, usize),
    /// The first sign that was taken out.
    sign: String,
}

impl Changes {
    pub(super) fn add(&mut self, text: &str, read: &numbers::Read<'_>, place: usize) {
        let one = |slot: &mut (usize, usize)| {
            if slot.0 == 0 {
                slot.1 = place;
            }
            slot.0 += 1;
        };
        match read.change {
            Change::Groups => one(&mut self.groups),
            Change::Minus => one(&mut self.minus),
            Change::None => {}
        }
        if !read.sign.is_empty() {
            one(&mut self.units);
            if self.sign.is_empty() {
                read.sign.clone_into(&mut self.sign);
            }
        }
        if text.contains(',') {
            one(&mut self.commas);
        }
        if text.contains('.') {
            one(&mut self.points);
        }
    }

    /// Notes on what was changed and guessed; `values` are those of the column's cells.
    pub(super) fn note(
        &self,
        column: &Column<'_>,
        values: &[f64],
        guess: Guess,
        notes: &mut Vec<Note>,
    ) {
        let name = || column.name();
        let at = |place: usize| {
            let read_as = values.get(place).copied().unwrap_or_default().to_string();
            (shortened(column.text(place)), read_as)
        };
        let (n_cells, place) = self.groups;
        if n_cells > 0 {
            let (example, read_as) = at(place);
            let chars: Vec<char> = example.chars().collect();
            let between = |three: &&[char]| {
                three[0].is_ascii_digit() && three[2].is_ascii_digit() && !three[1].is_ascii_digit()
            };
            let mark = chars.windows(3).find(between).map_or(' ', |three| three[1]);
            notes.push(Note::GroupedNumbers { column: name(), mark, n_cells, example, read_as });
        }
        match guess {
            Guess::Decimal => {
                let (n_cells, place) = if self.commas.0 > 0 { self.commas } else { self.points };
                let (example, read_as) = at(place);
                notes.push(Note::DecimalGuessed { column: name(), n_cells, example, read_as });
            }
            Guess::BothMarks => {
                let (example, _) = at(self.commas.1);
                notes.push(Note::BothMarks { column: name(), example });
            }
            Guess::Groups | Guess::None => {}
        }
        let (n_cells, place) = self.units;
        if n_cells > 0 {
            let (example, read_as) = at(place);
            let sign = self.sign.clone();
            notes.push(Note::UnitTaken { column: name(), sign, n_cells, example, read_as });
        }
        let (n_cells, place) = self.minus;
        if n_cells > 0 {
            let example = at(place).0;
            notes.push(Note::OddMinus { column: name(), n_cells, example });
        }
    }
}

/// How many different texts the column has, unless they are more than `most`.
fn distinct(column: &Column<'_>, most: usize) -> Option<usize> {
    let missing = column.table.marks();
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in column.texts().filter(|text| !missing.among_numbers(text)) {
        texts.insert(text, 0);
        if texts.len() > most {
            return None;
        }
    }
    Some(texts.len())
}

/// The column as dates or times, if every cell with a value is one; `None` if it holds few.
///
/// # Errors
/// [`DatasetError::BadCell`] for one that is none among many.
fn dates(
    column: &Column<'_>,
    known: Known,
    notes: &mut Vec<Note>,
) -> Result<Option<Inferred>, DatasetError> {
    let missing = column.table.marks();
    let texts = || column.texts().filter(|text| !missing.among_numbers(text));
    let n_values = texts().count();
    let n_read = |order: DateOrder| {
        let (mut n, mut all_plain) = (0, true);
        for text in texts().filter(|text| dates::read(text, order).is_some()) {
            all_plain &= text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
            n += 1;
        }
        // Eight digits alone could be anything if there are few of them, or others that are no dates.
        let unsure = all_plain && (n < FEW_CATEGORIES || n < n_values);
        if unsure { 0 } else { n }
    };
    let Some(first) = texts().next() else { return Ok(None) };
    let orders = match known.dates {
        Some(order) => vec![order, DateOrder::YearMonthDay, DateOrder::Clock],
        None => {
            // Slashes are written where the month comes first, more often than not.
            let (a, b) = if first.contains('/') {
                (DateOrder::MonthDayYear, DateOrder::DayMonthYear)
            } else {
                (DateOrder::DayMonthYear, DateOrder::MonthDayYear)
            };
            vec![DateOrder::YearMonthDay, a, b, DateOrder::Clock]
        }
    };
    let mut best = (DateOrder::YearMonthDay, 0);
    for order in orders {
        let n = n_read(order);
        if n > best.1 {
            best = (order, n);
        }
    }
    let (order, n_cells) = best;
    if n_cells < n_values {
        return if 2 * n_cells < n_values || n_cells == 0 {
            Ok(None)
        } else {
            odd_dates(column, order, (n_cells, n_values), notes)
        };
    }
    let holds = |order: DateOrder| n_read(order) == n_values;
    let other = match order {
        DateOrder::DayMonthYear => Some(DateOrder::MonthDayYear),
        DateOrder::MonthDayYear => Some(DateOrder::DayMonthYear),
        DateOrder::YearMonthDay | DateOrder::Clock => None,
    };
    let ambiguous = known.dates.is_none()
        && other.is_some_and(|other| {
            // The same both ways where the month is a word.
            let differs = |text: &str| dates::read(text, order) != dates::read(text, other);
            holds(other) && column.texts().any(differs)
        });
    let read = |text: &str| {
        let text = if missing.among_numbers(text) { "" } else { text };
        dates::read(text, order)
    };
    let has_time = column.texts().filter_map(read).any(|moment| moment.has_time);
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for part in DatePart::ALL {
        let of_part: Vec<f64> = column
            .texts()
            .map(|text| read(text).map_or(f64::NAN, |moment| moment.part(part)))
            .collect();
        let mut present = of_part.iter().filter(|value| !value.is_nan());
        let first = present.next().copied().unwrap_or_default();
        let varies = present.any(|value| *value != first);
        let is_kept = match part {
            DatePart::Hour => has_time,
            DatePart::ElapsedDays => order != DateOrder::Clock,
            _ => varies && order != DateOrder::Clock,
        };
        if is_kept {
            parts.push(part);
            values.push(of_part);
        }
    }
    let example = shortened(first);
    let kept = parts.clone();
    notes.push(Note::Dates {
        column: column.name(),
        order,
        n_cells,
        example,
        parts: kept,
        ambiguous,
    });
    note_zones(column, order, notes);
    note_marks(column, notes);
    Ok(Some(Inferred::Expanded(SourceKind::DateTime { order, parts }, values)))
}

/// A column of dates (`n_dates` of `n_values` cells) with others among them: a few are faults; of
/// many the column is not read as dates, which is said.
fn odd_dates(
    column: &Column<'_>,
    order: DateOrder,
    (n_dates, n_values): (usize, usize),
    notes: &mut Vec<Note>,
) -> Result<Option<Inferred>, DatasetError> {
    let missing = column.table.marks();
    let is_odd = |text: &str| !missing.among_numbers(text) && dates::read(text, order).is_none();
    let place = column.texts().position(is_odd).unwrap_or_default();
    let n_odd = n_values - n_dates;
    if n_odd == 1 || n_odd * NUMBERS_PER_FAULT <= n_values {
        let what = format!("{n_dates} of {n_values} cells of the column are dates or times");
        return Err(column.fault(place, order.example(), &what));
    }
    notes.push(Note::MixedDates {
        column: column.name(),
        order,
        n_dates,
        n_odd,
        example: column.text(place).to_owned(),
    });
    Ok(None)
}

/// Notes zones that differ within the column: they are passed over.
fn note_zones(column: &Column<'_>, order: DateOrder, notes: &mut Vec<Note>) {
    let zone = |text: &str| dates::read(text, order).map(|moment| moment.zone);
    let mut zones = column.texts().filter_map(|text| Some((text, zone(text)?)));
    let Some((_, first)) = zones.next() else { return };
    if let Some((example, _)) = zones.find(|(_, zone)| *zone != first) {
        notes.push(Note::Zones { column: column.name(), example: shortened(example) });
    }
}

/// Notes what was taken for no value among dates.
fn note_marks(column: &Column<'_>, notes: &mut Vec<Note>) {
    let missing = column.table.marks();
    let mut marks = Vec::new();
    for text in column.texts().filter(|text| !text.is_empty() && missing.among_numbers(text)) {
        count(&mut marks, text);
    }
    if !marks.is_empty() {
        notes.push(Note::MissingMarks { column: column.name(), marks, among_texts: false });
    }
}

/// The column as categories, as free text, or left out.
fn categories(
    column: &Column<'_>,
    stated: bool,
    notes: &mut Vec<Note>,
) -> Result<Inferred, DatasetError> {
    let missing = column.table.marks();
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut marks, mut n_present, mut n_words) = (Vec::new(), 0_usize, 0_usize);
    for text in column.texts() {
        if missing.always(text) {
            if !text.is_empty() {
                count(&mut marks, text);
            }
            continue;
        }
        n_present += 1;
        n_words += text.split_whitespace().count();
        codes.insert(text, 0);
    }
    if !marks.is_empty() {
        notes.push(Note::MissingMarks { column: column.name(), marks, among_texts: true });
    }
    let distinct = codes.len();
    if stated && distinct > MAX_CATEGORIES {
        let (column, limit) = (shortened(&column.table.header[column.at]), MAX_CATEGORIES);
        return Err(DatasetError::TooManyCategories { column, found: distinct, limit });
    }
    let mostly_different = distinct as f64 > IDENTIFIER_SHARE * n_present as f64;
    let tells_little = distinct > FEW_CATEGORIES && (mostly_different || distinct > MAX_CATEGORIES);
    if !stated && tells_little {
        let example = shortened(codes.keys().next().copied().unwrap_or_default());
        if n_words >= WORDS_OF_PROSE * n_present {
            return Ok(free_text(column, distinct, example, notes));
        }
        note_affix(column, n_present, notes);
        notes.push(if mostly_different {
            Note::TextIdentifier { column: column.name(), distinct, example }
        } else {
            Note::TooManyCategories { column: column.name(), distinct }
        });
        return Ok(Inferred::LeftOut);
    }
    note_affix(column, n_present, notes);
    let name = &column.table.header[column.at];
    notes.extend(marks_among(name, codes.keys().copied(), column.texts(), missing, false));
    codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let values = column.texts().map(|text| {
        let code = if missing.always(text) { None } else { codes.get(text) };
        code.map_or(f64::NAN, |&code| code as f64)
    });
    let values = values.collect();
    let categories = codes.keys().map(|&text| text.to_owned()).collect();
    Ok(Inferred::Typed(TypedColumn { kind: ColumnKind::Categorical(categories), values }))
}

/// Values that a column, or the target, has to be left with for the note on marks among them. Without a
/// second one nothing would be left to tell apart, and where the only other value is `yes` or `some`,
/// `none` or `unknown` is most likely its opposite.
const LEAST_OTHERS: usize = 2;

/// The note on marks such as `n/a` or `-` among the `values` of a column of texts, each of them given
/// once. They are counted in its cells.
pub(super) fn marks_among<'a>(
    name: &str,
    values: impl Iterator<Item = &'a str>,
    cells: impl Iterator<Item = &'a str>,
    missing: Marks<'_>,
    is_target: bool,
) -> Option<Note> {
    let (found, others): (Vec<&str>, Vec<&str>) =
        values.partition(|text| missing.only_among_numbers(text));
    if found.is_empty() || others.len() < LEAST_OTHERS {
        return None;
    }
    let mut marks = Vec::new();
    cells.filter(|text| found.contains(text)).for_each(|text| count(&mut marks, text));
    Some(Note::MarkAmongTexts { column: name.to_owned(), marks, is_target })
}

/// Texts with a sign that is no unit at all of their numbers, in this share of the cells, may be
/// amounts.
const AFFIX_SHARE: f64 = 0.8;

/// Notes that the texts of a column are numbers with the same sign at each: `'10`, `>5`, `approx. 7`.
/// A word alone is none, as in `room 5`, nor is what names are made of, as in `A-5` or `#5`.
fn note_affix(column: &Column<'_>, n_present: usize, notes: &mut Vec<Note>) {
    let affix = |text: &'_ str| -> Option<(usize, usize)> {
        let from = text.find(|c: char| c.is_ascii_digit())?;
        let to = text.rfind(|c: char| c.is_ascii_digit())? + 1;
        let number = numbers::is_bare_number(text.get(from..to)?);
        number.then_some((from, text.len() - to))
    };
    let is_sign = |c: char| {
        !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, '-' | '_' | '/' | '#' | '+')
    };
    let first = column.texts().find(|text| affix(text).is_some()).unwrap_or_default();
    let Some((before, behind)) = affix(first) else { return };
    let (prefix, suffix) = (&first[..before], &first[first.len() - behind..]);
    if !prefix.chars().chain(suffix.chars()).any(is_sign) {
        return;
    }
    let has_it = |text: &&str| {
        affix(text).is_some_and(|(before, behind)| {
            text.get(..before) == Some(prefix) && text.get(text.len() - behind..) == Some(suffix)
        })
    };
    let n_cells = column.texts().filter(has_it).count();
    if n_cells as f64 >= AFFIX_SHARE * n_present as f64 {
        let signs = [prefix, suffix].map(str::trim);
        let sign = signs.into_iter().filter(|sign| !sign.is_empty()).collect::<Vec<_>>().join(" ");
        let (column, example) = (column.name(), shortened(first));
        notes.push(Note::NumbersInTexts { column, sign: shortened(&sign), n_cells, example });
    }
}

/// The column as length and words.
fn free_text(
    column: &Column<'_>,
    distinct: usize,
    example: String,
    notes: &mut Vec<Note>,
) -> Inferred {
    let missing = column.table.marks();
    let n_buckets = (column.rows.len() / ROWS_PER_BUCKET).min(usize::from(MAX_BUCKETS)) as u16;
    let kind = SourceKind::Text { n_buckets };
    let n_features = kind.n_features();
    let mut values = vec![Vec::with_capacity(column.rows.len()); n_features];
    for text in column.texts() {
        let of_text = if missing.always(text) { None } else { kind.values(text) };
        for (at, values) in values.iter_mut().enumerate() {
            values.push(of_text.as_ref().and_then(|of| of.get(at)).copied().unwrap_or(f64::NAN));
        }
    }
    notes.push(Note::FreeText { column: column.name(), distinct, example, n_features });
    Inferred::Expanded(kind, values)
}
