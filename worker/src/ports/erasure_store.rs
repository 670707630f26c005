//! What a log shard forgets because somebody wants it, and what it notes so that nobody sees it again.
//!
//! An erased row that the segment store has too leaves a mark here, and whoever reads a segment leaves
//! out what is marked: the segment store may go on showing an old copy for a while. A mark is *due* until
//! the segment that held the row was written anew without it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{LogRow, Segment, StorageError, Tally};

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    /// The prediction with this id.
    Id(String),
    /// All predictions about whom this pseudonym stands for.
    Subject(String),
}

/// A row that is to be erased, with what it added to the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Its id.
    pub id: String,
    /// Hour of the prediction.
    pub hour: String,
    /// What it and its label added.
    pub tallies: Vec<Tally>,
}

/// A shard's own storage, as far as it forgets.
pub trait ErasureStore {
    /// The rows to be erased that are kept here, and the segments kept only in the segment store that may
    /// hold others.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be read.
    fn to_erase(&self, what: &Erasure) -> Result<(Vec<LogRow>, Vec<Segment>), StorageError>;

    /// Erases rows with their labels, takes them out of the counts and marks them; the mark of a row that isn't
    /// kept here is due. A segment that was stored with such a row is sealed again, and waits to be stored
    /// without it. Rows that are marked already change nothing.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn erase(&self, rows: &[Erased]) -> Result<(), StorageError>;

    /// Those of `ids` that are marked.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError>;

    /// Segments kept only in the segment store that may hold rows whose mark is due.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn due(&self) -> Result<Vec<Segment>, StorageError>;

    /// Notes that the segment with these rows was written without them.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn written_without(&self, ids: &[String]) -> Result<(), StorageError>;
}
