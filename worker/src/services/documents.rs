//! Values as the documents of a store: their text, and keys of what is numbered.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ports::{DocumentStore, KeyRange, StorageError, Table};

/// Numbers as keys, in an order that is theirs.
pub(crate) fn number_key(number: u64) -> String {
    format!("{number:020}")
}

/// The number that comes after those of `table`, from 1 up. It is read from the keys: a document may be of another version.
///
/// # Errors
/// [`StorageError`] if they can't be read.
pub(crate) fn next_number(store: &impl DocumentStore, table: Table) -> Result<u64, StorageError> {
    let range = KeyRange { beyond: None, descending: true, limit: 1 };
    let last = store.list(table, range)?;
    Ok(last.first().and_then(|(key, _)| key.parse::<u64>().ok()).unwrap_or(0) + 1)
}

/// The value that a document holds.
///
/// # Errors
/// [`StorageError::Corrupt`] if it holds something else.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    crate::json::from_str(text).map_err(|error| StorageError::Corrupt(error.to_string()))
}

/// The document of a value.
///
/// # Errors
/// [`StorageError::Corrupt`] if it can't be written as JSON.
pub(crate) fn text(value: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Corrupt(error.to_string()))
}
