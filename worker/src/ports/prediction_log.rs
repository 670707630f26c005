//! The prediction log as the Worker sees it: shards that take batches and give pages.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Erasure, HourSpan, Label, LabelStatus, Progress, StorageError, Tally, Usage};

/// Number of a log shard; the last byte of the ids that it keeps.
pub type ShardId = u8;

/// The shard that keeps the list of those that ever took rows.
pub const DIRECTORY: ShardId = 0;

/// Running totals or deltas by counter key (see `services::metrics`).
pub type Counters = BTreeMap<String, u64>;

/// One logged prediction, as it travels and rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Id of the prediction; ids sort by time.
    pub id: String,
    /// Registry version of the model that answered.
    pub model_version: u64,
    /// JSON text of the [`tepal_api::PredictionRecord`], on one line.
    pub record: String,
}

/// Names a batch for good, so that applying it again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BatchTag {
    /// Random name of the isolate that gathered it.
    pub isolate: String,
    /// Its number among that isolate's batches.
    pub sequence: u64,
}

/// Rows and counter deltas that are appended together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What makes a retry count once.
    pub tag: BatchTag,
    /// New rows.
    pub rows: Vec<LogRow>,
    /// What to add to the totals.
    pub counters: Counters,
}

/// How an answer turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has a label, which is the class that was answered.
    Right,
    /// It has another label.
    Wrong,
}

/// Which rows a page should hold, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// At most so many rows.
    pub limit: usize,
    /// Only ids below this one.
    pub before_id: Option<String>,
    /// Only ids from this one up.
    pub from_id: Option<String>,
    /// Only rows of this registry version.
    pub model_version: Option<u64>,
    /// Only rows that were answered with this class.
    #[serde(default)]
    pub class: Option<String>,
    /// Only rows with a label, or only those without.
    #[serde(default)]
    pub labelled: Option<bool>,
    /// Only rows that turned out so.
    #[serde(default)]
    pub outcome: Option<Outcome>,
}

impl HistoryQuery {
    /// Whether `row`, which has this label, is asked for; the limit apart.
    #[must_use]
    pub fn selects(&self, row: &LogRow, label: Option<&str>) -> bool {
        #[derive(Deserialize)]
        struct Answer {
            prediction: Option<String>,
        }
        if self.before_id.as_ref().is_some_and(|before| row.id >= *before)
            || self.from_id.as_ref().is_some_and(|from| row.id < *from)
            || self.model_version.is_some_and(|version| version != row.model_version)
            || self.labelled.is_some_and(|labelled| labelled != label.is_some())
        {
            return false;
        }
        if self.class.is_none() && self.outcome.is_none() {
            return true;
        }
        let answer = crate::json::from_str::<Answer>(&row.record).ok();
        let Some(class) = answer.and_then(|answer| answer.prediction) else { return false };
        let turned_out = |label| if class == label { Outcome::Right } else { Outcome::Wrong };
        self.class.as_ref().is_none_or(|wanted| *wanted == class)
            && self.outcome.is_none_or(|wanted| label.map(turned_out) == Some(wanted))
    }

    /// Whether only rows with a label are asked for.
    #[must_use]
    pub fn needs_label(&self) -> bool {
        self.labelled == Some(true) || self.outcome.is_some()
    }

    /// Whether it matters which rows have labels.
    #[must_use]
    pub fn asks_for_labels(&self) -> bool {
        self.labelled.is_some() || self.outcome.is_some()
    }
}

/// Rows, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The rows.
    pub rows: Vec<LogRow>,
    /// If rows that were asked for may follow: all of them are below this id. A page may have no row and
    /// still go on, where looking for more would have taken too long.
    pub next: Option<String>,
}

/// What a flush did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlushReport {
    /// Rows given a segment number.
    pub rows_sealed: u64,
    /// Segments put into the segment store.
    pub segments_stored: u64,
    /// Rows in them.
    pub rows_stored: u64,
    /// Rows dropped from the shard because only the segment store needs to keep them.
    pub rows_dropped: u64,
    /// Whether there is more to do, which another flush goes on with.
    #[serde(default)]
    pub more: bool,
}

/// What a shard has counted, and how it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardStatus {
    /// Its counter totals.
    pub counters: Counters,
    /// Rows that the segment store doesn't have yet. It may be more by those that came again or were erased
    /// among them, but is 0 if there are none.
    pub waiting_rows: u64,
    /// Id of the one among them that arrived first.
    pub first_waiting: Option<String>,
    /// Bytes that the shard takes up, if it knows.
    pub bytes: Option<u64>,
    /// What the shard has used of the platform so far; it never falls.
    pub usage: Usage,
}

/// The sharded prediction log.
#[async_trait]
pub trait PredictionLog: Send + Sync {
    /// Adds the batch's rows and counters, all or nothing. A batch whose tag was applied before
    /// changes nothing and succeeds.
    ///
    /// # Errors
    /// [`StorageError`]; the batch may then have been applied or not, and can safely be sent again.
    async fn append(&self, shard: ShardId, batch: &Batch) -> Result<(), StorageError>;

    /// Every shard that ever took rows; [`DIRECTORY`] need not be among them. A shard enters itself
    /// with its first rows, or where that fails with its next flush.
    ///
    /// # Errors
    /// [`StorageError`] if the list can't be read.
    async fn shards(&self) -> Result<BTreeSet<ShardId>, StorageError>;

    /// The newest rows that `query` selects, newest first, each exactly once. A page may end before
    /// the limit, where rows are long or far between; the next one goes on below its `next`.
    ///
    /// # Errors
    /// [`StorageError`] if shard or segment store can't be read.
    async fn history(&self, shard: ShardId, query: &HistoryQuery) -> Result<LogPage, StorageError>;

    /// Moves rows that have no segment yet into the segment store, as many segments as one call may, and
    /// drops what is old.
    ///
    /// # Errors
    /// [`StorageError`]; what was sealed stays sealed and the next flush goes on from there.
    async fn flush(&self, shard: ShardId) -> Result<FlushReport, StorageError>;

    /// What the shard has counted, and how it stands.
    ///
    /// # Errors
    /// [`StorageError`] if the shard can't be read.
    async fn status(&self, shard: ShardId) -> Result<ShardStatus, StorageError>;

    /// Records labels of the shard's predictions and says what became of each, in their order. One that
    /// was recorded before is `Unchanged`, another one for the same prediction a `Conflict`.
    ///
    /// # Errors
    /// [`StorageError`] if shard or segment store can't be asked; the labels may then have been recorded
    /// or not, and can safely be sent again.
    async fn label(
        &self,
        shard: ShardId,
        labels: &[Label],
    ) -> Result<Vec<LabelStatus>, StorageError>;

    /// The shard's counts of predictions that were made in `span`.
    ///
    /// # Errors
    /// [`StorageError`] if the shard can't be read.
    async fn tallies(&self, shard: ShardId, span: &HourSpan) -> Result<Vec<Tally>, StorageError>;

    /// Erases predictions for good and says how far it got. No reader sees them from now on; what remains
    /// in the segment store is erased by the shard itself, which notes the result in the ledger.
    ///
    /// # Errors
    /// [`StorageError`] if the shard can't be asked; it may then go on or not, and can be asked again.
    async fn erase(
        &self,
        shard: ShardId,
        what: &Erasure,
        asked: &Asked,
    ) -> Result<Progress, StorageError>;
}
