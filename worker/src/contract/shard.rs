//! A shard over its own storage and the segment store: every row once, in every state.

use std::cell::Cell;

use super::faulty::Faulty;
use super::rows::{answered, batch, batch_of, newest_first, numbers, query, row, wide_row};
use super::{Outcome, cases, same};
use crate::config::SEGMENT_BYTES;
use crate::contract::Breach;
use crate::ports::{
    Bounds, FlushReport, HistoryQuery, LogPage, LogRow, SegmentStore, ShardId, ShardStore,
    StorageError,
};
use crate::services::log::page::PAGE_BYTES;
use crate::services::log::shard::{Retention, Shard};
use crate::services::metrics::CounterKey;
use crate::services::prediction_id;

const DAY_MILLIS: i64 = 86_400_000;

/// Bytes of a wide row's record: about as long as a request's body may be.
const WIDE: usize = 16 * 1024;

/// A shard whose stores hold nothing yet, and its time.
pub(crate) struct Stand<S, K> {
    shard: ShardId,
    store: S,
    segments: Faulty<K>,
    now_millis: Cell<i64>,
    segment_rows: Cell<u64>,
    segments_a_call: Cell<usize>,
}

impl<S: ShardStore, K: SegmentStore> Stand<S, K> {
    /// On these stores; in the segment store nothing else uses the number `shard`.
    pub(crate) fn new(shard: ShardId, store: S, segments: K) -> Self {
        // The ids of `row` say 1970.
        let now_millis = Cell::new(0);
        Self {
            shard,
            store,
            segments: Faulty::new(segments),
            now_millis,
            segment_rows: Cell::new(10),
            segments_a_call: Cell::new(Retention::DEFAULT.segments_a_call),
        }
    }

    pub(super) fn store(&self) -> &S {
        &self.store
    }

    pub(super) fn segments(&self) -> &Faulty<K> {
        &self.segments
    }

    pub(super) fn number(&self) -> ShardId {
        self.shard
    }

    pub(super) fn now(&self) -> i64 {
        self.now_millis.get()
    }

    pub(super) fn shard(&self) -> Shard<'_, S, Faulty<K>> {
        let retention = Retention {
            segment_rows: self.segment_rows.get(),
            segments_a_call: self.segments_a_call.get(),
            ..Retention::DEFAULT
        };
        Shard { id: self.shard, store: &self.store, segments: &self.segments, retention }
    }

    /// So many segments a call.
    pub(super) fn read_at_most(&self, segments: usize) {
        self.segments_a_call.set(segments);
    }

    pub(super) fn pass_days(&self, days: i64) {
        self.now_millis.set(self.now_millis.get() + days * DAY_MILLIS);
    }

    fn append(
        &self,
        sequence: u64,
        rows: impl IntoIterator<Item = u64>,
    ) -> Result<(), StorageError> {
        self.store.append(&batch(sequence, rows), self.now_millis.get()).map(drop)
    }

    pub(super) async fn flush(&self) -> Result<FlushReport, StorageError> {
        self.shard().flush(self.now_millis.get()).await
    }

    pub(super) async fn history(&self, query: &HistoryQuery) -> Result<LogPage, StorageError> {
        self.shard().history(query).await
    }

    /// All pages of `limit` rows, as numbers.
    pub(super) async fn pages(&self, limit: usize) -> Result<Vec<u64>, Breach> {
        let mut all = Vec::new();
        let mut query = query(limit);
        loop {
            let LogPage { rows, next } = self.history(&query).await?;
            let bytes: usize = rows.iter().map(|row| row.record.len()).sum();
            if rows.len() > limit || bytes as u64 > PAGE_BYTES {
                let what = format!("a page of {limit} has {} rows, {bytes} bytes", rows.len());
                return Err(Breach(what));
            }
            all.extend(numbers(&rows)?);
            if next.is_none() {
                return Ok(all);
            }
            if query.before_id.as_ref().is_some_and(|before| Some(before) <= next.as_ref()) {
                return Err(Breach(format!("pages don't get on: {next:?}")));
            }
            query.before_id = next;
        }
    }

    /// Appends rows 0 to `n` of 16 KiB, as isolates do in batches of half a megabyte.
    fn append_wide(&self, n: u64) -> Result<(), StorageError> {
        for start in (0..n).step_by(32) {
            let rows = (start..n.min(start + 32)).map(|n| wide_row(n, WIDE)).collect();
            self.store.append(&batch_of(start + 1, rows), self.now_millis.get())?;
        }
        Ok(())
    }

    /// Rows of each segment that was stored, the first first. No segment is too long.
    async fn stored(&self) -> Result<Vec<u64>, Breach> {
        let mut rows = Vec::new();
        while let Some(ndjson) = self.segments.get(self.shard, 1 + rows.len() as u64).await? {
            if ndjson.len() as u64 > SEGMENT_BYTES {
                return Err(Breach(format!("a segment has {} bytes", ndjson.len())));
            }
            rows.push(ndjson.lines().count() as u64);
        }
        Ok(rows)
    }

    /// The lines of segment `number`.
    async fn lines(&self, number: u64) -> Result<Vec<String>, Breach> {
        let stored = self.segments.get(self.shard, number).await?;
        let stored = stored.ok_or_else(|| Breach(format!("segment {number} isn't stored")))?;
        Ok(stored.lines().map(str::to_owned).collect())
    }
}

