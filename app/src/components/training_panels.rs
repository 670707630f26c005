//! Training as Classify shows it below the answer: retrain, compare, see what is confused.

use leptos::prelude::*;

use super::evaluation_charts::{AccuracyPanel, ConfusionPanel};
use super::retrain_panel::RetrainPanel;

/// The panels.
#[component]
pub(crate) fn TrainingPanels() -> impl IntoView {
    view! {
        <RetrainPanel />
        <div class="evaluation">
            <AccuracyPanel />
            <ConfusionPanel />
        </div>
    }
}
