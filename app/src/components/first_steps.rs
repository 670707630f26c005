//! The first visit's path: where one is, what comes next, and a way to skip it for good.

use leptos::prelude::*;

use crate::i18n::t;
use crate::routes::Route;
use crate::signals::{Memo, RwSignal};
use crate::state::library::use_library;
use crate::state::location::use_location;
use crate::state::measurements::use_measurements;
use crate::state::training::use_training;
use crate::view::view;
use crate::view_models::first_steps::{Seen, Step};

/// In the browser's storage once the path was skipped or walked; `boot.js` looks for it too.
const STORED: &str = "tepal-first-steps";

/// The path, unless it was skipped.
#[component]
pub(crate) fn FirstSteps() -> impl IntoView {
    let is_over = RwSignal::new(is_stored());
    let (measurements, training, library) = (use_measurements(), use_training(), use_library());
    let seen = Memo::new(move || Seen {
        has_measured: measurements.is_touched(),
        has_data: training.has_table(),
        has_trained: library.result().is_some(),
    });
    let location = use_location();
    let next = Memo::new(move || Step::next(seen.get(), location.route()));
    let end = move |_| {
        store();
        say_over();
        is_over.set(true);
    };
    let path = move || {
        (!is_over.get()).then(|| {
            let steps =
                Step::ALL.into_iter().zip(1..).map(|(step, number)| step_item(step, number, seen, next));
            let is_walked = move || next.get().is_none();
            let rest = move || {
                is_walked().then(|| view! {
                    {t!("That was the path: from here on it is your model that answers in this tab. Programs ask it, too, once it is published.")} " "
                    <a href=Route::Registry.path()>{t!("Publish your model")}</a>
                })
            };
            let button = move || if is_walked() { t!("Understood") } else { t!("Skip") };
            view! {
                <section class="first-steps" aria-label=t!("First steps")>
                    <ol>{steps.collect_view()}</ol>
                    <p class="first-steps-end">{move || rest()}</p>
                    <button type="button" class="button button-text" on:click=end>{move || button()}</button>
                </section>
            }
        })
    };
    view! { {move || path()} }
}

fn step_item(step: Step, number: u32, seen: Memo<Seen>, next: Memo<Option<Step>>) -> impl IntoView {
    let is_done = move || step.is_done(seen.get());
    let is_next = move || next.get() == Some(step);
    let mark = move || if is_done() { "✓".to_owned() } else { number.to_string() };
    let spoken = move || is_done().then(|| t!("done:"));
    let words = move || is_next().then(|| step.words());
    view! {
        <li class:step-done=move || is_done() aria-current=move || is_next().then_some("step")>
            <span class="step-mark" aria-hidden="true">{move || mark()}</span>
            <span class="visually-hidden">{move || spoken()}</span>
            <a href=step.route().path()>{step.name()}</a>
            <span class="quiet step-words">{move || words()}</span>
        </li>
    }
}

/// Its place is gone, too.
fn say_over() {
    let root = document().document_element();
    let set = root.map(|root| root.set_attribute("data-first-steps", "over"));
    debug_assert!(!matches!(set, Some(Err(_))), "the name is an attribute's");
}

fn is_stored() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.is_some_and(|storage| storage.get_item(STORED).ok().flatten().is_some())
}

fn store() {
    let storage = window().local_storage().ok().flatten();
    // Where nothing may be kept, the path is there again at the next visit.
    let _ = storage.map(|storage| storage.set_item(STORED, "over"));
}
