//! Labels of a shard's rows and the counts of both, in every state of a row.

use super::rows::{answered, batch_of, numbers, query, row};
use super::shard::Stand;
use super::{Breach, Outcome, cases, same};
use crate::ports::{
    HistoryQuery, HourSpan, Label, LabelStatus, LogRow, Outcome as Turned, Part, SegmentStore,
    ShardStore, Tally,
};

cases! {
    on Stand<S, K>, for [S: ShardStore, K: SegmentStore];
    natively {
        use crate::adapters::memory::{MemorySegments, MemoryShard};
        super::Stand::new(0, MemoryShard::default(), MemorySegments::default())
    };
    a_label_is_recorded_once,
    what_isnt_known_is_told,
    a_cold_row_gets_its_late_label,
    records_say_their_label,
    rows_are_selected_by_class_label_and_outcome,
    only_segments_with_labels_are_read_for_labelled_rows,
    rows_and_labels_are_counted_once,
    counts_are_of_hours,
    labels_are_forgotten_with_their_rows,
}

fn label(n: u64, class: &str) -> Label {
    Label { id: row(n).id, label: class.to_owned() }
}

/// Rows 0 to `n`, of which every third is answered with `y`, the others with `x`.
fn rows(n: u64) -> Vec<LogRow> {
    (0..n).map(|n| answered(n, if n % 3 == 0 { "y" } else { "x" })).collect()
}

impl<S: ShardStore, K: SegmentStore> Stand<S, K> {
    async fn label(&self, labels: &[Label]) -> Result<Vec<LabelStatus>, Breach> {
        Ok(self.shard().label(labels, self.now()).await?)
    }

    fn append_rows(&self, sequence: u64, rows: Vec<LogRow>) -> Outcome {
        self.store().append(&batch_of(sequence, rows), self.now())?;
        Ok(())
    }

    /// Lets all rows that are there become cold.
    async fn freeze(&self) -> Outcome {
        self.flush().await?;
        self.pass_days(8);
        self.flush().await?;
        Ok(())
    }
}

async fn a_label_is_recorded_once<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    use LabelStatus::{Conflict, Recorded, Unchanged};
    on.append_rows(1, rows(4))?;
    let labels = [label(1, "x"), label(1, "x"), label(1, "y"), label(2, "y")];
    same!(on.label(&labels).await?, vec![Recorded, Unchanged, Conflict, Recorded]);
    same!(on.label(&labels).await?, vec![Unchanged, Unchanged, Conflict, Unchanged]);
    let known = on.store().labels(&[row(0).id, row(1).id])?;
    same!(known.len(), 1);
    let found = known.get(&row(1).id).map(|known| (known.label.clone(), known.at_millis));
    same!(found, Some(("x".to_owned(), on.now())));
    let counters = on.store().status()?.counters;
    let counted: Vec<_> = counters.iter().filter(|(key, _)| key.contains("labels")).collect();
    let expected = [
        (r#"{"labels":[1,"wrong"]}"#, 1),
        (r#"{"labels":[2,"correct"]}"#, 1),
        // Who was asked in the shadow said something else both times.
        (r#"{"labels":[7,"wrong"]}"#, 2),
    ]
    .map(|(key, n)| (key.to_owned(), n));
    same!(counted, expected.iter().map(|(key, n)| (key, n)).collect::<Vec<_>>());
    Ok(())
}

async fn what_isnt_known_is_told<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    use LabelStatus::{Recorded, UnknownClass, UnknownId};
    on.append_rows(1, rows(2))?;
    let labels = [label(9, "x"), label(0, "z"), label(0, "x"), label(1, "")];
    same!(on.label(&labels).await?, vec![UnknownId, UnknownClass, Recorded, UnknownClass]);
    // A row that says nothing of classes knows none.
    on.append_rows(2, vec![row(5)])?;
    same!(on.label(&[label(5, "x")]).await?, vec![UnknownClass]);
    Ok(())
}

async fn a_cold_row_gets_its_late_label<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    use LabelStatus::{Conflict, Recorded, UnknownClass, UnknownId};
    on.append_rows(1, rows(25))?;
    on.freeze().await?;
    on.append_rows(2, vec![answered(30, "x")])?;
    on.segments().take_gets();
    let labels = [label(3, "y"), label(4, "y"), label(30, "x"), label(27, "x"), label(24, "z")];
    same!(on.label(&labels).await?, vec![Recorded, Recorded, Recorded, UnknownId, UnknownClass]);
    same!(on.segments().take_gets(), 2, "one read for each segment that may hold a row");
    same!(on.label(&[label(3, "x"), label(30, "y")]).await?, vec![Conflict, Conflict]);
    same!(on.segments().take_gets(), 0, "what has a label needs no row");
    on.segments().set_failing(true);
    same!(on.label(&[label(30, "x"), label(5, "x")]).await.is_err(), true);
    on.segments().set_failing(false);
    same!(on.label(&[label(5, "x")]).await?, vec![Recorded]);
    Ok(())
}

async fn records_say_their_label<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    on.append_rows(1, vec![answered(1, "a \"quoted\" class"), answered(2, "x")])?;
    on.label(&[label(1, "a \"quoted\" class")]).await?;
    for _ in 0..2 {
        let page = on.history(&query(9)).await?;
        let read = |row: &LogRow| {
            let record: serde_json::Value = serde_json::from_str(&row.record).unwrap_or_default();
            (record["label"].as_str().map(str::to_owned), record["labelled_at"].is_string())
        };
        let labels: Vec<_> = page.rows.iter().map(read).collect();
        same!(labels, vec![(None, false), (Some("a \"quoted\" class".to_owned()), true)]);
        on.freeze().await?;
    }
    Ok(())
}

