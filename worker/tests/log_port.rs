//! What any implementation of the log port must do, here on the memory adapter. Over HTTP the
//! same promises are tested on the Durable Object and KV (`tests/worker/log.test.mjs`).

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::collections::BTreeSet;
use std::sync::Arc;

use harness::NEW_YEAR;
use tepal_worker::adapters::memory::{ManualClock, MemoryLog, MemorySegments};
use tepal_worker::ports::{Batch, BatchTag, Counters, HistoryQuery, LogRow, PredictionLog};

const DAY_MILLIS: i64 = 86_400_000;

struct Fixture {
    clock: Arc<ManualClock>,
    segments: Arc<MemorySegments>,
    log: MemoryLog,
}

fn fixture(segment_rows: u64) -> Fixture {
    let clock = Arc::new(ManualClock::new(NEW_YEAR));
    let segments = Arc::new(MemorySegments::default());
    let log = MemoryLog::new(clock.clone(), segments.clone(), segment_rows, 7);
    Fixture { clock, segments, log }
}

fn row(n: u64) -> LogRow {
    let id = format!("{n:08}-0000-7000-8000-000000000000");
    let model_version = 1 + n % 2;
    let record = format!(r#"{{"id":"{id}","model_version":{model_version}}}"#);
    LogRow { id, model_version, record }
}

fn batch(sequence: u64, rows: impl IntoIterator<Item = u64>) -> Batch {
    let rows: Vec<LogRow> = rows.into_iter().map(row).collect();
    let counters = Counters::from([("rows".to_owned(), rows.len() as u64)]);
    Batch { tag: BatchTag { isolate: "isolate".into(), sequence }, rows, counters }
}

fn query(limit: usize) -> HistoryQuery {
    HistoryQuery { limit, before_id: None, from_id: None, model_version: None }
}

impl Fixture {
    /// All pages of `limit` rows, as row numbers.
    async fn pages(&self, limit: usize) -> Vec<u64> {
        let mut numbers = Vec::new();
        let mut query = query(limit);
        loop {
            let rows = self.log.history(0, &query).await.unwrap();
            assert!(rows.len() <= limit);
            let Some(last) = rows.last() else { return numbers };
            query.before_id = Some(last.id.clone());
            numbers.extend(rows.iter().map(|row| row.id[..8].parse::<u64>().unwrap()));
        }
    }

    fn newest_first(n: u64) -> Vec<u64> {
        (0..n).rev().collect()
    }
}

#[tokio::test]
async fn a_retried_append_counts_once() {
    let f = fixture(10);
    for _ in 0..3 {
        f.log.append(0, &batch(1, 0..4)).await.unwrap();
    }
    f.log.append(0, &batch(2, 4..6)).await.unwrap();
    assert_eq!(f.log.counters(0).await.unwrap()["rows"], 6);
    assert_eq!(f.pages(100).await, Fixture::newest_first(6));
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_counts_once() {
    let f = fixture(10);
    f.log.lose_answers(1);
    f.log.append(0, &batch(1, 0..4)).await.unwrap_err();
    f.log.append(0, &batch(1, 0..4)).await.unwrap();
    assert_eq!(f.log.counters(0).await.unwrap()["rows"], 4);
}

#[tokio::test]
async fn shards_are_apart() {
    let f = fixture(10);
    f.log.append(3, &batch(1, 0..4)).await.unwrap();
    assert_eq!(f.pages(10).await, Vec::<u64>::new());
    assert!(f.log.counters(0).await.unwrap().is_empty());
    f.log.flush(3).await.unwrap();
    assert_eq!(f.segments.stored().keys().collect::<Vec<_>>(), ["log/v1/3/0000000001"]);
}

#[tokio::test]
async fn flush_stores_full_segments_and_the_rest() {
    let f = fixture(10);
    f.log.append(0, &batch(1, 0..25)).await.unwrap();
    let report = f.log.flush(0).await.unwrap();
    assert_eq!((report.rows_sealed, report.segments_stored, report.rows_stored), (25, 3, 25));
    let stored = f.segments.stored();
    let keys: Vec<&String> = stored.keys().collect();
    assert_eq!(keys, ["log/v1/0/0000000001", "log/v1/0/0000000002", "log/v1/0/0000000003"]);
    let (ndjson, meta) = &stored["log/v1/0/0000000001"];
    assert_eq!(ndjson.lines().count(), 10);
    assert_eq!(ndjson.lines().next().unwrap(), row(0).record);
    assert_eq!((meta.rows, &meta.versions), (10, &vec![1, 2]));
    assert_eq!((&meta.from, &meta.to), (&row(0).id, &row(9).id));
}

#[tokio::test]
async fn a_failed_flush_goes_on_where_it_stopped() {
    let f = fixture(10);
    f.log.append(0, &batch(1, 0..15)).await.unwrap();
    f.segments.set_failing(true);
    f.log.flush(0).await.unwrap_err();
    assert_eq!(f.pages(4).await, Fixture::newest_first(15), "sealed rows are still read here");
    f.log.append(0, &batch(2, 15..18)).await.unwrap();
    f.segments.set_failing(false);
    let report = f.log.flush(0).await.unwrap();
    assert_eq!((report.rows_sealed, report.segments_stored, report.rows_stored), (3, 3, 18));
    assert_eq!(f.pages(4).await, Fixture::newest_first(18));
}

#[tokio::test]
async fn every_row_is_read_once_in_every_state() {
    let f = fixture(10);
    f.log.append(0, &batch(1, 0..25)).await.unwrap();
    f.log.flush(0).await.unwrap();
    f.clock.advance(8 * DAY_MILLIS);
    assert_eq!(f.log.flush(0).await.unwrap().rows_dropped, 25);
    // Cold below, then stored, then open.
    f.log.append(0, &batch(2, 25..40)).await.unwrap();
    f.log.flush(0).await.unwrap();
    f.log.append(0, &batch(3, 40..47)).await.unwrap();
    for limit in [1, 3, 10, 46, 47, 1_000] {
        assert_eq!(f.pages(limit).await, Fixture::newest_first(47), "pages of {limit}");
    }
}

#[tokio::test]
async fn rows_that_arrive_late_are_in_their_place() {
    let f = fixture(10);
    f.log.append(0, &batch(1, (0..20).filter(|n| n % 3 != 0))).await.unwrap();
    f.log.flush(0).await.unwrap();
    f.clock.advance(8 * DAY_MILLIS);
    f.log.flush(0).await.unwrap();
    f.log.append(0, &batch(2, (0..20).filter(|n| n % 3 == 0))).await.unwrap();
    f.log.flush(0).await.unwrap();
    for limit in [1, 2, 7, 100] {
        assert_eq!(f.pages(limit).await, Fixture::newest_first(20), "pages of {limit}");
    }
    f.clock.advance(8 * DAY_MILLIS);
    f.log.flush(0).await.unwrap();
    for limit in [1, 2, 7, 100] {
        assert_eq!(f.pages(limit).await, Fixture::newest_first(20), "cold pages of {limit}");
    }
}

#[tokio::test]
async fn queries_select_hot_and_cold_rows_alike() {
    let f = fixture(10);
    f.log.append(0, &batch(1, 0..20)).await.unwrap();
    f.log.flush(0).await.unwrap();
    f.clock.advance(8 * DAY_MILLIS);
    f.log.flush(0).await.unwrap();
    f.log.append(0, &batch(2, 20..30)).await.unwrap();
    let query = HistoryQuery {
        before_id: Some(row(24).id),
        from_id: Some(row(15).id),
        model_version: Some(2),
        ..query(100)
    };
    let rows = f.log.history(0, &query).await.unwrap();
    assert_eq!(rows, [23, 21, 19, 17, 15].map(row));
}

#[tokio::test]
async fn segments_beyond_their_time_are_forgotten() {
    let f = fixture(10);
    f.log.append(0, &batch(1, 0..10)).await.unwrap();
    f.log.flush(0).await.unwrap();
    f.clock.advance(91 * DAY_MILLIS);
    f.log.flush(0).await.unwrap();
    f.log.append(0, &batch(2, 10..12)).await.unwrap();
    f.log.flush(0).await.unwrap();
    let numbers: BTreeSet<u64> = f.pages(100).await.into_iter().collect();
    assert_eq!(numbers, BTreeSet::from([10, 11]));
    assert!(f.segments.stored().contains_key("log/v1/0/0000000002"), "numbers go on");
}
