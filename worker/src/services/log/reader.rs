//! Pages and totals over all shards.

use super::page::{Merge, PAGE_BYTES};
use crate::ports::{
    Counters, FlushReport, HistoryQuery, LogPage, LogRow, PredictionLog, ShardId, StorageError,
};

/// One page of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Newest first.
    pub(crate) rows: Vec<LogRow>,
    /// The last row's id, if there is more behind it.
    pub(crate) next: Option<String>,
}

/// The newest rows that `query` selects, from shards `0..shards`.
///
/// # Errors
/// [`StorageError`] if any shard can't be read: a page with holes would look whole.
pub(crate) async fn page(
    log: &dyn PredictionLog,
    shards: ShardId,
    query: &HistoryQuery,
) -> Result<Page, StorageError> {
    let mut merge = Merge::new(query.limit, PAGE_BYTES);
    for shard in 0..shards {
        let LogPage { rows, more } = log.history(shard, query).await?;
        merge.add(rows, more);
    }
    let LogPage { rows, more } = merge.finish();
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Page { rows, next })
}

/// Flushes every shard into the segment store.
///
/// # Errors
/// [`StorageError`] of the first shard that fails; the ones before it are flushed.
pub(crate) async fn flush(
    log: &dyn PredictionLog,
    shards: ShardId,
) -> Result<FlushReport, StorageError> {
    let mut sum = FlushReport::default();
    for shard in 0..shards {
        let report = log.flush(shard).await?;
        sum.rows_sealed += report.rows_sealed;
        sum.segments_stored += report.segments_stored;
        sum.rows_stored += report.rows_stored;
        sum.rows_dropped += report.rows_dropped;
    }
    Ok(sum)
}

/// Counter totals over all shards.
///
/// # Errors
/// [`StorageError`] if any shard can't be read: totals must not fall.
pub(crate) async fn counters(
    log: &dyn PredictionLog,
    shards: ShardId,
) -> Result<Counters, StorageError> {
    let mut sum = Counters::new();
    for shard in 0..shards {
        for (key, n) in log.counters(shard).await? {
            *sum.entry(key).or_insert(0) += n;
        }
    }
    Ok(sum)
}
