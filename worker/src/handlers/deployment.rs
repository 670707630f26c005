//! Who serves: `/api/v1/deployment`, `/api/v1/rollback`.

use axum::extract::{Request, State};
use axum::response::Response;
use tepal_api::{
    DeploymentMode, DeploymentRequest, DeploymentResponse, Problem, RollbackRequest, ServedVersion,
};

use super::registry::{ask, make};
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::precondition::{IfGeneration, set_generation};
use crate::http::{answer, body};
use crate::ports::{Answer, Change, Mode, ModelRef, Pointer, Query, RegistryError};

/// Longest body of a change.
const MAX_CHANGE_BYTES: usize = 16 * 1024;

/// Who serves
#[utoipa::path(
    get,
    path = "/api/v1/deployment",
    tag = "registry",
    security(("owner" = [])),
    responses(
        (status = 200, description = "The deployment", body = DeploymentResponse),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    deployment(Some(ask(&app, &Query::Pointer).await?), None)
}

/// Lets others serve
///
/// What is absent stays, but for `public_artifact`: another champion isn't public unless the request says
/// so. Served within `POINTER_TTL_SECS` everywhere. A challenger must take the same
/// columns and know the same classes as the champion.
#[utoipa::path(
    put,
    path = "/api/v1/deployment",
    tag = "registry",
    security(("owner" = [])),
    params(("if-match" = String, Header, description = "The `ETag` that was read, or `*`")),
    request_body = DeploymentRequest,
    responses(
        (status = 200, description = "The deployment now", body = DeploymentResponse),
        (status = 400, description = "The body isn\'t JSON, or a precondition can\'t be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The version is archived, or challenger and champion aren't alike", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let asked: DeploymentRequest = body::json(request, MAX_CHANGE_BYTES).await?;
    let change = Change::Deploy {
        champion: asked.champion,
        challenger: asked.challenger,
        split_basis_points: asked.split_basis_points,
        mode: asked.mode.map(|mode| match mode {
            DeploymentMode::Live => Mode::Live,
            DeploymentMode::Shadow => Mode::Shadow,
        }),
        public_artifact: asked.public_artifact,
        probation: asked.probation,
        reason: asked.reason,
        evidence: asked.evidence,
    };
    let changed = make(&app, change, allowed.actor, if_generation, Query::Pointer).await?;
    deployment(changed.then, Some(changed.audit_head))
}

/// Brings back the previous champion
///
/// It serves alone, and its artifact isn't public. Done again it brings back the one before, for as long as there is one.
#[utoipa::path(
    post,
    path = "/api/v1/rollback",
    tag = "registry",
    security(("owner" = [])),
    params(("if-match" = String, Header, description = "The `ETag` that was read, or `*`")),
    request_body = RollbackRequest,
    responses(
        (status = 200, description = "The deployment now", body = DeploymentResponse),
        (status = 400, description = "The body isn\'t JSON, or a precondition can\'t be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No champion came before this one", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn roll_back(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let RollbackRequest { reason, evidence } = body::json(request, MAX_CHANGE_BYTES).await?;
    let change = Change::Rollback { reason, evidence };
    let changed = make(&app, change, allowed.actor, if_generation, Query::Pointer).await?;
    deployment(changed.then, Some(changed.audit_head))
}

/// Who serves, as the registry answered.
///
/// # Errors
/// [`ApiError`] if it answered something else, or nobody serves.
pub(super) fn deployment(
    answer: Option<Answer>,
    audit_head: Option<String>,
) -> Result<Response, ApiError> {
    let Some(Answer::Pointer { pointer }) = answer else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let Some(Pointer { generation, deployment, .. }) = pointer else {
        let why = "nothing is published yet: publish a model first".to_owned();
        return Err(RegistryError::Conflict { why }.into());
    };
    let mut response = answer::json(&DeploymentResponse {
        generation,
        champion: served(deployment.champion),
        challenger: deployment.challenger.map(served),
        split_basis_points: deployment.split_basis_points,
        mode: match deployment.mode {
            Mode::Live => DeploymentMode::Live,
            Mode::Shadow => DeploymentMode::Shadow,
        },
        public_artifact: deployment.public_artifact,
        previous_champion: deployment.previous_champion.map(served),
        trial: deployment.trial,
        audit_head,
    })?;
    set_generation(response.headers_mut(), generation);
    Ok(response)
}

fn served(model: ModelRef) -> ServedVersion {
    ServedVersion { version: model.version, model_id: model.model_id }
}
