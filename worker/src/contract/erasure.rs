//! Rows that are erased, in every state: nobody sees them, no count holds them, no segment keeps them.

use super::rows::{answered, batch_of, numbers, row};
use super::shard::Stand;
use super::{Breach, Outcome, cases, same};
use crate::ports::{
    Asked, Erasure, HourSpan, Label, LabelStatus, LogRow, Part, Progress, SegmentStore, ShardStore,
    StorageError,
};

cases! {
    on Stand<S, K>, for [S: ShardStore, K: SegmentStore];
    natively {
        use crate::adapters::memory::{MemorySegments, MemoryShard};
        super::Stand::new(0, MemoryShard::default(), MemorySegments::default())
    };
    a_row_is_erased_in_every_state,
    all_rows_about_a_person_are_erased,
    counts_are_as_if_the_row_had_never_been,
    what_could_not_be_written_anew_is_out_of_sight_and_written_later,
    a_segment_that_was_stored_before_an_erasure_is_stored_again,
    a_segment_whose_rows_are_all_erased_is_empty,
    so_many_segments_are_looked_through_and_the_next_call_goes_on,
    an_erasure_that_is_asked_for_again_goes_on_where_it_was,
    a_segment_that_is_written_anew_keeps_its_time,
}

/// Row `n`, about a person; every fourth is about the same.
fn about(n: u64) -> LogRow {
    let LogRow { id, model_version, record } = answered(n, "x");
    let subject = if n.is_multiple_of(4) { "somebody" } else { "another" };
    let record =
        record.replacen("\"warnings\"", &format!(r#""subject":"{subject}","warnings""#), 1);
    LogRow { id, model_version, record }
}

impl<S: ShardStore, K: SegmentStore> Stand<S, K> {
    fn append_about(&self, sequence: u64, rows: std::ops::Range<u64>) -> Outcome {
        self.store().append(&batch_of(sequence, rows.map(about).collect()), self.now())?;
        Ok(())
    }

    /// Rows 0 to 20 are cold, to 30 stored, to 34 open.
    async fn in_every_state(&self) -> Outcome {
        self.append_about(1, 0..20)?;
        self.flush().await?;
        self.pass_days(8);
        self.flush().await?;
        self.append_about(2, 20..30)?;
        self.flush().await?;
        self.append_about(3, 30..34)
    }

    /// Erases as far as one call may, and says how many rows that were.
    async fn erase(&self, what: &Erasure) -> Result<u64, StorageError> {
        let before = self.shard().progress(what)?.erased;
        let asked = Asked { entry: "entry".to_owned(), actor: "owner".to_owned() };
        self.shard().begin_erasure(what, &asked)?;
        self.shard().erase_on().await?;
        Ok(self.shard().progress(what)?.erased - before)
    }

    /// Numbers of the rows in the segment store.
    async fn in_segments(&self) -> Result<Vec<u64>, Breach> {
        let mut all = Vec::new();
        for number in 1..9 {
            if let Some(ndjson) = self.segments().get(self.number(), number).await? {
                all.extend(numbers(&crate::services::log::wire::read_ndjson(&ndjson)?)?);
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    async fn seen(&self) -> Result<Vec<u64>, Breach> {
        let mut seen = self.pages(100).await?;
        seen.reverse();
        Ok(seen)
    }
}

fn one(n: u64) -> Erasure {
    Erasure::Id(row(n).id)
}

fn without(gone: &[u64]) -> Vec<u64> {
    (0..34).filter(|n| !gone.contains(n)).collect()
}

async fn a_row_is_erased_in_every_state<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    for (at, n) in [3, 25, 31].into_iter().enumerate() {
        same!(on.erase(&one(n)).await?, 1, "row {n}");
        same!(on.erase(&one(n)).await?, 0, "row {n} again");
        let gone: Vec<u64> = [3, 25, 31].into_iter().take(at + 1).collect();
        same!(on.seen().await?, without(&gone));
    }
    same!(on.erase(&one(99)).await?, 0);
    on.flush().await?;
    same!(on.in_segments().await?, without(&[3, 25, 31]));
    on.pass_days(8);
    same!(on.flush().await?.rows_dropped, 12);
    same!(on.seen().await?, without(&[3, 25, 31]));
    let labels = [3, 25, 31, 4].map(|n| Label { id: row(n).id, label: "x".to_owned() });
    use LabelStatus::{Recorded, UnknownId};
    let expected = vec![UnknownId, UnknownId, UnknownId, Recorded];
    same!(on.shard().label(&labels, on.now()).await?, expected);
    Ok(())
}

async fn all_rows_about_a_person_are_erased<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    let somebody = Erasure::Subject("somebody".to_owned());
    let gone: Vec<u64> = (0..34).filter(|n: &u64| n.is_multiple_of(4)).collect();
    same!(on.erase(&somebody).await?, gone.len() as u64);
    same!(on.seen().await?, without(&gone));
    same!(on.erase(&somebody).await?, 0);
    same!(on.erase(&Erasure::Subject("nobody".to_owned())).await?, 0);
    on.flush().await?;
    same!(on.in_segments().await?, without(&gone));
    Ok(())
}

async fn counts_are_as_if_the_row_had_never_been<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    let label = |n: u64| Label { id: row(n).id, label: "x".to_owned() };
    on.shard().label(&[label(3), label(5), label(32)], on.now()).await?;
    for n in [3, 25, 32] {
        on.erase(&one(n)).await?;
    }
    let tallies = on.store().tallies(&HourSpan::default())?;
    for (part, n) in [
        (Part::Answered, 31),
        (Part::Shadow, 31),
        (Part::Warned, 31),
        (Part::Drawn, 31),
        // Of the version that answered, and of the one in the shadow.
        (Part::Labelled, 2),
    ] {
        let own = tallies.iter().filter(|tally| tally.part == part);
        same!(own.map(|tally| tally.n).sum::<i64>(), n, "{part:?}");
    }
    let confidences = tallies.iter().filter(|tally| tally.part == Part::Answered);
    same!(confidences.map(|tally| tally.sum).sum::<i64>(), 31 * 700_000 + 1);
    same!(on.store().labels(&[row(3).id, row(5).id])?.len(), 1);
    Ok(())
}

async fn what_could_not_be_written_anew_is_out_of_sight_and_written_later<
    S: ShardStore,
    K: SegmentStore,
>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    for n in [3, 25] {
        same!(on.erase(&one(n)).await?, 1);
    }
    on.segments().set_failing(true);
    same!(on.flush().await.is_err(), true);
    same!(on.erase(&one(4)).await.is_err(), true);
    same!(on.shard().progress(&one(4))?, Progress { erased: 0, remaining: 4 });
    on.segments().set_failing(false);
    same!(on.seen().await?, without(&[3, 4, 25]), "what isn't erased yet is out of sight");
    on.shard().erase_on().await?;
    on.flush().await?;
    same!(on.shard().progress(&one(4))?, Progress { erased: 1, remaining: 0 });
    let stored: Vec<u64> = on.in_segments().await?;
    same!(stored, without(&[3, 4, 25]));
    on.segments().take_gets();
    on.flush().await?;
    same!(on.segments().take_gets(), 0, "what was written anew is done with");
    Ok(())
}

async fn a_segment_that_was_stored_before_an_erasure_is_stored_again<
    S: ShardStore,
    K: SegmentStore,
>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_about(1, 0..5)?;
    on.flush().await?;
    on.erase(&one(2)).await?;
    // Whoever put all five of them meanwhile is told to do it again.
    same!(on.store().mark_stored(1, 5)?, false);
    same!(on.store().next_sealed(0)?.map(|segment| segment.meta.rows), Some(4));
    same!(on.store().mark_stored(1, 4)?, true);
    same!(on.store().mark_stored(1, 5)?, false, "a late one, too");
    same!(on.flush().await?.rows_stored, 4);
    same!(on.in_segments().await?, vec![0, 1, 3, 4]);
    Ok(())
}

