//! Erasing rows from a shard, in whatever state they are.
//!
//! What the shard keeps is gone at once, and what only the segment store has is out of sight at once: no
//! reader shows it. Segments are looked through so many a call, each once, and written anew by flushes. When
//! that is done the shard notes the result in the ledger; what fails is tried again by the next call.

use serde_json::{Map, Value};

use super::shard::{Shard, ids};
use super::tally::Counted;
use super::wire;
use crate::ports::{
    Asked, Change, ChangeRequest, Erased, Erasure, LogRow, Progress, Registry, RegistryError,
    Running, SegmentStore, ShardStore, StorageError,
};

/// Rows that are erased in one transaction.
const ROWS: usize = 500;

/// What the ledger calls the result of an erasure.
const RESULT: &str = "erased";

impl Erasure {
    fn is_it(&self, row: &LogRow) -> Result<bool, StorageError> {
        match self {
            Self::Id(id) => Ok(row.id == *id),
            Self::Subject(subject) => Ok(Counted::read(row)?.is_about(subject)),
        }
    }
}

impl Running {
    fn still_looks_through(&self, segment: u64) -> bool {
        self.done_to < segment && self.last.is_none_or(|last| segment <= last)
    }
}

impl<S: ShardStore, K: SegmentStore> Shard<'_, S, K> {
    /// Erases what `what` names of the rows that are kept here, and hides it where else it is.
    /// [`Self::erase_on`] goes on.
    ///
    /// # Errors
    /// [`StorageError`] if the store can't be asked. What was erased by then is, and
    /// [`Self::erase_on`] erases the rest if the erasure is kept.
    pub(crate) fn begin_erasure(&self, what: &Erasure, asked: &Asked) -> Result<(), StorageError> {
        self.store.begin_erasure(what, asked)?;
        self.erase_here(what)
    }

    /// Goes on with all erasures, as far as one call may, and says whether there is more to do.
    ///
    /// # Errors
    /// [`StorageError`] if a store can't be asked. What was done by then is.
    pub(crate) async fn erase_on(&self) -> Result<bool, StorageError> {
        let mut left = self.retention.segments_a_call;
        let mut outcome = Ok(());
        for running in self.store.erasures()? {
            // One that fails doesn't keep the others from getting on.
            outcome = outcome.and(self.look_through(&running, &mut left).await);
        }
        outcome?;
        Ok(self.store.erasures()?.iter().any(|running| running.remaining > 0))
    }

    async fn look_through(&self, running: &Running, left: &mut usize) -> Result<(), StorageError> {
        let what = &running.what;
        if running.last.is_none() {
            self.erase_here(what)?;
        }
        for segment in self.store.to_look_through(what, *left)? {
            *left = left.saturating_sub(1);
            let rows = match self.segments.get(self.id, segment.number).await? {
                Some(ndjson) => wire::read_ndjson(&ndjson)?,
                None => Vec::new(),
            };
            let mut found = Vec::new();
            for row in rows {
                if what.is_it(&row)? {
                    found.push(row);
                }
            }
            self.erase_rows(what, Some(segment.number), &found)?;
        }
        Ok(())
    }

    /// How far an erasure got.
    ///
    /// # Errors
    /// [`StorageError`] if the store can't be asked.
    pub(crate) fn progress(&self, what: &Erasure) -> Result<Progress, StorageError> {
        let running = self.store.erasures()?.into_iter().find(|running| running.what == *what);
        let Some(Running { erased, remaining, .. }) = running else {
            return Ok(Progress::default());
        };
        Ok(Progress { erased, remaining: remaining + self.store.n_unwritten()? })
    }

    /// Notes the results of erasures that are done, and forgets them. Who doesn't hear that a result was
    /// noted notes it again.
    ///
    /// # Errors
    /// [`RegistryError`] if the ledger can't be reached; the results are kept.
    pub(crate) async fn note_erasures(
        &self,
        registry: &dyn Registry,
        at_millis: i64,
    ) -> Result<(), RegistryError> {
        for Running { what, asked, erased, last, remaining, .. } in self.store.erasures()? {
            if last.is_none() || remaining > 0 || self.store.n_unwritten()? > 0 {
                continue;
            }
            let details: Map<String, Value> = [
                ("asked".to_owned(), asked.entry.as_str().into()),
                ("by".to_owned(), what.by().into()),
                ("erased".to_owned(), erased.into()),
                ("shard".to_owned(), self.id.into()),
            ]
            .into_iter()
            .collect();
            let change = Change::Note { action: RESULT.to_owned(), details };
            let actor = asked.actor.clone();
            let request =
                ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
            registry.change(&request).await?;
            self.store.end_erasure(&what, &asked, erased)?;
        }
        Ok(())
    }

    fn erase_here(&self, what: &Erasure) -> Result<(), StorageError> {
        let mut after = String::new();
        loop {
            let rows = self.store.to_erase(what, &after, ROWS)?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            self.erase_rows(what, None, &rows)?;
        }
        self.store.erased_here(what)
    }

    fn erase_rows(
        &self,
        what: &Erasure,
        segment: Option<u64>,
        rows: &[LogRow],
    ) -> Result<(), StorageError> {
        let labels = self.store.labels(&ids(rows))?;
        let erased = |row: &LogRow| {
            let counted = Counted::read(row)?;
            let mut tallies = counted.tallies();
            if let Some(known) = labels.get(&row.id) {
                tallies.extend(counted.verdicts(&known.label));
            }
            Ok(Erased { id: row.id.clone(), hour: counted.hour().to_owned(), tallies })
        };
        let erased: Result<Vec<Erased>, StorageError> = rows.iter().map(erased).collect();
        self.store.erase(what, segment, &erased?)
    }

    /// Rows of a segment without those that are erased, or will be.
    pub(super) fn in_sight(
        &self,
        segment: u64,
        mut rows: Vec<LogRow>,
    ) -> Result<Vec<LogRow>, StorageError> {
        for running in self.store.erasures()? {
            if running.still_looks_through(segment) {
                let is_it: Result<Vec<bool>, _> =
                    rows.iter().map(|row| running.what.is_it(row)).collect();
                let mut is_it = is_it?.into_iter();
                rows.retain(|_| is_it.next() == Some(false));
            }
        }
        let marked = self.store.marked(&ids(&rows))?;
        rows.retain(|row| !marked.contains(&row.id));
        Ok(rows)
    }

    /// Writes segments anew that are due, as many as a call may; whether there are more.
    pub(super) async fn write_anew(&self, now_millis: i64) -> Result<bool, StorageError> {
        let due = self.store.due()?;
        let more = due.len() > self.retention.segments_a_call;
        for mut segment in due.into_iter().take(self.retention.segments_a_call) {
            let number = segment.number;
            let Some(ndjson) = self.segments.get(self.id, number).await? else {
                self.store.written_anew(number)?;
                continue;
            };
            let whole = wire::read_ndjson(&ndjson)?;
            let all = ids(&whole);
            loop {
                let marked = self.store.marked(&all)?;
                let kept = whole.iter().filter(|row| !marked.contains(&row.id));
                let kept: Vec<LogRow> = kept.cloned().collect();
                segment.meta.rows = kept.len().try_into().unwrap_or(u64::MAX);
                let ndjson = wire::write_ndjson(&kept);
                self.keep(&segment, ndjson, now_millis).await?;
                // Two may write at once: whoever ends last has left out all that is marked by then.
                if self.store.marked(&all)? == marked {
                    self.store.written_anew(number)?;
                    break;
                }
            }
        }
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::memory::{MemoryPointerCopy, MemoryRegistry, MemorySegments, MemoryShard};
    use crate::config::Retention;
    use crate::contract::rows::{batch, row};
    use crate::ports::{Answer, ErasureStore, Query};

    fn asked(entry: &str) -> Asked {
        Asked { entry: entry.to_owned(), actor: "owner".to_owned() }
    }

    async fn results(registry: &MemoryRegistry) -> Vec<Value> {
        let query = Query::Audit { before: None, limit: 9 };
        match registry.query(&query).await.unwrap() {
            Answer::Audit { entries, .. } => {
                entries.into_iter().map(|entry| Value::Object(entry.details)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_result_that_the_ledger_did_not_take_is_noted_later_with_its_count() {
        let store = MemoryShard::default();
        store.append(&batch(1, 0..3), 0).unwrap();
        let segments = MemorySegments::default();
        let shard =
            Shard { id: 7, store: &store, segments: &segments, retention: Retention::DEFAULT };
        let registry = MemoryRegistry::new(std::sync::Arc::new(MemoryPointerCopy::default()));
        let what = Erasure::Id(row(1).id);
        shard.begin_erasure(&what, &asked("first")).unwrap();
        registry.set_failing(true);
        assert!(shard.note_erasures(&registry, 0).await.is_err());
        registry.set_failing(false);
        // Asked for again, because nobody knows: there is nothing left, and the count isn't lost.
        shard.begin_erasure(&what, &asked("second")).unwrap();
        assert_eq!(shard.progress(&what).unwrap(), Progress { erased: 1, remaining: 0 });
        shard.note_erasures(&registry, 0).await.unwrap();
        let expected = serde_json::json!({"asked": "second", "by": "id", "erased": 1, "shard": 7});
        assert_eq!(results(&registry).await, [expected]);
        shard.note_erasures(&registry, 0).await.unwrap();
        assert_eq!(results(&registry).await.len(), 1, "and then it is forgotten");
        assert!(store.erasures().unwrap().is_empty());
    }

    #[test]
    fn what_was_asked_for_while_a_result_was_noted_goes_on_without_it() {
        let store = MemoryShard::default();
        store.append(&batch(1, 0..3), 0).unwrap();
        let segments = MemorySegments::default();
        let shard =
            Shard { id: 7, store: &store, segments: &segments, retention: Retention::DEFAULT };
        let what = Erasure::Id(row(1).id);
        shard.begin_erasure(&what, &asked("first")).unwrap();
        shard.begin_erasure(&what, &asked("second")).unwrap();
        store.end_erasure(&what, &asked("first"), 1).unwrap();
        assert_eq!(shard.progress(&what).unwrap(), Progress::default());
        assert_eq!(store.erasures().unwrap().len(), 1);
    }
}
