//! The first page: measure, see the answer; below it, retrain.

use leptos::prelude::*;

use crate::components::answer_panel::{AnswerPanel, AnswerStrip};
use crate::components::iris_figure::IrisFigure;
use crate::components::lazy::Lazy;
use crate::components::measurement_panel::MeasurementPanel;
use crate::parts::LazyView;
use crate::state::library::use_library;
use crate::view_models::answer::question;

/// Classify.
#[component]
pub(crate) fn ClassifyPage() -> impl IntoView {
    let library = use_library();
    let question = move || library.with_active(|model| question(&model.artifact));
    view! {
        <h1 tabindex="-1">{question}</h1>
        <p class="lede">
            "Measure, and read the answer. It is worked out in this tab; nothing is sent unless you ask the edge."
        </p>
        <div class="classify">
            <AnswerStrip />
            <MeasurementPanel />
            <AnswerPanel />
            <IrisFigure />
        </div>
        <Lazy view=LazyView::Alternatives />
        <Lazy view=LazyView::TrainingPanels />
    }
}
