//! The watcher in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::{MemoryDocuments, MemoryWebhooks};
use crate::config::Config;
use crate::ports::{
    ArtifactStore, Clock, PointerCopy, PredictionLog, Registry, StorageError, WatchAnswer,
    WatchQuestion, Watcher,
};
use crate::services::alerting::Courier;
use crate::services::serving::Serving;
use crate::services::watching::{Settings, Watch};

/// A watcher run by the same code as at the edge. There are no alarms here: who drives the clock says when to look.
pub struct MemoryWatcher {
    documents: MemoryDocuments,
    clock: Arc<dyn Clock>,
    watch: Watch,
    webhooks: Arc<MemoryWebhooks>,
    failing: AtomicBool,
}

impl MemoryWatcher {
    /// A watcher with these settings of what stands in `registry` and `log`, that has seen nothing.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        registry: Arc<dyn Registry>,
        artifacts: Arc<dyn ArtifactStore>,
        copy: Arc<dyn PointerCopy>,
        log: Arc<dyn PredictionLog>,
        config: &Config,
    ) -> Self {
        const MODEL_BYTES: u64 = 16 << 20;
        let (known, files) = (Arc::clone(&registry), Arc::clone(&artifacts));
        let serving = Serving::new(known, files, copy, Arc::clone(&clock), 0, MODEL_BYTES);
        let sender = Arc::new(MemoryWebhooks::default());
        let courier = Courier { webhook: config.webhook.clone(), sender: sender.clone() };
        let settings = Settings {
            log_shards: 1,
            every_seconds: config.monitor_seconds,
            allowance: config.allowance,
        };
        let watch = Watch::new(registry, artifacts, Arc::new(serving), log, courier, settings);
        let documents = MemoryDocuments::default();
        Self { documents, clock, watch, webhooks: sender, failing: AtomicBool::default() }
    }

    /// What was sent to whom it tells of alerts.
    #[must_use]
    pub fn webhooks(&self) -> &MemoryWebhooks {
        &self.webhooks
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

    /// Whether the alarm of the object at the edge would be set to ring at once.
    ///
    /// # Errors
    /// [`StorageError`] as the watcher's own.
    pub fn is_pressing(&self) -> Result<bool, StorageError> {
        Ok(self.watch.waits(&self.documents, self.clock.now_millis())? == Some(0))
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