const fn rows_only(rows: u64) -> Bounds {
    Bounds { rows, bytes: u64::MAX }
}

cases! {
    on Stand<S, K>, for [S: ShardStore, K: SegmentStore];
    natively {
        use crate::adapters::memory::{MemorySegments, MemoryShard};
        super::Stand::new(0, MemoryShard::default(), MemorySegments::default())
    };
    a_batch_that_comes_again_changes_nothing,
    a_row_that_comes_again_is_there_once,
    segments_are_sealed_by_arrival,
    a_sealed_segment_waits_until_it_is_stored,
    flush_stores_full_segments_and_the_rest,
    what_waits_is_told_until_it_is_stored,
    a_failed_flush_goes_on_where_it_stopped,
    every_row_is_read_once_in_every_state,
    rows_that_arrive_late_are_in_their_place,
    queries_select_hot_and_cold_rows_alike,
    a_full_page_reads_no_further_segment,
    a_page_reads_so_many_segments_and_the_next_one_goes_on,
    segments_that_overlap_do_not_stop_the_pages,
    a_flush_stores_so_many_segments_and_the_next_one_goes_on,
    segments_are_bounded_by_bytes,
    a_segment_that_was_sealed_too_long_is_cut,
    a_row_longer_than_a_bound_is_alone,
    pages_are_bounded_by_bytes,
    only_segments_of_the_version_are_read,
    a_version_beyond_those_that_are_listed_is_found,
    numbers_go_on_after_all_was_forgotten,
    a_tag_is_forgotten_in_its_time,
    shards_are_noted_once,
}

async fn a_batch_that_comes_again_changes_nothing<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    let now = on.now_millis.get();
    let first = on.store.append(&batch(1, 0..4), now)?;
    same!((first.fresh, first.open_rows), (true, 4));
    let again = on.store.append(&batch(1, 0..4), now)?;
    same!((again.fresh, again.open_rows), (false, 4));
    on.append(2, 4..6)?;
    same!(on.store.status()?.counters.get("rows"), Some(&6));
    same!(on.pages(100).await?, newest_first(6));
    Ok(())
}

async fn a_row_that_comes_again_is_there_once<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..4)?;
    let appended = on.store.append(&batch(2, 2..6), on.now_millis.get())?;
    same!((appended.fresh, appended.open_rows >= 6), (true, true), "{appended:?}");
    same!(on.pages(100).await?, newest_first(6));
    same!(on.flush().await?.rows_stored, 6);
    same!(on.store.append(&batch(3, 0..6), on.now_millis.get())?.open_rows, 0);
    Ok(())
}

async fn segments_are_sealed_by_arrival<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 10..14)?;
    on.append(2, 0..4)?;
    for (rows, from, to) in [(6, row(0), row(13)), (2, row(2), row(3))] {
        let Some(segment) = on.store.seal(rows_only(6), on.now_millis.get())? else {
            return Err(Breach("open rows aren't sealed".into()));
        };
        same!((segment.meta.rows, segment.meta.from, segment.meta.to), (rows, from.id, to.id));
    }
    same!(numbers(&on.store.segment_rows(1)?)?, vec![0, 1, 10, 11, 12, 13]);
    same!(on.store.seal(rows_only(6), on.now_millis.get())?, None);
    Ok(())
}

