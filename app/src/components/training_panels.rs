//! Training as Classify shows it below the answer: retrain, compare, see what is confused.

use leptos::prelude::*;

use super::confusion_panel::ConfusionPanel;
use super::evaluation_charts::ComparisonCharts;
use super::retrain_panel::RetrainPanel;
use crate::state::detail::provide_detail;
use crate::state::library::use_library;
use crate::view::view;

/// The panels.
#[component]
pub(crate) fn TrainingPanels() -> impl IntoView {
    provide_detail(use_library());
    view! {
        <RetrainPanel />
        <ComparisonCharts />
        <div class="evaluation evaluation-one">
            <ConfusionPanel />
        </div>
    }
}
