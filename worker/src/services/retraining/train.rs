//! Some slices of a training.

use model_core::{Artifact, Dataset, SelectionMetric, Standing, TrainError, TrainParams, Training};
use tepal_api::RetrainingState;

use super::documents::{Blob, Documents, Run};
use super::{Ended, SEED};
use crate::ports::{DocumentStore, StorageError};

/// Slices of a step, some 20 ms natively each: a Durable Object has 30 seconds for an alarm, and nobody whom it answers is to wait
/// for more than one.
const SLICES: usize = 16;

/// Goes on with the training under way; it is kept with what it has learnt.
///
/// # Errors
/// [`StorageError`] if what is kept can't be read or written.
pub(super) fn step<S: DocumentStore>(
    documents: &Documents<'_, S>,
    run: &mut Run,
) -> Result<Ended, StorageError> {
    let data = data(documents)?;
    let recipes = TrainParams::of_renewal(SEED);
    let Some(params) = recipes.get(run.at) else { return Ok(chosen(run)) };
    let checkpoint = documents.blob(Blob::Checkpoint)?;
    let (trained, share) = match train(&data, params.clone(), checkpoint.as_deref()) {
        Ok(Sliced::More { checkpoint, share }) => {
            documents.put_blob(Blob::Checkpoint, &checkpoint)?;
            (None, share)
        }
        Ok(Sliced::Done(model)) => (Some(Ok(model)), 0.0),
        Err(why) => (Some(Err(why)), 0.0),
    };
    if let Some(trained) = trained {
        documents.drop_blob(Blob::Checkpoint)?;
        let candidate = run.told.candidates.get_mut(run.at);
        match (trained, candidate) {
            (Ok(model), Some(candidate)) => {
                let cv = model.evaluation().cv.as_ref();
                candidate.cv_accuracy = cv.map(model_core::CrossValidation::mean);
                candidate.cv_log_loss = cv.map(model_core::CrossValidation::mean_log_loss);
                let best = documents.blob(Blob::Best)?;
                let best = best.as_deref().map(Artifact::from_bytes).transpose();
                let best = best.map_err(|error| StorageError::Corrupt(error.to_string()))?;
                let standings: Vec<Standing> =
                    best.iter().chain([model.as_ref()]).map(Standing::of).collect();
                if SelectionMetric::LogLoss.best(&standings) != Some(0) || best.is_none() {
                    documents.put_blob(Blob::Best, &model.to_bytes())?;
                    run.best = Some(run.at);
                }
            }
            (Err(failure), Some(candidate)) => candidate.failure = Some(failure),
            (_, None) => {}
        }
        run.at += 1;
    }
    run.attempts = 0;
    run.told.share = (run.at as f64 + share) / recipes.len().max(1) as f64;
    Ok(if run.at < recipes.len() { Ended::Next(RetrainingState::Training) } else { chosen(run) })
}

/// The data set that is kept.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(super) fn data<S: DocumentStore>(
    documents: &Documents<'_, S>,
) -> Result<Dataset, StorageError> {
    let bytes = documents.blob(Blob::Data)?;
    let bytes = bytes.ok_or_else(|| StorageError::Corrupt("the rows are gone".into()))?;
    Dataset::from_bytes(&bytes).map_err(|error| StorageError::Corrupt(error.to_string()))
}

/// What comes after the last candidate.
fn chosen(run: &mut Run) -> Ended {
    if run.best.is_some() {
        run.told.says = "The best model is held against the champion.".to_owned();
        return Ended::Next(RetrainingState::Comparing);
    }
    let failures = run.told.candidates.iter().filter_map(|it| it.failure.as_deref());
    let failures = failures.collect::<Vec<_>>().join("; ");
    Ended::Over(RetrainingState::Failed, format!("No model could be trained: {failures}."))
}

/// What some slices came to.
enum Sliced {
    More { checkpoint: Vec<u8>, share: f64 },
    Done(Box<Artifact>),
}

/// Some slices more of this model; in words why there is none.
fn train(data: &Dataset, params: TrainParams, checkpoint: Option<&[u8]>) -> Result<Sliced, String> {
    let words = |error: TrainError| error.to_string();
    let begun = || Training::of_renewal(data, params.clone()).map_err(words);
    // A checkpoint of another version of this program is none: the model is trained from its begin.
    let resumed = match checkpoint {
        Some(checkpoint) => begun()?.resume(checkpoint).ok(),
        None => None,
    };
    let mut training = match resumed {
        Some(training) => training,
        None => begun()?,
    };
    for _ in 0..SLICES {
        training.step().map_err(words)?;
    }
    if let Some(progress) = training.progress() {
        let checkpoint = training.checkpoint();
        return Ok(Sliced::More { checkpoint, share: progress.share() });
    }
    let model = training.finish().map_err(words)?;
    // Those recipes alone are trained whose models can do without rows; naive Bayes can't with a class of a single row.
    let model = model.without_rows().map_err(|error| error.to_string())?;
    Ok(Sliced::Done(Box::new(model)))
}
