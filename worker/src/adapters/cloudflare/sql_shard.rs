//! A shard's storage in the SQLite of its Durable Object.
//!
//! A segment is a range of `seq`, so sealing writes one index row and touches no prediction. A
//! batch arrives as JSON text and SQLite takes it apart (`json_each`): one bound value a
//! statement however many rows there are, and numbers stay the text that they were.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::ports::{
    Appended, Batch, Counters, HistoryQuery, HotAndCold, LogError, LogRow, Segment, SegmentState,
    ShardId, ShardStore, StoredSegment,
};
use crate::services::log::wire;

const SCHEMA: &str = "
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
";

const SEGMENT_COLUMNS: &str = "number, from_id, to_id, rows, versions";

#[wasm_bindgen]
extern "C" {
    /// `ctx.storage`, for the call that the SDK leaves out.
    type TransactionalStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        work: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// The storage of one Durable Object.
pub(super) struct SqlShard {
    sql: SqlStorage,
    storage: Storage,
}

impl SqlShard {
    /// Opens the storage and makes its tables.
    ///
    /// # Errors
    /// [`LogError`] if SQLite refuses.
    pub(super) fn open(storage: Storage) -> Result<Self, LogError> {
        let shard = Self { sql: storage.sql(), storage };
        shard.run(SCHEMA, Vec::new())?;
        Ok(shard)
    }

    fn run(&self, statement: &str, bindings: Vec<SqlStorageValue>) -> Result<(), LogError> {
        self.sql.exec(statement, bindings).map(|_| ()).map_err(failed)
    }

    fn rows<T: DeserializeOwned>(
        &self,
        statement: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<T>, LogError> {
        self.sql.exec(statement, bindings).and_then(|cursor| cursor.to_array()).map_err(failed)
    }

    /// Runs `work` in one transaction, which an error rolls back.
    fn atomically<T>(&self, mut work: impl FnMut() -> Result<T, LogError>) -> Result<T, LogError> {
        let mut outcome = None;
        let mut step = || {
            let result = work();
            let rolled_back = result.is_err();
            outcome = Some(result);
            if rolled_back { Err(JsValue::from_str("rolled back")) } else { Ok(JsValue::UNDEFINED) }
        };
        let storage: &TransactionalStorage = self.storage.as_raw().unchecked_ref();
        let committed = storage.transaction_sync(&mut step);
        match outcome {
            Some(Ok(value)) => committed.map(|_| value).map_err(|error| failed(error.into())),
            Some(Err(error)) => Err(error),
            None => Err(LogError::Unreachable("SQLite didn't start a transaction".into())),
        }
    }

    /// Appends the batch with this JSON text (see [`wire::write_batch`]).
    ///
    /// # Errors
    /// [`LogError`]; nothing was changed then.
    pub(super) fn append_text(&self, batch: &str, now: i64) -> Result<Appended, LogError> {
        #[derive(Deserialize)]
        struct Tag {
            #[allow(dead_code, reason = "a row that comes back is all that matters")]
            sequence: i64,
        }
        let text = || SqlStorageValue::from(batch);
        self.atomically(|| {
            let tag = "INSERT INTO applied SELECT json_extract(value, '$.isolate'), \
                       json_extract(value, '$.sequence'), ? FROM (SELECT ? AS value) WHERE true \
                       ON CONFLICT DO NOTHING RETURNING sequence";
            let fresh = !self.rows::<Tag>(tag, vec![millis(now), text()])?.is_empty();
            if fresh {
                let rows = "INSERT OR IGNORE INTO prediction (id, model_version, record) \
                            SELECT json_extract(value, '$.id'), \
                            json_extract(value, '$.model_version'), value \
                            FROM json_each(?, '$.rows')";
                self.run(rows, vec![text()])?;
                let counters = "INSERT INTO counter SELECT json_extract(value, '$[0]'), \
                                json_extract(value, '$[1]') FROM json_each(?, '$.counters') \
                                WHERE true ON CONFLICT (key) \
                                DO UPDATE SET value = value + excluded.value";
                self.run(counters, vec![text()])?;
            }
            Ok(Appended { fresh, open_rows: self.open_rows()? })
        })
    }

    /// Remembers that this is the storage of `shard`; the first number told stays.
    ///
    /// # Errors
    /// [`LogError`] if SQLite refuses.
    pub(super) fn remember_shard(&self, shard: ShardId) -> Result<(), LogError> {
        let statement = "INSERT OR IGNORE INTO identity (only_row, shard) VALUES (1, ?)";
        self.run(statement, vec![number(shard.into())])
    }

    /// The number that [`Self::remember_shard`] was told, if it was.
    ///
    /// # Errors
    /// [`LogError`] if SQLite refuses.
    pub(super) fn shard(&self) -> Result<Option<ShardId>, LogError> {
        #[derive(Deserialize)]
        struct Identity {
            shard: ShardId,
        }
        let rows: Vec<Identity> = self.rows("SELECT shard FROM identity", Vec::new())?;
        Ok(rows.first().map(|row| row.shard))
    }

    /// Rows beyond the last sealed one. `seq` grows by one a row, so no row is counted.
    pub(super) fn open_rows(&self) -> Result<u64, LogError> {
        #[derive(Deserialize)]
        struct Open {
            open: u64,
        }
        let statement = "SELECT coalesce((SELECT max(seq) FROM prediction) \
                         - coalesce((SELECT max(last_seq) FROM segment), 0), 0) AS open";
        // Once all sealed rows are dropped the difference is negative: nothing is open.
        let statement = format!("SELECT max(open, 0) AS open FROM ({statement})");
        let rows: Vec<Open> = self.rows(&statement, Vec::new())?;
        Ok(rows.first().map_or(0, |row| row.open))
    }
}

fn failed(error: worker::Error) -> LogError {
    LogError::Unreachable(format!("SQLite: {error}"))
}

fn millis(value: i64) -> SqlStorageValue {
    SqlStorageValue::Integer(value)
}

fn number(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
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
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, LogError> {
        self.append_text(&wire::write_batch(batch)?, now_millis)
    }

    fn seal(&self, max_rows: u64, now_millis: i64) -> Result<Option<Segment>, LogError> {
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
        let rows =
            self.rows::<SegmentRow>(&statement, vec![number(max_rows), millis(now_millis)])?;
        Ok(rows.into_iter().next().map(Segment::from))
    }

    fn next_sealed(&self, after: u64) -> Result<Option<Segment>, LogError> {
        let statement = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment WHERE state = ? AND number > ? \
             ORDER BY number LIMIT 1"
        );
        let state = SegmentState::Sealed.as_str().into();
        let rows = self.rows::<SegmentRow>(&statement, vec![state, number(after)])?;
        Ok(rows.into_iter().next().map(Segment::from))
    }

    fn segment_rows(&self, segment: u64) -> Result<Vec<LogRow>, LogError> {
        let statement = "SELECT id, model_version, record FROM prediction WHERE seq BETWEEN \
                         (SELECT first_seq FROM segment WHERE number = ?) AND \
                         (SELECT last_seq FROM segment WHERE number = ?) ORDER BY id";
        let bindings = vec![number(segment), number(segment)];
        let rows = self.rows::<PredictionRow>(statement, bindings)?;
        Ok(rows.into_iter().map(LogRow::from).collect())
    }

    fn mark_stored(&self, segment: u64) -> Result<(), LogError> {
        let statement = "UPDATE segment SET state = 'stored' WHERE number = ? AND state = 'sealed'";
        self.run(statement, vec![number(segment)])
    }

    fn drop_rows(&self, sealed_before_millis: i64) -> Result<u64, LogError> {
        #[derive(Deserialize)]
        struct Stored {
            number: u64,
            first_seq: i64,
            last_seq: i64,
            rows: u64,
        }
        self.atomically(|| {
            let statement = "SELECT number, first_seq, last_seq, rows FROM segment \
                             WHERE state = 'stored' AND sealed_at < ?";
            let mut dropped = 0;
            for old in self.rows::<Stored>(statement, vec![millis(sealed_before_millis)])? {
                let range = vec![millis(old.first_seq), millis(old.last_seq)];
                self.run("DELETE FROM prediction WHERE seq BETWEEN ? AND ?", range)?;
                let cold = "UPDATE segment SET state = 'cold' WHERE number = ?";
                self.run(cold, vec![number(old.number)])?;
                dropped += old.rows;
            }
            Ok(dropped)
        })
    }

    fn forget(&self, sealed_before_millis: i64, tags_before_millis: i64) -> Result<(), LogError> {
        self.atomically(|| {
            // The last segment's row stays: numbers and ranges go on from it.
            let segments = "DELETE FROM segment WHERE state = 'cold' AND sealed_at < ? \
                            AND number < (SELECT max(number) FROM segment)";
            self.run(segments, vec![millis(sealed_before_millis)])?;
            let tags = "DELETE FROM applied WHERE applied_at < ?";
            self.run(tags, vec![millis(tags_before_millis)])
        })
    }

    fn read(&self, query: &HistoryQuery) -> Result<HotAndCold, LogError> {
        // Bounds that are always there keep it one statement: ids are hex digits and dashes.
        let before: SqlStorageValue = query.before_id.as_deref().unwrap_or("g").into();
        let from: SqlStorageValue = query.from_id.as_deref().unwrap_or("").into();
        let mut bindings = vec![before.clone(), from.clone()];
        let mut version = "";
        if let Some(wanted) = query.model_version {
            version = "AND model_version = ?";
            bindings.push(number(wanted));
        }
        bindings.push(number(query.limit.try_into().unwrap_or(u64::MAX)));
        let hot = format!(
            "SELECT id, model_version, record FROM prediction \
             WHERE id < ? AND id >= ? {version} ORDER BY id DESC LIMIT ?"
        );
        let hot = self.rows::<PredictionRow>(&hot, bindings)?;
        let cold = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment \
             WHERE state = 'cold' AND from_id < ? AND to_id >= ?"
        );
        let cold = self.rows::<SegmentRow>(&cold, vec![before, from])?;
        Ok(HotAndCold {
            hot: hot.into_iter().map(LogRow::from).collect(),
            cold: cold.into_iter().map(Segment::from).collect(),
        })
    }

    fn counters(&self) -> Result<Counters, LogError> {
        #[derive(Deserialize)]
        struct Total {
            key: String,
            value: u64,
        }
        let totals = self.rows::<Total>("SELECT key, value FROM counter", Vec::new())?;
        Ok(totals.into_iter().map(|total| (total.key, total.value)).collect())
    }
}
