//! The loop: `/api/v1/policy`, `/api/v1/rollout`, `/api/v1/retrain`, `/api/v1/monitoring/decisions`.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use model_core::lifecycle::Policy;
use serde::Serialize;
use serde_json::{Map, Value};
use tepal_api::{
    DecisionList, DeploymentResponse, LoopDecision, LoopPolicy, PolicyResponse, Problem,
    ProblemError, Retraining, RetrainingList, TrialEndRequest, TrialRequest, TrialStage,
};

use super::cursor;
use super::deployment::deployment;
use super::registry::{ask, make};
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::precondition::{IfGeneration, set_generation};
use crate::http::{answer, body};
use crate::ports::{
    Answer, Change, Pointer, Query, RegistryError, TrialStep, WatchAnswer, WatchQuestion,
};
use crate::protocols::tepal::row::pointer;

/// Longest body.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// Characters of a wrong name that are repeated.
const MAX_NAME: usize = 60;
/// Decisions a page, if nothing is asked.
const DEFAULT_LIMIT: usize = 50;

/// What is wanted of the loop
#[utoipa::path(
    get,
    path = "/api/v1/policy",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "The policy", body = PolicyResponse),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn policy(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    written(Some(ask(&app, &Query::Policy).await?), None)
}

/// Wants something else of the loop
///
/// What is absent is as by default, whatever it was before. It holds from the next look on.
#[utoipa::path(
    put,
    path = "/api/v1/policy",
    tag = "loop",
    security(("owner" = [])),
    params(("if-match" = String, Header, description = "The `ETag` that was read, or `*`")),
    request_body = LoopPolicy,
    responses(
        (status = 200, description = "The policy now", body = PolicyResponse),
        (status = 400, description = "The body isn't JSON, or a precondition can't be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_policy(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let policy = policy_of(&body::json(request, MAX_BODY_BYTES).await?)?;
    let change = Change::SetPolicy { policy: Box::new(policy) };
    let changed = make(&app, change, allowed.actor, if_generation, Query::Policy).await?;
    written(changed.then, Some(changed.audit_head))
}

/// The policy of a body. What is stored may be of a later version and is read as far as it is known; who sends something is told what isn't.
fn policy_of(members: &Map<String, Value>) -> Result<Policy, ApiError> {
    let refused = |pointer: String, code: &str, detail: String| {
        ApiError::InvalidChange(vec![ProblemError { pointer, code: code.to_owned(), detail }])
    };
    let known = serde_json::to_value(Policy::default()).unwrap_or_default();
    if let Some(name) = members.keys().find(|name| known.get(name).is_none()) {
        let names: Vec<&str> =
            known.as_object().into_iter().flatten().map(|it| it.0.as_str()).collect();
        let name: String = name.chars().take(MAX_NAME).collect();
        let detail = format!("the policy has no `{name}`, but {}", names.join(", "));
        return Err(refused(pointer(&name), "unknown", detail));
    }
    let wrong = |error: serde_json::Error| refused(String::new(), "wrong_type", error.to_string());
    crate::json::from_str(&serde_json::to_string(members).map_err(wrong)?).map_err(wrong)
}

/// As [`PolicyResponse`], whose policy is a description of [`Policy`].
#[derive(Serialize)]
struct Written {
    generation: u64,
    policy: Box<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_head: Option<String>,
}

fn written(found: Option<Answer>, audit_head: Option<String>) -> Result<Response, ApiError> {
    let Some(Answer::Policy { generation, policy }) = found else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let mut response = answer::json(&Written { generation, policy, audit_head })?;
    set_generation(response.headers_mut(), generation);
    Ok(response)
}

/// Puts a version on trial
///
/// It is asked for every row in the champion's shadow at first. From then on the loop takes it on to a tenth and to half of
/// the requests, promotes it or gives it up, as its labelled rows say and the policy lets it. Another deployment by hand ends the trial.
#[utoipa::path(
    post,
    path = "/api/v1/rollout",
    tag = "loop",
    security(("owner" = [])),
    params(("if-match" = String, Header, description = "The `ETag` that was read, or `*`")),
    request_body = TrialRequest,
    responses(
        (status = 200, description = "The deployment now", body = DeploymentResponse),
        (status = 400, description = "The body isn't JSON, or a precondition can't be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A trial is under way, the version is archived, or it isn't like the champion", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let TrialRequest { challenger, reason } = body::json(request, MAX_BODY_BYTES).await?;
    let change = Change::BeginTrial { challenger, reason };
    let changed = make(&app, change, allowed.actor, if_generation, Query::Pointer).await?;
    deployment(changed.then, Some(changed.audit_head))
}

/// Ends the trial under way
///
/// A challenger is given up; of a champion on probation the probation is over, and it stays.
#[utoipa::path(
    delete,
    path = "/api/v1/rollout",
    tag = "loop",
    security(("owner" = [])),
    params(("if-match" = String, Header, description = "The `ETag` that was read, or `*`")),
    request_body = TrialEndRequest,
    responses(
        (status = 200, description = "The deployment now", body = DeploymentResponse),
        (status = 400, description = "The body isn't JSON, or a precondition can't be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No trial is under way", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let TrialEndRequest { reason } = body::json(request, MAX_BODY_BYTES).await?;
    let Answer::Pointer { pointer } = ask(&app, &Query::Pointer).await? else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let trial = pointer.and_then(|Pointer { deployment, .. }| deployment.trial);
    let Some(trial) = trial else {
        let why = "no trial is under way".to_owned();
        return Err(RegistryError::Conflict { why }.into());
    };
    let step = match trial.stage {
        TrialStage::Probation => TrialStep::Pass,
        _ => TrialStep::Drop,
    };
    let change = Change::StepTrial { trial: trial.number, step, reason, evidence: None };
    let changed = make(&app, change, allowed.actor, if_generation, Query::Pointer).await?;
    deployment(changed.then, Some(changed.audit_head))
}

/// Looks, and takes the step that waits
///
/// What is right to do is decided anew from what is there now, and done whatever the policy's mode. If it isn't a step
/// any more, nothing is done.
#[utoipa::path(
    post,
    path = "/api/v1/rollout/approve",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "What was decided and done", body = LoopDecision),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is no step to take, and why", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or log, registry or watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn approve(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    app.writer.catch_up().await?;
    let question = WatchQuestion::Approve { actor: allowed.actor };
    let taken = app.ports.watcher.ask(&question).await;
    app.serving.forget_pointer();
    let WatchAnswer::Decisions { decisions, .. } = taken? else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let member = |name| decisions.first().and_then(|it| it.get(name)).and_then(Value::as_str);
    if member("outcome") == Some("done")
        && let Some(decision) = decisions.first()
    {
        return answer::json(decision);
    }
    let why =
        member("says").unwrap_or("nothing can be seen: GET /api/v1/monitoring/windows says why");
    let why = format!("there is no step to take. {}", why.trim_end_matches('.'));
    Err(RegistryError::Conflict { why }.into())
}

/// Trains another model
///
/// On the newest labelled rows, in steps that take some seconds to minutes in all; `GET /api/v1/retrain` tells how far it is. The best
/// model is held against the champion. If it is better it is published, carries none of the rows, and is put on trial.
#[utoipa::path(
    post,
    path = "/api/v1/retrain",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 202, description = "It begins", body = Retraining),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Something is in the way: a training or a trial that is under way, too few labelled rows, or as many trainings as a day may have", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or log, registry or watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn retrain(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    app.writer.catch_up().await?;
    let mut response = retraining(&app, &WatchQuestion::Retrain { actor: allowed.actor }).await?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// Stops the training under way
