//! Rows of the log as files: NDJSON as they are, CSV with a column for each feature and class.
//!
//! A CSV is of one version, because versions may have other features; its columns are those of the first
//! row. A spreadsheet would run a text that begins as a formula does, so such a cell begins with an
//! apostrophe (OWASP, "CSV Injection"). Source of the format: RFC 4180.

use tepal_api::{FeatureValue, OrderedMap, PredictionRecord};

use super::log::wire;
use crate::ports::{LogRow, StorageError};

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    /// One record a line.
    Ndjson,
    /// One row a line, under a header.
    Csv,
}

impl ExportFormat {
    /// Its media type and the ending of a file's name.
    pub(crate) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Ndjson => ("application/x-ndjson", "ndjson"),
            Self::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        }
    }
}

const FIXED: [&str; 11] = [
    "id",
    "timestamp",
    "model_version",
    "model_id",
    "prediction",
    "label",
    "labelled_at",
    "warnings",
    "subject",
    "shadow.model_version",
    "shadow.prediction",
];

/// Writes the pages of one export, the first one first, and its end.
#[derive(Debug)]
pub(crate) struct Export {
    format: ExportFormat,
    /// Features and classes that have columns, once the header is written.
    columns: Option<(Vec<String>, Vec<String>)>,
}

impl Export {
    pub(crate) fn new(format: ExportFormat) -> Self {
        Self { format, columns: None }
    }

    /// The text of these rows.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if a row isn't a record.
    pub(crate) fn page(&mut self, rows: &[LogRow]) -> Result<String, StorageError> {
        if self.format == ExportFormat::Ndjson {
            return Ok(wire::write_ndjson(rows));
        }
        let corrupt = |error: serde_json::Error| StorageError::Corrupt(error.to_string());
        let read = |row: &LogRow| crate::json::from_str(&row.record).map_err(corrupt);
        let records: Vec<PredictionRecord> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let mut text = String::new();
        // A page may be empty; the columns are those of the first row.
        let Some(first) = records.first() else { return Ok(text) };
        let (features, classes) = self.columns.get_or_insert_with(|| {
            let columns = (names(&first.features), names(&first.probabilities));
            text = header(&columns.0, &columns.1);
            columns
        });
        for record in &records {
            write_row(&mut text, record, features, classes);
        }
        Ok(text)
    }

    /// What follows the last page: of a part, a line that says from where the next one goes on.
    pub(crate) fn end(self, next: Option<&str>) -> String {
        match (self.format, next) {
            (ExportFormat::Ndjson, None) => String::new(),
            (ExportFormat::Ndjson, Some(next)) => {
                format!("{}\n", serde_json::json!({ NEXT_CURSOR: next }))
            }
            (ExportFormat::Csv, next) => {
                let n_columns = match &self.columns {
                    Some((features, classes)) => FIXED.len() + features.len() + classes.len(),
                    None => FIXED.len(),
                };
                let header = match self.columns {
                    Some(_) => String::new(),
                    None => header(&[], &[]),
                };
                let empty = ",".repeat(n_columns.saturating_sub(2));
                let line = next.map(|next| format!("{NEXT_CURSOR},{next}{empty}\r\n"));
                header + &line.unwrap_or_default()
            }
        }
    }
}

/// What stands where a part of an export ends, beside the cursor that the next part goes on from.
const NEXT_CURSOR: &str = "next_cursor";

fn names<T>(members: &OrderedMap<T>) -> Vec<String> {
    members.iter().map(|(name, _)| name.to_owned()).collect()
}

fn header(features: &[String], classes: &[String]) -> String {
    let mut text = FIXED.join(",");
    let features = features.iter().map(|name| format!("features.{name}"));
    let classes = classes.iter().map(|name| format!("probabilities.{name}"));
    for name in features.chain(classes) {
        text.push(',');
        push_cell(&mut text, &name);
    }
    text.push_str("\r\n");
    text
}

fn write_row(
    text: &mut String,
    record: &PredictionRecord,
    features: &[String],
    classes: &[String],
) {
    let PredictionRecord { id, timestamp, model_id, prediction, shadow, .. } = record;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let warnings: Vec<&str> = record.warnings.iter().map(|code| code.as_str()).collect();
    let fixed: [String; FIXED.len()] = [
        id.clone(),
        timestamp.clone(),
        record.model_version.to_string(),
        model_id.clone(),
        prediction.clone(),
        or_empty(&record.label),
        or_empty(&record.labelled_at),
        warnings.join(" "),
        or_empty(&record.subject),
        shadow.as_ref().map(|shadow| shadow.model_version.to_string()).unwrap_or_default(),
        shadow.as_ref().map(|shadow| shadow.prediction.clone()).unwrap_or_default(),
    ];
    let feature = |name: &String| record.features.get(name).map(cell).unwrap_or_default();
    let number = |name: &String| record.probabilities.get(name).map(json).unwrap_or_default();
    let cells = fixed.into_iter();
    let cells = cells.chain(features.iter().map(feature)).chain(classes.iter().map(number));
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_cell(text, &cell);
    }
    text.push_str("\r\n");
}

