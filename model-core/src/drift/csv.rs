//! Samples from CSV files: the reference says what each column holds, the window follows.

use super::SampleColumn;
use crate::dataset::sample::{self, ReadColumn};
use crate::dataset::{DatasetError, Note, Reading};

/// The columns of a file that can be compared, and the names of those that cannot.
#[derive(Debug, Clone)]
pub struct CsvSample {
    /// What is compared. Cells that do not fit are counted in [`SampleColumn::odd`].
    pub columns: Vec<SampleColumn>,
    /// Columns of the reference that a window does not have; none of a reference.
    pub missing: Vec<String>,
    /// Columns passed over: of a reference, those without values and of texts that nearly all
    /// differ; of a window, those that are not among the reference's columns.
    pub passed_over: Vec<String>,
    /// Why a reference's columns were passed over, one a column.
    pub notes: Vec<Note>,
}

impl CsvSample {
    /// A reference: columns are typed by their cells, as for training, and `categorical` ones are
    /// categories whatever they hold. No column is special; a target is compared like any other.
    ///
    /// A few cells that are no numbers in a column of numbers count as missing.
    ///
    /// # Errors
    /// A [`DatasetError`] that says why the file is no table, which column of `categorical` it
    /// does not have, or the limit passed.
    pub fn reference(bytes: &[u8], categorical: &[String]) -> Result<Self, DatasetError> {
        Self::reference_as(bytes, categorical, &Reading::default())
    }

    /// As [`reference`](Self::reference) of a file that is written as `reading` states.
    ///
    /// # Errors
    /// As [`reference`](Self::reference).
    pub fn reference_as(
        bytes: &[u8],
        categorical: &[String],
        reading: &Reading,
    ) -> Result<Self, DatasetError> {
        let read = sample::reference(bytes, categorical, reading)?;
        let (passed_over, notes) = read.left_out.into_iter().unzip();
        Ok(Self { columns: columns(read.columns), missing: Vec::new(), passed_over, notes })
    }

    /// A window: the columns of `reference`, in any order, of its types. Values outside the
    /// reference's range and new categories are taken as they are; what is no number in a column
    /// of numbers counts as missing, and all of the column does if most of its cells are none.
    ///
    /// ```
    /// use model_core::drift::{CsvSample, DriftParams, detect};
    ///
    /// let reference = CsvSample::reference(b"x,y\n1,7\n2,8\n3,9\n", &[])?;
    /// let window = CsvSample::window(b"y\n7\nhot\n8\n", &reference.columns)?;
    /// assert_eq!(window.missing, ["x"]);
    /// let odd = window.columns[0].odd.as_ref().map(|odd| (odd.first_row, odd.n_odd));
    /// assert_eq!(odd, Some((2, 1)));
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// A [`DatasetError`] that says why the file is no table.
    pub fn window(bytes: &[u8], reference: &[SampleColumn]) -> Result<Self, DatasetError> {
        Self::window_as(bytes, reference, &Reading::default())
    }

    /// As [`window`](Self::window) of a file that is written as `reading` states.
    ///
    /// # Errors
    /// As [`window`](Self::window).
    pub fn window_as(
        bytes: &[u8],
        reference: &[SampleColumn],
        reading: &Reading,
    ) -> Result<Self, DatasetError> {
        let expected = reference.iter().map(|column| (column.name.as_str(), &column.kind));
        let read = sample::window(bytes, expected, reading)?;
        let (columns, missing) = (columns(read.columns), read.missing);
        Ok(Self { columns, missing, passed_over: read.others, notes: Vec::new() })
    }
}

fn columns(read: Vec<ReadColumn>) -> Vec<SampleColumn> {
    let column = |ReadColumn { name, kind, values, odd }| SampleColumn { name, kind, values, odd };
    read.into_iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{ColumnKind, Encoding};

    #[test]
    fn a_window_is_read_as_its_reference() {
        let csv = b"id,x,code,empty\nu,1,7,\nv,2,8,\nw,,7,NA\n";
        let reference = CsvSample::reference(csv, &["code".into(), "id".into()]).unwrap();
        assert_eq!(reference.passed_over, ["empty"]);
        assert!(reference.notes[0].to_string().contains("\"empty\""));
        let window = b"new;code;x;id\nq;9;1,5;u\nq;;;v\n";
        let window = CsvSample::window(window, &reference.columns).unwrap();
        assert_eq!(window.passed_over, ["new"]);
        let names: Vec<&str> = window.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "x", "code"]);
        assert_eq!(window.columns[1].values[0], 1.5);
        assert!(window.columns[1].values[1].is_nan() && window.columns[2].values[1].is_nan());
        assert_eq!(window.columns[2].kind, ColumnKind::Categorical(vec!["9".into()]));
        let odd: Vec<usize> =
            window.columns.iter().map(|c| c.odd.as_ref().map_or(0, |odd| odd.n_odd)).collect();
        assert_eq!(odd, [0, 0, 1]);
    }

    #[test]
    fn both_files_may_be_in_windows_1252() {
        let reading = Reading { encoding: Some(Encoding::Windows1252), ..Reading::default() };
        let csv = b"stra\xDFe,x\nA,1\nB,2\nA,3\n";
        let reference = CsvSample::reference_as(csv, &[], &reading).unwrap();
        assert_eq!(reference.columns[0].name, "straße");
        let window = CsvSample::window_as(csv, &reference.columns, &reading).unwrap();
        assert!(window.missing.is_empty());
        assert!(CsvSample::window(csv, &reference.columns).is_err());
    }

    #[test]
    fn odd_cells_are_counted_and_missing() {
        let reference = CsvSample::reference(b"x,y\n1,4\n2,5\n", &[]).unwrap();
        let read = |csv: &[u8]| CsvSample::window(csv, &reference.columns).unwrap();
        let window = read(b"x,y\n1,4\nred,4\ninf,5\n3,-\n4,5\n");
        let odd = |at: usize| window.columns[at].odd.clone().unwrap();
        assert_eq!((odd(0).n_odd, odd(0).first_row, odd(0).n_rows), (2, 2, 5));
        assert_eq!(odd(0).texts, ["red", "inf"]);
        assert_eq!(window.columns[0].values.iter().filter(|value| value.is_nan()).count(), 2);
        // Most cells are odd: the few numbers say nothing of the column.
        let window = read(b"x,y\n1,4\nred,4\nblue,\n");
        assert!(window.columns[0].odd.as_ref().unwrap().change_the_type());
        assert!(window.columns[0].values.iter().all(|value| value.is_nan()));
        assert_eq!(read(b"z,y\n1,4\n").missing, ["x"]);
    }

    #[test]
    fn an_odd_cell_of_the_reference_stops_nothing_either() {
        let reference = CsvSample::reference(b"x,y\n1,4\n?,5\n#REF,5\n2,6\n", &[]).unwrap();
        let x = &reference.columns[0];
        assert_eq!(x.kind, ColumnKind::Numeric);
        assert_eq!(x.odd.as_ref().map(|odd| (odd.first_row, odd.n_odd)), Some((3, 1)));
        let error = CsvSample::reference(b"x\n1\n", &["y".into()]).unwrap_err().to_string();
        assert!(error.contains("no column \"y\""), "{error}");
    }
}
