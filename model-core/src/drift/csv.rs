//! Samples from CSV files: the reference says what each column holds, the window follows.

use super::SampleColumn;
use crate::dataset::{DatasetError, plain};

/// The columns of a file that can be compared, and the names of those that cannot.
#[derive(Debug, Clone)]
pub struct CsvSample {
    /// What is compared.
    pub columns: Vec<SampleColumn>,
    /// Columns passed over: of a reference, those without values and of texts that nearly all
    /// differ; of a window, those that the reference does not have.
    pub passed_over: Vec<String>,
}

impl CsvSample {
    /// A reference: columns are typed by their cells, as for training, and `categorical` ones are
    /// categories whatever they hold. No column is special; a target is compared like any other.
    ///
    /// # Errors
    /// A [`DatasetError`] that names row and column of the first fault, or the limit passed.
    pub fn reference(bytes: &[u8], categorical: &[String]) -> Result<Self, DatasetError> {
        plain::typed(bytes, categorical).map(Self::of)
    }

    /// A window: the columns of `reference`, in any order, of its types. Values outside the
    /// reference's range and new categories are taken as they are.
    ///
    /// # Errors
    /// [`DatasetError::MissingColumn`], [`DatasetError::BadCell`], and what is no table.
    pub fn window(bytes: &[u8], reference: &[SampleColumn]) -> Result<Self, DatasetError> {
        let columns = reference.iter().map(|column| (column.name.as_str(), &column.kind));
        plain::expected(bytes, columns).map(Self::of)
    }

    fn of((columns, passed_over): (Vec<plain::PlainColumn>, Vec<String>)) -> Self {
        let column = |(name, kind, values)| SampleColumn { name, kind, values };
        Self { columns: columns.into_iter().map(column).collect(), passed_over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::ColumnKind;

    #[test]
    fn a_window_is_read_as_its_reference() {
        let csv = b"id,x,code,empty\nu,1,7,\nv,2,8,\nw,,7,NA\n";
        let reference = CsvSample::reference(csv, &["code".into(), "id".into()]).unwrap();
        assert_eq!(reference.passed_over, ["empty"]);
        let window = b"new;code;x;id\nq;9;1,5;u\nq;;;v\n";
        let window = CsvSample::window(window, &reference.columns).unwrap();
        assert_eq!(window.passed_over, ["new"]);
        let names: Vec<&str> = window.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "x", "code"]);
        assert_eq!(window.columns[1].values[0], 1.5);
        assert!(window.columns[1].values[1].is_nan() && window.columns[2].values[1].is_nan());
        assert_eq!(window.columns[2].kind, ColumnKind::Categorical(vec!["9".into()]));
    }

    #[test]
    fn faults_name_their_place() {
        let reference = CsvSample::reference(b"x\n1\n2\n", &[]).unwrap();
        let refused =
            |csv: &[u8]| CsvSample::window(csv, &reference.columns).unwrap_err().to_string();
        assert!(refused(b"y\n1\n").contains("\"x\""), "{}", refused(b"y\n1\n"));
        assert!(refused(b"x\n1\nred\n").contains("row 2, column \"x\""));
        let error = CsvSample::reference(b"x\n1\n", &["y".into()]).unwrap_err().to_string();
        assert!(error.contains("no column \"y\""), "{error}");
    }
}
