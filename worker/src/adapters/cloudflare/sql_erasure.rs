//! What a shard forgets, in SQLite.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::sql_labels::json;
use super::sql_shard::{PredictionRow, SEGMENT_COLUMNS, SegmentRow, SqlShard};
use crate::ports::{Erased, Erasure, ErasureStore, LogRow, Segment, StorageError};

/// Marks of erased rows.
pub(super) const MIGRATION: &str = "
CREATE TABLE erased (
  id TEXT PRIMARY KEY,
  due INTEGER NOT NULL
) WITHOUT ROWID;
";

#[derive(Deserialize)]
struct Id {
    id: String,
}

impl ErasureStore for SqlShard {
    fn to_erase(&self, what: &Erasure) -> Result<(Vec<LogRow>, Vec<Segment>), StorageError> {
        let (wanted, within, value) = match what {
            Erasure::Id(id) => ("id = ?", "? BETWEEN from_id AND to_id", id),
            Erasure::Subject(subject) => {
                ("json_extract(record, '$.subject') = ?", "? IS NOT NULL", subject)
            }
        };
        let value = [value.as_str().into()];
        let rows = format!("SELECT id, model_version, record FROM prediction WHERE {wanted}");
        let rows = self.database.rows::<PredictionRow>(&rows, &value)?;
        let segments = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment WHERE state = 'cold' AND {within} ORDER BY number"
        );
        let segments = self.database.rows::<SegmentRow>(&segments, &value)?;
        let rows = rows.into_iter().map(LogRow::from).collect();
        Ok((rows, segments.into_iter().map(Segment::from).collect()))
    }

    fn erase(&self, rows: &[Erased]) -> Result<(), StorageError> {
        // The segment loses a row, and the segment store doesn't know yet.
        let reseal = "UPDATE segment SET rows = rows - 1, state = 'sealed' \
                      WHERE state IN ('sealed', 'stored') AND \
                      (SELECT seq FROM prediction WHERE id = ?) BETWEEN first_seq AND last_seq";
        let mark = "INSERT INTO erased SELECT id, \
                    NOT EXISTS (SELECT 1 FROM prediction WHERE prediction.id = its.id) \
                    FROM (SELECT ? AS id) AS its WHERE true ON CONFLICT DO NOTHING RETURNING id";
        self.database.atomically(|| {
            for row in rows {
                let id = [row.id.as_str().into()];
                if self.database.first::<Id>(mark, &id)?.is_none() {
                    continue;
                }
                self.database.run(reseal, &id)?;
                self.database.run("DELETE FROM prediction WHERE id = ?", &id)?;
                self.database.run("DELETE FROM label WHERE id = ?", &id)?;
                let mut tallies = row.tallies.clone();
                for tally in &mut tallies {
                    (tally.n, tally.sum) = (-tally.n, -tally.sum);
                }
                self.count_in(&row.hour, &tallies)?;
            }
            Ok(())
        })
    }

    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError> {
        let statement = "SELECT id FROM erased WHERE id IN (SELECT value FROM json_each(?))";
        let rows = self.database.rows::<Id>(statement, &[json(ids)?.as_str().into()])?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    fn due(&self) -> Result<Vec<Segment>, StorageError> {
        let statement = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment WHERE state = 'cold' AND EXISTS \
             (SELECT 1 FROM erased WHERE due AND id BETWEEN from_id AND to_id) ORDER BY number"
        );
        let segments = self.database.rows::<SegmentRow>(&statement, &[])?;
        Ok(segments.into_iter().map(Segment::from).collect())
    }

    fn written_without(&self, ids: &[String]) -> Result<(), StorageError> {
        let statement =
            "UPDATE erased SET due = 0 WHERE due AND id IN (SELECT value FROM json_each(?))";
        self.database.run(statement, &[json(ids)?.as_str().into()])
    }
}
