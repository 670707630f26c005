//! The first page: measure, see the answer and what it rests on; below it, retrain.

use leptos::prelude::*;

use crate::components::answer_panel::{AnswerPanel, AnswerStrip};
use crate::components::iris_figure::IrisFigure;
use crate::components::lazy::{Lazy, LazyNear};
use crate::components::measurement_panel::MeasurementPanel;
use crate::i18n::t;
use crate::parts::LazyView;
use crate::signals::Memo;
use crate::state::library::use_library;
use crate::view::view;
use crate::view_models::answer::{question, question_of};

/// Classify.
#[component]
pub(crate) fn ClassifyPage() -> impl IntoView {
    let library = use_library();
    let question = move || match library.remote() {
        Some(remote) => question_of(&remote.schema),
        None => library.with_active(|model| question(&model.artifact)),
    };
    let is_remote = Memo::new(move || library.remote().is_some());
    let is_awaited = Memo::new(move || library.awaited().is_some());
    let awaited = move || is_awaited.get().then(|| view! { <Lazy view=LazyView::ServedModel /> });
    let lede = move || {
        if is_remote.get() {
            t!(
                "Measure, and ask. The model that answers is at the edge: what you entered is sent to it, and only then."
            )
        } else {
            t!(
                "Measure, and read the answer. It is worked out in this tab; nothing is sent unless you ask the edge."
            )
        }
    };
    let body = move || {
        if is_remote.get() {
            view! { <AtTheEdge /> }
        } else {
            view! { <InTheTab /> }
        }
    };
    view! {
        <h1 tabindex="-1">{move || question()}</h1>
        <p class="lede">{move || lede()}</p>
        <div class="served">{move || awaited()}</div>
        {move || body()}
    }
}

/// The answer of a model that is here.
#[component]
fn InTheTab() -> impl IntoView {
    view! {
        <div class="classify">
            <AnswerStrip />
            <MeasurementPanel />
            <AnswerPanel />
            <Lazy view=LazyView::Why />
            <IrisFigure />
        </div>
        <LazyNear view=LazyView::Alternatives />
        <Lazy view=LazyView::File />
        <LazyNear view=LazyView::TrainingPanels />
    }
}

/// The answer of a model that is not.
#[component]
fn AtTheEdge() -> impl IntoView {
    view! {
        <div class="classify">
            <MeasurementPanel />
            <Lazy view=LazyView::RemoteAnswer />
        </div>
    }
}
