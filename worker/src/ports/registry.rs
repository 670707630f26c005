//! The registry as the Worker sees it: what was published, what serves, who changed it.
//!
//! These types travel between the Worker and the registry's object and rest in its store, as JSON; a
//! field that is added needs a default for what is stored already.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tepal_api::{Trial, TrialStage};

use model_core::lifecycle::Policy;

use super::{StorageError, Usage};

/// A published model, as it was when it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Its content id, 64 hex digits.
    pub model_id: String,
    /// Its family's name.
    pub family: String,
    /// Name of the data set that it learned from.
    pub name: String,
    /// Bytes of its file.
    pub bytes: u64,
    /// When it was trained, in milliseconds since the Unix epoch; 0 if its receipt doesn't say.
    pub trained_at_millis: i64,
    /// Share of held-out rows that it got right.
    pub test_accuracy: Option<f64>,
    /// Mean accuracy of its cross-validation.
    pub cv_accuracy_mean: Option<f64>,
    /// Rows of its owner's data that its file holds.
    pub carries_rows: u64,
    /// Hash of what a row is given by and of the classes: models with the same one can stand in for each
    /// other.
    pub interface: String,
    /// What scoring it again on its held-out rows said.
    pub rescored: Rescoring,
}

/// What scoring a published model on the held-out rows that it carries said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Rescoring {
    /// As its evaluation says, on so many rows.
    Verified {
        /// Rows that it was scored on.
        n_rows: u64,
    },
    /// It couldn't be done, and why.
    Unverified {
        /// In words.
        reason: String,
    },
}

/// A version of the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its number, from 1 up.
    pub version: u64,
    /// When it was published.
    pub published_at_millis: i64,
    /// The model.
    pub model: Published,
    /// What its owner says of it.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// It is kept, and can't be chosen any more.
    pub archived: bool,
}

/// A version and its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    /// The version.
    pub version: u64,
    /// Its model's content id.
    pub model_id: String,
}

/// What a challenger does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It answers its share of the requests.
    #[default]
    Live,
    /// It is asked for its share of the requests, and what it says is logged beside the champion's answer.
    Shadow,
}

/// Who serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Answers, unless the challenger does.
    pub champion: ModelRef,
    /// Is tried beside it.
    pub challenger: Option<ModelRef>,
    /// The challenger's share of the requests, in hundredths of a per cent.
    pub split_basis_points: u16,
    /// What the challenger does.
    pub mode: Mode,
    /// Whether anybody may download what serves.
    pub public_artifact: bool,
    /// What a rollback would bring back.
    pub previous_champion: Option<ModelRef>,
    /// The trial under way; absent if an owner deals the requests by hand.
    #[serde(default)]
    pub trial: Option<Trial>,
}

impl Deployment {
    /// Version that is on trial, or on probation.
    #[must_use]
    pub fn on_trial(&self) -> Option<u64> {
        match self.trial?.stage {
            TrialStage::Probation => Some(self.champion.version),
            TrialStage::Shadow | TrialStage::Tenth | TrialStage::Half => {
                self.challenger.as_ref().map(|challenger| challenger.version)
            }
        }
    }
}

/// A step of the trial under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialStep {
    /// The challenger gets more of the requests.
    Advance,
    /// It becomes the champion, on probation.
    Promote,
    /// It is given up.
    Drop,
    /// The champion's probation is over.
    Pass,
    /// The champion before comes back.
    RollBack,
}

/// What an isolate needs to know to serve: read seldom, kept for seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// Grows with every change of the registry.
    pub generation: u64,
    /// Who serves.
    pub deployment: Deployment,
    /// Keys that were revoked before they expired.
    #[serde(default)]
    pub revoked_keys: Vec<String>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, from 1 up, without gaps.
    pub sequence: u64,
    /// When: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// Who: `owner`, `bootstrap`, a key's id, or `oauth:` and a subject of the issuer.
    pub actor: String,
    /// What was done, in one word.
    pub action: String,
    /// Of what, from what to what, and why. Ids, counts and words; no features, labels or subjects.
    pub details: Map<String, Value>,
    /// Hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// This entry's: see `services::registry::ledger`.
    pub hash: String,
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Its public id.
    pub key_id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was minted.
    pub created_at_millis: i64,
    /// From when on it counts no more.
    pub expires_at_millis: i64,
    /// Since when it counts no more, although it isn't expired.
    pub revoked_at_millis: Option<i64>,
}

/// Rows to train on that are kept at the edge, without the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Their hash, 64 hex digits, which the lineage of a model trained on them has.
    pub data_hash: String,
    /// Their name.
    pub name: String,
    /// How many there are.
    pub rows: u64,
    /// Bytes of their file.
    pub bytes: u64,
    /// As that of the models which can be trained on them: [`Published::interface`].
    pub interface: String,
    /// Since when they are kept.
    pub kept_at_millis: i64,
}

