//! Importance and partial dependence, measured on the page's thread a slice at a time, so that it can draw
//! and be used meanwhile. Who has gone or asks for something else stops it.

use std::sync::Arc;

use gloo::timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::Artifact;
use model_core::explanation::{
    Dependence, DependenceParams, DependenceRun, ExplanationError, Importance, ImportanceParams,
    ImportanceRun,
};

use crate::clock::now_millis;
use crate::signals::RwSignal;

/// How long a slice may take: a frame has 16 ms, and something else wants some of it.
const SLICE_MILLIS: f64 = 8.0;
/// Points along a column; more would not be seen.
const GRID: DependenceParams = DependenceParams { grid_resolution: 40, percentiles: [0.05, 0.95] };

/// What is measured, or why it is not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Measured<T> {
    /// It is under way.
    Waiting,
    /// There it is.
    Done(Arc<T>),
    /// Why there is none.
    Refused(String),
}

/// A measurement that follows what it is of; cheap to copy.
pub(crate) struct Measuring<T: Send + Sync + 'static> {
    outcome: RwSignal<Measured<T>>,
    /// Counts the questions: an answer to an older one is not wanted.
    asked: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Measuring<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Measuring<T> {}

impl<T: Send + Sync + 'static> Measuring<T> {
    /// One that was asked nothing yet.
    pub(crate) fn new() -> Self {
        Self { outcome: RwSignal::new(Measured::Waiting), asked: StoredValue::new(0) }
    }

    /// How far it is.
    pub(crate) fn outcome(&self) -> Measured<T>
    where
        T: Clone,
    {
        self.outcome.get()
    }

    /// Asks anew: `measure` gets what tells it, between two slices, whether to go on.
    fn ask<F>(&self, measure: impl FnOnce(Breath) -> F)
    where
        F: Future<Output = Option<Result<T, ExplanationError>>> + 'static,
    {
        self.asked.update_value(|asked| *asked = asked.wrapping_add(1));
        let (outcome, asked) = (self.outcome, self.asked);
        let number = asked.get_value();
        outcome.set(Measured::Waiting);
        let found = measure(Breath { asked, number, since: now_millis() });
        spawn_local(async move {
            let Some(found) = found.await else { return };
            let next = match found {
                Ok(found) => Measured::Done(Arc::new(found)),
                Err(error) => Measured::Refused(error.to_string()),
            };
            // Gone when the panel was left.
            if asked.try_get_value() == Some(number) {
                let _ = outcome.try_set(next);
            }
        });
    }
}

/// The pause between two slices.
struct Breath {
    asked: StoredValue<u32>,
    number: u32,
    since: f64,
}

impl Breath {
    /// Hands control back if the slice is over; whether the answer is still wanted.
    async fn take(&mut self) -> bool {
        if now_millis() - self.since >= SLICE_MILLIS {
            TimeoutFuture::new(0).await;
            self.since = now_millis();
        }
        self.asked.try_get_value() == Some(self.number)
    }
}

impl Measuring<Importance> {
    /// Measures what `model`'s accuracy on its held-out rows is owed to.
    pub(crate) fn importance(&self, model: Arc<Artifact>) {
        self.ask(|mut breath| async move {
            let rows = &model.reference().held_out;
            let mut run = match ImportanceRun::new(&model, rows, ImportanceParams::default()) {
                Ok(run) => run,
                Err(error) => return Some(Err(error)),
            };
            while run.step() {
                if !breath.take().await {
                    return None;
                }
            }
            Some(Ok(run.finish()))
        });
    }
}

impl Measuring<Dependence> {
    /// Measures how the probabilities of `model` move with column `feature`, over its held-out rows, or over
    /// training rows if it has none of those.
    pub(crate) fn dependence(&self, model: Arc<Artifact>, feature: usize) {
        self.ask(|mut breath| async move {
            let sample = model.reference();
            let rows = if sample.held_out.is_empty() { &sample.train } else { &sample.held_out };
            let mut run = match DependenceRun::new(&model, rows, feature, GRID) {
                Ok(run) => run,
                Err(error) => return Some(Err(error)),
            };
            while run.step() {
                if !breath.take().await {
                    return None;
                }
            }
            Some(Ok(run.finish()))
        });
    }
}
