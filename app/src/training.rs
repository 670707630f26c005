//! Training off the page's thread: the messages, and the reactor that the `trainer` binary runs.
//!
//! The page sends one [`TrainRequest`] and receives [`TrainEvent`]s. Between two stages, and every
//! 100 ms within one, the reactor hands control back to the worker's event loop, so
//! progress leaves at once and a page that goes away (its bridge closes) stops the training there:
//! a step of a training is a slice of some dozens of milliseconds. Messages travel as
//! bincode: plain structs only. This module must not touch the DOM; a worker has none.

use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use gloo::timers::future::TimeoutFuture;
use gloo::worker::reactor::{ReactorScope, reactor};
use model_core::{Dataset, Family, Progress, Receipt, Stage, TrainParams, Training};
use serde::{Deserialize, Serialize};

/// Where the worker's loader lies. Absolute, so that deep links find it too.
pub const LOADER_PATH: &str = "/trainer_loader.js";
/// Where its code lies.
pub const WASM_PATH: &str = "/trainer_bg.wasm";

/// Seed of the built-in model and of the published split.
pub const DEFAULT_SEED: u64 = 42;

/// How long the worker may go on before it tells the page how far it is, and hears whether it is
/// still there. A browser's timer takes some 4 ms, and a cancel should take effect within 200.
const BREATH_MILLIS: f64 = 100.0;

/// What to train on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrainingData {
    /// The built-in data set.
    Iris,
}

/// One training of several families.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainRequest {
    /// What to train on.
    pub data: TrainingData,
    /// Families by their names on the wire (`svm`, ...), in the order to train them.
    pub families: Vec<String>,
    /// Seed of split, folds and forest.
    pub seed: u64,
}

/// How far one family is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepProgress {
    /// Which of the families, from 0.
    pub family_index: u32,
    /// How many there are.
    pub n_families: u32,
    /// Its name for people.
    pub family_label: String,
    /// The stage that runs now, in words.
    pub stage: String,
    /// Stages of this family that are done.
    pub steps_done: u32,
    /// Stages of this family.
    pub n_steps: u32,
    /// Which share of the stage is done, 0 to 1.
    pub stage_share: f64,
}

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TrainEvent {
    /// The worker is loaded and listens.
    Ready,
    /// A stage begins, or goes on.
    Progress(StepProgress),
    /// A family is done: its artifact.
    Trained {
        /// The artifact's bytes.
        artifact: Vec<u8>,
    },
    /// Every family is done.
    Finished {
        /// From the request to the last artifact.
        total_millis: f64,
    },
    /// It cannot go on.
    Failed {
        /// Why.
        message: String,
    },
}

/// Trains what it is asked to, until its page goes away.
#[reactor]
pub async fn Trainer(mut scope: ReactorScope<TrainRequest, TrainEvent>) {
    send(&mut scope, TrainEvent::Ready).await;
    while let Some(request) = scope.next().await {
        match serve(&mut scope, &request).await {
            Ok(()) => {}
            Err(Stop::PageGone) => return,
            Err(Stop::Failed(message)) => send(&mut scope, TrainEvent::Failed { message }).await,
        }
    }
}

/// Why a training ends early.
enum Stop {
    PageGone,
    Failed(String),
}

type Scope = ReactorScope<TrainRequest, TrainEvent>;

async fn send(scope: &mut Scope, event: TrainEvent) {
    // The sink's error type has no values.
    let Ok(()) = scope.send(event).await;
}

async fn serve(scope: &mut Scope, request: &TrainRequest) -> Result<(), Stop> {
    let started = now_millis();
    let TrainingData::Iris = request.data;
    let dataset = Dataset::iris();
    for (index, name) in request.families.iter().enumerate() {
        let family: Family =
            name.parse().map_err(|_| Stop::Failed(format!("unknown family {name}")))?;
        let mut params = TrainParams::new(family);
        params.seed = request.seed;
        let position = (index as u32, request.families.len() as u32);
        let artifact = train_family(scope, &dataset, params, position).await?;
        send(scope, TrainEvent::Trained { artifact }).await;
    }
    let total_millis = now_millis() - started;
    send(scope, TrainEvent::Finished { total_millis }).await;
    Ok(())
}

async fn train_family(
    scope: &mut Scope,
    dataset: &Dataset,
    params: TrainParams,
    (family_index, n_families): (u32, u32),
) -> Result<Vec<u8>, Stop> {
    let failed = |error: model_core::TrainError| Stop::Failed(error.to_string());
    let family_label = params.family.family().label().to_owned();
    let mut training = Training::new(dataset, params).map_err(failed)?;
    let mut receipt = Receipt {
        created_at_millis: js_sys::Date::now() as i64,
        fit_millis: 0.0,
        calibration_millis: 0.0,
        host: "browser".to_owned(),
    };
    let mut told: Option<(Stage, f64)> = None;
    while let Some(Progress { stage, steps_done, n_steps, stage_share }) = training.progress() {
        let is_news = |(of, at): (Stage, f64)| of != stage || now_millis() - at >= BREATH_MILLIS;
        if told.is_none_or(is_news) {
            let progress = StepProgress {
                family_index,
                n_families,
                family_label: family_label.clone(),
                stage: stage.to_string(),
                steps_done: steps_done as u32,
                n_steps: n_steps as u32,
                stage_share,
            };
            send(scope, TrainEvent::Progress(progress)).await;
            breathe(scope).await?;
            told = Some((stage, now_millis()));
        }
        let started = now_millis();
        training.step().map_err(failed)?;
        let elapsed = now_millis() - started;
        match stage {
            Stage::Fit => receipt.fit_millis += elapsed,
            Stage::Calibrate => receipt.calibration_millis += elapsed,
            Stage::CrossValidate { .. } | Stage::Evaluate => {}
        }
    }
    let artifact = training.finish().map_err(failed)?.with_receipt(receipt);
    Ok(artifact.to_bytes())
}

/// Lets the event loop deliver what waits: our messages out, the page's farewell in.
async fn breathe(scope: &mut Scope) -> Result<(), Stop> {
    match select(scope.next(), TimeoutFuture::new(0)).await {
        Either::Left((None, _)) => Err(Stop::PageGone),
        // A second request while one runs is a bug of the page; it does not stop this one.
        Either::Left((Some(_), _)) | Either::Right(_) => Ok(()),
    }
}

/// `performance.now()` of a window or a worker; 0 where there is none.
pub(crate) fn now_millis() -> f64 {
    use wasm_bindgen::JsCast;
    js_sys::Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|performance| performance.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |performance| performance.now())
}
