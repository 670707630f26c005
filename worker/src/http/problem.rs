//! The one place where an error gets its HTTP status, as problem details (RFC 9457).
//!
//! `type` is a reference into `/docs`, so that whoever meets a problem finds its explanation on
//! the same host. Details say what to change and repeat nothing long of the request.

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use model_core::DatasetError;
use tepal_api::{PROBLEM_JSON, Problem, ProblemError};

use super::answer;
use crate::error::ApiError;
use crate::ports::RegistryError;
use crate::services::access::{CredentialError, Scope};
use crate::services::publish::PublishError;

/// Rides on a refusal, for the request's line in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProblemKind(pub(super) &'static str);

/// Status, kind (the fragment in `/docs`) and title of an error.
fn kind(error: &ApiError) -> (StatusCode, &'static str, &'static str) {
    match error {
        ApiError::Malformed(_) => {
            (StatusCode::BAD_REQUEST, "malformed-json", "The body isn't acceptable JSON")
        }
        ApiError::BodyUnreadable => {
            (StatusCode::BAD_REQUEST, "incomplete-body", "The body is incomplete")
        }
        ApiError::Query(_) => {
            (StatusCode::BAD_REQUEST, "invalid-query", "A query parameter can't be used")
        }
        ApiError::TokenMissing => (StatusCode::UNAUTHORIZED, "token-missing", "A token is missing"),
        ApiError::Credential(error) => credential_kind(*error),
        ApiError::Forbidden { .. } => {
            (StatusCode::FORBIDDEN, "forbidden", "The token isn't for this")
        }
        ApiError::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
        ApiError::MethodNotAllowed => (
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This path doesn't answer this method",
        ),
        ApiError::BodyTooLarge { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        }
        ApiError::NotJson | ApiError::NotOctets | ApiError::Compressed => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body isn't sent as this path takes it",
        ),
        ApiError::InvalidChange(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-change",
            "The body isn't what this path takes",
        ),
        ApiError::PreconditionMissing => (
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "A change says which state it is meant for",
        ),
        ApiError::PreconditionUnreadable => {
            (StatusCode::BAD_REQUEST, "invalid-precondition", "If-Match can't be read")
        }
        ApiError::NotPublic => {
            (StatusCode::FORBIDDEN, "artifact-not-public", "The model's file isn't public")
        }
        ApiError::Registry(error) => registry_kind(error),
        ApiError::Publish(error) => publish_kind(error),
        ApiError::Invalid(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-row", "The body doesn't fit the model")
        }
        ApiError::RateLimited { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests")
        }
        ApiError::KeysNotConfigured => {
            (StatusCode::SERVICE_UNAVAILABLE, "not-configured", "Keys aren't configured")
        }
        ApiError::Config(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "misconfigured", "The Worker is misconfigured")
        }
        ApiError::Log(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "log-unavailable", "The log isn't available")
        }
        ApiError::Model(_) | ApiError::Unwritable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "model-unavailable", "No model can answer")
        }
        ApiError::Entropy(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "no-randomness", "No id can be drawn")
        }
        ApiError::Page(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "page-unavailable", "The page isn't available")
        }
    }
}

fn credential_kind(error: CredentialError) -> (StatusCode, &'static str, &'static str) {
    match error {
        CredentialError::Wrong => {
            (StatusCode::UNAUTHORIZED, "token-wrong", "The token isn't valid here")
        }
        CredentialError::Expired => {
            (StatusCode::UNAUTHORIZED, "token-expired", "The token has expired")
        }
        CredentialError::Revoked => {
            (StatusCode::UNAUTHORIZED, "token-revoked", "The key was revoked")
        }
        CredentialError::NotConfigured => {
            (StatusCode::SERVICE_UNAVAILABLE, "not-configured", "Owner routes aren't configured")
        }
        CredentialError::IssuerUnavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "issuer-unavailable",
            "The issuer of the token isn't available",
        ),
    }
}

