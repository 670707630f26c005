//! What a shard forgets, in maps.

use std::collections::BTreeSet;

use super::shard::{Entry, MemoryShard, segment};
use crate::ports::{Erased, Erasure, ErasureStore, LogRow, Segment, SegmentState, StorageError};
use crate::services::log::tally::Counted;

impl ErasureStore for MemoryShard {
    fn to_erase(&self, what: &Erasure) -> Result<(Vec<LogRow>, Vec<Segment>), StorageError> {
        let inner = self.lock();
        let is_it = |row: &&LogRow| match what {
            Erasure::Id(id) => row.id == *id,
            Erasure::Subject(subject) => {
                Counted::read(row).is_ok_and(|counted| counted.is_about(subject))
            }
        };
        let may_hold = |entry: &Entry| match what {
            Erasure::Id(id) => entry.meta.from <= *id && *id <= entry.meta.to,
            Erasure::Subject(_) => true,
        };
        let cold = inner.index.iter();
        let cold = cold.filter(|(_, entry)| entry.state == SegmentState::Cold && may_hold(entry));
        let rows = inner.rows.values().filter(is_it).cloned().collect();
        Ok((rows, cold.map(segment).collect()))
    }

    fn erase(&self, rows: &[Erased]) -> Result<(), StorageError> {
        let mut inner = self.lock();
        for Erased { id, hour, tallies } in rows {
            if inner.erased.contains_key(id) {
                continue;
            }
            let seq = inner.by_id.remove(id);
            inner.erased.insert(id.clone(), seq.is_none());
            inner.labels.remove(id);
            if let Some(seq) = seq {
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
        Ok(())
    }

    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError> {
        let inner = self.lock();
        Ok(ids.iter().filter(|id| inner.erased.contains_key(*id)).cloned().collect())
    }

    fn due(&self) -> Result<Vec<Segment>, StorageError> {
        let inner = self.lock();
        let holds_due = |entry: &Entry| {
            let mut within = inner.erased.range(entry.meta.from.clone()..=entry.meta.to.clone());
            entry.state == SegmentState::Cold && within.any(|(_, due)| *due)
        };
        let due = inner.index.iter().filter(|(_, entry)| holds_due(entry));
        Ok(due.map(segment).collect())
    }

    fn written_without(&self, ids: &[String]) -> Result<(), StorageError> {
        let mut inner = self.lock();
        for id in ids {
            if let Some(due) = inner.erased.get_mut(id) {
                *due = false;
            }
        }
        Ok(())
    }
}
