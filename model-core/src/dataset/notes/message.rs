//! Notes as sentences, each with the option that overrules it.

use std::fmt::{self, Display, Formatter, Write};

use super::option::{also_missing, also_missing_each, option};
use super::{CodeSign, Counted, Difference, Note, Passed, QuoteStyle};
use crate::schema::row::shortened;
use crate::schema::{DateOrder, DatePart};

impl Display for Note {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooksLikeUtf8 { .. }
            | Self::LinesPassedOver { .. }
            | Self::NoHeader { .. }
            | Self::RowNames { .. }
            | Self::TrailingSeparators { .. }
            | Self::NamelessColumns { .. }
            | Self::RepeatedName { .. }
            | Self::StrayQuotes { .. }
            | Self::TallCell { .. }
            | Self::Quotes { .. } => of_file(self, f),
            Self::GroupedNumbers { .. }
            | Self::DecimalGuessed { .. }
            | Self::BothMarks { .. }
            | Self::UnitTaken { .. }
            | Self::OddMinus { .. }
            | Self::SameNumber { .. }
            | Self::Codes { .. }
            | Self::LeadingZeros { .. }
            | Self::LongNumbers { .. }
            | Self::NumbersInTexts { .. }
            | Self::Placeholder { .. }
            | Self::MixedTypes { .. } => of_numbers(self, f),
            _ => of_column(self, f),
        }
    }
}

/// `1 cell`, `2 cells`.
fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// A text between quotes, as it stands in the file but for line ends.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.0.chars().try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))?;
        f.write_char('"')
    }
}

/// `"n/a" (4), "-" (2)`, at most eight of them.
fn list(texts: &[Counted]) -> String {
    let mut out = String::new();
    for (text, n) in texts.iter().take(8) {
        let between = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{between}{} ({n})", Quoted(&shortened(text)));
    }
    if texts.len() > 8 {
        let _ = write!(out, " and {} more", texts.len() - 8);
    }
    out
}

/// What became of the file's lines.
fn of_file(note: &Note, f: &mut Formatter<'_>) -> fmt::Result {
    match note {
        Note::LooksLikeUtf8 { line, example, read_as } => write!(
            f,
            "the file is read as Windows-1252, as stated, but looks like UTF-8: {} in line {line} is read as {} (leave --encoding out)",
            Quoted(example),
            Quoted(read_as)
        ),
        Note::LinesPassedOver { what, first_line, n_lines, text } => {
            let what_passed = *what;
            let what = match what {
                Passed::Title => "a title",
                Passed::Comment => "a comment",
                Passed::Names => "the names of the columns once more",
                Passed::Footer => "no part of the table",
                Passed::Hint => "a hint at a separator that the file does not use",
            };
            let lines = match n_lines {
                1 => format!("line {first_line} is"),
                n => format!("{n} lines from line {first_line} are"),
            };
            write!(f, "{lines} passed over as {what}: {text:?}")?;
            match what_passed {
                Passed::Title | Passed::Comment => f.write_str(" (--header LINE states the line of the names)"),
                Passed::Names | Passed::Footer => f.write_str("; delete it"),
                Passed::Hint => f.write_str("; delete it, or state --separator"),
            }
        }
        Note::NoHeader { text, n_columns } => write!(
            f,
            "the first line looks like data ({text:?}): it is a row, and the columns are called column 1 to column {n_columns}; add a line of names, or state --header 1 if it holds them"
        ),
        Note::RowNames { column, example } => write!(
            f,
            "every row has one cell more than there are names: the first cells ({example} and so on) are taken for names of rows and left out as column {column:?}; name the first column to use it", example = Quoted(example)),
        Note::TrailingSeparators { n_rows } => write!(
            f,
            "{} in a separator and the header does not: the empty cells there are left out; name the last column if it means something",
            if *n_rows == 1 { "1 row ends".to_owned() } else { format!("{n_rows} rows end") }
        ),
        Note::NamelessColumns { n_columns: 1, place, called } => write!(
            f,
            "the column in place {place} has no name: it is called {called:?} here, and has to stand in the same place in files to classify; give it a name, or leave it out ({})",
            option("drop", called)
        ),
        Note::NamelessColumns { n_columns, called, .. } => write!(
            f,
            "{n_columns} columns have no names: they are called by their places, {called:?} and so on, and have to stand there in files to classify, too; give them names"
        ),
        Note::RepeatedName { name, place, called } => write!(
            f,
            "two columns are named {:?}: the one in place {place} is called {called:?} here; give it a name of its own",
            shortened(name)
        ),
        Note::StrayQuotes { n_cells, row, line, closed_in_line } => {
            let rest = match closed_in_line {
                Some(closed) => format!("is closed in the middle of a cell in line {closed}"),
                None => "is never closed".to_owned(),
            };
            let place = if *row == 0 { String::new() } else { format!("row {row}, ") };
            write!(
                f,
                "{place}line {line}: a quote that opens a cell {rest}; it is taken for a part of the text"
            )?;
            if *n_cells > 1 {
                write!(f, ", as in {n_cells} cells in all")?;
            }
            f.write_str("; write a quote inside a quoted cell twice, or take it out")
        }
        Note::TallCell { row, first_line, last_line } => write!(
            f,
            "row {row}: the cell in quotes from line {first_line} to {last_line} holds lines that look like rows: if a quote is missing there, rows are missing here"
        ),
        Note::Quotes { style: QuoteStyle::Single } => {
            f.write_str("cells are quoted with ' instead of \": read so; save the file with \" if that is wrong")
        }
        Note::Quotes { style: QuoteStyle::Backslash } => f.write_str(
            "a quote inside quotes is written \\\" instead of \"\": read so; save the file with \"\" if that is wrong",
        ),
        _ => Ok(()),
    }
}

