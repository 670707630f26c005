//! The Durable Object of a log shard: answers `log`'s calls and flushes by alarm.

use std::cell::Cell;

use serde::Serialize;
use worker::{
    DurableObject, Env, Request, Response, Result, State, console_error, durable_object, js_sys,
    wasm_bindgen,
};

use super::entry::settings;
use super::segments::KvSegments;
use super::sql_shard::SqlShard;
use crate::ports::{HistoryQuery, LogError, ShardId, ShardStore};
use crate::services::log::shard::{Retention, Shard};
use crate::services::log::wire;

/// Binding of the KV namespace.
const STORE: &str = "STORE";

/// An alarm's flush that failed is tried again after so long.
const RETRY_MILLIS: i64 = 60_000;

/// One shard of the prediction log.
#[durable_object]
pub struct LogShard {
    state: State,
    env: Env,
    /// When the alarm is due, as far as this instance knows; 0 after it rang.
    alarm_at: Cell<Option<i64>>,
    /// The shard's number is in the storage, as far as this instance knows.
    remembered: Cell<bool>,
}

fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}

impl DurableObject for LogShard {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, alarm_at: Cell::new(None), remembered: Cell::new(false) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let path = request.path();
        let mut parts = path.split('/').skip(1);
        let shard = parts.next().and_then(|shard| shard.parse().ok());
        let (Some(shard), Some(call)) = (shard, parts.next()) else {
            return Response::error("no such call", 404);
        };
        let body = request.text().await?;
        match self.call(shard, call, &body).await {
            Ok(text) => Response::ok(text),
            Err(error) => Response::error(error.to_string(), 500),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.alarm_at.set(Some(0));
        let outcome = async { self.flush(self.own_number()?).await }.await;
        if let Err(error) = outcome {
            console_error!("flush: {error}");
            self.set_alarm(RETRY_MILLIS).await?;
        }
        Response::empty()
    }
}

impl LogShard {
    /// The shard's number. Calls carry it, an alarm doesn't, and an object that an alarm wakes
    /// need not know its own name; so the storage keeps it from the first append on. The name
    /// still serves a shard whose last append came before that.
    fn own_number(&self) -> std::result::Result<ShardId, LogError> {
        if let Some(shard) = self.store()?.shard()? {
            return Ok(shard);
        }
        let name = self.state.id().name();
        let number = name.as_deref().and_then(|name| name.strip_prefix("shard-")?.parse().ok());
        number.ok_or_else(|| LogError::Corrupt("the shard doesn't know its number".into()))
    }

    fn remember(&self, store: &SqlShard, shard: ShardId) -> std::result::Result<(), LogError> {
        if !self.remembered.get() {
            store.remember_shard(shard)?;
            self.remembered.set(true);
        }
        Ok(())
    }

    async fn call(
        &self,
        shard: ShardId,
        call: &str,
        body: &str,
    ) -> std::result::Result<String, LogError> {
        match call {
            "append" => {
                let store = self.store()?;
                self.remember(&store, shard)?;
                let appended = store.append_text(body, now_millis())?;
                self.arrange_flush(appended.open_rows).await?;
                Ok(String::new())
            }
            "history" => {
                let query: HistoryQuery = serde_json::from_str(body)
                    .map_err(|error| LogError::Corrupt(error.to_string()))?;
                let (store, segments, retention) = self.parts()?;
                let (store, segments) = (&store, &segments);
                let shard = Shard { id: shard, store, segments, retention };
                wire::write_rows(&shard.history(&query).await?)
            }
            "flush" => self.flush(shard).await,
            "counters" => to_text(&self.store()?.counters()?),
            _ => Err(LogError::Corrupt(format!("the shard knows no call {call}"))),
        }
    }

    async fn flush(&self, shard: ShardId) -> std::result::Result<String, LogError> {
        let (store, segments, retention) = self.parts()?;
        let flushing = Shard { id: shard, store: &store, segments: &segments, retention };
        let report = flushing.flush(now_millis()).await?;
        self.arrange_flush(store.open_rows()?).await?;
        to_text(&report)
    }

    /// Sees to it that rows without a segment have an alarm: at once if they fill one.
    async fn arrange_flush(&self, open_rows: u64) -> std::result::Result<(), LogError> {
        if open_rows == 0 {
            return Ok(());
        }
        let config = settings(&self.env).map_err(unreachable)?;
        let wait = if open_rows >= config.retention.segment_rows {
            0
        } else {
            i64::from(config.flush_minutes) * 60_000
        };
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

    async fn set_alarm(&self, wait_millis: i64) -> Result<()> {
        self.alarm_at.set(Some(now_millis() + wait_millis));
        self.state.storage().set_alarm(wait_millis).await
    }

    fn store(&self) -> std::result::Result<SqlShard, LogError> {
        SqlShard::open(self.state.storage())
    }

    fn parts(&self) -> std::result::Result<(SqlShard, KvSegments, Retention), LogError> {
        let config = settings(&self.env).map_err(unreachable)?;
        let store = self.env.kv(STORE).map_err(unreachable)?;
        let segments = KvSegments { store, ttl_days: config.retention.ttl_days };
        Ok((self.store()?, segments, config.retention))
    }
}

fn unreachable(error: impl std::fmt::Display) -> LogError {
    LogError::Unreachable(error.to_string())
}

fn to_text(value: &impl Serialize) -> std::result::Result<String, LogError> {
    serde_json::to_string(value).map_err(|error| LogError::Corrupt(error.to_string()))
}
