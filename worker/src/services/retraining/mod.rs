//! Retraining: a new model on labelled rows of the log, in steps that a kill or a limit costs one of.
//!
//! It runs inside the watcher's Durable Object, a step an alarm: rows are gathered, models trained some slices at a time, and the
//! best one is held against the champion; if it is better, it is published and put on trial. Between two steps all that is
//! known of it stands in the object's storage, so another instance of the object takes it up where it was. The models are the
//! ones that the same rows give elsewhere ([`Training::of_renewal`](model_core::Training::of_renewal)).
//!
//! The rows are people's: a copy of them is kept while it trains and no longer, a model that comes of them carries none, and if
//! one of them is erased meanwhile the model is thrown away.

mod compare;
mod documents;
mod rows;
mod train;

use std::sync::Arc;

use model_core::lifecycle::Policy;
use model_core::{Dataset, TrainParams};
use serde_json::Map;
use tepal_api::{RetrainCandidate, RetrainTrigger, Retraining, RetrainingState};

pub(crate) use self::documents::Past;
use self::documents::{Blob, Documents, Run};
pub(crate) use self::rows::ROWS_PER_LABELLED;
use super::datasets;
use super::documents::next_number;
use super::publish::interface;
use super::serving::{ModelError, ServedModel, Serving};
use super::time;
use crate::ports::{
    ArtifactKey, ArtifactStore, DatasetRecord, DocumentStore, ModelRef, PredictionLog, Registry,
    ShardId, StorageError, Table,
};

/// Seed of every retraining, as of a training on the page: what tells two of them apart is their rows.
const SEED: u64 = 42;
/// Who the ledger says did what the loop does by itself.
pub(crate) const ACTOR: &str = "loop";
/// A step that did not come to its end so often is not tried again.
const MAX_ATTEMPTS: u32 = 5;
/// How long a step that failed waits before it is tried again, after its first attempt; six times as long after each further one.
const WAIT_MILLIS: i64 = 10_000;

/// What retraining rests on.
pub(crate) struct Retrainer {
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) artifacts: Arc<dyn ArtifactStore>,
    pub(crate) serving: Arc<Serving>,
    pub(crate) log: Arc<dyn PredictionLog>,
    /// Shards that are written to now.
    pub(crate) log_shards: ShardId,
}

/// What asked for a retraining, and by what rules it is done.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) triggers: Vec<RetrainTrigger>,
    pub(crate) actor: String,
    pub(crate) champion: ModelRef,
    pub(crate) policy: Policy,
    /// Id of the oldest row that it may learn from, if not from all.
    pub(crate) from_id: Option<String>,
    pub(crate) now_millis: i64,
}

/// What a step came to.
enum Ended {
    /// The next step goes on in this state.
    Next(RetrainingState),
    /// It is over.
    Over(RetrainingState, String),
}

/// Notes a retraining that is to begin; the next step begins it. To be called in a transaction, after nobody was found running.
///
/// # Errors
/// [`StorageError`] if `store` can't be read or written.
pub(crate) fn begin<S: DocumentStore>(store: &S, order: Order) -> Result<u64, StorageError> {
    let documents = Documents(store);
    let number = next_number(store, Table::Retrainings)?;
    let candidate = |params: &TrainParams| RetrainCandidate {
        family: params.family.family().as_str().to_owned(),
        cv_accuracy: None,
        cv_log_loss: None,
        failure: None,
    };
    let told = Retraining {
        number,
        state: RetrainingState::Gathering,
        triggers: order.triggers,
        actor: order.actor,
        began_at: time::rfc3339_millis(order.now_millis),
        ended_at: None,
        champion: order.champion.version,
        rows: 0,
        kept_rows: 0,
        kept_data_hash: None,
        refused: Vec::new(),
        candidates: TrainParams::of_renewal(SEED).iter().map(candidate).collect(),
        share: 0.0,
        version: None,
        model_id: None,
        says: "Labelled rows are gathered.".to_owned(),
        evidence: Map::new(),
    };
    documents.put(&Run {
        told,
        champion: order.champion,
        policy: order.policy,
        from_id: order.from_id,
        began_at_millis: order.now_millis,
        ended_at_millis: None,
        at: 0,
        best: None,
        newest_id: None,
        attempts: 0,
        not_before_millis: 0,
        failure: None,
    })?;
    Ok(number)
}

/// What is known of the retrainings so far.
///
/// # Errors
/// [`StorageError`] if `store` can't be read.
pub(crate) fn past<S: DocumentStore>(store: &S, now_millis: i64) -> Result<Past, StorageError> {
    Documents(store).past(now_millis)
}

/// Milliseconds until the next step of the one that runs may be taken, if one runs.
///
/// # Errors
/// [`StorageError`] if `store` can't be read.
pub(crate) fn waits<S: DocumentStore>(
    store: &S,
    now_millis: i64,
) -> Result<Option<i64>, StorageError> {
    let running = Documents(store).running()?;
    Ok(running.map(|run| (run.not_before_millis - now_millis).max(0)))
}

