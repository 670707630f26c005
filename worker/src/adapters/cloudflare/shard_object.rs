//! The Durable Object of a log shard: answers `log`'s calls and flushes by alarm.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use worker::{
    DurableObject, Env, Request, Response, State, console_error, durable_object, js_sys,
    wasm_bindgen,
};

use super::entry::settings;
use super::log::enter_directory;
use super::object_call::{Message, answer};
use super::registry::DurableRegistry;
use super::segments::KvSegments;
use super::shard_call::{ShardAnswer, ShardCall};
use super::sql_shard::SqlShard;
use crate::ports::{
    Asked, DIRECTORY, Erasure, ErasureStore, FlushReport, LabelStore, LogPage, Operation, Progress,
    ShardId, ShardStore, StorageError,
};
use crate::services::log::shard::{Retention, Shard};
use crate::services::log::wire;
use crate::services::usage::{Count, Meter, Metered};

/// Binding of the KV namespace.
pub(super) const STORE: &str = "STORE";

/// An alarm's flush that failed is tried again after so long.
const RETRY_MILLIS: i64 = 60_000;

/// KV, and who counts its calls.
pub(super) type Segments = Metered<KvSegments, Meter>;

/// One shard of the prediction log.
#[durable_object]
pub struct LogShard {
    state: State,
    env: Env,
    /// The storage, once it is open.
    store: OnceCell<SqlShard>,
    /// What the object uses of the platform.
    meter: Arc<Meter>,
    /// When the alarm is due, as far as this instance knows; 0 after it rang.
    alarm_at: Cell<Option<i64>>,
    /// The shard's number is in the storage, and the directory was told once.
    introduced: Cell<bool>,
    /// Since when a call is about to note results of erasures; 0 if none is.
    noting_since: Cell<i64>,
}

fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}

impl DurableObject for LogShard {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            store: OnceCell::new(),
            meter: Arc::default(),
            alarm_at: Cell::new(None),
            introduced: Cell::new(false),
            noting_since: Cell::new(0),
        }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        self.meter.count(Operation::ObjectRequest, 1);
        answer(request, async |asked| {
            let served = self.serve(asked).await;
            self.keep_usage();
            served
        })
        .await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.meter.count(Operation::ObjectRequest, 1);
        self.alarm_at.set(Some(0));
        let outcome = async { self.go_on(self.own_number()?).await }.await;
        if let Err(error) = outcome {
            console_error!("alarm: {error}");
            self.set_alarm(RETRY_MILLIS).await?;
        }
        self.keep_usage();
        Response::empty()
    }
}

impl LogShard {
    /// The shard's number. Calls carry it, an alarm doesn't, and an object that an alarm wakes
    /// need not know its own name; so the storage keeps it from the first append on. The name
    /// still serves a shard whose last append came before that.
    fn own_number(&self) -> Result<ShardId, StorageError> {
        if let Some(shard) = self.store()?.shard()? {
            return Ok(shard);
        }
        let name = self.state.id().name();
        let number = name.as_deref().and_then(|name| name.strip_prefix("shard-")?.parse().ok());
        number.ok_or_else(|| StorageError::Corrupt("the shard doesn't know its number".into()))
    }

    /// What the first append of this instance also does: the storage learns the shard's number, the
    /// directory that it has rows. An append never fails for the latter; the flush tries again.
    async fn introduce(&self, store: &SqlShard, shard: ShardId) -> Result<(), StorageError> {
        if self.introduced.get() {
            return Ok(());
        }
        store.remember_shard(shard)?;
        self.introduced.set(true);
        if let Err(error) = self.enter_directory(store, shard).await {
            console_error!("directory: {error}");
        }
        Ok(())
    }

    /// Has this shard entered into the directory, unless its storage says that it is.
    async fn enter_directory(&self, store: &SqlShard, shard: ShardId) -> Result<(), StorageError> {
        if shard == DIRECTORY || store.noted_shards()?.contains(&shard) {
            return Ok(());
        }
        enter_directory(&self.env, shard).await?;
        store.note_shard(shard)
    }

