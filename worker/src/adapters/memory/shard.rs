//! A shard's storage in maps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::erasure::Kept;
use crate::ports::{
    Appended, Batch, BatchTag, Bounds, Counters, Erasure, Found, HistoryQuery, HotAndCold,
    HourSpan, LabelStatus, LabelStore, Labelled, Labels, LogPage, LogRow, NewLabel, Part, Segment,
    SegmentState, ShardId, ShardStatus, ShardStore, StorageError, StoredSegment, Tally,
};
use crate::services::log::tally::Counted;
use crate::services::usage::Meter;

/// What SQLite holds at the edge, as maps behind a lock; each call is atomic by that lock.
#[derive(Debug, Default)]
pub struct MemoryShard {
    inner: Mutex<Inner>,
    /// What it has used. There is no SQLite here, so it has calls and keys only.
    pub(super) meter: Arc<Meter>,
}

/// Place of a row in the order of arrival, from 1 up.
type Seq = u64;

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) rows: BTreeMap<Seq, LogRow>,
    pub(super) by_id: BTreeMap<String, Seq>,
    last_seq: Seq,
    pub(super) index: BTreeMap<u64, Entry>,
    counters: Counters,
    applied: BTreeMap<BatchTag, i64>,
    noted: BTreeSet<ShardId>,
    pub(super) labels: Labels,
    tallies: BTreeMap<Place, (i64, i64)>,
    /// Marks of erased rows.
    pub(super) erased: BTreeSet<String>,
    pub(super) erasures: BTreeMap<Erasure, Kept>,
    /// Segments to be written anew.
    pub(super) due: BTreeSet<u64>,
}

/// What a count is told apart by: hour, version, part, word.
type Place = (String, u64, Part, String);

/// A segment in the index: the rows that arrived as number `first` to `last`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) meta: StoredSegment,
    pub(super) first: Seq,
    pub(super) last: Seq,
    pub(super) state: SegmentState,
    sealed_at: i64,
}

impl MemoryShard {
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn last_sealed(&self) -> Seq {
        self.index.values().map(|entry| entry.last).max().unwrap_or(0)
    }

    /// `seq` grows by one a row, as in SQLite. Once all rows are dropped the difference is negative there.
    fn open_rows(&self) -> u64 {
        let last = self.rows.keys().next_back().copied().unwrap_or(0);
        last.saturating_sub(self.last_sealed())
    }

    /// Puts a segment into the index under the next number.
    fn enter(&mut self, entry: Entry) -> Segment {
        let number = self.index.keys().next_back().map_or(1, |last| last + 1);
        let entered = segment((&number, &entry));
        self.index.insert(number, entry);
        entered
    }

    pub(super) fn count(&mut self, hour: &str, tallies: Vec<Tally>) {
        for Tally { version, part, word, n, sum } in tallies {
            let counts = self.tallies.entry((hour.to_owned(), version, part, word)).or_default();
            *counts = (counts.0 + n, counts.1 + sum);
        }
    }

    fn has_label_within(&self, meta: &StoredSegment) -> bool {
        self.labels.range(meta.from.clone()..=meta.to.clone()).next().is_some()
    }

    fn label(&self, id: &str) -> Option<&str> {
        self.labels.get(id).map(|known| known.label.as_str())
    }

    /// What the rows that arrived as `first` to `last` have in common; `None` if there are none.
    fn describe(&self, first: Seq, last: Seq) -> Option<StoredSegment> {
        if first > last {
            return None;
        }
        let rows: Vec<&LogRow> = self.rows.range(first..=last).map(|(_, row)| row).collect();
        let versions: BTreeSet<u64> = rows.iter().map(|row| row.model_version).collect();
        Some(StoredSegment {
            from: rows.iter().map(|row| &row.id).min()?.clone(),
            to: rows.iter().map(|row| &row.id).max()?.clone(),
            rows: rows.len().try_into().unwrap_or(u64::MAX),
            versions: versions.into_iter().take(StoredSegment::MOST_VERSIONS).collect(),
        })
    }
}

/// How many of these rows, from the first on, have at most `max_bytes`; at least one.
fn fitting<'a>(rows: impl Iterator<Item = &'a LogRow>, line_end: u64, max_bytes: u64) -> usize {
    let mut bytes = 0;
    let fits = |row: &LogRow| {
        bytes += row.record.len() as u64 + line_end;
        bytes <= max_bytes
    };
    rows.map(fits).take_while(|fits| *fits).count().max(1)
}

pub(super) fn segment((number, entry): (&u64, &Entry)) -> Segment {
    Segment { number: *number, meta: entry.meta.clone(), sealed_at: entry.sealed_at }
}

