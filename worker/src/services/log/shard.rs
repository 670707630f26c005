//! What a log shard does: seal, store, drop, and read each row from exactly one side.
//!
//! It runs inside the Durable Object at the edge and in-process natively, over the same two
//! ports. Every step can be cut off and done again: sealing fixes a segment's rows and number,
//! storing writes the same bytes under the same key, and rows are dropped only after that.

use model_core::filled;
use std::collections::{BTreeMap, BTreeSet};

use super::page::{Merge, PAGE_BYTES};
use super::tally::Counted;
pub(crate) use crate::config::Retention;
use crate::ports::{
    Bounds, FlushReport, Found, HistoryQuery, Label, LabelStatus, Labels, LogPage, LogRow,
    NewLabel, Segment, SegmentStore, ShardId, ShardStore, StorageError,
};
use crate::services::log::wire;
use crate::services::metrics::{CounterKey, verdicts};
use crate::services::prediction_id;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// A batch is retried for seconds; its tag is remembered for a day.
const TAG_MILLIS: i64 = DAY_MILLIS;

/// What has less time left isn't stored any more: the segment store takes a minute at least.
const LEAST_MILLIS: i64 = 2 * 60 * 1_000;

/// A shard over its two stores.
pub(crate) struct Shard<'a, S, K> {
    pub(crate) id: ShardId,
    pub(crate) store: &'a S,
    pub(crate) segments: &'a K,
    pub(crate) retention: Retention,
}

