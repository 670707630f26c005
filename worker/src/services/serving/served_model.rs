//! A model that can answer.

use std::sync::Arc;

use model_core::{Artifact, ArtifactError};

use crate::ports::{RegistryError, StorageError};

/// A loaded model with what the registry says of it.
#[derive(Debug)]
pub(crate) struct ServedModel {
    /// The model.
    pub(crate) artifact: Artifact,
    /// Its content id, 64 hex digits.
    pub(crate) id: String,
    /// Its registry version.
    pub(crate) version: u64,
    /// Size of the artifact as stored.
    pub(crate) artifact_bytes: u64,
}

impl ServedModel {
    /// Loads the artifact in `bytes` as registry version `version`.
    ///
    /// # Errors
    /// [`ModelError::Artifact`] if the bytes are no valid artifact.
    pub(crate) fn from_bytes(bytes: &[u8], version: u64) -> Result<Self, ModelError> {
        let artifact = Artifact::from_bytes(bytes)?;
        let id = artifact.id().to_string();
        let artifact_bytes = bytes.len().try_into().unwrap_or(u64::MAX);
        Ok(Self { artifact, id, version, artifact_bytes })
    }
}

/// Why a model can't be had.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ModelError {
    /// The artifact can't be read.
    #[error("the model's artifact can't be read: {0}")]
    Artifact(Arc<ArtifactError>),
    /// The store has no file of this id, or not yet.
    #[error("the file of model {0} isn't there")]
    Missing(String),
    /// The store's file is another model's.
    #[error("the file of model {expected} holds model {found}")]
    Altered {
        /// The id that was asked for.
        expected: String,
        /// The id of what came.
        found: String,
    },
    /// The store can't be reached.
    #[error("the model store can't be reached: {0}")]
    Unreachable(String),
}

impl From<ArtifactError> for ModelError {
    fn from(error: ArtifactError) -> Self {
        Self::Artifact(Arc::new(error))
    }
}

impl From<StorageError> for ModelError {
    fn from(error: StorageError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl From<RegistryError> for ModelError {
    fn from(error: RegistryError) -> Self {
        Self::Unreachable(error.to_string())
    }
}
