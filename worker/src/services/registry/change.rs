//! Changes, each with its checks and its entry in the ledger.

use model_core::lifecycle::{Policy, Stage};
use serde_json::{Map, Value, json};
use tepal_api::{Trial, TrialStage};

use super::documents::{Documents, RevokedKey, State};
use super::ledger;
use crate::ports::{
    Change, ChangeRequest, Changed, DatasetRecord, Deployment, DocumentStore, KeyRecord, Mode,
    ModelRef, Published, RegistryError, TrialStep, Version,
};
use crate::services::time;

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 2_000;
/// Most tags of a version, and the longest one.
const MAX_TAGS: usize = 32;
const MAX_TAG: usize = 64;
/// Longest alias.
const MAX_ALIAS: usize = 64;
/// Most free aliases.
const MAX_ALIASES: usize = 256;
/// Longest reason.
pub(crate) const MAX_REASON: usize = 500;
/// Longest evidence, in bytes of JSON.
const MAX_EVIDENCE: usize = 2_048;
/// So many champions can be gone back to, one after the other.
const MAX_FORMER_CHAMPIONS: usize = 32;
/// Most versions.
const MAX_VERSIONS: u64 = 10_000;
/// Most keys, revoked ones included; expired ones make room.
const MAX_KEYS: usize = 1_000;
/// Most data sets.
const MAX_DATASETS: usize = 16;
/// A whole, in hundredths of a per cent.
const WHOLE: u16 = 10_000;

/// What is said of a version that was trained at the edge.
fn of_retraining(origin: &Map<String, Value>) -> String {
    let number = |name: &str| origin.get(name).and_then(Value::as_u64).unwrap_or(0);
    let kept = match number("kept_rows") {
        0 => String::new(),
        kept => format!(" and {kept} kept ones"),
    };
    format!(
        "Trained at the edge on {} labelled rows{kept}, while version {} served.",
        number("rows"),
        number("parent")
    )
}

/// Does the change; to be called in a transaction.
pub(super) fn apply(
    store: &impl DocumentStore,
    request: &ChangeRequest,
) -> Result<Changed, RegistryError> {
    let documents = Documents(store);
    let state = documents.state()?;
    if request.if_generation.is_some_and(|generation| generation != state.generation) {
        return Err(RegistryError::Stale { generation: state.generation });
    }
    let mut applying = Applying { documents, state, request };
    let Some(done) = applying.change()? else {
        // Published before, or not the first: everything is as asked for already.
        return Ok(applying.changed(false, applying.standing_version()?));
    };
    applying.enter(done.action, done.details)?;
    Ok(applying.changed(true, done.version))
}

/// A change under way.
struct Applying<'a, S> {
    documents: Documents<'a, S>,
    state: State,
    request: &'a ChangeRequest,
}

/// What was done, for the ledger.
struct Done {
    action: String,
    details: Map<String, Value>,
    version: Option<u64>,
}

/// What a deployment is to be; what is absent stays.
#[derive(Default)]
struct Asked {
    champion: Option<u64>,
    challenger: Option<Option<u64>>,
    split_basis_points: Option<u16>,
    mode: Option<Mode>,
    public_artifact: Option<bool>,
    probation: bool,
}

/// What a change of who serves is done for, in its owner's words and figures.
#[derive(Default)]
struct Why<'a> {
    reason: Option<&'a str>,
    evidence: Option<Map<String, Value>>,
}

impl<'a> Why<'a> {
    fn checked(
        reason: Option<&'a str>,
        evidence: Option<&Map<String, Value>>,
    ) -> Result<Self, RegistryError> {
        if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
            return Err(invalid("reason", format!("a reason has at most {MAX_REASON} characters")));
        }
        let evidence = evidence.cloned().map(ledger::plain);
        if evidence.as_ref().is_some_and(|it| json!(it).to_string().len() > MAX_EVIDENCE) {
            let why = format!("evidence has at most {MAX_EVIDENCE} bytes of JSON");
            return Err(invalid("evidence", why));
        }
        if evidence.as_ref().is_some_and(|it| !ledger::has_plain_names(it)) {
            return Err(invalid("evidence", "names in evidence are ASCII"));
        }
        Ok(Self { reason, evidence })
    }

    /// From what to what, and why.
    fn details(&self, before: &Deployment, after: &Deployment) -> Value {
        let mut details = json!({
            "from": described(before), "to": described(after), "reason": self.reason,
        });
        if let (Value::Object(details), Some(evidence)) = (&mut details, &self.evidence) {
            details.insert("evidence".to_owned(), Value::Object(evidence.clone()));
        }
        details
    }
}