    async fn serve(&self, asked: Message<ShardCall>) -> Result<Message<ShardAnswer>, StorageError> {
        match asked.head {
            ShardCall::Append { shard } => {
                let store = self.store()?;
                self.introduce(store, shard).await?;
                let appended = store.append_text(&asked.attachment, now_millis())?;
                self.arrange_flush(appended.open_rows).await?;
                Ok(ShardAnswer::Append.into())
            }
            ShardCall::History { shard, query } => {
                let (store, segments, retention) = self.parts()?;
                let segments = &segments;
                let shard = Shard { id: shard, store, segments, retention };
                let LogPage { rows, next } = shard.history(&query).await?;
                let attachment = wire::write_ndjson(&rows);
                Ok(Message { head: ShardAnswer::History { next }, attachment })
            }
            ShardCall::Flush { shard } => {
                let report = self.flush(shard).await?;
                // Whoever flushes looks after what an alarm missed, too.
                if !self.store()?.erasures()?.is_empty()
                    && let Err(error) = self.go_on(shard).await
                {
                    console_error!("erasure: {error}");
                }
                Ok(ShardAnswer::Flush(report).into())
            }
            ShardCall::NoteShard { shard } => {
                self.store()?.note_shard(shard)?;
                Ok(ShardAnswer::NoteShard.into())
            }
            ShardCall::Shards => Ok(ShardAnswer::Shards(self.store()?.noted_shards()?).into()),
            ShardCall::Status => Ok(ShardAnswer::Status(self.store()?.status()?).into()),
            ShardCall::Label { shard, labels } => {
                let (store, segments, retention) = self.parts()?;
                let segments = &segments;
                let shard = Shard { id: shard, store, segments, retention };
                Ok(ShardAnswer::Label(shard.label(&labels, now_millis()).await?).into())
            }
            ShardCall::Erase { shard, what, asked } => {
                Ok(ShardAnswer::Erase(self.erase(shard, &what, &asked).await?).into())
            }
            ShardCall::Tallies { span } => {
                Ok(ShardAnswer::Tallies(self.store()?.tallies(&span)?).into())
            }
            #[cfg(feature = "contract-suite")]
            ShardCall::ContractCases => {
                Ok(ShardAnswer::ContractCases(super::contract_suite::cases()).into())
            }
            #[cfg(feature = "contract-suite")]
            ShardCall::ContractCase { case, shard } => {
                let state = &self.state;
                let segments = KvSegments { store: self.env.kv(STORE).map_err(unreachable)? };
                let breach =
                    super::contract_suite::run(&case, shard, state, segments, &self.env).await?;
                Ok(ShardAnswer::ContractCase(breach).into())
            }
        }
    }

    async fn flush(&self, shard: ShardId) -> Result<FlushReport, StorageError> {
        let (store, segments, retention) = self.parts()?;
        let flushing = Shard { id: shard, store, segments: &segments, retention };
        let report = flushing.flush(now_millis()).await?;
        if report.more {
            self.ring_within(0).await?;
        }
        if !store.erasures()?.is_empty() {
            self.ring_within(RETRY_MILLIS).await?;
        }
        self.arrange_flush(store.open_rows()?).await?;
        if store.shard()?.is_some() {
            self.enter_directory(store, shard).await?;
        }
        Ok(report)
    }

    /// Begins an erasure. The alarm that goes on with it is set before: whatever breaks off, it rings.
    async fn erase(
        &self,
        shard: ShardId,
        what: &Erasure,
        asked: &Asked,
    ) -> Result<Progress, StorageError> {
        let (store, segments, retention) = self.parts()?;
        if store.is_new()? {
            return Ok(Progress::default());
        }
        store.remember_shard(shard)?;
        self.ring_within(RETRY_MILLIS).await?;
        let erasing = Shard { id: shard, store, segments: &segments, retention };
        // The result is noted, and forgotten here, after the answer was made of it.
        self.noting_since.set(now_millis());
        erasing.begin_erasure(what, asked)?;
        // From now on it is out of sight.
        let outcome = self.erase_on(&erasing).await;
        let progress = erasing.progress(what)?;
        self.noting_since.set(0);
        let noted = match outcome {
            Ok(()) => self.note_erasures(&erasing).await,
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            console_error!("erasure: {error}");
        }
        Ok(progress)
    }

