//! The OAuth 2.0 issuer whose tokens count here (RFC 6750), and its keys.
//!
//! Keys are given in the settings, or read from the issuer's address: kept for [`FRESH_MILLIS`], read again
//! early for a token that names an unknown one (a rotation, or somebody trying: at most once in
//! [`UNKNOWN_WAIT_MILLIS`]), and used for up to [`MAX_AGE_MILLIS`] while the issuer doesn't answer. After that
//! nobody is let in by them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::jwks::{KeySet, MAX_SET_BYTES};
use super::jwt::{Token, Validity};
use super::{Caller, CredentialError};
use crate::config::{IssuerKeys, OAuth};
use crate::ports::{KeySetSource, PublicKey, SignatureVerifier};

const FRESH_MILLIS: i64 = 10 * 60 * 1_000;
const MAX_AGE_MILLIS: i64 = 60 * 60 * 1_000;
const UNKNOWN_WAIT_MILLIS: i64 = 60 * 1_000;

/// An issuer that didn't answer is left alone for so long.
const RETRY_MILLIS: i64 = 5_000;

/// So many characters of a subject are in the ledger.
const MAX_SUBJECT: usize = 64;

/// What an issuer is asked with.
#[derive(Clone)]
pub(crate) struct IssuerPorts {
    pub(crate) signatures: Arc<dyn SignatureVerifier>,
    pub(crate) key_sets: Arc<dyn KeySetSource>,
}

/// The issuer of the settings.
pub(crate) struct Issuer {
    name: String,
    audience: String,
    keys: Keys,
    ports: IssuerPorts,
}

enum Keys {
    Given(KeySet),
    At { url: String, held: Mutex<Held> },
}

/// Keys that were read from the issuer.
#[derive(Default)]
struct Held {
    keys: Option<Arc<KeySet>>,
    read_at: i64,
    /// When they were last asked for; while there are none, only if that failed.
    asked_at: Option<i64>,
}

impl Issuer {
    pub(crate) fn new(settings: &OAuth, ports: IssuerPorts) -> Self {
        let keys = match &settings.keys {
            // A set without a usable key lets nobody in.
            IssuerKeys::Given(text) => {
                Keys::Given(KeySet::read(text.as_bytes()).unwrap_or_default())
            }
            IssuerKeys::At(url) => Keys::At { url: url.clone(), held: Mutex::default() },
        };
        Self { name: settings.issuer.clone(), audience: settings.audience.clone(), keys, ports }
    }

    /// Who presents this token.
    ///
    /// # Errors
    /// [`CredentialError::Wrong`] or [`CredentialError::Expired`] of the token,
    /// [`CredentialError::IssuerUnavailable`] if there are no keys to judge it by.
    pub(super) async fn caller(
        &self,
        token: &[u8],
        now_millis: i64,
    ) -> Result<Caller, CredentialError> {
        let token = Token::read(token).ok_or(CredentialError::Wrong)?;
        // What costs nothing comes first, so that only tokens that could be right cost a signature.
        if !token.claims.are_for(&self.name, &self.audience) {
            return Err(CredentialError::Wrong);
        }
        let key = self.key(&token, now_millis).await?;
        if !self.ports.signatures.verify(&key, token.signed, &token.signature).await {
            return Err(CredentialError::Wrong);
        }
        match token.claims.validity(now_millis) {
            Validity::Valid => {}
            Validity::NotYet => return Err(CredentialError::Wrong),
            Validity::Expired => return Err(CredentialError::Expired),
        }
        let hash = hash(&token.claims.sub);
        Ok(Caller::Subject {
            actor: actor(&token.claims.sub, &hash),
            counted_by: format!("oauth:{hash}"),
            scopes: token.claims.scopes(),
        })
    }

