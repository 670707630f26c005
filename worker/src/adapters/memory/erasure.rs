//! What a shard forgets, in maps.

use std::collections::BTreeSet;

use super::shard::{Entry, Inner, MemoryShard, segment};
use crate::ports::{
    Asked, Erased, Erasure, ErasureStore, LogRow, Running, Segment, SegmentState, StorageError,
};
use crate::services::log::tally::Counted;

/// An erasure that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    asked: Asked,
    erased: u64,
    done_to: u64,
    last: Option<u64>,
}

fn may_hold(what: &Erasure, entry: &Entry) -> bool {
    let may_hold = match what {
        Erasure::Id(id) => entry.meta.from <= *id && *id <= entry.meta.to,
        Erasure::Subject(_) => true,
    };
    may_hold && entry.state == SegmentState::Cold
}

fn left<'a>(
    inner: &'a Inner,
    what: &'a Erasure,
    kept: &Kept,
) -> impl Iterator<Item = (&'a u64, &'a Entry)> {
    let last = kept.last.unwrap_or(u64::MAX - 1);
    let beyond = inner.index.range(kept.done_to + 1..(last + 1).max(kept.done_to + 1));
    beyond.filter(|(_, entry)| may_hold(what, entry))
}

impl ErasureStore for MemoryShard {
    fn begin_erasure(&self, what: &Erasure, asked: &Asked) -> Result<(), StorageError> {
        let mut inner = self.lock();
        let new = Kept { asked: asked.clone(), erased: 0, done_to: 0, last: None };
        let kept = inner.erasures.entry(what.clone()).or_insert(new);
        (kept.asked, kept.last) = (asked.clone(), None);
        Ok(())
    }

    fn erasures(&self) -> Result<Vec<Running>, StorageError> {
        let inner = self.lock();
        let running = |(what, kept): (&Erasure, &Kept)| Running {
            what: what.clone(),
            asked: kept.asked.clone(),
            erased: kept.erased,
            done_to: kept.done_to,
            last: kept.last,
            remaining: left(&inner, what, kept).count().try_into().unwrap_or(u64::MAX),
        };
        Ok(inner.erasures.iter().map(running).collect())
    }

    fn to_erase(
        &self,
        what: &Erasure,
        after: &str,
        most: usize,
    ) -> Result<Vec<LogRow>, StorageError> {
        let inner = self.lock();
        let is_it = |row: &&LogRow| match what {
            Erasure::Id(id) => row.id == *id,
            Erasure::Subject(subject) => {
                Counted::read(row).is_ok_and(|counted| counted.is_about(subject))
            }
        };
        let beyond = inner.by_id.iter().filter(|(id, _)| id.as_str() > after);
        let rows = beyond.filter_map(|(_, seq)| inner.rows.get(seq));
        Ok(rows.filter(is_it).take(most).cloned().collect())
    }

    fn erased_here(&self, what: &Erasure) -> Result<(), StorageError> {
        let mut inner = self.lock();
        let cold = inner.index.iter().filter(|(_, entry)| entry.state == SegmentState::Cold);
        let last = cold.map(|(number, _)| *number).max().unwrap_or(0);
        if let Some(kept) = inner.erasures.get_mut(what) {
            kept.last = Some(last);
        }
        Ok(())
    }

    fn to_look_through(&self, what: &Erasure, most: usize) -> Result<Vec<Segment>, StorageError> {
        let inner = self.lock();
        let Some(kept) = inner.erasures.get(what) else { return Ok(Vec::new()) };
        Ok(left(&inner, what, kept).take(most).map(segment).collect())
    }

    fn erase(
        &self,
        what: &Erasure,
        segment: Option<u64>,
        rows: &[Erased],
    ) -> Result<(), StorageError> {
        let mut inner = self.lock();
        let mut n = 0;
        for Erased { id, hour, tallies } in rows {
            if !inner.erased.insert(id.clone()) {
                continue;
            }
            n += 1;
            inner.labels.remove(id);
            if let Some(seq) = inner.by_id.remove(id) {
                inner.rows.remove(&seq);
                for entry in inner.index.values_mut() {
                    if entry.state != SegmentState::Cold
                        && (entry.first..=entry.last).contains(&seq)
                    {
                        entry.state = SegmentState::Sealed;
                        entry.meta.rows -= 1;
                    }
                }
            }
            let mut tallies = tallies.clone();
            for tally in &mut tallies {
                (tally.n, tally.sum) = (-tally.n, -tally.sum);
            }
            inner.count(hour, tallies);
        }
        if n > 0 {
            inner.due.extend(segment);
        }
        if let Some(kept) = inner.erasures.get_mut(what) {
            kept.erased += n;
            kept.done_to = kept.done_to.max(segment.unwrap_or(0));
        }
        Ok(())
    }

    fn end_erasure(&self, what: &Erasure, asked: &Asked, noted: u64) -> Result<(), StorageError> {
        let mut inner = self.lock();
        match inner.erasures.get_mut(what) {
            Some(kept) if kept.asked != *asked => kept.erased = kept.erased.saturating_sub(noted),
            _ => drop(inner.erasures.remove(what)),
        }
        Ok(())
    }

    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError> {
        let inner = self.lock();
        Ok(ids.iter().filter(|id| inner.erased.contains(*id)).cloned().collect())
    }

    fn due(&self) -> Result<Vec<Segment>, StorageError> {
        let inner = self.lock();
        let due = inner.index.iter().filter(|(number, _)| inner.due.contains(number));
        Ok(due.map(segment).collect())
    }

    fn written_anew(&self, segment: u64) -> Result<(), StorageError> {
        self.lock().due.remove(&segment);
        Ok(())
    }

    fn n_unwritten(&self) -> Result<u64, StorageError> {
        let inner = self.lock();
        let sealed = inner.index.values().filter(|entry| entry.state == SegmentState::Sealed);
        let due = inner.due.iter().filter(|number| inner.index.contains_key(number));
        Ok((sealed.count() + due.count()).try_into().unwrap_or(u64::MAX))
    }
}
