//! A shard's labels and counts in SQLite.
//!
//! Counts are kept by hour, and written once a batch and word, not once a row. They are whole numbers,
//! confidences in millionths, so that their sums are the same in whatever order rows arrive.

use model_core::filled;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sql_shard::{PredictionRow, SEGMENT_COLUMNS, SegmentRow, SqlShard};
use crate::ports::{
    Counters, Found, HourSpan, LabelStatus, LabelStore, Labelled, Labels, LogRow, NewLabel, Part,
    Segment, StorageError, Tally,
};

/// The tables.
macro_rules! tables {
    () => {
        "
CREATE TABLE label (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  labelled_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tally (
  hour TEXT NOT NULL,
  version INTEGER NOT NULL,
  part TEXT NOT NULL,
  word TEXT NOT NULL,
  n INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (hour, version, part, word)
) WITHOUT ROWID;
"
    };
}

/// Counts the predictions that arrived after number `$after`: as `services::log::tally` does.
macro_rules! count_rows_after {
    ($after:literal) => {
        concat!(
            "WITH fresh AS (SELECT substr(json_extract(record, '$.timestamp'), 1, 13) AS hour, \
               model_version AS version, record FROM prediction WHERE seq > ",
            $after,
            "), \
             said AS ( \
               SELECT hour, version, 'answered' AS part, \
                 json_extract(record, '$.prediction') AS word, \
                 (SELECT max(value) FROM json_each(record, '$.probabilities')) AS confidence \
                 FROM fresh \
               UNION ALL SELECT hour, json_extract(record, '$.shadow.model_version'), 'shadow', \
                 json_extract(record, '$.shadow.prediction'), \
                 (SELECT max(value) FROM json_each(record, '$.shadow.probabilities')) FROM fresh \
               UNION ALL SELECT hour, version, 'warned', warning.value, NULL \
                 FROM fresh, json_each(record, '$.warnings') AS warning \
               UNION ALL SELECT hour, version, 'drawn', \
                 json_extract(record, '$.draw.challenger_version') || '/' || \
                 json_extract(record, '$.draw.split_basis_points'), NULL FROM fresh) \
             INSERT INTO tally SELECT coalesce(hour, ''), version, part, word, count(*), \
               sum(CAST(coalesce(confidence, 0) * 1000000 + 0.5 AS INTEGER)) \
             FROM said WHERE word IS NOT NULL GROUP BY 1, 2, 3, 4 \
             ON CONFLICT (hour, version, part, word) \
             DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum"
        )
    };
}

/// Makes the tables, and counts the predictions that are there.
pub(super) const MIGRATION: &str = concat!(tables!(), count_rows_after!("0"));

/// Counts the labels that were recorded before they were counted, under the keys that
/// `services::metrics::verdicts` makes.
pub(super) const COUNT_EARLIER_LABELS: &str = "
INSERT INTO counter
SELECT json_object('labels', json_array(version, outcome)), sum(n) FROM (
  SELECT version, 'correct' AS outcome, sum AS n FROM tally WHERE part = 'labelled'
  UNION ALL SELECT version, 'wrong', n - sum FROM tally WHERE part = 'labelled')
WHERE n > 0 GROUP BY version, outcome
ON CONFLICT (key) DO UPDATE SET value = value + excluded.value;
";

/// Counts the predictions that arrived after number `?`.
pub(super) const COUNT_ROWS: &str = count_rows_after!("?");

/// A list as JSON, for `json_each`.
pub(super) fn json(values: &(impl Serialize + ?Sized)) -> Result<String, StorageError> {
    serde_json::to_string(values).map_err(|error| StorageError::Corrupt(error.to_string()))
}

#[derive(Deserialize)]
struct LabelRow {
    id: String,
    label: String,
    labelled_at: i64,
}

#[derive(Deserialize)]
struct TallyRow {
    version: u64,
    part: Part,
    word: String,
    n: i64,
    sum: i64,
}

impl LabelStore for SqlShard {
    fn find(&self, ids: &[String]) -> Result<Found, StorageError> {
        let ids = [json(ids)?.as_str().into()];
        let hot = "SELECT id, model_version, record FROM prediction \
                   WHERE id IN (SELECT value FROM json_each(?))";
        let cold = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment WHERE state = 'cold' AND EXISTS \
             (SELECT 1 FROM json_each(?) WHERE value BETWEEN from_id AND to_id)"
        );
        let hot = self.database.rows::<PredictionRow>(hot, &ids)?;
        let cold = self.database.rows::<SegmentRow>(&cold, &ids)?;
        Ok(Found {
            hot: hot.into_iter().map(LogRow::from).collect(),
            cold: cold.into_iter().map(Segment::from).collect(),
        })
    }

    fn label(
        &self,
        labels: &[NewLabel],
        now_millis: i64,
    ) -> Result<Vec<LabelStatus>, StorageError> {
        #[derive(Deserialize)]
        struct Inserted {
            #[allow(dead_code, reason = "a row that comes back is all that matters")]
            id: String,
        }
        let insert = "INSERT INTO label VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id";
        let known = "SELECT id, label, labelled_at FROM label WHERE id = ?";
        self.database.atomically(|| {
            let mut statuses = Vec::with_capacity(labels.len());
            let mut counted = Counters::new();
            for NewLabel { label, hour, tallies, counters } in labels {
                let (id, word) = (label.id.as_str(), label.label.as_str());
                let values = [id.into(), word.into(), now_millis.into()];
                statuses.push(if self.database.first::<Inserted>(insert, &values)?.is_some() {
                    self.count_in(hour, tallies)?;
                    for (key, n) in counters {
                        *counted.entry(key.clone()).or_insert(0) += n;
                    }
                    LabelStatus::Recorded
                } else {
                    match self.database.first::<LabelRow>(known, &[id.into()])? {
                        Some(known) if known.label == word => LabelStatus::Unchanged,
                        _ => LabelStatus::Conflict,
                    }
                });
            }
            if !counted.is_empty() {
                let counters: Vec<(&String, &u64)> = counted.iter().collect();
                self.add_counters(
                    &json(&BTreeMap::from([("counters", counters)]))?.as_str().into(),
                )?;
            }
            Ok(statuses)
        })
    }

    fn labels(&self, ids: &[String]) -> Result<Labels, StorageError> {
        let statement = "SELECT id, label, labelled_at FROM label \
                         WHERE id IN (SELECT value FROM json_each(?))";
        let rows = self.database.rows::<LabelRow>(statement, &[json(ids)?.as_str().into()])?;
        let labelled =
            |row: LabelRow| (row.id, Labelled { label: row.label, at_millis: row.labelled_at });
        Ok(filled(rows.into_iter().map(labelled)))
    }

    fn tallies(&self, span: &HourSpan) -> Result<Vec<Tally>, StorageError> {
        // Hours begin with a digit, which is below a letter.
        let statement = "SELECT version, part, word, sum(n) AS n, sum(sum) AS sum FROM tally \
                         WHERE hour >= ? AND hour < ? GROUP BY version, part, word";
        let from = span.from.as_deref().unwrap_or("");
        let to = span.to.as_deref().unwrap_or("z");
        let rows = self.database.rows::<TallyRow>(statement, &[from.into(), to.into()])?;
        let tally =
            |TallyRow { version, part, word, n, sum }| Tally { version, part, word, n, sum };
        let mut tallies: Vec<Tally> = rows.into_iter().map(tally).collect();
        tallies.sort_unstable();
        Ok(tallies)
    }
}

impl SqlShard {
    /// Adds to the counts of an hour.
    pub(super) fn count_in(&self, hour: &str, tallies: &[Tally]) -> Result<(), StorageError> {
        let statement = "INSERT INTO tally SELECT ?, json_extract(value, '$.version'), \
                         json_extract(value, '$.part'), json_extract(value, '$.word'), \
                         json_extract(value, '$.n'), json_extract(value, '$.sum') \
                         FROM json_each(?) WHERE true ON CONFLICT (hour, version, part, word) \
                         DO UPDATE SET n = n + excluded.n, sum = sum + excluded.sum";
        self.database.run(statement, &[hour.into(), json(tallies)?.as_str().into()])
    }
}
