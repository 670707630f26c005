//! The models that an isolate keeps loaded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::served_model::{ModelError, ServedModel};
use crate::ports::ModelRef;

/// A file that wasn't to be had is asked for again after so long.
const RETRY_MILLIS: i64 = 2_000;

/// Models by id, the ones that were used last; together at most so many bytes as files, but for one.
#[derive(Debug)]
pub(super) struct Models {
    most_bytes: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The one that was used last stands at the end.
    loaded: Vec<Arc<ServedModel>>,
    failed: Vec<(String, ModelError, i64)>,
    last_served: Option<Arc<ServedModel>>,
}

impl Models {
    pub(super) fn new(most_bytes: u64) -> Self {
        Self { most_bytes, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The model, if it is here; why it isn't, if that was found out a moment ago.
    pub(super) fn get(
        &self,
        model: &ModelRef,
        now_millis: i64,
    ) -> Option<Result<Arc<ServedModel>, ModelError>> {
        let mut inner = self.lock();
        let is_it =
            |one: &Arc<ServedModel>| one.id == model.model_id && one.version == model.version;
        if let Some(at) = inner.loaded.iter().position(is_it) {
            let found = inner.loaded.remove(at);
            inner.loaded.push(Arc::clone(&found));
            return Some(Ok(found));
        }
        inner.failed.retain(|(.., at)| (0..RETRY_MILLIS).contains(&(now_millis - at)));
        let failed = inner.failed.iter().find(|(id, ..)| *id == model.model_id);
        failed.map(|(_, error, _)| Err(error.clone()))
    }

    /// Keeps what came of loading a model.
    pub(super) fn put(
        &self,
        model: &ModelRef,
        loaded: Result<Arc<ServedModel>, ModelError>,
        now_millis: i64,
    ) {
        let mut inner = self.lock();
        inner.failed.retain(|(id, ..)| *id != model.model_id);
        match loaded {
            Err(error) => inner.failed.push((model.model_id.clone(), error, now_millis)),
            Ok(loaded) => {
                // Another request may have loaded it meanwhile.
                inner.loaded.retain(|one| one.id != loaded.id || one.version != loaded.version);
                inner.loaded.push(loaded);
                let mut bytes: u64 = inner.loaded.iter().map(|one| one.artifact_bytes).sum();
                while bytes > self.most_bytes && inner.loaded.len() > 1 {
                    bytes -= inner.loaded.remove(0).artifact_bytes;
                }
            }
        }
    }

    /// Notes who served last as the champion.
    pub(super) fn set_last(&self, model: &Arc<ServedModel>) {
        self.lock().last_served = Some(Arc::clone(model));
    }

    /// Who served last as the champion.
    pub(super) fn last(&self) -> Option<Arc<ServedModel>> {
        self.lock().last_served.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default model under another name: what is tested here reads only that.
    fn model(id: &str, version: u64) -> (ModelRef, Arc<ServedModel>) {
        let mut model = ServedModel::from_bytes(model_core::DEFAULT_ARTIFACT, version).unwrap();
        model.id = id.to_owned();
        model.artifact_bytes = 10;
        (ModelRef { version, model_id: id.to_owned() }, Arc::new(model))
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let models = Models::new(25);
        let [a, b, c] = ["a", "b", "c"].map(|id| model(id, 1));
        for (name, model) in [&a, &b] {
            models.put(name, Ok(Arc::clone(model)), 0);
        }
        assert!(models.get(&a.0, 0).is_some());
        models.put(&c.0, Ok(Arc::clone(&c.1)), 0);
        assert!(models.get(&b.0, 0).is_none(), "it was used longest ago");
        assert!(models.get(&a.0, 0).is_some() && models.get(&c.0, 0).is_some());
    }

    #[test]
    fn one_that_is_too_large_alone_is_kept_all_the_same() {
        let models = Models::new(5);
        let (name, only) = model("a", 1);
        models.put(&name, Ok(only), 0);
        assert!(models.get(&name, 0).is_some());
    }

    #[test]
    fn a_failure_is_remembered_for_a_moment() {
        let models = Models::new(5);
        let (name, _) = model("a", 1);
        models.put(&name, Err(ModelError::Missing("a".into())), 0);
        assert!(matches!(models.get(&name, RETRY_MILLIS - 1), Some(Err(ModelError::Missing(_)))));
        assert!(models.get(&name, RETRY_MILLIS).is_none());
    }
}
