//! Keys: `/api/v1/keys`.

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use tepal_api::{KeyInfo, KeyList, KeyRequest, KeyResponse, Problem, ProblemError, RevokedKey};

use super::registry::make;
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed};
use crate::http::admission::Admitted;
use crate::http::path::Segment;
use crate::http::precondition::IfGeneration;
use crate::http::{answer, body};
use crate::ports::{Answer, Change, KeyRecord, Query, RegistryError};
use crate::services::access::{KeySigner, Scope, Scopes};
use crate::services::time;

/// Longest body.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Longest name, in characters.
const MAX_NAME: usize = 64;

/// How long a key counts, if nothing is asked, and at most.
const DEFAULT_DAYS: i64 = 90;
const MAX_DAYS: i64 = 365;

const DAY_MILLIS: i64 = 86_400_000;

/// Mints a key
///
/// The key is in this answer and nowhere else: what is kept of it can't be used as one. If the answer is
/// lost, revoke the key, which the list has, and mint another.
#[utoipa::path(
    post,
    path = "/api/v1/keys",
    tag = "keys",
    security(("owner" = [])),
    request_body = KeyRequest,
    responses(
        (status = 201, description = "The key", body = KeyResponse),
        (status = 400, description = "The body isn\'t JSON, or a precondition can\'t be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There are 1,000 keys", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "KEY_SECRET isn't set, or the registry can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn mint(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    let signer = signer(&app)?.clone();
    let asked: KeyRequest = body::json(request, MAX_BODY_BYTES).await?;
    let Asked { name, scopes, days } = read(asked)?;
    let now_millis = app.ports.clock.now_millis();
    let expires_at_millis = now_millis.saturating_add(days * DAY_MILLIS);
    let (key, minted) = signer.mint(app.ports.entropy.bytes()?, scopes, expires_at_millis);
    let record = KeyRecord {
        key_id: minted.id,
        name,
        scopes: scopes.names().into_iter().map(str::to_owned).collect(),
        created_at_millis: now_millis,
        expires_at_millis: minted.expires_at_millis,
        revoked_at_millis: None,
    };
    let change = Change::MintKey { key: record.clone() };
    let changed = make(&app, change, allowed.actor, IfGeneration(None), Query::Keys).await?;
    let mut response =
        answer::json(&KeyResponse { key, info: wire(record), audit_head: changed.audit_head })?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// All keys, newest first
///
/// What they may do and until when; revoked and expired ones too. Not the keys themselves.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    tag = "keys",
    security(("owner" = [])),
    responses(
        (status = 200, description = "The keys", body = KeyList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "KEY_SECRET isn't set, or the registry can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    signer(&app)?;
    let mut keys = records(Some(app.ports.registry.query(&Query::Keys).await?))?;
    keys.sort_unstable_by(|a, b| {
        (b.created_at_millis, &b.key_id).cmp(&(a.created_at_millis, &a.key_id))
    });
    answer::json(&KeyList { keys: keys.into_iter().map(wire).collect() })
}

/// Revokes a key
///
/// It counts no more: here at once, elsewhere within `POINTER_TTL_SECS`. Keys that were minted with it stay.
#[utoipa::path(
    delete,
    path = "/api/v1/keys/{key_id}",
    tag = "keys",
    security(("owner" = [])),
    params(("key_id" = String, Path, description = "Its id, which the list has")),
    responses(
        (status = 200, description = "It is revoked", body = RevokedKey),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such key", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "KEY_SECRET isn't set, or the registry can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    Segment(key_id): Segment,
) -> Result<Response, ApiError> {
    signer(&app)?;
    let change = Change::RevokeKey { key_id: key_id.clone() };
    let changed = make(&app, change, allowed.actor, IfGeneration(None), Query::Keys).await?;
    let keys = records(changed.then)?;
    let record = keys.into_iter().find(|record| record.key_id == key_id);
    let info = wire(record.ok_or_else(RegistryError::unexpected_answer)?);
    answer::json(&RevokedKey { info, audit_head: changed.audit_head })
}

fn signer(app: &App) -> Result<&KeySigner, ApiError> {
    app.access.keys.as_ref().ok_or(ApiError::KeysNotConfigured)
}

fn records(answer: Option<Answer>) -> Result<Vec<KeyRecord>, ApiError> {
    match answer {
        Some(Answer::Keys { keys }) => Ok(keys),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// A request that can be granted.
struct Asked {
    name: String,
    scopes: Scopes,
    days: i64,
}

/// What is asked for, or every member that can't be taken.
fn read(request: KeyRequest) -> Result<Asked, ApiError> {
    let KeyRequest { name, scopes, expires_in_days } = request;
    let mut faults = Vec::new();
    let mut fault = |pointer: String, code: &str, detail: &str| {
        let [code, detail] = [code, detail].map(str::to_owned);
        faults.push(ProblemError { pointer, code, detail });
    };
    let n_chars = name.chars().count();
    if !(1..=MAX_NAME).contains(&n_chars) || name.chars().any(char::is_control) {
        let detail = "a name has 1 to 64 characters, and no control characters";
        fault("/name".to_owned(), "out_of_range", detail);
    }
    if scopes.is_empty() {
        let detail = "name at least one scope: predict, feedback, publish, read or admin";
        fault("/scopes".to_owned(), "missing_field", detail);
    }
    let named: Vec<Option<Scope>> = scopes.iter().map(|scope| Scope::named(scope)).collect();
    let unknown = named.iter().enumerate().filter(|(_, scope)| scope.is_none());
    // One fault for each scope that there is says enough.
    for (at, _) in unknown.take(Scope::ALL.len()) {
        let detail = "scopes are predict, feedback, publish, read and admin";
        fault(format!("/scopes/{at}"), "unknown_scope", detail);
    }
    let days = expires_in_days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        let detail = "expires_in_days is a number from 1 to 365";
        fault("/expires_in_days".to_owned(), "out_of_range", detail);
    }
    if !faults.is_empty() {
        return Err(ApiError::InvalidChange(faults));
    }
    Ok(Asked { name, scopes: named.into_iter().flatten().collect(), days })
}

fn wire(record: KeyRecord) -> KeyInfo {
    KeyInfo {
        key_id: record.key_id,
        name: record.name,
        scopes: record.scopes,
        created_at: time::rfc3339_millis(record.created_at_millis),
        expires_at: time::rfc3339_millis(record.expires_at_millis),
        revoked_at: record.revoked_at_millis.map(time::rfc3339_millis),
    }
}
