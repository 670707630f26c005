//! Rows that the loop may train on: `/api/v1/datasets`.

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use tepal_api::{
    DatasetInfo, DatasetList, DatasetResponse, DeletedDataset, MAX_DATASET_BYTES, Problem,
};

use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Admin, Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::path::Segment;
use crate::http::{answer, body, query};
use crate::ports::{Changed, DatasetRecord};
use crate::services::{datasets, time};

/// Keeps rows to train on
///
/// The body is a data set as the page sends it along with a model, or as the example `train_csv` of the library writes it. A
/// retraining of a model with the same columns and classes learns from these rows, too, so it takes `admin`. They are kept until they are deleted,
/// and are the owner's own: to erase a subject's predictions doesn't change them. The same rows again change nothing.
#[utoipa::path(
    post,
    path = "/api/v1/datasets",
    tag = "registry",
    security(("owner" = [])),
    params(("data_hash" = Option<String>, Query, description = "Hash that the rows must have, such as `data_hash` of a model card")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "They are kept", body = DatasetResponse),
        (status = 200, description = "They were kept before; nothing changed", body = DatasetResponse),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "16 data sets are kept", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The rows have another hash than `data_hash`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than 8 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body isn\'t sent as application/octet-stream", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is no data set, or one of another version of Tepal", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry or the store can\'t be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn keep(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    let query = request.uri().query().unwrap_or("");
    let expected = query::form(query).find(|(name, _)| name == "data_hash");
    let expected = expected.map(|(_, hash)| hash);
    let bytes = body::artifact_bytes(request, MAX_DATASET_BYTES).await?;
    let ports = &app.ports;
    let (artifacts, registry) = (ports.artifacts.as_ref(), ports.registry.as_ref());
    let now_millis = ports.clock.now_millis();
    let (dataset, changed) =
        datasets::keep(artifacts, registry, bytes, expected.as_deref(), allowed.actor, now_millis)
            .await?;
    app.serving.forget_pointer();
    let Changed { generation, audit_head, fresh, .. } = changed;
    let info = wire(dataset);
    let mut response = answer::json(&DatasetResponse { info, generation, audit_head })?;
    if fresh {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// The rows that are kept to train on, newest first
#[utoipa::path(
    get,
    path = "/api/v1/datasets",
    tag = "registry",
    security(("owner" = [])),
    responses(
        (status = 200, description = "All data sets, without their rows", body = DatasetList),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not read", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry can\'t be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
) -> Result<Response, ApiError> {
    let datasets = datasets::list(app.ports.registry.as_ref()).await?;
    answer::json(&DatasetList { datasets: datasets.into_iter().map(wire).collect() })
}

/// Deletes rows to train on
///
/// Their file is gone within a minute, everywhere, and a training under way that took them ends at its next step. Models that a retraining
/// made of them stay: they hold none of them, and the ledger says which they are. A model that was published with rows of its own is another thing.
#[utoipa::path(
    delete,
    path = "/api/v1/datasets/{data_hash}",
    tag = "registry",
    security(("owner" = [])),
    params(("data_hash" = String, Path, description = "Their hash, which the list has")),
    responses(
        (status = 200, description = "They are deleted", body = DeletedDataset),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such rows are kept", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry or the store can\'t be reached", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    _admitted: Admitted,
    allowed: Allowed<Admin>,
    State(app): State<App>,
    Segment(data_hash): Segment,
) -> Result<Response, ApiError> {
    let ports = &app.ports;
    let (artifacts, registry) = (ports.artifacts.as_ref(), ports.registry.as_ref());
    let now_millis = ports.clock.now_millis();
    let deleted = data_hash.clone();
    let changed =
        datasets::delete(artifacts, registry, data_hash, allowed.actor, now_millis).await?;
    app.serving.forget_pointer();
    let Changed { generation, audit_head, .. } = changed;
    answer::json(&DeletedDataset { data_hash: deleted, generation, audit_head })
}

fn wire(dataset: DatasetRecord) -> DatasetInfo {
    DatasetInfo {
        data_hash: dataset.data_hash,
        name: dataset.name,
        rows: dataset.rows,
        bytes: dataset.bytes,
        kept_at: time::rfc3339_millis(dataset.kept_at_millis),
    }
}