/// A change of the registry. Its name is outside of it, as that of questions, answers and errors: beside their members,
/// each type in them would be read by a second reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The first version of an empty registry, and its champion. Of one that isn't empty it changes nothing.
    Bootstrap {
        /// The model.
        model: Published,
    },
    /// The next version; one that was published before stays what it is.
    Publish {
        /// The model, whose file is stored already.
        model: Published,
        /// Where it comes from, if it was trained at the edge: ids, counts and words.
        #[serde(default)]
        retrained: Option<Map<String, Value>>,
    },
    /// What is said of a version; what is absent stays.
    Describe {
        /// Of which one.
        version: u64,
        /// New text.
        description: Option<String>,
        /// New words.
        tags: Option<Vec<String>>,
        /// Whether it is archived.
        archived: Option<bool>,
    },
    /// Lets an alias stand for a version.
    SetAlias {
        /// Its name.
        alias: String,
        /// The version.
        version: u64,
    },
    /// Removes an alias.
    DeleteAlias {
        /// Its name.
        alias: String,
    },
    /// Another deployment; what is absent stays.
    Deploy {
        /// Version of the champion.
        champion: Option<u64>,
        /// Version of the challenger; `Some(None)` is nobody.
        #[serde(default, with = "twice")]
        challenger: Option<Option<u64>>,
        /// The challenger's share.
        split_basis_points: Option<u16>,
        /// What it does.
        mode: Option<Mode>,
        /// Whether anybody may download what serves.
        public_artifact: Option<bool>,
        /// Whether the champion before is asked in the shadow of a new one, and comes back if it is better.
        #[serde(default)]
        probation: bool,
        /// Why.
        reason: Option<String>,
        /// What speaks for it, such as counts and rates that were looked at.
        #[serde(default)]
        evidence: Option<Map<String, Value>>,
    },
    /// The previous champion serves again, alone.
    Rollback {
        /// Why.
        reason: Option<String>,
        /// What speaks for it.
        #[serde(default)]
        evidence: Option<Map<String, Value>>,
    },
    /// Another policy of the loop.
    SetPolicy {
        /// The policy.
        policy: Box<Policy>,
    },
    /// Puts a version on trial, in the champion's shadow at first.
    BeginTrial {
        /// The version.
        challenger: u64,
        /// Why.
        reason: Option<String>,
    },
    /// A step of the trial under way.
    StepTrial {
        /// Its number.
        trial: u64,
        /// What to do.
        step: TrialStep,
        /// Why.
        reason: Option<String>,
        /// What speaks for it.
        evidence: Option<Map<String, Value>>,
    },
    /// Notes a key that was minted.
    MintKey {
        /// The key.
        key: KeyRecord,
    },
    /// Revokes a key.
    RevokeKey {
        /// Its id.
        key_id: String,
    },
    /// Notes rows to train on, whose file is stored next.
    KeepDataset {
        /// Them.
        dataset: DatasetRecord,
    },
    /// Lets rows go that a training could use.
    DropDataset {
        /// Their hash.
        data_hash: String,
    },
    /// Notes something that was done elsewhere.
    Note {
        /// What, in one word.
        action: String,
        /// Ids and counts.
        details: Map<String, Value>,
    },
}

/// `null` and absence are two things here.
mod twice {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Option<u64>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // As a list: none is absent, one of null is nobody.
        value.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<u64>>, D::Error> {
        Ok(Vec::<Option<u64>>::deserialize(deserializer)?.into_iter().next())
    }
}

/// A change, and what it depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRequest {
    /// What to do.
    pub change: Change,
    /// Who does it.
    pub actor: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// Only if the registry is of this generation still; `None` for a change that can't be too late.
    pub if_generation: Option<u64>,
    /// To be answered of the state that the change leaves, before anybody else changes it.
    #[serde(default)]
    pub then: Option<Query>,
}

/// What a change left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Generation of the registry now.
    pub generation: u64,
    /// Hash of the ledger's last entry.
    pub audit_head: String,
    /// Whether anything changed.
    pub fresh: bool,
    /// The version that the change was about, if it was about one.
    pub version: Option<u64>,
    /// The answer to [`ChangeRequest::then`].
    #[serde(default)]
    pub then: Option<Answer>,
}

