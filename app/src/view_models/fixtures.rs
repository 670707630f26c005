//! What the view models' tests share: the built-in data set and model.

use model_core::{Artifact, DEFAULT_ARTIFACT, Dataset, Schema};

/// Schema of the built-in data set.
pub(crate) fn iris_schema() -> Schema {
    Dataset::iris().schema().clone()
}

/// The model that ships with the page.
pub(crate) fn built_in() -> Artifact {
    Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap()
}
