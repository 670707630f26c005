//! The models at hand: the built-in one, the one that this site serves, those retrained here, and the one
//! that answers.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::{Artifact, ArtifactError, DEFAULT_ARTIFACT, ModelId, Schema, select_best};

use crate::bytes::Bytes;
use crate::edge::Client;
use crate::edge::model::{Description, Remote, served};
use crate::i18n::t;
use crate::runs::{About, Run};
use crate::signals::{Memo, RwSignal};
use crate::storage::fault::StorageFault;
use crate::storage::kept_runs;
use crate::storage::kept_training::{self, KeptTraining, NotLoaded};
use crate::test_rows::TestRows;
use crate::training::DEFAULT_SEED;
use crate::view_models::families::family_name;

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
    /// Its answers on the rows that were held out, if it was trained in this visit.
    pub(crate) test_rows: Option<Arc<TestRows>>,
}

/// Where a model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It ships with the page.
    BuiltIn,
    /// It was trained in this browser.
    Retrained,
    /// This site serves it, and gave its file.
    Served,
}

/// The model that this site serves.
#[derive(Debug, Clone, PartialEq)]
enum Served {
    /// The built-in one, as far as is known.
    BuiltIn,
    /// Another one, of which nothing but a description is here.
    Described(Description),
    /// Another one, whose file is here.
    Taken(Model),
    /// Another one, which answers at the edge alone.
    Remote(Arc<Remote>),
}

impl Model {
    /// `artifact`, which was read from `bytes`.
    pub(crate) fn new(artifact: Artifact, bytes: Bytes, origin: Origin) -> Self {
        Self { id: artifact.id(), bytes, artifact: Arc::new(artifact), origin, test_rows: None }
    }

    /// Its family's name for people.
    pub(crate) fn name(&self) -> &'static str {
        family_name(self.artifact.family())
    }
}

impl PartialEq for Model {
    /// The id is a hash of the content; the bytes hold the times in the receipt, too, which do not
    /// change the answer but are shown.
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin && self.bytes == other.bytes
    }
}

/// A model that a training has just made.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) artifact: Artifact,
    /// Those that it was read from.
    pub(crate) bytes: Vec<u8>,
    pub(crate) test_rows: TestRows,
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

/// Something that the user is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Remark {
    /// A link names a model that is nowhere: the begin of its id.
    NowhereToBeFound(String),
    /// What this browser had kept cannot be read: why.
    Discarded(String),
    /// What this browser keeps is not to be had.
    NotRead(StorageFault),
}

impl Remark {
    fn words(&self) -> String {
        match self {
            Self::NowhereToBeFound(id) => t!(
                "The link names a model that neither this browser nor this site has ({id}). Another one answers.",
                id
            ),
            Self::Discarded(why) => t!(
                "The models this browser had kept could not be read ({why}) and were discarded. The built-in model answers.",
                why
            ),
            Self::NotRead(fault) => t!(
                "The models that this browser keeps cannot be read. {why} The built-in model answers.",
                why = fault.words()
            ),
        }
    }
}

/// Signals of the models; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    built_in: StoredValue<Model>,
    served: RwSignal<Served>,
    result: RwSignal<Option<TrainingResult>>,
    /// Id of the model that answers; `None`, or one that is not here, is the one that this site serves.
    chosen: RwSignal<Option<ModelId>>,
    active: Memo<Model>,
    /// Whether the user, or a link, chose it.
    is_chosen: Memo<bool>,
    /// The model that answers, if it does so at the edge alone.
    remote: Memo<Option<Arc<Remote>>>,
    notice: RwSignal<Option<Remark>>,
    /// Why the last training, or which model answers, is not kept.
    not_kept: RwSignal<Option<StorageFault>>,
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
    let served = RwSignal::new(Served::BuiltIn);
    // Of the models that the user, or a link, can choose.
    let chosen_model = move || {
        let id = chosen.get()?;
        let retrained = result
            .with(|result| result.as_ref()?.models.iter().find(|model| model.id == id).cloned());
        retrained.or_else(|| built_in.with_value(|model| (model.id == id).then(|| model.clone())))
    };
    let active = Memo::new(move || {
        chosen_model().unwrap_or_else(|| match served.get() {
            Served::Taken(model) => model,
            _ => built_in.get_value(),
        })
    });
    let remote = Memo::new(move || match served.get() {
        Served::Remote(remote) if chosen_model().is_none() => Some(remote),
        _ => None,
    });
    let is_chosen = Memo::new(move || chosen_model().is_some());
    let notice = RwSignal::new(None);
    let not_kept = RwSignal::new(None);
    let library =
        Library { built_in, served, result, chosen, active, is_chosen, remote, notice, not_kept };
    provide_context(library);
    spawn_local(async move {
        library.restore().await;
        let is_here = linked.as_ref().is_none_or(|id| library.follow_link(id));
        library.ask_for_served().await;
        if let (Some(id), false) = (linked, is_here) {
            library.follow_link_to_served(&id);
        }
    });
    Ok(library)
}