/// A question to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// Everything that serves need: [`Answer::Pointer`].
    Pointer,
    /// One version: [`Answer::Versions`].
    Version {
        /// Which one.
        version: u64,
    },
    /// The version that a model became: [`Answer::Versions`], none if it isn't published.
    Model {
        /// Its id.
        model_id: String,
    },
    /// Versions, newest first: [`Answer::Versions`].
    Versions {
        /// Only ones below this.
        before: Option<u64>,
        /// At most so many.
        limit: usize,
    },
    /// The version behind an alias: [`Answer::Versions`], none if there is no such alias.
    Alias {
        /// Its name.
        alias: String,
    },
    /// All aliases, `champion` and `challenger` among them: [`Answer::Aliases`].
    Aliases,
    /// Entries of the ledger, newest first: [`Answer::Audit`].
    Audit {
        /// Only ones below this.
        before: Option<u64>,
        /// At most so many.
        limit: usize,
    },
    /// Whether the ledger is whole: [`Answer::Verified`].
    Verify,
    /// All keys: [`Answer::Keys`].
    Keys,
    /// All data sets, the newest first: [`Answer::Datasets`].
    Datasets,
    /// How much there is: [`Answer::Extent`].
    Extent,
    /// What its owner wants of the loop: [`Answer::Policy`].
    Policy,
}

/// An answer of the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Who serves; `None` of an empty registry.
    Pointer {
        /// Who.
        pointer: Option<Pointer>,
    },
    /// Versions, each with its aliases.
    Versions {
        /// Generation that they are of.
        generation: u64,
        /// Version and names, `champion` and `challenger` among them.
        versions: Vec<(Version, Vec<String>)>,
        /// More come after the last.
        more: bool,
    },
    /// Aliases.
    Aliases {
        /// Generation that they are of.
        generation: u64,
        /// Name and version.
        aliases: Vec<(String, u64)>,
    },
    /// Entries of the ledger.
    Audit {
        /// Newest first.
        entries: Vec<AuditEntry>,
        /// More come after the last.
        more: bool,
    },
    /// Whether the ledger is whole.
    Verified {
        /// How many entries there are.
        entries: u64,
        /// Hash of the last one.
        head: String,
        /// First entry that doesn't follow from the one before, if one doesn't.
        broken_at: Option<u64>,
    },
    /// Keys, newest first.
    Keys {
        /// All of them.
        keys: Vec<KeyRecord>,
    },
    /// Rows to train on, newest first.
    Datasets {
        /// All of them.
        datasets: Vec<DatasetRecord>,
    },
    /// How much there is.
    Extent {
        /// How much.
        extent: Extent,
    },
    /// What its owner wants of the loop.
    Policy {
        /// Generation that it is of.
        generation: u64,
        /// What.
        policy: Box<Policy>,
    },
}

/// How much the registry holds, and how it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Its generation.
    pub generation: u64,
    /// Versions, archived ones included.
    pub versions: u64,
    /// Archived versions.
    pub archived: u64,
    /// Entries of the ledger.
    pub audit_entries: u64,
    /// Who serves, if anybody does.
    pub deployment: Option<Deployment>,
    /// Bytes of the store, if it knows.
    pub bytes: Option<u64>,
    /// What the registry has used of the platform so far; it never falls.
    pub usage: Usage,
}

/// Why the registry didn't do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryError {
    /// Somebody was faster.
    #[error("the registry has changed: it is of generation {generation} now")]
    Stale {
        /// Its generation.
        generation: u64,
    },
    /// What the change is about isn't there.
    #[error("there is no {what}")]
    NotFound {
        /// What isn't, such as `version 7`.
        what: String,
    },
    /// The change contradicts what is there.
    #[error("{why}")]
    Conflict {
        /// A sentence without its end, which says what to do.
        why: String,
    },
    /// Something of the change can't be taken.
    #[error("{why}")]
    Invalid {
        /// The member at fault.
        member: String,
        /// A sentence without its end, which says what to send.
        why: String,
    },
    /// The store didn't answer or holds something unreadable.
    #[error("the registry can't be reached: {why}")]
    Storage {
        /// For its owner's eyes.
        why: String,
    },
}

impl RegistryError {
    /// The registry answered something else than was asked.
    #[must_use]
    pub fn unexpected_answer() -> Self {
        Self::Storage { why: "it answered another question".into() }
    }
}

impl From<StorageError> for RegistryError {
    fn from(error: StorageError) -> Self {
        Self::Storage { why: error.to_string() }
    }
}

/// The registry.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Does a change, all of it or nothing, and writes it into the ledger.
    ///
    /// # Errors
    /// [`RegistryError`]; after [`RegistryError::Storage`] the change may have been done or not.
    async fn change(&self, request: &ChangeRequest) -> Result<Changed, RegistryError>;

    /// Answers a question.
    ///
    /// # Errors
    /// [`RegistryError`] if it can't.
    async fn query(&self, query: &Query) -> Result<Answer, RegistryError>;
}
