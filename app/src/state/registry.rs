//! The registry of this site as the page Registry has it: the token, what was read with it, and the change that
//! is being asked for.

use std::sync::Arc;

use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::edge::registry::{self as edge, Done, Served, Snapshot};
use crate::edge::{Client, EdgeError};
use crate::signals::RwSignal;
use crate::state::access::Access;
use crate::view_models::registry_words::{self as words, Action};

/// An edge believes for so long what the registry said; the page asks again until they agree.
const AGREE_MILLIS: u32 = 3_000;
const AGREE_TRIES: u32 = 6;

/// Something that is read from the edge.
#[derive(Debug, Clone)]
pub(crate) enum Read<T> {
    /// Nobody has asked.
    Idle,
    /// On its way.
    Loading,
    /// Why it is not here.
    Failed(EdgeError),
    /// Here.
    Here(Arc<T>),
}

/// Where a change that was asked for stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is to be confirmed.
    Deciding,
    /// The edge does it.
    Working,
    /// Somebody else was quicker, or it does not go with what is there. With what the edge says of it, and the
    /// number of the last entry that was known when it was decided.
    Conflict(Option<String>, u64),
    /// It was not done.
    Failed(EdgeError),
}

/// Signals of the registry; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Registry {
    access: Access,
    /// What anybody may know.
    pub(crate) served: RwSignal<Read<Served>>,
    /// What the token lets see; stays while it is read anew.
    pub(crate) read: RwSignal<Read<Snapshot>>,
    /// The ledger's last hash after the last change from this tab.
    noted: RwSignal<Option<String>>,
    /// The change that is being asked for.
    pub(crate) asked: RwSignal<Option<Action>>,
    /// Whether its dialog is open.
    pub(crate) is_asking: RwSignal<bool>,
    /// Where it stands.
    pub(crate) stage: RwSignal<Stage>,
    /// What has been done.
    outcome: RwSignal<Option<String>>,
}

/// Reads what anybody may know, and with the token of this session the rest; makes it available to what is
/// drawn below.
pub(crate) fn provide_registry() -> Registry {
    let registry = provide_unread_registry(Access::of_session());
    registry.reload();
    registry
}

/// The same, of which nothing is read before somebody asks for it.
pub(crate) fn provide_unread_registry(access: Access) -> Registry {
    let registry = Registry {
        access,
        served: RwSignal::new(Read::Idle),
        read: RwSignal::new(Read::Idle),
        noted: RwSignal::new(None),
        asked: RwSignal::new(None),
        is_asking: RwSignal::new(false),
        stage: RwSignal::new(Stage::Deciding),
        outcome: RwSignal::new(None),
    };
    provide_context(registry);
    registry
}

/// The registry that [`provide_registry`] made available.
pub(crate) fn use_registry() -> Registry {
    expect_context()
}

impl Registry {
    /// Whether there is a token that the edge has not refused.
    pub(crate) fn has_token(&self) -> bool {
        self.access.has_token()
    }

    /// Who asks.
    pub(crate) fn client(&self) -> Client {
        self.access.client()
    }

