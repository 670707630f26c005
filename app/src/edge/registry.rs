//! The owner's routes: versions, who serves, the ledger, keys.
//!
//! Every change of what is shared names the generation that it was decided on, so that nobody overwrites what
//! somebody else did meanwhile: then it is [`EdgeError::Changed`].

use std::pin::Pin;

use gloo::net::http::Method;
use model_core::Schema;
use serde::{Deserialize, Serialize};
use tepal_api::{
    AliasRequest, AuditEntry, AuditPage, DeploymentRequest, DeploymentResponse, KeyInfo, KeyList,
    KeyRequest, ModelList, ModelPatch, ModelSchema, ModelVersion, RollbackRequest,
};

use super::client::Call;
use super::schema::schema_of;
use super::{Client, EdgeError, Reply};

/// Versions or entries a page: so many of the longest fit a reply.
const PAGE: usize = 150;

/// The registry at one moment, as far as the token may see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    /// Who serves, and the generation that every change names.
    pub(crate) deployment: DeploymentResponse,
    /// All versions, newest first.
    pub(crate) models: Vec<ModelVersion>,
    /// The ledger, oldest entry first.
    pub(crate) entries: Vec<AuditEntry>,
    /// The keys, newest first, or why they are not to be seen.
    pub(crate) keys: Result<Vec<KeyInfo>, EdgeError>,
}

/// What a change answers, as far as it is needed; what was changed is read anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// The version that it is about.
    pub(crate) version: u64,
    /// Of the registry, after it.
    pub(crate) generation: u64,
    /// Hash of the ledger's last entry, after it.
    pub(crate) audit_head: Option<String>,
    /// A key that was minted.
    pub(crate) key: Option<String>,
}

/// The model that this site serves, as anybody may know it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Served {
    /// Its content id.
    pub(crate) id: String,
    /// Its version in the registry.
    pub(crate) version: u64,
    /// Its family.
    pub(crate) family: String,
    /// Share of held-out rows that it got right.
    pub(crate) accuracy: Option<f64>,
    /// Whether anybody may have its file.
    pub(crate) is_public: bool,
    /// What a row looks like.
    pub(crate) schema: Schema,
}

/// What is needed of a [`tepal_api::ModelResponse`].
#[derive(Deserialize)]
struct Described {
    model_id: String,
    model_version: u64,
    model_used: String,
    #[serde(default)]
    artifact_public: bool,
    schema: ModelSchema,
    evaluation: Measured,
}

#[derive(Deserialize)]
struct Measured {
    test: Option<Accuracy>,
}

#[derive(Deserialize)]
struct Accuracy {
    accuracy: f64,
}

/// The model that this site serves; it needs no token.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn served(client: &Client) -> Result<Served, EdgeError> {
    let model: Described = client.ask(Call::get("/api/v1/model")).await?.response;
    let schema = schema_of(&model.schema).ok_or(EdgeError::NotAnEdge { status: 200 })?;
    Ok(Served {
        id: model.model_id,
        version: model.model_version,
        family: model.model_used,
        accuracy: model.evaluation.test.map(|test| test.accuracy),
        is_public: model.artifact_public,
        schema,
    })
}