async fn a_sealed_segment_waits_until_it_is_stored<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..6)?;
    while on.store.seal(rows_only(2), on.now_millis.get())?.is_some() {}
    let next = |after| Ok::<_, Breach>(on.store.next_sealed(after)?.map(|found| found.number));
    same!((next(0)?, next(1)?, next(3)?), (Some(1), Some(2), None));
    same!(on.store.mark_stored(1, 2)?, true);
    same!((next(0)?, next(2)?), (Some(2), Some(3)));
    // Only a stored segment loses its rows, and it may be told so again.
    on.pass_days(1);
    same!(on.store.drop_rows(on.now_millis.get())?, 2);
    on.store.mark_stored(1, 2)?;
    same!(on.store.drop_rows(on.now_millis.get())?, 0);
    same!(on.store.read(&query(9), PAGE_BYTES)?.cold.len(), 1);
    same!(numbers(&on.store.read(&query(9), PAGE_BYTES)?.hot.rows)?, vec![5, 4, 3, 2]);
    Ok(())
}

async fn flush_stores_full_segments_and_the_rest<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..25)?;
    let report = on.flush().await?;
    same!((report.rows_sealed, report.segments_stored, report.rows_stored), (25, 3, 25));
    for (number, rows) in [(1, 0..10), (2, 10..20), (3, 20..25)] {
        let records: Vec<String> = rows.map(|n| row(n).record).collect();
        same!(on.lines(number).await?, records);
    }
    same!(on.flush().await?, FlushReport::default());
    Ok(())
}

async fn what_waits_is_told_until_it_is_stored<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    let waiting = || {
        let status = on.store.status()?;
        Ok::<_, Breach>((status.waiting_rows, status.first_waiting))
    };
    same!(waiting()?, (0, None));
    on.append(1, 3..18)?;
    same!(waiting()?, (15, Some(row(3).id)));
    on.segments.set_failing(true);
    same!(on.flush().await.is_err(), true);
    on.append(2, 18..20)?;
    same!(waiting()?, (17, Some(row(3).id)), "sealed rows wait too");
    on.segments.set_failing(false);
    on.flush().await?;
    same!(waiting()?, (0, None));
    on.append(3, 20..21)?;
    same!(waiting()?, (1, Some(row(20).id)));
    on.pass_days(8);
    on.flush().await?;
    on.flush().await?;
    same!(waiting()?, (0, None), "cold rows are in the segment store");
    same!(on.store.status()?.bytes.is_some(), true);
    Ok(())
}

async fn a_failed_flush_goes_on_where_it_stopped<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..15)?;
    on.segments.set_failing(true);
    same!(on.flush().await.is_err(), true);
    same!(on.pages(4).await?, newest_first(15), "sealed rows are still read here");
    let failures = CounterKey::LogFlushFailures.to_text();
    same!(on.store.status()?.counters.get(&failures), Some(&1));
    on.append(2, 15..18)?;
    on.segments.set_failing(false);
    let report = on.flush().await?;
    same!((report.rows_sealed, report.segments_stored, report.rows_stored), (3, 3, 18));
    same!(on.pages(4).await?, newest_first(18));
    Ok(())
}

async fn every_row_is_read_once_in_every_state<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..25)?;
    on.flush().await?;
    on.pass_days(8);
    same!(on.flush().await?.rows_dropped, 25);
    // Cold below, then stored, then open.
    on.append(2, 25..40)?;
    on.flush().await?;
    on.append(3, 40..47)?;
    for limit in [1, 3, 10, 46, 47, 1_000] {
        same!(on.pages(limit).await?, newest_first(47), "pages of {limit}");
    }
    Ok(())
}

async fn rows_that_arrive_late_are_in_their_place<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, (0..20).filter(|n| n % 3 != 0))?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    on.append(2, (0..20).filter(|n| n % 3 == 0))?;
    on.flush().await?;
    for limit in [1, 2, 7, 100] {
        same!(on.pages(limit).await?, newest_first(20), "pages of {limit}");
    }
    on.pass_days(8);
    on.flush().await?;
    for limit in [1, 2, 7, 100] {
        same!(on.pages(limit).await?, newest_first(20), "cold pages of {limit}");
    }
    Ok(())
}

