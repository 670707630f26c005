//! How batches and rows are written between the Worker and a shard, and in segments.
//!
//! A row travels as the JSON text of its record and is never rewritten on the way, so that its
//! numbers keep their bits and the shard needs no parser for them.

use serde::Deserialize;
#[cfg(any(test, target_arch = "wasm32"))]
use serde::Serialize;
use serde_json::value::RawValue;

#[cfg(any(test, target_arch = "wasm32"))]
use crate::ports::{Batch, BatchTag};
use crate::ports::{Labelled, LogRow, StorageError};
use crate::services::time;

/// A batch as JSON: `{"isolate", "sequence", "counters": [[key, n], …], "rows": [record, …]}`.
///
/// # Errors
/// [`StorageError::Corrupt`] if a record isn't JSON.
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) fn write_batch(batch: &Batch) -> Result<String, StorageError> {
    #[derive(Serialize)]
    struct Wire<'a> {
        #[serde(flatten)]
        tag: &'a BatchTag,
        counters: Vec<(&'a str, u64)>,
        rows: Vec<&'a RawValue>,
    }
    let wire = Wire {
        tag: &batch.tag,
        counters: batch.counters.iter().map(|(key, n)| (key.as_str(), *n)).collect(),
        rows: raw_records(&batch.rows)?,
    };
    serde_json::to_string(&wire).map_err(corrupt)
}

/// The records of `rows` as they are.
///
/// # Errors
/// [`StorageError::Corrupt`] if a record isn't JSON.
pub(crate) fn raw_records(rows: &[LogRow]) -> Result<Vec<&RawValue>, StorageError> {
    rows.iter()
        .map(|row| crate::json::from_str::<&RawValue>(&row.record).map_err(corrupt))
        .collect()
}

/// Rows as segments and pages are written: one record a line.
pub(crate) fn write_ndjson(rows: &[LogRow]) -> String {
    let mut ndjson = String::with_capacity(rows.iter().map(|row| row.record.len() + 1).sum());
    for row in rows {
        ndjson.push_str(&row.record);
        ndjson.push('\n');
    }
    ndjson
}

/// The rows of [`write_ndjson`].
///
/// # Errors
/// [`StorageError::Corrupt`] if a line isn't a record.
pub(crate) fn read_ndjson(ndjson: &str) -> Result<Vec<LogRow>, StorageError> {
    ndjson.lines().map(read_row).collect()
}

fn read_row(record: &str) -> Result<LogRow, StorageError> {
    #[derive(Deserialize)]
    struct Head {
        id: String,
        model_version: u64,
    }
    let head: Head = crate::json::from_str(record).map_err(corrupt)?;
    Ok(LogRow { id: head.id, model_version: head.model_version, record: record.to_owned() })
}

/// Lets a row's record say what its label is.
///
/// # Errors
/// [`StorageError::Corrupt`] if the record is no object.
pub(crate) fn add_label(row: &mut LogRow, label: &Labelled) -> Result<(), StorageError> {
    let whole = row.record.trim_end().strip_suffix('}');
    let whole = whole.ok_or_else(|| StorageError::Corrupt("a record is no object".to_owned()))?;
    let word = serde_json::to_string(&label.label).map_err(corrupt)?;
    let at = time::rfc3339_millis(label.at_millis);
    row.record = format!(r#"{whole},"label":{word},"labelled_at":"{at}"}}"#);
    Ok(())
}

fn corrupt(error: serde_json::Error) -> StorageError {
    StorageError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(record: &str) -> LogRow {
        read_row(record).unwrap()
    }

    #[test]
    fn records_travel_untouched() {
        let records = [
            r#"{"id":"a","model_version":1,"p":0.1000000000000000055,"note":"\u00e9\""}"#,
            r#"{ "model_version" : 2, "id":"b", "p":1e-7}"#,
        ];
        let rows = records.map(row);
        assert_eq!(read_ndjson(&write_ndjson(&rows)).unwrap(), rows);
    }

    #[test]
    fn a_batch_carries_tag_counters_and_records() {
        let tag = BatchTag { isolate: "i".into(), sequence: 7 };
        let rows = vec![row(r#"{"id":"a","model_version":1}"#)];
        let batch = Batch { tag, rows, counters: [("k".to_owned(), 3)].into() };
        assert_eq!(
            write_batch(&batch).unwrap(),
            r#"{"isolate":"i","sequence":7,"counters":[["k",3]],"rows":[{"id":"a","model_version":1}]}"#
        );
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        assert!(read_ndjson("{}").is_err());
        assert!(read_ndjson("[1]").is_err());
    }
}
