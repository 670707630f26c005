//! The owner's routes: versions, who serves, the ledger, keys.
//!
//! Every change of what is shared names the generation that it was decided on, so that nobody overwrites what
//! somebody else did meanwhile: then it is [`EdgeError::Changed`].

use gloo::net::http::Method;
use js_sys::Array;
use model_core::Schema;
use tepal_api::{
    AuditEntry, DatasetInfo, DeploymentMode, DeploymentRequest, DeploymentResponse, KeyInfo,
    KeyRequest, ModelPatch, ModelVersion, ServedVersion,
};
use wasm_bindgen::JsValue;

use super::client::{Asking, Call};
use super::json::{Json, object};
use super::schema::schema_in;
use super::{Client, EdgeError};

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
    /// Rows that the edge keeps to train on, the newest first, or why they are not to be seen; none at an older edge.
    pub(crate) datasets: Result<Vec<DatasetInfo>, EdgeError>,
}

/// What a change answers, as far as it is needed; what was changed is read anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// The model that this site serves; it needs no token.
///
/// # Errors
/// [`EdgeError`].
pub(crate) fn served(client: &Client) -> Asking<'_, Served> {
    Box::pin(async move {
        let (json, _) = client.told(Call::get("/api/v1/model"), "schema").await?;
        Ok(Served {
            id: json.text("model_id"),
            version: json.count("model_version"),
            family: json.text("model_used"),
            accuracy: json.get("evaluation").get("test").number("accuracy"),
            is_public: json.is("artifact_public"),
            schema: schema_in(&json.get("schema")).ok_or(EdgeError::NotAnEdge { status: 200 })?,
        })
    })
}

/// The registry as it is now.
///
/// Who serves is read first: a change that comes between that and the rest makes the next change of ours fail,
/// and never pass unseen.
///
/// # Errors
/// [`EdgeError`]. Keys that may not be seen are none.
pub(crate) fn look(client: &Client) -> Asking<'_, Snapshot> {
    Box::pin(async move {
        let (deployment, _) = client.told(Call::get("/api/v1/deployment"), "champion").await?;
        let models = all(client, "/api/v1/models", "models").await?;
        let mut entries = all(client, "/api/v1/audit", "entries").await?;
        entries.reverse();
        let keys = client.told(Call::get("/api/v1/keys"), "keys").await;
        let datasets = client.told(Call::get("/api/v1/datasets"), "datasets").await;
        let datasets = match datasets {
            Ok((json, _)) => Ok(json.items("datasets").iter().map(dataset_of).collect()),
            Err(EdgeError::Refused { .. } | EdgeError::NotAnEdge { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        Ok(Snapshot {
            deployment: deployment_of(&deployment),
            models: models.iter().map(version_of).collect(),
            entries: entries.iter().map(entry_of).collect(),
            keys: keys.map(|(json, _)| json.items("keys").iter().map(key_of).collect()),
            datasets,
        })
    })
}

/// All of the list `name` at `path`, page by page.
fn all<'a>(client: &'a Client, path: &'a str, name: &'a str) -> Asking<'a, Vec<Json>> {
    Box::pin(async move {
        let mut found = Vec::new();
        let mut next = format!("{path}?limit={PAGE}");
        loop {
            let (page, _) = client.told(Call::get(&next), name).await?;
            found.extend(page.items(name));
            let Some(cursor) = page.text_if_any("next_cursor") else { return Ok(found) };
            next = format!("{path}?limit={PAGE}&cursor={cursor}");
        }
    })
}

fn deployment_of(json: &Json) -> DeploymentResponse {
    let served = |json: Json| ServedVersion {
        version: json.count("version"),
        model_id: json.text("model_id"),
    };
    let is_shadow = json.text("mode") == "shadow";
    DeploymentResponse {
        generation: json.count("generation"),
        champion: served(json.get("champion")),
        challenger: json.get_if_any("challenger").map(served),
        split_basis_points: json.count("split_basis_points") as u16,
        mode: if is_shadow { DeploymentMode::Shadow } else { DeploymentMode::Live },
        public_artifact: json.is("public_artifact"),
        previous_champion: json.get_if_any("previous_champion").map(served),
        trial: None,
        audit_head: json.text_if_any("audit_head"),
    }
}

fn version_of(json: &Json) -> ModelVersion {
    ModelVersion {
        version: json.count("version"),
        model_id: json.text("model_id"),
        family: json.text("family"),
        name: json.text("name"),
        bytes: json.count("bytes"),
        created_at: json.text("created_at"),
        trained_at: json.text_if_any("trained_at"),
        aliases: json.texts("aliases"),
        description: json.text("description"),
        tags: json.texts("tags"),
        archived: json.is("archived"),
        test_accuracy: json.number("test_accuracy"),
        cv_accuracy_mean: json.number("cv_accuracy_mean"),
        carries_rows: json.count("carries_rows"),
        verified_rows: json.number("verified_rows").map(|rows| rows as u64),
        unverified_because: json.text_if_any("unverified_because"),
    }
}

fn entry_of(json: &Json) -> AuditEntry {
    AuditEntry {
        sequence: json.count("sequence"),
        at: json.text("at"),
        actor: json.text("actor"),
        action: json.text("action"),
        details: json.get("details").map(),
        previous_hash: json.text("previous_hash"),
        hash: json.text("hash"),
    }
}

