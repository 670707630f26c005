//! The watcher in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::MemoryDocuments;
use crate::ports::{
    ArtifactStore, Clock, PointerCopy, PredictionLog, Registry, StorageError, WatchAnswer,
    WatchQuestion, Watcher,
};
use crate::services::serving::Serving;
use crate::services::watching::Watch;

/// A watcher run by the same code as at the edge. There are no alarms here: who drives the clock says when to look.
pub struct MemoryWatcher {
    documents: MemoryDocuments,
    clock: Arc<dyn Clock>,
    watch: Watch,
    failing: AtomicBool,
}

impl MemoryWatcher {
    /// A watcher of what stands in `registry` and `log`, that has seen nothing.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        registry: Arc<dyn Registry>,
        artifacts: Arc<dyn ArtifactStore>,
        copy: Arc<dyn PointerCopy>,
        log: Arc<dyn PredictionLog>,
    ) -> Self {
        const MODEL_BYTES: u64 = 16 << 20;
        let (known, files) = (Arc::clone(&registry), Arc::clone(&artifacts));
        let serving = Serving::new(known, files, copy, Arc::clone(&clock), 0, MODEL_BYTES);
        let watch = Watch::new(registry, artifacts, Arc::new(serving), log, 1, 900);
        Self { documents: MemoryDocuments::default(), clock, watch, failing: AtomicBool::default() }
    }

    /// Does what the alarm of the object at the edge does; whether it would ring again at once.
    ///
    /// # Errors
    /// [`StorageError`] as the watcher's own.
    pub async fn alarm(&self) -> Result<bool, StorageError> {
        let now_millis = self.clock.now_millis();
        let at_latest = self.watch.at_latest(&self.documents, now_millis)?;
        let next = self.watch.work(&self.documents, now_millis).await?;
        Ok(next.or(at_latest) == Some(0))
    }

    /// Whether every question fails from now on.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }
}

#[async_trait]
impl Watcher for MemoryWatcher {
    async fn ask(&self, question: &WatchQuestion) -> Result<WatchAnswer, StorageError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(StorageError::Unreachable("told to fail".into()));
        }
        self.watch.answer(&self.documents, question, self.clock.now_millis()).await
    }
}
