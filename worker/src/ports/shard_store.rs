//! What a log shard keeps on its own disk (SQLite in a Durable Object at the edge).
//!
//! The calls are synchronous and each is atomic; `services::log::shard` strings them together. A
//! row's way: open (no segment) -> sealed -> stored (also in the segment store) -> dropped
//! (only there). A segment is read from the shard until its rows are dropped, and from the
//! segment store from then on: never from both.

use std::collections::BTreeSet;

use super::{
    Batch, ErasureStore, HistoryQuery, LabelStore, LogPage, LogRow, ShardId, ShardStatus,
    StorageError, StoredSegment,
};

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    /// Its rows are fixed, but not yet known to be in the segment store.
    Sealed,
    /// In the segment store, and here too.
    Stored,
    /// Only in the segment store.
    Cold,
}

impl SegmentState {
    /// As written in the shard's index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Stored => "stored",
            Self::Cold => "cold",
        }
    }
}

/// A segment in the shard's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number, from 1 up.
    pub number: u64,
    /// What it covers.
    pub meta: StoredSegment,
    /// When its rows were fixed, in milliseconds since the Unix epoch.
    pub sealed_at: i64,
}

/// How much a segment holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Rows.
    pub rows: u64,
    /// Bytes of their records, with a line's end each; a single longer row is a segment.
    pub bytes: u64,
}

/// Result of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Whether the batch was new; `false` for a retry that changed nothing.
    pub fresh: bool,
    /// Rows that have no segment yet, this batch's included. It may be more by the rows that came
    /// again among them, but is 0 if there are none.
    pub open_rows: u64,
}

/// One consistent look at the shard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HotAndCold {
    /// Selected rows that are kept here.
    pub hot: LogPage,
    /// Segments that may hold selected rows, by ids and versions, and are kept only in the segment
    /// store.
    pub cold: Vec<Segment>,
}

/// A shard's own storage.
pub trait ShardStore: LabelStore + ErasureStore {
    /// Adds rows and counters, unless the batch's tag is known.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, StorageError>;

    /// Gives the open rows that arrived first, as many as `most` allows, the next segment number;
    /// `None` if there are no open rows.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn seal(&self, most: Bounds, now_millis: i64) -> Result<Option<Segment>, StorageError>;

    /// Makes a sealed segment hold at most `max_bytes`, as [`Bounds::bytes`]: what it has beyond
    /// that becomes a sealed segment with the next number. Gives back what the segment is now, `None` if
    /// there is no such sealed segment.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn cut(&self, segment: u64, max_bytes: u64) -> Result<Option<Segment>, StorageError>;

    /// The first segment beyond number `after` that is sealed and not yet known to be stored.
    ///
    /// # Errors
    /// [`StorageError`] if the index can't be read.
    fn next_sealed(&self, after: u64) -> Result<Option<Segment>, StorageError>;

    /// The rows of a segment that is still kept here, by id.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn segment_rows(&self, segment: u64) -> Result<Vec<LogRow>, StorageError>;

    /// Notes that the segment store has the segment with so many rows, and says whether that is how many it
    /// has here. If some were erased meanwhile, it is to be stored again.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn mark_stored(&self, segment: u64, rows: u64) -> Result<bool, StorageError>;

    /// Drops the rows of stored segments sealed before `sealed_before_millis`, which makes them
    /// cold, and says how many rows went.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn drop_rows(&self, sealed_before_millis: i64) -> Result<u64, StorageError>;

    /// Forgets cold segments sealed before `sealed_before_millis` (the segment store no longer
    /// has them), labels and marks of predictions with an id below `labels_before`, and batch tags too old to be
    /// retried.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn forget(
        &self,
        sealed_before_millis: i64,
        labels_before: &str,
        tags_before_millis: i64,
    ) -> Result<(), StorageError>;

    /// One look at what `query` selects; the rows' records have at most `max_bytes` together, but
    /// there is a row if there is one.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be read.
    fn read(&self, query: &HistoryQuery, max_bytes: u64) -> Result<HotAndCold, StorageError>;

    /// Notes that `shard` has rows: in the directory each, elsewhere the shard's own number once
    /// the directory has it. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn note_shard(&self, shard: ShardId) -> Result<(), StorageError>;

    /// The shards that were noted.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn noted_shards(&self) -> Result<BTreeSet<ShardId>, StorageError>;

    /// Adds `n` to a counter total.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn count(&self, key: &str, n: u64) -> Result<(), StorageError>;

    /// What was counted, and how the shard stands.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be read.
    fn status(&self) -> Result<ShardStatus, StorageError>;
}