fn registry_kind(error: &RegistryError) -> (StatusCode, &'static str, &'static str) {
    match error {
        RegistryError::Stale { .. } => {
            (StatusCode::PRECONDITION_FAILED, "stale", "Somebody was faster")
        }
        RegistryError::NotFound { .. } => {
            (StatusCode::NOT_FOUND, "not-in-registry", "The registry has no such thing")
        }
        RegistryError::Conflict { .. } => {
            (StatusCode::CONFLICT, "conflict", "The registry is in another state")
        }
        RegistryError::Invalid { .. } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-change",
            "The body isn't what this path takes",
        ),
        RegistryError::Storage { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "registry-unavailable",
            "The registry isn't available",
        ),
    }
}

fn publish_kind(error: &PublishError) -> (StatusCode, &'static str, &'static str) {
    match error {
        PublishError::Artifact(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-artifact", "The body is no model file")
        }
        PublishError::OtherRows { .. } => (
            StatusCode::PRECONDITION_FAILED,
            "other-rows",
            "These are not the rows that were meant",
        ),
        PublishError::Dataset(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-dataset",
            "The body isn't the data set that it should be",
        ),
        PublishError::Mismatch(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "artifact-mismatch",
            "The model doesn't do what its file says",
        ),
        PublishError::Storage(_) | PublishError::Registry(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "registry-unavailable",
            "The registry isn't available",
        ),
    }
}

/// What went wrong this time, and what to do.
fn detail(error: &ApiError) -> String {
    match error {
        ApiError::Malformed(error) => format!("{error}."),
        ApiError::BodyUnreadable => "The connection ended within the body; send it again.".into(),
        ApiError::Query(_) => "Change the parameters listed in errors.".into(),
        ApiError::Invalid(_) => {
            "Change what is listed in errors; GET /api/v1/model tells what a row looks like.".into()
        }
        ApiError::BodyTooLarge { limit } => format!("Send at most {limit} bytes."),
        ApiError::NotJson => "Send the header content-type: application/json.".into(),
        ApiError::NotOctets => {
            "Send the file as it is, with the header content-type: application/octet-stream.".into()
        }
        ApiError::InvalidChange(_) => {
            "Change what is listed in errors; GET /openapi.json tells what this path takes.".into()
        }
        ApiError::PreconditionMissing => {
            "Read the state first, and send its ETag as If-Match; If-Match: * is any state.".into()
        }
        ApiError::PreconditionUnreadable => {
            "Send one ETag that the registry gave, with its quotes, or *.".into()
        }
        ApiError::NotPublic => {
            "Its owner can make it so: PUT /api/v1/deployment {\"public_artifact\": true}.".into()
        }
        ApiError::Registry(error) => registry_detail(error),
        ApiError::Publish(error) => publish_detail(error),
        ApiError::Compressed => "Send the body without a content-encoding.".into(),
        ApiError::NotFound => "GET /openapi.json lists every path.".into(),
        ApiError::MethodNotAllowed => "The header Allow lists the methods that it answers; /docs shows each of them with an example.".into(),
        ApiError::TokenMissing => {
            "Send the header authorization: Bearer <owner token, or a key>.".into()
        }
        ApiError::Credential(error) => credential_detail(*error).into(),
        ApiError::Forbidden { scope } => {
            let or_admin = if *scope == Scope::Admin { "" } else { " or admin" };
            format!("Send a token with the scope {}{or_admin}.", scope.name())
        }
        ApiError::KeysNotConfigured => {
            "Set a secret of at least 32 characters with: npx wrangler secret put KEY_SECRET."
                .into()
        }
        ApiError::RateLimited { period_secs } => {
            format!("Wait at most {period_secs} seconds, then go slower.")
        }
        ApiError::Config(error) => format!("{error}."),
        ApiError::Log(_) => "The prediction log didn't answer; try again in a moment.".into(),
        ApiError::Model(_) | ApiError::Unwritable(_) => {
            "The served model can't be read; try again in a moment.".into()
        }
        ApiError::Entropy(_) => "The platform gives no random bytes; try again in a moment.".into(),
        ApiError::Page(_) => "The page's files don't answer; try again in a moment.".into(),
    }
}

const fn credential_detail(error: CredentialError) -> &'static str {
    match error {
        CredentialError::Wrong => {
            "Send the token that OWNER_TOKEN is set to, or a key as it was minted, whole."
        }
        CredentialError::Expired => "Ask its owner for another one.",
        CredentialError::Revoked => "Ask the owner of this deployment for another one.",
        CredentialError::NotConfigured => "Set a token with: npx wrangler secret put OWNER_TOKEN.",
        CredentialError::IssuerUnavailable => {
            "The issuer's keys can't be read at OAUTH_JWKS; try again in a moment."
        }
    }
}