/// The last ones, newest first.
///
/// # Errors
/// [`StorageError`] if `store` can't be read.
pub(crate) fn list<S: DocumentStore>(store: &S) -> Result<Vec<Retraining>, StorageError> {
    Ok(Documents(store).runs()?.into_iter().map(|run| run.told).collect())
}

/// Stops the one that runs; whether there is one.
///
/// # Errors
/// [`StorageError`] if `store` can't be read or written.
pub(crate) fn cancel<S: DocumentStore>(
    store: &S,
    actor: &str,
    now_millis: i64,
) -> Result<bool, StorageError> {
    store.atomically(|| {
        let documents = Documents(store);
        let Some(mut run) = documents.running()? else { return Ok(false) };
        let says = format!("It was stopped by {actor}.");
        run.end(RetrainingState::Cancelled, says, now_millis);
        documents.close(&run)?;
        Ok(true)
    })
}

impl Retrainer {
    /// Goes on with the one that runs, if there is one; milliseconds until there is more to do, if there is.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written. What goes wrong otherwise ends the retraining, or is tried again.
    pub(crate) async fn step<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<i64>, StorageError> {
        let documents = Documents(store);
        let Some(mut run) = documents.running()? else { return Ok(None) };
        let waits = run.not_before_millis - now_millis;
        if waits > 0 {
            return Ok(Some(waits));
        }
        if run.attempts >= MAX_ATTEMPTS {
            let why = run.failure.take();
            let why = why.unwrap_or_else(|| "the rows or the models may be too large".to_owned());
            let says = format!("A step of it did not come to its end {MAX_ATTEMPTS} times: {why}.");
            run.end(RetrainingState::Failed, says, now_millis);
            store.atomically(|| documents.close(&run))?;
            return Ok(None);
        }
        // Noted before anything is done, and for good: what kills this isolate is counted by the next one.
        run.attempts += 1;
        documents.put(&run)?;
        store.settle().await?;
        let before = run.told.state;
        let stepped = match (self.is_forbidden(&run).await, before) {
            (Err(error), _) => Err(error),
            (Ok(true), _) => {
                let why = "The kept rows that it trained on were deleted meanwhile, so the models are thrown away. Another training may begin once the cool-down is over.";
                Ok(Ended::Over(RetrainingState::Cancelled, why.to_owned()))
            }
            (_, RetrainingState::Gathering) => self.gather(&documents, &mut run).await,
            (_, RetrainingState::Training) => train::step(&documents, &mut run),
            _ => self.compare(&documents, &mut run, now_millis).await,
        };
        let ended = match stepped {
            Ok(ended) => {
                run.failure = None;
                ended
            }
            // The attempt stays counted.
            Err(error) => {
                run.told.says = format!("A step of it failed, and is tried again: {error}.");
                run.failure = Some(error.to_string());
                let wait = WAIT_MILLIS.saturating_mul(6_i64.saturating_pow(run.attempts - 1));
                run.not_before_millis = now_millis + wait;
                Ended::Next(before)
            }
        };
        store.atomically(|| {
            // Somebody may have stopped it meanwhile.
            if !documents.is_running(&run)? {
                documents.drop_blobs()?;
                return Ok(None);
            }
            match &ended {
                Ended::Next(state) => {
                    run.told.state = *state;
                    documents.put(&run)?;
                    Ok(Some((run.not_before_millis - now_millis).max(0)))
                }
                Ended::Over(state, says) => {
                    run.end(*state, says.clone(), now_millis);
                    documents.close(&run)?;
                    Ok(None)
                }
            }
        })
    }

    /// A model that serves or did; `None` with the reason if its file is no model. Whose file can't be had now is asked again.
    async fn champion(
        &self,
        model: &ModelRef,
    ) -> Result<Result<Arc<ServedModel>, String>, StorageError> {
        match self.serving.load(model).await {
            Ok(champion) => Ok(Ok(champion)),
            Err(error @ (ModelError::Missing(_) | ModelError::Unreachable(_))) => {
                Err(StorageError::Unreachable(error.to_string()))
            }
            Err(error) => Ok(Err(format!("The champion: {error}."))),
        }
    }

    /// The rows that are kept for models like this one, the newest ones, if there are any.
    async fn kept(&self, champion: &ServedModel) -> Result<Option<DatasetRecord>, StorageError> {
        let wanted = interface(champion.artifact.schema());
        Ok(self.datasets().await?.into_iter().find(|dataset| dataset.interface == wanted))
    }

    /// How many rows are kept that a training of this champion can take beside so many labelled ones.
    pub(crate) async fn n_kept(
        &self,
        champion: &ModelRef,
        n_labelled: u64,
    ) -> Result<u64, StorageError> {
        let Ok(champion) = self.champion(champion).await? else { return Ok(0) };
        let kept = self.kept(&champion).await?.map_or(0, |kept| kept.rows);
        Ok(rows::n_beside(kept, n_labelled))
    }