/// A feature's value as text: numbers with all their digits, nothing for no value.
fn cell(value: &FeatureValue) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}

fn json(number: &f64) -> String {
    serde_json::to_string(number).unwrap_or_default()
}

fn push_cell(text: &mut String, cell: &str) {
    let begins_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let mark = if begins_formula && !is_number(cell) { "'" } else { "" };
    // Where the decimal comma is used a semicolon is a separator, and some programs also take tabs.
    if cell.contains([',', ';', '\t', '"', '\n', '\r']) {
        text.extend(["\"", mark, &cell.replace('"', "\"\""), "\""]);
    } else {
        text.extend([mark, cell]);
    }
}

/// `inf` and `nan` are numbers to a parser, and texts to a spreadsheet.
fn is_number(cell: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    cell.chars().all(is_part) && model_core::parse_number(cell).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(cell: &str) -> String {
        let mut text = String::new();
        push_cell(&mut text, cell);
        text
    }

    #[test]
    fn no_cell_begins_as_a_formula_does() {
        for formula in ["=1+1", "+cmd", "-1+1", "@SUM(A1)", "-inf", "+nan", "-", "=", "--1"] {
            assert_eq!(pushed(formula), format!("'{formula}"));
        }
        for control in ["\r=1", "\n=1", "\t=1", "\tx"] {
            assert_eq!(pushed(control), format!("\"'{control}\""));
        }
        for separated in ["a;=1+1", "a\t=1+1", "a,=1+1", "a\n=1+1"] {
            assert_eq!(pushed(separated), format!("\"{separated}\""));
        }
        assert_eq!(pushed("=HYPERLINK(\"a\",1)"), "\"'=HYPERLINK(\"\"a\"\",1)\"");
        for harmless in ["-1", "+5.1", "-1e-7", "a=b", "", "5.1", " =x"] {
            assert_eq!(pushed(harmless), harmless);
        }
    }

    #[test]
    fn a_csv_has_a_header_once_and_a_column_for_each_feature_and_class() {
        let record = r#"{"id":"a","timestamp":"t","model_version":2,"model_id":"m","features":{"colour":"=red","size":-1.5,"note":null},"prediction":"x","probabilities":{"x":0.75,"y":0.25},"label":"y","labelled_at":"l"}"#;
        let row = LogRow { id: "a".into(), model_version: 2, record: record.into() };
        let mut export = Export::new(ExportFormat::Csv);
        let first = export.page(std::slice::from_ref(&row)).unwrap();
        let lines: Vec<&str> = first.split("\r\n").collect();
        let columns = "features.colour,features.size,features.note,probabilities.x,probabilities.y";
        assert_eq!(lines[0], format!("{},{columns}", FIXED.join(",")));
        assert_eq!(lines[1], "a,t,2,m,x,y,l,,,,,'=red,-1.5,,0.75,0.25");
        assert_eq!(export.page(&[row]).unwrap(), format!("{}\r\n", lines[1]));
        assert_eq!(export.end(None), "");
    }

    #[test]
    fn a_page_without_rows_leaves_the_columns_to_the_first_row() {
        let record = r#"{"id":"a","timestamp":"t","model_version":2,"model_id":"m","features":{"size":1},"prediction":"x","probabilities":{"x":1}}"#;
        let row = LogRow { id: "a".into(), model_version: 2, record: record.into() };
        let mut export = Export::new(ExportFormat::Csv);
        assert_eq!(export.page(&[]).unwrap(), "");
        assert!(export.page(&[row]).unwrap().contains("features.size,probabilities.x"));
        let mut empty = Export::new(ExportFormat::Csv);
        assert_eq!(empty.page(&[]).unwrap(), "");
        assert_eq!(empty.end(None), format!("{}\r\n", FIXED.join(",")));
    }

    #[test]
    fn a_part_says_in_its_last_line_where_the_next_one_goes_on() {
        let ndjson = Export::new(ExportFormat::Ndjson);
        assert_eq!(ndjson.end(Some("id")), "{\"next_cursor\":\"id\"}\n");
        let record = r#"{"id":"a","timestamp":"t","model_version":2,"model_id":"m","features":{"size":1},"prediction":"x","probabilities":{"x":1}}"#;
        let row = LogRow { id: "a".into(), model_version: 2, record: record.into() };
        let mut csv = Export::new(ExportFormat::Csv);
        let text = csv.page(&[row]).unwrap() + &csv.end(Some("id"));
        let cells: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(cells, [FIXED.len() + 2; 3]);
        assert!(text.ends_with(&format!("\r\nnext_cursor,id{}\r\n", ",".repeat(11))));
    }
}
