//! A shard's storage in the SQLite of its Durable Object.
//!
//! A segment is a range of `seq`, so sealing writes one index row and touches no prediction. A
//! batch arrives as JSON text and SQLite takes it apart (`json_each`): one bound value a
//! statement however many rows there are, and numbers stay the text that they were.

use std::slice::from_ref;

use serde::Deserialize;
use worker::Storage;

use super::sqlite::{Database, Migrations, Value};
use crate::ports::{
    Appended, Batch, Counters, HistoryQuery, HotAndCold, LogRow, Segment, SegmentState, ShardId,
    ShardStore, StorageError, StoredSegment,
};
use crate::services::log::wire;

/// The first step makes only what is missing, because shards had these tables before migrations
/// were numbered.
const MIGRATIONS: Migrations = &["
CREATE TABLE IF NOT EXISTS prediction (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  model_version INTEGER NOT NULL,
  record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS segment (
  number INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  from_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  rows INTEGER NOT NULL,
  versions TEXT NOT NULL,
  sealed_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS counter (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applied (
  isolate TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  applied_at INTEGER NOT NULL,
  PRIMARY KEY (isolate, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identity (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  shard INTEGER NOT NULL
);
"];

const SEGMENT_COLUMNS: &str = "number, from_id, to_id, rows, versions";

/// The storage of one Durable Object.
pub(super) struct SqlShard {
    database: Database,
}

impl SqlShard {
    /// Opens the storage and brings its tables up to date.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn open(storage: Storage) -> Result<Self, StorageError> {
        Ok(Self { database: Database::open(storage, MIGRATIONS)? })
    }

    /// Appends the batch with this JSON text (see [`wire::write_batch`]).
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    pub(super) fn append_text(&self, batch: &str, now: i64) -> Result<Appended, StorageError> {
        #[derive(Deserialize)]
        struct Tag {
            #[allow(dead_code, reason = "a row that comes back is all that matters")]
            sequence: i64,
        }
        let batch = Value::from(batch);
        self.database.atomically(|| {
            let tag = "INSERT INTO applied SELECT json_extract(value, '$.isolate'), \
                       json_extract(value, '$.sequence'), ? FROM (SELECT ? AS value) WHERE true \
                       ON CONFLICT DO NOTHING RETURNING sequence";
            let fresh = self.database.first::<Tag>(tag, &[now.into(), batch.clone()])?.is_some();
            if fresh {
                let rows = "INSERT OR IGNORE INTO prediction (id, model_version, record) \
                            SELECT json_extract(value, '$.id'), \
                            json_extract(value, '$.model_version'), value \
                            FROM json_each(?, '$.rows')";
                self.database.run(rows, from_ref(&batch))?;
                let counters = "INSERT INTO counter SELECT json_extract(value, '$[0]'), \
                                json_extract(value, '$[1]') FROM json_each(?, '$.counters') \
                                WHERE true ON CONFLICT (key) \
                                DO UPDATE SET value = value + excluded.value";
                self.database.run(counters, from_ref(&batch))?;
            }
            Ok(Appended { fresh, open_rows: self.open_rows()? })
        })
    }

    /// Remembers that this is the storage of `shard`; the first number told stays.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn remember_shard(&self, shard: ShardId) -> Result<(), StorageError> {
        let statement = "INSERT OR IGNORE INTO identity (only_row, shard) VALUES (1, ?)";
        self.database.run(statement, &[u64::from(shard).into()])
    }

    /// The number that [`Self::remember_shard`] was told, if it was.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn shard(&self) -> Result<Option<ShardId>, StorageError> {
        #[derive(Deserialize)]
        struct Identity {
            shard: ShardId,
        }
        let row: Option<Identity> = self.database.first("SELECT shard FROM identity", &[])?;
        Ok(row.map(|row| row.shard))
    }

    /// Rows beyond the last sealed one. `seq` grows by one a row, so no row is counted.
    pub(super) fn open_rows(&self) -> Result<u64, StorageError> {
        #[derive(Deserialize)]
        struct Open {
            open: u64,
        }
        let statement = "SELECT coalesce((SELECT max(seq) FROM prediction) \
                         - coalesce((SELECT max(last_seq) FROM segment), 0), 0) AS open";
        // Once all sealed rows are dropped the difference is negative: nothing is open.
        let statement = format!("SELECT max(open, 0) AS open FROM ({statement})");
        let row: Option<Open> = self.database.first(&statement, &[])?;
        Ok(row.map_or(0, |row| row.open))
    }
}

#[derive(Deserialize)]
struct PredictionRow {
    id: String,
    model_version: u64,
    record: String,
}

impl From<PredictionRow> for LogRow {
    fn from(row: PredictionRow) -> Self {
        Self { id: row.id, model_version: row.model_version, record: row.record }
    }
}

#[derive(Deserialize)]
struct SegmentRow {
    number: u64,
    from_id: String,
    to_id: String,
    rows: u64,
    versions: String,
}

impl From<SegmentRow> for Segment {
    fn from(row: SegmentRow) -> Self {
        let versions = serde_json::from_str(&row.versions).unwrap_or_default();
        let meta = StoredSegment { from: row.from_id, to: row.to_id, rows: row.rows, versions };
        Self { number: row.number, meta }
    }
}

impl ShardStore for SqlShard {
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, StorageError> {
        self.append_text(&wire::write_batch(batch)?, now_millis)
    }

    fn seal(&self, max_rows: u64, now_millis: i64) -> Result<Option<Segment>, StorageError> {
        let statement = format!(
            "WITH own AS (SELECT seq, id, model_version FROM prediction \
               WHERE seq > (SELECT coalesce(max(last_seq), 0) FROM segment) \
               ORDER BY seq LIMIT ?) \
             INSERT INTO segment \
             SELECT (SELECT coalesce(max(number), 0) + 1 FROM segment), 'sealed', min(seq), \
               max(seq), min(id), max(id), count(*), \
               (SELECT json_group_array(model_version) FROM \
                 (SELECT DISTINCT model_version FROM own ORDER BY model_version LIMIT 16)), ? \
             FROM own HAVING count(*) > 0 RETURNING {SEGMENT_COLUMNS}"
        );
        let values = [max_rows.into(), now_millis.into()];
        Ok(self.database.first::<SegmentRow>(&statement, &values)?.map(Segment::from))
    }

    fn next_sealed(&self, after: u64) -> Result<Option<Segment>, StorageError> {
        let statement = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment WHERE state = ? AND number > ? \
             ORDER BY number LIMIT 1"
        );
        let values = [SegmentState::Sealed.as_str().into(), after.into()];
        Ok(self.database.first::<SegmentRow>(&statement, &values)?.map(Segment::from))
    }

    fn segment_rows(&self, segment: u64) -> Result<Vec<LogRow>, StorageError> {
        let statement = "SELECT id, model_version, record FROM prediction WHERE seq BETWEEN \
                         (SELECT first_seq FROM segment WHERE number = ?) AND \
                         (SELECT last_seq FROM segment WHERE number = ?) ORDER BY id";
        let values = [segment.into(), segment.into()];
        let rows = self.database.rows::<PredictionRow>(statement, &values)?;
        Ok(rows.into_iter().map(LogRow::from).collect())
    }

    fn mark_stored(&self, segment: u64) -> Result<(), StorageError> {
        let statement = "UPDATE segment SET state = 'stored' WHERE number = ? AND state = 'sealed'";
        self.database.run(statement, &[segment.into()])
    }

    fn drop_rows(&self, sealed_before_millis: i64) -> Result<u64, StorageError> {
        #[derive(Deserialize)]
        struct Stored {
            number: u64,
            first_seq: i64,
            last_seq: i64,
            rows: u64,
        }
        self.database.atomically(|| {
            let statement = "SELECT number, first_seq, last_seq, rows FROM segment \
                             WHERE state = 'stored' AND sealed_at < ?";
            let mut dropped = 0;
            for old in self.database.rows::<Stored>(statement, &[sealed_before_millis.into()])? {
                let range = [old.first_seq.into(), old.last_seq.into()];
                self.database.run("DELETE FROM prediction WHERE seq BETWEEN ? AND ?", &range)?;
                let cold = "UPDATE segment SET state = 'cold' WHERE number = ?";
                self.database.run(cold, &[old.number.into()])?;
                dropped += old.rows;
            }
            Ok(dropped)
        })
    }

    fn forget(
        &self,
        sealed_before_millis: i64,
        tags_before_millis: i64,
    ) -> Result<(), StorageError> {
        self.database.atomically(|| {
            // The last segment's row stays: numbers and ranges go on from it.
            let segments = "DELETE FROM segment WHERE state = 'cold' AND sealed_at < ? \
                            AND number < (SELECT max(number) FROM segment)";
            self.database.run(segments, &[sealed_before_millis.into()])?;
            let tags = "DELETE FROM applied WHERE applied_at < ?";
            self.database.run(tags, &[tags_before_millis.into()])
        })
    }

    fn read(&self, query: &HistoryQuery) -> Result<HotAndCold, StorageError> {
        // Bounds that are always there keep it one statement: ids are hex digits and dashes.
        let before: Value = query.before_id.as_deref().unwrap_or("g").into();
        let from: Value = query.from_id.as_deref().unwrap_or("").into();
        let mut values = vec![before.clone(), from.clone()];
        let mut version = "";
        if let Some(wanted) = query.model_version {
            version = "AND model_version = ?";
            values.push(wanted.into());
        }
        values.push(u64::try_from(query.limit).unwrap_or(u64::MAX).into());
        let hot = format!(
            "SELECT id, model_version, record FROM prediction \
             WHERE id < ? AND id >= ? {version} ORDER BY id DESC LIMIT ?"
        );
        let hot = self.database.rows::<PredictionRow>(&hot, &values)?;
        let cold = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment \
             WHERE state = 'cold' AND from_id < ? AND to_id >= ?"
        );
        let cold = self.database.rows::<SegmentRow>(&cold, &[before, from])?;
        Ok(HotAndCold {
            hot: hot.into_iter().map(LogRow::from).collect(),
            cold: cold.into_iter().map(Segment::from).collect(),
        })
    }

    fn counters(&self) -> Result<Counters, StorageError> {
        #[derive(Deserialize)]
        struct Total {
            key: String,
            value: u64,
        }
        let totals = self.database.rows::<Total>("SELECT key, value FROM counter", &[])?;
        Ok(totals.into_iter().map(|total| (total.key, total.value)).collect())
    }
}
