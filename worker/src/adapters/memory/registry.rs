//! The registry in this process, with the faults that a network has.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::MemoryDocuments;
use crate::ports::{
    Answer, ArtifactKey, ArtifactStore, ChangeRequest, Changed, Operation, Pointer, PointerCopy,
    Query, Registry, RegistryError, StorageError,
};
use crate::services::registry::{self, Copier};
use crate::services::usage::{Count, Metered};

/// A registry run by the same code as at the edge.
#[derive(Debug, Default)]
pub struct MemoryRegistry {
    documents: MemoryDocuments,
    copy: Arc<MemoryPointerCopy>,
    copier: Copier,
    failing: AtomicBool,
    lost_answers: AtomicU32,
    queries: AtomicU32,
}

impl MemoryRegistry {
    /// An empty registry, whose pointer is copied to `copy`.
    #[must_use]
    pub fn new(copy: Arc<MemoryPointerCopy>) -> Self {
        Self { copy, ..Self::default() }
    }

    /// Whether every call fails from now on.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// The next `n` changes are done, but their callers are told that they failed.
    pub fn lose_answers(&self, n: u32) {
        self.lost_answers.store(n, Ordering::SeqCst);
    }

    /// Questions that came so far, those that failed included.
    #[must_use]
    pub fn queries(&self) -> u32 {
        self.queries.load(Ordering::SeqCst)
    }

    fn answers(&self) -> Result<(), RegistryError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(told_to_fail().into());
        }
        self.documents.meter.count(Operation::ObjectRequest, 1);
        Ok(())
    }
}

fn told_to_fail() -> StorageError {
    StorageError::Unreachable("told to fail".into())
}

#[async_trait]
impl Registry for MemoryRegistry {
    async fn change(&self, request: &ChangeRequest) -> Result<Changed, RegistryError> {
        self.answers()?;
        let changed = registry::change(&self.documents, request)?;
        // What isn't copied now is copied after the next change; at the edge an alarm sees to it.
        let (store, counts) = (Arc::clone(&self.copy), Arc::clone(&self.documents.meter));
        let copy = Metered { store, counts };
        let _not_yet = self.copier.run(&self.documents, &copy).await;
        let lost = &self.lost_answers;
        let is_lost = lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if is_lost.is_ok() { Err(told_to_fail().into()) } else { Ok(changed) }
    }

    async fn query(&self, query: &Query) -> Result<Answer, RegistryError> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        self.answers()?;
        registry::query(&self.documents, query)
    }
}

/// A copy of the pointer that can fail, and be old.
#[derive(Debug, Default)]
pub struct MemoryPointerCopy {
    pointer: Mutex<Option<Pointer>>,
    failing: AtomicBool,
}

impl MemoryPointerCopy {
    /// Whether every call fails from now on.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<Pointer>>, StorageError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(told_to_fail());
        }
        Ok(self.pointer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl PointerCopy for MemoryPointerCopy {
    async fn put(&self, pointer: &Pointer) -> Result<(), StorageError> {
        *self.lock()? = Some(pointer.clone());
        Ok(())
    }

    async fn get(&self) -> Result<Option<Pointer>, StorageError> {
        Ok(self.lock()?.clone())
    }
}

/// Files in a map, under the same keys as in KV, which can fail, lose and alter them.
#[derive(Debug, Default)]
pub struct MemoryArtifacts {
    artifacts: Mutex<BTreeMap<String, Vec<u8>>>,
    failing: AtomicBool,
}

impl MemoryArtifacts {
    /// Whether every call fails from now on.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// Puts `bytes` in the place of a file, whatever it is, or takes the file away.
    pub fn tamper(&self, key: ArtifactKey<'_>, bytes: Option<Vec<u8>>) {
        let mut artifacts = self.lock();
        match bytes {
            Some(bytes) => artifacts.insert(key.text(), bytes),
            None => artifacts.remove(&key.text()),
        };
    }

    /// Keys of the files that are stored.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.artifacts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> Result<(), StorageError> {
        if self.failing.load(Ordering::SeqCst) { Err(told_to_fail()) } else { Ok(()) }
    }
}

#[async_trait]
impl ArtifactStore for MemoryArtifacts {
    async fn put(&self, key: ArtifactKey<'_>, bytes: Vec<u8>) -> Result<(), StorageError> {
        self.answers()?;
        self.lock().insert(key.text(), bytes);
        Ok(())
    }

    async fn get(&self, key: ArtifactKey<'_>) -> Result<Option<Vec<u8>>, StorageError> {
        self.answers()?;
        Ok(self.lock().get(&key.text()).cloned())
    }

    async fn delete(&self, key: ArtifactKey<'_>) -> Result<(), StorageError> {
        self.answers()?;
        self.lock().remove(&key.text());
        Ok(())
    }
}
