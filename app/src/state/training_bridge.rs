//! The page's end of the training worker: load it, ask it, collect what it sends.

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use gloo::net::http::Request;
use gloo::timers::future::TimeoutFuture;
use gloo::worker::Spawnable;
use gloo::worker::reactor::ReactorBridge;
use model_core::Artifact;

use crate::training::{LOADER_PATH, StepProgress, TrainEvent, TrainRequest, Trainer, WASM_PATH};

/// A worker that was fetched starts within a second; on a slow phone within some.
const START_TIMEOUT_MILLIS: u32 = 20_000;
/// The longest step on the built-in data takes some tens of milliseconds.
const STEP_TIMEOUT_MILLIS: u32 = 120_000;

/// Why there are no new models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrainingFailure {
    /// The worker could not be loaded.
    NotLoaded(String),
    /// It stopped answering.
    Silent,
    /// It says why it cannot train.
    Refused(String),
    /// It sent something that is no model.
    BadArtifact(String),
}

impl TrainingFailure {
    /// What happened and what to do, in words.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::NotLoaded(why) => format!(
                "The trainer could not be loaded ({why}). It is fetched the first time you train: check the connection and try again."
            ),
            Self::Silent => "The trainer has stopped answering. Try again; if it happens once more, reload the page.".to_owned(),
            Self::Refused(why) => format!("The training was refused: {why}."),
            Self::BadArtifact(why) => format!("The trainer sent a model that cannot be read: {why}."),
        }
    }
}

/// Runs one training: the models with their bytes, and the worker's total time.
///
/// # Errors
/// [`TrainingFailure`].
pub(crate) async fn run(
    request: TrainRequest,
    mut on_progress: impl FnMut(StepProgress),
) -> Result<(Vec<(Artifact, Vec<u8>)>, f64), TrainingFailure> {
    // gloo's worker hides the browser's load errors, so what it would load is fetched first. It
    // is then in the cache, and a failure has a reason.
    check_asset(LOADER_PATH, "javascript").await?;
    check_asset(WASM_PATH, "wasm").await?;
    let mut bridge = Trainer::spawner().with_loader(true).spawn(LOADER_PATH);
    match next(&mut bridge, START_TIMEOUT_MILLIS).await {
        Some(TrainEvent::Ready) => bridge.send_input(request),
        _ => return Err(TrainingFailure::NotLoaded("it did not start".to_owned())),
    }
    let mut models = Vec::new();
    loop {
        match next(&mut bridge, STEP_TIMEOUT_MILLIS).await.ok_or(TrainingFailure::Silent)? {
            TrainEvent::Ready => {}
            TrainEvent::Progress(progress) => on_progress(progress),
            TrainEvent::Trained { artifact: bytes } => {
                let artifact = Artifact::from_bytes(&bytes)
                    .map_err(|error| TrainingFailure::BadArtifact(error.to_string()))?;
                models.push((artifact, bytes));
            }
            TrainEvent::Finished { total_millis } => return Ok((models, total_millis)),
            TrainEvent::Failed { message } => return Err(TrainingFailure::Refused(message)),
        }
    }
}

async fn next(bridge: &mut ReactorBridge<Trainer>, timeout_millis: u32) -> Option<TrainEvent> {
    match select(bridge.next(), TimeoutFuture::new(timeout_millis)).await {
        Either::Left((event, _)) => event,
        Either::Right(_) => None,
    }
}

/// Fetches what the worker will load. The kind is checked too: what stands between page and
/// Worker may answer with a page of its own, such as a hotel's sign-in.
async fn check_asset(path: &str, kind: &str) -> Result<(), TrainingFailure> {
    let not_loaded = |why: String| TrainingFailure::NotLoaded(why);
    let response =
        Request::get(path).send().await.map_err(|_| not_loaded("no connection".to_owned()))?;
    let found = response.headers().get("content-type").is_some_and(|value| value.contains(kind));
    if !response.ok() || !found {
        return Err(not_loaded(format!("{path} is missing, status {}", response.status())));
    }
    // Read to the end, or the browser would not cache it.
    response.binary().await.map_err(|_| not_loaded("the connection broke".to_owned()))?;
    Ok(())
}
