//! A shard over its own storage and the segment store: every row once, in every state.

use std::cell::Cell;

use super::faulty::Faulty;
use super::rows::{batch, newest_first, numbers, query, row};
use super::{Outcome, cases, same};
use crate::contract::Breach;
use crate::ports::{
    FlushReport, HistoryQuery, LogRow, SegmentStore, ShardId, ShardStore, StorageError,
};
use crate::services::log::shard::{Retention, Shard};

const DAY_MILLIS: i64 = 86_400_000;

/// A shard whose stores hold nothing yet, and its time.
pub(crate) struct Stand<S, K> {
    shard: ShardId,
    store: S,
    segments: Faulty<K>,
    now_millis: Cell<i64>,
}

impl<S: ShardStore, K: SegmentStore> Stand<S, K> {
    /// On these stores; in the segment store nothing else uses the number `shard`.
    pub(crate) fn new(shard: ShardId, store: S, segments: K) -> Self {
        let now_millis = Cell::new(1_767_225_600_000);
        Self { shard, store, segments: Faulty::new(segments), now_millis }
    }

    fn shard(&self) -> Shard<'_, S, Faulty<K>> {
        let retention = Retention { segment_rows: 10, hot_days: 7, ttl_days: 90 };
        Shard { id: self.shard, store: &self.store, segments: &self.segments, retention }
    }

    fn pass_days(&self, days: i64) {
        self.now_millis.set(self.now_millis.get() + days * DAY_MILLIS);
    }

    fn append(
        &self,
        sequence: u64,
        rows: impl IntoIterator<Item = u64>,
    ) -> Result<(), StorageError> {
        self.store.append(&batch(sequence, rows), self.now_millis.get()).map(drop)
    }

    async fn flush(&self) -> Result<FlushReport, StorageError> {
        self.shard().flush(self.now_millis.get()).await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<LogRow>, StorageError> {
        self.shard().history(query).await
    }

    /// All pages of `limit` rows, as numbers.
    async fn pages(&self, limit: usize) -> Result<Vec<u64>, Breach> {
        let mut all = Vec::new();
        let mut query = query(limit);
        loop {
            let rows = self.history(&query).await?;
            if rows.len() > limit {
                return Err(Breach(format!("a page of {limit} has {} rows", rows.len())));
            }
            let Some(last) = rows.last() else { return Ok(all) };
            query.before_id = Some(last.id.clone());
            all.extend(numbers(&rows)?);
        }
    }

    /// The lines of segment `number`.
    async fn lines(&self, number: u64) -> Result<Vec<String>, Breach> {
        let stored = self.segments.get(self.shard, number).await?;
        let stored = stored.ok_or_else(|| Breach(format!("segment {number} isn't stored")))?;
        Ok(stored.lines().map(str::to_owned).collect())
    }
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
    a_failed_flush_goes_on_where_it_stopped,
    every_row_is_read_once_in_every_state,
    rows_that_arrive_late_are_in_their_place,
    queries_select_hot_and_cold_rows_alike,
    a_full_page_reads_no_further_segment,
    numbers_go_on_after_all_was_forgotten,
    a_tag_is_forgotten_in_its_time,
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
    same!(on.store.counters()?.get("rows"), Some(&6));
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
        let Some(segment) = on.store.seal(6, on.now_millis.get())? else {
            return Err(Breach("open rows aren't sealed".into()));
        };
        same!((segment.meta.rows, segment.meta.from, segment.meta.to), (rows, from.id, to.id));
    }
    same!(numbers(&on.store.segment_rows(1)?)?, vec![0, 1, 10, 11, 12, 13]);
    same!(on.store.seal(6, on.now_millis.get())?, None);
    Ok(())
}

async fn a_sealed_segment_waits_until_it_is_stored<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..6)?;
    while on.store.seal(2, on.now_millis.get())?.is_some() {}
    let next = |after| Ok::<_, Breach>(on.store.next_sealed(after)?.map(|found| found.number));
    same!((next(0)?, next(1)?, next(3)?), (Some(1), Some(2), None));
    on.store.mark_stored(1)?;
    same!((next(0)?, next(2)?), (Some(2), Some(3)));
    // Only a stored segment loses its rows, and it may be told so again.
    on.pass_days(1);
    same!(on.store.drop_rows(on.now_millis.get())?, 2);
    on.store.mark_stored(1)?;
    same!(on.store.drop_rows(on.now_millis.get())?, 0);
    same!(on.store.read(&query(9))?.cold.len(), 1);
    same!(numbers(&on.store.read(&query(9))?.hot)?, vec![5, 4, 3, 2]);
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

async fn a_failed_flush_goes_on_where_it_stopped<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..15)?;
    on.segments.set_failing(true);
    same!(on.flush().await.is_err(), true);
    same!(on.pages(4).await?, newest_first(15), "sealed rows are still read here");
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
    same!(on.history(&query).await?, [23, 21, 19, 17, 15].map(row).to_vec());
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
        same!(on.history(&query(limit)).await?.len(), limit);
        same!(on.segments.take_gets(), segments, "a page of {limit}");
    }
    Ok(())
}

async fn numbers_go_on_after_all_was_forgotten<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append(1, 0..15)?;
    on.flush().await?;
    on.pass_days(91);
    on.flush().await?;
    same!(on.store.read(&query(9))?.cold.len(), 1, "the last one's place is kept");
    on.append(2, 15..17)?;
    same!(on.flush().await?.rows_stored, 2);
    same!(on.lines(3).await?, vec![row(15).record, row(16).record]);
    let newest = HistoryQuery { from_id: Some(row(15).id), ..query(100) };
    same!(numbers(&on.history(&newest).await?)?, vec![16, 15]);
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
