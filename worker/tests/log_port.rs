//! What the log in memory has beside the contract of its port (`worker/src/contract`): faults on
//! demand, and a look at what was stored.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::sync::Arc;

use harness::NEW_YEAR;
use tepal_worker::adapters::memory::{ManualClock, MemoryLog, MemorySegments};
use tepal_worker::ports::{Batch, BatchTag, Counters, LogRow, PredictionLog};

fn log(segments: &Arc<MemorySegments>) -> MemoryLog {
    MemoryLog::new(Arc::new(ManualClock::new(NEW_YEAR)), segments.clone(), 10, 7)
}

fn row(n: u64) -> LogRow {
    let id = format!("{n:08}-0000-7000-8000-000000000000");
    let model_version = 1 + n % 2;
    let record = format!(r#"{{"id":"{id}","model_version":{model_version}}}"#);
    LogRow { id, model_version, record }
}

fn batch(n_rows: u64) -> Batch {
    let counters = Counters::from([("rows".to_owned(), n_rows)]);
    let tag = BatchTag { isolate: "isolate".into(), sequence: 1 };
    Batch { tag, rows: (0..n_rows).map(row).collect(), counters }
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_counts_once() {
    let log = log(&Arc::default());
    log.lose_answers(1);
    log.append(0, &batch(4)).await.unwrap_err();
    log.append(0, &batch(4)).await.unwrap();
    assert_eq!(log.status(0).await.unwrap().counters["rows"], 4);
}

#[tokio::test]
async fn segments_are_stored_under_their_shard_and_number_with_what_they_hold() {
    let segments = Arc::default();
    let log = log(&segments);
    log.append(3, &batch(15)).await.unwrap();
    log.flush(3).await.unwrap();
    let stored = segments.stored();
    let keys: Vec<&String> = stored.keys().collect();
    assert_eq!(keys, ["log/v1/3/0000000001", "log/v1/3/0000000002"]);
    let (ndjson, meta) = &stored["log/v1/3/0000000001"];
    assert_eq!(ndjson.lines().next().unwrap(), row(0).record);
    assert_eq!((meta.rows, &meta.versions), (10, &vec![1, 2]));
    assert_eq!((&meta.from, &meta.to), (&row(0).id, &row(9).id));
}