/// How numbers were read.
fn of_numbers(note: &Note, f: &mut Formatter<'_>) -> fmt::Result {
    match note {
        Note::GroupedNumbers { column, mark, n_cells, example, read_as } => {
            let (name, other) = match mark {
                '.' => ("dot", " (--decimal . if it is the decimal point)"),
                ',' => ("comma", " (--decimal , if it is the decimal mark)"),
                '\'' | '\u{2019}' => ("apostrophe", ""),
                _ => ("blank", ""),
            };
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: the {name} in {cells} is taken to group digits: {example} is read as {read_as}{other}",
                example = Quoted(example)
            )
        }
        Note::DecimalGuessed { column, n_cells, example, read_as } => {
            let (mark, other) = if example.contains(',') { (',', '.') } else { ('.', ',') };
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: {mark:?} in {cells} is taken for the decimal mark: {example} is read as {read_as} (--decimal {other} if it groups thousands)",
                example = Quoted(example)
            )
        }
        Note::BothMarks { column, example } => write!(
            f,
            "column {column:?} holds numbers with points and with commas: each is taken for a decimal mark, as in {example} (--decimal . or --decimal , if one of them groups digits)",
            example = Quoted(example)
        ),
        Note::UnitTaken { column, sign, n_cells, example, read_as } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: {sign:?} is taken out of {cells}: {example} is read as {read_as} ({})",
                option("categorical", column),
                example = Quoted(example)
            )
        }
        Note::OddMinus { column, n_cells, example } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: {cells} such as {example} are read as below zero ({})",
                option("categorical", column),
                example = Quoted(example)
            )
        }
        Note::SameNumber { column, first, second, like_dates } => {
            let dates = if *like_dates { "; they look like day and month" } else { "" };
            write!(
                f,
                "column {column:?}: {first:?} and {second:?} are one number{dates} ({} keeps them apart)",
                option("categorical", column)
            )
        }
        Note::Codes { column, why, n_cells, example } => {
            let why = match why {
                CodeSign::LeadingZeros => "begin with a zero that a number does not keep",
                CodeSign::Exponents => "would be read as powers of ten",
                CodeSign::LongDigits => "have more digits than a number can hold",
            };
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?} is taken for codes, not amounts: {cells} such as {example} {why} ({} to have numbers)",
                option("numeric", column),
                example = Quoted(example)
            )
        }
        Note::LeadingZeros { column, n_cells, example } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: the zero in front of {cells} such as {example} is dropped ({} if they are codes)",
                option("categorical", column),
                example = Quoted(example)
            )
        }
        Note::LongNumbers { column, n_cells, example, read_as } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?} has more digits than a number can hold in {cells}: {example} is read as {read_as} ({} if they are codes)",
                option("categorical", column),
                example = Quoted(example)
            )
        }
        Note::NumbersInTexts { column, sign, n_cells, example } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?} holds numbers with {} at them in {cells}, such as {example}: they are texts here; take the sign out if they are amounts",
                Quoted(sign),
                example = Quoted(example)
            )
        }
        Note::Placeholder { column, value, n_cells } => {
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?}: {value} stands in {cells}, far from all other values: if it means no value, state {}",
                also_missing(value)
            )
        }
        Note::MixedTypes { column, n_numbers, texts } => {
            let numbers = counted(*n_numbers, "number");
            write!(
                f,
                "column {column:?} holds {numbers} and texts, {}: it is taken for categories ({})",
                list(texts),
                also_missing_each(texts)
            )
        }
        _ => Ok(()),
    }
}

