//! What a retraining keeps between two steps.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model_core::lifecycle::Policy;
use serde::{Deserialize, Serialize};
use tepal_api::Retraining;

use crate::ports::{DocumentStore, KeyRange, ModelRef, StorageError, Table};
use crate::services::documents::{number_key, parse, text};

/// Retrainings that are remembered.
pub(crate) const MAX_RUNS: usize = 32;
/// Characters of a document: SQLite in a Durable Object takes 2 MB a row.
const CHUNK: usize = 1_000_000;
const HOUR_MILLIS: f64 = 3_600_000.0;
const DAY_MILLIS: i64 = 86_400_000;

/// One retraining.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Run {
    /// What is told of it.
    pub(super) told: Retraining,
    pub(super) champion: ModelRef,
    pub(super) policy: Policy,
    pub(super) from_id: Option<String>,
    pub(super) began_at_millis: i64,
    pub(super) ended_at_millis: Option<i64>,
    /// Candidate that is trained now.
    pub(super) at: usize,
    /// The best one so far.
    pub(super) best: Option<usize>,
    /// Id of the newest row that it trains on.
    pub(super) newest_id: Option<String>,
    /// How often its next step was begun.
    pub(super) attempts: u32,
    /// When that may be begun again.
    #[serde(default)]
    pub(super) not_before_millis: i64,
    /// What went wrong the last time.
    #[serde(default)]
    pub(super) failure: Option<String>,
}

/// What is known of the retrainings before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Past {
    pub(crate) is_running: bool,
    pub(crate) hours_since_last: Option<f64>,
    pub(crate) n_today: u32,
}

/// Bytes that belong to the retraining that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blob {
    /// The data set.
    Data,
    /// Ids of its rows, oldest first, a line each.
    Ids,
    /// The training under way.
    Checkpoint,
    /// The best model so far.
    Best,
}

impl Blob {
    const ALL: [Self; 4] = [Self::Data, Self::Ids, Self::Checkpoint, Self::Best];

    const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Ids => "ids",
            Self::Checkpoint => "checkpoint",
            Self::Best => "best",
        }
    }
}

/// A store with the types of a retraining.
pub(super) struct Documents<'a, S>(pub(super) &'a S);

