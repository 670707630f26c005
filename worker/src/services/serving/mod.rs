//! Which model answers: what the registry says, from files that were checked.
//!
//! An isolate asks the registry at most once in [`Serving::ttl_millis`], half of it in the background, so
//! that a request seldom waits. Whatever fails, somebody answers if anybody can: the last pointer if
//! neither the registry nor its copy tell one, the model that served last or the embedded one if a file
//! isn't to be had. Such answers are degraded, and say so. An isolate never goes back to a lower
//! generation, which an old copy could hold.

mod assignment;
mod models;
mod pointer;
mod served_model;

use std::sync::{Arc, OnceLock};

pub(crate) use assignment::is_challengers;
use models::Models;
use pointer::{Due, Latest};
pub(crate) use served_model::{ModelError, ServedModel};

use tepal_api::{Draw, Trial, TrialRow};

use super::publish;
use crate::ports::{
    Answer, ArtifactKey, ArtifactStore, Background, Change, ChangeRequest, Clock, Deployment, Mode,
    ModelRef, Pointer, PointerCopy, Query, Registry, RegistryError,
};

/// Registry version of the embedded model where no registry says otherwise.
const EMBEDDED_VERSION: u64 = 1;

/// What an isolate serves from.
pub(crate) struct Serving {
    registry: Arc<dyn Registry>,
    artifacts: Arc<dyn ArtifactStore>,
    copy: Arc<dyn PointerCopy>,
    clock: Arc<dyn Clock>,
    latest: Latest,
    models: Models,
    embedded: OnceLock<Result<Arc<ServedModel>, ModelError>>,
}

/// A model that answers.
#[derive(Debug, Clone)]
pub(crate) struct Answering {
    pub(crate) model: Arc<ServedModel>,
    /// It isn't known to be the one that should.
    pub(crate) degraded: bool,
}

/// Who answers one request.
#[derive(Debug, Clone)]
pub(crate) struct Assigned {
    pub(crate) answering: Answering,
    /// Is asked too, and its answer only logged.
    pub(crate) shadow: Option<Arc<ServedModel>>,
    /// The experiment that dealt the request, if one is live.
    pub(crate) draw: Option<Draw>,
    /// The trial that the row counts in, if one is under way and both of its models were to be had.
    pub(crate) trial: Option<TrialRow>,
    /// Version of the trial that should have been asked and wasn't to be had.
    pub(crate) absent: Option<(u64, u64)>,
}

impl Assigned {
    fn new(answering: Answering, shadow: Option<Arc<ServedModel>>, draw: Option<Draw>) -> Self {
        Self { answering, shadow, draw, trial: None, absent: None }
    }
}

/// Who should serve.
struct Standing {
    pointer: Option<Arc<Pointer>>,
    degraded: bool,
}

impl Serving {
    /// Serves what `registry` says, from files in `artifacts`; what the registry said last is kept for
    /// `ttl_millis`, loaded models up to `model_bytes` of their files.
    pub(crate) fn new(
        registry: Arc<dyn Registry>,
        artifacts: Arc<dyn ArtifactStore>,
        copy: Arc<dyn PointerCopy>,
        clock: Arc<dyn Clock>,
        ttl_millis: i64,
        model_bytes: u64,
    ) -> Self {
        Self {
            registry,
            artifacts,
            copy,
            clock,
            latest: Latest::new(ttl_millis),
            models: Models::new(model_bytes),
            embedded: OnceLock::new(),
        }
    }

    /// The champion.
    ///
    /// # Errors
    /// [`ModelError`] if no model at all can be read.
    pub(crate) async fn champion(
        self: &Arc<Self>,
        background: Option<&Arc<dyn Background>>,
    ) -> Result<Answering, ModelError> {
        let standing = self.standing(background).await;
        self.champion_of(&standing).await
    }