    /// What an alarm does: flushes, and goes on with erasures. If there is more to do it rings at once.
    async fn go_on(&self, shard: ShardId) -> Result<(), StorageError> {
        let (store, segments, retention) = self.parts()?;
        let erasing = Shard { id: shard, store, segments: &segments, retention };
        self.erase_on(&erasing).await?;
        self.note_erasures(&erasing).await
    }

    /// Looks through segments, then flushes, which writes them anew.
    async fn erase_on(&self, erasing: &Shard<'_, SqlShard, Segments>) -> Result<(), StorageError> {
        let more = erasing.erase_on().await;
        // A segment that can't be read must not keep others from being stored.
        self.flush(erasing.id).await?;
        if more? { self.ring_within(0).await } else { Ok(()) }
    }

    async fn note_erasures(
        &self,
        erasing: &Shard<'_, SqlShard, Segments>,
    ) -> Result<(), StorageError> {
        // Another call of this object may be at it; the alarm comes back to what it leaves.
        let now = now_millis();
        if now - self.noting_since.get() < RETRY_MILLIS {
            return Ok(());
        }
        self.noting_since.set(now);
        let registry = DurableRegistry::new(self.env.clone());
        let outcome = erasing.note_erasures(&registry, now).await;
        self.noting_since.set(0);
        outcome.map_err(unreachable)
    }

    /// Sees to it that rows without a segment have an alarm: at once if they fill one.
    async fn arrange_flush(&self, open_rows: u64) -> Result<(), StorageError> {
        if open_rows == 0 {
            return Ok(());
        }
        let config = settings(&self.env).map_err(unreachable)?;
        let wait = if open_rows >= config.retention.segment_rows {
            0
        } else {
            i64::from(config.flush_minutes) * 60_000
        };
        self.ring_within(wait).await
    }

    /// Sees to it that the alarm rings within `wait` milliseconds.
    async fn ring_within(&self, wait: i64) -> Result<(), StorageError> {
        let due = match self.alarm_at.get() {
            Some(at) => at,
            None => self.state.storage().get_alarm().await.map_err(unreachable)?.unwrap_or(0),
        };
        let pending = due > now_millis() - RETRY_MILLIS;
        self.alarm_at.set(Some(due));
        if pending && due <= now_millis() + wait {
            return Ok(());
        }
        self.set_alarm(wait).await.map_err(unreachable)
    }

    async fn set_alarm(&self, wait_millis: i64) -> worker::Result<()> {
        self.alarm_at.set(Some(now_millis() + wait_millis));
        self.meter.count(Operation::RowWritten, 1);
        self.state.storage().set_alarm(wait_millis).await
    }

    /// The storage, opened by the first call that needs it; one that fails is tried again.
    fn store(&self) -> Result<&SqlShard, StorageError> {
        match self.store.get() {
            Some(store) => Ok(store),
            None => {
                let opened = SqlShard::open(self.state.storage(), Arc::clone(&self.meter))?;
                Ok(self.store.get_or_init(|| opened))
            }
        }
    }

    fn keep_usage(&self) {
        if let Some(store) = self.store.get() {
            store.database.keep_usage();
        }
    }

    fn parts(&self) -> Result<(&SqlShard, Segments, Retention), StorageError> {
        let config = settings(&self.env).map_err(unreachable)?;
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let store = Arc::new(KvSegments { store });
        let segments = Metered { store, counts: Arc::clone(&self.meter) };
        Ok((self.store()?, segments, config.retention))
    }
}

fn unreachable(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(error.to_string())
}