///
/// What it has learnt is thrown away.
#[utoipa::path(
    delete,
    path = "/api/v1/retrain",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "How it ended", body = Retraining),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No training is under way", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel_retraining(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    retraining(&app, &WatchQuestion::CancelRetraining { actor: allowed.actor }).await
}

async fn retraining(app: &App, question: &WatchQuestion) -> Result<Response, ApiError> {
    match app.ports.watcher.ask(question).await? {
        WatchAnswer::Retraining { refused: None, retraining: Some(retraining) } => {
            answer::json(&retraining)
        }
        WatchAnswer::Retraining { refused: Some(why), .. } => {
            let why = why.trim_end_matches('.').to_owned();
            Err(RegistryError::Conflict { why }.into())
        }
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// The trainings at the edge, newest first
///
/// Each with its rows, its models, and what came of it. The last 32 are kept; a model that was published is in the ledger for good.
#[utoipa::path(
    get,
    path = "/api/v1/retrain",
    tag = "loop",
    security(("owner" = [])),
    responses(
        (status = 200, description = "The trainings", body = RetrainingList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn retrainings(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    match app.ports.watcher.ask(&WatchQuestion::Retrainings).await? {
        WatchAnswer::Retrainings { retrainings } => answer::json(&RetrainingList { retrainings }),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// As [`DecisionList`], of decisions as they are kept.
#[derive(Serialize)]
struct Listed {
    decisions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What was decided at each look, newest first
///
/// Each with what it was decided by, also if there was nothing to do. The last 1,000 are kept; what was done is in the
/// ledger, too, for good.
#[utoipa::path(
    get,
    path = "/api/v1/monitoring/decisions",
    tag = "loop",
    security(("owner" = [])),
    params(
        ("limit" = Option<usize>, Query, description = "Decisions a page, 1 to 1000; 50 if absent", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "One page", body = DecisionList),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the watcher can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn decisions(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let cursor::Page { limit, before } = cursor::read(uri.query(), DEFAULT_LIMIT)?;
    match app.ports.watcher.ask(&WatchQuestion::Decisions { before, limit }).await? {
        WatchAnswer::Decisions { decisions, more } => {
            let last = decisions.last().and_then(|it| it.get("number")).map(Value::to_string);
            answer::json(&Listed { decisions, next_cursor: last.filter(|_| more) })
        }
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_described_as_it_is_read_and_written() {
        let policy = serde_json::to_value(Policy::default()).unwrap();
        let described: LoopPolicy = serde_json::from_value(policy.clone()).unwrap();
        assert_eq!(serde_json::to_value(described).unwrap(), policy);
    }
}
