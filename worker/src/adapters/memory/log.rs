//! The sharded log in this process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{MemorySegments, MemoryShard};
use crate::ports::{
    Asked, Batch, Clock, DIRECTORY, Erasure, FlushReport, HistoryQuery, HourSpan, Label,
    LabelStatus, LabelStore, LogPage, Operation, PredictionLog, Progress, Registry, ShardId,
    ShardStatus, ShardStore, StorageError, Tally,
};
use crate::services::log::shard::{Retention, Shard};
use crate::services::usage::{Count, Meter, Metered};

/// Shards in memory over one [`MemorySegments`], run by the same code as at the edge.
pub struct MemoryLog {
    shards: Mutex<BTreeMap<ShardId, Arc<MemoryShard>>>,
    segments: Arc<MemorySegments>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    lost_answers: AtomicU32,
    refusals: AtomicU32,
    ledger: Mutex<Option<Arc<dyn Registry>>>,
}

impl MemoryLog {
    /// An empty log whose segments hold at most `segment_rows` rows and whose shards keep stored
    /// rows for `hot_days`.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        segments: Arc<MemorySegments>,
        segment_rows: u64,
        hot_days: u32,
    ) -> Self {
        Self {
            shards: Mutex::default(),
            segments,
            clock,
            retention: Retention { segment_rows, hot_days, ..Retention::DEFAULT },
            lost_answers: AtomicU32::new(0),
            refusals: AtomicU32::new(0),
            ledger: Mutex::new(None),
        }
    }

    /// The next `n` appends are applied, but their callers are told that they failed.
    pub fn lose_answers(&self, n: u32) {
        self.lost_answers.store(n, Ordering::SeqCst);
    }

    /// The next `n` appends fail without being applied.
    pub fn refuse(&self, n: u32) {
        self.refusals.store(n, Ordering::SeqCst);
    }

    /// The segment store, as one shard calls it.
    fn segments(&self, shard: &MemoryShard) -> Metered<MemorySegments, Meter> {
        Metered { store: Arc::clone(&self.segments), counts: Arc::clone(&shard.meter) }
    }

    /// Where results of erasures are noted; without one they are noted nowhere.
    pub fn note_in(&self, ledger: Arc<dyn Registry>) {
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner) = Some(ledger);
    }

    /// What an alarm does at the edge.
    async fn go_on(
        &self,
        shard: &Shard<'_, MemoryShard, Metered<MemorySegments, Meter>>,
    ) -> Result<FlushReport, StorageError> {
        shard.erase_on().await?;
        shard.flush(self.clock.now_millis()).await
    }

    async fn note(
        &self,
        shard: &Shard<'_, MemoryShard, Metered<MemorySegments, Meter>>,
    ) -> Result<(), StorageError> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ledger) = ledger {
            // What can't be noted now is noted by the next flush.
            let _later = shard.note_erasures(ledger.as_ref(), self.clock.now_millis()).await;
        }
        Ok(())
    }

    /// A shard, to call it once.
    fn shard(&self, id: ShardId) -> Arc<MemoryShard> {
        let shard = self.uncalled(id);
        shard.meter.count(Operation::ObjectRequest, 1);
        shard
    }

    fn uncalled(&self, id: ShardId) -> Arc<MemoryShard> {
        let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shards.entry(id).or_default())
    }
}

/// Counts `left` down; whether it wasn't 0.
fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

fn told_to_fail() -> StorageError {
    StorageError::Unreachable("the log is told to fail".into())
}

#[async_trait]
impl PredictionLog for MemoryLog {
    async fn append(&self, shard: ShardId, batch: &Batch) -> Result<(), StorageError> {
        if take_one(&self.refusals) {
            return Err(told_to_fail());
        }
        self.shard(shard).append(batch, self.clock.now_millis())?;
        // At the edge it is called for the first rows only.
        self.uncalled(DIRECTORY).note_shard(shard)?;
        if take_one(&self.lost_answers) { Err(told_to_fail()) } else { Ok(()) }
    }

    async fn shards(&self) -> Result<BTreeSet<ShardId>, StorageError> {
        self.shard(DIRECTORY).noted_shards()
    }

    async fn history(&self, shard: ShardId, query: &HistoryQuery) -> Result<LogPage, StorageError> {
        let store = self.shard(shard);
        let (store, segments) = (store.as_ref(), &self.segments(&store));
        Shard { id: shard, store, segments, retention: self.retention }.history(query).await
    }

    async fn flush(&self, shard: ShardId) -> Result<FlushReport, StorageError> {
        let store = self.shard(shard);
        let (store, segments) = (store.as_ref(), &self.segments(&store));
        let shard = Shard { id: shard, store, segments, retention: self.retention };
        let report = self.go_on(&shard).await?;
        self.note(&shard).await?;
        Ok(report)
    }

    async fn status(&self, shard: ShardId) -> Result<ShardStatus, StorageError> {
        self.shard(shard).status()
    }

    async fn label(
        &self,
        shard: ShardId,
        labels: &[Label],
    ) -> Result<Vec<LabelStatus>, StorageError> {
        let store = self.shard(shard);
        let (store, segments) = (store.as_ref(), &self.segments(&store));
        let shard = Shard { id: shard, store, segments, retention: self.retention };
        shard.label(labels, self.clock.now_millis()).await
    }

    async fn tallies(&self, shard: ShardId, span: &HourSpan) -> Result<Vec<Tally>, StorageError> {
        self.shard(shard).tallies(span)
    }

    async fn erase(
        &self,
        shard: ShardId,
        what: &Erasure,
        asked: &Asked,
    ) -> Result<Progress, StorageError> {
        let store = self.shard(shard);
        let (store, segments) = (store.as_ref(), &self.segments(&store));
        let shard = Shard { id: shard, store, segments, retention: self.retention };
        shard.begin_erasure(what, asked)?;
        // What fails now is done by the next flush.
        let _later = self.go_on(&shard).await;
        let progress = shard.progress(what)?;
        self.note(&shard).await?;
        Ok(progress)
    }
}
