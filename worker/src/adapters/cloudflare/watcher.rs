//! The watcher as the Worker reaches it: one Durable Object.

use async_trait::async_trait;
use worker::Env;

use super::object_call::{ObjectCall, call};
use crate::ports::{StorageError, WatchAnswer, WatchQuestion, Watcher};

/// Binding of the object's namespace.
const BINDING: &str = "WATCHER";

/// The one object's name.
const NAME: &str = "watcher";

impl ObjectCall for WatchQuestion {
    type Answer = WatchAnswer;
    type Error = StorageError;
}

/// The object behind [`BINDING`].
pub(super) struct DurableWatcher {
    env: Env,
}

impl DurableWatcher {
    pub(super) fn new(env: Env) -> Self {
        Self { env }
    }
}

#[async_trait]
impl Watcher for DurableWatcher {
    async fn ask(&self, question: &WatchQuestion) -> Result<WatchAnswer, StorageError> {
        Ok(call(&self.env, BINDING, NAME, question, "").await?.head)
    }
}
