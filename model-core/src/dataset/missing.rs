//! Which texts stand for "no value".
//!
//! A few marks always do. Those that programs and spreadsheets write besides do so among numbers,
//! where they can be nothing else; among texts `none` or `-` may be a value like any other.

/// What stands for "no value" anywhere, besides an empty cell; upper and lower case alike.
pub const MISSING: [&str; 4] = ["NA", "NaN", "null", "?"];

/// What stands for "no value" among numbers and dates, too; upper and lower case alike. The marks of
/// pandas' reader, of R, of databases' exports, and the errors of spreadsheets.
pub const MISSING_AMONG_NUMBERS: [&str; 45] = [
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
    "k.A.",
    "[null]",
    "(blank)",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "#N/V",
    "#NV",
];

/// The marks that count in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks<'a> {
    /// What the user says, instead of the lists.
    pub(super) stated: Option<&'a [String]>,
    /// What the user says besides.
    pub(super) also: &'a [String],
}

impl Marks<'_> {
    /// Whether a trimmed text says "no value" in any column.
    pub(super) fn always(self, text: &str) -> bool {
        text.is_empty()
            || self.also.iter().any(|mark| mark == text)
            || match self.stated {
                Some(stated) => stated.iter().any(|mark| mark == text),
                None if ends_in_digit(text) => false,
                None => MISSING.iter().any(|mark| text.eq_ignore_ascii_case(mark)),
            }
    }

    /// Whether a text that is a value here would mean "no value" among numbers. Never if the user
    /// stated the marks instead of the lists: what is not among them is meant to be a value.
    pub(super) fn only_among_numbers(self, text: &str) -> bool {
        self.among_numbers(text) && !self.always(text)
    }

    /// Whether it does so among numbers.
    pub(super) fn among_numbers(self, text: &str) -> bool {
        self.always(text)
            || self.stated.is_none()
                && !ends_in_digit(text)
                && MISSING_AMONG_NUMBERS.iter().any(|mark| text.eq_ignore_ascii_case(mark))
    }
}

/// Whether a text can be no mark of the lists, as far as its last character shows: only the dates of
/// zeros end in a digit, as most numbers do, and a column of them is asked several times over.
fn ends_in_digit(text: &str) -> bool {
    text.as_bytes().last().is_some_and(u8::is_ascii_digit) && !text.starts_with("0000-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_known_in_any_case() {
        let marks = Marks { stated: None, also: &[] };
        for mark in MISSING {
            assert!(marks.always(mark) && marks.always(&mark.to_lowercase()), "{mark}");
        }
        for mark in MISSING.iter().chain(&MISSING_AMONG_NUMBERS) {
            assert!(
                marks.among_numbers(mark) && marks.among_numbers(&mark.to_uppercase()),
                "{mark}"
            );
        }
        assert!(!marks.always("-") && !marks.among_numbers("1.5"));
    }

    #[test]
    fn marks_that_are_stated_count_instead() {
        let stated = ["-999".to_owned()];
        let marks = Marks { stated: Some(&stated), also: &[] };
        assert!(marks.always("-999") && marks.among_numbers("-999"));
        assert!(!marks.always("NA") && !marks.among_numbers("n.a.") && marks.always(""));
    }

    #[test]
    fn marks_that_are_added_count_besides() {
        let (stated, also) = (["-999".to_owned()], ["12,,5".to_owned(), "7".to_owned()]);
        let marks = Marks { stated: None, also: &also };
        for mark in ["12,,5", "7", "NA", ""] {
            assert!(marks.always(mark) && marks.among_numbers(mark), "{mark}");
        }
        assert!(marks.among_numbers("n.a.") && !marks.always("n.a.") && !marks.always("12"));
        assert!(marks.only_among_numbers("n.a.") && !marks.only_among_numbers("7"));
        let marks = Marks { stated: Some(&stated), also: &also };
        assert!(marks.always("7") && marks.always("-999") && !marks.always("NA"));
        assert!(!marks.only_among_numbers("n.a."));
    }
}
