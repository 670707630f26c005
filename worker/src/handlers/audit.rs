//! The ledger: `/api/v1/audit`.

use axum::extract::State;
use axum::response::Response;
use tepal_api::{AuditEntry, AuditPage, AuditVerification, Problem};

use super::cursor;
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::answer;
use crate::ports::{self, Answer, Query, RegistryError};

/// Entries a page, if nothing is asked.
const DEFAULT_LIMIT: usize = 100;

/// The ledger, newest entry first
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "registry",
    security(("owner" = [])),
    params(
        ("limit" = Option<usize>, Query, description = "Entries a page, 1 to 1000; 100 if absent", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "One page", body = AuditPage),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    uri: http::Uri,
) -> Result<Response, ApiError> {
    let cursor::Page { limit, before } = cursor::read(uri.query(), DEFAULT_LIMIT)?;
    match app.ports.registry.query(&Query::Audit { before, limit }).await? {
        Answer::Audit { entries, more } => {
            let last = entries.last().map(|entry| entry.sequence.to_string());
            let entries = entries.into_iter().map(wire).collect();
            answer::json(&AuditPage { entries, next_cursor: last.filter(|_| more) })
        }
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// Whether the ledger is whole
///
/// Goes through all of it: every entry must be what its hash says, and name the hash of the one before.
/// Whoever noted an `audit_head` finds it among the entries' hashes, if nothing up to there was changed.
#[utoipa::path(
    get,
    path = "/api/v1/audit/verify",
    tag = "registry",
    security(("owner" = [])),
    responses(
        (status = 200, description = "Whether it is", body = AuditVerification),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    match app.ports.registry.query(&Query::Verify).await? {
        Answer::Verified { entries, head, broken_at } => answer::json(&AuditVerification {
            valid: broken_at.is_none(),
            entries,
            head,
            broken_at,
        }),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

fn wire(entry: ports::AuditEntry) -> AuditEntry {
    let ports::AuditEntry { sequence, at, actor, action, details, previous_hash, hash } = entry;
    AuditEntry { sequence, at, actor, action, details, previous_hash, hash }
}
