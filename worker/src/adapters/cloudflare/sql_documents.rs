//! Tables of documents in the SQLite of a Durable Object.

use std::sync::Arc;

use serde::Deserialize;
use worker::Storage;

use super::sqlite::{Database, Migrations};
use crate::ports::{BoxFuture, DocumentStore, KeyRange, StorageError, Table, Usage};
use crate::services::usage::Meter;

const MIGRATIONS: Migrations = &["
CREATE TABLE document (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"];

/// The storage of one Durable Object.
pub(super) struct SqlDocuments {
    pub(super) database: Database,
}

impl SqlDocuments {
    /// Opens the storage and makes its table.
    ///
    /// # Errors
    /// [`StorageError`] if SQLite refuses.
    pub(super) fn open(storage: Storage, meter: Arc<Meter>) -> Result<Self, StorageError> {
        Ok(Self { database: Database::open(storage, MIGRATIONS, meter)? })
    }
}

impl DocumentStore for SqlDocuments {
    fn get(&self, table: Table, key: &str) -> Result<Option<String>, StorageError> {
        #[derive(Deserialize)]
        struct Found {
            document: String,
        }
        let statement = "SELECT document FROM document WHERE kind = ? AND key = ?";
        let values = [table.as_str().into(), key.into()];
        Ok(self.database.first::<Found>(statement, &values)?.map(|found| found.document))
    }

    fn put(&self, table: Table, key: &str, document: &str) -> Result<(), StorageError> {
        let statement = "INSERT OR REPLACE INTO document (kind, key, document) VALUES (?, ?, ?)";
        self.database.run(statement, &[table.as_str().into(), key.into(), document.into()])
    }

    fn delete(&self, table: Table, key: &str) -> Result<(), StorageError> {
        let statement = "DELETE FROM document WHERE kind = ? AND key = ?";
        self.database.run(statement, &[table.as_str().into(), key.into()])
    }

    fn list(
        &self,
        table: Table,
        range: KeyRange<'_>,
    ) -> Result<Vec<(String, String)>, StorageError> {
        #[derive(Deserialize)]
        struct Found {
            key: String,
            document: String,
        }
        let (beyond, order) = if range.descending { ("<", "DESC") } else { (">", "ASC") };
        let limit = range.limit.try_into().unwrap_or(u64::MAX);
        let mut values = vec![table.as_str().into()];
        let mut condition = String::new();
        if let Some(key) = range.beyond {
            condition = format!("AND key {beyond} ?");
            values.push(key.into());
        }
        values.push(limit.into());
        let statement = format!(
            "SELECT key, document FROM document WHERE kind = ? {condition} \
             ORDER BY key {order} LIMIT ?"
        );
        let found = self.database.rows::<Found>(&statement, &values)?;
        Ok(found.into_iter().map(|found| (found.key, found.document)).collect())
    }

    fn settle(&self) -> BoxFuture<Result<(), StorageError>> {
        self.database.settle()
    }

    fn bytes(&self) -> Option<u64> {
        self.database.bytes()
    }

    fn usage(&self) -> Usage {
        self.database.usage()
    }

    fn atomically<T, E: From<StorageError>>(
        &self,
        work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        self.database.atomically(work)
    }
}
