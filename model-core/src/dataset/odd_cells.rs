//! Cells that are not what the rest of their column holds, or what a reference's column holds.

use std::fmt;

use serde::Serialize;

use crate::schema::row::shortened;

/// Texts that are kept to be shown.
const MOST_TEXTS: usize = 3;

/// What is odd about cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// A text, or a number that is not finite, in a column of numbers.
    NoNumber,
    /// A category that the reference does not have.
    NewCategory,
}

/// The odd cells of one column of a file: how many, and where to find them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OddCells {
    /// The column.
    #[serde(skip)]
    pub column: String,
    /// What is odd about them.
    pub oddity: Oddity,
    /// How many they are.
    pub n_odd: usize,
    /// Cells of the column that hold something.
    pub n_present: usize,
    /// Rows of the file.
    pub n_rows: usize,
    /// The first one's row, counted from 1 below the header.
    pub first_row: usize,
    /// The first different texts, at most three, shortened.
    pub texts: Vec<String>,
}

impl OddCells {
    /// Whether there are more of them than of the others, so that the column is another one than
    /// was expected: a column of numbers is then not compared by the few that it holds.
    #[must_use]
    pub fn are_most(&self) -> bool {
        2 * self.n_odd > self.n_present
    }

    /// Whether the column held numbers and does so no longer.
    #[must_use]
    pub fn change_the_type(&self) -> bool {
        self.oddity == Oddity::NoNumber && self.are_most()
    }
}

impl fmt::Display for OddCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, n_odd, n_rows, first_row, texts, .. } = self;
        let is_one = *n_odd == 1;
        let (shown, row) = (texts.join("\", \""), if is_one { "in row" } else { "first in row" });
        match (self.oddity, self.are_most()) {
            (Oddity::NoNumber, true) => write!(
                f,
                "column {column:?} has changed its type: {n_odd} of {n_rows} cells hold no finite \
                 number (\"{shown}\", {row} {first_row}), so it is not compared by numbers"
            ),
            (Oddity::NoNumber, false) => write!(
                f,
                "column {column:?}: {n_odd} of {n_rows} cells {} no finite number (\"{shown}\", \
                 {row} {first_row}) and {} missing",
                if is_one { "holds" } else { "hold" },
                if is_one { "counts as" } else { "count as" },
            ),
            (Oddity::NewCategory, _) => write!(
                f,
                "column {column:?}: {n_odd} of {n_rows} cells {} that the reference does not have \
                 (\"{shown}\", {row} {first_row})",
                if is_one { "holds a category" } else { "hold categories" },
            ),
        }
    }
}

/// Counts odd cells, row by row.
pub(super) struct OddCount(OddCells);

impl OddCount {
    pub(super) fn new(column: &str, oddity: Oddity) -> Self {
        Self(OddCells {
            column: shortened(column),
            oddity,
            n_odd: 0,
            n_present: 0,
            n_rows: 0,
            first_row: 0,
            texts: Vec::new(),
        })
    }

    /// Takes the cell of the next row: `None` if it holds nothing, else its text and whether it is
    /// odd.
    pub(super) fn add(&mut self, cell: Option<(&str, bool)>) {
        let count = &mut self.0;
        count.n_rows += 1;
        let Some((text, is_odd)) = cell else { return };
        count.n_present += 1;
        if !is_odd {
            return;
        }
        count.n_odd += 1;
        if count.n_odd == 1 {
            count.first_row = count.n_rows;
        }
        let text = shortened(text);
        if count.texts.len() < MOST_TEXTS && !count.texts.contains(&text) {
            count.texts.push(text);
        }
    }

    /// What was counted, if a cell was odd.
    pub(super) fn finish(self) -> Option<OddCells> {
        (self.0.n_odd > 0).then_some(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(oddity: Oddity, cells: &[Option<(&str, bool)>]) -> String {
        let mut count = OddCount::new("x", oddity);
        cells.iter().for_each(|cell| count.add(*cell));
        count.finish().map_or_else(String::new, |odd| odd.to_string())
    }

    #[test]
    fn cells_are_counted_and_the_first_is_named() {
        let (fits, odd) = (Some(("1", false)), Some(("err", true)));
        assert_eq!(told(Oddity::NoNumber, &[fits, None]), "");
        assert_eq!(
            told(Oddity::NoNumber, &[fits, odd, None, fits]),
            "column \"x\": 1 of 4 cells holds no finite number (\"err\", in row 2) and counts as missing"
        );
        assert_eq!(
            told(Oddity::NoNumber, &[fits, None, Some(("inf", true)), odd, odd, fits, fits]),
            "column \"x\": 3 of 7 cells hold no finite number (\"inf\", \"err\", first in row 3) and count as missing"
        );
        assert!(told(Oddity::NoNumber, &[odd, odd, fits]).contains("has changed its type: 2 of 3"));
        assert_eq!(
            told(Oddity::NewCategory, &[odd, odd]),
            "column \"x\": 2 of 2 cells hold categories that the reference does not have (\"err\", first in row 1)"
        );
    }
}
