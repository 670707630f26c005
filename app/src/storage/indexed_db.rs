//! The little of IndexedDB that the page needs: one store of values by key.

use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo::events::EventListener;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

const DATABASE: &str = "tepal";
const VERSION: u32 = 1;
const STORE: &str = "kept";

/// Reads the value under `key`; `undefined` if there is none.
///
/// # Errors
/// What the browser threw: no IndexedDB, access denied, a newer database version.
pub(crate) async fn get(key: &str) -> Result<JsValue, JsValue> {
    let store = store(IdbTransactionMode::Readonly).await?;
    settled(&store.get(&key.into())?).await
}

/// Puts `value` under `key`.
///
/// # Errors
/// As [`get`], or no room left.
pub(crate) async fn put(key: &str, value: &JsValue) -> Result<(), JsValue> {
    let store = store(IdbTransactionMode::Readwrite).await?;
    settled(&store.put_with_key(value, &key.into())?).await.map(drop)
}

/// Drops what is under `key`, if anything.
///
/// # Errors
/// As [`get`].
pub(crate) async fn delete(key: &str) -> Result<(), JsValue> {
    let store = store(IdbTransactionMode::Readwrite).await?;
    settled(&store.delete(&key.into())?).await.map(drop)
}

async fn store(mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    let database = open().await?;
    database.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
}

async fn open() -> Result<IdbDatabase, JsValue> {
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
    settled(&request).await?.dyn_into()
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
fn event(request: &IdbRequest, kind: &'static str) -> (JsFuture, Option<EventListener>) {
    let mut listener = None;
    let promise = Promise::new(&mut |resolve, _| {
        listener = Some(EventListener::once(request, kind, move |event| {
            // Resolving a promise cannot fail.
            let _ = resolve.call1(&JsValue::NULL, event);
        }));
    });
    (JsFuture::from(promise), listener)
}
