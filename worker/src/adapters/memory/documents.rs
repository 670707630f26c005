//! Tables of documents in maps.

use std::collections::BTreeMap;
use std::future::ready;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::{BoxFuture, DocumentStore, KeyRange, StorageError, Table, Usage};
use crate::services::usage::Meter;

type Documents = BTreeMap<(Table, String), String>;

/// What SQLite holds at the edge, as one map behind a lock. A transaction that fails puts the map
/// back as it was; nothing runs beside it, as nothing does in a Durable Object.
#[derive(Debug, Default)]
pub struct MemoryDocuments {
    documents: Mutex<Documents>,
    /// What it has used. There are no rows here, so it has calls and keys only.
    pub(super) meter: Arc<Meter>,
}

impl MemoryDocuments {
    fn lock(&self) -> MutexGuard<'_, Documents> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DocumentStore for MemoryDocuments {
    fn get(&self, table: Table, key: &str) -> Result<Option<String>, StorageError> {
        Ok(self.lock().get(&(table, key.to_owned())).cloned())
    }

    fn put(&self, table: Table, key: &str, document: &str) -> Result<(), StorageError> {
        self.lock().insert((table, key.to_owned()), document.to_owned());
        Ok(())
    }

    fn delete(&self, table: Table, key: &str) -> Result<(), StorageError> {
        self.lock().remove(&(table, key.to_owned()));
        Ok(())
    }

    fn list(
        &self,
        table: Table,
        range: KeyRange<'_>,
    ) -> Result<Vec<(String, String)>, StorageError> {
        let documents = self.lock();
        let beyond = range.beyond.map(|key| Bound::Excluded((table, key.to_owned())));
        let beyond = beyond.unwrap_or(Bound::Unbounded);
        let bounds =
            if range.descending { (Bound::Unbounded, beyond) } else { (beyond, Bound::Unbounded) };
        let own = documents.range(bounds).filter(|((of, _), _)| *of == table);
        let pair =
            |((_, key), document): (&(Table, String), &String)| (key.clone(), document.clone());
        Ok(if range.descending {
            own.rev().take(range.limit).map(pair).collect()
        } else {
            own.take(range.limit).map(pair).collect()
        })
    }

    fn settle(&self) -> BoxFuture<Result<(), StorageError>> {
        Box::pin(ready(Ok(())))
    }

    /// Those of the keys and documents.
    fn bytes(&self) -> Option<u64> {
        let documents = self.lock();
        let bytes = documents.iter().map(|((_, key), document)| key.len() + document.len());
        u64::try_from(bytes.sum::<usize>()).ok()
    }

    fn usage(&self) -> Usage {
        self.meter.now()
    }

    fn atomically<T, E: From<StorageError>>(
        &self,
        mut work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let before = self.lock().clone();
        let outcome = work();
        if outcome.is_err() {
            *self.lock() = before;
        }
        outcome
    }
}