/// The registry as it is now.
///
/// Who serves is read first: a change that comes between that and the rest makes the next change of ours fail,
/// and never pass unseen.
///
/// # Errors
/// [`EdgeError`]. Keys that may not be seen are none.
pub(crate) async fn look(client: &Client) -> Result<Snapshot, EdgeError> {
    let deployment = client.ask(Call::get("/api/v1/deployment")).await?.response;
    let mut models = Vec::new();
    let mut cursor = None;
    loop {
        let page: ModelList = page(client, "/api/v1/models", cursor).await?;
        models.extend(page.models);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut entries = Vec::new();
    loop {
        let page: AuditPage = page(client, "/api/v1/audit", cursor).await?;
        entries.extend(page.entries);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    entries.reverse();
    let keys = client.ask(Call::get("/api/v1/keys")).await;
    let keys = keys.map(|reply| {
        let KeyList { keys } = reply.response;
        keys
    });
    Ok(Snapshot { deployment, models, entries, keys })
}

async fn page<T: serde::de::DeserializeOwned>(
    client: &Client,
    path: &str,
    cursor: Option<String>,
) -> Result<T, EdgeError> {
    let path = match cursor {
        Some(cursor) => format!("{path}?limit={PAGE}&cursor={cursor}"),
        None => format!("{path}?limit={PAGE}"),
    };
    Ok(client.ask(Call::get(&path)).await?.response)
}

/// Publishes the model in the file `bytes`; the same model again keeps its version.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn publish(client: &Client, bytes: &[u8]) -> Result<Done, EdgeError> {
    done(client, Call::get("/api/v1/models").by(Method::POST).file(bytes)).await
}

/// Describes a version anew.
///
/// # Errors
/// [`EdgeError`]; [`EdgeError::Changed`] if the registry is at another `generation`.
pub(crate) async fn describe(
    client: &Client,
    generation: u64,
    version: u64,
    patch: &ModelPatch,
) -> Result<Done, EdgeError> {
    change(client, Method::PATCH, &format!("/api/v1/models/{version}"), generation, patch).await
}

/// Lets others serve.
///
/// # Errors
/// As of [`describe`].
pub(crate) async fn deploy(
    client: &Client,
    generation: u64,
    asked: &DeploymentRequest,
) -> Result<Done, EdgeError> {
    change(client, Method::PUT, "/api/v1/deployment", generation, asked).await
}

/// Brings back the previous champion.
///
/// # Errors
/// As of [`describe`].
pub(crate) async fn roll_back(
    client: &Client,
    generation: u64,
    reason: Option<String>,
) -> Result<Done, EdgeError> {
    let asked = RollbackRequest { reason, evidence: None };
    change(client, Method::POST, "/api/v1/rollback", generation, &asked).await
}

/// Lets an alias of the owner's own stand for `version`, or for none.
///
/// # Errors
/// As of [`describe`].
pub(crate) async fn set_alias(
    client: &Client,
    generation: u64,
    alias: &str,
    version: Option<u64>,
) -> Result<Done, EdgeError> {
    // A name that is none must not become another path; the edge says what one is.
    let path = format!("/api/v1/aliases/{}", js_sys::encode_uri_component(alias));
    match version {
        Some(version) => {
            change(client, Method::PUT, &path, generation, &AliasRequest { version }).await
        }
        None => done(client, Call::get(&path).by(Method::DELETE).if_match(generation)).await,
    }
}

/// Mints a key, which the answer alone holds.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn mint(client: &Client, asked: &KeyRequest) -> Result<Done, EdgeError> {
    done(client, Call::get("/api/v1/keys").by(Method::POST).json(asked)).await
}

/// Revokes a key.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn revoke(client: &Client, key_id: &str) -> Result<Done, EdgeError> {
    done(client, Call::get(&format!("/api/v1/keys/{key_id}")).by(Method::DELETE)).await
}

/// The model card of a version, in Markdown.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn card(client: &Client, version: u64) -> Result<String, EdgeError> {
    let path = format!("/api/v1/models/{version}/card");
    client.document(Call::get(&path).accepting("text/markdown")).await
}

/// The file of a version.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn file(client: &Client, version: u64) -> Result<Vec<u8>, EdgeError> {
    client.bytes(&format!("/api/v1/models/{version}/artifact")).await
}

async fn change(
    client: &Client,
    method: Method,
    path: &str,
    generation: u64,
    body: &impl Serialize,
) -> Result<Done, EdgeError> {
    done(client, Call::get(path).by(method).json(body).if_match(generation)).await
}

/// Boxed, so that there is one such future in the program and not one in each change.
async fn done(client: &Client, call: Call<'_>) -> Result<Done, EdgeError> {
    let asked: Pin<Box<dyn Future<Output = Result<Reply<Done>, EdgeError>>>> =
        Box::pin(client.ask(call));
    Ok(asked.await?.response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    /// Each change has an answer of its own; what is needed of it has the same name in all of them.
    #[test]
    fn every_change_is_understood() {
        let published: Done = read(json!({
            "version": 3, "model_id": "ab", "family": "svm", "carries_rows": 150, "tags": ["a"],
            "test_accuracy": null, "generation": 7, "audit_head": "ff",
        }));
        let audit_head = Some("ff".to_owned());
        let expected = Done { version: 3, generation: 7, audit_head, key: None };
        assert_eq!(published, expected);
        let deployed: Done = read(json!({
            "generation": 8, "champion": {"version": 3, "model_id": "ab"}, "challenger": null,
            "split_basis_points": 0, "mode": "live", "public_artifact": false,
            "previous_champion": null,
        }));
        assert_eq!((deployed.generation, deployed.audit_head), (8, None));
        let minted: Done = read(json!({
            "key": "tepal_AW", "key_id": "key_1", "name": "a", "scopes": [], "created_at": "",
            "expires_at": "", "audit_head": "ff",
        }));
        assert_eq!(minted.key.as_deref(), Some("tepal_AW"));
    }

    #[test]
    fn a_served_model_needs_no_accuracy_and_an_older_edge_says_less() {
        let model: Described = read(json!({
            "model_id": "ab", "model_version": 2, "model_used": "svm", "artifact_bytes": 4,
            "schema": {"name": "iris", "target": "species", "features": [], "classes": ["a"]},
            "evaluation": {"train": {}}, "lineage": {},
        }));
        assert!(!model.artifact_public && model.evaluation.test.is_none());
    }

    #[test]
    fn taking_a_challenger_away_is_said() {
        let asked = DeploymentRequest { challenger: Some(None), ..DeploymentRequest::default() };
        assert_eq!(serde_json::to_value(asked).unwrap(), json!({ "challenger": null }));
    }
}
