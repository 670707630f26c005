//! Rows to store, told apart by numbers.

use super::Breach;
use crate::ports::{Batch, BatchTag, Counters, HistoryQuery, LogRow};

/// Row `n`; ids sort as numbers do, and versions take turns.
pub(crate) fn row(n: u64) -> LogRow {
    let id = format!("{n:08}-0000-7000-8000-000000000000");
    let model_version = 1 + n % 2;
    let record = format!(r#"{{"id":"{id}","model_version":{model_version}}}"#);
    LogRow { id, model_version, record }
}

/// Row `n`, answered in the hour `n` with `class` of three, with a warning, in an experiment, and asked
/// of version 7 too, which says `z`.
pub(crate) fn answered(n: u64, class: &str) -> LogRow {
    let LogRow { id, model_version, .. } = row(n);
    let confidence = if n == 0 { "0.7000005" } else { "0.7" };
    let others = ["x", "y"].iter().filter(|other| **other != class);
    let others: String = others.map(|other| format!(r#","{other}":0.1"#)).collect();
    let class = serde_json::Value::from(class);
    let hour = n % 24;
    let record = format!(
        r#"{{"id":"{id}","timestamp":"2026-01-01T{hour:02}:59:59.999Z","model_version":{model_version},"#,
    ) + &format!(
        r#""prediction":{class},"probabilities":{{{class}:{confidence}{others}}},"#,
    ) + r#""shadow":{"model_version":7,"prediction":"z","probabilities":{"x":0.05,"y":0.05,"z":0.9}},"#
        + r#""warnings":["unknown_category"],"draw":{"challenger_version":7,"split_basis_points":2000}}"#;
    LogRow { id, model_version, record }
}

/// Row `n` with a record of `bytes`.
pub(crate) fn wide_row(n: u64, bytes: usize) -> LogRow {
    let LogRow { id, model_version, .. } = row(n);
    let start = format!(r#"{{"id":"{id}","model_version":{model_version},"note":""#);
    let filler = bytes.saturating_sub(start.len() + 2);
    LogRow { id, model_version, record: format!("{start}{}\"}}", "x".repeat(filler)) }
}

/// A batch of these rows, counted as `rows`.
pub(crate) fn batch(sequence: u64, rows: impl IntoIterator<Item = u64>) -> Batch {
    batch_of(sequence, rows.into_iter().map(row).collect())
}

pub(crate) fn batch_of(sequence: u64, rows: Vec<LogRow>) -> Batch {
    let n = rows.len().try_into().unwrap_or(u64::MAX);
    let counters = Counters::from([("rows".to_owned(), n)]);
    Batch { tag: BatchTag { isolate: "isolate".into(), sequence }, rows, counters }
}

/// The newest `limit` rows.
pub(crate) fn query(limit: usize) -> HistoryQuery {
    HistoryQuery { limit, ..HistoryQuery::default() }
}

/// The number of each row.
pub(crate) fn numbers(rows: &[LogRow]) -> Result<Vec<u64>, Breach> {
    let number = |row: &LogRow| row.id.get(..8)?.parse().ok();
    let numbers: Option<Vec<u64>> = rows.iter().map(number).collect();
    numbers.ok_or_else(|| Breach(format!("there are other rows: {rows:?}")))
}

/// All numbers below `n`, as a history has them.
pub(crate) fn newest_first(n: u64) -> Vec<u64> {
    (0..n).rev().collect()
}