fn done(action: &str, version: Option<u64>, details: Value) -> Done {
    let details = if let Value::Object(details) = details { details } else { Map::new() };
    Done { action: action.to_owned(), details, version }
}

fn not_found(what: String) -> RegistryError {
    RegistryError::NotFound { what }
}

fn conflict(why: impl Into<String>) -> RegistryError {
    RegistryError::Conflict { why: why.into() }
}

fn invalid(member: &str, why: impl Into<String>) -> RegistryError {
    RegistryError::Invalid { member: member.to_owned(), why: why.into() }
}

impl<S: DocumentStore> Applying<'_, S> {
    /// Changes documents and state; `None` if there is nothing to change.
    fn change(&mut self) -> Result<Option<Done>, RegistryError> {
        match &self.request.change {
            Change::Bootstrap { model } if self.state.last_version == 0 => {
                let version = self.add_version(model)?;
                let champion = ModelRef { version, model_id: model.model_id.clone() };
                self.state.deployment = Some(alone(champion));
                let details = json!({ "version": version, "model_id": model.model_id });
                Ok(Some(done("publish", Some(version), details)))
            }
            Change::Bootstrap { .. } => Ok(None),
            Change::Publish { model, retrained } => self.publish(model, retrained.as_ref()),
            Change::Describe { version, description, tags, archived } => {
                self.describe(*version, description.as_deref(), tags.as_deref(), *archived)
            }
            Change::SetAlias { alias, version } => self.set_alias(alias, *version),
            Change::DeleteAlias { alias } => self.delete_alias(alias),
            Change::Deploy { .. } => self.deploy(),
            Change::Rollback { reason, evidence } => {
                self.roll_back(&Why::checked(reason.as_deref(), evidence.as_ref())?).map(Some)
            }
            Change::SetPolicy { policy } => self.set_policy(policy),
            Change::BeginTrial { challenger, reason } => {
                self.begin_trial(*challenger, &Why::checked(reason.as_deref(), None)?).map(Some)
            }
            Change::StepTrial { trial, step, reason, evidence } => {
                let why = Why::checked(reason.as_deref(), evidence.as_ref())?;
                self.step_trial(*trial, *step, &why).map(Some)
            }
            Change::MintKey { key } => self.mint(key).map(Some),
            Change::RevokeKey { key_id } => self.revoke(key_id),
            Change::KeepDataset { dataset } => self.keep_dataset(dataset),
            Change::DropDataset { data_hash } => self.drop_dataset(data_hash),
            Change::Note { action, details } => Ok(Some(Done {
                action: action.clone(),
                details: ledger::plain(details.clone()),
                version: None,
            })),
        }
    }

    /// Writes the ledger's entry, raises the generation and keeps the state.
    fn enter(&mut self, action: String, details: Map<String, Value>) -> Result<(), RegistryError> {
        let entry = ledger::entry(
            self.state.last_sequence + 1,
            time::rfc3339_millis(self.request.at_millis),
            self.request.actor.clone(),
            &action,
            details,
            self.state.audit_head.clone(),
        );
        self.documents.add_entry(&entry)?;
        self.state.last_sequence = entry.sequence;
        self.state.audit_head = entry.hash;
        self.state.generation += 1;
        let now = self.request.at_millis;
        self.state.revoked_keys.retain(|key| key.expires_at_millis > now);
        self.documents.set_state(&self.state)
    }

    fn changed(&self, fresh: bool, version: Option<u64>) -> Changed {
        let audit_head = self.state.audit_head.clone();
        Changed { generation: self.state.generation, audit_head, fresh, version, then: None }
    }

    /// The version that a change which changes nothing is about.
    fn standing_version(&self) -> Result<Option<u64>, RegistryError> {
        match &self.request.change {
            Change::Bootstrap { model } | Change::Publish { model, .. } => {
                self.documents.version_of_model(&model.model_id)
            }
            _ => Ok(None),
        }
    }

    fn version(&self, version: u64) -> Result<Version, RegistryError> {
        self.documents.version(version)?.ok_or_else(|| not_found(format!("version {version}")))
    }

    /// The version, if it may be chosen to serve or be pointed to.
    fn choosable(&self, version: u64) -> Result<ModelRef, RegistryError> {
        let found = self.version(version)?;
        if found.archived {
            return Err(conflict(format!(
                "version {version} is archived: take it out of the archive first"
            )));
        }
        Ok(ModelRef { version, model_id: found.model.model_id })
    }

    fn deployment(&self) -> Result<Deployment, RegistryError> {
        let deployment = self.state.deployment.clone();
        deployment.ok_or_else(|| conflict("nothing is published yet: publish a model first"))
    }

    fn add_version(&mut self, model: &Published) -> Result<u64, RegistryError> {
        if self.state.last_version >= MAX_VERSIONS {
            return Err(conflict(format!(
                "the registry is full: it holds {MAX_VERSIONS} versions"
            )));
        }
        let version = self.state.last_version + 1;
        let description = match &self.request.change {
            Change::Publish { retrained: Some(origin), .. } => of_retraining(origin),
            _ => String::new(),
        };
        self.documents.set_version(&Version {
            version,
            published_at_millis: self.request.at_millis,
            model: model.clone(),
            description,
            tags: Vec::new(),
            archived: false,
        })?;
        self.documents.set_version_of_model(&model.model_id, version)?;
        self.state.last_version = version;
        Ok(version)
    }

    fn publish(
        &mut self,
        model: &Published,
        retrained: Option<&Map<String, Value>>,
    ) -> Result<Option<Done>, RegistryError> {
        if self.documents.version_of_model(&model.model_id)?.is_some() {
            return Ok(None);
        }
        if self.state.deployment.is_none() {
            // Who comes first serves, which is not for a publisher to decide.
            let why = "the built-in model isn't version 1 yet: try again".to_owned();
            return Err(RegistryError::Storage { why });
        }
        let version = self.add_version(model)?;
        let details = json!({
            "version": version,
            "model_id": model.model_id,
            "family": model.family,
            "bytes": model.bytes,
            "carries_rows": model.carries_rows,
        });
        let Some(retrained) = retrained else {
            return Ok(Some(done("publish", Some(version), details)));
        };
        let mut done = done("retrain", Some(version), details);
        done.details.extend(ledger::plain(retrained.clone()));
        Ok(Some(done))
    }

    fn describe(
        &mut self,
        number: u64,
        description: Option<&str>,
        tags: Option<&[String]>,
        archived: Option<bool>,
    ) -> Result<Option<Done>, RegistryError> {
        let before = self.version(number)?;
        let mut version = before.clone();
        let mut members = Vec::new();
        if let Some(description) = description {
            if description.chars().count() > MAX_DESCRIPTION {
                let why = format!("a description has at most {MAX_DESCRIPTION} characters");
                return Err(invalid("description", why));
            }
            version.description = description.to_owned();
            members.push("description");
        }
        if let Some(tags) = tags {
            let fits = |tag: &String| !tag.is_empty() && tag.chars().count() <= MAX_TAG;
            if tags.len() > MAX_TAGS || !tags.iter().all(fits) {
                let why = format!("at most {MAX_TAGS} tags of 1 to {MAX_TAG} characters");
                return Err(invalid("tags", why));
            }
            version.tags = tags.to_vec();
            members.push("tags");
        }
        if let Some(archived) = archived {
            if archived && self.names_of(number)?.iter().any(|_| true) {
                return Err(conflict(format!(
                    "version {number} is in use: take its aliases away and let others serve first"
                )));
            }
            let before = self.documents.n_archived(&self.state)?;
            let without = before.saturating_sub(u64::from(version.archived));
            self.state.archived = Some(without + u64::from(archived));
            version.archived = archived;
            members.push("archived");
        }
        if version == before {
            return Ok(None);
        }
        self.documents.set_version(&version)?;
        // What the texts say stays out of the ledger: they may name people, and can be changed.
        let details = json!({
            "version": number, "changed": members, "archived": version.archived,
        });
        Ok(Some(done("describe", Some(number), details)))
    }

    /// Aliases of a version, those of the deployment included.
    fn names_of(&self, version: u64) -> Result<Vec<String>, RegistryError> {
        let free = self.documents.aliases()?;
        Ok(names(version, self.state.deployment.as_ref(), &free))
    }

    fn set_alias(&mut self, alias: &str, version: u64) -> Result<Option<Done>, RegistryError> {
        match alias {
            "champion" => {
                let asked = Asked { champion: Some(version), ..Asked::default() };
                return self.redeploy(asked, &Why::default());
            }
            "challenger" => {
                let asked = Asked { challenger: Some(Some(version)), ..Asked::default() };
                return self.redeploy(asked, &Why::default());
            }
            _ => {}
        }
        let first = alias.chars().next().is_some_and(|first| first.is_ascii_lowercase());
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if !first || alias.len() > MAX_ALIAS || !alias.chars().all(fits) {
            let why = format!(
                "an alias starts with a letter and has at most {MAX_ALIAS} of a to z, 0 to 9, -, _ and ."
            );
            return Err(invalid("alias", why));
        }
        self.choosable(version)?;
        let before = self.documents.alias(alias)?;
        if before == Some(version) {
            return Ok(None);
        }
        if before.is_none() && self.documents.aliases()?.len() >= MAX_ALIASES {
            return Err(conflict(format!("there are {MAX_ALIASES} aliases: delete one first")));
        }
        self.documents.set_alias(alias, version)?;
        let details = json!({ "alias": alias, "from": before, "to": version });
        Ok(Some(done("alias", Some(version), details)))
    }

    fn delete_alias(&mut self, alias: &str) -> Result<Option<Done>, RegistryError> {
        match alias {
            "champion" => Err(conflict("somebody must serve: put another champion in its place")),
            "challenger" => {
                if self.deployment()?.challenger.is_none() {
                    return Err(not_found("alias challenger".into()));
                }
                let asked = Asked { challenger: Some(None), ..Asked::default() };
                self.redeploy(asked, &Why::default())
            }
            _ => {
                let before = self.documents.alias(alias)?;
                let before = before.ok_or_else(|| not_found(format!("alias {}", short(alias))))?;
                self.documents.delete_alias(alias)?;
                let details = json!({ "alias": alias, "from": before, "to": null });
                Ok(Some(done("alias", Some(before), details)))
            }
        }
    }

    fn deploy(&mut self) -> Result<Option<Done>, RegistryError> {
        let Change::Deploy {
            champion,
            challenger,
            split_basis_points,
            mode,
            public_artifact,
            probation,
            reason,
            evidence,
        } = &self.request.change
        else {
            return Err(conflict("this is no deployment"));
        };
        let asked = Asked {
            champion: *champion,
            challenger: *challenger,
            split_basis_points: *split_basis_points,
            mode: *mode,
            public_artifact: *public_artifact,
            probation: *probation,
        };
        self.redeploy(asked, &Why::checked(reason.as_deref(), evidence.as_ref())?)
    }

    /// Another deployment; what is absent stays, but for a share and a challenger that make no sense
    /// any more, and for the leave to download, which was given for the champion of that time.
    fn redeploy(&mut self, asked: Asked, why: &Why<'_>) -> Result<Option<Done>, RegistryError> {
        let before = self.deployment()?;
        let mut after = before.clone();
        if let Some(version) = asked.champion {
            after.champion = self.choosable(version)?;
        }
        if after.champion != before.champion {
            self.succeed(&mut after, &before.champion);
            // A challenger that won is none any more.
            if after.challenger.as_ref() == Some(&after.champion) {
                after.challenger = None;
                after.split_basis_points = 0;
            }
        }
        match asked.challenger {
            Some(Some(version)) => after.challenger = Some(self.choosable(version)?),
            Some(None) => {
                after.challenger = None;
                after.split_basis_points = 0;
            }
            None => {}
        }
        if let Some(challenger) = &after.challenger
            && (after.challenger != before.challenger || after.champion != before.champion)
        {
            self.check_alike(&after.champion, challenger)?;
        }
        after.split_basis_points = asked.split_basis_points.unwrap_or(after.split_basis_points);
        after.mode = asked.mode.unwrap_or(after.mode);
        if asked.probation {
            if after.champion == before.champion || after.challenger.is_some() {
                let why = "another champion is on probation, and without a challenger: the one before is asked beside it";
                return Err(invalid("probation", why));
            }
            self.check_alike(&after.champion, &before.champion)?;
            set_probation(&mut after, before.champion.clone());
        }
        // Whoever deals the requests by hand takes them out of the loop's hands.
        after.trial = if asked.probation {
            Some(Trial { number: self.state.last_sequence + 1, stage: TrialStage::Probation })
        } else {
            before.trial.filter(|_| after == before)
        };
        after.public_artifact = asked.public_artifact.unwrap_or(after.public_artifact);
        check(&after)?;
        if after == before {
            return Ok(None);
        }
        let version = after.champion.version;
        let details = why.details(&before, &after);
        self.state.deployment = Some(after);
        Ok(Some(done("deploy", Some(version), details)))
    }

    /// Notes that the champion of `after` comes after `before`, which is to come back if there is a rollback. The leave to
    /// download was given for that one.
    fn succeed(&mut self, after: &mut Deployment, before: &ModelRef) {
        self.state.former_champions.push(before.clone());
        if self.state.former_champions.len() > MAX_FORMER_CHAMPIONS {
            self.state.former_champions.remove(0);
        }
        after.previous_champion = Some(before.clone());
        after.public_artifact = false;
    }

    fn set_policy(&mut self, policy: &Policy) -> Result<Option<Done>, RegistryError> {
        policy.check().map_err(|error| invalid(error.field, error.to_string()))?;
        if *policy == self.state.policy {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.state.policy, policy.clone());
        let details = json!({ "from": before, "to": policy });
        let Value::Object(details) = details else { return Ok(None) };
        let details = ledger::plain(details);
        Ok(Some(Done { action: "policy".to_owned(), details, version: None }))
    }

    fn begin_trial(&mut self, challenger: u64, why: &Why<'_>) -> Result<Done, RegistryError> {
        let before = self.deployment()?;
        if let Some(trial) = before.trial {
            let number = trial.number;
            return Err(conflict(format!("trial {number} is under way: end it first")));
        }
        let challenger = self.choosable(challenger)?;
        self.check_alike(&before.champion, &challenger)?;
        let version = challenger.version;
        let number = self.state.last_sequence + 1;
        let after = Deployment {
            challenger: Some(challenger),
            split_basis_points: WHOLE,
            mode: Mode::Shadow,
            trial: Some(Trial { number, stage: TrialStage::Shadow }),
            ..before.clone()
        };
        check(&after)?;
        let details = why.details(&before, &after);
        self.state.deployment = Some(after);
        Ok(done("rollout", Some(version), details))
    }

    /// A step that does not follow from where the trial stands is none: two who look at once do not step twice.
    fn step_trial(
        &mut self,
        number: u64,
        step: TrialStep,
        why: &Why<'_>,
    ) -> Result<Done, RegistryError> {
        let before = self.deployment()?;
        let (Some(trial), Some(challenger)) = (before.trial, before.challenger.clone()) else {
            return Err(conflict("no trial is under way"));
        };
        if trial.number != number {
            return Err(conflict(format!("trial {number} is over")));
        }
        let mut after = before.clone();
        let action = match (step, trial.stage) {
            (TrialStep::Advance, TrialStage::Shadow) => {
                set_live(&mut after, Trial { stage: TrialStage::Tenth, ..trial }, Stage::Tenth);
                "rollout"
            }
            (TrialStep::Advance, TrialStage::Tenth) => {
                set_live(&mut after, Trial { stage: TrialStage::Half, ..trial }, Stage::Half);
                "rollout"
            }
            (TrialStep::Promote, TrialStage::Half) => {
                after.champion = challenger;
                self.succeed(&mut after, &before.champion);
                set_probation(&mut after, before.champion.clone());
                // Counted anew: what its rows said before was what it was promoted for.
                let number = self.state.last_sequence + 1;
                after.trial = Some(Trial { number, stage: TrialStage::Probation });
                "promote"
            }
            (TrialStep::Drop, TrialStage::Shadow | TrialStage::Tenth | TrialStage::Half)
            | (TrialStep::Pass, TrialStage::Probation) => {
                set_alone(&mut after);
                "rollout"
            }
            (TrialStep::RollBack, TrialStage::Probation) => return self.roll_back(why),
            _ => return Err(conflict(format!("trial {number} is at another stage"))),
        };
        let version = before.on_trial();
        let mut details = why.details(&before, &after);
        details["step"] = json!(step);
        details["trial"] = json!(number);
        self.state.deployment = Some(after);
        Ok(done(action, version, details))
    }

    /// Callers send one kind of row and read one set of classes, whoever answers.
    fn check_alike(&self, champion: &ModelRef, challenger: &ModelRef) -> Result<(), RegistryError> {
        let interface = |of: &ModelRef| self.version(of.version).map(|it| it.model.interface);
        if champion == challenger || interface(champion)? == interface(challenger)? {
            return Ok(());
        }
        Err(conflict(format!(
            "version {} takes other columns or knows other classes than version {}: they can't answer \
             for each other",
            challenger.version, champion.version
        )))
    }

    fn roll_back(&mut self, why: &Why<'_>) -> Result<Done, RegistryError> {
        let before = self.deployment()?;
        let Some(previous) = self.state.former_champions.pop() else {
            return Err(conflict(
                "no champion came before this one: there is nothing to go back to",
            ));
        };
        // Not by `choosable`: whatever served may serve again, be it archived by now.
        let after = Deployment {
            champion: previous,
            challenger: None,
            split_basis_points: 0,
            mode: Mode::Live,
            public_artifact: false,
            previous_champion: self.state.former_champions.last().cloned(),
            trial: None,
        };
        let details = why.details(&before, &after);
        let version = after.champion.version;
        self.state.deployment = Some(after);
        Ok(done("rollback", Some(version), details))
    }

    fn mint(&self, key: &KeyRecord) -> Result<Done, RegistryError> {
        if self.documents.key(&key.key_id)?.is_some() {
            return Err(conflict("a key has this id already: ask for another one"));
        }
        self.make_room_for_a_key()?;
        self.documents.set_key(key)?;
        let expires = time::rfc3339_millis(key.expires_at_millis);
        let details = json!({ "key_id": key.key_id, "scopes": key.scopes, "expires_at": expires });
        Ok(done("key_minted", None, details))
    }

    /// Forgets keys that have expired if there are as many as can be: the ledger remembers them.
    fn make_room_for_a_key(&self) -> Result<(), RegistryError> {
        let keys = self.documents.keys()?;
        if keys.len() < MAX_KEYS {
            return Ok(());
        }
        let now = self.request.at_millis;
        let expired: Vec<_> = keys.iter().filter(|key| key.expires_at_millis <= now).collect();
        if expired.is_empty() {
            return Err(conflict(format!("the registry is full: {MAX_KEYS} keys count still")));
        }
        expired.into_iter().try_for_each(|key| self.documents.delete_key(&key.key_id))
    }

    fn revoke(&mut self, key_id: &str) -> Result<Option<Done>, RegistryError> {
        let Some(mut key) = self.documents.key(key_id)? else {
            return Err(not_found(format!("key {}", short(key_id))));
        };
        if key.revoked_at_millis.is_some() {
            return Ok(None);
        }
        let expires_at_millis = key.expires_at_millis;
        key.revoked_at_millis = Some(self.request.at_millis);
        self.documents.set_key(&key)?;
        if self.state.revoked_keys.iter().all(|revoked| revoked.key_id != key_id) {
            self.state
                .revoked_keys
                .push(RevokedKey { key_id: key_id.to_owned(), expires_at_millis });
        }
        Ok(Some(done("key_revoked", None, json!({ "key_id": key_id }))))
    }
}

