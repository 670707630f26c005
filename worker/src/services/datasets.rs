//! Rows to train on that come along with a model, kept until somebody deletes them.

use model_core::Dataset;

use super::publish::{PublishError, interface};
use crate::ports::{
    Answer, ArtifactKey, ArtifactStore, Change, ChangeRequest, Changed, DatasetRecord, Query,
    Registry, RegistryError,
};

/// Length of a hash in hex.
const HASH_CHARS: usize = 64;
/// Longest name that is noted, in characters.
const MAX_NAME: usize = 200;

/// Keeps the data set in `bytes`, if its rows have the hash that is `expected`: reads it, notes it in the registry, and stores it
/// under the hash of its rows; gives the note and what became of it. Done again it changes nothing, but for a stored file that was lost.
///
/// The note comes first, so that no file is kept that no list shows. What ends this between the two leaves a note of a file that
/// is not there, which a training passes over and the same call makes good.
///
/// # Errors
/// [`PublishError`]; of a file that was refused nothing is kept.
pub(crate) async fn keep(
    artifacts: &dyn ArtifactStore,
    registry: &dyn Registry,
    bytes: Vec<u8>,
    expected: Option<&str>,
    actor: String,
    at_millis: i64,
) -> Result<(DatasetRecord, Changed), PublishError> {
    let dataset = noted(&bytes, at_millis)?;
    if expected.is_some_and(|expected| expected != dataset.data_hash) {
        return Err(PublishError::OtherRows { data_hash: dataset.data_hash });
    }
    let data_hash = dataset.data_hash.clone();
    let change = Change::KeepDataset { dataset };
    let request = ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
    let changed = registry.change(&request).await?;
    let file = ArtifactKey::Dataset(&data_hash);
    artifacts.put(file, bytes).await?;
    // Somebody may have deleted it between the two.
    match list(registry).await?.into_iter().find(|kept| kept.data_hash == data_hash) {
        Some(kept) => Ok((kept, changed)),
        None => {
            artifacts.delete(file).await?;
            let what = "data set of these rows: it was deleted meanwhile".to_owned();
            Err(RegistryError::NotFound { what }.into())
        }
    }
}

/// What the registry keeps of the data set in `bytes`, whose rows need no more room than that.
fn noted(bytes: &[u8], at_millis: i64) -> Result<DatasetRecord, PublishError> {
    let data = Dataset::from_bytes(bytes)?;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Ok(DatasetRecord {
        data_hash: data.digest().to_string(),
        name: data.schema().name.chars().take(MAX_NAME).collect(),
        rows: count(data.n_samples()),
        bytes: count(bytes.len()),
        interface: interface(data.schema()),
        kept_at_millis: at_millis,
    })
}

/// What is kept, the newest first.
///
/// # Errors
/// [`RegistryError`] if the registry can't be asked.
pub(crate) async fn list(registry: &dyn Registry) -> Result<Vec<DatasetRecord>, RegistryError> {
    match registry.query(&Query::Datasets).await? {
        Answer::Datasets { datasets } => Ok(datasets),
        _ => Err(RegistryError::unexpected_answer()),
    }
}

/// Deletes the file of the rows with this hash, then the note of it: what ends this between the two leaves a note, by which the same
/// call is made again.
///
/// # Errors
/// [`PublishError`]; [`RegistryError::NotFound`] if no such rows are noted.
pub(crate) async fn delete(
    artifacts: &dyn ArtifactStore,
    registry: &dyn Registry,
    data_hash: String,
    actor: String,
    at_millis: i64,
) -> Result<Changed, PublishError> {
    if data_hash.len() != HASH_CHARS {
        return Err(RegistryError::NotFound { what: "data set of these rows".into() }.into());
    }
    let file = ArtifactKey::Dataset(&data_hash);
    artifacts.delete(file).await?;
    let change = Change::DropDataset { data_hash: data_hash.clone() };
    let request = ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
    let changed = registry.change(&request).await?;
    // Somebody may have stored it anew between the two.
    artifacts.delete(file).await?;
    Ok(changed)
}
