//! Erasing rows from a shard, in whatever state they are.
//!
//! What the shard keeps is gone at once, and what only the segment store has is marked at once, so that no
//! reader shows it. The next flush writes the segments anew; should it fail, the one after does.

use super::shard::Shard;
use super::tally::Counted;
use super::wire;
use crate::ports::{Erased, Erasure, LogRow, Segment, SegmentStore, ShardStore, StorageError};

impl<S: ShardStore, K: SegmentStore> Shard<'_, S, K> {
    /// Erases what `what` names and says how many rows that were. Segments are written anew by the next
    /// [`flush`](Shard::flush).
    ///
    /// # Errors
    /// [`StorageError`] if a store can't be asked. What was erased by then is; doing it again goes on.
    pub(crate) async fn erase(&self, what: &Erasure) -> Result<u64, StorageError> {
        let (hot, cold) = self.store.to_erase(what)?;
        let mut n = self.erase_rows(&hot)?;
        for segment in cold {
            let Some(ndjson) = self.segments.get(self.id, segment.number).await? else {
                continue;
            };
            let mut rows = Vec::new();
            for row in wire::read_ndjson(&ndjson)? {
                let is_it = match what {
                    Erasure::Id(id) => row.id == *id,
                    Erasure::Subject(subject) => Counted::read(&row)?.is_about(subject),
                };
                if is_it {
                    rows.push(row);
                }
            }
            // Another call may have erased some while this one was reading.
            let rows = self.unmarked(rows)?;
            n += self.erase_rows(&rows)?;
        }
        Ok(n)
    }

    fn erase_rows(&self, rows: &[LogRow]) -> Result<u64, StorageError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let labels = self.store.labels(&super::shard::ids(rows))?;
        let erased = |row: &LogRow| {
            let counted = Counted::read(row)?;
            let mut tallies = counted.tallies();
            if let Some(known) = labels.get(&row.id) {
                tallies.extend(counted.verdicts(&known.label));
            }
            Ok(Erased { id: row.id.clone(), hour: counted.hour().to_owned(), tallies })
        };
        let erased: Result<Vec<Erased>, StorageError> = rows.iter().map(erased).collect();
        self.store.erase(&erased?)?;
        Ok(rows.len().try_into().unwrap_or(u64::MAX))
    }

    /// Rows of a segment without those that are marked as erased.
    pub(super) fn unmarked(&self, rows: Vec<LogRow>) -> Result<Vec<LogRow>, StorageError> {
        let marked = self.store.marked(&super::shard::ids(&rows))?;
        if marked.is_empty() {
            return Ok(rows);
        }
        Ok(rows.into_iter().filter(|row| !marked.contains(&row.id)).collect())
    }

    /// Writes segments anew that hold rows whose mark is due, as many as a call may; whether there are more.
    pub(super) async fn write_anew(&self) -> Result<bool, StorageError> {
        let mut due = self.store.due()?;
        let more = due.len() > self.retention.segments_a_call;
        due.truncate(self.retention.segments_a_call);
        for Segment { number, mut meta } in due {
            let Some(ndjson) = self.segments.get(self.id, number).await? else { continue };
            let whole = wire::read_ndjson(&ndjson)?;
            let ids = super::shard::ids(&whole);
            loop {
                let marked = self.store.marked(&ids)?;
                let kept = whole.iter().filter(|row| !marked.contains(&row.id));
                let kept: Vec<LogRow> = kept.cloned().collect();
                meta.rows = kept.len().try_into().unwrap_or(u64::MAX);
                let ndjson = wire::write_ndjson(&kept);
                self.segments.put(self.id, number, ndjson, &meta).await?;
                // Two may write at once: whoever ends last has left out all that is marked by then.
                if self.store.marked(&ids)? == marked {
                    self.store.written_without(&marked.into_iter().collect::<Vec<_>>())?;
                    break;
                }
            }
        }
        Ok(more)
    }
}
