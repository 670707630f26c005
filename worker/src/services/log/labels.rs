//! Labels on their way to the shards of their predictions.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::writer::LogWriter;
use crate::ports::{Label, LabelStatus, PredictionLog, ShardId, StorageError};
use crate::services::prediction_id;

/// Labels of cold predictions cost a segment each or two, and a call to a shard reads no more than it may.
const LABELS_A_CALL: usize = 100;

/// Records `labels` and says what became of each, in their order; `shards` are written to now.
///
/// A prediction that isn't found may be in this isolate's buffer still. So what is gathered is sent then,
/// and only then, and those are looked for again.
///
/// # Errors
/// [`StorageError`] if a shard can't be asked; labels can safely be sent again.
pub(crate) async fn record(
    writer: &LogWriter,
    shards: ShardId,
    labels: &[Label],
) -> Result<Vec<LabelStatus>, StorageError> {
    let mut statuses = send(writer.log.as_ref(), shards, labels).await?;
    let is_unknown = |status: &LabelStatus| *status == LabelStatus::UnknownId;
    if !statuses.iter().any(is_unknown) {
        return Ok(statuses);
    }
    writer.catch_up().await?;
    let unknown = labels.iter().zip(&statuses).filter(|(_, status)| is_unknown(status));
    let again: Vec<Label> = unknown.map(|(label, _)| label.clone()).collect();
    let mut found = send(writer.log.as_ref(), shards, &again).await?.into_iter();
    for status in statuses.iter_mut().filter(|status| is_unknown(status)) {
        *status = found.next().unwrap_or(*status);
    }
    Ok(statuses)
}

/// Sends each label to the shard that its id names, all shards at once.
async fn send(
    log: &dyn PredictionLog,
    shards: ShardId,
    labels: &[Label],
) -> Result<Vec<LabelStatus>, StorageError> {
    let mut by_shard: BTreeMap<ShardId, Vec<usize>> = BTreeMap::new();
    for (at, label) in labels.iter().enumerate() {
        if let Some(shard) = prediction_id::shard_of(&label.id) {
            by_shard.entry(shard).or_default().push(at);
        }
    }
    // An id may be made up; no object is made for it.
    if by_shard.keys().any(|shard| *shard >= shards) {
        let known: BTreeSet<ShardId> = log.shards().await?;
        by_shard.retain(|shard, _| *shard < shards || known.contains(shard));
    }
    let mut statuses = vec![LabelStatus::UnknownId; labels.len()];
    let calls = by_shard.into_iter().map(|(shard, places)| async move {
        let id = |at: &usize| labels.get(*at).map(|label| label.id.as_str());
        let mut places = places;
        // So that a call's labels are from few segments; those of one prediction stay in their order.
        places.sort_by_key(id);
        let mut statuses = Vec::with_capacity(places.len());
        for part in places.chunks(LABELS_A_CALL) {
            let own: Vec<Label> = part.iter().filter_map(|at| labels.get(*at).cloned()).collect();
            statuses.extend(log.label(shard, &own).await?);
        }
        Ok::<_, StorageError>(places.into_iter().zip(statuses).collect::<Vec<_>>())
    });
    for found in join_all(calls).await {
        for (at, status) in found? {
            if let Some(slot) = statuses.get_mut(at) {
                *slot = status;
            }
        }
    }
    Ok(statuses)
}
