//! CSV bytes to cells of text: encoding, separator, header, row widths and limits.

use std::collections::BTreeSet;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{DatasetError, MAX_CSV_BYTES, MAX_ROWS};
use crate::schema::row::shortened;

/// Most columns of a file: features, target and what is left out.
const MAX_FILE_COLUMNS: usize = 4 * super::MAX_COLUMNS;

/// Separators that are tried.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Rows that are looked at to find the separator.
const SNIFFED_ROWS: usize = 50;

/// A file's header and rows, all as wide as the header.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<StringRecord>,
    /// Whether `1,5` may be a number: only where the comma does not separate cells.
    pub(super) decimal_comma: bool,
}

impl Table {
    /// # Errors
    /// [`DatasetError::Limit`], [`DatasetError::Encoding`], [`DatasetError::NotUtf8`],
    /// [`DatasetError::NoRows`], [`DatasetError::OneColumn`], [`DatasetError::DuplicateColumn`] and
    /// [`DatasetError::RowWidth`].
    pub(super) fn read(bytes: &[u8], separator: Option<u8>) -> Result<Self, DatasetError> {
        if bytes.len() > MAX_CSV_BYTES {
            let (got, limit) = (bytes.len(), MAX_CSV_BYTES);
            return Err(DatasetError::Limit { what: "bytes of CSV", got, limit });
        }
        check_encoding(bytes)?;
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let separator = separator.unwrap_or_else(|| sniff(bytes));
        let mut reader = reader(bytes, separator);
        let header = header(reader.headers().map_err(unreadable)?)?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let row = rows.len() + 1;
            if row > MAX_ROWS {
                return Err(DatasetError::Limit { what: "rows", got: row, limit: MAX_ROWS });
            }
            if record.len() != header.len() {
                let (expected, got) = (header.len(), record.len());
                return Err(DatasetError::RowWidth { row, expected, got });
            }
            rows.push(record);
        }
        if rows.is_empty() {
            return Err(DatasetError::NoRows);
        }
        Ok(Self { header, rows, decimal_comma: separator != b',' })
    }

    /// Where the column of this name stands.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The names of all columns, shortened, for a message.
    pub(super) fn names(&self) -> String {
        list(self.header.iter().map(String::as_str))
    }
}

/// Names for a message: at most 20 of them, none longer than 60 characters.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.map(shortened);
    let shown: Vec<String> = names.by_ref().take(20).collect();
    let more = names.count();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

fn reader(bytes: &[u8], separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).trim(Trim::All).delimiter(separator).from_reader(bytes)
}

fn unreadable(error: csv::Error) -> DatasetError {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => {
            DatasetError::NotUtf8 { row: pos.as_ref().map_or(0, csv::Position::record) }
        }
        _ => DatasetError::Csv { reason: error.to_string() },
    }
}

/// Tells text in another encoding, and what is no text, from what can be read.
fn check_encoding(bytes: &[u8]) -> Result<(), DatasetError> {
    let found = if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        "UTF-16 text"
    } else if bytes.starts_with(b"PK\x03\x04") {
        "a zip archive, perhaps a spreadsheet"
    } else if bytes.starts_with(b"\x1F\x8B") {
        "compressed (gzip)"
    } else {
        // In ASCII text written as UTF-16 every other byte is zero.
        let head = bytes.get(..1000).unwrap_or(bytes);
        let zeros = head.iter().filter(|&&byte| byte == 0).count();
        match zeros {
            0 => return Ok(()),
            _ if zeros * 3 >= head.len() => "UTF-16 text or binary",
            _ => "binary: it holds zero bytes",
        }
    };
    Err(DatasetError::Encoding { found })
}

