//! The models at hand: the built-in one, those retrained here, and the one that answers.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::{Artifact, ArtifactError, DEFAULT_ARTIFACT, ModelId, select_best};

use crate::bytes::Bytes;
use crate::storage::kept_training::{self, KeptTraining};
use crate::training::DEFAULT_SEED;

/// A model; cheap to copy.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Content id.
    pub(crate) id: ModelId,
    /// The bytes it was read from: kept as they are, so that the page need not link the encoder.
    pub(crate) bytes: Bytes,
    /// What the bytes hold.
    pub(crate) artifact: Arc<Artifact>,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It ships with the page.
    BuiltIn,
    /// It was trained in this browser.
    Retrained,
}

impl Model {
    /// `artifact`, which was read from `bytes`.
    fn new(artifact: Artifact, bytes: Bytes, origin: Origin) -> Self {
        Self { id: artifact.id(), bytes, artifact: Arc::new(artifact), origin }
    }

    /// Its family's name for people.
    pub(crate) fn name(&self) -> &'static str {
        self.artifact.family().label()
    }
}

impl PartialEq for Model {
    /// The id is a hash of the content; the bytes hold the times in the receipt, too, which do not
    /// change the answer but are shown.
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin && self.bytes == other.bytes
    }
}

/// A finished training.
#[derive(Debug, Clone)]
pub(crate) struct TrainingResult {
    /// Its seed.
    pub(crate) seed: u64,
    /// Its duration.
    pub(crate) total_millis: f64,
    /// The models, in the order they were trained.
    pub(crate) models: Vec<Model>,
}

/// Signals of the models; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    built_in: StoredValue<Model>,
    result: RwSignal<Option<TrainingResult>>,
    /// Id of the retrained model that answers; `None` is the built-in one.
    chosen: RwSignal<Option<ModelId>>,
    active: Memo<Model>,
    notice: RwSignal<Option<String>>,
}

/// Reads the built-in model and makes the models available to every page. `linked` is the id of the
/// model that the address asks for.
///
/// # Errors
/// [`ArtifactError`] if the built-in model cannot be read, which means a broken build.
pub(crate) fn provide_library(linked: Option<String>) -> Result<Library, ArtifactError> {
    let artifact = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    let built_in = StoredValue::new(Model::new(artifact, DEFAULT_ARTIFACT.into(), Origin::BuiltIn));
    let result = RwSignal::new(None::<TrainingResult>);
    let chosen = RwSignal::new(None::<ModelId>);
    let active = Memo::new(move |_| {
        let wanted = chosen.get();
        let retrained = wanted.and_then(|id| {
            result
                .with(|result| result.as_ref()?.models.iter().find(|model| model.id == id).cloned())
        });
        retrained.unwrap_or_else(|| built_in.get_value())
    });
    let library = Library { built_in, result, chosen, active, notice: RwSignal::new(None) };
    provide_context(library);
    spawn_local(async move {
        library.restore().await;
        linked.iter().for_each(|id| library.follow_link(id));
    });
    Ok(library)
}

/// The models that [`provide_library`] made available.
pub(crate) fn use_library() -> Library {
    expect_context()
}

impl Library {
    /// The model that ships with the page.
    pub(crate) fn built_in(&self) -> Model {
        self.built_in.get_value()
    }

    /// The model that answers.
    pub(crate) fn active(&self) -> Model {
        self.active.get()
    }

    /// Reads the model that answers without copying it.
    pub(crate) fn with_active<T>(&self, read: impl FnOnce(&Model) -> T) -> T {
        self.active.with(read)
    }

    /// The last training, if there was one.
    pub(crate) fn result(&self) -> Option<TrainingResult> {
        self.result.get()
    }

    /// What to tell the user about what was kept.
    pub(crate) fn notice(&self) -> Option<String> {
        self.notice.get()
    }

    /// Takes note that the notice was read.
    pub(crate) fn dismiss_notice(&self) {
        self.notice.set(None);
    }

    /// Takes over a finished training; the one with the least log loss in
    /// cross-validation answers from now on.
    pub(crate) fn adopt(&self, seed: u64, total_millis: f64, trained: Vec<(Artifact, Vec<u8>)>) {
        let (artifacts, bytes): (Vec<_>, Vec<_>) = trained.into_iter().unzip();
        let best = select_best(&artifacts);
        let models: Vec<Model> = artifacts
            .into_iter()
            .zip(bytes)
            .map(|(artifact, bytes)| Model::new(artifact, bytes.into(), Origin::Retrained))
            .collect();
        let chosen = best.and_then(|best| models.get(best)).map(|model| model.id);
        self.result.set(Some(TrainingResult { seed, total_millis, models }));
        self.chosen.set(chosen);
        self.keep();
    }

    /// Lets the retrained model with this id answer; `None` is the built-in one.
    pub(crate) fn choose(&self, id: Option<ModelId>) {
        self.chosen.set(id);
        self.keep();
    }

    /// Drops the retrained models, here and in the browser's storage.
    pub(crate) fn forget(&self) {
        self.chosen.set(None);
        self.result.set(None);
        spawn_local(kept_training::forget());
    }

    fn keep(&self) {
        let Some(result) = self.result.get_untracked() else { return };
        let artifacts = result.models.iter().map(|model| model.bytes.clone()).collect();
        let chosen = self.chosen.get_untracked().map(|id| id.to_string());
        spawn_local(kept_training::keep(KeptTraining::new(
            result.seed,
            result.total_millis,
            chosen,
            artifacts,
        )));
    }

    /// Lets the model answer that a link names, if it is at hand. The choice is the link's: it is not
    /// kept.
    fn follow_link(&self, id: &str) {
        let is_it = |model: &Model| model.id.to_string() == id;
        let retrained = self.result.with_untracked(|result| {
            result.as_ref()?.models.iter().find(|model| is_it(model)).map(|model| model.id)
        });
        if retrained.is_some() || self.built_in.with_value(is_it) {
            self.chosen.set(retrained);
        } else {
            let short: String = id.chars().take(12).collect();
            self.notice.set(Some(format!(
                "The link names a model that this browser does not have ({short}). Another one answers."
            )));
        }
    }

    /// Finds the last visit's training again. One that was started in the meantime wins.
    async fn restore(self) {
        let kept = match kept_training::load().await {
            Ok(None) => return,
            Ok(Some(kept)) => Ok(kept),
            Err(error) => Err(error),
        };
        match kept.as_ref().map_err(String::clone).and_then(|kept| Ok((kept, kept.read()?))) {
            Ok((kept, artifacts)) => {
                if self.result.with_untracked(Option::is_some) {
                    return;
                }
                let models = artifacts
                    .into_iter()
                    .map(|(artifact, bytes)| Model::new(artifact, bytes, Origin::Retrained))
                    .collect();
                let seed = kept.seed.parse().unwrap_or(DEFAULT_SEED);
                self.result.set(Some(TrainingResult {
                    seed,
                    total_millis: kept.total_millis,
                    models,
                }));
                self.chosen.set(kept.chosen.as_ref().and_then(|id| id.parse().ok()));
            }
            Err(error) => {
                kept_training::forget().await;
                self.notice.set(Some(format!(
                    "The models this browser had kept could not be read ({error}) and were discarded. The built-in model answers."
                )));
            }
        }
    }
}
