//! Small ordered tables of JSON documents with transactions: what a registry rests on (SQLite in a
//! Durable Object at the edge).
//!
//! The calls are synchronous, so that nothing happens between a check and the change that it allows.

use super::{BoxFuture, StorageError, Usage};

/// A table of a [`DocumentStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Published models, by version.
    Versions,
    /// The version of a model id.
    VersionsOfModels,
    /// Free aliases, by name.
    Aliases,
    /// What there is one of.
    State,
    /// The audit ledger, by sequence.
    Audit,
    /// API keys, by id.
    Keys,
    /// Rows to train on that are kept in another store, by hash.
    Datasets,
    /// Windows of the traffic, by number.
    Windows,
    /// Their features, by number.
    WindowFeatures,
    /// What was decided at each look, by number.
    Decisions,
    /// Retrainings, by number.
    Retrainings,
    /// What the one that runs needs between two steps, in parts.
    RetrainingParts,
    /// Ids of the newest rows that trained models here, by model id.
    NewestRows,
    /// Alerts, by number.
    Alerts,
    /// When those are due that have not arrived, by number.
    DueAlerts,
}

impl Table {
    /// As written in the store; never changed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Versions => "version",
            Self::VersionsOfModels => "version_of_model",
            Self::Aliases => "alias",
            Self::State => "state",
            Self::Audit => "audit",
            Self::Keys => "key",
            Self::Datasets => "dataset",
            Self::Windows => "window",
            Self::WindowFeatures => "window_features",
            Self::Decisions => "decision",
            Self::Retrainings => "retraining",
            Self::RetrainingParts => "retraining_part",
            Self::NewestRows => "newest_row",
            Self::Alerts => "alert",
            Self::DueAlerts => "due_alert",
        }
    }
}

/// Which documents a list holds. Keys are compared byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRange<'a> {
    /// Only keys beyond this one, in the list's direction.
    pub beyond: Option<&'a str>,
    /// From the last key down instead of from the first one up.
    pub descending: bool,
    /// At most so many.
    pub limit: usize,
}

/// Tables of JSON documents.
pub trait DocumentStore {
    /// The document under `key`.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be read.
    fn get(&self, table: Table, key: &str) -> Result<Option<String>, StorageError>;

    /// Puts a document in the place of what was there.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn put(&self, table: Table, key: &str, document: &str) -> Result<(), StorageError>;

    /// Removes a document, if it is there.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn delete(&self, table: Table, key: &str) -> Result<(), StorageError>;

    /// Keys and documents, in the order of their keys.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn list(
        &self,
        table: Table,
        range: KeyRange<'_>,
    ) -> Result<Vec<(String, String)>, StorageError>;

    /// Waits until what was put outlasts this process. Until then it may go with whatever comes after it.
    fn settle(&self) -> BoxFuture<Result<(), StorageError>>;

    /// Bytes that the store takes up, if it knows.
    fn bytes(&self) -> Option<u64>;

    /// What the store has used of the platform so far; it never falls.
    fn usage(&self) -> Usage;

    /// Runs `work` so that all of its changes hold, or, if it gives an error, none.
    ///
    /// # Errors
    /// What `work` gives, or [`StorageError`] if there can be no transaction.
    fn atomically<T, E: From<StorageError>>(
        &self,
        work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E>;
}
