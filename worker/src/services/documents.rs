//! Values as the documents of a store: their text, and keys of what is numbered.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ports::StorageError;

/// Numbers as keys, in an order that is theirs.
pub(crate) fn number_key(number: u64) -> String {
    format!("{number:020}")
}

/// The value that a document holds.
///
/// # Errors
/// [`StorageError::Corrupt`] if it holds something else.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::Corrupt(error.to_string()))
}

/// The document of a value.
///
/// # Errors
/// [`StorageError::Corrupt`] if it can't be written as JSON.
pub(crate) fn text(value: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::Corrupt(error.to_string()))
}
