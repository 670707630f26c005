//! The log as the Worker reaches it: a Durable Object a shard.
//!
//! Calls are POSTs to `https://shard/{shard}/{call}` with JSON on both sides; `shard_object`
//! answers them. Stubs belong to the event that makes them, so each call makes its own.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use worker::send::SendFuture;
use worker::{Env, Method, Request, RequestInit};

use crate::ports::{
    Batch, Counters, FlushReport, HistoryQuery, LogError, LogRow, PredictionLog, ShardId,
};
use crate::services::log::wire;

/// Binding of the shards' namespace.
const BINDING: &str = "PREDICTION_LOG";

/// The shards behind [`BINDING`].
pub(super) struct DurableLog {
    env: Env,
}

impl DurableLog {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }

    async fn call(&self, shard: ShardId, call: &str, body: String) -> Result<String, LogError> {
        let exchange = async {
            let stub = self.env.durable_object(BINDING)?.get_by_name(&format!("shard-{shard}"))?;
            let mut init = RequestInit::new();
            init.with_method(Method::Post).with_body(Some(body.into()));
            let url = format!("https://shard/{shard}/{call}");
            let mut response =
                stub.fetch_with_request(Request::new_with_init(&url, &init)?).await?;
            Ok::<_, worker::Error>((response.status_code(), response.text().await?))
        };
        match SendFuture::new(exchange).await {
            Ok((200, text)) => Ok(text),
            Ok((status, text)) => Err(LogError::Unreachable(format!("{status} {text}"))),
            Err(error) => Err(LogError::Unreachable(error.to_string())),
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, LogError> {
    serde_json::from_str(text).map_err(|error| LogError::Corrupt(error.to_string()))
}

#[async_trait]
impl PredictionLog for DurableLog {
    async fn append(&self, shard: ShardId, batch: &Batch) -> Result<(), LogError> {
        self.call(shard, "append", wire::write_batch(batch)?).await.map(|_| ())
    }

    async fn history(&self, shard: ShardId, query: &HistoryQuery) -> Result<Vec<LogRow>, LogError> {
        let body =
            serde_json::to_string(query).map_err(|error| LogError::Corrupt(error.to_string()))?;
        wire::read_rows(&self.call(shard, "history", body).await?)
    }

    async fn flush(&self, shard: ShardId) -> Result<FlushReport, LogError> {
        read(&self.call(shard, "flush", String::new()).await?)
    }

    async fn counters(&self, shard: ShardId) -> Result<Counters, LogError> {
        read(&self.call(shard, "counters", String::new()).await?)
    }
}