fn part_name(part: DatePart) -> &'static str {
    match part {
        DatePart::Year => "year",
        DatePart::Month => "month",
        DatePart::DayOfWeek => "day of the week",
        DatePart::Hour => "hour",
        DatePart::ElapsedDays => "elapsed days",
    }
}

/// What became of columns and rows, and what is remarkable about them.
fn of_column(note: &Note, f: &mut Formatter<'_>) -> fmt::Result {
    match note {
        Note::DroppedRows { target, n_rows, marks } => {
            let were = if *n_rows == 1 { "was" } else { "were" };
            let rows = counted(*n_rows, "row");
            write!(f, "{rows} without a label in column {target:?} {were} dropped")?;
            if marks.is_empty() {
                Ok(())
            } else {
                write!(
                    f,
                    "; {} is taken for no label (state --missing with the marks that mean no value, without it, to keep it as a class)",
                    list(marks)
                )
            }
        }
        Note::MissingMarks { column, marks, among_texts: true } => write!(
            f,
            "column {column:?}: {} is taken for no value (state --missing with the marks that mean no value, without it, to keep it as a category)",
            list(marks)
        ),
        Note::MissingMarks { column, marks, .. } => write!(
            f,
            "column {column:?}: {} is taken for no value (--missing states the marks that mean no value)",
            list(marks)
        ),
        Note::MarkAmongTexts { column, marks, is_target } => {
            let what = match (is_target, marks.len()) {
                (false, 1) => "is taken for a category",
                (false, _) => "are taken for categories",
                (true, 1) => "is taken for a class",
                (true, _) => "are taken for classes",
            };
            let dropped = if *is_target { ": such rows are dropped then" } else { "" };
            write!(
                f,
                "column {column:?}: {} {what} like any other ({}{dropped})",
                list(marks),
                also_missing_each(marks)
            )
        }
        Note::Dates { column, order, n_cells, example, parts, ambiguous } => {
            let what = if *order == DateOrder::Clock { "times" } else { "dates" };
            let parts: Vec<&str> = parts.iter().map(|part| part_name(*part)).collect();
            let cells = counted(*n_cells, "cell");
            write!(
                f,
                "column {column:?} holds {what} in {cells}, such as {example}: used as {}",
                parts.join(", "),
                example = Quoted(example)
            )?;
            let (read, other) = match order {
                DateOrder::MonthDayYear => ("month first", "dmy"),
                _ => ("day first", "mdy"),
            };
            if *ambiguous {
                write!(
                    f,
                    "; read with the {read}, though day and month could be the other way round (--dates {other})"
                )?;
            }
            write!(f, " ({} to do without)", option("drop", column))
        }
        Note::MixedDates { column, order, n_dates, n_odd, example } => {
            let what = if *order == DateOrder::Clock { "times" } else { "dates" };
            write!(
                f,
                "column {column:?} holds {what} in {}, and {} that {} not, such as {example}: it is not read as {what} (write all in one way, or state {} if it means no value)",
                counted(*n_dates, "cell"),
                counted(*n_odd, "other"),
                if *n_odd == 1 { "is" } else { "are" },
                also_missing(example),
                example = Quoted(&shortened(example))
            )
        }
        Note::Zones { column, example } => write!(
            f,
            "column {column:?} holds times of different zones, such as {example}: they are read as they stand, without the zone; write all in one zone if the hour matters",
            example = Quoted(example)
        ),
        Note::FreeText { column, distinct, example, n_features } => write!(
            f,
            "column {column:?} holds text ({distinct} different, such as {example}): used as its length and its words, {n_features} features ({} to do without)",
            option("drop", column),
            example = Quoted(example)
        ),
        Note::NoValues { column } => write!(f, "column {column:?} is left out: it holds no values"),
        Note::TextIdentifier { column, distinct, example } => write!(
            f,
            "column {column:?} is left out: it names rows ({distinct} different texts, such as {example}; {} to use it)",
            option("categorical", column),
            example = Quoted(example)
        ),
        Note::TooManyCategories { column, distinct } => write!(
            f,
            "column {column:?} is left out: {distinct} different texts are too many to tell apart"
        ),
        Note::ManyCategories { column, distinct, n_rows } => write!(
            f,
            "column {column:?} is taken for {distinct} categories in {}, as stated: a category with a row or two teaches hardly anything; leave {} out unless they are names or codes that come again",
            counted(*n_rows, "row"),
            option("categorical", column)
        ),
        Note::NumberIdentifier { column } => write!(
            f,
            "column {column:?} numbers the rows: drop it, unless the order of the rows matters ({})",
            option("drop", column)
        ),
        Note::Constant { column } => {
            write!(f, "column {column:?} has one value only: it tells nothing")
        }
        Note::OneValueAndGaps { column, n_missing } => write!(
            f,
            "column {column:?} holds one value, and {} that are filled in with it: it tells nothing; write what an empty cell means, or leave the column out ({})",
            counted(*n_missing, "gap"),
            option("drop", column)
        ),
        Note::Duplicate { column, of } => write!(
            f,
            "column {column:?} is the same as column {of:?}: drop one of them ({})",
            option("drop", column)
        ),
        Note::Alike { column, texts, difference } => {
            let difference = match difference {
                Difference::Case => "case",
                Difference::Punctuation => "blanks or punctuation",
                Difference::Encoding => "how an accent is encoded: they look the same",
                Difference::Number => "how a number is written",
                Difference::Several => "case, punctuation or spelling of the like",
            };
            write!(
                f,
                "column {column:?}: {} look alike and differ in {difference}; spell them alike if they are one",
                list(texts)
            )
        }
        Note::TellsClass { column, distinct } => write!(
            f,
            "column {column:?} alone tells the class in every row, by its {distinct} values: if it is not known before the answer, leave it out ({})",
            option("drop", column)
        ),
        Note::FallTogether { column, distinct, n_single } => write!(
            f,
            "column {column:?} holds {distinct} different numbers that fall together to {n_single} in single precision, in which trees compare: subtract a start or take another unit, or choose a family without trees"
        ),
        Note::RareCategories { column, other, example: None, .. } => write!(
            f,
            "column {column:?}: no category is rare; unknown ones will be {other:?}, of which the model learns nothing (leave --unknown out to refuse them)"
        ),
        Note::RareCategories {
            column,
            other,
            n_categories,
            n_rows,
            example: Some(example),
            least,
        } => {
            let (categories, share) =
                if *n_categories == 1 { ("category", "shares") } else { ("categories", "share") };
            write!(
                f,
                "column {column:?}: {n_categories} {categories} with fewer than {least} rows, such as {example}, {share} {other:?} with unknown ones, {} in all (leave --unknown out to keep them apart)",
                counted(*n_rows, "row"),
                example = Quoted(&shortened(example))
            )
        }
        Note::RareClasses(note) => note.fmt(f),
        _ => Ok(()),
    }
}