async fn rows_are_selected_by_class_label_and_outcome<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_rows(1, rows(12))?;
    on.label(&[label(0, "y"), label(1, "y"), label(2, "x"), label(3, "x"), label(9, "y")]).await?;
    let all = || query(100);
    let class = |class: &str| HistoryQuery { class: Some(class.to_owned()), ..all() };
    let outcome = |outcome| HistoryQuery { outcome: Some(outcome), ..all() };
    let cases = [
        (class("y"), vec![9, 6, 3, 0]),
        (class("z"), vec![]),
        (HistoryQuery { labelled: Some(true), ..all() }, vec![9, 3, 2, 1, 0]),
        (HistoryQuery { labelled: Some(false), ..all() }, vec![11, 10, 8, 7, 6, 5, 4]),
        (outcome(Turned::Right), vec![9, 2, 0]),
        (outcome(Turned::Wrong), vec![3, 1]),
        (HistoryQuery { labelled: Some(false), ..outcome(Turned::Right) }, vec![]),
        (HistoryQuery { limit: 1, before_id: Some(row(9).id), ..outcome(Turned::Right) }, vec![2]),
        (HistoryQuery { model_version: Some(2), labelled: Some(true), ..class("y") }, vec![9, 3]),
    ];
    for state in ["hot", "cold"] {
        for (wanted, found) in &cases {
            let page = on.history(wanted).await?;
            same!(&numbers(&page.rows)?, found, "{state}: {wanted:?}");
        }
        on.freeze().await?;
    }
    Ok(())
}

async fn only_segments_with_labels_are_read_for_labelled_rows<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    on.append_rows(1, rows(30))?;
    on.label(&[label(15, "x")]).await?;
    on.freeze().await?;
    for (wanted, segments) in [
        (HistoryQuery { labelled: Some(true), ..query(9) }, 1),
        (HistoryQuery { outcome: Some(Turned::Wrong), ..query(9) }, 1),
        (HistoryQuery { labelled: Some(false), ..query(100) }, 3),
    ] {
        on.segments().take_gets();
        on.history(&wanted).await?;
        same!(on.segments().take_gets(), segments, "{wanted:?}");
    }
    Ok(())
}

fn tally(version: u64, part: Part, word: &str, n: i64, sum: i64) -> Tally {
    Tally { version, part, word: word.to_owned(), n, sum }
}

async fn rows_and_labels_are_counted_once<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    // Rows 0, 2 and 4 are of version 1, row 3 of version 2; each was asked of version 7 too.
    let rows = || [0, 2, 3, 4].map(|n| answered(n, if n == 4 { "y" } else { "x" })).to_vec();
    on.append_rows(1, rows())?;
    on.append_rows(1, rows())?;
    on.append_rows(2, rows())?;
    on.label(&[label(2, "x"), label(3, "y"), label(4, "y"), label(4, "x"), label(9, "x")]).await?;
    on.label(&[label(2, "x")]).await?;
    let expected = || {
        vec![
            tally(1, Part::Answered, "x", 2, 1_400_001),
            tally(1, Part::Answered, "y", 1, 700_000),
            tally(1, Part::Warned, "unknown_category", 3, 0),
            tally(1, Part::Labelled, "x", 1, 1),
            tally(1, Part::Labelled, "y", 1, 1),
            tally(1, Part::Drawn, "7/2000", 3, 0),
            tally(2, Part::Answered, "x", 1, 700_000),
            tally(2, Part::Warned, "unknown_category", 1, 0),
            tally(2, Part::Labelled, "y", 1, 0),
            tally(2, Part::Drawn, "7/2000", 1, 0),
            tally(7, Part::Shadow, "z", 4, 3_600_000),
            tally(7, Part::Labelled, "x", 1, 0),
            tally(7, Part::Labelled, "y", 2, 0),
        ]
    };
    same!(on.store().tallies(&HourSpan::default())?, expected());
    on.freeze().await?;
    same!(on.store().tallies(&HourSpan::default())?, expected(), "counts outlive the rows here");
    Ok(())
}

async fn counts_are_of_hours<S: ShardStore, K: SegmentStore>(on: &Stand<S, K>) -> Outcome {
    // Row `n` was answered in the hour `n`.
    on.append_rows(1, (0..6).map(|n| answered(n, "x")).collect())?;
    on.pass_days(1);
    on.label(&[label(1, "x"), label(3, "x"), label(4, "y")]).await?;
    let hour = |n: u64| Some(format!("2026-01-01T{n:02}"));
    for (from, to, answers, labels) in [
        (None, None, 6, 3),
        (hour(2), None, 4, 2),
        (None, hour(4), 4, 2),
        (hour(1), hour(2), 1, 1),
        (hour(4), hour(4), 0, 0),
    ] {
        let span = HourSpan { from, to };
        let found = on.store().tallies(&span)?;
        let of = |part: Part| {
            let own = found.iter().filter(|tally| tally.part == part && tally.version < 7);
            own.map(|tally| tally.n).sum::<i64>()
        };
        same!((of(Part::Answered), of(Part::Labelled)), (answers, labels), "{span:?}");
    }
    Ok(())
}

async fn labels_are_forgotten_with_their_rows<S: ShardStore, K: SegmentStore>(
    on: &Stand<S, K>,
) -> Outcome {
    let id = |n: u64| format!("{n:08}-0000-7000-8000-000000000000");
    on.append_rows(1, rows(3))?;
    on.label(&[label(1, "x"), label(2, "x")]).await?;
    on.store().forget(0, &id(2), 0)?;
    let left = on.store().labels(&[id(1), id(2)])?;
    same!(left.into_keys().collect::<Vec<_>>(), vec![id(2)]);
    Ok(())
}