async fn a_segment_whose_rows_are_all_erased_is_empty<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_about(1, 0..2)?;
    on.flush().await?;
    for n in [0, 1] {
        on.erase(&one(n)).await?;
    }
    on.flush().await?;
    same!(on.in_segments().await?, Vec::<u64>::new());
    on.pass_days(8);
    on.flush().await?;
    on.append_about(2, 2..4)?;
    on.flush().await?;
    same!(on.seen().await?, vec![2, 3]);
    same!(on.in_segments().await?, vec![2, 3]);
    Ok(())
}

async fn so_many_segments_are_looked_through_and_the_next_call_goes_on<
    S: ShardStore,
    K: SegmentStore,
>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    on.flush().await?;
    on.pass_days(8);
    on.flush().await?;
    on.read_at_most(1);
    // Rows 0 to 34 are cold, in four segments; of the last five, one is about somebody.
    on.append_about(4, 34..39)?;
    let somebody = Erasure::Subject("somebody".to_owned());
    let gone: Vec<u64> = (0..39).filter(|n: &u64| n.is_multiple_of(4)).collect();
    let left: Vec<u64> = (0..39).filter(|n| !gone.contains(n)).collect();
    same!(on.erase(&somebody).await?, 4);
    let label = Label { id: row(32).id, label: "x".to_owned() };
    for (erased, remaining) in [(4, 4), (6, 3), (9, 2), (10, 1), (10, 0)] {
        same!(on.shard().progress(&somebody)?, Progress { erased, remaining });
        same!(on.seen().await?, left, "none is seen, erased or not");
        let status = on.shard().label(std::slice::from_ref(&label), on.now()).await?;
        same!(status, vec![LabelStatus::UnknownId]);
        on.segments().take_gets();
        on.shard().erase_on().await?;
        on.flush().await?;
        same!(on.segments().take_gets() <= 2, true, "one looked through, one written anew");
    }
    same!(on.in_segments().await?, left);
    let tallies = on.store().tallies(&HourSpan::default())?;
    let answered = tallies.iter().filter(|tally| tally.part == Part::Answered);
    same!(answered.map(|tally| tally.n).sum::<i64>(), left.len() as i64);
    // Who comes later is no part of it.
    on.append_about(5, 40..41)?;
    on.shard().erase_on().await?;
    same!(on.seen().await?.last(), Some(&40));
    Ok(())
}

