//! Watching: the newest rows of each version that answers, looked at every quarter of an hour.
//!
//! It runs inside the watcher's Durable Object at the edge and in-process natively. A look takes of each version the
//! newest rows that no window has yet, up to [`MAX_ROWS`]; with fewer than [`MIN_ROWS`] it waits for more, so no row is
//! in two windows. Three windows in a row that drifted are an alarm if the newest one's p-value is so small that of all
//! looks in 30 days at most one is expected to reach it without drift (`docs/guide/looking-often.md`).
//!
//! Then it decides: whether the trial under way takes its next step, or the champion is to be trained anew. The decision is
//! kept with its evidence, also where there is nothing to do, and done if the policy lets it.

mod deciding;
mod documents;
mod telling;
mod window;

use std::sync::Arc;

use model_core::drift::alarm_level;
use model_core::lifecycle::{Mode, Policy};
use serde_json::Value;
use tepal_api::{
    LoopDecision, LoopOutcome, LoopStep, PolicyMode, PredictionRecord, ServingRole, WatchedVersion,
    Watching, WindowDrift, WindowReport, WindowTraffic,
};

use self::deciding::{Decision, Sight, decide};
use self::documents::{Documents, Standing, Watched};
use self::telling::Findings;
pub(crate) use self::window::{MAX_ROWS, MIN_ROWS};
use super::alerting::{self, Courier};
use super::log::reader;
use super::metrics::{PredictRequests, predict_requests};
use super::registry::MAX_REASON;
use super::retraining::{self, ACTOR, Order, Past, ROWS_PER_LABELLED, Retrainer};
use super::serving::Serving;
use super::{report, time};
use crate::ports::{
    Answer, ArtifactStore, Change, ChangeRequest, DocumentStore, HistoryQuery, HourSpan, ModelRef,
    Pointer, PredictionLog, Query, Registry, RegistryError, ShardId, StorageError, Tally, Usage,
    WatchAnswer, WatchQuestion,
};

/// What watching rests on.
pub(crate) struct Watch {
    /// Who is to answer.
    registry: Arc<dyn Registry>,
    /// Who answers, and the models.
    serving: Arc<Serving>,
    /// The rows.
    log: Arc<dyn PredictionLog>,
    /// Shards that are written to now.
    log_shards: ShardId,
    /// Trains what a decision asks for.
    retrainer: Retrainer,
    /// Tells somebody.
    courier: Courier,
    /// What the plan allows a day; 0 is no bound.
    allowance: Usage,
    /// Seconds from one look to the next; 0 if nobody looks but by hand.
    every_seconds: u32,
}

/// What of the settings watching depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Shards that are written to now.
    pub(crate) log_shards: ShardId,
    /// Seconds from one look to the next; 0 if nobody looks but by hand.
    pub(crate) every_seconds: u32,
    /// What the plan allows a day; 0 is no bound.
    pub(crate) allowance: Usage,
}

impl Watch {
    /// Watches what stands in `registry` and in `log`.
    pub(crate) fn new(
        registry: Arc<dyn Registry>,
        artifacts: Arc<dyn ArtifactStore>,
        serving: Arc<Serving>,
        log: Arc<dyn PredictionLog>,
        courier: Courier,
        settings: Settings,
    ) -> Self {
        let Settings { log_shards, every_seconds, allowance } = settings;
        let retrainer = Retrainer {
            registry: Arc::clone(&registry),
            artifacts,
            serving: Arc::clone(&serving),
            log: Arc::clone(&log),
            log_shards,
        };
        Self { registry, serving, log, log_shards, retrainer, courier, allowance, every_seconds }
    }

    /// Does what there is to do by itself: looks if it is time to, tells what is to be told, and takes a step of the retraining that
    /// runs. Milliseconds
    /// until there is more to do, if there ever is.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written.
    pub(crate) async fn work<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<i64>, StorageError> {
        let every = self.every_millis();
        let last_look = Documents(store).standing()?.last_look_millis;
        // A clock that was set back does not keep it from looking.
        let waits = last_look.map_or(0, |last| (last + every - now_millis).clamp(0, every));
        if every > 0 && waits == 0 {
            self.look(store, now_millis, Wish::Nothing).await?;
        }
        self.courier.deliver(store, now_millis).await?;
        let next_step = self.retrainer.step(store, now_millis).await?;
        self.tell_retraining(store, now_millis)?;
        let next_look = (every > 0).then_some(if waits == 0 { every } else { waits });
        let next_alert = self.courier.next(store, now_millis)?;
        Ok([next_look, next_step, next_alert].into_iter().flatten().min())
    }

