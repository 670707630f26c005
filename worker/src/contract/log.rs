//! The sharded log as the Worker sees it.

use super::rows::{answered, batch, batch_of, newest_first, numbers, query, row};
use super::{Breach, Outcome, cases, same};
use crate::ports::{HistoryQuery, HourSpan, Label, LabelStatus, Part, PredictionLog, ShardId};

/// A log, and the first of some shards of it that hold nothing yet.
pub(crate) struct Stand<L> {
    log: L,
    first: ShardId,
}

impl<L: PredictionLog> Stand<L> {
    /// On `log`, whose shards `first`, which isn't the directory, and the one after it hold nothing.
    pub(crate) fn new(log: L, first: ShardId) -> Self {
        Self { log, first }
    }
}

cases! {
    on Stand<L>, for [L: PredictionLog];
    natively {
        use std::sync::Arc;
        use crate::adapters::memory::{ManualClock, MemoryLog, MemorySegments};
        let clock = Arc::new(ManualClock::new(1_767_225_600_000));
        let segments = Arc::new(MemorySegments::default());
        super::Stand::new(MemoryLog::new(clock, segments, 5_000, 7), 1)
    };
    an_append_that_is_sent_again_counts_once,
    shards_are_apart,
    a_page_holds_what_was_asked_for,
    a_flush_leaves_the_history_as_it_is,
    a_shard_is_known_once_it_took_rows,
    labels_and_counts_are_a_shards_own,
}

async fn an_append_that_is_sent_again_counts_once<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    for sequence in [1, 1, 2, 1] {
        on.log.append(on.first, &batch(sequence, 0..4)).await?;
    }
    same!(on.log.status(on.first).await?.counters.get("rows"), Some(&8));
    let page = on.log.history(on.first, &query(100)).await?;
    same!(page.rows, (0..4).rev().map(row).collect::<Vec<_>>());
    Ok(())
}

async fn shards_are_apart<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    on.log.append(on.first, &batch(1, 0..4)).await?;
    on.log.append(on.first + 1, &batch(1, 4..6)).await?;
    same!(on.log.flush(on.first).await?.rows_stored, 4);
    same!(numbers(&on.log.history(on.first + 1, &query(9)).await?.rows)?, vec![5, 4]);
    same!(on.log.status(on.first + 1).await?.counters.get("rows"), Some(&2));
    Ok(())
}

async fn a_page_holds_what_was_asked_for<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    on.log.append(on.first, &batch(1, 0..20)).await?;
    let wanted = HistoryQuery {
        before_id: Some(row(18).id),
        from_id: Some(row(3).id),
        model_version: Some(2),
        ..query(5)
    };
    let page = on.log.history(on.first, &wanted).await?;
    same!((numbers(&page.rows)?, page.next), (vec![17, 15, 13, 11, 9], Some(row(9).id)));
    Ok(())
}

async fn a_flush_leaves_the_history_as_it_is<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    on.log.append(on.first, &batch(1, 0..7)).await?;
    let report = on.log.flush(on.first).await?;
    same!((report.rows_sealed, report.segments_stored, report.rows_stored), (7, 1, 7));
    on.log.append(on.first, &batch(2, 7..9)).await?;
    same!(numbers(&on.log.history(on.first, &query(100)).await?.rows)?, newest_first(9));
    Ok(())
}

async fn a_shard_is_known_once_it_took_rows<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    for (rows, known) in [(0, false), (4, true), (5, true)] {
        if rows > 0 {
            on.log.append(on.first, &batch(rows, 0..rows)).await?;
        }
        on.log.history(on.first + 1, &query(1)).await?;
        on.log.flush(on.first + 1).await?;
        let shards = on.log.shards().await?;
        let found = (shards.contains(&on.first), shards.contains(&(on.first + 1)));
        same!(found, (known, false), "{rows} rows");
    }
    Ok(())
}

async fn labels_and_counts_are_a_shards_own<L: PredictionLog>(on: &Stand<L>) -> Outcome {
    use LabelStatus::{Conflict, Recorded, UnknownId};
    on.log.append(on.first, &batch_of(1, vec![answered(1, "x"), answered(2, "y")])).await?;
    on.log.append(on.first + 1, &batch_of(1, vec![answered(3, "x")])).await?;
    let label = |n: u64, class: &str| Label { id: row(n).id, label: class.to_owned() };
    let labels = [label(1, "x"), label(3, "x"), label(1, "y")];
    same!(on.log.label(on.first, &labels).await?, vec![Recorded, UnknownId, Conflict]);
    let counted = async |shard, part| {
        let tallies = on.log.tallies(shard, &HourSpan::default()).await?;
        let own = tallies.iter().filter(|tally| tally.part == part && tally.version < 7);
        Ok::<_, Breach>(own.map(|tally| (tally.n, tally.sum)).collect::<Vec<_>>())
    };
    same!(counted(on.first, Part::Labelled).await?, vec![(1, 1)]);
    same!(counted(on.first, Part::Answered).await?, vec![(1, 700_000), (1, 700_000)]);
    same!(counted(on.first + 1, Part::Labelled).await?, vec![]);
    let wanted = HistoryQuery { labelled: Some(true), ..query(9) };
    same!(numbers(&on.log.history(on.first, &wanted).await?.rows)?, vec![1]);
    Ok(())
}
