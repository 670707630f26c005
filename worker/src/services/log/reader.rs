//! Pages and totals over all shards.

use futures_util::future::join_all;
use std::collections::BTreeSet;

use super::page::{Merge, PAGE_BYTES};
use crate::ports::{
    Asked, Counters, Erasure, FlushReport, HistoryQuery, HourSpan, LogPage, LogRow, PredictionLog,
    Progress, ShardId, StorageError, Tally, Usage,
};
use crate::services::prediction_id;

/// One page of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Newest first.
    pub(crate) rows: Vec<LogRow>,
    /// If there may be more: it is below this id.
    pub(crate) next: Option<String>,
}

/// So often a shard is told to flush at most; then its alarm goes on.
const FLUSHES: usize = 10;

/// The shards that may hold something: `0..shards`, which are written to now, and every one that ever
/// was. There may have been more.
pub(crate) async fn all_shards(
    log: &dyn PredictionLog,
    shards: ShardId,
) -> Result<BTreeSet<ShardId>, StorageError> {
    let mut all = log.shards().await?;
    all.extend(0..shards);
    Ok(all)
}

/// The newest rows that `query` selects, from all shards; `shards` are written to now.
///
/// # Errors
/// [`StorageError`] if any shard can't be read: a page with holes would look whole.
pub(crate) async fn page(
    log: &dyn PredictionLog,
    shards: ShardId,
    query: &HistoryQuery,
) -> Result<Page, StorageError> {
    page_of(log, &all_shards(log, shards).await?, query).await
}

/// As [`page`], from these shards.
///
/// # Errors
/// As [`page`].
pub(crate) async fn page_of(
    log: &dyn PredictionLog,
    shards: &BTreeSet<ShardId>,
    query: &HistoryQuery,
) -> Result<Page, StorageError> {
    let mut merge = Merge::new(query.limit, PAGE_BYTES);
    for shard in shards {
        let LogPage { rows, next } = log.history(*shard, query).await?;
        merge.add(rows, next);
    }
    let LogPage { rows, next } = merge.finish();
    Ok(Page { rows, next })
}

/// Flushes every shard into the segment store; one that has very much to store goes on by itself.
///
/// # Errors
/// [`StorageError`] of the first shard that fails; the ones before it are flushed.
pub(crate) async fn flush(
    log: &dyn PredictionLog,
    shards: ShardId,
) -> Result<FlushReport, StorageError> {
    let mut sum = FlushReport::default();
    for shard in all_shards(log, shards).await? {
        for _ in 0..FLUSHES {
            let report = log.flush(shard).await?;
            sum.rows_sealed += report.rows_sealed;
            sum.segments_stored += report.segments_stored;
            sum.rows_stored += report.rows_stored;
            sum.rows_dropped += report.rows_dropped;
            sum.more = report.more;
            if !report.more {
                break;
            }
        }
    }
    Ok(sum)
}

/// How all shards stand, with their counters summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogStatus {
    /// Counter totals.
    pub(crate) counters: Counters,
    /// Rows that the segment store doesn't have yet.
    pub(crate) waiting_rows: u64,
    /// When the one of them that arrived first was answered.
    pub(crate) waiting_since_millis: Option<i64>,
    /// Bytes of each shard that knows them.
    pub(crate) bytes: Vec<(ShardId, u64)>,
    /// What all shards have used.
    pub(crate) usage: Usage,
}

/// How all shards stand.
///
/// # Errors
/// [`StorageError`] if any shard can't be read: totals must not fall.
pub(crate) async fn status(
    log: &dyn PredictionLog,
    shards: ShardId,
) -> Result<LogStatus, StorageError> {
    let mut whole = LogStatus::default();
    let all = all_shards(log, shards).await?;
    let asked = all.iter().map(|shard| log.status(*shard));
    for (shard, status) in all.iter().zip(join_all(asked).await) {
        let status = status?;
        for (key, n) in status.counters {
            *whole.counters.entry(key).or_insert(0) += n;
        }
        whole.waiting_rows += status.waiting_rows;
        let since = status.first_waiting.as_deref().and_then(prediction_id::millis_of);
        whole.waiting_since_millis = whole.waiting_since_millis.into_iter().chain(since).min();
        whole.bytes.extend(status.bytes.map(|bytes| (*shard, bytes)));
        whole.usage.add_all(&status.usage);
    }
    Ok(whole)
}

/// The counts of predictions that were made in `span`, of all shards.
///
/// # Errors
/// [`StorageError`] if any shard can't be read: a report with holes would look whole.
pub(crate) async fn tallies(
    log: &dyn PredictionLog,
    shards: ShardId,
    span: &HourSpan,
) -> Result<Vec<Tally>, StorageError> {
    let all = all_shards(log, shards).await?;
    let asked = all.into_iter().map(|shard| log.tallies(shard, span));
    let mut tallies = Vec::new();
    for found in join_all(asked).await {
        tallies.extend(found?);
    }
    Ok(tallies)
}

/// Erases predictions from the shards that may hold them, and says how far they got.
///
/// # Errors
/// [`StorageError`] of a shard that fails, after all were asked; doing it again goes on.
pub(crate) async fn erase(
    log: &dyn PredictionLog,
    shards: ShardId,
    what: &Erasure,
    asked: &Asked,
) -> Result<Progress, StorageError> {
    let mut all = all_shards(log, shards).await?;
    if let Erasure::Id(id) = what {
        let own = prediction_id::shard_of(id);
        all.retain(|shard| Some(*shard) == own);
    }
    let mut sum = Ok(Progress::default());
    for shard in all {
        let told = log.erase(shard, what, asked).await;
        sum = sum.and_then(|sum| {
            let Progress { erased, remaining } = told?;
            Ok(Progress { erased: sum.erased + erased, remaining: sum.remaining + remaining })
        });
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapters::memory::{ManualClock, MemoryLog, MemorySegments};
    use crate::contract::rows::{batch, newest_first, numbers, query};

    /// Rows 0 to 29, of which every third is in the one shard that is still written to.
    async fn lowered() -> (MemoryLog, Arc<MemorySegments>) {
        let segments = Arc::new(MemorySegments::default());
        let log = MemoryLog::new(Arc::new(ManualClock::new(0)), segments.clone(), 5_000, 7);
        for (shard, first) in [(0, 0), (4, 1), (7, 2)] {
            log.append(shard, &batch(1, (first..30).step_by(3))).await.unwrap();
        }
        (log, segments)
    }

    #[tokio::test]
    async fn rows_of_shards_that_are_no_longer_written_to_are_in_the_history() {
        let (log, _) = lowered().await;
        for limit in [1, 4, 100] {
            let mut all = Vec::new();
            let mut query = query(limit);
            loop {
                let Page { rows, next } = page(&log, 1, &query).await.unwrap();
                all.extend(numbers(&rows).unwrap());
                query.before_id = next;
                if query.before_id.is_none() {
                    break;
                }
            }
            assert_eq!(all, newest_first(30), "pages of {limit}");
        }
    }

    #[tokio::test]
    async fn they_are_counted_and_flushed_too() {
        let (log, segments) = lowered().await;
        assert_eq!(status(&log, 1).await.unwrap().counters["rows"], 30);
        assert_eq!(flush(&log, 1).await.unwrap().rows_stored, 30);
        let keys: Vec<String> = segments.stored().into_keys().collect();
        assert_eq!(keys, [0, 4, 7].map(|shard| format!("log/v1/{shard}/0000000001")));
    }
}
