//! The best new model against the champion, and what becomes of it.

use model_core::lifecycle::{CandidateEvidence, Shortfall, judge_candidate};
use model_core::{Artifact, TrainParams, Training};
use serde_json::{Map, Value, json};
use tepal_api::RetrainingState;

use super::documents::{Blob, Documents, Run};
use super::{Ended, Retrainer, SEED, train};
use crate::ports::{
    Answer, Change, ChangeRequest, DocumentStore, Query, RegistryError, StorageError,
};
use crate::services::publish::{PublishError, publish};

impl Retrainer {
    /// Holds the best model against the champion; if it is better, publishes it and puts it on trial. Done again after a kill it
    /// does the same once: a file has one version, and a version that is on trial is not put there twice.
    pub(super) async fn compare<S: DocumentStore>(
        &self,
        documents: &Documents<'_, S>,
        run: &mut Run,
        now_millis: i64,
    ) -> Result<Ended, StorageError> {
        let ids = documents.blob(Blob::Ids)?.unwrap_or_default();
        let ids =
            String::from_utf8(ids).map_err(|error| StorageError::Corrupt(error.to_string()))?;
        let ids: Vec<&str> = ids.lines().collect();
        if !self.are_there(&ids).await? {
            let why = "A row that it was trained on was erased meanwhile, so the models are thrown away. The next look begins anew.";
            return Ok(Ended::Over(RetrainingState::Cancelled, why.to_owned()));
        }
        let corrupt = |error: String| StorageError::Corrupt(error);
        let bytes = documents.blob(Blob::Best)?.unwrap_or_default();
        let model = Artifact::from_bytes(&bytes).map_err(|error| corrupt(error.to_string()))?;
        run.told.model_id = Some(model.id().to_string());
        let champion = match self.serving.load(&run.champion).await {
            Ok(champion) => champion,
            Err(error) => {
                return Ok(Ended::Over(RetrainingState::Failed, format!("The champion: {error}.")));
            }
        };
        let newest_seen = documents.newest_row_of(&run.champion.model_id)?;
        let n_seen =
            newest_seen.map_or(0, |newest| ids.iter().filter(|id| **id <= newest.as_str()).count());
        let recipes = TrainParams::of_renewal(SEED);
        let params = run.best.and_then(|best| recipes.get(best)).cloned();
        let params = params.ok_or_else(|| corrupt("the best model is none".into()))?;
        let data = train::data(documents)?;
        let training = Training::of_renewal(&data, params);
        let training = training.map_err(|error| corrupt(error.to_string()))?;
        let split = training.split();
        let found = CandidateEvidence::gather(&model, &champion.artifact, &data, split, n_seen);
        let found = found.map_err(|error| corrupt(error.to_string()))?;
        run.told.evidence.extend(evidence(&found));
        let shortfalls = judge_candidate(&found, &run.policy);
        if !shortfalls.is_empty() {
            let says = not_better(run, &found, &shortfalls);
            return Ok(Ended::Over(RetrainingState::NotBetter, says));
        }
        let details = self.details(run, &model);
        let (artifacts, registry) = (self.artifacts.as_ref(), self.registry.as_ref());
        let published =
            publish(artifacts, registry, bytes, run.told.actor.clone(), now_millis, Some(details));
        let version = match published.await {
            Ok(changed) => changed.version.unwrap_or_default(),
            // Who does not answer is asked again.
            Err(PublishError::Storage(error)) => return Err(error),
            Err(PublishError::Registry(RegistryError::Storage { why })) => {
                return Err(StorageError::Unreachable(why));
            }
            Err(error) => {
                let says = format!("The new model could not be published: {error}.");
                return Ok(Ended::Over(RetrainingState::Failed, says));
            }
        };
        run.told.version = Some(version);
        let on_trial = self.begin_trial(run, version, now_millis).await?;
        let family = model.family().as_str();
        let n = run.told.rows;
        let gain = points(found.gain());
        Ok(Ended::Over(
            RetrainingState::Published,
            format!(
                "Version {version} ({family}) was trained on {n} labelled rows and gains {gain} on version {}. {on_trial}",
                run.champion.version
            ),
        ))
    }

    /// Puts the version on trial; in a sentence what came of it.
    async fn begin_trial(
        &self,
        run: &Run,
        version: u64,
        at_millis: i64,
    ) -> Result<String, StorageError> {
        let asked = self.registry.query(&Query::Pointer).await;
        let deployment = match asked {
            Ok(Answer::Pointer { pointer }) => pointer.map(|pointer| pointer.deployment),
            Ok(_) => None,
            Err(error) => return Err(StorageError::Unreachable(error.to_string())),
        };
        if deployment.is_some_and(|it| it.on_trial() == Some(version)) {
            return Ok("It is on trial.".to_owned());
        }
        let reason = Some(format!("retraining {}", run.told.number));
        let change = Change::BeginTrial { challenger: version, reason };
        let actor = run.told.actor.clone();
        let request = ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
        let changed = self.registry.change(&request).await;
        self.serving.forget_pointer();
        match changed {
            Ok(_) => Ok("It is on trial, in the champion's shadow at first.".to_owned()),
            Err(RegistryError::Storage { why }) => Err(StorageError::Unreachable(why)),
            Err(error) => Ok(format!("It was not put on trial: {error}.")),
        }
    }

    /// What the ledger keeps of where the model comes from.
    fn details(&self, run: &Run, model: &Artifact) -> Map<String, Value> {
        let told = &run.told;
        let details = json!({
            "retraining": told.number,
            "parent": run.champion.version,
            "triggers": told.triggers,
            "rows": told.rows,
            "data_hash": model.lineage().data_hash.to_string(),
            "gain": told.evidence.get("gain"),
        });
        if let Value::Object(details) = details { details } else { Map::new() }
    }
}

fn evidence(found: &CandidateEvidence) -> Map<String, Value> {
    let CandidateEvidence { folds, held_out } = found;
    let evidence = json!({
        "gain": found.gain(),
        "cross_validated_rows": folds.map(|folds| folds.n_rows),
        "p_value": folds.map(|folds| folds.p_value),
        "held_out": held_out.n(),
        "both_right": held_out.both,
        "only_new_right": held_out.first,
        "only_champion_right": held_out.second,
        "neither_right": held_out.neither,
    });
    if let Value::Object(evidence) = evidence { evidence } else { Map::new() }
}

fn not_better(run: &Run, found: &CandidateEvidence, shortfalls: &[Shortfall]) -> String {
    let (n, champion) = (run.told.rows, run.champion.version);
    let reasons = shortfalls.iter().map(|shortfall| match shortfall {
        Shortfall::NoGain { gain } if *gain < 0.0 => {
            format!("it is right in {} fewer of the rows", points(-gain))
        }
        Shortfall::NoGain { .. } => "it is right no more often".to_owned(),
        Shortfall::Worse { p_value } => {
            let n = found.held_out.n();
            format!("on the newest {n} rows it is worse (p = {p_value:.4})")
        }
    });
    let reasons = reasons.collect::<Vec<_>>().join(", and ");
    format!(
        "The best model of {n} labelled rows is no better than version {champion}: {reasons}. It is not published."
    )
}

/// A share as points of accuracy.
fn points(share: f64) -> String {
    format!("{:.1} points", 100.0 * share)
}
