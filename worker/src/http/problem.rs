//! The one place where an error gets its HTTP status, as problem details (RFC 9457).
//!
//! `type` is a reference into `/docs`, so that whoever meets a problem finds its explanation on
//! the same host. Details say what to change and repeat nothing long of the request.

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use tepal_api::{PROBLEM_JSON, Problem, ProblemError};

use super::answer;
use crate::error::ApiError;

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
        ApiError::TokenMissing => {
            (StatusCode::UNAUTHORIZED, "token-missing", "The owner's token is missing")
        }
        ApiError::TokenWrong => {
            (StatusCode::UNAUTHORIZED, "token-wrong", "The token isn't the owner's")
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
        ApiError::NotJson | ApiError::Compressed => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body isn't sent as plain JSON",
        ),
        ApiError::Invalid(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid-row", "The body doesn't fit the model")
        }
        ApiError::RateLimited { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests")
        }
        ApiError::OwnerNotConfigured => {
            (StatusCode::SERVICE_UNAVAILABLE, "not-configured", "Owner routes aren't configured")
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
        ApiError::Page(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "page-unavailable", "The page isn't available")
        }
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
        ApiError::Compressed => "Send the body without a content-encoding.".into(),
        ApiError::NotFound => "GET /openapi.json lists every path.".into(),
        ApiError::MethodNotAllowed => "The header Allow lists the methods that it answers.".into(),
        ApiError::TokenMissing => "Send the header authorization: Bearer <owner token>.".into(),
        ApiError::TokenWrong => "Send the token that OWNER_TOKEN is set to.".into(),
        ApiError::OwnerNotConfigured => "Set one with: npx wrangler secret put OWNER_TOKEN.".into(),
        ApiError::RateLimited { period_secs } => {
            format!("Wait at most {period_secs} seconds, then go slower.")
        }
        ApiError::Config(error) => format!("{error}."),
        ApiError::Log(_) => "The prediction log didn't answer; try again in a moment.".into(),
        ApiError::Model(_) | ApiError::Unwritable(_) => {
            "The served model can't be read; try again in a moment.".into()
        }
        ApiError::Page(_) => "The page's files don't answer; try again in a moment.".into(),
    }
}

/// The wire form of `error`.
pub(crate) fn problem(error: &ApiError) -> Problem {
    let (status, kind, title) = kind(error);
    let errors = match error {
        ApiError::Invalid(faults) | ApiError::Query(faults) => faults.clone(),
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
        let (status, ..) = kind(&self);
        let text = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = answer::with_status(status, PROBLEM_JSON, text);
        let headers = response.headers_mut();
        match self {
            Self::TokenMissing => {
                headers
                    .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"owner\""));
            }
            Self::TokenWrong => {
                let challenge = "Bearer realm=\"owner\", error=\"invalid_token\"";
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            Self::RateLimited { period_secs } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(period_secs));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::ports::{LogError, PageError, ServedModel};
    use crate::protocols::tepal::json;

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
            ApiError::TokenWrong,
            ApiError::OwnerNotConfigured,
            ApiError::RateLimited { period_secs: 60 },
            ApiError::Log(LogError::Unreachable("away".into())),
            ApiError::Model(ServedModel::from_bytes(b"no model", 1).unwrap_err()),
            ApiError::Page(PageError("away".into())),
            ApiError::Config(config),
            ApiError::Unwritable("no".into()),
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
        let log = ApiError::Log(LogError::Unreachable("a secret".into()));
        let page = ApiError::Page(PageError("a secret".into()));
        for error in [log, page] {
            assert!(!problem(&error).detail.contains("a secret"));
        }
    }
}
