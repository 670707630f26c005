//! The first page: measure, see the answer; below it, retrain.

use leptos::prelude::*;

use crate::components::answer_panel::{AnswerPanel, AnswerStrip};
use crate::components::iris_figure::IrisFigure;
use crate::components::lazy::Lazy;
use crate::components::measurement_panel::MeasurementPanel;
use crate::parts::LazyView;
use crate::state::models::use_models;
use crate::view_models::format;

/// Classify.
#[component]
pub(crate) fn ClassifyPage() -> impl IntoView {
    let models = use_models();
    let question = move || {
        models.with_active(|active| {
            let schema = active.model.artifact.schema();
            if schema.name == "iris" {
                "Which iris is this?".to_owned()
            } else {
                format!("Which {} is this?", format::words(&schema.target))
            }
        })
    };
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
        <Lazy view=LazyView::TrainingPanels />
    }
}
