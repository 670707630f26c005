//! Counting what of the platform's allowance is used, where it is used.
//!
//! Whatever calls KV is wrapped in [`Metered`]. An isolate counts in its telemetry, and the counts travel
//! with the next batch. A Durable Object counts in its [`Meter`], which also takes calls and rows, and
//! writes the totals into its own storage beside what it writes anyway. A total is shown only once it is
//! written: else it would fall when the object is started anew, and a scraper would take that for a
//! restart from zero.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::metrics::CounterKey;
use super::telemetry::Telemetry;
use crate::ports::{
    ArtifactKey, ArtifactStore, Operation, Pointer, PointerCopy, SegmentStore, ShardId,
    StorageError, StoredSegment, Usage,
};

/// Calls that only read are written down once there are so many; a write costs a row.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "what objects write"))]
const MOST_REQUESTS: u64 = 100;

/// So are keys of KV.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "what objects write"))]
const MOST_KV_READS: u64 = 10;

/// And rows.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "what objects write"))]
const MOST_ROWS_READ: u64 = 1_000;

/// Something that counts operations.
pub(crate) trait Count: Send + Sync {
    /// It was done `n` times.
    fn count(&self, operation: Operation, n: u64);
}

impl Count for Telemetry {
    fn count(&self, operation: Operation, n: u64) {
        Telemetry::count(self, CounterKey::Operations(operation), n);
    }
}

/// A Durable Object's totals.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    totals: Mutex<Totals>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    now: Usage,
    /// As they were last written.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "what objects write"))]
    written: Usage,
}

impl Count for Meter {
    fn count(&self, operation: Operation, n: u64) {
        self.lock().now.add(operation, n);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "what objects write"))]
impl Meter {
    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on from the totals that an earlier instance wrote.
    pub(crate) fn resume(&self, written: Usage) {
        let mut totals = self.lock();
        totals.now.add_all(&written);
        totals.written = written;
    }

    /// The totals to write, with the row that this takes, if they are worth one: something was written
    /// anyway, or much was read.
    pub(crate) fn due(&self) -> Option<Usage> {
        let Totals { mut now, written } = *self.lock();
        let since = |operation: Operation| now.of(operation) - written.of(operation);
        let due = since(Operation::RowWritten) > 0
            || since(Operation::KvWrite) > 0
            || since(Operation::ObjectRequest) >= MOST_REQUESTS
            || since(Operation::KvRead) >= MOST_KV_READS
            || since(Operation::RowRead) >= MOST_ROWS_READ;
        now.add(Operation::RowWritten, 1);
        due.then_some(now)
    }

    /// To be told that what [`due`](Self::due) gave was written.
    pub(crate) fn set_written(&self, written: Usage) {
        let mut totals = self.lock();
        totals.now.add(Operation::RowWritten, 1);
        totals.written = written;
    }

    /// The totals that outlive this instance.
    pub(crate) fn written(&self) -> Usage {
        self.lock().written
    }

    /// All that was counted, for whom nothing outlives.
    pub(crate) fn now(&self) -> Usage {
        self.lock().now
    }
}

/// A store of KV whose calls are counted.
pub(crate) struct Metered<S: ?Sized, C> {
    pub(crate) store: Arc<S>,
    pub(crate) counts: Arc<C>,
}

#[async_trait]
impl<S: ArtifactStore + ?Sized, C: Count> ArtifactStore for Metered<S, C> {
    async fn put(&self, key: ArtifactKey<'_>, bytes: Vec<u8>) -> Result<(), StorageError> {
        self.counts.count(Operation::KvWrite, 1);
        self.store.put(key, bytes).await
    }

    async fn get(&self, key: ArtifactKey<'_>) -> Result<Option<Vec<u8>>, StorageError> {
        self.counts.count(Operation::KvRead, 1);
        self.store.get(key).await
    }

    /// Counted as a write, as that of a segment is.
    async fn delete(&self, key: ArtifactKey<'_>) -> Result<(), StorageError> {
        self.counts.count(Operation::KvWrite, 1);
        self.store.delete(key).await
    }
}

#[async_trait]
impl<S: PointerCopy + ?Sized, C: Count> PointerCopy for Metered<S, C> {
    async fn put(&self, pointer: &Pointer) -> Result<(), StorageError> {
        self.counts.count(Operation::KvWrite, 1);
        self.store.put(pointer).await
    }

    async fn get(&self) -> Result<Option<Pointer>, StorageError> {
        self.counts.count(Operation::KvRead, 1);
        self.store.get().await
    }
}

#[async_trait]
impl<S: SegmentStore + ?Sized, C: Count> SegmentStore for Metered<S, C> {
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
        until_millis: i64,
    ) -> Result<(), StorageError> {
        self.counts.count(Operation::KvWrite, 1);
        self.store.put(shard, segment, ndjson, meta, until_millis).await
    }

    /// Counted as a write: so few are made that an allowance of their own would say nothing.
    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
        self.counts.count(Operation::KvWrite, 1);
        self.store.delete(shard, segment).await
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        self.counts.count(Operation::KvRead, 1);
        self.store.get(shard, segment).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        let meter = Meter::default();
        meter.count(Operation::ObjectRequest, 1);
        meter.resume(
            [(Operation::ObjectRequest, 7), (Operation::RowWritten, 3)].into_iter().collect(),
        );
        meter
    }

    #[test]
    fn totals_go_on_from_those_that_were_written() {
        let meter = meter();
        assert_eq!(
            meter.written().of(Operation::ObjectRequest),
            7,
            "what isn't written isn't shown"
        );
        meter.count(Operation::RowWritten, 2);
        let due = meter.due().unwrap();
        assert_eq!(due.of(Operation::ObjectRequest), 8);
        assert_eq!(due.of(Operation::RowWritten), 6, "with the row for themselves");
        meter.set_written(due);
        assert_eq!(meter.written(), due);
        assert_eq!(meter.due(), None, "writing them is no reason to write them again");
    }

    #[test]
    fn what_only_reads_is_written_once_it_is_much() {
        for (operation, most) in [
            (Operation::ObjectRequest, MOST_REQUESTS),
            (Operation::KvRead, MOST_KV_READS),
            (Operation::RowRead, MOST_ROWS_READ),
        ] {
            let meter = Meter::default();
            meter.count(operation, most - 1);
            assert_eq!(meter.due(), None, "{operation:?}");
            meter.count(operation, 1);
            assert_eq!(meter.due().unwrap().of(operation), most, "{operation:?}");
        }
    }

    #[test]
    fn totals_that_could_not_be_written_are_due_again() {
        let meter = meter();
        meter.count(Operation::KvWrite, 1);
        assert_eq!(meter.due(), meter.due());
        assert_eq!(meter.written().of(Operation::KvWrite), 0);
    }
}
