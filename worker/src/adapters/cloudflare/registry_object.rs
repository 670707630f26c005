//! The Durable Object of the registry: answers `registry`'s calls, and brings the copy of the pointer up
//! to date, by alarm if not at once.

use std::cell::OnceCell;

use worker::{
    DurableObject, Env, Request, Response, State, console_error, durable_object, wasm_bindgen,
};

use super::object_call::{Message, answer};
use super::pointer_copy::KvPointerCopy;
use super::registry::{RegistryCall, RegistryReply};
use super::sql_documents::SqlDocuments;
use crate::ports::{RegistryError, StorageError};
use crate::services::registry::{self, Copier};

/// A copy that failed is tried again after so long.
const RETRY_MILLIS: i64 = 5_000;

/// The registry.
#[durable_object]
pub struct ModelRegistry {
    state: State,
    env: Env,
    /// The storage, once it is open.
    store: OnceCell<SqlDocuments>,
    copier: Copier,
}

impl DurableObject for ModelRegistry {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, store: OnceCell::new(), copier: Copier::default() }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        answer(request, async |asked| self.serve(asked).await).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let copied = self.copy_pointer().await;
        if let Err(error) = &copied {
            console_error!("the pointer's copy: {error}");
        }
        if !copied.unwrap_or(false) {
            self.state.storage().set_alarm(RETRY_MILLIS).await?;
        }
        Response::empty()
    }
}

impl ModelRegistry {
    async fn serve(
        &self,
        asked: Message<RegistryCall>,
    ) -> Result<Message<RegistryReply>, RegistryError> {
        match asked.head {
            RegistryCall::Query(query) => {
                let answer = registry::query(self.store()?, &query)?;
                Ok(RegistryReply::Query(answer).into())
            }
            RegistryCall::Change(request) => {
                let changed = registry::change(self.store()?, &request)?;
                if changed.fresh {
                    // Nothing waits between the change and this, so both are written or neither is.
                    let alarm = self.state.storage().set_alarm(RETRY_MILLIS).await;
                    alarm.map_err(|error| StorageError::Unreachable(error.to_string()))?;
                    // Done at once it needs no alarm; which then finds nothing to do.
                    if let Err(error) = self.copy_pointer().await {
                        console_error!("the pointer's copy: {error}");
                    }
                }
                Ok(RegistryReply::Change(changed).into())
            }
        }
    }

    async fn copy_pointer(&self) -> Result<bool, RegistryError> {
        let copy = KvPointerCopy::new(self.env.clone());
        self.copier.run(self.store()?, &copy).await
    }

    fn store(&self) -> Result<&SqlDocuments, StorageError> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let opened = SqlDocuments::open(self.state.storage())?;
        Ok(self.store.get_or_init(|| opened))
    }
}