    /// Who answers a request that is told apart by `key`.
    ///
    /// # Errors
    /// [`ModelError`] if no model at all can be read.
    pub(crate) async fn assigned(
        self: &Arc<Self>,
        key: &[u8],
        background: Option<&Arc<dyn Background>>,
    ) -> Result<Assigned, ModelError> {
        let standing = self.standing(background).await;
        let deployment = standing.pointer.as_ref().map(|pointer| &pointer.deployment);
        let Some((deployment, challenger)) =
            deployment.and_then(|it| Some((it, it.challenger.as_ref()?)))
        else {
            return Ok(Assigned::new(self.champion_of(&standing).await?, None, None));
        };
        let draw = deployment.draw();
        let is_dealt = is_challengers(&challenger.model_id, key, deployment.split_basis_points);
        let on_trial = deployment.trial.zip(deployment.on_trial());
        // Both models of a trial are asked for every row, whoever answers.
        let other = match is_dealt || on_trial.is_some() {
            true => self.load(challenger).await,
            false => return Ok(Assigned::new(self.champion_of(&standing).await?, None, draw)),
        };
        let is_live = deployment.mode == Mode::Live;
        let mut assigned = match other {
            Ok(model) if is_live && is_dealt => {
                let answering = Answering { model, degraded: standing.degraded };
                let champion = match on_trial {
                    Some(_) => self.load(&deployment.champion).await.ok(),
                    None => None,
                };
                Assigned::new(answering, champion, draw)
            }
            Ok(model) => Assigned::new(self.champion_of(&standing).await?, Some(model), draw),
            // Without a challenger it isn't the experiment that was asked for. In the shadow, only the log misses an
            // answer.
            Err(_) => {
                let champion = self.champion_of(&standing).await?;
                let degraded = champion.degraded || (is_live && is_dealt);
                Assigned::new(Answering { degraded, ..champion }, None, draw)
            }
        };
        if let Some((Trial { number, stage }, model_version)) = on_trial {
            let asked = [Some(&assigned.answering.model), assigned.shadow.as_ref()];
            let is_asked =
                |it: &ModelRef| asked.iter().flatten().any(|asked| asked.id == it.model_id);
            let absent = [&deployment.champion, challenger].into_iter().find(|it| !is_asked(it));
            match absent {
                None => assigned.trial = Some(TrialRow { number, stage, model_version }),
                Some(model) => assigned.absent = Some((number, model.version)),
            }
        }
        Ok(assigned)
    }

    /// What the registry said last, asked again if that is long ago; `None` if nobody tells.
    pub(crate) async fn pointer(
        self: &Arc<Self>,
        background: Option<&Arc<dyn Background>>,
    ) -> Option<Arc<Pointer>> {
        self.standing(background).await.pointer
    }

    /// To be told of a change that was made here, so that this isolate serves it at once.
    pub(crate) fn forget_pointer(&self) {
        self.latest.expire();
    }

    async fn standing(self: &Arc<Self>, background: Option<&Arc<dyn Background>>) -> Standing {
        match (self.latest.due(self.clock.now_millis()), background) {
            (Due::Not, _) => {}
            (Due::Soon, Some(background)) => {
                let serving = Arc::clone(self);
                background.spawn(Box::pin(async move { serving.refresh().await }));
            }
            (Due::Soon | Due::Now, _) => self.refresh().await,
        }
        let (pointer, degraded) = self.latest.get();
        Standing { pointer, degraded }
    }

    /// Asks the registry; if it doesn't answer, its copy.
    async fn refresh(&self) {
        let asked = self.latest.asking(self.clock.now_millis());
        match self.ask_registry().await {
            Ok(pointer) => self.latest.adopt(pointer, true, asked),
            Err(_) => {
                let copied = self.copy.get().await.ok().flatten();
                let failed = self.latest.asking(self.clock.now_millis());
                self.latest.adopt(copied, false, failed);
            }
        }
    }

