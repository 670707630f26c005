//! The last training, kept in the browser so that a reload finds the retrained models again.
//!
//! Stored bytes are as untrusted as any input: each artifact is read by
//! [`Artifact::from_bytes`], which checks it, and what cannot be read is discarded.

use model_core::Artifact;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use super::indexed_db;
use crate::bytes::Bytes;
use crate::i18n::t;

const KEY: &str = "last-training";
/// Raised when the record's shape changes; another one is discarded.
const FORMAT: u32 = 1;

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
    /// The artifacts.
    pub(crate) artifacts: Vec<Bytes>,
}

impl KeptTraining {
    /// A record of the current format. The seed is text: JavaScript's numbers end at 2^53.
    pub(crate) fn new(
        seed: u64,
        total_millis: f64,
        chosen: Option<String>,
        artifacts: Vec<Bytes>,
    ) -> Self {
        Self { format: FORMAT, seed: seed.to_string(), total_millis, chosen, artifacts }
    }

    /// The artifacts that the record holds, each with its bytes.
    ///
    /// # Errors
    /// Why the record as a whole is of no use.
    pub(crate) fn read(&self) -> Result<Vec<(Artifact, Bytes)>, String> {
        if self.format != FORMAT {
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
}

/// The record that is kept, if there is one.
///
/// # Errors
/// Why what is kept cannot be read.
pub(crate) async fn load() -> Result<Option<KeptTraining>, String> {
    let value = match indexed_db::get(KEY).await {
        Ok(value) => value,
        Err(error) => {
            // A browser that keeps nothing (private mode, say) has nothing to lose either.
            leptos::logging::warn!("nothing can be kept: {error:?}");
            return Ok(None);
        }
    };
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    serde_wasm_bindgen::from_value(value).map(Some).map_err(|error| error.to_string())
}

/// Keeps `training`; a browser without storage forgets it.
pub(crate) async fn keep(training: KeptTraining) {
    let kept = match serde_wasm_bindgen::to_value(&training) {
        Ok(value) => indexed_db::put(KEY, &value).await,
        Err(error) => Err(JsValue::from(error)),
    };
    if let Err(error) = kept {
        leptos::logging::warn!("the training was not kept: {error:?}");
    }
}

/// Forgets what is kept.
pub(crate) async fn forget() {
    if let Err(error) = indexed_db::delete(KEY).await {
        leptos::logging::warn!("the kept training was not dropped: {error:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::DEFAULT_ARTIFACT;

    fn kept(artifacts: Vec<Bytes>) -> KeptTraining {
        KeptTraining::new(u64::MAX, 12.0, None, artifacts)
    }

    #[test]
    fn a_whole_record_is_read() {
        let kept = kept(vec![DEFAULT_ARTIFACT.into()]);
        let read = kept.read().unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(*read[0].1.0, *DEFAULT_ARTIFACT);
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
