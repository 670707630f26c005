//! What keeps a store from doing its work, whichever it is.

use serde::{Deserialize, Serialize};

/// Why something wasn't stored or read.
///
/// It can be written as JSON, because it crosses from a store's own object to the Worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StorageError {
    /// The store didn't answer, or refused.
    #[error("the store can't be reached: {0}")]
    Unreachable(String),
    /// Something stored or sent isn't what it should be.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
}
