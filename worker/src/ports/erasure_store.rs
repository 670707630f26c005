//! What a log shard forgets because somebody wants it, and what it notes so that nobody sees it again.
//!
//! An erased row that the segment store has too leaves a mark here, and whoever reads a segment leaves
//! out what is marked: the segment store may go on showing an old copy for a while. An erasure looks through
//! segments, which may take many calls. It is kept here from when it is asked for until its result is noted,
//! with how far it got and how many it erased, and each step changes these together with the rows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{LogRow, Segment, StorageError, Tally};

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    /// The prediction with this id.
    Id(String),
    /// All predictions about whom this pseudonym stands for.
    Subject(String),
}

impl Erasure {
    /// What it goes by: `id` or `subject`.
    #[must_use]
    pub const fn by(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Subject(_) => "subject",
        }
    }
}

/// Who asked for an erasure, and where that is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Hash of the ledger's entry.
    pub entry: String,
    /// The ledger's word for who it was.
    pub actor: String,
}

/// How far an erasure got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Rows that it erased.
    pub erased: u64,
    /// Segments that are still to be looked through, or to be written.
    pub remaining: u64,
}

/// An erasure whose result isn't noted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What is to be erased.
    pub what: Erasure,
    /// Who asked for it last.
    pub asked: Asked,
    /// Rows that it erased.
    pub erased: u64,
    /// Number of the last segment that it looked through.
    pub done_to: u64,
    /// Number of the last segment that it has to look through; `None` while rows that are kept here may be
    /// left.
    pub last: Option<u64>,
    /// Segments that are kept only in the segment store and still to be looked through.
    pub remaining: u64,
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
    /// Keeps an erasure from now on. One that runs already has to look for rows that are kept here anew.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn begin_erasure(&self, what: &Erasure, asked: &Asked) -> Result<(), StorageError>;

    /// The erasures that are kept.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn erasures(&self) -> Result<Vec<Running>, StorageError>;

    /// The first `most` rows to be erased that are kept here and have an id beyond `after`, by id.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn to_erase(
        &self,
        what: &Erasure,
        after: &str,
        most: usize,
    ) -> Result<Vec<LogRow>, StorageError>;

    /// Notes that no row to be erased is kept here: what remains is in the segments that are kept only in the
    /// segment store by now.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn erased_here(&self, what: &Erasure) -> Result<(), StorageError>;

    /// The first `most` segments that the erasure still has to look through, by number.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn to_look_through(&self, what: &Erasure, most: usize) -> Result<Vec<Segment>, StorageError>;

    /// Erases rows with their labels, takes them out of the counts, marks them, and counts them for the erasure.
    /// A segment that was stored with a row that is kept here is sealed again, and waits to be stored without
    /// it. If the rows are all of those in `segment`, the erasure has looked through it, and it is due to be
    /// written anew if there are any. Rows that are marked already change nothing and aren't counted.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn erase(
        &self,
        what: &Erasure,
        segment: Option<u64>,
        rows: &[Erased],
    ) -> Result<(), StorageError>;

    /// Forgets an erasure, unless it was asked for again by another entry than `asked`: then it goes on
    /// without the `noted` rows.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn end_erasure(&self, what: &Erasure, asked: &Asked, noted: u64) -> Result<(), StorageError>;

    /// Those of `ids` that are marked.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn marked(&self, ids: &[String]) -> Result<BTreeSet<String>, StorageError>;

    /// Segments kept only in the segment store that are due to be written anew.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn due(&self) -> Result<Vec<Segment>, StorageError>;

    /// Notes that a segment was written anew, or is no longer in the segment store.
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn written_anew(&self, segment: u64) -> Result<(), StorageError>;

    /// Segments that are due, or sealed and not stored.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be counted.
    fn n_unwritten(&self) -> Result<u64, StorageError>;
}
