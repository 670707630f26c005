//! The little of IndexedDB that the page needs: stores of values by key, in a database with versions.
//!
//! Each call opens a connection of its own and closes it: there is one call at the start and a few
//! a training, and no connection is left over to keep another tab from a newer version.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo::events::EventListener;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventTarget, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

use super::fault::StorageFault;

const DATABASE: &str = "tepal";
/// Raised with every store that is added to [`Store::ALL`].
const VERSION: u32 = 2;
/// How long another tab may take to give way to a new version: those that know how do so at once.
const PATIENCE_MILLIS: u32 = 3_000;

/// A part of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// Single values by name: the file of Data, which models answer.
    Kept,
    /// A record of every training, by its id.
    Runs,
    /// The bytes of every model of a run, by the model's id: what lists runs does not load them.
    Artifacts,
}

impl Store {
    /// All of them: `kept` since version 1, the others since 2.
    const ALL: [Self; 3] = [Self::Kept, Self::Runs, Self::Artifacts];

    const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Runs => "runs",
            Self::Artifacts => "artifacts",
        }
    }
}

/// A change of a store.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The value stands under the key from now on.
    Put(Store, String, JsValue),
    /// Nothing stands there from now on.
    Delete(Store, String),
}

/// Reads the value under `key`; `undefined` if there is none.
///
/// # Errors
/// Why the browser does not give it.
pub(crate) async fn get(store: Store, key: &str) -> Result<JsValue, StorageFault> {
    let values = get_each(store, &[key.to_owned()]).await?;
    Ok(values.into_iter().next().unwrap_or(JsValue::UNDEFINED))
}

/// Reads the value under each of `keys`; `undefined` where there is none.
///
/// # Errors
/// As [`get`].
pub(crate) async fn get_each(store: Store, keys: &[String]) -> Result<Vec<JsValue>, StorageFault> {
    let connection = Connection::open().await?;
    let store = connection.transaction(IdbTransactionMode::Readonly)?.object_store(store.name())?;
    let mut values = Vec::new();
    for key in keys {
        values.push(settled(&store.get(&key.into())?).await?);
    }
    Ok(values)
}

/// Reads all values of a store.
///
/// # Errors
/// As [`get`].
pub(crate) async fn all(store: Store) -> Result<Array, StorageFault> {
    let connection = Connection::open().await?;
    let store = connection.transaction(IdbTransactionMode::Readonly)?.object_store(store.name())?;
    Ok(settled(&store.get_all()?).await?.unchecked_into())
}

/// Carries out `changes`, all of them or none; they are kept once this returns.
///
/// # Errors
/// As [`get`], or no room left.
pub(crate) async fn change(changes: Vec<Change>) -> Result<(), StorageFault> {
    let connection = Connection::open().await?;
    let transaction = connection.transaction(IdbTransactionMode::Readwrite)?;
    for change in changes {
        if let Err(error) = ask(&transaction, change) {
            // Else what was asked for before would be kept.
            transaction.abort()?;
            return Err(error.into());
        }
    }
    completed(&transaction).await
}

fn ask(transaction: &IdbTransaction, change: Change) -> Result<IdbRequest, JsValue> {
    match change {
        Change::Put(store, key, value) => {
            transaction.object_store(store.name())?.put_with_key(&value, &key.into())
        }
        Change::Delete(store, key) => transaction.object_store(store.name())?.delete(&key.into()),
    }
}

/// Drops the database with all that is in it.
///
/// # Errors
/// As [`get`].
pub(crate) async fn start_anew() -> Result<(), StorageFault> {
    let request = factory()?.delete_database(DATABASE)?;
    granted(&Rc::new(request), None).await.map(drop)
}

/// An open database, closed when dropped.
struct Connection {
    database: IdbDatabase,
    _give_way: EventListener,
}

impl Connection {
    async fn open() -> Result<Self, StorageFault> {
        let request: Rc<IdbOpenDbRequest> = Rc::new(factory()?.open_with_u32(DATABASE, VERSION)?);
        let upgrading = Rc::clone(&request);
        let upgrade_it = EventListener::once(&request, "upgradeneeded", move |_| {
            let database =
                upgrading.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
            if let Some(Err(error)) = database.map(|database| upgrade(&database)) {
                leptos::logging::warn!("a store was not made: {error:?}");
            }
        });
        let database: IdbDatabase = granted(&request, Some(upgrade_it)).await?.unchecked_into();
        // Another tab wants a newer version, or none: what is under way still completes.
        let closing = database.clone();
        let give_way = EventListener::once(&database, "versionchange", move |_| closing.close());
        Ok(Self { database, _give_way: give_way })
    }

    fn transaction(&self, mode: IdbTransactionMode) -> Result<IdbTransaction, JsValue> {
        let names = Array::new();
        for store in Store::ALL {
            names.push(&store.name().into());
        }
        self.database.transaction_with_str_sequence_and_mode(&names, mode)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.close();
    }
}

fn factory() -> Result<IdbFactory, StorageFault> {
    let factory = web_sys::window().and_then(|window| window.indexed_db().ok().flatten());
    factory.ok_or(StorageFault::Absent)
}

/// Makes the stores that a database of an earlier version lacks. What it holds stays.
fn upgrade(database: &IdbDatabase) -> Result<(), JsValue> {
    let there = database.object_store_names();
    for store in Store::ALL {
        if !there.contains(store.name()) {
            database.create_object_store(store.name())?;
        }
    }
    Ok(())
}

thread_local! {
    /// Whether the last request to open the database was given up, as another tab stands in its way.
    static IS_BLOCKED: Cell<bool> = const { Cell::new(false) };
}

/// As [`settled`], of a request that other tabs may stand in the way of. `upgrade` makes the stores.
async fn granted(
    request: &Rc<IdbOpenDbRequest>,
    upgrade: Option<EventListener>,
) -> Result<JsValue, StorageFault> {
    let (blocked, _on_blocked) = event(request, "blocked");
    let told = Box::pin(async move {
        // A promise that is only ever resolved.
        let _ = blocked.await;
        TimeoutFuture::new(PATIENCE_MILLIS).await;
    });
    // One is granted after the other, and those behind one that is blocked are told nothing.
    let behind = Box::pin(async {
        loop {
            TimeoutFuture::new(PATIENCE_MILLIS).await;
            if IS_BLOCKED.get() {
                break;
            }
        }
    });
    match select(Box::pin(settled(request)), select(told, behind)).await {
        Either::Left((result, _)) => {
            IS_BLOCKED.set(false);
            Ok(result?)
        }
        Either::Right(_) => {
            IS_BLOCKED.set(true);
            // Granted later, when nobody waits for it any more: it must not block others then.
            let late = Rc::clone(request);
            let close = move |_: &web_sys::Event| {
                if let Some(Ok(database)) = late.result().ok().map(JsCast::dyn_into::<IdbDatabase>)
                {
                    database.close();
                }
            };
            EventListener::once(request, "success", close).forget();
            // The upgrade happens then, too, and must not leave a database without stores.
            if let Some(upgrade) = upgrade {
                upgrade.forget();
            }
            Err(StorageFault::Blocked)
        }
    }
}

/// Waits until the transaction is carried out; a request's success comes before that, and what
/// fails in between (no room left, say) undoes it.
async fn completed(transaction: &IdbTransaction) -> Result<(), StorageFault> {
    let (complete, _on_complete) = event(transaction, "complete");
    let (abort, _on_abort) = event(transaction, "abort");
    match select(complete, abort).await {
        Either::Left(_) => Ok(()),
        Either::Right(_) => Err(transaction.error().map_or(JsValue::NULL, JsValue::from).into()),
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
