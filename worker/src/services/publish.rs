//! From a model file to a version of the registry.

use model_core::schema::{InputColumn, SourceKind};
use model_core::{
    Artifact, ArtifactError, CrossValidation, DatasetError, FeatureKind, RescoreError, Rescored,
    Schema,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::serving::ServedModel;
use crate::ports::{
    Answer, ArtifactKey, ArtifactStore, Change, ChangeRequest, Changed, Published, Query, Registry,
    RegistryError, Rescoring, StorageError,
};

/// Why a model isn't published, or rows are not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// The file can't be read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The file of rows can't be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The rows are others than those that were meant.
    #[error("the rows have the hash {data_hash}")]
    OtherRows { data_hash: String },
    /// The model doesn't do what its evaluation says.
    #[error(transparent)]
    Mismatch(#[from] RescoreError),
    /// The file wasn't stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The registry didn't take it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Publishes the model in `bytes`: reads it, which checks its hash and every part; scores it again on the
/// held-out rows that it carries, which finds a file that was damaged or made by a version that computes
/// otherwise (and no publisher who lies: whoever writes the file writes its rows too); stores it under its
/// id; gives it the next version. Done again it changes nothing, but for a stored file that was lost. What is
/// `retrained` at the edge says where it comes from.
///
/// # Errors
/// [`PublishError`]; of a file that was refused nothing is kept.
pub(crate) async fn publish(
    artifacts: &dyn ArtifactStore,
    registry: &dyn Registry,
    bytes: Vec<u8>,
    actor: String,
    at_millis: i64,
    retrained: Option<Map<String, Value>>,
) -> Result<Changed, PublishError> {
    // Which version it becomes isn't known yet, and isn't read here.
    let artifact = Artifact::from_bytes(&bytes)?;
    let n_bytes = bytes.len().try_into().unwrap_or(u64::MAX);
    let model = of_artifact(&artifact, n_bytes, rescored(&artifact)?);
    let model_id = model.model_id.clone();
    if !is_kept(artifacts, registry, &model_id).await? {
        artifacts.put(ArtifactKey::Model(&model_id), bytes).await?;
    }
    let change = Change::Publish { model, retrained };
    let then = Some(Query::Model { model_id });
    let request = ChangeRequest { change, actor, at_millis, if_generation: None, then };
    Ok(registry.change(&request).await?)
}

/// Whether the model is published and its file in place. Two files with one id differ in the receipt, which
/// the id doesn't cover, and the one that was published is the one that stays.
///
/// The registry is asked first: a store that was asked for a file in vain may go on for a while to say
/// that there is none.
async fn is_kept(
    artifacts: &dyn ArtifactStore,
    registry: &dyn Registry,
    model_id: &str,
) -> Result<bool, PublishError> {
    let asked = Query::Model { model_id: model_id.to_owned() };
    let Answer::Versions { versions, .. } = registry.query(&asked).await? else {
        return Err(RegistryError::unexpected_answer().into());
    };
    if versions.is_empty() {
        return Ok(false);
    }
    let kept = artifacts.get(ArtifactKey::Model(model_id)).await?;
    let kept = kept.and_then(|bytes| Artifact::from_bytes(&bytes).ok());
    Ok(kept.is_some_and(|kept| kept.id().to_string() == model_id))
}

/// What the registry keeps of a model that needs no check: it is compiled in.
pub(crate) fn described(model: &ServedModel) -> Published {
    let rescored = rescored(&model.artifact)
        .unwrap_or_else(|error| Rescoring::Unverified { reason: error.to_string() });
    of_artifact(&model.artifact, model.artifact_bytes, rescored)
}

/// The model on the held-out rows that it carries.
fn rescored(artifact: &Artifact) -> Result<Rescoring, RescoreError> {
    Ok(match artifact.rescore()? {
        Rescored::Agrees { n_rows, .. } => {
            Rescoring::Verified { n_rows: n_rows.try_into().unwrap_or(u64::MAX) }
        }
        Rescored::NotPossible { reason } => Rescoring::Unverified { reason: reason.to_string() },
    })
}

fn of_artifact(artifact: &Artifact, bytes: u64, rescored: Rescoring) -> Published {
    let (schema, evaluation) = (artifact.schema(), artifact.evaluation());
    Published {
        model_id: artifact.id().to_string(),
        family: artifact.family().as_str().to_owned(),
        name: schema.name.clone(),
        bytes,
        trained_at_millis: artifact.receipt().created_at_millis,
        test_accuracy: evaluation.test.as_ref().map(|part| part.confusion.accuracy()),
        cv_accuracy_mean: evaluation.cv.as_ref().map(CrossValidation::mean),
        carries_rows: artifact.carries_rows().try_into().unwrap_or(u64::MAX),
        interface: interface(schema),
        rescored,
    }
}

/// Hash of the columns that a row is given by, with their kinds, and of the classes. Ranges and
/// categories may differ: they decide which rows are refused, not what a row is.
pub(crate) fn interface(schema: &Schema) -> String {
    let kind = |column: InputColumn<'_>| match column {
        InputColumn::Feature(feature) => match feature.kind {
            FeatureKind::Numeric(_) => "number",
            FeatureKind::Categorical(_) => "category",
        },
        InputColumn::Source(source) => match source.kind {
            SourceKind::DateTime { .. } => "date",
            SourceKind::Text { .. } => "text",
        },
    };
    let columns: Vec<Value> =
        schema.input_columns().map(|column| json!([column.name(), kind(column)])).collect();
    let digest = Sha256::digest(json!([columns, schema.classes]).to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