    /// Milliseconds after which there is surely something to do, whatever becomes of what is done now; if there ever is.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read.
    pub(crate) fn at_latest<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<i64>, StorageError> {
        const AGAIN: i64 = 1_000;
        if retraining::past(store, now_millis)?.is_running {
            return Ok(Some(AGAIN));
        }
        let every = self.every_millis();
        let next_look = (every > 0).then_some(every);
        let next_alert = self.courier.next(store, now_millis)?.map(|millis| millis.max(AGAIN));
        Ok([next_look, next_alert].into_iter().flatten().min())
    }

    /// Milliseconds until there is something to do besides looking, if there is.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read.
    pub(crate) fn waits<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<Option<i64>, StorageError> {
        let next_step = retraining::waits(store, now_millis)?;
        let next_alert = self.courier.next(store, now_millis)?;
        Ok([next_step, next_alert].into_iter().flatten().min())
    }

    fn every_millis(&self) -> i64 {
        i64::from(self.every_seconds) * 1_000
    }

    /// Answers from `store`, having looked first if that is asked for.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written.
    pub(crate) async fn answer<S: DocumentStore>(
        &self,
        store: &S,
        question: &WatchQuestion,
        now_millis: i64,
    ) -> Result<WatchAnswer, StorageError> {
        let documents = Documents(store);
        let (before, limit) = match question {
            WatchQuestion::Look => {
                self.look(store, now_millis, Wish::Nothing).await?;
                return self.status(store);
            }
            WatchQuestion::Retrain { actor } => {
                return self.retrain(store, now_millis, actor).await;
            }
            WatchQuestion::CancelRetraining { actor } => {
                let is_stopped = retraining::cancel(store, actor, now_millis)?;
                let refused = (!is_stopped).then(|| "no retraining is under way".to_owned());
                return Self::retraining(store, refused);
            }
            WatchQuestion::Retrainings => {
                return Ok(WatchAnswer::Retrainings { retrainings: retraining::list(store)? });
            }
            WatchQuestion::Alerts => {
                return Ok(WatchAnswer::Alerts { alerts: alerting::list(store)? });
            }
            WatchQuestion::TestAlert => {
                let tested = self.courier.test(store, now_millis).await?;
                return Ok(WatchAnswer::Alerts { alerts: tested.into_iter().collect() });
            }
            WatchQuestion::Approve { actor } => {
                let taken = self.look(store, now_millis, Wish::Step(actor)).await?;
                let decisions = taken.map(|number| documents.decisions(Some(number + 1), 1));
                let decisions = decisions.transpose()?.unwrap_or_default();
                return Ok(WatchAnswer::Decisions { decisions, more: false });
            }
            WatchQuestion::Decisions { before, limit } => {
                let mut decisions = documents.decisions(*before, limit.saturating_add(1))?;
                let more = decisions.len() > *limit;
                decisions.truncate(*limit);
                return Ok(WatchAnswer::Decisions { decisions, more });
            }
            WatchQuestion::Status => return self.status(store),
            WatchQuestion::Windows { before, limit } => (*before, *limit),
            WatchQuestion::Window { number } => {
                let windows = documents.window(*number)?.into_iter().collect();
                let watching = self.watching(store)?;
                return Ok(WatchAnswer::Windows { windows, more: false, watching });
            }
        };
        let mut windows = documents.windows(before, limit.saturating_add(1))?;
        let more = windows.len() > limit;
        windows.truncate(limit);
        Ok(WatchAnswer::Windows { windows, more, watching: self.watching(store)? })
    }