async fn an_erasure_that_is_asked_for_again_goes_on_where_it_was<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.in_every_state().await?;
    on.read_at_most(1);
    let somebody = Erasure::Subject("somebody".to_owned());
    on.erase(&somebody).await?;
    on.segments().take_gets();
    on.append_about(4, 36..37)?;
    same!(on.erase(&somebody).await?, 3, "of the second segment, and the new row");
    same!(on.segments().take_gets(), 1);
    same!(on.shard().progress(&somebody)?.erased, 10);
    same!(on.store().erasures()?.len(), 1);
    Ok(())
}

async fn a_segment_that_is_written_anew_keeps_its_time<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_about(1, 0..10)?;
    on.flush().await?;
    let until = on.segments().last_until();
    same!(until, on.now() + 90 * 86_400_000);
    on.pass_days(8);
    on.flush().await?;
    on.append_about(2, 10..12)?;
    on.flush().await?;
    same!(on.segments().last_until(), until + 8 * 86_400_000, "of the second one");
    on.erase(&one(3)).await?;
    on.flush().await?;
    same!(on.segments().last_until(), until, "of the first one, written anew");
    // On its last day to the minute it isn't worth to be written, and no longer there.
    on.pass_days(82);
    on.erase(&one(4)).await?;
    on.flush().await?;
    same!(on.in_segments().await?, vec![10, 11]);
    same!(on.store().n_unwritten()?, 0);
    Ok(())
}
