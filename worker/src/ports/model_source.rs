//! Which model answers.

use std::sync::Arc;

use async_trait::async_trait;
use model_core::{Artifact, ArtifactError};

/// A loaded model with what the registry says of it.
#[derive(Debug)]
pub struct ServedModel {
    /// The model.
    pub artifact: Artifact,
    /// Its content id, 64 hex digits.
    pub id: String,
    /// Its registry version.
    pub version: u64,
    /// Size of the artifact as stored.
    pub artifact_bytes: u64,
}

impl ServedModel {
    /// Loads the artifact in `bytes` as registry version `version`.
    ///
    /// # Errors
    /// [`ModelError::Artifact`] if the bytes are no valid artifact.
    pub fn from_bytes(bytes: &[u8], version: u64) -> Result<Self, ModelError> {
        let artifact = Artifact::from_bytes(bytes)?;
        let id = artifact.id().to_string();
        let artifact_bytes = bytes.len().try_into().unwrap_or(u64::MAX);
        Ok(Self { artifact, id, version, artifact_bytes })
    }
}

/// Why no model can be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// The artifact can't be read.
    #[error("the model's artifact can't be read: {0}")]
    Artifact(Arc<ArtifactError>),
}

impl From<ArtifactError> for ModelError {
    fn from(error: ArtifactError) -> Self {
        Self::Artifact(Arc::new(error))
    }
}

/// Knows the model that serves at the moment.
#[async_trait]
pub trait ModelSource: Send + Sync {
    /// The model to answer with.
    ///
    /// # Errors
    /// [`ModelError`] if none can be loaded.
    async fn current(&self) -> Result<Arc<ServedModel>, ModelError>;
}
