//! The Durable Object of the registry: answers `registry`'s calls, and brings the copy of the pointer up
//! to date, by alarm if not at once.

use std::cell::OnceCell;
use std::sync::Arc;

use worker::{
    DurableObject, Env, Request, Response, State, console_error, durable_object, wasm_bindgen,
};

use super::object_call::{Message, answer};
use super::pointer_copy::KvPointerCopy;
use super::registry::{RegistryCall, RegistryReply};
use super::sql_documents::SqlDocuments;
use crate::ports::{Operation, RegistryError, StorageError};
use crate::services::registry::{self, Copier};
use crate::services::usage::{Count, Meter, Metered};

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
    /// What the object uses of the platform.
    meter: Arc<Meter>,
}

impl DurableObject for ModelRegistry {
    fn new(state: State, env: Env) -> Self {
        let (copier, meter) = (Copier::default(), Arc::default());
        Self { state, env, store: OnceCell::new(), copier, meter }
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
        let copied = self.copy_pointer().await;
        if let Err(error) = &copied {
            console_error!("the pointer's copy: {error}");
        }
        if !copied.unwrap_or(false) {
            self.set_alarm().await?;
        }
        self.keep_usage();
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
                    self.set_alarm()
                        .await
                        .map_err(|error| StorageError::Unreachable(error.to_string()))?;
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
        let store = Arc::new(KvPointerCopy::new(self.env.clone()));
        let copy = Metered { store, counts: Arc::clone(&self.meter) };
        self.copier.run(self.store()?, &copy).await
    }

    async fn set_alarm(&self) -> worker::Result<()> {
        self.meter.count(Operation::RowWritten, 1);
        self.state.storage().set_alarm(RETRY_MILLIS).await
    }

    fn keep_usage(&self) {
        if let Some(store) = self.store.get() {
            store.database.keep_usage();
        }
    }

    fn store(&self) -> Result<&SqlDocuments, StorageError> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let opened = SqlDocuments::open(self.state.storage(), Arc::clone(&self.meter))?;
        Ok(self.store.get_or_init(|| opened))
    }
}
