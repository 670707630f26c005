//! Which models answer: those of one run, kept in the browser so that a reload finds them again. The models
//! themselves are kept with their run.
//!
//! Stored bytes are as untrusted as any input: each artifact is read by
//! [`Artifact::from_bytes`], which checks it, and what cannot be read is discarded.

use model_core::Artifact;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use super::fault::StorageFault;
use super::indexed_db::{self, Change, Store};
use crate::bytes::Bytes;
use crate::i18n::t;

const KEY: &str = "last-training";
/// Raised when the record's shape changes; one that is not known is discarded.
const FORMAT: u32 = 2;
/// Of records that held their models themselves, before there were runs.
const FORMAT_WITHOUT_RUNS: u32 = 1;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptTraining {
    format: u32,
    /// Seed of the training.
    pub(crate) seed: String,
    /// Its duration.
    pub(crate) total_millis: f64,
    /// Id of the model that answers; `None` is the built-in one.
    pub(crate) chosen: Option<String>,
    /// The artifacts: in the record itself before there were runs, now beside it.
    #[serde(default)]
    pub(crate) artifacts: Vec<Bytes>,
    /// Their ids, for those that are beside it.
    #[serde(default)]
    models: Vec<String>,
}

impl KeptTraining {
    /// A record of the current format. The seed is text: JavaScript's numbers end at 2^53.
    pub(crate) fn new(
        seed: u64,
        total_millis: f64,
        chosen: Option<String>,
        models: Vec<String>,
    ) -> Self {
        let (seed, artifacts) = (seed.to_string(), Vec::new());
        Self { format: FORMAT, seed, total_millis, chosen, artifacts, models }
    }

    /// Whether it is of the time before there were runs, and no run has its models.
    pub(crate) fn is_without_run(&self) -> bool {
        self.format == FORMAT_WITHOUT_RUNS
    }

    /// The same as a record of the current format, once `models` are kept.
    pub(crate) fn moved_over(self, models: Vec<String>) -> Self {
        Self { format: FORMAT, artifacts: Vec::new(), models, ..self }
    }

    /// The artifacts that the record holds, each with its bytes.
    ///
    /// # Errors
    /// Why the record as a whole is of no use.
    pub(crate) fn read(&self) -> Result<Vec<(Artifact, Bytes)>, String> {
        if !(FORMAT_WITHOUT_RUNS..=FORMAT).contains(&self.format) {
            return Err(t!("format {format} is unknown", format = self.format));
        }
        let artifacts = self.artifacts.iter();
        artifacts
            .map(|bytes| match Artifact::from_bytes(&bytes.0) {
                Ok(artifact) => Ok((artifact, bytes.clone())),
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    /// What keeps it, unless it cannot be written down.
    pub(crate) fn change(&self) -> Option<Change> {
        let value = serde_wasm_bindgen::to_value(self).ok()?;
        Some(Change::Put(Store::Kept, KEY.to_owned(), value))
    }
}

/// Why what is kept cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotLoaded {
    /// The browser does not give it.
    Storage(StorageFault),
    /// It is none: why.
    Odd(String),
}

/// The record that is kept, if there is one.
///
/// # Errors
/// Why what is kept cannot be read.
pub(crate) async fn load() -> Result<Option<KeptTraining>, NotLoaded> {
    let value = indexed_db::get(Store::Kept, KEY).await.map_err(NotLoaded::Storage)?;
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    serde_wasm_bindgen::from_value(value)
        .map(Some)
        .map_err(|error| NotLoaded::Odd(error.to_string()))
}

/// As [`load`], with the artifacts; without one of them, for its run was deleted, there is nothing.
///
/// # Errors
/// As [`load`].
pub(crate) async fn load_whole() -> Result<Option<KeptTraining>, NotLoaded> {
    let Some(mut kept) = load().await? else { return Ok(None) };
    let values = indexed_db::get_each(Store::Artifacts, &kept.models).await;
    for value in values.map_err(NotLoaded::Storage)? {
        let Some(bytes) = bytes_of(&value) else { return Ok(None) };
        kept.artifacts.push(bytes);
    }
    Ok(Some(kept))
}

/// The bytes that `value` holds, if it does.
pub(super) fn bytes_of(value: &JsValue) -> Option<Bytes> {
    value.dyn_ref::<js_sys::Uint8Array>().map(|bytes| bytes.to_vec().into())
}

/// Forgets which models answer; they stay with their run.
///
/// # Errors
/// Why the browser does not.
pub(crate) async fn forget() -> Result<(), StorageFault> {
    indexed_db::change(vec![Change::Delete(Store::Kept, KEY.to_owned())]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::DEFAULT_ARTIFACT;

    fn kept(artifacts: Vec<Bytes>) -> KeptTraining {
        KeptTraining { artifacts, ..KeptTraining::new(u64::MAX, 12.0, None, Vec::new()) }
    }

    #[test]
    fn a_whole_record_is_read() {
        let kept = kept(vec![DEFAULT_ARTIFACT.into()]);
        let read = kept.read().unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(*read[0].1.0, *DEFAULT_ARTIFACT);
    }

    #[test]
    fn a_record_of_before_there_were_runs_is_read_and_moved_over() {
        let old = KeptTraining { format: 1, ..kept(vec![DEFAULT_ARTIFACT.into()]) };
        assert!(old.is_without_run());
        let [(artifact, _)] = &old.read().unwrap()[..] else { panic!("one model") };
        let moved = old.clone().moved_over(vec![artifact.id().to_string()]);
        assert!(!moved.is_without_run() && moved.artifacts.is_empty());
        assert_eq!((moved.seed, moved.models.len()), (old.seed, 1));
    }

    #[test]
    fn altered_bytes_and_unknown_formats_are_refused() {
        let mut bytes = DEFAULT_ARTIFACT.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        assert!(kept(vec![bytes.into()]).read().is_err());
        let future = KeptTraining { format: 99, ..kept(Vec::new()) };
        assert!(future.read().is_err());
    }
}
