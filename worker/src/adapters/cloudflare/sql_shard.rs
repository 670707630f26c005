//! A shard's storage in the SQLite of its Durable Object.
//!
//! A segment is a range of `seq`, so sealing writes one index row and touches no prediction. A
//! batch arrives as JSON text and SQLite takes it apart (`json_each`): one bound value a
//! statement however many rows there are, and numbers stay the text that they were.

use model_core::filled;
use std::collections::BTreeSet;
use std::slice::from_ref;
use std::sync::Arc;

use serde::Deserialize;
use worker::Storage;

use super::sqlite::{Database, Migrations, Value};
use super::{sql_erasure, sql_labels};
use crate::ports::{
    Appended, Batch, Bounds, HistoryQuery, HotAndCold, LogPage, LogRow, Outcome, Segment,
    SegmentState, ShardId, ShardStatus, ShardStore, StorageError, StoredSegment,
};
use crate::services::log::wire;
use crate::services::usage::Meter;

/// The first step makes only what is missing, because shards had these tables before migrations
/// were numbered.
const MIGRATIONS: Migrations = &[
    "
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
",
    "
CREATE TABLE noted_shard (shard INTEGER PRIMARY KEY);
",
    sql_labels::MIGRATION,
    sql_erasure::MIGRATION,
    // Without these every append and every flush reads the whole list of segments.
    "
CREATE INDEX segment_by_last_row ON segment (last_seq);
CREATE INDEX segment_by_state ON segment (state, sealed_at);
",
    sql_labels::COUNT_EARLIER_LABELS,
    sql_erasure::ERASURES,
];

pub(super) const SEGMENT_COLUMNS: &str = "number, from_id, to_id, rows, versions, sealed_at";

/// Of `next`, which has `seq` and `bytes`, the rows from the first on that have at most `?` bytes
/// together; at least one.
const FITTING: &str = "(SELECT seq FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq) AS total, \
    row_number() OVER (ORDER BY seq) AS place FROM next) WHERE total <= ? OR place = 1)";

/// Enters the rows within `bounds`, if there are any, into the index as the next segment, sealed at
/// `?`. A segment's versions are the lowest sixteen, as `StoredSegment` says.
const OWN_AND_ITS_ENTRY: &str = "\
    own AS (SELECT seq, id, model_version FROM prediction, bounds \
      WHERE seq BETWEEN bounds.first_seq AND bounds.last_seq) \
    INSERT INTO segment \
    SELECT (SELECT coalesce(max(number), 0) + 1 FROM segment), 'sealed', min(seq), max(seq), \
      min(id), max(id), count(*), \
      (SELECT json_group_array(model_version) FROM \
        (SELECT DISTINCT model_version FROM own ORDER BY model_version LIMIT 16)), ? \
    FROM own HAVING count(*) > 0 RETURNING number, from_id, to_id, rows, versions, sealed_at";

/// The storage of one Durable Object.
pub(super) struct SqlShard {
    pub(super) database: Database,
}

