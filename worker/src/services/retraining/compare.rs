//! The best new model against the champion, and what becomes of it.

use model_core::lifecycle::{CandidateEvidence, Mode, Shortfall, judge_candidate};
use model_core::{Artifact, TrainParams, Training};
use serde_json::{Map, Value, json};
use tepal_api::{RetrainTrigger, RetrainingState};

use super::documents::{Blob, Documents, Run};
use super::{ACTOR, Ended, Retrainer, SEED, train};
use crate::ports::{
    Answer, Change, ChangeRequest, DocumentStore, Query, RegistryError, StorageError,
};
use crate::services::publish::{PublishError, publish};
use crate::services::report::{chance, points};

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
            let why = "A row that it was trained on was erased meanwhile, so the models are thrown away. Another training may begin once the cool-down is over.";
            return Ok(Ended::Over(RetrainingState::Cancelled, why.to_owned()));
        }
        let corrupt = |error: String| StorageError::Corrupt(error);
        let bytes = documents.blob(Blob::Best)?.unwrap_or_default();
        let model = Artifact::from_bytes(&bytes).map_err(|error| corrupt(error.to_string()))?;
        run.told.model_id = Some(model.id().to_string());
        let champion = match self.champion(&run.champion).await? {
            Ok(champion) => champion,
            Err(why) => return Ok(Ended::Over(RetrainingState::Failed, why)),
        };
        let newest_seen = documents.newest_row_of(&run.champion.model_id)?;
        let is_seen = |id: &&str| newest_seen.as_deref().is_some_and(|newest| *id <= newest);
        // Whether the champion was trained on what is kept is not asked: it is not compared there.
        let n_kept = usize::try_from(run.told.kept_rows).unwrap_or(usize::MAX);
        let n_seen = n_kept + ids.iter().copied().filter(is_seen).count();
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
        let (generation, on_trial) = match self.standing(run).await? {
            Ok(standing) => standing,
            Err(why) => return Ok(Ended::Over(RetrainingState::Cancelled, why)),
        };
        // Between here and the publishing nobody else has a turn.
        if !documents.is_running(run)? {
            return Ok(Ended::Next(RetrainingState::Comparing));
        }
        documents.note_newest_row(run)?;
        let details = self.details(run, &model);
        let (artifacts, registry) = (self.artifacts.as_ref(), self.registry.as_ref());
        let published =
            publish(artifacts, registry, bytes, run.told.actor.clone(), now_millis, Some(details));
        let (version, generation) = match published.await {
            Ok(changed) if changed.fresh => {
                (changed.version.unwrap_or_default(), changed.generation)
            }
            // It was there before: nothing was changed.
            Ok(changed) => (changed.version.unwrap_or_default(), generation),
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
        if documents.was_published(run, version)?
            && !run.told.triggers.contains(&RetrainTrigger::Hand)
        {
            let says = format!(
                "The rows give version {version} once more, which was tried before: it is not tried again unless somebody puts it on trial."
            );
            return Ok(Ended::Over(RetrainingState::NotBetter, says));
        }
        run.told.version = Some(version);
        if !documents.is_running(run)? {
            return Ok(Ended::Next(RetrainingState::Comparing));
        }
        let on_trial = if on_trial == Some(version) {
            "It is on trial.".to_owned()
        } else {
            self.begin_trial(run, version, generation, now_millis).await?
        };
        let family = model.family().as_str();
        let rows = run.rows();
        let gain = points(found.gain());
        Ok(Ended::Over(
            RetrainingState::Published,
            format!(
                "Version {version} ({family}) was trained on {rows} and gains {gain} on version {}. {on_trial}",
                run.champion.version
            ),
        ))
    }

    /// The registry's generation and the version on trial, if the champion is still the one that the new model is held against, and the
    /// policy still lets the loop act; in a sentence why not.
    async fn standing(
        &self,
        run: &Run,
    ) -> Result<Result<(u64, Option<u64>), String>, StorageError> {
        let unreachable = |error: RegistryError| StorageError::Unreachable(error.to_string());
        let Answer::Policy { policy, .. } =
            self.registry.query(&Query::Policy).await.map_err(unreachable)?
        else {
            return Err(unreachable(RegistryError::unexpected_answer()));
        };
        if policy.mode == Mode::Off && run.told.actor == ACTOR {
            return Ok(Err(
                "The loop was switched off meanwhile, so the new model is thrown away.".to_owned(),
            ));
        }
        let Answer::Pointer { pointer: Some(pointer) } =
            self.registry.query(&Query::Pointer).await.map_err(unreachable)?
        else {
            return Err(unreachable(RegistryError::unexpected_answer()));
        };
        let champion = &pointer.deployment.champion;
        if *champion != run.champion {
            return Ok(Err(format!(
                "Version {} serves by now, and the new model was held against version {}: it is thrown away.",
                champion.version, run.champion.version
            )));
        }
        Ok(Ok((pointer.generation, pointer.deployment.on_trial())))
    }

    /// Puts the version on trial, unless the registry has changed since `generation`; in a sentence what came of it.
    async fn begin_trial(
        &self,
        run: &Run,
        version: u64,
        generation: u64,
        at_millis: i64,
    ) -> Result<String, StorageError> {
        let reason = Some(format!("retraining {}", run.told.number));
        let change = Change::BeginTrial { challenger: version, reason };
        let actor = run.told.actor.clone();
        let request =
            ChangeRequest { change, actor, at_millis, if_generation: Some(generation), then: None };
        let changed = self.registry.change(&request).await;
        self.serving.forget_pointer();
        match changed {
            Ok(_) => Ok("It went on trial, in the champion's shadow at first.".to_owned()),
            // Whoever does not answer, or was faster, is looked at again.
            Err(error @ (RegistryError::Storage { .. } | RegistryError::Stale { .. })) => {
                Err(StorageError::Unreachable(error.to_string()))
            }
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
            "kept_rows": told.kept_rows,
            "kept_data_hash": told.kept_data_hash,
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
    let (rows, champion) = (run.rows(), run.champion.version);
    let reasons = shortfalls.iter().map(|shortfall| match shortfall {
        Shortfall::NoGain { gain } if *gain < 0.0 => {
            format!("it is right {} less often", points(-gain))
        }
        Shortfall::NoGain { .. } => "it is right no more often".to_owned(),
        Shortfall::Worse { p_value } => {
            let n = found.held_out.n();
            format!("on the newest {n} rows it is worse ({})", chance(*p_value))
        }
    });
    let reasons = reasons.collect::<Vec<_>>().join(", and ");
    format!(
        "The best model of {rows} is no better than version {champion}: {reasons}. It is not published."
    )
}
