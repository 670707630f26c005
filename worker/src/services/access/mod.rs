//! Who is asking: the owner's token, a key that was minted here, or a token of an OAuth issuer.
//!
//! All three come as `authorization: Bearer …` and become a [`Caller`] with [`Scopes`]. Nothing is
//! believed of a credential before it is verified, and verifying one asks no Durable Object: a key is
//! signed with a secret that the isolate knows, and which keys are revoked travels with the pointer that
//! it reads anyway. A token's signature is checked against the issuer's keys, which are kept for minutes.

mod issuer;
mod jwks;
mod jwt;
mod key;
mod scope;

use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(crate) use issuer::{Issuer, IssuerPorts};
pub(crate) use key::{Key, KeySigner};
pub(crate) use scope::{Scope, Scopes};

use crate::config::{Config, Secret};
use crate::ports::Pointer;

/// Why a credential doesn't say who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialError {
    /// It is none of ours, or altered, or for somebody else.
    #[error("the token isn't valid here")]
    Wrong,
    /// It was valid, until it expired.
    #[error("the token has expired")]
    Expired,
    /// It was valid, until it was revoked.
    #[error("the key was revoked")]
    Revoked,
    /// There is nothing to judge credentials by.
    #[error("no credentials are configured")]
    NotConfigured,
    /// The issuer's keys can't be read.
    #[error("the issuer's keys can't be read")]
    IssuerUnavailable,
}

/// Somebody whose credential was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Whoever has the owner's token.
    Owner,
    /// Whoever has a key.
    Key {
        /// Its public id.
        id: String,
        scopes: Scopes,
        /// Whether it is known that the key isn't revoked. An isolate that has never reached the
        /// registry, nor its copy, can't tell.
        unrevoked: bool,
    },
    /// Somebody that the OAuth issuer vouches for.
    Subject {
        /// How the ledger calls them.
        actor: String,
        /// What they are counted by.
        counted_by: String,
        scopes: Scopes,
    },
}

impl Caller {
    /// Who it is, for the ledger.
    pub(crate) fn actor(&self) -> String {
        match self {
            Self::Owner => "owner".to_owned(),
            Self::Key { id, .. } => id.clone(),
            Self::Subject { actor, .. } => actor.clone(),
        }
    }

    /// Whether they may do what `scope` stands for.
    pub(crate) fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Owner => true,
            Self::Key { scopes, .. } | Self::Subject { scopes, .. } => scopes.allow(scope),
        }
    }

    /// What their requests are counted by, if not by their address.
    pub(crate) fn counted_by(&self) -> Option<String> {
        match self {
            Self::Owner => None,
            Self::Key { id, .. } => Some(id.clone()),
            Self::Subject { counted_by, .. } => Some(counted_by.clone()),
        }
    }
}

/// Judges credentials.
pub(crate) struct Access {
    owner_token: Option<Secret>,
    pub(crate) keys: Option<KeySigner>,
    issuer: Option<Issuer>,
}

impl Access {
    pub(crate) fn new(config: &Config, ports: IssuerPorts) -> Self {
        Self {
            owner_token: config.owner_token.clone(),
            keys: config.key_secret.as_ref().and_then(KeySigner::new),
            issuer: config.oauth.as_ref().map(|settings| Issuer::new(settings, ports)),
        }
    }

    /// Who presents `token`. `pointer` is asked for once a key is known to be one of ours.
    ///
    /// # Errors
    /// [`CredentialError`] if it doesn't say who.
    pub(crate) async fn caller(
        &self,
        token: &[u8],
        now_millis: i64,
        pointer: impl AsyncFnOnce() -> Option<Arc<Pointer>>,
    ) -> Result<Caller, CredentialError> {
        if let Some(expected) = &self.owner_token
            && same(token, expected.expose().as_bytes())
        {
            return Ok(Caller::Owner);
        }
        if key::looks_like_one(token) {
            let key = self.keys.as_ref().and_then(|keys| keys.read(token));
            let key = key.ok_or(CredentialError::Wrong)?;
            return checked(key, now_millis, pointer().await.as_deref());
        }
        match &self.issuer {
            Some(issuer) => issuer.caller(token, now_millis).await,
            None if self.is_configured() => Err(CredentialError::Wrong),
            None => Err(CredentialError::NotConfigured),
        }
    }

    /// Whether anybody can prove anything.
    pub(crate) fn is_configured(&self) -> bool {
        self.owner_token.is_some() || self.keys.is_some() || self.issuer.is_some()
    }
}

fn checked(
    key: Key,
    now_millis: i64,
    pointer: Option<&Pointer>,
) -> Result<Caller, CredentialError> {
    if key.expires_at_millis <= now_millis {
        return Err(CredentialError::Expired);
    }
    if pointer.is_some_and(|pointer| pointer.revoked_keys.contains(&key.id)) {
        return Err(CredentialError::Revoked);
    }
    Ok(Caller::Key { id: key.id, scopes: key.scopes, unrevoked: pointer.is_some() })
}

/// Whether both are the same, in a time that tells nothing of where they differ or how long the
/// expected one is: digests of equal length are compared, bit by bit to the end.
fn same(given: &[u8], expected: &[u8]) -> bool {
    Sha256::digest(given).ct_eq(&Sha256::digest(expected)).into()
}
