//! A shard's storage in maps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ports::{
    Appended, Batch, BatchTag, Counters, HistoryQuery, HotAndCold, LogRow, Segment, SegmentState,
    ShardStore, StorageError, StoredSegment,
};

/// What SQLite holds at the edge, as maps behind a lock; each call is atomic by that lock.
#[derive(Debug, Default)]
pub struct MemoryShard {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    rows: BTreeMap<String, (LogRow, Option<u64>)>,
    segments: BTreeMap<u64, (Segment, SegmentState, i64)>,
    counters: Counters,
    applied: BTreeMap<BatchTag, i64>,
    last_segment: u64,
}

impl MemoryShard {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn open_rows(&self) -> u64 {
        let open = self.rows.values().filter(|(_, segment)| segment.is_none()).count();
        open.try_into().unwrap_or(u64::MAX)
    }
}

impl ShardStore for MemoryShard {
    fn append(&self, batch: &Batch, now_millis: i64) -> Result<Appended, StorageError> {
        let mut inner = self.lock();
        let fresh = inner.applied.insert(batch.tag.clone(), now_millis).is_none();
        if fresh {
            for row in &batch.rows {
                inner.rows.entry(row.id.clone()).or_insert_with(|| (row.clone(), None));
            }
            for (key, n) in &batch.counters {
                *inner.counters.entry(key.clone()).or_insert(0) += n;
            }
        }
        Ok(Appended { fresh, open_rows: inner.open_rows() })
    }

    fn seal(&self, max_rows: u64, now_millis: i64) -> Result<Option<Segment>, StorageError> {
        let mut inner = self.lock();
        let number = inner.last_segment + 1;
        let mut ids = Vec::new();
        let mut versions = BTreeSet::new();
        let max_rows = usize::try_from(max_rows).unwrap_or(usize::MAX);
        let open = inner.rows.values_mut().filter(|(_, segment)| segment.is_none());
        for (row, segment) in open.take(max_rows) {
            *segment = Some(number);
            ids.push(row.id.clone());
            versions.insert(row.model_version);
        }
        let (Some(from), Some(to)) = (ids.first().cloned(), ids.last().cloned()) else {
            return Ok(None);
        };
        let meta = StoredSegment {
            from,
            to,
            rows: ids.len().try_into().unwrap_or(u64::MAX),
            versions: versions.into_iter().take(16).collect(),
        };
        let segment = Segment { number, meta };
        inner.last_segment = number;
        inner.segments.insert(number, (segment.clone(), SegmentState::Sealed, now_millis));
        Ok(Some(segment))
    }

    fn next_sealed(&self, after: u64) -> Result<Option<Segment>, StorageError> {
        let inner = self.lock();
        let mut beyond = inner.segments.range(after.saturating_add(1)..);
        let next = beyond.find(|(_, (_, state, _))| *state == SegmentState::Sealed);
        Ok(next.map(|(_, (segment, ..))| segment.clone()))
    }

    fn segment_rows(&self, segment: u64) -> Result<Vec<LogRow>, StorageError> {
        let inner = self.lock();
        let rows = inner.rows.values().filter(|(_, number)| *number == Some(segment));
        Ok(rows.map(|(row, _)| row.clone()).collect())
    }

    fn mark_stored(&self, segment: u64) -> Result<(), StorageError> {
        if let Some((_, state, _)) = self.lock().segments.get_mut(&segment)
            && *state == SegmentState::Sealed
        {
            *state = SegmentState::Stored;
        }
        Ok(())
    }

    fn drop_rows(&self, sealed_before_millis: i64) -> Result<u64, StorageError> {
        let mut inner = self.lock();
        let mut cooled = BTreeSet::new();
        for (number, (_, state, sealed_at)) in &mut inner.segments {
            if *state == SegmentState::Stored && *sealed_at < sealed_before_millis {
                *state = SegmentState::Cold;
                cooled.insert(*number);
            }
        }
        let before = inner.rows.len();
        inner.rows.retain(|_, (_, segment)| segment.is_none_or(|number| !cooled.contains(&number)));
        Ok((before - inner.rows.len()).try_into().unwrap_or(u64::MAX))
    }

    fn forget(
        &self,
        sealed_before_millis: i64,
        tags_before_millis: i64,
    ) -> Result<(), StorageError> {
        let mut inner = self.lock();
        inner.segments.retain(|_, (_, state, sealed_at)| {
            *state != SegmentState::Cold || *sealed_at >= sealed_before_millis
        });
        inner.applied.retain(|_, applied_at| *applied_at >= tags_before_millis);
        Ok(())
    }

    fn read(&self, query: &HistoryQuery) -> Result<HotAndCold, StorageError> {
        let inner = self.lock();
        let selected = |row: &&LogRow| query.selects(&row.id, row.model_version);
        let hot = inner.rows.values().rev().map(|(row, _)| row).filter(selected);
        let cold = inner.segments.values().filter(|(segment, state, _)| {
            let meta = &segment.meta;
            *state == SegmentState::Cold
                && query.before_id.as_ref().is_none_or(|before| meta.from < *before)
                && query.from_id.as_ref().is_none_or(|from| meta.to >= *from)
        });
        Ok(HotAndCold {
            hot: hot.take(query.limit).cloned().collect(),
            cold: cold.map(|(segment, ..)| segment.clone()).collect(),
        })
    }

    fn counters(&self) -> Result<Counters, StorageError> {
        Ok(self.lock().counters.clone())
    }
}
