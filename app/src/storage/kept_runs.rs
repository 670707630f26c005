//! The runs that the browser keeps: their records, and apart from these the bytes of their models.

use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use super::fault::StorageFault;
use super::indexed_db::{self, Change, Store};
use super::kept_training::{self, KeptTraining, NotLoaded, bytes_of};
use super::news;
use crate::bytes::Bytes;
use crate::runs::{About, FORMAT, Run};
use crate::sorted::SortedMap;

/// Records that are read before the page may do something else.
const AT_ONCE: u32 = 40;

/// All runs that are kept, and how many records there are that cannot be read.
///
/// # Errors
/// Why the browser does not give them.
pub(crate) async fn load() -> Result<(Vec<Run>, usize), StorageFault> {
    move_over().await?;
    let records: Array = indexed_db::all(Store::Runs).await?;
    let (mut runs, mut n_odd) = (Vec::new(), 0);
    for at in 0..records.length() {
        match serde_wasm_bindgen::from_value::<Run>(records.get(at)) {
            Ok(run) if run.format <= FORMAT => runs.push(run),
            _ => n_odd += 1,
        }
        if at % AT_ONCE == AT_ONCE - 1 {
            TimeoutFuture::new(0).await;
        }
    }
    Ok((runs, n_odd))
}

/// Keeps a run with the bytes of its models, by id; `answering` says which models answer from now on.
///
/// # Errors
/// Why the browser does not: then none of it is kept.
pub(crate) async fn keep(
    run: &Run,
    artifacts: &[(String, Bytes)],
    answering: Option<KeptTraining>,
) -> Result<(), StorageFault> {
    if answering.is_some() {
        move_over().await?;
    }
    let mut changes: Vec<Change> = record(run).into_iter().collect();
    changes.extend(artifacts.iter().map(put));
    changes.extend(answering.and_then(|answering| answering.change()));
    indexed_db::change(changes).await?;
    news::tell();
    Ok(())
}

/// Keeps runs that came with a file, all of them or none.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn keep_all(runs: &[(Run, Vec<(String, Bytes)>)]) -> Result<(), StorageFault> {
    let mut changes = Vec::new();
    for (run, artifacts) in runs {
        changes.extend(record(run));
        changes.extend(artifacts.iter().map(put));
    }
    indexed_db::change(changes).await?;
    news::tell();
    Ok(())
}

/// Keeps which models answer.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn keep_answering(answering: KeptTraining) -> Result<(), StorageFault> {
    move_over().await?;
    indexed_db::change(answering.change().into_iter().collect()).await
}

/// Drops runs, and the `artifacts` that no other run has.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn delete(runs: &[Run], artifacts: &[String]) -> Result<(), StorageFault> {
    let gone = |store, key: &String| Change::Delete(store, key.clone());
    let runs = runs.iter().map(|run| gone(Store::Runs, &run.id));
    let artifacts = artifacts.iter().map(|id| gone(Store::Artifacts, id));
    indexed_db::change(runs.chain(artifacts).collect()).await?;
    news::tell();
    Ok(())
}

/// The bytes of models, by id; those that are not kept are absent.
///
/// # Errors
/// Why the browser does not give them.
pub(crate) async fn artifacts(ids: &[String]) -> Result<SortedMap<String, Bytes>, StorageFault> {
    let values = indexed_db::get_each(Store::Artifacts, ids).await?;
    let found = ids.iter().zip(&values);
    Ok(found.filter_map(|(id, value)| Some((id.clone(), bytes_of(value)?))).collect())
}

/// Drops all that is kept, of a storage that is damaged.
///
/// # Errors
/// Why not even that is possible.
pub(crate) async fn start_anew() -> Result<(), StorageFault> {
    indexed_db::start_anew().await?;
    news::tell();
    Ok(())
}

/// Makes a run of the training that the page kept before there were runs, if there is one.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn move_over() -> Result<(), StorageFault> {
    let old = match kept_training::load().await {
        Ok(Some(kept)) if kept.is_without_run() => kept,
        // What cannot be read is told, and discarded, by who restores it.
        Ok(_) | Err(NotLoaded::Odd(_)) => return Ok(()),
        Err(NotLoaded::Storage(fault)) => return Err(fault),
    };
    let Ok(models) = old.read() else { return Ok(()) };
    // The model that was trained first was begun first.
    let began =
        |(artifact, _): &(model_core::Artifact, Bytes)| artifact.receipt().created_at_millis;
    let Some((first, _)) = models.first() else { return Ok(()) };
    let about = About {
        // Two tabs that do this at once make one run.
        id: first.id().short(),
        started_at_millis: models.iter().map(began).min().unwrap_or_default() as f64,
        total_millis: old.total_millis,
        seed: old.seed.parse().unwrap_or_default(),
        file: None,
    };
    let sized = models.iter().map(|(artifact, bytes)| (artifact, bytes.0.len()));
    let Some(run) = Run::of(about, sized) else { return Ok(()) };
    let ids: Vec<String> = run.models.iter().map(|model| model.id.clone()).collect();
    let artifacts = ids.iter().cloned().zip(models.into_iter().map(|(_, bytes)| bytes));
    let artifacts: Vec<(String, Bytes)> = artifacts.collect();
    let mut changes: Vec<Change> = record(&run).into_iter().collect();
    changes.extend(artifacts.iter().map(put));
    changes.extend(old.moved_over(ids).change());
    indexed_db::change(changes).await
}

fn record(run: &Run) -> Option<Change> {
    // A record is made of texts and numbers.
    let value = serde_wasm_bindgen::to_value(run).ok()?;
    Some(Change::Put(Store::Runs, run.id.clone(), value))
}

fn put((id, bytes): &(String, Bytes)) -> Change {
    let value = JsValue::from(Uint8Array::from(&*bytes.0));
    Change::Put(Store::Artifacts, id.clone(), value)
}