    /// Looks, and begins a retraining on behalf of `actor` if nothing stands in the way.
    async fn retrain<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
        actor: &str,
    ) -> Result<WatchAnswer, StorageError> {
        let before = retraining::list(store)?.first().map(|last| last.number);
        let taken = self.look(store, now_millis, Wish::Retrain(actor)).await?;
        let now = retraining::list(store)?.first().map(|last| last.number);
        if now > before {
            return Self::retraining(store, None);
        }
        let decision = match taken {
            Some(number) => Documents(store).decisions(Some(number + 1), 1)?.pop(),
            None => None,
        };
        let says = decision.as_ref().and_then(|it| it.get("says")).and_then(Value::as_str);
        let is_trial = decision.as_ref().is_some_and(|it| it.get("trial").is_some());
        let why = match says {
            Some(_) if is_trial => {
                "a trial is under way, whose challenger would have to be given up: end it first"
            }
            Some(says) => says,
            None => "nothing can be seen: GET /api/v1/monitoring/windows says why",
        };
        Self::retraining(store, Some(why.to_owned()))
    }

    fn retraining(
        store: &impl DocumentStore,
        refused: Option<String>,
    ) -> Result<WatchAnswer, StorageError> {
        let last = retraining::list(store)?.into_iter().next();
        Ok(WatchAnswer::Retraining { refused, retraining: last.map(Box::new) })
    }

    fn status(&self, store: &impl DocumentStore) -> Result<WatchAnswer, StorageError> {
        Ok(WatchAnswer::Watching { watching: self.watching(store)?, usage: store.usage() })
    }

    fn watching(&self, store: &impl DocumentStore) -> Result<Watching, StorageError> {
        let standing = Documents(store).standing()?;
        Ok(Watching {
            every_seconds: self.every_seconds,
            n_looks: standing.n_looks,
            last_look: standing.last_look_millis.map(time::rfc3339_millis),
            failure: standing.failure,
            window_rows: [MIN_ROWS, MAX_ROWS].map(|rows| u64::try_from(rows).unwrap_or(u64::MAX)),
            versions: standing.versions.into_iter().map(watched).collect(),
        })
    }

    /// Looks once, does what is right to do, and keeps both, all of it or nothing. What keeps it from seeing is kept, too.
    /// Somebody may wish for more than a look. The number of the decision, if one could be taken.
    ///
    /// What is done is the registry's transaction, before anything is kept here. If this ends between the two, the ledger
    /// tells it, and the next look starts from there.
    ///
    /// # Errors
    /// [`StorageError`] if `store` can't be read or written.
    pub(crate) async fn look<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
        wish: Wish<'_>,
    ) -> Result<Option<u64>, StorageError> {
        let before = Documents(store).standing()?;
        let past = retraining::past(store, now_millis)?;
        let seen = self.see(&before, now_millis, past, store.usage(), wish).await;
        let mut found = None;
        let (mut after, windows, mut decision, order) = match seen {
            Ok(Seen { after, windows, pointer, decided, findings }) => {
                found = findings;
                let acted = match decided {
                    Some((policy, decided)) => {
                        Some(self.act(&pointer, policy, decided, now_millis, wish).await)
                    }
                    None => None,
                };
                let (decision, order) = acted.unzip();
                (after, windows, decision, order.flatten())
            }
            Err(why) => (Standing { failure: Some(why), ..before.clone() }, Vec::new(), None, None),
        };
        after.last_look_millis = Some(now_millis);
        after.first_look_millis = before.first_look_millis.or(Some(now_millis));
        store.atomically(|| {
            let documents = Documents(store);
            // Somebody else may have looked meanwhile. If windows came of it, these rows are in them.
            let now = documents.standing()?;
            let mut next = now.clone();
            if now.last_number == before.last_number {
                windows.iter().try_for_each(|window| documents.add_window(window))?;
                let last_decision = now.last_decision;
                next = Standing { n_looks: now.n_looks + 1, last_decision, ..after.clone() };
            }
            if let (Some(order), Some(decision)) = (&order, &mut decision) {
                // Somebody else may have begun one meanwhile.
                if retraining::past(store, now_millis)?.is_running {
                    decision.outcome = LoopOutcome::Nothing;
                } else {
                    let number = retraining::begin(store, order.clone())?;
                    decision.evidence.insert("retraining".to_owned(), number.into());
                }
            }
            (next.requests, next.used) = (after.requests, after.used.clone());
            if let Some(decision) = &mut decision {
                next.last_decision += 1;
                decision.number = next.last_decision;
                documents.add_decision(decision)?;
            }
            let failure = after.failure.as_deref();
            let seen = found.as_ref().zip(decision.as_ref());
            let seen = seen.map(|(found, decision)| (found, decision, &next.used));
            next.conditions = self.tell(store, now.conditions, seen, failure, now_millis)?;
            documents.set_standing(&next)?;
            Ok(decision.as_ref().map(|decision| decision.number))
        })
    }

    /// What there is to see since `before`; in a sentence why nothing can be seen.
    async fn see(
        &self,
        before: &Standing,
        now_millis: i64,
        past: Past,
        own_usage: Usage,
        wish: Wish<'_>,
    ) -> Result<Seen, String> {
        // Not what this isolate remembers of it.
        self.serving.forget_pointer();
        let pointer = self.serving.pointer(None).await;
        let pointer = pointer.ok_or("nobody tells who serves")?;
        let deployment = &pointer.deployment;
        // A challenger in the shadow answers nobody: the rows are the champion's.
        let live = deployment.draw().and(deployment.challenger.as_ref());
        let answering = [(ServingRole::Champion, &deployment.champion)].into_iter();
        let answering = answering.chain(live.map(|it| (ServingRole::Challenger, it)));
        let level = self.alarm_level() / if live.is_some() { 2.0 } else { 1.0 };
        let failed = |error: StorageError| error.to_string();
        let status = reader::status(self.log.as_ref(), self.log_shards).await.map_err(failed)?;
        let requests = predict_requests(&status.counters);
        let span = HourSpan::default();
        let tallies = reader::tallies(self.log.as_ref(), self.log_shards, &span).await;
        let tallies = tallies.map_err(failed)?;
        let mut after = Standing { failure: None, ..before.clone() };
        after.requests = Some(requests);
        after.used = self.used(&before.used, &status, own_usage, now_millis).await;
        let (mut windows, mut versions) = (Vec::new(), Vec::new());
        for (role, model) in answering {
            let known = before.of(model).cloned();
            let mut watched = known.unwrap_or_else(|| Watched::new(model.clone()));
            watched.role = role;
            let look = Look { now_millis, number: after.last_number + 1, level };
            match self.see_version(&mut watched, look, requests, &tallies).await {
                Ok(Some(window)) => {
                    after.last_number = window.number;
                    windows.push(window);
                }
                Ok(None) => {}
                // The other one is seen all the same.
                Err(why) => after.failure = Some(format!("version {}: {why}", model.version)),
            }
            versions.push(watched);
        }
        let champion = versions.iter().find(|it| it.role == ServingRole::Champion);
        let newest = champion.and_then(|it| it.newest.as_ref());
        let drifted = newest.map_or((0, 1.0), |it| (it.drift.n_in_a_row, it.drift.p_value));
        let drifted_from = champion.and_then(|it| it.drifted_from.as_deref());
        let policy = self.policy().await;
        let has_drifted = policy.as_ref().is_ok_and(|it| deciding::has_drifted(drifted, it, level));
        // What rows were before they drifted is not what they are to be learnt from.
        let n_labelled_since = match (drifted_from, &policy) {
            (Some(from), Ok(policy)) if has_drifted => {
                let found = self.retrainer.labelled_rows(policy.min_rows, Some(from)).await;
                Some(found.map_err(failed)?.len().try_into().unwrap_or(u64::MAX))
            }
            _ => None,
        };
        let [mut n_labelled, at_most] = deciding::n_labelled(&tallies);
        let mut n_kept = 0;
        if let Ok(policy) = &policy
            && [policy.min_rows, policy.min_rows.div_ceil(ROWS_PER_LABELLED)]
                .iter()
                .any(|needed| (n_labelled + 1..=at_most).contains(needed))
        {
            // Those of all versions may be enough: only then are they looked through.
            let found = self.retrainer.labelled_rows(policy.min_rows, None).await;
            n_labelled = found.map_err(failed)?.len().try_into().unwrap_or(u64::MAX);
        }
        if let Ok(policy) = &policy
            && n_labelled < policy.min_rows
            && n_labelled >= policy.min_rows.div_ceil(ROWS_PER_LABELLED)
            && deployment.trial.is_none()
            && n_labelled_since.is_none()
        {
            // With those that are kept they may be enough. Without them there is as much to decide as before.
            let kept = self.retrainer.n_kept(&deployment.champion, n_labelled).await;
            n_kept = kept.unwrap_or(0);
        }
        let decided = policy.map(|policy| {
            let sight = Sight {
                deployment,
                policy: &policy,
                tallies: &tallies,
                counters: &status.counters,
                drifted,
                level,
                drifted_from,
                n_labelled_since,
                n_labelled,
                n_kept,
                past,
                is_asked: matches!(wish, Wish::Retrain(_)),
                hours_watched: before
                    .first_look_millis
                    .map_or(0.0, |first| (now_millis - first).max(0) as f64 / HOUR_MILLIS),
            };
            let decision = decide(sight);
            let findings = Findings {
                n_drifted: has_drifted.then_some(drifted.0),
                labelled: report::labelled(&tallies, deployment.champion.version),
                traffic: requests.since(before.requests.or(Some(requests))),
                policy: policy.clone(),
            };
            ((policy, decision), findings)
        });
        if let Err(error) = &decided {
            after.failure = Some(error.to_string());
        }
        let (decided, findings) = decided.ok().unzip();
        after.set_answering(versions);
        Ok(Seen { after, windows, pointer, decided, findings })
    }

    async fn policy(&self) -> Result<Policy, RegistryError> {
        match self.registry.query(&Query::Policy).await? {
            Answer::Policy { policy, .. } => Ok(*policy),
            _ => Err(RegistryError::unexpected_answer()),
        }
    }

    /// Does what was decided, as far as the policy lets it, or somebody wishes it. A retraining that is to begin is only ordered.
    async fn act(
        &self,
        pointer: &Pointer,
        policy: Policy,
        decided: Decision,
        at_millis: i64,
        wish: Wish<'_>,
    ) -> (LoopDecision, Option<Order>) {
        let Pointer { generation, deployment, .. } = pointer;
        let change = decided.change();
        let Decision { step, mut says, evidence, retrain, from_id } = decided;
        let approver = if let Wish::Step(actor) = wish { Some(actor) } else { None };
        let is_approved = approver.is_some();
        let mut order = None;
        let outcome = match (change, deployment.trial) {
            (Some((_, asks)), Some(_)) if asks && policy.mode == Mode::Approve && !is_approved => {
                LoopOutcome::Waits
            }
            (Some(_), Some(_)) if policy.mode == Mode::Off && !is_approved => LoopOutcome::Off,
            (Some((step, _)), Some(trial)) => {
                let change = Change::StepTrial {
                    trial: trial.number,
                    step,
                    reason: Some(says.chars().take(MAX_REASON).collect()),
                    evidence: Some(evidence.clone()),
                };
                let actor = approver.unwrap_or(ACTOR).to_owned();
                let if_generation = Some(*generation);
                let request = ChangeRequest { change, actor, at_millis, if_generation, then: None };
                let changed = self.registry.change(&request).await;
                self.serving.forget_pointer();
                match changed {
                    Ok(_) => LoopOutcome::Done,
                    Err(error) => {
                        says += &format!(" It could not be done: {error}.");
                        LoopOutcome::Failed
                    }
                }
            }
            _ if step != LoopStep::Retrain => LoopOutcome::Nothing,
            // Something is in the way that an owner can clear.
            _ if retrain.is_empty() => LoopOutcome::Waits,
            _ => {
                let actor = if let Wish::Retrain(actor) = wish { Some(actor) } else { None };
                if policy.mode == Mode::Off && actor.is_none() {
                    LoopOutcome::Off
                } else {
                    order = Some(Order {
                        triggers: retrain,
                        actor: actor.unwrap_or(ACTOR).to_owned(),
                        champion: deployment.champion.clone(),
                        policy: policy.clone(),
                        from_id,
                        now_millis: at_millis,
                    });
                    LoopOutcome::Done
                }
            }
        };
        let decision = LoopDecision {
            number: 0,
            at: time::rfc3339_millis(at_millis),
            mode: match policy.mode {
                Mode::Auto => PolicyMode::Auto,
                Mode::Approve => PolicyMode::Approve,
                Mode::Off => PolicyMode::Off,
            },
            champion: deployment.champion.version,
            challenger: deployment.challenger.as_ref().map(|it| it.version),
            trial: deployment.trial.map(|trial| trial.number),
            stage: deployment.trial.map(|trial| trial.stage),
            step,
            outcome,
            says,
            evidence,
        };
        (decision, order)
    }

    /// The newest rows of a version that came after the one with the id `seen`, the oldest first.
    async fn newest_rows(
        &self,
        version: u64,
        seen: Option<&str>,
    ) -> Result<Vec<PredictionRecord>, String> {
        let mut records = Vec::new();
        let mut query = HistoryQuery {
            limit: MAX_ROWS,
            from_id: seen.map(str::to_owned),
            model_version: Some(version),
            ..HistoryQuery::default()
        };
        // A page may be shorter than asked for, or empty, and go on.
        for _ in 0..MAX_PAGES {
            let page = reader::page(self.log.as_ref(), self.log_shards, &query).await;
            let page = page.map_err(|error| error.to_string())?;
            for row in page.rows.iter().filter(|row| Some(row.id.as_str()) != seen) {
                let record = crate::json::from_str::<PredictionRecord>(&row.record);
                records.push(record.map_err(|error| format!("a row of the log: {error}"))?);
            }
            query.before_id = page.next;
            if query.before_id.is_none() || records.len() >= MAX_ROWS {
                break;
            }
        }
        records.truncate(MAX_ROWS);
        records.reverse();
        Ok(records)
    }

    /// The p-value that an alarm takes where one version answers; two share it. Who looks by hand alone is not taken to look
    /// more often than others.
    fn alarm_level(&self) -> f64 {
        const BY_HAND: u32 = 900;
        alarm_level(if self.every_seconds == 0 { BY_HAND } else { self.every_seconds })
    }

    /// The window of a version, if it has rows enough; in a sentence why they can't be seen.
    async fn see_version(
        &self,
        watched: &mut Watched,
        look: Look,
        requests: PredictRequests,
        tallies: &[Tally],
    ) -> Result<Option<WindowReport>, String> {
        let newest_id = watched.newest_id.as_deref();
        let rows = self.newest_rows(watched.model.version, newest_id).await?;
        watched.waiting_rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let ends = rows.first().zip(rows.last()).filter(|_| rows.len() >= MIN_ROWS);
        let Some((oldest, newest)) = ends else { return Ok(None) };
        let window = self.window(watched, &rows, look, requests, tallies).await?;
        watched.take(&window, [&oldest.id, &newest.id], requests);
        Ok(Some(window))
    }

    async fn window(
        &self,
        watched: &Watched,
        rows: &[PredictionRecord],
        look: Look,
        requests: PredictRequests,
        tallies: &[Tally],
    ) -> Result<WindowReport, String> {
        let ModelRef { version, model_id } = &watched.model;
        let model = self.serving.load(&watched.model).await.map_err(|error| error.to_string())?;
        let Look { now_millis, number, level } = look;
        let end = |row: Option<&PredictionRecord>| {
            row.map(|row| row.timestamp.clone()).unwrap_or_default()
        };
        let failed = |error: model_core::drift::DriftError| error.to_string();
        Ok(WindowReport {
            number,
            at: time::rfc3339_millis(now_millis),
            version: *version,
            model_id: model_id.clone(),
            role: watched.role,
            n: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            from: end(rows.first()),
            to: end(rows.last()),
            drift: window::drift(&model.artifact, rows, watched.n_in_a_row, level)
                .map_err(failed)?,
            predictions: window::predictions(&model.artifact, rows).map_err(failed)?,
            warnings: window::warnings(rows),
            traffic: requests.since(watched.requests),
            labelled: report::labelled(tallies, *version),
        })
    }
}