impl<S: DocumentStore> Applying<'_, S> {
    /// `None` if they are kept already. What is of the same name and columns is kept since it was first.
    fn keep_dataset(&self, dataset: &DatasetRecord) -> Result<Option<Done>, RegistryError> {
        let mut dataset = dataset.clone();
        match self.documents.dataset(&dataset.data_hash)? {
            Some(known) => {
                if (&known.name, &known.interface) == (&dataset.name, &dataset.interface) {
                    dataset.kept_at_millis = known.kept_at_millis;
                }
                if known == dataset {
                    return Ok(None);
                }
            }
            None if self.documents.datasets()?.len() >= MAX_DATASETS => {
                return Err(conflict(format!(
                    "{MAX_DATASETS} data sets are kept, as many as can be: delete one first"
                )));
            }
            None => {}
        }
        self.documents.set_dataset(&dataset)?;
        let DatasetRecord { data_hash, rows, bytes, .. } = dataset;
        let details = json!({ "data_hash": data_hash, "rows": rows, "bytes": bytes });
        Ok(Some(done("dataset_kept", None, details)))
    }

    fn drop_dataset(&self, data_hash: &str) -> Result<Option<Done>, RegistryError> {
        if self.documents.dataset(data_hash)?.is_none() {
            return Err(not_found(format!("data set {}", short(data_hash))));
        }
        self.documents.delete_dataset(data_hash)?;
        Ok(Some(done("dataset_deleted", None, json!({ "data_hash": data_hash }))))
    }
}

