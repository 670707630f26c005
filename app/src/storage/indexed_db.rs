//! The little of IndexedDB that the page needs: one store of values by key.
//!
//! Each call opens a connection of its own and closes it: there is one call at the start and one
//! a training, and no connection is left over to keep another tab from a newer version.

use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo::events::EventListener;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventTarget, IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

const DATABASE: &str = "tepal";
const VERSION: u32 = 1;
const STORE: &str = "kept";

/// Reads the value under `key`; `undefined` if there is none.
///
/// # Errors
/// What the browser threw: no IndexedDB, access denied, a newer database version.
pub(crate) async fn get(key: &str) -> Result<JsValue, JsValue> {
    let connection = Connection::open().await?;
    let transaction = connection.transaction(IdbTransactionMode::Readonly)?;
    settled(&transaction.object_store(STORE)?.get(&key.into())?).await
}

/// Puts `value` under `key`; it is kept once this returns.
///
/// # Errors
/// As [`get`], or no room left.
pub(crate) async fn put(key: &str, value: &JsValue) -> Result<(), JsValue> {
    let connection = Connection::open().await?;
    let transaction = connection.transaction(IdbTransactionMode::Readwrite)?;
    transaction.object_store(STORE)?.put_with_key(value, &key.into())?;
    completed(&transaction).await
}

/// Drops what is under `key`, if anything; it is gone once this returns.
///
/// # Errors
/// As [`get`].
pub(crate) async fn delete(key: &str) -> Result<(), JsValue> {
    let connection = Connection::open().await?;
    let transaction = connection.transaction(IdbTransactionMode::Readwrite)?;
    transaction.object_store(STORE)?.delete(&key.into())?;
    completed(&transaction).await
}

/// An open database, closed when dropped.
struct Connection {
    database: IdbDatabase,
    _give_way: EventListener,
}

impl Connection {
    async fn open() -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or("no window")?;
        let factory = window.indexed_db()?.ok_or("no IndexedDB")?;
        let request: Rc<IdbOpenDbRequest> = Rc::new(factory.open_with_u32(DATABASE, VERSION)?);
        let upgrading = Rc::clone(&request);
        let _upgrade = EventListener::once(&request, "upgradeneeded", move |_| {
            let database =
                upgrading.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
            if let Some(Err(error)) = database.map(|database| database.create_object_store(STORE)) {
                leptos::logging::warn!("the store was not made: {error:?}");
            }
        });
        let database: IdbDatabase = settled(&request).await?.dyn_into()?;
        // Another tab wants a newer version, or none: what is under way still completes.
        let closing = database.clone();
        let give_way = EventListener::once(&database, "versionchange", move |_| closing.close());
        Ok(Self { database, _give_way: give_way })
    }

    fn transaction(&self, mode: IdbTransactionMode) -> Result<IdbTransaction, JsValue> {
        self.database.transaction_with_str_and_mode(STORE, mode)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// Waits until the transaction is carried out; a request's success comes before that, and what
/// fails in between (no room left, say) undoes it.
async fn completed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let (complete, _on_complete) = event(transaction, "complete");
    let (abort, _on_abort) = event(transaction, "abort");
    match select(complete, abort).await {
        Either::Left(_) => Ok(()),
        Either::Right(_) => Err(transaction.error().map_or(JsValue::NULL, JsValue::from)),
    }
}

/// Waits for a request's success or error.
async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let (success, _on_success) = event(request, "success");
    let (error, _on_error) = event(request, "error");
    match select(success, error).await {
        Either::Left(_) => request.result(),
        Either::Right(_) => Err(request.error()?.map_or(JsValue::NULL, JsValue::from)),
    }
}

/// A future for the next event of this kind; it comes only while the listener lives.
fn event(target: &EventTarget, kind: &'static str) -> (JsFuture, Option<EventListener>) {
    let mut listener = None;
    let promise = Promise::new(&mut |resolve, _| {
        listener = Some(EventListener::once(target, kind, move |event| {
            // Resolving a promise cannot fail.
            let _ = resolve.call1(&JsValue::NULL, event);
        }));
    });
    (JsFuture::from(promise), listener)
}
