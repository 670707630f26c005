//! Rows on their way to the log, shared by all requests of an isolate, and batches of them with what
//! [`Telemetry`] counted meanwhile.
//!
//! Invariant: a row or a count is in exactly one place: pending, or in one batch. A batch keeps
//! its tag until it is acknowledged, so that it can be sent any number of times and counts once.
//! Its content stays too, but for a row that is withdrawn with its counts. Nothing here waits:
//! requests must not wait for each other's I/O in a Worker.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::{Batch, BatchTag, LogRow};
use crate::services::metrics::CounterKey;
use crate::services::telemetry::Telemetry;

/// Rows that make a flush start at once.
pub(crate) const MAX_PENDING_ROWS: usize = 64;

/// Bytes of records that do so too: one SQL value holds at most 2 MB.
const MAX_PENDING_BYTES: usize = 512 * 1024;

/// How long rows are gathered otherwise.
pub(crate) const GATHER_MILLIS: u32 = 50;

/// A started flush that hasn't taken its rows after so long was lost with its request.
const LOST_FLUSH_MILLIS: i64 = 1_000;

/// A batch that is neither acknowledged nor put back after so long was cut off with its request:
/// three tries and the waits between them are over by then, unless the log is very slow, and
/// then sending it twice does no harm.
const LOST_SEND_MILLIS: i64 = 30_000;

/// Unacknowledged batches that are kept; beyond them the oldest is given up.
const MAX_UNACKNOWLEDGED: usize = 64;

/// When a request should flush the buffer after its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flush {
    /// Not at all: others see to it.
    Never,
    /// Send what is pending after [`GATHER_MILLIS`].
    Soon,
    /// Send what is pending at once.
    Now,
}

/// The isolate's buffer.
#[derive(Debug, Default)]
pub(crate) struct LogBuffer {
    telemetry: Arc<Telemetry>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    isolate: String,
    sequence: u64,
    rows: Vec<LogRow>,
    row_bytes: usize,
    flushing_since: Option<i64>,
    unacknowledged: VecDeque<Unacknowledged>,
}

#[derive(Debug)]
struct Unacknowledged {
    batch: Arc<Batch>,
    /// Since when somebody is sending it; `None` once that failed.
    sending_since: Option<i64>,
}

impl Unacknowledged {
    /// Somebody is sending it and may still succeed.
    fn in_flight(&self, now_millis: i64) -> bool {
        self.sending_since.is_some_and(|since| now_millis - since < LOST_SEND_MILLIS)
    }
}

impl LogBuffer {
    /// An empty buffer of the isolate with this random name, whose counts travel with its rows.
    pub(crate) fn new(isolate: String, telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry, inner: Mutex::new(Inner { isolate, ..Inner::default() }) }
    }

    /// The isolate's counters.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a row for the next batch.
    pub(crate) fn push(&self, row: LogRow) {
        let mut inner = self.lock();
        inner.row_bytes += row.record.len();
        inner.rows.push(row);
    }

    /// What the caller has to do about what is pending. The first to be told to flush is the
    /// only one, until it takes the rows or was lost.
    pub(crate) fn claim(&self, now_millis: i64) -> Flush {
        let mut inner = self.lock();
        if inner.rows.len() >= MAX_PENDING_ROWS || inner.row_bytes >= MAX_PENDING_BYTES {
            return Flush::Now;
        }
        let pending =
            inner.flushing_since.is_some_and(|since| now_millis - since < LOST_FLUSH_MILLIS);
        if pending || (self.telemetry.is_empty() && inner.is_empty(now_millis)) {
            return Flush::Never;
        }
        inner.flushing_since = Some(now_millis);
        Flush::Soon
    }

    /// Everything that should be sent by the caller: what is pending, as a batch, and batches
    /// whose sending failed or was cut off. With `all`, also batches that another request is sending: sending
    /// them twice does no harm, and tells that they arrived.
    pub(crate) fn take(&self, all: bool, now_millis: i64) -> Vec<Arc<Batch>> {
        let mut inner = self.lock();
        inner.flushing_since = None;
        inner.seal(&self.telemetry);
        inner
            .unacknowledged
            .iter_mut()
            .filter(|entry| all || !entry.in_flight(now_millis))
            .map(|entry| {
                entry.sending_since = Some(now_millis);
                Arc::clone(&entry.batch)
            })
            .collect()
    }

    /// What is pending, with `row` and its counts, as a batch that the caller sends.
    pub(crate) fn take_with(
        &self,
        row: LogRow,
        counts: &[(CounterKey, u64)],
        now_millis: i64,
    ) -> Option<Arc<Batch>> {
        self.push(row);
        for (key, n) in counts {
            self.telemetry.count(key.clone(), *n);
        }
        let mut inner = self.lock();
        inner.seal(&self.telemetry);
        let entry = inner.unacknowledged.back_mut()?;
        entry.sending_since = Some(now_millis);
        Some(Arc::clone(&entry.batch))
    }

    /// Takes a row and its counts out of a batch that isn't known to have arrived. If it did
    /// arrive, both stay in the log, because its tag is known there; else neither gets there.
    pub(crate) fn withdraw(&self, tag: &BatchTag, id: &str, counts: &[(CounterKey, u64)]) {
        let mut inner = self.lock();
        for entry in &mut inner.unacknowledged {
            if entry.batch.tag != *tag {
                continue;
            }
            let batch = Arc::make_mut(&mut entry.batch);
            batch.rows.retain(|row| row.id != id);
            let appended = [(CounterKey::LogRowsAppended, 1)];
            for (key, n) in counts.iter().chain(&appended) {
                if let Some(total) = batch.counters.get_mut(&key.to_text()) {
                    *total = total.saturating_sub(*n);
                }
            }
            batch.counters.retain(|_, total| *total > 0);
        }
        let is_empty = |batch: &Batch| batch.rows.is_empty() && batch.counters.is_empty();
        inner.unacknowledged.retain(|entry| !is_empty(&entry.batch));
    }

    /// Rows that are pending, or in a batch that isn't known to have arrived.
    pub(crate) fn held_rows(&self) -> usize {
        let inner = self.lock();
        let sent = inner.unacknowledged.iter().map(|entry| entry.batch.rows.len());
        inner.rows.len() + sent.sum::<usize>()
    }

    /// Forgets a batch that was applied.
    pub(crate) fn acknowledge(&self, tag: &BatchTag) {
        self.lock().unacknowledged.retain(|entry| entry.batch.tag != *tag);
    }

    /// Leaves a batch whose sending failed to the next flush.
    pub(crate) fn put_back(&self, tag: &BatchTag) {
        let mut inner = self.lock();
        for entry in &mut inner.unacknowledged {
            if entry.batch.tag == *tag {
                entry.sending_since = None;
            }
        }
    }
}