async fn queries_select_hot_and_cold_rows_alike<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..20)?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    on.append(2, 20..30)?;
    let query = HistoryQuery {
        before_id: Some(row(24).id),
        from_id: Some(row(15).id),
        model_version: Some(2),
        ..query(100)
    };
    same!(on.history(&query).await?.rows, [23, 21, 19, 17, 15].map(row).to_vec());
    Ok(())
}

async fn a_full_page_reads_no_further_segment<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..25)?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    for (limit, segments) in [(3, 1), (7, 2), (25, 3)] {
        on.segments.take_gets();
        let page = on.history(&query(limit)).await?;
        same!((page.rows.len(), page.next.is_some()), (limit, limit < 25));
        same!(on.segments.take_gets(), segments, "a page of {limit}");
    }
    Ok(())
}

async fn a_page_reads_so_many_segments_and_the_next_one_goes_on<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..45)?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    on.segments_a_call.set(2);
    // What is asked for is in the oldest two of five.
    let mut rare = HistoryQuery { before_id: Some(row(44).id), ..query(100) };
    rare.class = Some("rare".to_owned());
    on.store.append(&batch_of(2, vec![answered(46, "rare"), answered(47, "x")]), on.now())?;
    let mut pages = Vec::new();
    loop {
        on.segments.take_gets();
        let LogPage { rows, next } = on.history(&rare).await?;
        same!((rows.len(), on.segments.take_gets() <= 2), (0, true));
        pages.push(next.clone());
        if next.is_none() {
            break;
        }
        rare.before_id = next;
    }
    let after = |n: u64| Some(prediction_id::after(&row(n).id));
    same!(pages, vec![after(29), after(9), None]);
    rare.before_id = None;
    let first = on.history(&rare).await?;
    same!((numbers(&first.rows)?, first.next), (vec![46], after(29)));
    for limit in [1, 7, 100] {
        let all: Vec<u64> = [47, 46].into_iter().chain(newest_first(45)).collect();
        same!(on.pages(limit).await?, all, "pages of {limit}");
    }
    Ok(())
}

async fn segments_that_overlap_do_not_stop_the_pages<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    for turn in 0..5 {
        on.append(turn + 1, (turn..45).step_by(5))?;
        on.flush().await?;
    }
    on.pass_days(8);
    on.flush().await?;
    on.segments_a_call.set(1);
    for limit in [1, 7, 100] {
        same!(on.pages(limit).await?, newest_first(45), "pages of {limit}");
    }
    Ok(())
}

async fn a_flush_stores_so_many_segments_and_the_next_one_goes_on<
    S: ShardStore,
    K: SegmentStore,
>(
    on: &Stand<S, K>,
) -> Outcome {
    on.segments_a_call.set(2);
    on.append(1, 0..45)?;
    for (stored, more) in [(2, true), (2, true), (1, false), (0, false)] {
        let report = on.flush().await?;
        same!((report.segments_stored, report.more), (stored, more));
    }
    same!(on.stored().await?, vec![10, 10, 10, 10, 5]);
    Ok(())
}

async fn numbers_go_on_after_all_was_forgotten<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..15)?;
    on.flush().await?;
    on.pass_days(91);
    on.flush().await?;
    same!(on.store.read(&query(9), PAGE_BYTES)?.cold.len(), 1, "the last one's place is kept");
    on.append(2, 15..17)?;
    same!(on.flush().await?.rows_stored, 2);
    same!(on.lines(3).await?, vec![row(15).record, row(16).record]);
    let newest = HistoryQuery { from_id: Some(row(15).id), ..query(100) };
    same!(numbers(&on.history(&newest).await?.rows)?, vec![16, 15]);
    Ok(())
}

async fn a_tag_is_forgotten_in_its_time<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..2)?;
    on.flush().await?;
    same!(on.store.append(&batch(1, 0..2), on.now_millis.get())?.fresh, false);
    on.pass_days(2);
    on.flush().await?;
    same!(on.store.append(&batch(1, 0..2), on.now_millis.get())?.fresh, true);
    Ok(())
}

async fn segments_are_bounded_by_bytes<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.segment_rows.set(5_000);
    on.append_wide(600)?;
    let report = on.flush().await?;
    same!((report.rows_sealed, report.segments_stored, report.rows_stored), (600, 2, 600));
    let fitting = SEGMENT_BYTES / (WIDE as u64 + 1);
    same!(on.stored().await?, vec![fitting, 600 - fitting]);
    on.pass_days(8);
    same!(on.flush().await?.rows_dropped, 600);
    same!(on.pages(1_000).await?, newest_first(600));
    Ok(())
}