    /// What was read, if it is here.
    pub(crate) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.read.with(|read| match read {
            Read::Here(snapshot) => Some(Arc::clone(snapshot)),
            _ => None,
        })
    }

    /// Hash that the ledger must have.
    pub(crate) fn noted(&self) -> Option<String> {
        self.noted.get()
    }

    /// Takes `token` if the edge knows it, for this session of the browser.
    pub(crate) fn sign_in(self, token: &str) {
        if !self.access.take(token) {
            self.read.set(Read::Failed(EdgeError::Unauthorized));
            return;
        }
        self.read.set(Read::Loading);
        spawn_local(async move {
            self.look().await;
            if untrack(|| self.has_token()) {
                self.access.keep();
            }
        });
    }

    /// Forgets the token and what it let see.
    pub(crate) fn forget(&self) {
        self.access.forget();
        self.clear();
    }

    /// Forgets what was read. The page may be gone.
    pub(crate) fn clear(self) {
        let _ = self.read.try_set(Read::Idle);
        let _ = self.outcome.try_set(None);
    }

    /// Reads everything anew.
    pub(crate) fn reload(self) {
        self.ask_for_served(AGREE_TRIES);
        if !untrack(|| self.has_token()) {
            return;
        }
        if untrack(|| self.snapshot()).is_none() {
            self.read.set(Read::Loading);
        }
        spawn_local(async move { self.look().await });
    }

    /// Reads the registry; a token that is refused is forgotten.
    async fn look(self) {
        let looked = edge::look(&self.client()).await;
        if matches!(looked, Err(EdgeError::Unauthorized)) {
            self.access.forget();
        }
        let read = match looked {
            Ok(snapshot) => Read::Here(Arc::new(snapshot)),
            Err(error) => Read::Failed(error),
        };
        // The user may have left the page, and its signals with it.
        let _ = self.read.try_set(read);
    }

    /// Asks which model answers. After a change an edge may tell of the one before, for some seconds.
    fn ask_for_served(self, tries: u32) {
        if matches!(self.served.get_untracked(), Read::Idle | Read::Failed(_)) {
            self.served.set(Read::Loading);
        }
        spawn_local(async move {
            let read = match edge::served(&Client::default()).await {
                Ok(served) => Read::Here(Arc::new(served)),
                Err(error) => Read::Failed(error),
            };
            let id = if let Read::Here(served) = &read { Some(served.id.clone()) } else { None };
            if self.served.try_set(read).is_some() {
                return;
            }
            let champion =
                untrack(|| self.snapshot()).map(|it| it.deployment.champion.model_id.clone());
            let agree = id.is_none() || champion.is_none() || id == champion;
            if !agree && tries > 0 {
                Timeout::new(AGREE_MILLIS, move || self.ask_for_served(tries - 1)).forget();
            }
        });
    }

    /// What has been done, for where it is said: beside the keys, or beside who answers.
    pub(crate) fn done(&self, of_keys: bool) -> Option<String> {
        (self.is_about_keys() == of_keys).then(|| self.outcome.get()).flatten()
    }

    /// Whether the change that was asked for last is one of a key.
    fn is_about_keys(&self) -> bool {
        self.asked.with(|action| matches!(action, Some(Action::Revoke { .. })))
    }

    /// Opens the dialog that says what `action` will do.
    pub(crate) fn ask(&self, action: Action) {
        self.outcome.set(None);
        self.stage.set(Stage::Deciding);
        self.asked.set(Some(action));
        self.is_asking.set(true);
    }

    /// Does what was asked for, on the state that it was decided on.
    pub(crate) fn confirm(self, reason: Option<String>) {
        let (Some(action), Some(snapshot)) =
            (self.asked.get_untracked(), untrack(|| self.snapshot()))
        else {
            return;
        };
        self.stage.set(Stage::Working);
        spawn_local(async move {
            let changed = self.change(&action, snapshot.deployment.generation, reason).await;
            let known = snapshot.entries.last().map_or(0, |entry| entry.sequence);
            let next = match changed {
                Ok(done) => {
                    self.note(&done);
                    self.look().await;
                    self.ask_for_served(AGREE_TRIES);
                    let now = untrack(|| self.snapshot());
                    let outcome = now.map(|now| words::done(&action, &now));
                    let _ = self.outcome.try_set(outcome);
                    let _ = self.is_asking.try_set(false);
                    return;
                }
                Err(EdgeError::Changed) => {
                    self.look().await;
                    Stage::Conflict(None, known)
                }
                Err(EdgeError::Conflict { detail }) => {
                    self.look().await;
                    Stage::Conflict(Some(detail.unwrap_or_default()), known)
                }
                Err(error) => Stage::Failed(error),
            };
            let _ = self.stage.try_set(next);
        });
    }

    async fn change(
        self,
        action: &Action,
        generation: u64,
        reason: Option<String>,
    ) -> Result<Done, EdgeError> {
        let client = self.client();
        match (action, words::request(action, reason.clone())) {
            (_, Some(asked)) => edge::deploy(&client, generation, &asked).await,
            (Action::Alias { alias, version }, _) => {
                edge::set_alias(&client, generation, alias, *version).await
            }
            (Action::Revoke { key_id }, _) => edge::revoke(&client, key_id).await,
            (Action::DeleteRows { data_hash }, _) => edge::delete_rows(&client, data_hash).await,
            _ => edge::roll_back(&client, generation, reason).await,
        }
    }

    /// Remembers the ledger's last hash after a change: it must be found there from then on. The next change is of
    /// the registry as this one left it, also before that is read, unless others changed it in between.
    pub(crate) fn note(&self, done: &Done) {
        self.read.update(|read| {
            if let Read::Here(snapshot) = read
                && done.generation == snapshot.deployment.generation + 1
            {
                Arc::make_mut(snapshot).deployment.generation = done.generation;
            }
        });
        if done.audit_head.is_some() {
            let _ = self.noted.try_set(done.audit_head.clone());
        }
    }
}