/// The separator that gives the most rows as wide as their header, then the widest; a comma if
/// none gives two columns.
fn sniff(bytes: &[u8]) -> u8 {
    let (mut best, mut best_score) = (b',', (0, 0));
    for separator in SEPARATORS {
        let mut reader = reader(bytes, separator);
        let width = reader.headers().map_or(0, StringRecord::len);
        if width < 2 {
            continue;
        }
        let (mut n, mut alike) = (0, 0);
        for record in reader.records().take(SNIFFED_ROWS).flatten() {
            n += 1;
            alike += usize::from(record.len() == width);
        }
        // In thousandths, so that shares of differently many rows compare.
        let score = (1000 * alike / n.max(1), width);
        if score > best_score {
            (best, best_score) = (separator, score);
        }
    }
    best
}

/// Names of the columns; one without a name is called by its place.
fn header(record: &StringRecord) -> Result<Vec<String>, DatasetError> {
    if record.len() > MAX_FILE_COLUMNS {
        let (got, limit) = (record.len(), MAX_FILE_COLUMNS);
        return Err(DatasetError::Limit { what: "columns", got, limit });
    }
    let named = |(at, name): (usize, &str)| match name {
        "" => format!("column {}", at + 1),
        name => name.to_owned(),
    };
    let header: Vec<String> = record.iter().enumerate().map(named).collect();
    if header.is_empty() {
        return Err(DatasetError::NoRows);
    }
    let mut names = BTreeSet::new();
    match header.iter().find(|name| !names.insert(name.as_str())) {
        Some(name) => Err(DatasetError::DuplicateColumn { name: shortened(name) }),
        None => Ok(header),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(csv: &str) -> Table {
        Table::read(csv.as_bytes(), None).unwrap()
    }

    fn error(bytes: &[u8]) -> String {
        Table::read(bytes, None).unwrap_err().to_string()
    }

    #[test]
    fn the_separator_is_found() {
        let check = |csv: &str, header: &[&str]| assert_eq!(table(csv).header, header);
        check("a,b\n1,2\n", &["a", "b"]);
        check("a;b\n1,5;2,5\n", &["a", "b"]);
        check("a\tb\n1,5\t2\n", &["a", "b"]);
        check("\"a;x\",b\n1;2,3\n", &["a;x", "b"]);
        check("a,b;c\n1,2;3\n4,5;6\n", &["a", "b;c"]);
        assert!(table("a;b\n1,5;2,5\n").decimal_comma);
        assert!(!table("a,b\n1,5\n").decimal_comma);
    }

    #[test]
    fn a_given_separator_is_used() {
        assert_eq!(Table::read(b"a;b,c\n1;2,3\n", Some(b';')).unwrap().header, ["a", "b,c"]);
    }

    #[test]
    fn quotes_marks_line_ends_and_nameless_columns_are_fine() {
        let table = table("\u{feff},\"x, y\",z\r\n0,\"a \"\"b\"\"\nc\" ,2\r\n");
        assert_eq!(table.header, ["column 1", "x, y", "z"]);
        assert_eq!(&table.rows[0][1], "a \"b\"\nc");
    }

    #[test]
    fn what_is_no_table_is_told_apart() {
        let no_rows = "the file has no data rows: expected a header line and at least two rows";
        assert_eq!(error(b""), no_rows);
        assert_eq!(error(b"a,b\n"), no_rows);
        assert!(error(b"\xFF\xFEa\0,\0b\0").starts_with("the file is UTF-16 text: save it"));
        assert!(error(b"a\0,\0b\0\n\0").starts_with("the file is UTF-16 text or binary"));
        assert!(error(b"PK\x03\x04...").contains("spreadsheet"));
        assert!(error(b"a,b\n1,x\xFF\n").starts_with("row 1 is not UTF-8 text"));
        assert_eq!(error(b"a,a\n1,2\n"), "two columns are named \"a\": column names must differ");
        assert_eq!(error(b"a,b\n1,2\n3\n"), "row 2 has 1 cells where the header has 2");
        let wide = vec![b','; MAX_FILE_COLUMNS];
        assert_eq!(error(&wide), "columns: 2001 is over the limit of 2000");
        let long = vec![b'x'; MAX_CSV_BYTES + 1];
        assert_eq!(error(&long), "bytes of CSV: 52428801 is over the limit of 52428800");
    }
}
