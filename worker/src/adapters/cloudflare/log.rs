//! The log as the Worker reaches it: a Durable Object a shard.

use std::collections::BTreeSet;

use async_trait::async_trait;
use worker::{Env, console_error};

use super::object_call::{Message, call};
use super::shard_call::{ShardAnswer, ShardCall};
use crate::ports::{
    Asked, Batch, DIRECTORY, Erasure, FlushReport, HistoryQuery, HourSpan, Label, LabelStatus,
    LogPage, PredictionLog, Progress, ShardId, ShardStatus, StorageError, Tally,
};
use crate::services::log::wire;

/// Binding of the shards' namespace.
const BINDING: &str = "PREDICTION_LOG";

/// The name of a shard's object.
fn object_name(shard: ShardId) -> String {
    format!("shard-{shard}")
}

/// The shards behind [`BINDING`].
pub(super) struct DurableLog {
    env: Env,
}

impl DurableLog {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }

    async fn ask(
        &self,
        shard: ShardId,
        what: &ShardCall,
        attachment: &str,
    ) -> Result<Message<ShardAnswer>, StorageError> {
        let answer = call(&self.env, BINDING, &object_name(shard), what, attachment).await;
        if let Err(error) = &answer {
            console_error!("log shard {shard}: {error}");
        }
        answer
    }
}

/// Has the shard entered into the directory.
///
/// # Errors
/// [`StorageError`] if the directory can't be reached.
pub(super) async fn enter_directory(env: &Env, shard: ShardId) -> Result<(), StorageError> {
    let name = object_name(DIRECTORY);
    match call(env, BINDING, &name, &ShardCall::NoteShard { shard }, "").await?.head {
        ShardAnswer::NoteShard => Ok(()),
        answer => Err(another(&answer)),
    }
}

fn another(answer: &ShardAnswer) -> StorageError {
    StorageError::Corrupt(format!("the shard answers another call: {answer:?}"))
}

#[async_trait]
impl PredictionLog for DurableLog {
    async fn append(&self, shard: ShardId, batch: &Batch) -> Result<(), StorageError> {
        let batch = wire::write_batch(batch)?;
        match self.ask(shard, &ShardCall::Append { shard }, &batch).await?.head {
            ShardAnswer::Append => Ok(()),
            answer => Err(another(&answer)),
        }
    }

    async fn shards(&self) -> Result<BTreeSet<ShardId>, StorageError> {
        match self.ask(DIRECTORY, &ShardCall::Shards, "").await?.head {
            ShardAnswer::Shards(shards) => Ok(shards),
            answer => Err(another(&answer)),
        }
    }

    async fn history(&self, shard: ShardId, query: &HistoryQuery) -> Result<LogPage, StorageError> {
        let history = ShardCall::History { shard, query: query.clone() };
        let Message { head, attachment } = self.ask(shard, &history, "").await?;
        match head {
            ShardAnswer::History { next } => {
                Ok(LogPage { rows: wire::read_ndjson(&attachment)?, next })
            }
            answer => Err(another(&answer)),
        }
    }

    async fn flush(&self, shard: ShardId) -> Result<FlushReport, StorageError> {
        match self.ask(shard, &ShardCall::Flush { shard }, "").await?.head {
            ShardAnswer::Flush(report) => Ok(report),
            answer => Err(another(&answer)),
        }
    }

    async fn status(&self, shard: ShardId) -> Result<ShardStatus, StorageError> {
        match self.ask(shard, &ShardCall::Status, "").await?.head {
            ShardAnswer::Status(status) => Ok(status),
            answer => Err(another(&answer)),
        }
    }

    async fn label(
        &self,
        shard: ShardId,
        labels: &[Label],
    ) -> Result<Vec<LabelStatus>, StorageError> {
        let label = ShardCall::Label { shard, labels: labels.to_vec() };
        match self.ask(shard, &label, "").await?.head {
            ShardAnswer::Label(statuses) => Ok(statuses),
            answer => Err(another(&answer)),
        }
    }

    async fn tallies(&self, shard: ShardId, span: &HourSpan) -> Result<Vec<Tally>, StorageError> {
        match self.ask(shard, &ShardCall::Tallies { span: span.clone() }, "").await?.head {
            ShardAnswer::Tallies(tallies) => Ok(tallies),
            answer => Err(another(&answer)),
        }
    }

    async fn erase(
        &self,
        shard: ShardId,
        what: &Erasure,
        asked: &Asked,
    ) -> Result<Progress, StorageError> {
        let erase = ShardCall::Erase { shard, what: what.clone(), asked: asked.clone() };
        match self.ask(shard, &erase, "").await?.head {
            ShardAnswer::Erase(progress) => Ok(progress),
            answer => Err(another(&answer)),
        }
    }
}
