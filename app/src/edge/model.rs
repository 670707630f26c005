//! `GET /api/v1/model` and its file: the model that this site serves.

use model_core::{Artifact, Schema};

use super::Client;
use super::client::json_of;
use super::schema::schema_in;

/// A model as the site describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    /// Its content id.
    pub(crate) id: String,
    /// All that is said of it, as JSON: it is read once somebody needs it.
    json: String,
}

/// The model that this site serves, as far as it is described; `None` if nobody says, or something else
/// answers than an edge.
pub(crate) async fn served(client: &Client) -> Option<Description> {
    let json = client.text("/api/v1/model").await?;
    Some(Description { id: json_of(&json)?.text_if_any("model_id")?, json })
}

/// A model that answers at the edge alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remote {
    /// Its content id.
    pub(crate) id: String,
    /// Its family.
    pub(crate) family: String,
    /// Its version in the registry.
    pub(crate) version: u64,
    /// What a row looks like, and what can be answered.
    pub(crate) schema: Schema,
}

/// What can be had of a served model.
#[derive(Debug)]
pub(crate) enum Had {
    /// Its file.
    File(Box<Artifact>, Vec<u8>),
    /// What to ask it.
    Form(Box<Remote>),
}

/// The file of the model of this description if anybody may have it, else what to ask it; `None` of a
/// description that is not understood.
pub(crate) async fn take(client: &Client, description: &Description) -> Option<Had> {
    let json = json_of(&description.json)?;
    // An older edge does not say, and mostly has none to give.
    if json.is("artifact_public")
        && let Some((artifact, bytes)) = file(client, &description.id).await
    {
        return Some(Had::File(Box::new(artifact), bytes));
    }
    Some(Had::Form(Box::new(Remote {
        id: description.id.clone(),
        family: json.text_if_any("model_used")?,
        version: json.number("model_version")? as u64,
        schema: schema_in(&json.get("schema"))?,
    })))
}

/// The file of the model with this id. What has another id is not that file, whoever sent it.
async fn file(client: &Client, id: &str) -> Option<(Artifact, Vec<u8>)> {
    let bytes = client.bytes(&format!("/api/v1/model/artifact?id={id}")).await.ok()?;
    let artifact = Artifact::from_bytes(&bytes).ok()?;
    (artifact.id().to_string() == id).then_some((artifact, bytes))
}
