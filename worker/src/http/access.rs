//! Who may use a route. A handler that takes an [`Allowed`] is closed to everybody else.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::{self, App};
use crate::config::PredictAccess;
use crate::error::ApiError;
use crate::ports::RegistryError;
use crate::services::access::{Caller, CredentialError, Scope};

/// What a route needs.
pub(crate) trait Right {
    /// The scope that is enough for it.
    const SCOPE: Scope;
}

/// Everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin;

/// Publish, describe and name models.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Publish;

/// Say what the true class of a prediction was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feedback;

/// Read history, reports and the ledger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read;

impl Right for Admin {
    const SCOPE: Scope = Scope::Admin;
}

impl Right for Publish {
    const SCOPE: Scope = Scope::Publish;
}

impl Right for Feedback {
    const SCOPE: Scope = Scope::Feedback;
}

impl Right for Read {
    const SCOPE: Scope = Scope::Read;
}

/// Proof that the caller has this right.
#[derive(Debug, Clone)]
pub(crate) struct Allowed<R> {
    /// Who it is, for the ledger.
    pub(crate) actor: String,
    caller: Caller,
    right: PhantomData<R>,
}

impl<R> Allowed<R> {
    /// Whether the caller may do this besides.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.caller.allows(scope)
    }

    /// Goes on only for callers who may do this besides.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for others.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.may(scope) { Ok(()) } else { Err(ApiError::Forbidden { scope }) }
    }
}

impl<R: Right> FromRequestParts<App> for Allowed<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = allowed(parts, app, R::SCOPE).await?;
        Ok(Self { actor: caller.actor(), caller, right: PhantomData })
    }
}

/// Proof that the caller may ask for predictions, which is anybody unless `PREDICT_ACCESS` says otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MayPredict;

impl FromRequestParts<App> for MayPredict {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if app.config.predict_access == PredictAccess::Key {
            return allowed(parts, app, Scope::Predict).await.map(|_| Self);
        }
        // Whoever sends a credential that isn't valid learns it here, and not on the day that the route is
        // closed (RFC 6750, section 3.1). One that can't be judged at this moment isn't needed.
        match presented(parts, app).await {
            Ok(_) | Err(CredentialError::NotConfigured | CredentialError::IssuerUnavailable) => {
                Ok(Self)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The caller, if they may do what `scope` stands for. In a box, as [`presented`]: else each handler has the whole of it in its own
/// code.
fn allowed<'a>(
    parts: &'a mut Parts,
    app: &'a App,
    scope: Scope,
) -> BoxFuture<'a, Result<Caller, ApiError>> {
    Box::pin(judged(parts, app, scope))
}

async fn judged(parts: &mut Parts, app: &App, scope: Scope) -> Result<Caller, ApiError> {
    if !app.access.is_configured() {
        return Err(CredentialError::NotConfigured.into());
    }
    let caller = presented(parts, app).await?.ok_or(ApiError::TokenMissing)?;
    if !caller.allows(scope) {
        return Err(ApiError::Forbidden { scope });
    }
    // An isolate that has never reached the registry or its copy can't know which keys were revoked.
    // Predictions go on, as they do with the embedded model; nothing else is risked for a key that may
    // have been taken from a thief.
    if matches!(caller, Caller::Key { unrevoked: false, .. }) && scope != Scope::Predict {
        let why = "it never told which keys are revoked".to_owned();
        return Err(RegistryError::Storage { why }.into());
    }
    Ok(caller)
}

/// What a request's credential says, once it was looked at.
#[derive(Clone)]
struct Presented(Result<Option<Caller>, CredentialError>);

/// Who is asking, by the request's credential; `None` if it has none. It is verified once a request.
pub(super) fn presented<'a>(
    parts: &'a mut Parts,
    app: &'a App,
) -> BoxFuture<'a, Result<Option<Caller>, CredentialError>> {
    Box::pin(looked_at(parts, app))
}

async fn looked_at(parts: &mut Parts, app: &App) -> Result<Option<Caller>, CredentialError> {
    if let Some(Presented(known)) = parts.extensions.get::<Presented>() {
        return known.clone();
    }
    let found = match bearer(&parts.headers) {
        None => Ok(None),
        Some(token) => {
            let scope = parts.extensions.get::<app::Scope>();
            let background = scope.map(|scope| scope.background.clone());
            let pointer = async || app.serving.pointer(background.as_ref()).await;
            let now_millis = app.ports.clock.now_millis();
            app.access.caller(token, now_millis, pointer).await.map(Some)
        }
    };
    parts.extensions.insert(Presented(found.clone()));
    found
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}
