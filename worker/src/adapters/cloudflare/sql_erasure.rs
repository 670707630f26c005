//! What a shard forgets, in SQLite.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::sql_labels::json;
use super::sql_shard::{PredictionRow, SEGMENT_COLUMNS, SegmentRow, SqlShard};
use super::sqlite::Value;
use crate::ports::{Asked, Erased, Erasure, ErasureStore, LogRow, Running, Segment, StorageError};

/// Marks of erased rows.
pub(super) const MIGRATION: &str = "
CREATE TABLE erased (
  id TEXT PRIMARY KEY,
  due INTEGER NOT NULL
) WITHOUT ROWID;
";

/// Erasures that go on, and the segments that are due to be written anew, which were told by the marks.
pub(super) const ERASURES: &str = "
CREATE TABLE erasure (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  asked TEXT NOT NULL,
  actor TEXT NOT NULL,
  erased INTEGER NOT NULL,
  done_to INTEGER NOT NULL,
  last INTEGER,
  PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE anew (segment INTEGER PRIMARY KEY);
INSERT INTO anew SELECT number FROM segment WHERE state = 'cold' AND EXISTS
  (SELECT 1 FROM erased WHERE due AND id BETWEEN from_id AND to_id);
";

/// Of `segment` and `erasure`: what it still has to look through.
const LEFT: &str = "state = 'cold' AND number > done_to AND number <= coalesce(last, number) \
    AND (kind = 'subject' OR value BETWEEN from_id AND to_id)";

/// Segments that are due.
const DUE: &str = "state = 'cold' AND number IN (SELECT segment FROM anew)";

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct ErasureRow {
    kind: String,
    value: String,
    asked: String,
    actor: String,
    erased: u64,
    done_to: u64,
    last: Option<u64>,
    remaining: u64,
}

impl From<ErasureRow> for Running {
    fn from(row: ErasureRow) -> Self {
        let ErasureRow { kind, value, asked, actor, erased, done_to, last, remaining } = row;
        let what = if kind == "id" { Erasure::Id(value) } else { Erasure::Subject(value) };
        let asked = Asked { entry: asked, actor };
        Self { what, asked, erased, done_to, last, remaining }
    }
}

/// Its key: kind and value.
fn key(what: &Erasure) -> [Value; 2] {
    let (Erasure::Id(value) | Erasure::Subject(value)) = what;
    [what.by().into(), value.as_str().into()]
}

impl ErasureStore for SqlShard {
    fn begin_erasure(&self, what: &Erasure, asked: &Asked) -> Result<(), StorageError> {
        let statement = "INSERT INTO erasure VALUES (?, ?, ?, ?, 0, 0, NULL) \
                         ON CONFLICT (kind, value) DO UPDATE \
                         SET asked = excluded.asked, actor = excluded.actor, last = NULL";
        let [kind, value] = key(what);
        let values = [kind, value, asked.entry.as_str().into(), asked.actor.as_str().into()];
        self.database.run(statement, &values)
    }

    fn erasures(&self) -> Result<Vec<Running>, StorageError> {
        let statement = format!(
            "SELECT *, (SELECT count(*) FROM segment WHERE {LEFT}) AS remaining FROM erasure"
        );
        let rows = self.database.rows::<ErasureRow>(&statement, &[])?;
        Ok(rows.into_iter().map(Running::from).collect())
    }

    fn to_erase(
        &self,
        what: &Erasure,
        after: &str,
        most: usize,
    ) -> Result<Vec<LogRow>, StorageError> {
        let wanted = match what {
            Erasure::Id(_) => "id",
            Erasure::Subject(_) => "json_extract(record, '$.subject')",
        };
        let statement = format!(
            "SELECT id, model_version, record FROM prediction WHERE {wanted} = ? AND id > ? \
             ORDER BY id LIMIT ?"
        );
        let [_, value] = key(what);
        let values = [value, after.into(), u64::try_from(most).unwrap_or(u64::MAX).into()];
        let rows = self.database.rows::<PredictionRow>(&statement, &values)?;
        Ok(rows.into_iter().map(LogRow::from).collect())
    }

    fn erased_here(&self, what: &Erasure) -> Result<(), StorageError> {
        let statement = "UPDATE erasure SET last = \
                         (SELECT coalesce(max(number), 0) FROM segment WHERE state = 'cold') \
                         WHERE kind = ? AND value = ?";
        self.database.run(statement, &key(what))
    }

    fn to_look_through(&self, what: &Erasure, most: usize) -> Result<Vec<Segment>, StorageError> {
        let statement = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment, erasure WHERE kind = ? AND value = ? \
             AND {LEFT} ORDER BY number LIMIT ?"
        );
        let [kind, value] = key(what);
        let values = [kind, value, u64::try_from(most).unwrap_or(u64::MAX).into()];
        let segments = self.database.rows::<SegmentRow>(&statement, &values)?;
        Ok(segments.into_iter().map(Segment::from).collect())
    }

    fn erase(
        &self,
        what: &Erasure,
        segment: Option<u64>,
        rows: &[Erased],
    ) -> Result<(), StorageError> {
        // The segment loses a row, and the segment store doesn't know yet.
        let reseal = "UPDATE segment SET rows = rows - 1, state = 'sealed' \
                      WHERE state IN ('sealed', 'stored') AND \
                      (SELECT seq FROM prediction WHERE id = ?) BETWEEN first_seq AND last_seq";
        let mark = "INSERT INTO erased VALUES (?, 0) ON CONFLICT DO NOTHING RETURNING id";
        let counted = "UPDATE erasure SET erased = erased + ?, done_to = max(done_to, ?) \
                       WHERE kind = ? AND value = ?";
        self.database.atomically(|| {
            let mut n = 0_u64;
            for row in rows {
                let id = [row.id.as_str().into()];
                if self.database.first::<Id>(mark, &id)?.is_none() {
                    continue;
                }
                n += 1;
                self.database.run(reseal, &id)?;
                self.database.run("DELETE FROM prediction WHERE id = ?", &id)?;
                self.database.run("DELETE FROM label WHERE id = ?", &id)?;
                let mut tallies = row.tallies.clone();
                for tally in &mut tallies {
                    (tally.n, tally.sum) = (-tally.n, -tally.sum);
                }
                self.count_in(&row.hour, &tallies)?;
            }
            if let Some(segment) = segment.filter(|_| n > 0) {
                let due = "INSERT OR IGNORE INTO anew VALUES (?)";
                self.database.run(due, &[segment.into()])?;
            }
            let [kind, value] = key(what);
            let values = [n.into(), segment.unwrap_or(0).into(), kind, value];
            self.database.run(counted, &values)
        })
    }

    fn end_erasure(&self, what: &Erasure, asked: &Asked, noted: u64) -> Result<(), StorageError> {
        let [kind, value] = key(what);
        let values = [kind.clone(), value.clone(), asked.entry.as_str().into()];
        let again = "UPDATE erasure SET erased = erased - ? WHERE kind = ? AND value = ?";
        self.database.atomically(|| {
            let end = "DELETE FROM erasure WHERE kind = ? AND value = ? AND asked = ?";
            self.database.run(end, &values)?;
            self.database.run(again, &[noted.into(), kind, value])
        })
    }

    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError> {
        let statement = "SELECT id FROM erased WHERE id IN (SELECT value FROM json_each(?))";
        let rows = self.database.rows::<Id>(statement, &[json(ids)?.as_str().into()])?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    fn due(&self) -> Result<Vec<Segment>, StorageError> {
        let statement =
            format!("SELECT {SEGMENT_COLUMNS} FROM segment WHERE {DUE} ORDER BY number");
        let segments = self.database.rows::<SegmentRow>(&statement, &[])?;
        Ok(segments.into_iter().map(Segment::from).collect())
    }

    fn written_anew(&self, segment: u64) -> Result<(), StorageError> {
        self.database.run("DELETE FROM anew WHERE segment = ?", &[segment.into()])
    }

    fn n_unwritten(&self) -> Result<u64, StorageError> {
        #[derive(Deserialize)]
        struct Count {
            n: u64,
        }
        let statement =
            format!("SELECT count(*) AS n FROM segment WHERE state = 'sealed' OR ({DUE})");
        Ok(self.database.first::<Count>(&statement, &[])?.map_or(0, |row| row.n))
    }
}
