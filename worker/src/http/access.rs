//! Who may use a route. A handler that takes an [`Allowed`] is closed to everybody else.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::error::ApiError;

/// Everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin;

/// Publish, describe and name models.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Publish;

/// Read history, reports and the ledger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read;

/// Proof that the caller has this right.
#[derive(Debug, Clone)]
pub(crate) struct Allowed<R> {
    /// Who it is, for the ledger.
    pub(crate) actor: String,
    right: PhantomData<R>,
}

impl<R> FromRequestParts<App> for Allowed<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(expected) = app.config.owner_token.as_deref() else {
            return Err(ApiError::OwnerNotConfigured);
        };
        let token = bearer(&parts.headers).ok_or(ApiError::TokenMissing)?;
        if same(token, expected.as_bytes()) {
            Ok(Self { actor: "owner".to_owned(), right: PhantomData })
        } else {
            Err(ApiError::TokenWrong)
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// Whether both are the same, in a time that tells nothing of where they differ or how long the
/// expected one is: digests of equal length are compared, bit by bit to the end.
fn same(given: &[u8], expected: &[u8]) -> bool {
    Sha256::digest(given).ct_eq(&Sha256::digest(expected)).into()
}