/// The challenger answers the share of a stage of its trial.
fn set_live(deployment: &mut Deployment, trial: Trial, stage: Stage) {
    deployment.mode = Mode::Live;
    deployment.split_basis_points = stage.basis_points();
    deployment.trial = Some(trial);
}

/// The champion serves, and `before` is asked for every row in its shadow.
fn set_probation(deployment: &mut Deployment, before: ModelRef) {
    deployment.challenger = Some(before);
    deployment.mode = Mode::Shadow;
    deployment.split_basis_points = WHOLE;
}

/// The champion serves, nobody else.
fn set_alone(deployment: &mut Deployment) {
    deployment.challenger = None;
    deployment.mode = Mode::Live;
    deployment.split_basis_points = 0;
    deployment.trial = None;
}

/// A deployment of one champion.
fn alone(champion: ModelRef) -> Deployment {
    Deployment {
        champion,
        challenger: None,
        split_basis_points: 0,
        mode: Mode::Live,
        public_artifact: false,
        previous_champion: None,
        trial: None,
    }
}

/// Names that stand for a version.
pub(super) fn names(
    version: u64,
    deployment: Option<&Deployment>,
    free: &[(String, u64)],
) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(deployment) = deployment {
        if deployment.champion.version == version {
            names.push("champion".to_owned());
        }
        if deployment.challenger.as_ref().is_some_and(|it| it.version == version) {
            names.push("challenger".to_owned());
        }
    }
    names.extend(free.iter().filter(|(_, of)| *of == version).map(|(name, _)| name.clone()));
    names
}

