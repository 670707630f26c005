//! What the reader says of a file, each remark with its place and with what overrules it.

use model_core::DatasetError;
use model_core::dataset::Note;
use serde::{Deserialize, Serialize};

use crate::i18n::{key, text};

/// What the lab itself says of a file that the browser does not have any more.
pub(super) const UNREADABLE: &str = key!(
    "the browser cannot read the file any more: it was moved, changed or deleted; choose it again"
);

/// A note of the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remark {
    /// The reader's words.
    pub(crate) text: String,
    /// The column that it is about.
    pub(crate) column: Option<String>,
    /// The row that it names, from 1.
    pub(crate) row: Option<u32>,
    /// What overrules it.
    pub(crate) remedy: Remedy,
    /// The texts that it advises to take for no value, if that is what mends it.
    pub(crate) marks: Vec<String>,
}

/// Which control overrules a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Remedy {
    /// None: the file itself is to be mended.
    Edit,
    /// Take the column for categories.
    Categories,
    /// Take it for numbers.
    Numbers,
    /// Leave it out.
    LeaveOut,
    /// Take it for what the reader finds.
    AsFound,
    /// What separates cells.
    Separator,
    /// The decimal mark.
    Decimal,
    /// The line of the names.
    Header,
    /// The texts that mean "no value".
    Missing,
    /// The encoding.
    Encoding,
    /// The order of dates.
    Dates,
}

/// Why a file, or one of its rows, cannot be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// The reader's words, those of the command line.
    pub(crate) text: String,
    /// Row, from 1.
    pub(crate) row: Option<u32>,
    /// Column.
    pub(crate) column: Option<String>,
    /// What can be stated for the file to be read all the same, beside what can be done with its column.
    pub(crate) way_out: Option<WayOut>,
}

/// What states a fault away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum WayOut {
    /// This text of a cell means "no value".
    NoValue(String),
    /// The file is in Windows-1252.
    Windows1252,
}

impl Remark {
    /// `note`, for the page.
    pub(super) fn of(note: &Note) -> Self {
        Self {
            text: note.to_string(),
            column: note.column().map(str::to_owned),
            row: note.row().map(|row| row as u32),
            remedy: remedy(note),
            marks: marks(note),
        }
    }
}

impl Fault {
    /// `error`, for the page.
    pub(super) fn of(error: &DatasetError) -> Self {
        Self {
            text: error.to_string(),
            row: error.row().map(|row| row as u32),
            column: error.column().map(str::to_owned),
            way_out: if error.looks_like_windows_1252() {
                Some(WayOut::Windows1252)
            } else {
                error.cell_text().map(|text| WayOut::NoValue(text.to_owned()))
            },
        }
    }

    /// What is said of it: the lab's words in the language of the page, the reader's as they are.
    pub(crate) fn words(&self) -> String {
        if self.text == UNREADABLE { text(UNREADABLE).to_owned() } else { self.text.clone() }
    }
}

/// Texts beside which nothing else in the column stands out: more of them are told apart by who knows the
/// file.
const MAX_MARKS: usize = 3;

/// What a note calls a text that may mean "no value".
fn marks(note: &Note) -> Vec<String> {
    let texts = |counted: &[(String, usize)]| match counted.len() {
        0..=MAX_MARKS => counted.iter().map(|(text, _)| text.clone()).collect(),
        _ => Vec::new(),
    };
    match note {
        Note::MarkAmongTexts { marks, .. } => texts(marks),
        Note::MixedTypes { texts: odd, .. } => texts(odd),
        Note::Placeholder { value, .. } => vec![value.clone()],
        Note::MixedDates { n_odd: 1, example, .. } => vec![example.clone()],
        _ => Vec::new(),
    }
}

fn remedy(note: &Note) -> Remedy {
    match note {
        Note::NoHeader { .. } | Note::LinesPassedOver { .. } => Remedy::Header,
        Note::DroppedRows { marks, .. } if marks.is_empty() => Remedy::Edit,
        Note::DroppedRows { .. }
        | Note::MissingMarks { .. }
        | Note::MarkAmongTexts { .. }
        | Note::MixedTypes { .. }
        | Note::MixedDates { .. }
        | Note::Placeholder { .. } => Remedy::Missing,
        Note::GroupedNumbers { mark: '.' | ',', .. }
        | Note::DecimalGuessed { .. }
        | Note::BothMarks { .. } => Remedy::Decimal,
        Note::UnitTaken { .. }
        | Note::OddMinus { .. }
        | Note::SameNumber { .. }
        | Note::LeadingZeros { .. }
        | Note::LongNumbers { .. }
        | Note::TextIdentifier { .. } => Remedy::Categories,
        Note::Codes { .. } => Remedy::Numbers,
        Note::LooksLikeUtf8 { .. } => Remedy::Encoding,
        Note::ManyCategories { .. } => Remedy::AsFound,
        Note::Dates { ambiguous: true, .. } => Remedy::Dates,
        Note::Dates { .. }
        | Note::FreeText { .. }
        | Note::NumberIdentifier { .. }
        | Note::Constant { .. }
        | Note::OneValueAndGaps { .. }
        | Note::Duplicate { .. }
        | Note::TellsClass { .. }
        | Note::NamelessColumns { n_columns: 1, .. } => Remedy::LeaveOut,
        _ => Remedy::Edit,
    }
}
