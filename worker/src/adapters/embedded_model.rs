//! The model that is compiled in: what answers until a registry says otherwise.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use crate::ports::{ModelError, ModelSource, ServedModel};

/// Registry version of the compiled-in model.
const VERSION: u64 = 1;

/// Serves `data/`'s artifact, loaded once.
#[derive(Debug, Default)]
pub struct EmbeddedModel {
    loaded: OnceLock<Result<Arc<ServedModel>, ModelError>>,
}

#[async_trait]
impl ModelSource for EmbeddedModel {
    async fn current(&self) -> Result<Arc<ServedModel>, ModelError> {
        let load = || ServedModel::from_bytes(model_core::DEFAULT_ARTIFACT, VERSION).map(Arc::new);
        self.loaded.get_or_init(load).clone()
    }
}