fn check(deployment: &Deployment) -> Result<(), RegistryError> {
    if deployment.split_basis_points > WHOLE {
        return Err(invalid("split_basis_points", format!("a share is from 0 to {WHOLE}")));
    }
    match &deployment.challenger {
        Some(challenger) if *challenger == deployment.champion => {
            Err(invalid("challenger", "the challenger must be another version than the champion"))
        }
        None if deployment.split_basis_points > 0 => {
            Err(invalid("split_basis_points", "a share needs a challenger: name one, or send 0"))
        }
        Some(_) if deployment.mode == Mode::Shadow && deployment.split_basis_points == 0 => {
            let why = "a challenger in the shadow is asked for its share: send one, 10000 for all";
            Err(invalid("split_basis_points", why))
        }
        _ => Ok(()),
    }
}

/// A deployment in the ledger's words.
fn described(deployment: &Deployment) -> Value {
    let mut described = json!({
        "champion": deployment.champion.version,
        "champion_id": deployment.champion.model_id,
        "challenger": deployment.challenger.as_ref().map(|it| it.version),
        "challenger_id": deployment.challenger.as_ref().map(|it| &it.model_id),
        "split_basis_points": deployment.split_basis_points,
        "mode": deployment.mode,
        "public_artifact": deployment.public_artifact,
    });
    if let Some(Trial { number, stage }) = deployment.trial {
        described["trial"] = json!(number);
        described["stage"] = json!(stage);
    }
    described
}

/// So much of a name that isn't known that a reply can't grow with the request.
fn short(name: &str) -> String {
    name.chars().take(64).collect()
}
