//! Alerts as they are kept.

use serde::Serialize;
use serde_json::{Map, Value};
use tepal_api::{Alert, AlertDelivery};

use super::Told;
use crate::ports::{DocumentStore, KeyRange, StorageError, Table};
use crate::services::documents::{next_number, number_key, parse, text};
use crate::services::time;

/// Alerts that are kept.
const MAX_ALERTS: usize = 200;

/// Keeps something that is to be told, in the place of the oldest if there are too many; its number. It is sent if there is
/// `somebody` to send it to.
///
/// # Errors
/// [`StorageError`] if it can't be kept.
pub(crate) fn add<S: DocumentStore>(
    store: &S,
    told: Told,
    of: [Option<u64>; 2],
    now_millis: i64,
    somebody: bool,
) -> Result<u64, StorageError> {
    let number = next_number(store, Table::Alerts)?;
    let Told { kind, event, says, advice } = told;
    let at = time::rfc3339_millis(now_millis);
    let [decision, retraining] = of;
    let (delivery, next_at) = match somebody {
        true => (AlertDelivery::Waiting, Some(at.clone())),
        false => (AlertDelivery::Unsent, None),
    };
    let (attempts, failure) = (0, None);
    put(
        store,
        number,
        &Alert {
            number,
            at,
            kind,
            event,
            says,
            advice,
            decision,
            retraining,
            delivery,
            attempts,
            next_at,
            failure,
        },
        somebody.then_some(now_millis),
    )?;
    if let Some(too_old) = number.checked_sub(MAX_ALERTS as u64) {
        for table in [Table::Alerts, Table::DueAlerts] {
            store.delete(table, &number_key(too_old))?;
        }
    }
    Ok(number)
}

/// Keeps an alert, and when it is due, if it is.
pub(super) fn put(
    store: &impl DocumentStore,
    number: u64,
    alert: &impl Serialize,
    due_millis: Option<i64>,
) -> Result<(), StorageError> {
    let key = number_key(number);
    store.put(Table::Alerts, &key, &text(alert)?)?;
    match due_millis {
        Some(due) => store.put(Table::DueAlerts, &key, &due.to_string()),
        None => store.delete(Table::DueAlerts, &key),
    }
}

/// One, as it is written: a reader of its own would be 3 KB of the Worker.
pub(super) fn get(
    store: &impl DocumentStore,
    number: u64,
) -> Result<Option<Map<String, Value>>, StorageError> {
    let found = store.get(Table::Alerts, &number_key(number))?;
    found.as_deref().map(parse).transpose()
}

/// All of them, newest first.
///
/// # Errors
/// [`StorageError`] if they can't be read.
pub(crate) fn list<S: DocumentStore>(store: &S) -> Result<Vec<Value>, StorageError> {
    store.list(Table::Alerts, newest(MAX_ALERTS))?.iter().map(|(_, alert)| parse(alert)).collect()
}

const fn newest(limit: usize) -> KeyRange<'static> {
    KeyRange { beyond: None, descending: true, limit }
}

/// When each alert is due that has not arrived, and its number; newest first. Asked at every turn, so it reads no more than those.
pub(super) fn waiting(store: &impl DocumentStore) -> Result<Vec<(i64, u64)>, StorageError> {
    let listed = store.list(Table::DueAlerts, newest(MAX_ALERTS))?;
    let due = listed.iter().filter_map(|(key, due)| Some((due.parse().ok()?, key.parse().ok()?)));
    Ok(due.collect())
}
