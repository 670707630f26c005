//! The registry as the Worker reaches it: one Durable Object.

use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use serde::{Deserialize, Serialize};
use worker::send::SendFuture;
use worker::{Delay, Env};

use super::object_call::{ObjectCall, call};
use crate::ports::{Answer, ChangeRequest, Changed, Query, Registry, RegistryError, StorageError};

/// Binding of the object's namespace.
const BINDING: &str = "REGISTRY";

/// So long a prediction waits to hear who serves: a registry that hangs is one that is away.
const PATIENCE: Duration = Duration::from_secs(1);

/// The one object's name.
const NAME: &str = "registry";

/// One of [`Registry`]'s calls.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistryCall {
    Change(Box<ChangeRequest>),
    Query(Query),
}

/// The answer to the call of the same name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistryReply {
    Change(Changed),
    Query(Answer),
}

impl ObjectCall for RegistryCall {
    type Answer = RegistryReply;
    type Error = RegistryError;
}

/// The object behind [`BINDING`].
pub(super) struct DurableRegistry {
    env: Env,
}

impl DurableRegistry {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }

    async fn ask(&self, what: &RegistryCall) -> Result<RegistryReply, RegistryError> {
        Ok(call(&self.env, BINDING, NAME, what, "").await?.head)
    }
}

/// What `reply` becomes within [`PATIENCE`].
async fn patiently(
    reply: impl Future<Output = Result<RegistryReply, RegistryError>>,
) -> Result<RegistryReply, RegistryError> {
    let in_time = SendFuture::new(async {
        match select(pin!(reply), Delay::from(PATIENCE)).await {
            Either::Left((reply, _)) => Some(reply),
            Either::Right(_) => None,
        }
    });
    in_time.await.unwrap_or_else(|| {
        let why = "it doesn't answer in time".to_owned();
        Err(StorageError::Unreachable(why).into())
    })
}

#[async_trait]
impl Registry for DurableRegistry {
    async fn change(&self, request: &ChangeRequest) -> Result<Changed, RegistryError> {
        match self.ask(&RegistryCall::Change(Box::new(request.clone()))).await? {
            RegistryReply::Change(changed) => Ok(changed),
            RegistryReply::Query(_) => Err(RegistryError::unexpected_answer()),
        }
    }

    async fn query(&self, query: &Query) -> Result<Answer, RegistryError> {
        let call = RegistryCall::Query(query.clone());
        let reply = match query {
            Query::Pointer => patiently(self.ask(&call)).await?,
            _ => self.ask(&call).await?,
        };
        match reply {
            RegistryReply::Query(answer) => Ok(answer),
            RegistryReply::Change(_) => Err(RegistryError::unexpected_answer()),
        }
    }
}