impl<S: DocumentStore> Documents<'_, S> {
    /// Newest first. One that this program can't read, since a later one wrote it, is passed over.
    pub(super) fn runs(&self) -> Result<Vec<Run>, StorageError> {
        let range = KeyRange { beyond: None, descending: true, limit: MAX_RUNS };
        let found = self.0.list(Table::Retrainings, range)?;
        Ok(found.iter().filter_map(|(_, document)| parse(document).ok()).collect())
    }

    pub(super) fn last(&self) -> Result<Option<Run>, StorageError> {
        let range = KeyRange { beyond: None, descending: true, limit: 1 };
        let found = self.0.list(Table::Retrainings, range)?;
        Ok(found.first().and_then(|(_, document)| parse(document).ok()))
    }

    /// Whether this one is still under way.
    pub(super) fn is_running(&self, run: &Run) -> Result<bool, StorageError> {
        Ok(self.running()?.is_some_and(|now| now.told.number == run.told.number))
    }

    /// The one under way, if there is one.
    pub(super) fn running(&self) -> Result<Option<Run>, StorageError> {
        Ok(self.last()?.filter(|run| run.told.state.is_running()))
    }

    /// Keeps one, in the place of the oldest if there are too many.
    pub(super) fn put(&self, run: &Run) -> Result<(), StorageError> {
        self.0.put(Table::Retrainings, &number_key(run.told.number), &text(run)?)?;
        match run.told.number.checked_sub(MAX_RUNS as u64) {
            Some(too_old) => self.0.delete(Table::Retrainings, &number_key(too_old)),
            None => Ok(()),
        }
    }

    /// Keeps one that is over: its rows go.
    pub(super) fn close(&self, run: &Run) -> Result<(), StorageError> {
        self.put(run)?;
        self.drop_blobs()
    }

    pub(super) fn past(&self, now_millis: i64) -> Result<Past, StorageError> {
        let runs = self.runs()?;
        let ended = runs.iter().filter_map(|run| run.ended_at_millis).max();
        let today = runs.iter().filter(|run| now_millis - run.began_at_millis < DAY_MILLIS).count();
        Ok(Past {
            is_running: runs.first().is_some_and(|run| run.told.state.is_running()),
            hours_since_last: ended.map(|at| (now_millis - at).max(0) as f64 / HOUR_MILLIS),
            n_today: today.try_into().unwrap_or(u32::MAX),
        })
    }

    /// Id of the newest row that trained this model, if it was trained here.
    pub(super) fn newest_row_of(&self, model_id: &str) -> Result<Option<String>, StorageError> {
        self.0.get(Table::NewestRows, model_id)
    }

    /// Keeps the id of the newest row that trained the model of this run, which is to be published. It stays when the run is
    /// forgotten: the model may serve for years.
    pub(super) fn note_newest_row(&self, run: &Run) -> Result<(), StorageError> {
        match (&run.told.model_id, &run.newest_id) {
            (Some(model_id), Some(newest)) => self.0.put(Table::NewestRows, model_id, newest),
            _ => Ok(()),
        }
    }

    /// Whether an earlier one published this version.
    pub(super) fn was_published(&self, run: &Run, version: u64) -> Result<bool, StorageError> {
        let is_it = |it: &Run| it.told.number < run.told.number && it.told.version == Some(version);
        Ok(self.runs()?.iter().any(is_it))
    }

    pub(super) fn put_blob(&self, blob: Blob, bytes: &[u8]) -> Result<(), StorageError> {
        self.drop_blob(blob)?;
        let encoded = BASE64_STANDARD.encode(bytes);
        let mut rest = encoded.as_str();
        let mut at = 0;
        loop {
            let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
            self.0.put(Table::RetrainingParts, &chunk_key(blob, at), chunk)?;
            (rest, at) = (after, at + 1);
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    pub(super) fn blob(&self, blob: Blob) -> Result<Option<Vec<u8>>, StorageError> {
        let mut encoded = String::new();
        let mut at = 0;
        while let Some(chunk) = self.0.get(Table::RetrainingParts, &chunk_key(blob, at))? {
            encoded += &chunk;
            at += 1;
        }
        if at == 0 {
            return Ok(None);
        }
        let corrupt = |error: base64::DecodeError| StorageError::Corrupt(error.to_string());
        BASE64_STANDARD.decode(encoded).map(Some).map_err(corrupt)
    }

    pub(super) fn drop_blob(&self, blob: Blob) -> Result<(), StorageError> {
        let mut at = 0;
        while self.0.get(Table::RetrainingParts, &chunk_key(blob, at))?.is_some() {
            self.0.delete(Table::RetrainingParts, &chunk_key(blob, at))?;
            at += 1;
        }
        Ok(())
    }

    pub(super) fn drop_blobs(&self) -> Result<(), StorageError> {
        Blob::ALL.into_iter().try_for_each(|blob| self.drop_blob(blob))
    }
}

fn chunk_key(blob: Blob, at: usize) -> String {
    format!("{}/{at:04}", blob.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::memory::MemoryDocuments;

    #[test]
    fn long_bytes_are_cut_and_put_together_and_go_without_a_trace() {
        let store = MemoryDocuments::default();
        let documents = Documents(&store);
        let long: Vec<u8> = (0..2_000_000_u32).map(|at| at as u8).collect();
        for bytes in [long.as_slice(), b"short", b""] {
            documents.put_blob(Blob::Data, bytes).unwrap();
            assert_eq!(documents.blob(Blob::Data).unwrap().as_deref(), Some(bytes));
        }
        assert_eq!(documents.blob(Blob::Best).unwrap(), None);
        documents.drop_blobs().unwrap();
        let all = KeyRange { beyond: None, descending: false, limit: 10 };
        assert_eq!(store.list(Table::RetrainingParts, all).unwrap(), []);
    }
}