/// How the caller may prove who they are (RFC 6750, section 3), if that is what keeps them from an answer.
fn challenge(error: &ApiError) -> Option<HeaderValue> {
    let realm = "Bearer realm=\"tepal\"";
    let text = match error {
        ApiError::TokenMissing => realm.to_owned(),
        ApiError::Credential(
            CredentialError::Wrong | CredentialError::Expired | CredentialError::Revoked,
        ) => format!("{realm}, error=\"invalid_token\""),
        ApiError::Forbidden { scope } => {
            format!("{realm}, error=\"insufficient_scope\", scope=\"{}\"", scope.name())
        }
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

/// What is told of a change is repeated up to so many characters.
const MAX_ECHO_CHARS: usize = 200;

fn registry_detail(error: &RegistryError) -> String {
    match error {
        RegistryError::Stale { .. } => "Read the state again, and decide anew.".into(),
        RegistryError::NotFound { what } => {
            let what = shortened(what);
            let list = match what.split_once(' ') {
                Some(("key", _)) => "keys",
                Some(("data", _)) => "datasets",
                Some(("window", _)) => "monitoring/windows",
                _ => "models",
            };
            format!("There is no {what}; GET /api/v1/{list} lists what there is.")
        }
        RegistryError::Conflict { why } => sentence(&shortened(why)),
        RegistryError::Invalid { .. } => "Change what is listed in errors.".into(),
        RegistryError::Storage { .. } => {
            "The registry didn't answer; read the state before you try again.".into()
        }
    }
}

fn publish_detail(error: &PublishError) -> String {
    match error {
        PublishError::Artifact(error) => sentence(&error.to_string()),
        PublishError::Dataset(DatasetError::NotHandedOver) => "Send the rows as this version of the page sends them along with a model, or as the library's train_csv writes them with --dataset.".into(),
        PublishError::Dataset(error) => sentence(&shortened(&error.to_string())),
        PublishError::OtherRows { data_hash } => format!("They have the hash {data_hash}: send those that were meant, or ask for this hash."),
        PublishError::Mismatch(error) => sentence(&error.to_string()),
        PublishError::Storage(_) | PublishError::Registry(_) => {
            "The file wasn't stored, or not deleted; do it again.".into()
        }
    }
}

/// What was sent may stand in `text`, at any length.
fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(MAX_ECHO_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// `words` as a sentence.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}

/// The wire form of `error`.
pub(crate) fn problem(error: &ApiError) -> Problem {
    let (status, kind, title) = kind(error);
    let errors = match error {
        ApiError::Invalid(faults) | ApiError::Query(faults) | ApiError::InvalidChange(faults) => {
            faults.clone()
        }
        ApiError::Registry(RegistryError::Invalid { member, why }) => vec![ProblemError {
            pointer: format!("/{member}"),
            code: "not_accepted".to_owned(),
            detail: shortened(why),
        }],
        ApiError::Malformed(fault) => vec![ProblemError {
            pointer: String::new(),
            code: malformed_code(fault.fault).to_owned(),
            detail: fault.to_string(),
        }],
        _ => Vec::new(),
    };
    Problem {
        kind: format!("/docs#{kind}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail(error),
        errors,
    }
}

fn malformed_code(fault: crate::protocols::tepal::json::Fault) -> &'static str {
    use crate::protocols::tepal::json::Fault;
    match fault {
        Fault::NotUtf8 => "not_utf8",
        Fault::TooDeep(_) => "too_deep",
        Fault::Number(_) => "not_a_json_number",
        Fault::Empty => "empty_body",
        _ => "syntax",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = problem(&self);
        let (status, kind, _) = kind(&self);
        let text = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = answer::with_status(status, PROBLEM_JSON, text);
        response.extensions_mut().insert(ProblemKind(kind));
        let headers = response.headers_mut();
        headers.extend(challenge(&self).map(|challenge| (WWW_AUTHENTICATE, challenge)));
        if let Self::RateLimited { period_secs } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(period_secs));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use model_core::{Artifact, Dataset, RescoreError};

    use super::*;
    use crate::config::Config;
    use crate::ports::{EntropyError, PageError, StorageError};
    use crate::protocols::tepal::json;
    use crate::services::serving::ServedModel;

    #[test]
    fn what_the_registry_does_not_have_is_said_where_it_would_be_listed() {
        for (what, list) in [
            ("version 9", "models"),
            ("alias stable", "models"),
            ("key c", "keys"),
            ("data set of these rows", "datasets"),
            ("window of such a number", "monitoring/windows"),
        ] {
            let said = registry_detail(&RegistryError::NotFound { what: what.into() });
            assert_eq!(
                said,
                format!("There is no {what}; GET /api/v1/{list} lists what there is.")
            );
        }
    }

    /// One of each; a new variant belongs here too.
    fn every_error() -> Vec<ApiError> {
        let malformed = json::read_object(b"{", 1, |_, _| {}).unwrap_err();
        let config = Config::read(|name| (name == "LOG_MODE").then(|| "x".into())).unwrap_err();
        vec![
            ApiError::Malformed(malformed),
            ApiError::Invalid(Vec::new()),
            ApiError::Query(Vec::new()),
            ApiError::BodyUnreadable,
            ApiError::BodyTooLarge { limit: 1 },
            ApiError::NotJson,
            ApiError::Compressed,
            ApiError::NotFound,
            ApiError::MethodNotAllowed,
            ApiError::TokenMissing,
            ApiError::Credential(CredentialError::Wrong),
            ApiError::Credential(CredentialError::Expired),
            ApiError::Credential(CredentialError::Revoked),
            ApiError::Credential(CredentialError::NotConfigured),
            ApiError::Credential(CredentialError::IssuerUnavailable),
            ApiError::Forbidden { scope: Scope::Read },
            ApiError::KeysNotConfigured,
            ApiError::RateLimited { period_secs: 60 },
            ApiError::Log(StorageError::Unreachable("away".into())),
            ApiError::Model(ServedModel::from_bytes(b"no model", 1).unwrap_err()),
            ApiError::Entropy(EntropyError),
            ApiError::Page(PageError("away".into())),
            ApiError::Config(config),
            ApiError::Unwritable("no".into()),
            ApiError::InvalidChange(Vec::new()),
            ApiError::NotOctets,
            ApiError::PreconditionMissing,
            ApiError::PreconditionUnreadable,
            ApiError::NotPublic,
            ApiError::Registry(RegistryError::Stale { generation: 1 }),
            ApiError::Registry(RegistryError::NotFound { what: "version 7".into() }),
            ApiError::Registry(RegistryError::Conflict { why: "no".into() }),
            ApiError::Registry(RegistryError::Invalid { member: "x".into(), why: "no".into() }),
            ApiError::Registry(RegistryError::Storage { why: "a secret".into() }),
            ApiError::Publish(PublishError::Mismatch(RescoreError::PredictionSets)),
            ApiError::Publish(Artifact::from_bytes(b"no model").unwrap_err().into()),
            ApiError::Publish(Dataset::from_bytes(b"no rows").unwrap_err().into()),
            ApiError::Publish(PublishError::OtherRows { data_hash: "ab".into() }),
            ApiError::Publish(PublishError::Storage(StorageError::Unreachable("a secret".into()))),
        ]
    }

    #[test]
    fn every_kind_is_explained_in_the_docs() {
        for error in every_error() {
            let (_, kind, _) = kind(&error);
            assert!(crate::handlers::docs::explains(kind), "{kind}");
        }
    }

    #[test]
    fn no_kind_is_a_500() {
        for error in every_error() {
            let status = problem(&error).status;
            assert!((400..500).contains(&status) || status == 503, "{error}: {status}");
        }
    }

    #[test]
    fn details_of_what_is_stored_stay_inside() {
        let log = ApiError::Log(StorageError::Unreachable("a secret".into()));
        let page = ApiError::Page(PageError("a secret".into()));
        let registry = ApiError::Registry(RegistryError::Storage { why: "a secret".into() });
        let stored = PublishError::Storage(StorageError::Unreachable("a secret".into()));
        for error in [log, page, registry, ApiError::Publish(stored)] {
            assert!(!problem(&error).detail.contains("a secret"));
        }
    }
}