impl<S: ShardStore, K: SegmentStore> Shard<'_, S, K> {
    /// Seals all open rows, stores what is sealed, as many segments as a call may, drops what is old. A
    /// failure is counted.
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
        let most = u64::try_from(self.retention.segments_a_call).unwrap_or(u64::MAX);
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
            self.keep(&segment, ndjson, now_millis).await?;
            if !self.store.mark_stored(segment.number, segment.meta.rows)? {
                done = segment.number - 1;
                continue;
            }
            report.segments_stored += 1;
            report.rows_stored += segment.meta.rows;
            report.more = report.segments_stored >= most;
            if report.more {
                break;
            }
        }
        report.more |= self.write_anew(now_millis).await?;
        let days = |days: u32| now_millis - i64::from(days) * DAY_MILLIS;
        report.rows_dropped = self.store.drop_rows(days(self.retention.hot_days))?;
        let forgotten = days(self.retention.ttl_days);
        // A row is sealed minutes after it was answered; a day is beyond doubt.
        let labels_before = prediction_id::first_of(forgotten - DAY_MILLIS);
        self.store.forget(forgotten, &labels_before, now_millis - TAG_MILLIS)?;
        Ok(report)
    }

    /// Stores a segment for what is left of its time, however often it is stored: the index forgets it then,
    /// and what the segment store had for longer no erasure would find. One whose time is over is deleted.
    pub(super) async fn keep(
        &self,
        segment: &Segment,
        ndjson: String,
        now_millis: i64,
    ) -> Result<(), StorageError> {
        let Segment { number, meta, sealed_at } = segment;
        let until = sealed_at + i64::from(self.retention.ttl_days) * DAY_MILLIS;
        if until < now_millis + LEAST_MILLIS {
            return self.segments.delete(self.id, *number).await;
        }
        self.segments.put(self.id, *number, ndjson, meta, until).await
    }

    /// The newest rows that `query` selects, newest first. If reading as many segments as a call may hasn't
    /// filled the page, it ends there, perhaps without a row.
    ///
    /// # Errors
    /// [`StorageError`] if a store can't be read.
    pub(crate) async fn history(&self, query: &HistoryQuery) -> Result<LogPage, StorageError> {
        // One synchronous look decides for each segment which side it is read from.
        let look = self.store.read(query, PAGE_BYTES)?;
        let mut merge = Merge::new(query.limit, PAGE_BYTES);
        merge.add(look.hot.rows, look.hot.next);
        let mut cold = look.cold;
        cold.sort_unstable_by(|a, b| b.meta.to.cmp(&a.meta.to));
        for (read, segment) in cold.into_iter().enumerate() {
            // Segments overlap a little, because isolates deliver late.
            if merge.is_beyond(&segment.meta.to) {
                break;
            }
            let next = prediction_id::after(&segment.meta.to);
            // Those that a page before has read too must not keep this one from getting on.
            let gets_on = query.before_id.as_ref().is_none_or(|before| next < *before);
            if read >= self.retention.segments_a_call && gets_on {
                merge.add([], Some(next));
                break;
            }
            let Some(ndjson) = self.segments.get(self.id, segment.number).await? else {
                continue;
            };
            let stored = self.in_sight(segment.number, wire::read_ndjson(&ndjson)?)?;
            let labels = match query.asks_for_labels() {
                true => self.store.labels(&ids(&stored))?,
                false => Labels::new(),
            };
            let label = |row: &LogRow| labels.get(&row.id).map(|known| known.label.as_str());
            let selected = stored.iter().filter(|row| query.selects(row, label(row)));
            merge.add(selected.cloned(), None);
        }
        let mut page = merge.finish();
        let labels = self.store.labels(&ids(&page.rows))?;
        for row in &mut page.rows {
            if let Some(known) = labels.get(&row.id) {
                wire::add_label(row, known)?;
            }
        }
        Ok(page)
    }

    /// Records `labels` and says what became of each, in their order. Rows that are no longer here are
    /// read from the segment store, once a segment.
    ///
    /// # Errors
    /// [`StorageError`] if a store can't be asked.
    pub(crate) async fn label(
        &self,
        labels: &[Label],
        now_millis: i64,
    ) -> Result<Vec<LabelStatus>, StorageError> {
        let all: Vec<String> = labels.iter().map(|label| label.id.clone()).collect();
        // What has its label needs no row.
        let known = self.store.labels(&all)?;
        let wanted: Vec<String> = all.into_iter().filter(|id| !known.contains_key(id)).collect();
        let rows = self.rows(&wanted).await?;
        let mut new = Vec::new();
        let judge = |label: &Label| match (known.get(&label.id), rows.get(&label.id)) {
            (Some(known), _) if known.label == label.label => Some(LabelStatus::Unchanged),
            (Some(_), _) => Some(LabelStatus::Conflict),
            (None, None) => Some(LabelStatus::UnknownId),
            (None, Some(row)) if !row.knows(&label.label) => Some(LabelStatus::UnknownClass),
            (None, Some(row)) => {
                let (hour, tallies) = (row.hour().to_owned(), row.verdicts(&label.label));
                let counters = verdicts(&tallies);
                new.push(NewLabel { label: label.clone(), hour, tallies, counters });
                None
            }
        };
        let judged: Vec<Option<LabelStatus>> = labels.iter().map(judge).collect();
        let mut recorded = self.store.label(&new, now_millis)?.into_iter();
        let statuses = judged.into_iter().map(|status| status.or_else(|| recorded.next()));
        let missing = || StorageError::Corrupt("a label has no status".to_owned());
        statuses.collect::<Option<_>>().ok_or_else(missing)
    }

    /// What is counted of these rows, by id, wherever they are.
    async fn rows(&self, ids: &[String]) -> Result<BTreeMap<String, Counted>, StorageError> {
        let mut found = BTreeMap::new();
        if ids.is_empty() {
            return Ok(found);
        }
        let wanted: BTreeSet<&String> = filled(ids);
        let Found { hot, cold } = self.store.find(ids)?;
        for row in hot {
            let counted = Counted::read(&row)?;
            found.insert(row.id, counted);
        }
        for segment in cold {
            let missing = |id: &&&String| !found.contains_key(**id);
            let within = |id: &&&String| segment.meta.from <= ***id && ***id <= segment.meta.to;
            if !wanted.iter().filter(missing).any(|id| within(&id)) {
                continue;
            }
            let Some(ndjson) = self.segments.get(self.id, segment.number).await? else {
                continue;
            };
            let mut rows = wire::read_ndjson(&ndjson)?;
            rows.retain(|row| wanted.contains(&row.id));
            for row in self.in_sight(segment.number, rows)? {
                let counted = Counted::read(&row)?;
                found.insert(row.id, counted);
            }
        }
        // Erased while this was reading.
        for id in self.store.marked(ids)? {
            found.remove(&id);
        }
        Ok(found)
    }
}

pub(super) fn ids(rows: &[LogRow]) -> Vec<String> {
    rows.iter().map(|row| row.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::adapters::memory::{MemorySegments, MemoryShard};
    use crate::ports::{Batch, BatchTag, Counters, StoredSegment};

    const RETENTION: Retention =
        Retention { segment_rows: 10, hot_days: 7, ttl_days: 90, ..Retention::DEFAULT };

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
            until_millis: i64,
        ) -> Result<(), StorageError> {
            if !self.interrupted.swap(true, Ordering::SeqCst) {
                let (store, segments) = (self.store, &self.segments);
                let other = Shard { id: shard, store, segments, retention: RETENTION };
                other.flush(8 * DAY_MILLIS).await?;
            }
            self.segments.put(shard, segment, ndjson, meta, until_millis).await
        }

        async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
            self.segments.delete(shard, segment).await
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
        let query = HistoryQuery { limit: 100, ..HistoryQuery::default() };
        assert_eq!(shard.history(&query).await.unwrap().rows.len(), 25, "all cold, all there");
    }
}