/// The models that [`provide_library`] made available.
pub(crate) fn use_library() -> Library {
    expect_context()
}

impl Library {
    /// The model that answers unless another one is chosen: the one that this site serves if it is here,
    /// else the one that ships with the page.
    pub(crate) fn default_model(&self) -> Model {
        match self.served.get() {
            Served::Taken(model) => model,
            _ => self.built_in.get_value(),
        }
    }

    /// The models that this browser has: those of the last training, and the one that ships with the page.
    pub(crate) fn local_models(&self) -> Vec<Model> {
        let trained = self.result.get().map(|result| result.models).unwrap_or_default();
        trained.into_iter().chain([self.built_in.get_value()]).collect()
    }

    /// The model that answers, if it does so at the edge alone.
    pub(crate) fn remote(&self) -> Option<Arc<Remote>> {
        self.remote.get()
    }

    /// Reads the schema of the model that answers, wherever it does.
    pub(crate) fn with_schema<T>(&self, read: impl FnOnce(&Schema) -> T) -> T {
        match self.remote.get() {
            Some(remote) => read(&remote.schema),
            None => self.active.with(|model| read(model.artifact.schema())),
        }
    }

    /// Id of the model that answers, wherever it does.
    pub(crate) fn answering_id(&self) -> String {
        match self.remote.get() {
            Some(remote) => remote.id.clone(),
            None => self.active.with(|model| model.id.to_string()),
        }
    }

    /// The description of the model that this site serves, if that is to answer and nothing else of it is here.
    pub(crate) fn awaited(&self) -> Option<Description> {
        if self.is_chosen.get() { None } else { self.described() }
    }

    /// The description of the model that this site serves, as long as there is nothing else of it here.
    fn described(&self) -> Option<Description> {
        self.served.with(|served| match served {
            Served::Described(description) => Some(description.clone()),
            _ => None,
        })
    }

    /// Takes the file of the model that this site serves: it answers by default.
    pub(crate) fn take_served(&self, artifact: Artifact, bytes: Vec<u8>) {
        self.served.set(Served::Taken(Model::new(artifact, bytes.into(), Origin::Served)));
    }

    /// Takes note that the model that this site serves answers at the edge alone.
    pub(crate) fn serve_remotely(&self, remote: Remote) {
        self.served.set(Served::Remote(Arc::new(remote)));
    }