impl SqlShard {
    /// Opens the storage and brings its tables up to date.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn open(storage: Storage, meter: Arc<Meter>) -> Result<Self, StorageError> {
        Ok(Self { database: Database::open(storage, MIGRATIONS, meter)? })
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
        #[derive(Deserialize)]
        struct Last {
            last: i64,
        }
        let batch = Value::from(batch);
        self.database.atomically(|| {
            let tag = "INSERT INTO applied SELECT json_extract(value, '$.isolate'), \
                       json_extract(value, '$.sequence'), ? FROM (SELECT ? AS value) WHERE true \
                       ON CONFLICT DO NOTHING RETURNING sequence";
            let fresh = self.database.first::<Tag>(tag, &[now.into(), batch.clone()])?.is_some();
            if fresh {
                let last = "SELECT coalesce(max(seq), 0) AS last FROM prediction";
                let last = self.database.first::<Last>(last, &[])?.map_or(0, |row| row.last);
                let rows = "INSERT OR IGNORE INTO prediction (id, model_version, record) \
                            SELECT json_extract(value, '$.id'), \
                            json_extract(value, '$.model_version'), value \
                            FROM json_each(?, '$.rows')";
                self.database.run(rows, from_ref(&batch))?;
                self.database.run(sql_labels::COUNT_ROWS, &[last.into()])?;
                self.add_counters(&batch)?;
            }
            Ok(Appended { fresh, open_rows: self.open_rows()? })
        })
    }

    /// Adds the `counters` of some JSON to the totals.
    pub(super) fn add_counters(&self, json: &Value) -> Result<(), StorageError> {
        let statement = "INSERT INTO counter SELECT json_extract(value, '$[0]'), \
                         json_extract(value, '$[1]') FROM json_each(?, '$.counters') \
                         WHERE true ON CONFLICT (key) \
                         DO UPDATE SET value = value + excluded.value";
        self.database.run(statement, from_ref(json))
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

    /// The selected rows that are here. How many fit is counted before their records are read.
    fn hot(&self, query: &HistoryQuery, max_bytes: u64) -> Result<LogPage, StorageError> {
        #[derive(Deserialize)]
        struct Count {
            found: u64,
            fitting: u64,
        }
        let limit = u64::try_from(query.limit).unwrap_or(u64::MAX);
        let (selected, mut values) = selection(query);
        let count = format!(
            "WITH next AS (SELECT prediction.id, octet_length(record) AS bytes {selected} \
               LIMIT ?) \
             SELECT count(*) AS found, \
               count(*) FILTER (WHERE place <= ? AND (total <= ? OR place = 1)) AS fitting FROM \
               (SELECT sum(bytes) OVER (ORDER BY id DESC) AS total, \
                 row_number() OVER (ORDER BY id DESC) AS place FROM next)"
        );
        let mut counting = values.clone();
        counting.extend([limit.saturating_add(1).into(), limit.into(), max_bytes.into()]);
        let Some(count) = self.database.first::<Count>(&count, &counting)? else {
            return Ok(LogPage::default());
        };
        values.push(count.fitting.into());
        let rows = format!("SELECT prediction.id, model_version, record {selected} LIMIT ?");
        let rows = self.database.rows::<PredictionRow>(&rows, &values)?;
        let rows: Vec<LogRow> = rows.into_iter().map(LogRow::from).collect();
        let more = count.found > count.fitting;
        let next = rows.last().filter(|_| more).map(|row| row.id.clone());
        Ok(LogPage { rows, next })
    }

    /// The segments that are no longer here and may hold selected rows.
    fn cold(&self, query: &HistoryQuery) -> Result<Vec<Segment>, StorageError> {
        let mut values = id_bounds(query);
        let mut version = "";
        if let Some(wanted) = query.model_version {
            // A full list may have left out the one that is wanted.
            version = "AND (json_array_length(versions) >= ? \
                       OR EXISTS (SELECT 1 FROM json_each(versions) WHERE value = ?))";
            values.extend([StoredSegment::MOST_VERSIONS as u64, wanted].map(Value::from));
        }
        let labelled = if query.needs_label() {
            "AND EXISTS (SELECT 1 FROM label WHERE id BETWEEN from_id AND to_id)"
        } else {
            ""
        };
        let statement = format!(
            "SELECT {SEGMENT_COLUMNS} FROM segment \
             WHERE state = 'cold' AND from_id < ? AND to_id >= ? {version} {labelled}"
        );
        let segments = self.database.rows::<SegmentRow>(&statement, &values)?;
        Ok(segments.into_iter().map(Segment::from).collect())
    }

    /// Whether it never took a row.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn is_new(&self) -> Result<bool, StorageError> {
        #[derive(Deserialize)]
        struct Is {
            new: u8,
        }
        let statement = "SELECT NOT EXISTS (SELECT 1 FROM prediction) \
                         AND NOT EXISTS (SELECT 1 FROM segment) AS new";
        Ok(self.database.first::<Is>(statement, &[])?.is_none_or(|row| row.new == 1))
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

/// Which rows that are here `query` selects, newest first, from `FROM` on, with its values. Where only
/// rows with a label are asked for, it goes through the labels, which are fewer.
fn selection(query: &HistoryQuery) -> (String, Vec<Value>) {
    let mut values = id_bounds(query);
    let (tables, id) = if query.needs_label() {
        ("label CROSS JOIN prediction ON prediction.id = label.id", "label.id")
    } else {
        ("prediction", "prediction.id")
    };
    let mut selected = format!("FROM {tables} WHERE {id} < ? AND {id} >= ?");
    if let Some(version) = query.model_version {
        selected.push_str(" AND model_version = ?");
        values.push(version.into());
    }
    if let Some(class) = &query.class {
        selected.push_str(" AND json_extract(record, '$.prediction') = ?");
        values.push(class.as_str().into());
    }
    if query.labelled == Some(false) {
        selected
            .push_str(" AND NOT EXISTS (SELECT 1 FROM label AS its WHERE its.id = prediction.id)");
    }
    selected.push_str(match query.outcome {
        Some(Outcome::Right) => " AND label.label = json_extract(record, '$.prediction')",
        Some(Outcome::Wrong) => " AND label.label <> json_extract(record, '$.prediction')",
        None => "",
    });
    selected.push_str(&format!(" ORDER BY {id} DESC"));
    (selected, values)
}

/// Values for `id < ? AND id >= ?`. Bounds that are always there keep it one statement: ids are hex
/// digits and dashes.
fn id_bounds(query: &HistoryQuery) -> Vec<Value> {
    let before = query.before_id.as_deref().unwrap_or("g");
    vec![before.into(), query.from_id.as_deref().unwrap_or("").into()]
}

#[derive(Deserialize)]
pub(super) struct PredictionRow {
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
pub(super) struct SegmentRow {
    number: u64,
    from_id: String,
    to_id: String,
    rows: u64,
    versions: String,
    sealed_at: i64,
}

impl From<SegmentRow> for Segment {
    fn from(row: SegmentRow) -> Self {
        let versions = crate::json::from_str(&row.versions).unwrap_or_default();
        let meta = StoredSegment { from: row.from_id, to: row.to_id, rows: row.rows, versions };
        Self { number: row.number, meta, sealed_at: row.sealed_at }
    }
}

impl ShardStore for SqlShard {
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, StorageError> {
        self.append_text(&wire::write_batch(batch)?, now_millis)
    }

    fn seal(&self, most: Bounds, now_millis: i64) -> Result<Option<Segment>, StorageError> {
        let statement = format!(
            "WITH next AS (SELECT seq, octet_length(record) + 1 AS bytes FROM prediction \
               WHERE seq > (SELECT coalesce(max(last_seq), 0) FROM segment) \
               ORDER BY seq LIMIT ?), \
             bounds AS (SELECT min(seq) AS first_seq, max(seq) AS last_seq FROM {FITTING}), \
             {OWN_AND_ITS_ENTRY}"
        );
        let values = [most.rows.into(), most.bytes.into(), now_millis.into()];
        Ok(self.database.first::<SegmentRow>(&statement, &values)?.map(Segment::from))
    }

    fn cut(&self, segment: u64, max_bytes: u64) -> Result<Option<Segment>, StorageError> {
        #[derive(Deserialize)]
        struct Range {
            first_seq: i64,
            kept_seq: i64,
            last_seq: i64,
            sealed_at: i64,
        }
        let range = format!(
            "WITH whole AS (SELECT * FROM segment WHERE number = ? AND state = 'sealed'), \
             next AS (SELECT seq, octet_length(record) + 1 AS bytes FROM prediction, whole \
               WHERE seq BETWEEN first_seq AND last_seq) \
             SELECT first_seq, last_seq, sealed_at, \
               (SELECT coalesce(max(seq), whole.last_seq) FROM {FITTING}) AS kept_seq FROM whole"
        );
        let bounds = "bounds AS (SELECT ? AS first_seq, ? AS last_seq)";
        let entry = format!("WITH {bounds}, {OWN_AND_ITS_ENTRY}");
        let unchanged = format!("SELECT {SEGMENT_COLUMNS} FROM segment WHERE number = ?");
        self.database.atomically(|| {
            let values = [segment.into(), max_bytes.into()];
            let Some(range) = self.database.first::<Range>(&range, &values)? else {
                return Ok(None);
            };
            if range.kept_seq < range.last_seq {
                let enter = |first: i64, last: i64| {
                    let values = [first.into(), last.into(), range.sealed_at.into()];
                    self.database.rows::<SegmentRow>(&entry, &values)
                };
                // What is kept is entered anew, and takes the number of the whole.
                enter(range.first_seq, range.kept_seq)?;
                self.database.run("DELETE FROM segment WHERE number = ?", &[segment.into()])?;
                let head = "UPDATE segment SET number = ? \
                            WHERE number = (SELECT max(number) FROM segment)";
                self.database.run(head, &[segment.into()])?;
                enter(range.kept_seq + 1, range.last_seq)?;
            }
            let now = self.database.first::<SegmentRow>(&unchanged, &[segment.into()])?;
            Ok(now.map(Segment::from))
        })
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

    fn mark_stored(&self, segment: u64, rows: u64) -> Result<bool, StorageError> {
        #[derive(Deserialize)]
        struct Marked {
            state: String,
        }
        let statement = "UPDATE segment SET state = iif(rows = ?, 'stored', 'sealed') \
                         WHERE number = ? AND state <> 'cold' RETURNING state";
        let marked = self.database.first::<Marked>(statement, &[rows.into(), segment.into()])?;
        Ok(marked.is_none_or(|marked| marked.state == SegmentState::Stored.as_str()))
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
        labels_before: &str,
        tags_before_millis: i64,
    ) -> Result<(), StorageError> {
        self.database.atomically(|| {
            // The last segment's row stays: numbers and ranges go on from it.
            let segments = "DELETE FROM segment WHERE state = 'cold' AND sealed_at < ? \
                            AND number < (SELECT max(number) FROM segment)";
            self.database.run(segments, &[sealed_before_millis.into()])?;
            self.database.run("DELETE FROM label WHERE id < ?", &[labels_before.into()])?;
            self.database.run("DELETE FROM erased WHERE id < ?", &[labels_before.into()])?;
            let due = "DELETE FROM anew WHERE segment NOT IN (SELECT number FROM segment)";
            self.database.run(due, &[])?;
            let tags = "DELETE FROM applied WHERE applied_at < ?";
            self.database.run(tags, &[tags_before_millis.into()])
        })
    }

    fn read(&self, query: &HistoryQuery, max_bytes: u64) -> Result<HotAndCold, StorageError> {
        Ok(HotAndCold { hot: self.hot(query, max_bytes)?, cold: self.cold(query)? })
    }

    fn note_shard(&self, shard: ShardId) -> Result<(), StorageError> {
        let statement = "INSERT OR IGNORE INTO noted_shard (shard) VALUES (?)";
        self.database.run(statement, &[u64::from(shard).into()])
    }

    fn noted_shards(&self) -> Result<BTreeSet<ShardId>, StorageError> {
        #[derive(Deserialize)]
        struct Noted {
            shard: ShardId,
        }
        let rows = self.database.rows::<Noted>("SELECT shard FROM noted_shard", &[])?;
        Ok(rows.into_iter().map(|row| row.shard).collect())
    }

    fn count(&self, key: &str, n: u64) -> Result<(), StorageError> {
        let statement = "INSERT INTO counter (key, value) VALUES (?, ?) \
                         ON CONFLICT (key) DO UPDATE SET value = value + excluded.value";
        self.database.run(statement, &[key.into(), n.into()])
    }

    fn status(&self) -> Result<ShardStatus, StorageError> {
        #[derive(Deserialize)]
        struct Total {
            key: String,
            value: u64,
        }
        #[derive(Deserialize)]
        struct Waiting {
            sealed: u64,
            first: Option<String>,
        }
        let waiting = "SELECT coalesce(sum(rows), 0) AS sealed, coalesce(min(from_id), \
                       (SELECT id FROM prediction WHERE seq > \
                         (SELECT coalesce(max(last_seq), 0) FROM segment) ORDER BY seq LIMIT 1)) \
                       AS first FROM segment WHERE state = 'sealed'";
        let waiting: Option<Waiting> = self.database.first(waiting, &[])?;
        let Waiting { sealed, first } = waiting.unwrap_or(Waiting { sealed: 0, first: None });
        let totals = self.database.rows::<Total>("SELECT key, value FROM counter", &[])?;
        Ok(ShardStatus {
            counters: filled(totals.into_iter().map(|total| (total.key, total.value))),
            waiting_rows: self.open_rows()? + sealed,
            first_waiting: first,
            bytes: self.database.bytes(),
            usage: self.database.usage(),
        })
    }
}
