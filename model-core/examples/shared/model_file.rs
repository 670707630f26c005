//! A model file as the model in it, and messages that name the file they are about.

use std::fs;
use std::path::Path;

use model_core::Artifact;

/// The model in the file.
///
/// # Errors
/// A sentence that names the file.
pub(crate) fn read(file: &Path) -> Result<Artifact, String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(|error| named(&error))?;
    Artifact::from_bytes(&bytes).map_err(|error| named(&error))
}
