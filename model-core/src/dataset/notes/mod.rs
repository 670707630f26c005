//! What somebody should know of a data set before they trust a model of it: whatever was dropped,
//! changed or guessed when it was read, and what is remarkable about it.
//!
//! Each note names the column, how many cells, an example, and the option that overrules it.

mod alike;
mod message;
mod option;
mod place;
mod remarks;

pub(super) use self::option::also_missing;
pub(super) use self::remarks::{placeholder, remarks};
use super::rare_classes::RareClassNote;
use crate::schema::{DateOrder, DatePart};

/// A text and in how many cells it stands.
pub type Counted = (String, usize);

/// Counts one more cell with this text.
pub(super) fn count(counted: &mut Vec<Counted>, text: &str) {
    match counted.iter_mut().find(|(known, _)| known == text) {
        Some((_, n)) => *n += 1,
        None => counted.push((text.to_owned(), 1)),
    }
}

/// Something to point out. It stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The file is stated to be in Windows-1252, and its bytes are UTF-8 as well.
    LooksLikeUtf8 {
        /// Line, from 1, of the first word that shows it.
        line: usize,
        /// The word in UTF-8, shortened.
        example: String,
        /// What it is read as.
        read_as: String,
    },
    /// Lines above or between the rows were passed over.
    LinesPassedOver {
        /// What they are taken for.
        what: Passed,
        /// The first of them, from 1.
        first_line: usize,
        /// How many.
        n_lines: usize,
        /// The first one's text, shortened.
        text: String,
    },
    /// The first line looks like data: columns are called by their places.
    NoHeader {
        /// The line.
        text: String,
        /// How many columns there are.
        n_columns: usize,
    },
    /// Every row has one cell more than there are names: the first cells are names of rows.
    RowNames {
        /// What that column is called here.
        column: String,
        /// The first of them.
        example: String,
    },
    /// Rows end in separators, and the header does not.
    TrailingSeparators {
        /// How many rows.
        n_rows: usize,
    },
    /// Columns without a name are called by their places.
    NamelessColumns {
        /// How many.
        n_columns: usize,
        /// Place of the first, from 1.
        place: usize,
        /// What it is called here.
        called: String,
    },
    /// Two columns have one name; the later one is called otherwise.
    RepeatedName {
        /// The name.
        name: String,
        /// Place of the later one, from 1.
        place: usize,
        /// What it is called here.
        called: String,
    },
    /// Quotes that open a cell and do not close it are part of its text.
    StrayQuotes {
        /// How many cells.
        n_cells: usize,
        /// Row of the first, from 1; 0 above the rows.
        row: usize,
        /// Its line.
        line: usize,
        /// Line of the quote that it would have reached to.
        closed_in_line: Option<usize>,
    },
    /// A quoted cell holds lines that look like rows.
    TallCell {
        /// Its row, from 1.
        row: usize,
        /// Its first line.
        first_line: usize,
        /// Its last line.
        last_line: usize,
    },
    /// Cells are quoted in another way than with `"`, doubled inside.
    Quotes {
        /// Which.
        style: QuoteStyle,
    },
    /// Rows without a label were dropped.
    DroppedRows {
        /// The target column.
        target: String,
        /// How many rows.
        n_rows: usize,
        /// Texts that were taken for no label.
        marks: Vec<Counted>,
    },
    /// Texts that were taken for no value.
    MissingMarks {
        /// The column.
        column: String,
        /// The texts.
        marks: Vec<Counted>,
        /// Whether the column holds texts, among which a mark may be a value.
        among_texts: bool,
    },
    /// Texts that would mean "no value" among numbers stand among texts, where each is a category or a
    /// class like any other; at least two others are beside them.
    MarkAmongTexts {
        /// The column.
        column: String,
        /// The texts.
        marks: Vec<Counted>,
        /// Whether it is the target: they are classes.
        is_target: bool,
    },
    /// A mark was taken to group digits.
    GroupedNumbers {
        /// The column.
        column: String,
        /// The mark: comma, dot, blank or apostrophe.
        mark: char,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
        /// What it is read as.
        read_as: String,
    },
    /// A mark that could group digits was taken for the decimal mark.
    DecimalGuessed {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
        /// What it is read as.
        read_as: String,
    },
    /// Comma and point were both taken for decimal marks.
    BothMarks {
        /// The column.
        column: String,
        /// A cell with a comma.
        example: String,
    },
    /// A unit, a currency or a per cent sign was taken out of numbers.
    UnitTaken {
        /// The column.
        column: String,
        /// The sign.
        sign: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
        /// What it is read as.
        read_as: String,
    },
    /// Brackets, a typographic minus or one behind the number were read as a minus.
    OddMinus {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
    },
    /// Two texts are one number.
    SameNumber {
        /// The column.
        column: String,
        /// One text.
        first: String,
        /// The other.
        second: String,
        /// Whether all of its cells could be a day and a month.
        like_dates: bool,
    },
    /// Digits that a number does not keep: the column is categorical.
    Codes {
        /// The column.
        column: String,
        /// Why they are no amounts.
        why: CodeSign,
        /// How many cells show it.
        n_cells: usize,
        /// One of them.
        example: String,
    },
    /// Zeros in front were dropped.
    LeadingZeros {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
    },
    /// More digits than a number holds.
    LongNumbers {
        /// The column.
        column: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
        /// What it is read as.
        read_as: String,
    },
    /// Texts that are numbers with the same sign at each: they are used as texts.
    NumbersInTexts {
        /// The column.
        column: String,
        /// The sign.
        sign: String,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
    },
    /// Numbers and texts in one column: it is categorical.
    MixedTypes {
        /// The column.
        column: String,
        /// How many cells are numbers.
        n_numbers: usize,
        /// The texts.
        texts: Vec<Counted>,
    },
    /// Dates or times; several features are made of them.
    Dates {
        /// The column.
        column: String,
        /// How they were read.
        order: DateOrder,
        /// How many cells.
        n_cells: usize,
        /// One of them.
        example: String,
        /// The features.
        parts: Vec<DatePart>,
        /// Whether they could as well be in the other order of day and month.
        ambiguous: bool,
    },
    /// Dates or times among other texts: the column is not read as dates.
    MixedDates {
        /// The column.
        column: String,
        /// How the dates are read.
        order: DateOrder,
        /// How many cells are dates in this order.
        n_dates: usize,
        /// How many are not.
        n_odd: usize,
        /// The first of these, its whole text.
        example: String,
    },
    /// Times of different zones; each is read as it stands.
    Zones {
        /// The column.
        column: String,
        /// A cell of another zone than the first.
        example: String,
    },
    /// Free text; several features are made of it.
    FreeText {
        /// The column.
        column: String,
        /// How many different texts.
        distinct: usize,
        /// One of them, shortened.
        example: String,
        /// How many features.
        n_features: usize,
    },
    /// A column without a single value was left out.
    NoValues {
        /// The column.
        column: String,
    },
    /// A column of texts of which nearly every one is different was left out.
    TextIdentifier {
        /// The column.
        column: String,
        /// How many different texts.
        distinct: usize,
        /// One of them, shortened.
        example: String,
    },
    /// A column with more categories than can be told apart was left out.
    TooManyCategories {
        /// The column.
        column: String,
        /// How many different texts.
        distinct: usize,
    },
    /// A column that was stated to hold categories, and has fewer than three rows for each on average; it
    /// is used as stated, and would not be categorical otherwise.
    ManyCategories {
        /// The column.
        column: String,
        /// How many categories.
        distinct: usize,
        /// How many rows have one.
        n_rows: usize,
    },
    /// A column that numbers the rows; it is used.
    NumberIdentifier {
        /// The column.
        column: String,
    },
    /// A column with one value only; it is used and does nothing.
    Constant {
        /// The column.
        column: String,
    },
    /// A column with one value and gaps, which are filled in with it; it is used and does nothing.
    OneValueAndGaps {
        /// The column.
        column: String,
        /// Cells without a value.
        n_missing: usize,
    },
    /// A number far from all others that may stand for no value, such as -999; it is used.
    Placeholder {
        /// The column.
        column: String,
        /// The number, as the first of its cells writes it.
        value: String,
        /// How many cells hold it.
        n_cells: usize,
    },
    /// A column equal to an earlier one; both are used.
    Duplicate {
        /// The column.
        column: String,
        /// The earlier one.
        of: String,
    },
    /// Classes, or categories of a column, that look alike.
    Alike {
        /// The column.
        column: String,
        /// The texts, with their rows.
        texts: Vec<Counted>,
        /// In what they differ.
        difference: Difference,
    },
    /// A column each of whose values goes with one class only.
    TellsClass {
        /// The column.
        column: String,
        /// Its different values.
        distinct: usize,
    },
    /// A column of numbers that single precision, in which trees compare, does not tell apart; it
    /// is used.
    FallTogether {
        /// The column.
        column: String,
        /// How many different numbers it holds.
        distinct: usize,
        /// How many of them are left in single precision.
        n_single: usize,
    },
    /// Categories with few rows became one, which unknown ones are, too.
    RareCategories {
        /// The column.
        column: String,
        /// The category that they share.
        other: String,
        /// How many categories.
        n_categories: usize,
        /// Their rows.
        n_rows: usize,
        /// One of them.
        example: Option<String>,
        /// Rows from which a category stays one of its own.
        least: usize,
    },
    /// Classes with very few rows, and what became of them.
    RareClasses(RareClassNote),
}

/// What lines that are no rows are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// A title above the table.
    Title,
    /// Comments.
    Comment,
    /// The names of the columns once more.
    Names,
    /// Lines below the table.
    Footer,
    /// A hint at a separator that the file does not use.
    Hint,
}

/// How cells are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteStyle {
    /// With `'`.
    Single,
    /// A quote inside a cell is `\"`.
    Backslash,
}

/// What shows that digits are a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSign {
    /// `0042`
    LeadingZeros,
    /// `12E1` among whole numbers.
    Exponents,
    /// More digits than a number holds, by which rows differ.
    LongDigits,
}

/// In what texts that look alike differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Upper and lower case.
    Case,
    /// Blanks, hyphens, full stops and the like.
    Punctuation,
    /// How an accent is encoded: they look the same.
    Encoding,
    /// How a number is written.
    Number,
    /// More than one of these.
    Several,
}