/// Most pages that are read for a window.
const MAX_PAGES: usize = 8;

const HOUR_MILLIS: f64 = 3_600_000.0;

/// What somebody wants beyond a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish<'a> {
    /// Nothing.
    Nothing,
    /// That the step is taken that waits for an owner, of whom this is one.
    Step(&'a str),
    /// That another model is trained, says this owner.
    Retrain(&'a str),
}

/// What a look saw, and what is right to do.
struct Seen {
    after: Standing,
    windows: Vec<WindowReport>,
    pointer: Arc<Pointer>,
    /// None if what is decided by was not to be had.
    decided: Option<(Policy, Decision)>,
    findings: Option<Findings>,
}

/// A look at one version.
#[derive(Clone, Copy)]
struct Look {
    now_millis: i64,
    /// Number that its window gets.
    number: u64,
    /// The p-value that an alarm takes.
    level: f64,
}

impl PredictRequests {
    /// Those since `before`; all of them if nobody counted then.
    fn since(self, before: Option<Self>) -> WindowTraffic {
        let before = before.unwrap_or_default();
        WindowTraffic {
            requests: self.all.saturating_sub(before.all),
            refused: self.refused.saturating_sub(before.refused),
            failed: self.failed.saturating_sub(before.failed),
        }
    }
}

fn watched(watched: Watched) -> WatchedVersion {
    let Watched { model, role, waiting_rows, newest, .. } = watched;
    let ModelRef { version, model_id } = model;
    WatchedVersion { version, model_id, role, waiting_rows, newest }
}

fn without_features(window: &WindowReport) -> WindowReport {
    let drift = WindowDrift { features: Vec::new(), ..window.drift.clone() };
    WindowReport { drift, ..window.clone() }
}
