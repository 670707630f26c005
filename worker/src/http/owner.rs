//! Who may use the owner's routes.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::error::ApiError;

/// Proof that the request carries the owner's token. A handler that takes it is an owner route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner;

impl FromRequestParts<App> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(expected) = app.config.owner_token.as_deref() else {
            return Err(ApiError::OwnerNotConfigured);
        };
        let token = bearer(&parts.headers).ok_or(ApiError::TokenMissing)?;
        if same(token, expected.as_bytes()) { Ok(Self) } else { Err(ApiError::TokenWrong) }
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
