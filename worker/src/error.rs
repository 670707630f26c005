//! Everything that can keep a request from its answer. `http::problem` turns it into a reply.

use tepal_api::ProblemError;

use crate::config::ConfigError;
use crate::ports::{EntropyError, PageError, RegistryError, StorageError};
use crate::protocols::tepal::json::JsonError;
use crate::protocols::tepal::row::BodyError;
use crate::services::access::{CredentialError, Scope};
use crate::services::publish::PublishError;
use crate::services::record::RecordError;
use crate::services::serving::ModelError;

/// Why a request isn't answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the body isn't JSON: {0}")]
    Malformed(JsonError),
    #[error("the body doesn't fit the model's schema")]
    Invalid(Vec<ProblemError>),
    #[error("the body isn't what this route takes")]
    InvalidChange(Vec<ProblemError>),
    #[error("a query parameter can't be read")]
    Query(Vec<ProblemError>),
    #[error("the body ended before it was complete")]
    BodyUnreadable,
    #[error("the body is longer than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the content type isn't application/json")]
    NotJson,
    #[error("the content type isn't application/octet-stream")]
    NotOctets,
    #[error("the body is compressed")]
    Compressed,
    #[error("there is nothing at this path")]
    NotFound,
    #[error("this path doesn't answer this method")]
    MethodNotAllowed,
    #[error("a token is missing")]
    TokenMissing,
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error("the scope {} is missing", scope.name())]
    Forbidden { scope: Scope },
    #[error("no secret for keys is configured")]
    KeysNotConfigured,
    #[error("If-Match is missing")]
    PreconditionMissing,
    #[error("If-Match isn't an ETag of the registry")]
    PreconditionUnreadable,
    #[error("the served model's file isn't public")]
    NotPublic,
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Publish(PublishError),
    #[error("too many requests")]
    RateLimited { period_secs: u32 },
    #[error(transparent)]
    Log(#[from] StorageError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("an answer can't be written: {0}")]
    Unwritable(String),
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed(error) => Self::Malformed(error),
            BodyError::Invalid(faults) => Self::Invalid(faults),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Registry(error) => error.into(),
            other => Self::Publish(other),
        }
    }
}

impl From<RecordError> for ApiError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Unwritable(error) => error.into(),
            RecordError::Log(error) => error.into(),
        }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unwritable(error.to_string())
    }
}