fn key_of(json: &Json) -> KeyInfo {
    KeyInfo {
        key_id: json.text("key_id"),
        name: json.text("name"),
        scopes: json.texts("scopes"),
        created_at: json.text("created_at"),
        expires_at: json.text("expires_at"),
        revoked_at: json.text_if_any("revoked_at"),
    }
}

fn dataset_of(json: &Json) -> DatasetInfo {
    DatasetInfo {
        data_hash: json.text("data_hash"),
        name: json.text("name"),
        rows: json.count("rows"),
        bytes: json.count("bytes"),
        kept_at: json.text("kept_at"),
    }
}

/// Has the edge keep the rows in the file `bytes`, which must have this hash, to train on them.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn keep_rows(
    client: &Client,
    data_hash: &str,
    bytes: &[u8],
) -> Result<Done, EdgeError> {
    let path = format!("/api/v1/datasets?data_hash={data_hash}");
    done(client, Call::get(&path).by(Method::POST).file(bytes)).await
}

/// Has the edge delete rows that it keeps.
///
/// # Errors
/// [`EdgeError`].
pub(crate) async fn delete_rows(client: &Client, data_hash: &str) -> Result<Done, EdgeError> {
    done(client, Call::get(&format!("/api/v1/datasets/{data_hash}")).by(Method::DELETE)).await
}

/// Publishes the model in the file `bytes`; the same model again keeps its version.
///
/// # Errors
/// [`EdgeError`].
pub(crate) fn publish<'a>(client: &'a Client, bytes: &'a [u8]) -> Asking<'a, Done> {
    done(client, Call::get("/api/v1/models").by(Method::POST).file(bytes))
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
    let ModelPatch { description, tags, archived } = patch;
    let tag = |tag: &String| JsValue::from_str(tag);
    let tags = tags.as_ref().map(|tags| tags.iter().map(tag).collect::<Array>().into());
    let body = [
        ("description", description.as_ref().map(Into::into)),
        ("tags", tags),
        ("archived", archived.map(JsValue::from_bool)),
    ];
    let path = format!("/api/v1/models/{version}");
    done(client, change(Method::PATCH, &path, generation, &body)).await
}

/// Lets others serve.
///
/// # Errors
/// As of [`describe`].
pub(crate) fn deploy<'a>(
    client: &'a Client,
    generation: u64,
    asked: &DeploymentRequest,
) -> Asking<'a, Done> {
    let body = [
        ("champion", asked.champion.map(number)),
        ("challenger", asked.challenger.map(|version| version.map_or(JsValue::NULL, number))),
        ("split_basis_points", asked.split_basis_points.map(JsValue::from)),
        ("mode", asked.mode.map(mode)),
        ("public_artifact", asked.public_artifact.map(JsValue::from_bool)),
        ("reason", asked.reason.as_ref().map(Into::into)),
    ];
    done(client, change(Method::PUT, "/api/v1/deployment", generation, &body))
}

fn mode(mode: DeploymentMode) -> JsValue {
    JsValue::from_str(match mode {
        DeploymentMode::Live => "live",
        DeploymentMode::Shadow => "shadow",
    })
}

/// Brings back the previous champion.
///
/// # Errors
/// As of [`describe`].
pub(crate) fn roll_back(
    client: &Client,
    generation: u64,
    reason: Option<String>,
) -> Asking<'_, Done> {
    let body = [("reason", reason.map(JsValue::from))];
    done(client, change(Method::POST, "/api/v1/rollback", generation, &body))
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
    let call = match version {
        Some(version) => {
            change(Method::PUT, &path, generation, &[("version", Some(number(version)))])
        }
        None => Call::get(&path).by(Method::DELETE).if_match(generation),
    };
    done(client, call).await
}

/// Mints a key, which the answer alone holds.
///
/// # Errors
/// [`EdgeError`].
pub(crate) fn mint<'a>(client: &'a Client, asked: &KeyRequest) -> Asking<'a, Done> {
    let scope = |scope: &String| JsValue::from_str(scope);
    let body = [
        ("name", Some((&asked.name).into())),
        ("scopes", Some(asked.scopes.iter().map(scope).collect::<Array>().into())),
        ("expires_in_days", asked.expires_in_days.map(|days| JsValue::from_f64(days as f64))),
    ];
    let body = object(given(&body));
    done(client, Call::get("/api/v1/keys").by(Method::POST).value(&body))
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

/// A change of what is at `path` and `generation` to the members that are given.
fn change<'a>(
    method: Method,
    path: &'a str,
    generation: u64,
    body: &[(&str, Option<JsValue>)],
) -> Call<'a> {
    Call::get(path).by(method).value(&object(given(body))).if_match(generation)
}

fn given<'a>(
    members: &'a [(&'a str, Option<JsValue>)],
) -> impl Iterator<Item = (&'a str, JsValue)> {
    members.iter().filter_map(|(name, value)| Some((*name, value.clone()?)))
}

/// Versions are counted from 1 up, and so exact.
fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

/// Each change has an answer of its own; what is needed of it has the same name in all of them.
fn done<'a>(client: &'a Client, call: Call<'a>) -> Asking<'a, Done> {
    Box::pin(async move {
        let (json, _) = client.told(call, "").await?;
        Ok(Done {
            version: json.count("version"),
            generation: json.count("generation"),
            audit_head: json.text_if_any("audit_head"),
            key: json.text_if_any("key"),
        })
    })
}
