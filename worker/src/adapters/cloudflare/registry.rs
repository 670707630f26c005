//! The registry as the Worker reaches it: one Durable Object.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use worker::Env;

use super::object_call::{ObjectCall, call};
use crate::ports::{Answer, ChangeRequest, Changed, Query, Registry, RegistryError};

/// Binding of the object's namespace.
const BINDING: &str = "REGISTRY";

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

#[async_trait]
impl Registry for DurableRegistry {
    async fn change(&self, request: &ChangeRequest) -> Result<Changed, RegistryError> {
        match self.ask(&RegistryCall::Change(Box::new(request.clone()))).await? {
            RegistryReply::Change(changed) => Ok(changed),
            RegistryReply::Query(_) => Err(RegistryError::unexpected_answer()),
        }
    }

    async fn query(&self, query: &Query) -> Result<Answer, RegistryError> {
        match self.ask(&RegistryCall::Query(query.clone())).await? {
            RegistryReply::Query(answer) => Ok(answer),
            RegistryReply::Change(_) => Err(RegistryError::unexpected_answer()),
        }
    }
}
