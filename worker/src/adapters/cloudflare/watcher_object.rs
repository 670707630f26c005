//! The Durable Object of the watcher: answers `watcher`'s calls, and looks by its own alarm.

use std::cell::OnceCell;
use std::sync::Arc;

use worker::{
    DurableObject, Env, Request, Response, State, console_error, durable_object, wasm_bindgen,
};

use super::artifacts::KvArtifacts;
use super::entry::settings;
use super::fetched::FetchedWebhooks;
use super::log::DurableLog;
use super::object_call::{Message, answer};
use super::platform::EdgeClock;
use super::pointer_copy::KvPointerCopy;
use super::registry::DurableRegistry;
use super::sql_documents::SqlDocuments;
use crate::ports::{ArtifactStore, Clock, Operation, StorageError, WatchAnswer, WatchQuestion};
use crate::services::alerting::Courier;
use crate::services::serving::Serving;
use crate::services::usage::{Count, Meter, Metered};
use crate::services::watching::{Settings, Watch};

/// The watcher.
#[durable_object]
pub struct TrafficWatcher {
    state: State,
    env: Env,
    /// The storage, and what watching rests on, once it is open.
    opened: OnceCell<(SqlDocuments, Watch)>,
    /// What the object uses of the platform.
    meter: Arc<Meter>,
}

impl DurableObject for TrafficWatcher {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, opened: OnceCell::new(), meter: Arc::default() }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        self.meter.count(Operation::ObjectRequest, 1);
        answer(request, async |asked: Message<WatchQuestion>| {
            let served = self.serve(&asked.head).await;
            self.keep_usage();
            served.map(Message::from)
        })
        .await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.meter.count(Operation::ObjectRequest, 1);
        // The next alarm is sure before anything is done: whatever becomes of it. If not even the storage opens, the
        // platform tries this again.
        let (store, watch) = self.opened().map_err(|error| refused(&error))?;
        let now_millis = EdgeClock.now_millis();
        self.set_alarm(watch.at_latest(store, now_millis).map_err(|error| refused(&error))?)
            .await?;
        match watch.work(store, now_millis).await {
            Ok(next) => {
                // Somebody may have given it more to do meanwhile.
                let waits = watch.waits(store, EdgeClock.now_millis());
                let waits = waits.map_err(|error| refused(&error))?;
                self.set_alarm([next, waits].into_iter().flatten().min()).await?;
            }
            Err(error) => console_error!("watching: {error}"),
        }
        self.keep_usage();
        Response::empty()
    }
}

fn refused(error: &StorageError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}

impl TrafficWatcher {
    async fn serve(&self, question: &WatchQuestion) -> Result<WatchAnswer, StorageError> {
        let (store, watch) = self.opened()?;
        let unreachable = |error: worker::Error| StorageError::Unreachable(error.to_string());
        let now_millis = EdgeClock.now_millis();
        // Whoever asks wakes it: an alarm that was lost is set again.
        let mut rings_at = self.state.storage().get_alarm().await.map_err(unreachable)?;
        if rings_at.is_none() {
            let next = watch.at_latest(store, now_millis)?;
            self.set_alarm(next).await.map_err(unreachable)?;
            rings_at = next.map(|next| now_millis + next);
        }
        let answer = watch.answer(store, question, now_millis).await?;
        // And what came of it may have to be done before that.
        let waits = watch.waits(store, now_millis)?;
        if waits.is_some_and(|waits| rings_at.is_none_or(|at| at > now_millis + waits)) {
            self.set_alarm(waits).await.map_err(unreachable)?;
        }
        Ok(answer)
    }

    /// Wakes the object after so many milliseconds.
    async fn set_alarm(&self, after_millis: Option<i64>) -> worker::Result<()> {
        if let Some(after_millis) = after_millis {
            self.meter.count(Operation::RowWritten, 1);
            self.state.storage().set_alarm(after_millis).await?;
        }
        Ok(())
    }

    fn keep_usage(&self) {
        if let Some((store, _)) = self.opened.get() {
            store.database.keep_usage();
        }
    }

    fn opened(&self) -> Result<&(SqlDocuments, Watch), StorageError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let store = SqlDocuments::open(self.state.storage(), Arc::clone(&self.meter))?;
        let config =
            settings(&self.env).map_err(|error| StorageError::Unreachable(error.to_string()))?;
        let counts = || Arc::clone(&self.meter);
        let artifacts: Arc<dyn ArtifactStore> = Arc::new(Metered {
            store: Arc::new(KvArtifacts::new(self.env.clone())),
            counts: counts(),
        });
        let copy =
            Metered { store: Arc::new(KvPointerCopy::new(self.env.clone())), counts: counts() };
        let registry = Arc::new(DurableRegistry::new(self.env.clone()));
        let serving = Serving::new(
            registry.clone(),
            Arc::clone(&artifacts),
            Arc::new(copy),
            Arc::new(EdgeClock),
            i64::from(config.pointer_ttl_secs) * 1_000,
            u64::from(config.model_cache_mib) << 20,
        );
        let log = Arc::new(DurableLog::new(self.env.clone()));
        let settings = Settings {
            log_shards: config.log_shards,
            every_seconds: config.monitor_seconds,
            allowance: config.allowance,
        };
        let courier = Courier { webhook: config.webhook, sender: Arc::new(FetchedWebhooks) };
        let watch = Watch::new(registry, artifacts, Arc::new(serving), log, courier, settings);
        Ok(self.opened.get_or_init(|| (store, watch)))
    }
}
