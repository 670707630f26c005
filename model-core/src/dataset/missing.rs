//! Which texts stand for "no value".
//!
//! A few marks always do. Those that programs and spreadsheets write besides do so among numbers,
//! where they can be nothing else; among texts `none` or `-` may be a value like any other.

/// What stands for "no value" anywhere, besides an empty cell; upper and lower case alike.
pub const MISSING: [&str; 4] = ["NA", "NaN", "null", "?"];

/// What stands for "no value" among numbers and dates, too; upper and lower case alike. The marks of
/// pandas' reader, of R, of databases' exports, and the errors of spreadsheets.
pub const MISSING_AMONG_NUMBERS: [&str; 38] = [
    "N/A",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "<NA>",
    "n.a.",
    "n. a.",
    "NaT",
    "-NaN",
    "1.#IND",
    "-1.#IND",
    "1.#QNAN",
    "-1.#QNAN",
    "None",
    "nil",
    "(null)",
    "\\N",
    "-",
    "--",
    "---",
    "–",
    "—",
    ".",
    "..",
    "...",
    "*",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NUM!",
    "#NAME?",
    "#NULL!",
    "#ERROR!",
    "missing",
    "unknown",
    "not available",
    "not applicable",
    "k. A.",
];

/// The marks that count in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks<'a> {
    /// What the user says, instead of the lists.
    pub(super) stated: Option<&'a [String]>,
}

impl Marks<'_> {
    /// Whether a trimmed text says "no value" in any column.
    pub(super) fn always(self, text: &str) -> bool {
        text.is_empty()
            || match self.stated {
                Some(stated) => stated.iter().any(|mark| mark == text),
                None => MISSING.iter().any(|mark| text.eq_ignore_ascii_case(mark)),
            }
    }

    /// Whether it does so among numbers.
    pub(super) fn among_numbers(self, text: &str) -> bool {
        self.always(text)
            || self.stated.is_none()
                && MISSING_AMONG_NUMBERS.iter().any(|mark| text.eq_ignore_ascii_case(mark))
    }
}
