//! Retrain: seed, start, progress, cancel, and how it ended; below it the comparison.

use leptos::prelude::*;

use super::comparison_table::ComparisonTable;
use super::notice::{Notice, NoticeKind};
use crate::state::library::{Origin, use_library};
use crate::state::training::{TrainingStatus, use_training};
use crate::view_models::{format, progress};

/// The whole panel.
#[component]
pub(crate) fn RetrainPanel() -> impl IntoView {
    let library = use_library();
    let heading = move || match library.result() {
        Some(result) => format!(
            "{} models, trained in this tab in {}",
            result.models.len(),
            format::millis(result.total_millis)
        ),
        None => "The built-in model".to_owned(),
    };
    let introduction = move || match library.result() {
        Some(_) => {
            "The model with the least log loss in cross-validation answers: the one that gave the true species the most probability. Choose another to let that one answer."
        }
        None => {
            "Train a model of every family here, from logistic regression to gradient boosting, in a worker of this tab, and let the best of them answer."
        }
    };
    view! {
        <section class="panel retrain" aria-labelledby="models-heading">
            <h2 id="models-heading">{heading}</h2>
            <p class="prose">{introduction}</p>
            <ComparisonTable />
            <TrainingControls />
            <TrainingOutcome />
        </section>
    }
}

#[component]
fn TrainingControls() -> impl IntoView {
    let training = use_training();
    let is_running = Memo::new(move |_| training.status().is_running());
    let seed_is_bad = move || training.seed().is_none();
    let cannot_start = move || !is_running.get() && seed_is_bad();
    let seed_remark =
        move || seed_is_bad().then_some("A seed is a whole number from 0 to 18446744073709551615.");
    // One button for both, so that it keeps the focus when its meaning changes.
    let press =
        move |_| if is_running.get_untracked() { training.cancel() } else { training.start() };
    let label = move || if is_running.get() { "Cancel" } else { "Retrain" };
    view! {
        <div class="training-controls">
            <button
                type="button"
                class="button"
                class:button-primary=move || !is_running.get()
                disabled=cannot_start
                on:click=press
            >
                {label}
            </button>
            <label class="seed" for="seed">"Seed"</label>
            <input
                id="seed"
                class="text-field seed-field"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                disabled=is_running
                prop:value=training.seed_text
                on:input=move |event| training.seed_text.set(event_target_value(&event))
                aria-invalid=move || seed_is_bad().to_string()
                aria-describedby="seed-remark"
            />
            <ModelActions />
        </div>
        <p class="field-remark warn" id="seed-remark">{seed_remark}</p>
    }
}

/// Ways back to the model that ships with the page.
#[component]
fn ModelActions() -> impl IntoView {
    let library = use_library();
    let has_result = Memo::new(move |_| library.result().is_some());
    let is_retrained =
        Memo::new(move |_| library.with_active(|model| model.origin == Origin::Retrained));
    let back = move || {
        is_retrained.get().then(|| {
            view! {
                <button type="button" class="button button-text" on:click=move |_| library.choose(None)>
                    "Back to the built-in model"
                </button>
            }
        })
    };
    let forget = move || {
        has_result.get().then(|| {
            view! {
                <button type="button" class="button button-text" on:click=move |_| library.forget()>
                    "Forget the retrained models"
                </button>
            }
        })
    };
    view! { <span class="model-actions">{back}{forget}</span> }
}

#[component]
fn TrainingOutcome() -> impl IntoView {
    let training = use_training();
    let fraction = move || match training.status() {
        TrainingStatus::Running(step) => Some(progress::fraction(&step)),
        TrainingStatus::Loading => Some(0.0),
        _ => None,
    };
    let is_running = Memo::new(move |_| training.status().is_running());
    let step = move || match training.status() {
        TrainingStatus::Running(step) => progress::sentence(&step),
        _ => "Loading the trainer".to_owned(),
    };
    let bar = move || {
        is_running.get().then(|| {
            view! {
                <div class="training-progress">
                    <progress max="1" value=fraction aria-label="Training progress"></progress>
                    <p class="quiet">{step}</p>
                </div>
            }
        })
    };
    let ended = Memo::new(move |_| match training.status() {
        TrainingStatus::Cancelled => {
            Some((NoticeKind::Note, "Cancelled. The models from before are unchanged.".to_owned()))
        }
        TrainingStatus::Failed(failure) => Some((NoticeKind::Warning, failure.sentence())),
        _ => None,
    });
    let notice = move || ended.get().map(|(kind, text)| view! { <Notice kind=kind text=text /> });
    let spoken = move || match training.status() {
        TrainingStatus::Loading => "Training has started.",
        TrainingStatus::Finished => "Training has finished. The best model answers now.",
        _ => "",
    };
    view! {
        {bar}
        {notice}
        <p class="visually-hidden" role="status">{spoken}</p>
    }
}