    async fn key(&self, token: &Token<'_>, now_millis: i64) -> Result<PublicKey, CredentialError> {
        let find = |keys: &KeySet| keys.find(token.algorithm, token.kid.as_deref()).cloned();
        let (url, held) = match &self.keys {
            Keys::Given(keys) => return find(keys).ok_or(CredentialError::Wrong),
            Keys::At { url, held } => (url, held),
        };
        let (known, may_ask) = lock(held).look(now_millis, |keys| find(keys).is_some());
        let found = known.as_deref().and_then(find);
        if !may_ask {
            return match (found, known) {
                (Some(key), _) => Ok(key),
                (None, Some(_)) => Err(CredentialError::Wrong),
                (None, None) => Err(CredentialError::IssuerUnavailable),
            };
        }
        let text = self.ports.key_sets.fetch(url, MAX_SET_BYTES).await;
        let read = text.ok().and_then(|text| KeySet::read(&text));
        let mut held = lock(held);
        held.asked_at = Some(now_millis);
        match read {
            Some(keys) => {
                held.read_at = now_millis;
                let key = find(&keys);
                held.keys = Some(Arc::new(keys));
                key.ok_or(CredentialError::Wrong)
            }
            None => found.ok_or(CredentialError::IssuerUnavailable),
        }
    }
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Held {
    /// The keys that count still, and whether the issuer is to be asked for others now. Whoever is told so
    /// is the only one for a while, unless there are no keys at all: then nobody can wait for another.
    fn look(
        &mut self,
        now_millis: i64,
        has_it: impl Fn(&KeySet) -> bool,
    ) -> (Option<Arc<KeySet>>, bool) {
        let within = |since: i64, millis: i64| (0..millis).contains(&(now_millis - since));
        let keys = self.keys.clone().filter(|_| within(self.read_at, MAX_AGE_MILLIS));
        let is_fresh = within(self.read_at, FRESH_MILLIS);
        let wait = match &keys {
            Some(keys) if is_fresh && has_it(keys) => return (Some(Arc::clone(keys)), false),
            Some(_) if is_fresh => UNKNOWN_WAIT_MILLIS,
            _ => RETRY_MILLIS,
        };
        let may_ask = !self.asked_at.is_some_and(|at| within(at, wait));
        if may_ask && keys.is_some() {
            self.asked_at = Some(now_millis);
        }
        (keys, may_ask)
    }
}

fn hash(subject: &str) -> String {
    Sha256::digest(subject).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How the ledger calls a subject: by its own name as long as that is short and printable.
fn actor(subject: &str, hash: &str) -> String {
    let is_plain = |char: char| !char.is_control();
    if subject.chars().count() <= MAX_SUBJECT && subject.chars().all(is_plain) {
        return format!("oauth:{subject}");
    }
    let start: String = subject.chars().filter(|char| is_plain(*char)).take(MAX_SUBJECT).collect();
    let tag: String = hash.chars().take(8).collect();
    format!("oauth:{start}~{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_subjects_are_cut_and_told_apart() {
        let name = |subject: &str| actor(subject, &hash(subject));
        assert_eq!(name("jane"), "oauth:jane");
        let [a, b] = ["a", "b"].map(|end| name(&format!("{}{end}", "é".repeat(64))));
        assert_ne!(a, b);
        assert_eq!(a.chars().count(), "oauth:".len() + 64 + 1 + 8);
        assert!(!name("a\nb").contains('\n'));
    }

    #[test]
    fn keys_are_asked_for_when_they_are_old_or_lack_one_and_not_too_often() {
        let mut held = Held::default();
        let has = |_: &KeySet| true;
        let lacks = |_: &KeySet| false;
        assert!(held.look(0, has).1);
        assert!(held.look(0, has).1, "without keys nobody waits for another");
        held.asked_at = Some(0);
        assert!(!held.look(4_999, has).1, "it has just failed");
        assert!(held.look(5_000, has).1);

        let keys = Some(Arc::new(KeySet::default()));
        held = Held { keys, read_at: 10_000, asked_at: Some(10_000) };
        assert!(!held.look(10_000 + FRESH_MILLIS - 1, has).1);
        assert!(!held.look(10_000 + UNKNOWN_WAIT_MILLIS - 1, lacks).1);
        assert!(held.look(10_000 + UNKNOWN_WAIT_MILLIS, lacks).1);
        assert!(!held.look(10_001 + UNKNOWN_WAIT_MILLIS, lacks).1, "somebody is at it");

        let (keys, may_ask) = held.look(10_000 + FRESH_MILLIS, has);
        assert!(keys.is_some() && may_ask);
        let (keys, may_ask) = held.look(10_001 + FRESH_MILLIS, has);
        assert!(keys.is_some() && !may_ask, "old ones do in the meantime");
        let (keys, may_ask) = held.look(10_000 + MAX_AGE_MILLIS, has);
        assert!(keys.is_none() && may_ask);
    }
}