    /// Whether it trains on kept rows that somebody has deleted since. What is published by then stays.
    async fn is_forbidden(&self, run: &Run) -> Result<bool, StorageError> {
        let Some(kept) = run.told.kept_data_hash.as_ref().filter(|_| run.told.version.is_none())
        else {
            return Ok(false);
        };
        Ok(!self.datasets().await?.iter().any(|dataset| dataset.data_hash == *kept))
    }

    async fn datasets(&self) -> Result<Vec<DatasetRecord>, StorageError> {
        let datasets = datasets::list(self.registry.as_ref()).await;
        datasets.map_err(|error| StorageError::Unreachable(error.to_string()))
    }

    /// They, if they are there and can be read.
    async fn kept_rows(&self, kept: &DatasetRecord) -> Result<Option<Dataset>, StorageError> {
        let bytes = self.artifacts.get(ArtifactKey::Dataset(&kept.data_hash)).await?;
        let data = bytes.and_then(|bytes| Dataset::from_bytes(&bytes).ok());
        Ok(data.filter(|data| data.digest().to_string() == kept.data_hash))
    }

    /// Gathers the rows and keeps them.
    async fn gather<S: DocumentStore>(
        &self,
        documents: &Documents<'_, S>,
        run: &mut Run,
    ) -> Result<Ended, StorageError> {
        let champion = match self.champion(&run.champion).await? {
            Ok(champion) => champion,
            Err(why) => return Ok(Ended::Over(RetrainingState::Failed, why)),
        };
        let schema = champion.artifact.schema();
        let most = run.policy.max_rows.max(run.policy.min_rows);
        let records = self.labelled_rows(most, run.from_id.as_deref()).await?;
        let mut gathered = rows::usable(schema, &records);
        run.told.rows = count(gathered.ids.len());
        // What is kept is of the time before the rows changed, if that is what they did.
        let has_drifted = run.told.triggers.contains(&RetrainTrigger::Drift);
        let kept = if has_drifted { None } else { self.kept(&champion).await? };
        if let Some(kept) = kept {
            match self.kept_rows(&kept).await? {
                Some(data) => {
                    gathered.put_before(&data, schema, most);
                    run.told.kept_rows = count(gathered.n_kept);
                    run.told.kept_data_hash = (gathered.n_kept > 0).then_some(kept.data_hash);
                }
                None => {
                    let why = "kept rows that are gone, or of another version of Tepal".to_owned();
                    rows::refuse(&mut gathered.refused, why, kept.rows);
                }
            }
        }
        run.told.refused = gathered.refused.clone();
        if let Some(why) = gathered.lack(schema, &run.policy) {
            return Ok(Ended::Over(RetrainingState::NoData, why));
        }
        // Rows of before would hide what is wrong with those of today.
        let of_today = gathered.dataset(schema, gathered.n_kept);
        let (data, of_today) = match (gathered.dataset(schema, 0), of_today) {
            (Ok(data), Ok(of_today)) => (data, of_today),
            (Err(why), _) | (_, Err(why)) => return Ok(Ended::Over(RetrainingState::NoData, why)),
        };
        let unexpected = schema.expectations().violations(&of_today);
        if !unexpected.is_empty() {
            let unexpected: Vec<String> = unexpected.iter().map(ToString::to_string).collect();
            let why = format!(
                "The labelled rows are not like those that trained the champion: {}. If that is right, train a model on rows of today and publish it; else mend what sends them.",
                unexpected.join("; ")
            );
            return Ok(Ended::Over(RetrainingState::NoData, why));
        }
        run.newest_id = gathered.ids.last().cloned();
        run.told.evidence.insert("data_hash".into(), data.digest().to_string().into());
        documents.put_blob(Blob::Data, &data.to_bytes())?;
        documents.put_blob(Blob::Ids, gathered.ids.join("\n").as_bytes())?;
        run.told.says = format!("Models are trained on {}.", run.rows());
        run.attempts = 0;
        Ok(Ended::Next(RetrainingState::Training))
    }
}

impl Run {
    /// What it trains on, in words.
    fn rows(&self) -> String {
        match (self.told.rows, self.told.kept_rows) {
            (rows, 0) => format!("{rows} labelled rows"),
            (rows, kept) => format!("{rows} labelled rows and {kept} kept ones"),
        }
    }

    fn end(&mut self, state: RetrainingState, says: String, now_millis: i64) {
        self.told.state = state;
        self.told.says = says;
        self.told.ended_at = Some(time::rfc3339_millis(now_millis));
        self.ended_at_millis = Some(now_millis);
        if state == RetrainingState::Published || state == RetrainingState::NotBetter {
            self.told.share = 1.0;
        }
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
