//! The training that runs, or ran: its seed, how far it is, how it ended.

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::library::Library;
use super::training_bridge::{self, TrainingFailure};
use crate::storage;
use crate::training::{DEFAULT_SEED, StepProgress, TrainRequest, TrainingData};
use crate::view_models::families::TRAINED;

/// Where the training stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TrainingStatus {
    /// None was started.
    Idle,
    /// The worker is being loaded.
    Loading,
    /// A stage runs.
    Running(StepProgress),
    /// Every model is trained.
    Finished,
    /// The user stopped it.
    Cancelled,
    /// It went wrong.
    Failed(TrainingFailure),
}

impl TrainingStatus {
    /// Whether it can be cancelled.
    pub(crate) const fn is_running(&self) -> bool {
        matches!(self, Self::Loading | Self::Running(_))
    }
}

/// Signals of the training; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct TrainingState {
    library: Library,
    /// Text of the seed field.
    pub(crate) seed_text: RwSignal<String>,
    status: RwSignal<TrainingStatus>,
    handle: StoredValue<Option<AbortHandle>>,
}

/// Makes the training available to every page: it goes on while the user looks at another one.
pub(crate) fn provide_training(library: Library) -> TrainingState {
    let seed = storage::kept_seed().unwrap_or(DEFAULT_SEED);
    let training = TrainingState {
        library,
        seed_text: RwSignal::new(seed.to_string()),
        status: RwSignal::new(TrainingStatus::Idle),
        handle: StoredValue::new(None),
    };
    provide_context(training);
    training
}

/// The training that [`provide_training`] made available.
pub(crate) fn use_training() -> TrainingState {
    expect_context()
}

impl TrainingState {
    /// Where the training stands.
    pub(crate) fn status(&self) -> TrainingStatus {
        self.status.get()
    }

    /// The seed in the field, if it is one.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed_text.with(|text| text.trim().parse().ok())
    }

    /// Trains every family, unless a training runs or the seed is none.
    pub(crate) fn start(&self) {
        let state = *self;
        let seed = self.seed_text.with_untracked(|text| text.trim().parse::<u64>());
        let (Ok(seed), false) = (seed, self.status.with_untracked(TrainingStatus::is_running))
        else {
            return;
        };
        storage::keep_seed(seed);
        self.status.set(TrainingStatus::Loading);
        let families = TRAINED.iter().map(|family| family.as_str().to_owned()).collect();
        let request = TrainRequest { data: TrainingData::Iris, families, seed };
        let progress = move |progress| state.status.set(TrainingStatus::Running(progress));
        let (training, handle) = abortable(training_bridge::run(request, progress));
        self.handle.set_value(Some(handle));
        spawn_local(async move {
            match training.await {
                Ok(Ok((trained, total_millis))) => {
                    state.library.adopt(seed, total_millis, trained);
                    state.status.set(TrainingStatus::Finished);
                }
                Ok(Err(failure)) => state.status.set(TrainingStatus::Failed(failure)),
                // Cancelled: `cancel` has said so already.
                Err(_) => {}
            }
        });
    }

    /// Stops the training. Its future is dropped, and with it the bridge; the worker notices
    /// within a fifth of a second. What was there before stays.
    pub(crate) fn cancel(&self) {
        if let Some(handle) = self.handle.try_update_value(Option::take).flatten() {
            handle.abort();
            self.status.set(TrainingStatus::Cancelled);
        }
    }
}