    async fn ask_registry(&self) -> Result<Option<Pointer>, RegistryError> {
        let pointer = self.ask_pointer().await?;
        if pointer.is_some() {
            return Ok(pointer);
        }
        // The first of all requests: the embedded model becomes version 1, its file as any other's.
        let model = self.embedded().map_err(|error| storage(&error))?;
        let bytes = model_core::DEFAULT_ARTIFACT;
        self.artifacts.put(ArtifactKey::Model(&model.id), bytes.to_vec()).await?;
        let change = Change::Bootstrap { model: publish::described(&model) };
        let at_millis = self.clock.now_millis();
        let actor = "bootstrap".to_owned();
        let request = ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
        self.registry.change(&request).await?;
        self.ask_pointer().await
    }

    async fn ask_pointer(&self) -> Result<Option<Pointer>, RegistryError> {
        match self.registry.query(&Query::Pointer).await? {
            Answer::Pointer { pointer } => Ok(pointer),
            _ => Err(RegistryError::unexpected_answer()),
        }
    }

    async fn champion_of(&self, standing: &Standing) -> Result<Answering, ModelError> {
        let Some(pointer) = &standing.pointer else {
            return Ok(Answering { model: self.embedded()?, degraded: true });
        };
        match self.load(&pointer.deployment.champion).await {
            Ok(model) => {
                self.models.set_last(&model);
                Ok(Answering { model, degraded: standing.degraded })
            }
            Err(_) => {
                let last = self.models.last().map_or_else(|| self.embedded(), Ok)?;
                Ok(Answering { model: last, degraded: true })
            }
        }
    }

    /// The model that `model` names, checked against its id.
    ///
    /// # Errors
    /// [`ModelError`] if its file isn't to be had, or isn't its.
    pub(crate) async fn load(&self, model: &ModelRef) -> Result<Arc<ServedModel>, ModelError> {
        let now = self.clock.now_millis();
        if let Some(known) = self.models.get(model, now) {
            return known;
        }
        let loaded = self.read(model).await.map(|(_, served)| Arc::new(served));
        self.models.put(model, loaded.clone(), now);
        loaded
    }

    /// The stored file of a model, checked against its id.
    ///
    /// # Errors
    /// [`ModelError`] if it isn't to be had, or isn't its.
    pub(crate) async fn file(&self, model: &ModelRef) -> Result<Vec<u8>, ModelError> {
        Ok(self.read(model).await?.0)
    }

    /// A model's file and what is in it.
    async fn read(&self, model: &ModelRef) -> Result<(Vec<u8>, ServedModel), ModelError> {
        let ModelRef { version, model_id } = model;
        if self.embedded()?.id == *model_id {
            let bytes = model_core::DEFAULT_ARTIFACT;
            return Ok((bytes.to_vec(), ServedModel::from_bytes(bytes, *version)?));
        }
        let bytes = self.artifacts.get(ArtifactKey::Model(model_id)).await?;
        let bytes = bytes.ok_or_else(|| ModelError::Missing(model_id.clone()))?;
        let served = ServedModel::from_bytes(&bytes, *version)?;
        if served.id == *model_id {
            return Ok((bytes, served));
        }
        Err(ModelError::Altered { expected: model_id.clone(), found: served.id })
    }

    /// The model that is compiled in.
    fn embedded(&self) -> Result<Arc<ServedModel>, ModelError> {
        let load = || {
            ServedModel::from_bytes(model_core::DEFAULT_ARTIFACT, EMBEDDED_VERSION).map(Arc::new)
        };
        self.embedded.get_or_init(load).clone()
    }
}

impl Deployment {
    /// The experiment that deals requests, if one is live.
    pub(crate) fn draw(&self) -> Option<Draw> {
        let challenger_version = self.challenger.as_ref()?.version;
        let split_basis_points = self.split_basis_points;
        let is_live = self.mode == Mode::Live && split_basis_points > 0;
        is_live.then_some(Draw { challenger_version, split_basis_points })
    }
}

fn storage(error: &ModelError) -> RegistryError {
    RegistryError::Storage { why: error.to_string() }
}

#[cfg(test)]
mod tests;
