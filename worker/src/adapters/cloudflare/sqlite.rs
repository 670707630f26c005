//! The SQLite of a Durable Object: migrations, transactions, typed rows, bound values.
//!
//! The SDK gives statements and cursors. This adds what each object would otherwise write anew:
//! a schema that grows by numbered steps, each applied once, and a transaction that rolls back
//! with the error that ended it. It counts the rows that are read and written, and keeps the totals of its
//! object. Calls are synchronous, so nothing else of the object runs between
//! two of them.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::send::SendFuture;
use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{SqlStorage, Storage, console_error, js_sys};

use crate::ports::{BoxFuture, Operation, StorageError, Usage};
use crate::services::usage::{Count, Meter};

/// A schema's history: the SQL of migration 1, 2 and so on, each one or several statements.
///
/// What has been deployed is never changed, only added to. A step may add tables, columns and
/// indexes and must leave what is there usable by the code before it, because a deployment can be
/// taken back: a database that has more steps than the code knows is used as it is.
pub(super) type Migrations = &'static [&'static str];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY)";

/// What the object has used, as JSON: one row, because each row that is written is counted.
const METER: &str = "CREATE TABLE IF NOT EXISTS usage \
                     (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), totals TEXT NOT NULL)";

#[wasm_bindgen]
extern "C" {
    /// `ctx.storage`, for the call that the SDK leaves out.
    type TransactionalStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        work: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// An object's database. Open it once an instance and keep it.
pub(super) struct Database {
    sql: SqlStorage,
    storage: Storage,
    meter: Arc<Meter>,
}

/// A value for a `?` of a statement. A clone is the same JavaScript value, so a long text that
/// several statements take crosses into JavaScript once.
#[derive(Debug, Clone)]
pub(super) struct Value(JsValue);

impl Database {
    /// Opens the database and applies the migrations that it lacks, each in a transaction. `meter` goes
    /// on from the totals that are kept there.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if SQLite refuses; the steps before the refused one hold.
    pub(super) fn open(
        storage: Storage,
        migrations: Migrations,
        meter: Arc<Meter>,
    ) -> Result<Self, StorageError> {
        #[derive(Deserialize)]
        struct Applied {
            last: usize,
        }
        let database = Self { sql: storage.sql(), storage, meter };
        database.run(BOOK, &[])?;
        database.run(METER, &[])?;
        let statement = "SELECT coalesce(max(number), 0) AS last FROM migration";
        let applied = database.first::<Applied>(statement, &[])?.map_or(0, |row| row.last);
        for (number, step) in (1_u64..).zip(migrations).skip(applied) {
            database.atomically(|| {
                database.run(step, &[])?;
                database.run("INSERT INTO migration (number) VALUES (?)", &[number.into()])
            })?;
        }
        database.resume()?;
        Ok(database)
    }

    fn resume(&self) -> Result<(), StorageError> {
        #[derive(Deserialize)]
        struct Kept {
            totals: String,
        }
        if let Some(kept) = self.first::<Kept>("SELECT totals FROM usage", &[])? {
            let totals = crate::json::from_str(&kept.totals);
            self.meter.resume(totals.map_err(|error| StorageError::Corrupt(error.to_string()))?);
        }
        Ok(())
    }

    /// Waits until what was written is on the disk. Writes are kept with those that follow until the object waits for something.
    pub(super) fn settle(&self) -> BoxFuture<Result<(), StorageError>> {
        let unreachable = |error: JsValue| StorageError::Unreachable(format!("{error:?}"));
        let written = self.storage.as_raw().sync().map_err(unreachable);
        Box::pin(SendFuture::new(async move {
            JsFuture::from(written?).await.map(|_| ()).map_err(unreachable)
        }))
    }

    /// The totals that outlive the object's memory.
    pub(super) fn usage(&self) -> Usage {
        self.meter.written()
    }

    /// Keeps the totals, if they are due; if SQLite refuses, they are due again. To be called at the end of
    /// each event of the object.
    pub(super) fn keep_usage(&self) {
        if let Err(error) = self.write_usage() {
            console_error!("usage: {error}");
        }
    }

    fn write_usage(&self) -> Result<(), StorageError> {
        let Some(due) = self.meter.due() else { return Ok(()) };
        let totals = serde_json::to_string(&due)
            .map_err(|error| StorageError::Corrupt(error.to_string()))?;
        // The totals have its row already.
        let statement = "INSERT OR REPLACE INTO usage (only_row, totals) VALUES (1, ?)";
        self.sql.exec_raw(statement, vec![JsValue::from_str(&totals)]).map_err(refused)?;
        self.meter.set_written(due);
        Ok(())
    }

    /// Bytes of the database on disk.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.sql.database_size().try_into().ok()
    }

    /// Runs a statement for what it changes. One that also gives rows (`RETURNING`) is for
    /// [`Self::rows`]: left half read, it would keep its transaction from ending.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if SQLite refuses it.
    pub(super) fn run(&self, statement: &str, values: &[Value]) -> Result<(), StorageError> {
        let cursor = self.execute(statement, values)?;
        self.count(&cursor);
        Ok(())
    }

    /// All rows of a statement's result; `T` has a field for each column.
    ///
    /// # Errors
    /// [`StorageError::Unreachable`] if SQLite refuses it, [`StorageError::Corrupt`] if a row is
    /// no `T`.
    pub(super) fn rows<T: DeserializeOwned>(
        &self,
        statement: &str,
        values: &[Value],
    ) -> Result<Vec<T>, StorageError> {
        let cursor = self.execute(statement, values)?;
        let rows = cursor.to_array();
        self.count(&cursor);
        rows.map_err(unreadable)
    }

    /// The first row of a statement's result, if there is one.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub(super) fn first<T: DeserializeOwned>(
        &self,
        statement: &str,
        values: &[Value],
    ) -> Result<Option<T>, StorageError> {
        Ok(self.rows(statement, values)?.into_iter().next())
    }

    /// Runs `work` in one transaction. Its error rolls back all that it changed, and is returned.
    /// A transaction within a transaction rolls back by itself.
    ///
    /// # Errors
    /// That of `work`, or the one that SQLite's refusal becomes.
    pub(super) fn atomically<T, E: From<StorageError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut work = Some(work);
        let mut outcome = None;
        let mut step = || {
            let result = work.take().map(|work| work());
            let rolled_back = !matches!(result, Some(Ok(_)));
            outcome = result;
            if rolled_back { Err(JsValue::from_str("rolled back")) } else { Ok(JsValue::UNDEFINED) }
        };
        let storage: &TransactionalStorage = self.storage.as_raw().unchecked_ref();
        let committed = storage.transaction_sync(&mut step);
        match (outcome, committed) {
            (Some(Ok(value)), Ok(_)) => Ok(value),
            (Some(Err(error)), _) => Err(error),
            (_, Err(refusal)) => Err(refused(refusal.into()).into()),
            (None, Ok(_)) => {
                let what = "SQLite didn't start a transaction";
                Err(StorageError::Unreachable(what.to_owned()).into())
            }
        }
    }

    /// Counts the rows of a statement that is done.
    fn count(&self, cursor: &worker::SqlCursor) {
        let count = |operation, n: usize| {
            self.meter.count(operation, u64::try_from(n).unwrap_or(u64::MAX));
        };
        count(Operation::RowRead, cursor.rows_read());
        count(Operation::RowWritten, cursor.rows_written());
    }

    fn execute(
        &self,
        statement: &str,
        values: &[Value],
    ) -> Result<worker::SqlCursor, StorageError> {
        let values: Vec<JsValue> = values.iter().map(|value| value.0.clone()).collect();
        self.sql.exec_raw(statement, values).map_err(refused)
    }
}

fn refused(error: worker::Error) -> StorageError {
    StorageError::Unreachable(format!("SQLite: {error}"))
}

fn unreadable(error: worker::Error) -> StorageError {
    StorageError::Corrupt(format!("SQLite: {error}"))
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(JsValue::from_str(text))
    }
}

impl From<Option<&str>> for Value {
    /// `None` is `NULL`.
    fn from(text: Option<&str>) -> Self {
        Self(text.map_or(JsValue::NULL, JsValue::from_str))
    }
}

impl From<i64> for Value {
    /// Numbers cross as doubles, so one beyond 2^53 - 1 becomes that; times and counts are below.
    fn from(number: i64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the bounds are whole numbers")]
        let (least, most) =
            (js_sys::Number::MIN_SAFE_INTEGER as i64, js_sys::Number::MAX_SAFE_INTEGER as i64);
        #[expect(
            clippy::cast_precision_loss,
            reason = "within 2^53 every whole number is a double"
        )]
        let double = number.clamp(least, most) as f64;
        Self(JsValue::from_f64(double))
    }
}

impl From<u64> for Value {
    /// As from a signed number.
    fn from(number: u64) -> Self {
        i64::try_from(number).unwrap_or(i64::MAX).into()
    }
}
