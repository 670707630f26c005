//! Versions and aliases: `/api/v1/models`, `/api/v1/aliases`.

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use tepal_api::{
    AliasList, AliasRequest, ModelList, ModelPatch, ModelVersion, ModelVersionResponse, Problem,
};

use super::cursor;
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Allowed, Publish, Read};
use crate::http::admission::Admitted;
use crate::http::path::Segment;
use crate::http::precondition::{IfGeneration, set_generation};
use crate::http::{answer, body};
use crate::ports::{
    Answer, Change, ChangeRequest, Changed, ModelRef, Query, RegistryError, Rescoring, Version,
};
use crate::services::access::Scope;
use crate::services::{publish, time};

/// Largest artifact.
const MAX_ARTIFACT_BYTES: usize = 4 * 1024 * 1024;

/// Longest JSON body of a change.
const MAX_CHANGE_BYTES: usize = 16 * 1024;

/// Versions a page, if nothing is asked.
const DEFAULT_LIMIT: usize = 100;

/// Publishes a model
///
/// The body is the artifact as training wrote it. Its hash is checked, every part is read, and the model
/// is scored again on the held-out rows that it carries. It waits for `PUT /api/v1/deployment`. The same
/// file again keeps its version.
#[utoipa::path(
    post,
    path = "/api/v1/models",
    tag = "registry",
    security(("owner" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "A new version", body = ModelVersionResponse),
        (status = 200, description = "It was published before; nothing changed", body = ModelVersionResponse),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not publish", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 4 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body isn't sent as application/octet-stream", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is no artifact, or its model doesn't do what its evaluation says", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry or the store can't be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn publish(
    _admitted: Admitted,
    allowed: Allowed<Publish>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    // The embedded model comes before every other: who serves is decided by a deployment alone. Where it
    // can't be registered the registry takes no other.
    let _bootstrapped = app.serving.pointer(None).await;
    let bytes = body::artifact_bytes(request, MAX_ARTIFACT_BYTES).await?;
    let changed = publish::publish(
        app.ports.artifacts.as_ref(),
        app.ports.registry.as_ref(),
        bytes,
        allowed.actor,
        app.ports.clock.now_millis(),
        None,
    )
    .await?;
    app.serving.forget_pointer();
    let fresh = changed.fresh;
    let mut response = version_after(changed)?;
    if fresh {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// The published models, newest first
#[utoipa::path(
    get,
    path = "/api/v1/models",
    tag = "registry",
    security(("owner" = [])),
    params(
        ("limit" = Option<usize>, Query, description = "Versions a page, 1 to 1000; 100 if absent", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "One page", body = ModelList),
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
    let asked = Query::Versions { before, limit };
    let (generation, versions, more) = versions(&app, &asked).await?;
    let last = versions.last().map(|(version, _)| version.version.to_string());
    let models = versions.into_iter().map(|(version, names)| wire(version, names)).collect();
    let mut response = answer::json(&ModelList { models, next_cursor: last.filter(|_| more) })?;
    set_generation(response.headers_mut(), generation);
    Ok(response)
}

/// One published model
///
/// By its version, or by an alias such as `champion`.
#[utoipa::path(
    get,
    path = "/api/v1/models/{version}",
    tag = "registry",
    security(("owner" = [])),
    params(("version" = String, Path, description = "A version, or an alias")),
    responses(
        (status = 200, description = "The version", body = ModelVersionResponse),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    Segment(name): Segment,
) -> Result<Response, ApiError> {
    one(Some(ask(&app, &named(&name)).await?), None)
}

/// The artifact of a published model
#[utoipa::path(
    get,
    path = "/api/v1/models/{version}/artifact",
    tag = "registry",
    security(("owner" = [])),
    params(("version" = String, Path, description = "A version, or an alias")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The file isn't to be had, or not yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn artifact(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    Segment(name): Segment,
) -> Result<Response, ApiError> {
    let version = find(&app, &name).await?;
    let model = ModelRef { version: version.version, model_id: version.model.model_id };
    super::model::artifact_of(&app, &model).await
}

/// The model card of a published model
///
/// As Markdown, or as JSON if `Accept` likes that better.
#[utoipa::path(
    get,
    path = "/api/v1/models/{version}/card",
    tag = "registry",
    security(("owner" = [])),
    params(("version" = String, Path, description = "A version, or an alias")),
    responses(
        (status = 200, description = "The card", content((String = "text/markdown"), (serde_json::Value = "application/json"))),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The file isn't to be had, or not yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn card(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    Segment(name): Segment,
    headers: http::HeaderMap,
) -> Result<Response, ApiError> {
    let version = find(&app, &name).await?;
    let model = ModelRef { version: version.version, model_id: version.model.model_id };
    let model = app.serving.load(&model).await?;
    super::model::card_of(&model, &headers)
}

/// Describes a published model anew, or archives it
#[utoipa::path(
    patch,
    path = "/api/v1/models/{version}",
    tag = "registry",
    security(("owner" = [])),
    params(
        ("version" = u64, Path, description = "The version"),
        ("if-match" = String, Header, description = "The `ETag` that was read, or `*`"),
    ),
    request_body = ModelPatch,
    responses(
        (status = 200, description = "The version now", body = ModelVersionResponse),
        (status = 400, description = "The body isn\'t JSON, or a precondition can\'t be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not publish", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is in use", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member can't be taken", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn describe(
    _admitted: Admitted,
    allowed: Allowed<Publish>,
    State(app): State<App>,
    Segment(name): Segment,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    let patch: ModelPatch = body::json(request, MAX_CHANGE_BYTES).await?;
    let version = number(&name)?;
    let ModelPatch { description, tags, archived } = patch;
    let change = Change::Describe { version, description, tags, archived };
    let then = Query::Version { version };
    version_after(make(&app, change, allowed.actor, if_generation, then).await?)
}

/// All aliases
#[utoipa::path(
    get,
    path = "/api/v1/aliases",
    tag = "registry",
    security(("owner" = [])),
    responses(
        (status = 200, description = "Version by alias", body = AliasList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn aliases(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    all_aliases(Some(ask(&app, &Query::Aliases).await?), None)
}

/// Lets an alias stand for a version
///
/// `champion` and `challenger` are those of the deployment, which only the owner or a key with the scope
/// `admin` may change.
#[utoipa::path(
    put,
    path = "/api/v1/aliases/{alias}",
    tag = "registry",
    security(("owner" = [])),
    params(
        ("alias" = String, Path, description = "Its name: a letter, then letters, digits, `-`, `_` and `.`"),
        ("if-match" = String, Header, description = "The `ETag` that was read, or `*`"),
    ),
    request_body = AliasRequest,
    responses(
        (status = 200, description = "All aliases now", body = AliasList),
        (status = 400, description = "The body isn\'t JSON, or a precondition can\'t be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such version", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The version is archived", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The name can't be one", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_alias(
    _admitted: Admitted,
    allowed: Allowed<Publish>,
    State(app): State<App>,
    Segment(alias): Segment,
    if_generation: IfGeneration,
    request: Request,
) -> Result<Response, ApiError> {
    require_admin_for(&alias, &allowed)?;
    let AliasRequest { version } = body::json(request, MAX_CHANGE_BYTES).await?;
    let change = Change::SetAlias { alias, version };
    aliases_after(make(&app, change, allowed.actor, if_generation, Query::Aliases).await?)
}

/// Removes an alias
#[utoipa::path(
    delete,
    path = "/api/v1/aliases/{alias}",
    tag = "registry",
    security(("owner" = [])),
    params(
        ("alias" = String, Path, description = "Its name; not `champion`"),
        ("if-match" = String, Header, description = "The `ETag` that was read, or `*`"),
    ),
    responses(
        (status = 200, description = "All aliases now", body = AliasList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such alias", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody must serve", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_alias(
    _admitted: Admitted,
    allowed: Allowed<Publish>,
    State(app): State<App>,
    Segment(alias): Segment,
    if_generation: IfGeneration,
) -> Result<Response, ApiError> {
    require_admin_for(&alias, &allowed)?;
    let change = Change::DeleteAlias { alias };
    aliases_after(make(&app, change, allowed.actor, if_generation, Query::Aliases).await?)
}

/// Aliases that say who serves are the deployment's.
fn require_admin_for(alias: &str, allowed: &Allowed<Publish>) -> Result<(), ApiError> {
    if ["champion", "challenger"].contains(&alias) { allowed.require(Scope::Admin) } else { Ok(()) }
}

/// Does a change, has `then` answered of the state after it, and lets this isolate know of it.
pub(super) async fn make(
    app: &App,
    change: Change,
    actor: String,
    IfGeneration(if_generation): IfGeneration,
    then: Query,
) -> Result<Changed, ApiError> {
    let at_millis = app.ports.clock.now_millis();
    let request = ChangeRequest { change, actor, at_millis, if_generation, then: Some(then) };
    let changed = app.ports.registry.change(&request).await;
    app.serving.forget_pointer();
    Ok(changed?)
}

/// What the registry says at this moment, not what an isolate remembers: whoever changes it needs that. An
/// empty one gets the embedded model first, so that it tells what serves.
pub(super) async fn ask(app: &App, asked: &Query) -> Result<Answer, ApiError> {
    let _bootstrapped = app.serving.pointer(None).await;
    Ok(app.ports.registry.query(asked).await?)
}

async fn versions(
    app: &App,
    asked: &Query,
) -> Result<(u64, Vec<(Version, Vec<String>)>, bool), ApiError> {
    match ask(app, asked).await? {
        Answer::Versions { generation, versions, more } => Ok((generation, versions, more)),
        _ => Err(RegistryError::unexpected_answer().into()),
    }
}

/// What a path names: a number, or an alias.
fn named(name: &str) -> Query {
    match name.parse() {
        Ok(version) => Query::Version { version },
        Err(_) => Query::Alias { alias: name.to_owned() },
    }
}

fn number(name: &str) -> Result<u64, ApiError> {
    name.parse().map_err(|_| RegistryError::NotFound { what: "such version".into() }.into())
}

async fn find(app: &App, name: &str) -> Result<Version, ApiError> {
    let (_, versions, _) = versions(app, &named(name)).await?;
    let found = versions.into_iter().next().map(|(version, _)| version);
    found.ok_or_else(|| RegistryError::NotFound { what: "such version".into() }.into())
}

fn one(answer: Option<Answer>, audit_head: Option<String>) -> Result<Response, ApiError> {
    let Some(Answer::Versions { generation, versions, .. }) = answer else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let Some((version, names)) = versions.into_iter().next() else {
        return Err(RegistryError::NotFound { what: "such version".into() }.into());
    };
    let model = wire(version, names);
    let mut response = answer::json(&ModelVersionResponse { model, generation, audit_head })?;
    set_generation(response.headers_mut(), generation);
    Ok(response)
}

fn version_after(changed: Changed) -> Result<Response, ApiError> {
    one(changed.then, Some(changed.audit_head))
}

fn all_aliases(answer: Option<Answer>, audit_head: Option<String>) -> Result<Response, ApiError> {
    let Some(Answer::Aliases { generation, aliases }) = answer else {
        return Err(RegistryError::unexpected_answer().into());
    };
    let aliases = aliases.into_iter().collect();
    let mut response = answer::json(&AliasList { generation, aliases, audit_head })?;
    set_generation(response.headers_mut(), generation);
    Ok(response)
}

fn aliases_after(changed: Changed) -> Result<Response, ApiError> {
    all_aliases(changed.then, Some(changed.audit_head))
}

fn wire(version: Version, aliases: Vec<String>) -> ModelVersion {
    let Version { version, published_at_millis, model, description, tags, archived } = version;
    let (verified_rows, unverified_because) = match model.rescored {
        Rescoring::Verified { n_rows } => (Some(n_rows), None),
        Rescoring::Unverified { reason } => (None, Some(reason)),
    };
    ModelVersion {
        version,
        model_id: model.model_id,
        family: model.family,
        name: model.name,
        bytes: model.bytes,
        created_at: time::rfc3339_millis(published_at_millis),
        trained_at: (model.trained_at_millis > 0)
            .then(|| time::rfc3339_millis(model.trained_at_millis)),
        aliases,
        description,
        tags,
        archived,
        test_accuracy: model.test_accuracy,
        cv_accuracy_mean: model.cv_accuracy_mean,
        carries_rows: model.carries_rows,
        verified_rows,
        unverified_because,
    }
}
