//! What a log shard does: seal, store, drop, and read each row from exactly one side.
//!
//! It runs inside the Durable Object at the edge and in-process natively, over the same two
//! ports. Every step can be cut off and done again: sealing fixes a segment's rows and number,
//! storing writes the same bytes under the same key, and rows are dropped only after that.

use super::page::{Merge, PAGE_BYTES};
pub(crate) use crate::config::{Retention, SEGMENT_BYTES};
use crate::ports::{
    Bounds, FlushReport, HistoryQuery, LogPage, SegmentStore, ShardId, ShardStore, StorageError,
};
use crate::services::log::wire;
use crate::services::metrics::CounterKey;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// A batch is retried for seconds; its tag is remembered for a day.
const TAG_MILLIS: i64 = DAY_MILLIS;

/// A shard over its two stores.
pub(crate) struct Shard<'a, S, K> {
    pub(crate) id: ShardId,
    pub(crate) store: &'a S,
    pub(crate) segments: &'a K,
    pub(crate) retention: Retention,
}

impl<S: ShardStore, K: SegmentStore> Shard<'_, S, K> {
    /// Seals all open rows, stores what is sealed, drops what is old. A failure is counted.
    ///
    /// # Errors
    /// [`StorageError`] of the step that failed; those before it hold.
    pub(crate) async fn flush(&self, now_millis: i64) -> Result<FlushReport, StorageError> {
        let outcome = self.move_on(now_millis).await;
        if outcome.is_err() {
            // A store that can't count it says nothing that the first error doesn't.
            let _uncounted = self.store.count(&CounterKey::LogFlushFailures.to_text(), 1);
        }
        outcome
    }

    async fn move_on(&self, now_millis: i64) -> Result<FlushReport, StorageError> {
        let mut report = FlushReport::default();
        let Retention { segment_rows: rows, segment_bytes: bytes, .. } = self.retention;
        while let Some(segment) = self.store.seal(Bounds { rows, bytes }, now_millis)? {
            report.rows_sealed += segment.meta.rows;
        }
        // Another flush may run while this one waits for a put, so each segment is looked for anew.
        // One that is sealed still has its rows; an incomplete one must not replace a whole one.
        let mut done = 0;
        while let Some(segment) = self.store.next_sealed(done)? {
            done = segment.number;
            // One that was sealed under another bound would be refused for ever.
            let Some(segment) = self.store.cut(segment.number, bytes)? else { continue };
            let rows = self.store.segment_rows(segment.number)?;
            if u64::try_from(rows.len()) != Ok(segment.meta.rows) {
                let (number, found, sealed) = (segment.number, rows.len(), segment.meta.rows);
                let what = format!("segment {number} has {found} of its {sealed} rows");
                return Err(StorageError::Corrupt(what));
            }
            let ndjson = wire::write_ndjson(&rows);
            self.segments.put(self.id, segment.number, ndjson, &segment.meta).await?;
            self.store.mark_stored(segment.number)?;
            report.segments_stored += 1;
            report.rows_stored += segment.meta.rows;
        }
        let days = |days: u32| now_millis - i64::from(days) * DAY_MILLIS;
        report.rows_dropped = self.store.drop_rows(days(self.retention.hot_days))?;
        self.store.forget(days(self.retention.ttl_days), now_millis - TAG_MILLIS)?;
        Ok(report)
    }

    /// The newest rows that `query` selects, newest first.
    ///
    /// # Errors
    /// [`StorageError`] if a store can't be read.
    pub(crate) async fn history(&self, query: &HistoryQuery) -> Result<LogPage, StorageError> {
        // One synchronous look decides for each segment which side it is read from.
        let look = self.store.read(query, PAGE_BYTES)?;
        let mut merge = Merge::new(query.limit, PAGE_BYTES);
        merge.add(look.hot.rows, look.hot.more);
        let mut cold = look.cold;
        cold.sort_unstable_by(|a, b| b.meta.to.cmp(&a.meta.to));
        for segment in cold {
            // Segments overlap a little, because isolates deliver late.
            if merge.is_beyond(&segment.meta.to) {
                break;
            }
            let Some(ndjson) = self.segments.get(self.id, segment.number).await? else {
                continue;
            };
            let stored = wire::read_ndjson(&ndjson)?.into_iter();
            merge.add(stored.filter(|row| query.selects(&row.id, row.model_version)), false);
        }
        Ok(merge.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::adapters::memory::{MemorySegments, MemoryShard};
    use crate::ports::{Batch, BatchTag, Counters, LogRow, StoredSegment};

    const RETENTION: Retention =
        Retention { segment_rows: 10, segment_bytes: SEGMENT_BYTES, hot_days: 7, ttl_days: 90 };

    /// A segment store whose first put takes so long that another flush, eight days on, runs
    /// from start to end meanwhile.
    struct Slow<'a> {
        store: &'a MemoryShard,
        segments: MemorySegments,
        interrupted: AtomicBool,
    }

    #[async_trait]
    impl SegmentStore for Slow<'_> {
        async fn put(
            &self,
            shard: ShardId,
            segment: u64,
            ndjson: String,
            meta: &StoredSegment,
        ) -> Result<(), StorageError> {
            if !self.interrupted.swap(true, Ordering::SeqCst) {
                let (store, segments) = (self.store, &self.segments);
                let other = Shard { id: shard, store, segments, retention: RETENTION };
                other.flush(8 * DAY_MILLIS).await?;
            }
            self.segments.put(shard, segment, ndjson, meta).await
        }

        async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
            self.segments.get(shard, segment).await
        }
    }

    fn batch(n_rows: u64) -> Batch {
        let row = |n: u64| {
            let id = format!("{n:08}-0000-7000-8000-000000000000");
            let record = format!(r#"{{"id":"{id}","model_version":1}}"#);
            LogRow { id, model_version: 1, record }
        };
        let tag = BatchTag { isolate: "isolate".into(), sequence: 1 };
        Batch { tag, rows: (0..n_rows).map(row).collect(), counters: Counters::new() }
    }

    #[tokio::test]
    async fn a_flush_within_a_flush_leaves_every_segment_whole() {
        let store = MemoryShard::default();
        store.append(&batch(25), 0).unwrap();
        let segments = MemorySegments::default();
        let slow = Slow { store: &store, segments, interrupted: AtomicBool::new(false) };
        let shard = Shard { id: 0, store: &store, segments: &slow, retention: RETENTION };
        shard.flush(0).await.unwrap();
        let stored = slow.segments.stored();
        let lines =
            stored.values().map(|(ndjson, meta)| (ndjson.lines().count() as u64, meta.rows));
        assert_eq!(lines.collect::<Vec<_>>(), [(10, 10), (10, 10), (5, 5)]);
        let query =
            HistoryQuery { limit: 100, before_id: None, from_id: None, model_version: None };
        assert_eq!(shard.history(&query).await.unwrap().rows.len(), 25, "all cold, all there");
    }
}