    /// Takes note that the model that this site serves is not to be had.
    pub(crate) fn stay_built_in(&self) {
        self.served.set(Served::BuiltIn);
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

    /// As [`result`](Self::result), for who is not to be told of the next one.
    pub(crate) fn result_untracked(&self) -> Option<TrainingResult> {
        self.result.get_untracked()
    }

    /// What to tell the user about what was kept.
    pub(crate) fn notice(&self) -> Option<String> {
        self.notice.with(|remark| remark.as_ref().map(Remark::words))
    }

    /// Takes note that the notice was read.
    pub(crate) fn dismiss_notice(&self) {
        self.notice.set(None);
    }

    /// Why the last training, or the choice of the model that answers, is not kept by this browser: a reload will not
    /// find it.
    pub(crate) fn not_kept(&self) -> Option<StorageFault> {
        self.not_kept.get()
    }

    /// Takes over a finished training and keeps it as a run; the model with the least log loss in
    /// cross-validation answers from now on.
    pub(crate) fn adopt(&self, about: About, trained: Vec<Trained>) {
        let parts = |it: Trained| (it.artifact, (it.bytes, it.test_rows));
        let (artifacts, rest): (Vec<_>, Vec<_>) = trained.into_iter().map(parts).unzip();
        let best = select_best(&artifacts);
        let models: Vec<Model> = artifacts
            .into_iter()
            .zip(rest)
            .map(|(artifact, (bytes, test_rows))| Model {
                test_rows: Some(Arc::new(test_rows)),
                ..Model::new(artifact, bytes.into(), Origin::Retrained)
            })
            .collect();
        let chosen = best.and_then(|best| models.get(best)).map(|model| model.id);
        let (seed, total_millis) = (about.seed, about.total_millis);
        let sized = models.iter().map(|model| (&*model.artifact, model.bytes.0.len()));
        let run = Run::of(about, sized);
        self.result.set(Some(TrainingResult { seed, total_millis, models }));
        self.chosen.set(chosen);
        if let (Some(run), Some(result)) = (run, self.result.get_untracked()) {
            let (answering, not_kept) = (self.answering(&result), self.not_kept);
            let bytes = |model: &Model| (model.id.to_string(), model.bytes.clone());
            let artifacts: Vec<_> = result.models.iter().map(bytes).collect();
            spawn_local(async move {
                not_kept.set(kept_runs::keep(&run, &artifacts, Some(answering)).await.err());
            });
        }
    }

    /// Takes over the models of a run, each with its bytes; the one with the id `chosen` answers from now on.
    pub(crate) fn take_run(
        &self,
        seed: u64,
        total_millis: f64,
        models: Vec<(Artifact, Bytes)>,
        chosen: ModelId,
    ) {
        self.take(seed, total_millis, models);
        self.choose(Some(chosen));
    }

    fn take(&self, seed: u64, total_millis: f64, models: Vec<(Artifact, Bytes)>) {
        let model = |(artifact, bytes)| Model::new(artifact, bytes, Origin::Retrained);
        let models = models.into_iter().map(model).collect();
        self.result.set(Some(TrainingResult { seed, total_millis, models }));
    }

    /// Lets the retrained model with this id answer; `None` is the one that this site serves.
    pub(crate) fn choose(&self, id: Option<ModelId>) {
        self.chosen.set(id);
        let Some(result) = self.result.get_untracked() else { return };
        let (answering, not_kept) = (self.answering(&result), self.not_kept);
        spawn_local(async move {
            not_kept.set(kept_runs::keep_answering(answering).await.err());
        });
    }

    /// Puts the retrained models away: they stay with their run, and the model of the page answers.
    pub(crate) fn put_away(&self) {
        self.chosen.set(None);
        self.result.set(None);
        let not_kept = self.not_kept;
        spawn_local(async move {
            let put_away = async {
                kept_runs::move_over().await?;
                kept_training::forget().await
            };
            not_kept.set(put_away.await.err());
        });
    }

    /// What is kept of the models that answer.
    fn answering(&self, result: &TrainingResult) -> KeptTraining {
        let chosen = self.chosen.get_untracked().map(|id| id.to_string());
        let models = result.models.iter().map(|model| model.id.to_string()).collect();
        KeptTraining::new(result.seed, result.total_millis, chosen, models)
    }

    /// Asks which model this site serves. Without an answer the built-in one goes on answering.
    async fn ask_for_served(self) {
        if let Some(description) = served(&Client::default()).await
            && self.built_in.with_value(|model| model.id.to_string() != description.id)
        {
            self.served.set(Served::Described(description));
        }
    }

    /// Lets the model answer that a link names, if it is at hand. The choice is the link's: it is not
    /// kept.
    fn follow_link(&self, id: &str) -> bool {
        let is_it = |model: &Model| model.id.to_string() == id;
        let retrained = self.result.with_untracked(|result| {
            result.as_ref()?.models.iter().find(|model| is_it(model)).map(|model| model.id)
        });
        let here = retrained.or_else(|| self.built_in.with_value(|it| is_it(it).then_some(it.id)));
        if here.is_some() {
            self.chosen.set(here);
        }
        here.is_some()
    }

    /// Lets the model answer that this site serves, if that is what a link names.
    fn follow_link_to_served(&self, id: &str) {
        if self.described_untracked().is_some_and(|description| description.id == id) {
            self.chosen.set(None);
            return;
        }
        let short: String = id.chars().take(12).collect();
        self.notice.set(Some(Remark::NowhereToBeFound(short)));
    }

    fn described_untracked(&self) -> Option<Description> {
        untrack(|| self.described())
    }

    /// Finds the last visit's training again. One that was started in the meantime wins.
    async fn restore(self) {
        let kept = match kept_training::load_whole().await {
            Ok(None) => return,
            Ok(Some(kept)) => kept.read().map(|models| (kept, models)),
            // A browser that keeps nothing has nothing to lose.
            Err(NotLoaded::Storage(StorageFault::Absent)) => return,
            Err(NotLoaded::Storage(fault)) => {
                self.notice.set(Some(Remark::NotRead(fault)));
                return;
            }
            Err(NotLoaded::Odd(why)) => Err(why),
        };
        match kept {
            Ok((kept, models)) => {
                if self.result.with_untracked(Option::is_some) {
                    return;
                }
                let seed = kept.seed.parse().unwrap_or(DEFAULT_SEED);
                self.take(seed, kept.total_millis, models);
                self.chosen.set(kept.chosen.as_ref().and_then(|id| id.parse().ok()));
            }
            Err(error) => {
                // If it is not dropped, it is told anew.
                let _ = kept_training::forget().await;
                self.notice.set(Some(Remark::Discarded(error)));
            }
        }
    }
}
