//! CSV bytes to [`Dataset`]: a header, numeric features and one text column of labels.

use super::{
    Column, Dataset, DatasetError, MAX_COLUMNS, MAX_CSV_BYTES, MAX_ROWS, Sidecar, encode_labels,
};
use crate::schema::Range;

/// How to read a CSV file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CsvOptions {
    /// Name of the data set; the sidecar's, else `"data"`, if absent.
    pub name: Option<String>,
    /// The target column; the sidecar's, else the last one, if absent.
    pub target: Option<String>,
    /// What the data set's author states of it.
    pub sidecar: Option<Sidecar>,
}

impl Dataset {
    /// The data set that a CSV file holds: comma-separated, a header line, every column but the
    /// target numeric.
    ///
    /// ```
    /// # use model_core::dataset::{CsvOptions, Dataset};
    /// let csv = b"height,weight,kind\n1.5,20,cat\n3.5,400,cow\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!((data.n_samples(), data.n_features(), data.n_classes()), (2, 2, 2));
    /// # Ok::<(), model_core::dataset::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// A [`DatasetError`] that names row and column of the first fault, or the limit passed.
    pub fn from_csv(bytes: &[u8], options: &CsvOptions) -> Result<Self, DatasetError> {
        if bytes.len() > MAX_CSV_BYTES {
            let (got, limit) = (bytes.len(), MAX_CSV_BYTES);
            return Err(DatasetError::Limit { what: "bytes of CSV", got, limit });
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
        let header = reader.headers().map_err(unreadable)?.clone();
        let sidecar = options.sidecar.as_ref();
        let target = options
            .target
            .as_deref()
            .or(sidecar.map(|sidecar| sidecar.target.as_str()))
            .or_else(|| header.iter().next_back())
            .ok_or(DatasetError::NoRows)?;
        let target_at = check_header(&header, target)?;
        let columns: Vec<Column> = header
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != target_at)
            .map(|(_, name)| column(name, sidecar))
            .collect();

        let (mut values, mut texts) = (Vec::new(), Vec::new());
        for (index, record) in reader.records().enumerate() {
            let row = index + 1;
            let record = record.map_err(unreadable)?;
            if row > MAX_ROWS {
                return Err(DatasetError::Limit { what: "rows", got: row, limit: MAX_ROWS });
            }
            if record.len() != header.len() {
                let (expected, got) = (header.len(), record.len());
                return Err(DatasetError::RowWidth { row, expected, got });
            }
            for (at, text) in record.iter().enumerate() {
                if at == target_at {
                    if text.is_empty() {
                        return Err(DatasetError::NoLabel { row, target: target.into() });
                    }
                    texts.push(text.to_owned());
                } else {
                    values.push(number(text, row, &header[at])?);
                }
            }
        }
        let name = options.name.clone().or_else(|| sidecar.map(|sidecar| sidecar.name.clone()));
        let (classes, labels) = encode_labels(&texts);
        Self::new(name.unwrap_or_else(|| "data".into()), target, columns, classes, values, labels)
    }
}

fn unreadable(error: csv::Error) -> DatasetError {
    DatasetError::Csv { reason: error.to_string() }
}

/// Where the target stands, once the names are known to differ.
fn check_header(header: &csv::StringRecord, target: &str) -> Result<usize, DatasetError> {
    if header.len() > MAX_COLUMNS + 1 {
        let (got, limit) = (header.len() - 1, MAX_COLUMNS);
        return Err(DatasetError::Limit { what: "feature columns", got, limit });
    }
    let mut names: Vec<&str> = header.iter().collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(DatasetError::DuplicateColumn { name: shortened(pair[0]) });
    }
    header.iter().position(|name| name == target).ok_or_else(|| DatasetError::NoTarget {
        target: shortened(target),
        columns: shortened(&header.iter().collect::<Vec<_>>().join(", ")),
    })
}

fn column(name: &str, sidecar: Option<&Sidecar>) -> Column {
    let stated = sidecar.and_then(|sidecar| sidecar.features.get(name));
    Column {
        name: name.to_owned(),
        label: stated.map_or_else(|| name.to_owned(), |stated| stated.label.clone()),
        unit: stated.and_then(|stated| stated.unit.clone()),
        hard: stated.and_then(|stated| stated.hard_range).map(|[min, max]| Range { min, max }),
    }
}

fn number(text: &str, row: usize, column: &str) -> Result<f64, DatasetError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => {
            Err(DatasetError::NotANumber { row, column: shortened(column), text: shortened(text) })
        }
    }
}

/// At most 60 characters, so that a message stays a message whatever the file holds.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(59).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str) -> Result<Dataset, DatasetError> {
        Dataset::from_csv(csv.as_bytes(), &CsvOptions::default())
    }

    #[test]
    fn faults_name_row_and_column() {
        let check = |csv: &str, message: &str| {
            assert_eq!(read(csv).unwrap_err().to_string(), message);
        };
        check("x,y\n1,a\nabc,b\n", "row 2, column \"x\": expected a number, got \"abc\"");
        check("x,y\n1,a\n2\n", "row 2 has 1 cells where the header has 2");
        check("x,y\n1,a\n2,\n", "row 2 has no label in column \"y\"");
        check("x,x\n1,a\n", "two columns are named \"x\": column names must differ");
        check("x,y\n", "the file has no data rows: expected a header line and at least two rows");
        check("", "the file has no data rows: expected a header line and at least two rows");
        check(
            "x,y\n1,a\n2,a\n",
            "column \"y\" holds 1 class: at least two are needed to tell apart",
        );
        check("x,y\nNaN,a\n2,b\n", "row 1, column \"x\": expected a number, got \"NaN\"");
    }

    #[test]
    fn the_target_may_be_named() {
        let options = CsvOptions { target: Some("y".into()), ..CsvOptions::default() };
        let data = Dataset::from_csv(b"y,x\nb,1\na,2\n", &options).unwrap();
        assert_eq!(data.schema().classes, ["a", "b"]);
        assert_eq!(data.row(0), [1.0]);
        let options = CsvOptions { target: Some("z".into()), ..CsvOptions::default() };
        let error = Dataset::from_csv(b"y,x\nb,1\na,2\n", &options).unwrap_err();
        assert_eq!(error.to_string(), "there is no column \"z\"; the columns are y, x");
    }

    #[test]
    fn byte_order_mark_and_carriage_returns_are_fine() {
        let data = read("\u{feff}x,y\r\n1,a\r\n2,b\r\n").unwrap();
        assert_eq!(data.schema().features[0].name, "x");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = Dataset::from_csv(&bytes, &CsvOptions::default());
        }
    }
}