impl ShardStore for MemoryShard {
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, StorageError> {
        let mut inner = self.lock();
        let fresh = !inner.applied.contains_key(&batch.tag);
        if fresh {
            let counted: Result<Vec<_>, _> = batch.rows.iter().map(Counted::read).collect();
            let counted = counted?;
            inner.applied.insert(batch.tag.clone(), now_millis);
            for (row, counted) in batch.rows.iter().zip(counted) {
                if !inner.by_id.contains_key(&row.id) {
                    inner.count(counted.hour(), counted.tallies());
                    inner.last_seq += 1;
                    let seq = inner.last_seq;
                    inner.by_id.insert(row.id.clone(), seq);
                    inner.rows.insert(seq, row.clone());
                }
            }
            for (key, n) in &batch.counters {
                *inner.counters.entry(key.clone()).or_insert(0) += n;
            }
        }
        Ok(Appended { fresh, open_rows: inner.open_rows() })
    }

    fn seal(&self, most: Bounds, now_millis: i64) -> Result<Option<Segment>, StorageError> {
        let mut inner = self.lock();
        let most_rows = usize::try_from(most.rows).unwrap_or(usize::MAX);
        let open = || inner.rows.range(inner.last_sealed() + 1..).take(most_rows);
        let fitting = fitting(open().map(|(_, row)| row), 1, most.bytes);
        let open: Vec<Seq> = open().take(fitting).map(|(seq, _)| *seq).collect();
        let (Some(&first), Some(&last)) = (open.first(), open.last()) else { return Ok(None) };
        let Some(meta) = inner.describe(first, last) else { return Ok(None) };
        Ok(Some(inner.enter(Entry {
            meta,
            first,
            last,
            state: SegmentState::Sealed,
            sealed_at: now_millis,
        })))
    }

    fn cut(&self, number: u64, max_bytes: u64) -> Result<Option<Segment>, StorageError> {
        let mut inner = self.lock();
        let Some(entry) = inner.index.get(&number).cloned() else { return Ok(None) };
        if entry.state != SegmentState::Sealed {
            return Ok(None);
        }
        let rows = || inner.rows.range(entry.first..=entry.last);
        let fitting = fitting(rows().map(|(_, row)| row), 1, max_bytes);
        let kept = rows().take(fitting).last().map_or(entry.last, |(seq, _)| *seq);
        let (head, tail) =
            (inner.describe(entry.first, kept), inner.describe(kept + 1, entry.last));
        let (Some(head), Some(tail)) = (head, tail) else {
            return Ok(Some(segment((&number, &entry))));
        };
        let head = Entry { meta: head, last: kept, ..entry.clone() };
        let kept_segment = segment((&number, &head));
        inner.index.insert(number, head);
        inner.enter(Entry { meta: tail, first: kept + 1, ..entry });
        Ok(Some(kept_segment))
    }

    fn next_sealed(&self, after: u64) -> Result<Option<Segment>, StorageError> {
        let inner = self.lock();
        let mut beyond = inner.index.range(after.saturating_add(1)..);
        Ok(beyond.find(|(_, entry)| entry.state == SegmentState::Sealed).map(segment))
    }

    fn segment_rows(&self, segment: u64) -> Result<Vec<LogRow>, StorageError> {
        let inner = self.lock();
        let Some(entry) = inner.index.get(&segment) else { return Ok(Vec::new()) };
        let rows = inner.rows.range(entry.first..=entry.last);
        let mut rows: Vec<LogRow> = rows.map(|(_, row)| row.clone()).collect();
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }

    fn mark_stored(&self, segment: u64, rows: u64) -> Result<bool, StorageError> {
        let mut inner = self.lock();
        let Some(entry) = inner.index.get_mut(&segment) else { return Ok(true) };
        let is_whole = entry.meta.rows == rows;
        entry.state = match entry.state {
            SegmentState::Cold => SegmentState::Cold,
            _ if is_whole => SegmentState::Stored,
            _ => SegmentState::Sealed,
        };
        Ok(is_whole || entry.state == SegmentState::Cold)
    }

    fn drop_rows(&self, sealed_before_millis: i64) -> Result<u64, StorageError> {
        let mut inner = self.lock();
        let Inner { rows, by_id, index, .. } = &mut *inner;
        let before = rows.len();
        for entry in index.values_mut() {
            if entry.state == SegmentState::Stored && entry.sealed_at < sealed_before_millis {
                entry.state = SegmentState::Cold;
                rows.retain(|seq, _| !(entry.first..=entry.last).contains(seq));
            }
        }
        by_id.retain(|_, seq| rows.contains_key(seq));
        Ok((before - rows.len()).try_into().unwrap_or(u64::MAX))
    }

    fn forget(
        &self,
        sealed_before_millis: i64,
        labels_before: &str,
        tags_before_millis: i64,
    ) -> Result<(), StorageError> {
        let mut inner = self.lock();
        // The last segment's entry stays: numbers and ranges go on from it.
        let last = inner.index.keys().next_back().copied();
        inner.index.retain(|number, entry| {
            entry.state != SegmentState::Cold
                || entry.sealed_at >= sealed_before_millis
                || Some(*number) == last
        });
        inner.labels.retain(|id, _| id.as_str() >= labels_before);
        inner.erased.retain(|id| id.as_str() >= labels_before);
        inner.applied.retain(|_, applied_at| *applied_at >= tags_before_millis);
        Ok(())
    }