async fn a_segment_that_was_sealed_too_long_is_cut<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_wide(610)?;
    let now = on.now_millis.get();
    same!(on.store.seal(rows_only(600), now)?.map(|whole| whole.meta.rows), Some(600));
    same!(on.store.seal(rows_only(1), now)?.map(|next| next.number), Some(2));
    let report = on.flush().await?;
    same!((report.rows_sealed, report.rows_stored), (9, 610));
    // Its first part keeps its number; what was cut off comes after those that were there.
    let fitting = SEGMENT_BYTES / (WIDE as u64 + 1);
    same!(on.stored().await?, vec![fitting, 1, 9, 600 - fitting]);
    same!(on.store.next_sealed(0)?, None);
    same!(on.pages(1_000).await?, newest_first(610));
    on.pass_days(8);
    same!(on.flush().await?.rows_dropped, 610);
    same!(on.pages(1_000).await?, newest_first(610));
    Ok(())
}

async fn a_row_longer_than_a_bound_is_alone<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..4)?;
    let line = row(0).record.len() as u64 + 1;
    for (bytes, rows) in [(1, 1), (line, 1), (2 * line - 1, 1), (2 * line, 1)] {
        let sealed = on.store.seal(Bounds { rows: 9, bytes }, 0)?;
        same!(sealed.map(|segment| segment.meta.rows), Some(rows), "{bytes} bytes");
    }
    same!(on.store.cut(1, 1)?.map(|segment| segment.meta.rows), Some(1));
    same!(on.store.cut(9, 1)?, None);
    for bytes in [1, line - 1, 2 * (line - 1) - 1] {
        let page = on.store.read(&query(9), bytes)?.hot;
        same!((numbers(&page.rows)?, page.next), (vec![3], Some(row(3).id)), "{bytes} bytes");
    }
    Ok(())
}

async fn pages_are_bounded_by_bytes<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    on.segment_rows.set(100);
    on.append_wide(300)?;
    let fitting = PAGE_BYTES / WIDE as u64;
    for days in [0, 8] {
        on.pass_days(days);
        on.flush().await?;
        let page = on.history(&query(1_000)).await?;
        same!((page.rows.len() as u64, page.next.is_some()), (fitting, true));
        for limit in [100, 1_000] {
            same!(on.pages(limit).await?, newest_first(300), "pages of {limit}");
        }
    }
    Ok(())
}

async fn only_segments_of_the_version_are_read<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    for (sequence, version) in [(1, 1), (2, 2), (3, 1)] {
        let start = 10 * (sequence - 1);
        let of_version = |n| LogRow { model_version: version, ..row(n) };
        let rows = (start..start + 10).filter(|n| 1 + n % 2 == version).map(of_version);
        on.store.append(&batch_of(sequence, rows.collect()), on.now_millis.get())?;
        on.flush().await?;
    }
    on.pass_days(8);
    on.flush().await?;
    for (version, segments, rows) in [(2, 1, vec![19, 17, 15, 13, 11]), (3, 0, Vec::new())] {
        on.segments.take_gets();
        let wanted = HistoryQuery { model_version: Some(version), ..query(100) };
        same!(numbers(&on.history(&wanted).await?.rows)?, rows);
        same!(on.segments.take_gets(), segments, "version {version}");
    }
    Ok(())
}

async fn a_version_beyond_those_that_are_listed_is_found<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.segment_rows.set(100);
    let of_its_own = |n: u64| {
        let LogRow { id, .. } = row(n);
        let record = format!(r#"{{"id":"{id}","model_version":{n}}}"#);
        LogRow { id, model_version: n, record }
    };
    on.store.append(&batch_of(1, (1..31).map(of_its_own).collect()), on.now_millis.get())?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    for version in [1, 16, 17, 30] {
        let wanted = HistoryQuery { model_version: Some(version), ..query(100) };
        same!(numbers(&on.history(&wanted).await?.rows)?, vec![version]);
    }
    Ok(())
}

async fn shards_are_noted_once<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    same!(on.store.noted_shards()?.len(), 0);
    for shard in [7, 254, 7] {
        on.store.note_shard(shard)?;
    }
    same!(on.store.noted_shards()?.into_iter().collect::<Vec<_>>(), vec![7, 254]);
    Ok(())
}