impl Inner {
    fn is_empty(&self, now_millis: i64) -> bool {
        self.rows.is_empty() && self.unacknowledged.iter().all(|entry| entry.in_flight(now_millis))
    }

    /// Makes a batch of what is pending, if anything is.
    fn seal(&mut self, telemetry: &Telemetry) {
        let rows = std::mem::take(&mut self.rows);
        self.row_bytes = 0;
        if !rows.is_empty() {
            let n = rows.len().try_into().unwrap_or(u64::MAX);
            telemetry.count(CounterKey::LogRowsAppended, n);
        }
        let counters = telemetry.take();
        if rows.is_empty() && counters.is_empty() {
            return;
        }
        self.sequence += 1;
        let tag = BatchTag { isolate: self.isolate.clone(), sequence: self.sequence };
        let batch = Arc::new(Batch { tag, rows, counters });
        self.unacknowledged.push_back(Unacknowledged { batch, sending_since: None });
        self.give_up_beyond(MAX_UNACKNOWLEDGED, telemetry);
    }

    /// Gives up the oldest batches: a log that is away for long must not fill the memory. Its
    /// counts go too, because nobody knows whether they arrived.
    fn give_up_beyond(&mut self, most: usize, telemetry: &Telemetry) {
        while self.unacknowledged.len() > most {
            let Some(lost) = self.unacknowledged.pop_front() else { return };
            let n = lost.batch.rows.len().try_into().unwrap_or(u64::MAX);
            telemetry.count(CounterKey::LogRowsDropped, n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> LogRow {
        LogRow { id: id.into(), model_version: 1, record: "{}".into() }
    }

    fn buffer() -> LogBuffer {
        LogBuffer::new("isolate".into(), Arc::default())
    }

    #[test]
    fn one_flush_is_pending_at_a_time() {
        let buffer = buffer();
        assert_eq!(buffer.claim(0), Flush::Never);
        buffer.push(row("a"));
        assert_eq!(buffer.claim(0), Flush::Soon);
        buffer.push(row("b"));
        assert_eq!(buffer.claim(10), Flush::Never);
        assert_eq!(buffer.take(false, 50)[0].rows.len(), 2);
        buffer.push(row("c"));
        assert_eq!(buffer.held_rows(), 3);
        assert_eq!(buffer.claim(60), Flush::Soon);
    }

    #[test]
    fn a_lost_flush_is_taken_over() {
        let buffer = buffer();
        buffer.push(row("a"));
        assert_eq!(buffer.claim(0), Flush::Soon);
        assert_eq!(buffer.claim(999), Flush::Never);
        assert_eq!(buffer.claim(1_000), Flush::Soon);
    }

    #[test]
    fn a_full_buffer_is_flushed_at_once() {
        let buffer = buffer();
        for n in 0..MAX_PENDING_ROWS {
            buffer.push(row(&n.to_string()));
        }
        assert_eq!(buffer.claim(0), Flush::Now);
    }

    #[test]
    fn a_batch_keeps_its_tag_until_it_is_acknowledged() {
        let buffer = buffer();
        buffer.push(row("a"));
        let first = buffer.take(false, 0);
        assert_eq!(buffer.take(false, 0), []);
        assert_eq!(buffer.take(true, 0), first, "a reader may send it again");
        buffer.put_back(&first[0].tag);
        assert_eq!(buffer.take(false, 0), first, "a failed one is sent again as it was");
        buffer.acknowledge(&first[0].tag);
        assert_eq!(buffer.take(true, 0), []);
    }

    #[test]
    fn a_batch_whose_sending_was_cut_off_is_taken_over() {
        let buffer = buffer();
        buffer.push(row("a"));
        let first = buffer.take(false, 0);
        assert_eq!(buffer.claim(LOST_SEND_MILLIS - 1), Flush::Never);
        assert_eq!(buffer.take(false, LOST_SEND_MILLIS - 1), []);
        assert_eq!(buffer.claim(LOST_SEND_MILLIS), Flush::Soon);
        assert_eq!(buffer.take(false, LOST_SEND_MILLIS), first, "under the same tag");
        assert_eq!(buffer.take(false, LOST_SEND_MILLIS + 1), [], "it is being sent anew");
    }

    #[test]
    fn what_is_given_up_is_counted() {
        let buffer = buffer();
        for n in 0..=MAX_UNACKNOWLEDGED {
            buffer.push(row(&n.to_string()));
            buffer.take(false, 0);
        }
        let last = buffer.take(false, 0);
        let dropped = CounterKey::LogRowsDropped.to_text();
        assert_eq!(last.last().unwrap().counters.get(&dropped), Some(&1));
    }
}