    fn read(&self, query: &HistoryQuery, max_bytes: u64) -> Result<HotAndCold, StorageError> {
        let inner = self.lock();
        let selected = || {
            let rows = inner.by_id.values().rev().filter_map(|seq| inner.rows.get(seq));
            rows.filter(|row| query.selects(row, inner.label(&row.id)))
        };
        let fitting = fitting(selected().take(query.limit), 0, max_bytes);
        let rows: Vec<LogRow> = selected().take(fitting).cloned().collect();
        let more = selected().nth(rows.len()).is_some();
        let next = rows.last().filter(|_| more).map(|row| row.id.clone());
        let cold = inner.index.iter().filter(|(_, entry)| {
            entry.state == SegmentState::Cold
                && query.before_id.as_ref().is_none_or(|before| entry.meta.from < *before)
                && query.from_id.as_ref().is_none_or(|from| entry.meta.to >= *from)
                && query.model_version.is_none_or(|version| entry.meta.may_hold(version))
                && (!query.needs_label() || inner.has_label_within(&entry.meta))
        });
        Ok(HotAndCold { hot: LogPage { rows, next }, cold: cold.map(segment).collect() })
    }

    fn note_shard(&self, shard: ShardId) -> Result<(), StorageError> {
        self.lock().noted.insert(shard);
        Ok(())
    }

    fn noted_shards(&self) -> Result<BTreeSet<ShardId>, StorageError> {
        Ok(self.lock().noted.clone())
    }

    fn count(&self, key: &str, n: u64) -> Result<(), StorageError> {
        *self.lock().counters.entry(key.to_owned()).or_insert(0) += n;
        Ok(())
    }

    fn status(&self) -> Result<ShardStatus, StorageError> {
        let inner = self.lock();
        let is_sealed = |entry: &&Entry| entry.state == SegmentState::Sealed;
        let sealed = || inner.index.values().filter(is_sealed);
        let first_open = inner.rows.range(inner.last_sealed() + 1..).next();
        let open = first_open.map(|(_, row)| row.id.clone());
        let bytes: usize = inner.rows.values().map(|row| row.record.len()).sum();
        Ok(ShardStatus {
            counters: inner.counters.clone(),
            waiting_rows: inner.open_rows() + sealed().map(|entry| entry.meta.rows).sum::<u64>(),
            first_waiting: sealed().map(|entry| entry.meta.from.clone()).min().or(open),
            bytes: u64::try_from(bytes).ok(),
            usage: self.meter.now(),
        })
    }
}

impl LabelStore for MemoryShard {
    fn find(&self, ids: &[String]) -> Result<Found, StorageError> {
        let inner = self.lock();
        let hot = ids.iter().filter_map(|id| inner.rows.get(inner.by_id.get(id)?).cloned());
        let may_hold = |entry: &Entry| {
            let within = |id: &String| entry.meta.from <= *id && *id <= entry.meta.to;
            entry.state == SegmentState::Cold && ids.iter().any(within)
        };
        let cold = inner.index.iter().filter(|(_, entry)| may_hold(entry)).map(segment);
        Ok(Found { hot: hot.collect(), cold: cold.collect() })
    }

    fn label(
        &self,
        labels: &[NewLabel],
        now_millis: i64,
    ) -> Result<Vec<LabelStatus>, StorageError> {
        let mut inner = self.lock();
        let mut statuses = Vec::with_capacity(labels.len());
        for NewLabel { label, hour, tallies, counters } in labels {
            statuses.push(match inner.label(&label.id) {
                Some(known) if known == label.label => LabelStatus::Unchanged,
                Some(_) => LabelStatus::Conflict,
                None => {
                    let labelled = Labelled { label: label.label.clone(), at_millis: now_millis };
                    inner.labels.insert(label.id.clone(), labelled);
                    inner.count(hour, tallies.clone());
                    for (key, n) in counters {
                        *inner.counters.entry(key.clone()).or_insert(0) += n;
                    }
                    LabelStatus::Recorded
                }
            });
        }
        Ok(statuses)
    }

    fn labels(&self, ids: &[String]) -> Result<Labels, StorageError> {
        let inner = self.lock();
        let known = ids.iter().filter_map(|id| Some((id.clone(), inner.labels.get(id)?.clone())));
        Ok(known.collect())
    }

    fn tallies(&self, span: &HourSpan) -> Result<Vec<Tally>, StorageError> {
        let mut sums: BTreeMap<(u64, Part, String), (i64, i64)> = BTreeMap::new();
        for ((hour, version, part, word), (n, sum)) in &self.lock().tallies {
            if span.from.as_ref().is_none_or(|from| hour >= from)
                && span.to.as_ref().is_none_or(|to| hour < to)
            {
                let sums = sums.entry((*version, *part, word.clone())).or_default();
                *sums = (sums.0 + n, sums.1 + sum);
            }
        }
        let tally = |((version, part, word), (n, sum))| Tally { version, part, word, n, sum };
        Ok(sums.into_iter().map(tally).collect())
    }
}
