//! A CSV file's cells as they stand in it: for whoever wants to see what was read.
//!
//! They are cut by the reader of [`Dataset::from_csv`](super::Dataset::from_csv), so that row and
//! column are those of its messages. A row that is wider or narrower than the header, for which that
//! one refuses the file, is here too, with its fault.

use super::table::{OddRows, Table};
use super::{DatasetError, Reading};

/// The cells of a file, row by row.
#[derive(Debug)]
pub struct CellTexts {
    table: Table,
}

impl CellTexts {
    /// The cells of the CSV file `bytes`, read as `reading` states.
    ///
    /// ```
    /// use model_core::dataset::{CellTexts, Reading};
    /// let cells = CellTexts::from_csv(b"x,y\n1.50,a\n2.5,b,c\n3,a\n", &Reading::default())?;
    /// assert_eq!((cells.names(), cells.n_rows()), (&["x".into(), "y".into()][..], 3));
    /// assert_eq!(cells.cell(0, 0), "1.50");
    /// assert!(cells.fault(0).is_none() && cells.fault(1).is_some(), "a cell too many");
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// [`DatasetError`] if there is no table to be shown: the bytes are no text, there is no row, or
    /// no row is as wide as the header.
    pub fn from_csv(bytes: &[u8], reading: &Reading) -> Result<Self, DatasetError> {
        Ok(Self { table: Table::read_with(bytes, reading, OddRows::Kept)? })
    }

    /// The names of the columns, in the order of the file.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.table.header
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.table.n_rows()
    }

    /// What separates cells: stated or found.
    #[must_use]
    pub fn separator(&self) -> u8 {
        self.table.separator
    }

    /// The text of a cell, both counted from 0; empty if there is no such cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.table.cell(row, column)
    }

    /// Whether a text says "no value", in a column of numbers or in another.
    #[must_use]
    pub fn is_missing(&self, text: &str, among_numbers: bool) -> bool {
        let marks = self.table.marks();
        if among_numbers { marks.among_numbers(text) } else { marks.always(text) }
    }

    /// What is wrong with a row, counted from 0, that has more or fewer cells than the header.
    #[must_use]
    pub fn fault(&self, row: usize) -> Option<DatasetError> {
        self.table.odd_row(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(csv: &str) -> CellTexts {
        CellTexts::from_csv(csv.as_bytes(), &Reading::default()).unwrap()
    }

    #[test]
    fn rows_of_another_width_are_kept_with_their_fault() {
        let cells = cells("x,y\n1,a\n2,b,c\n3\n4,d\n");
        let faults: Vec<usize> =
            (0..cells.n_rows()).filter(|&row| cells.fault(row).is_some()).collect();
        assert_eq!(faults, [1, 2]);
        assert_eq!((cells.cell(1, 1), cells.cell(2, 1)), ("b", ""));
        let fault = cells.fault(1).unwrap();
        assert!(fault.to_string().starts_with("row 2 (line 3) has 3 cells"), "{fault}");
    }

    #[test]
    fn marks_of_missing_values_depend_on_the_column() {
        let cells = cells("x,y\n-,a\n2,NA\n");
        assert!(cells.is_missing("-", true) && !cells.is_missing("-", false));
        assert!(cells.is_missing("NA", false) && cells.is_missing("", false));
    }

    #[test]
    fn a_file_without_a_table_is_refused() {
        assert_eq!(
            CellTexts::from_csv(b"", &Reading::default()).unwrap_err(),
            DatasetError::NoRows
        );
    }
}
