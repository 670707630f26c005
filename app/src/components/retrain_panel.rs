//! Retrain: seed, start, progress, cancel, and how it ended; below it the comparison.

use leptos::prelude::*;

use super::button::text_button;
use super::comparison_table::ComparisonTable;
use super::notice::{Notice, NoticeKind};
use super::table_parts::column_heads;
use crate::i18n::{t, text};
use crate::routes::Route;
use crate::signals::Memo;
use crate::state::library::{Origin, use_library};
use crate::state::location::use_location;
use crate::state::training::{DataSource, TrainingStatus, use_training};
use crate::styles;
use crate::training::Leaderboard;
use crate::view::view;
use crate::view_models::comparison::parameters;
use crate::view_models::families::family_name;
use crate::view_models::settings::SEED;
use crate::view_models::sheet_words::shown_name;
use crate::view_models::{format, progress, training_words as words};

/// The whole panel.
#[component]
pub(crate) fn RetrainPanel() -> impl IntoView {
    let library = use_library();
    let training = use_training();
    let waiting = Memo::new(move || training.waiting());
    let heading = move || match (library.result(), waiting.get()) {
        (Some(result), _) => {
            let name = result.models.first().map(|model| model.artifact.schema().name.clone());
            let (name, time) = (name.unwrap_or_default(), format::millis(result.total_millis));
            words::trained_in(result.models.len(), &shown_name(name), &time)
        }
        (None, Some(name)) => words::no_model_of(&shown_name(name)),
        (None, None) => t!("The built-in model").to_owned(),
    };
    let introduction = move || match library.result() {
        Some(_) => library.with_active(|model| words::chosen_by(&model.artifact.schema().target)),
        None => text(words::INTRODUCTION).to_owned(),
    };
    let comparison = move || waiting.with(Option::is_none).then(|| view! { <ComparisonTable /> });
    view! {
        <section class="panel retrain" aria-labelledby="models-heading">
            <h2 id="models-heading">{move || heading()}</h2>
            <p class="prose">{move || introduction()}</p>
            {move || comparison()}
            <TrainingControls />
            <TrainingOutcome />
        </section>
    }
}

/// On what, from which seed, and the button.
#[component]
fn TrainingControls() -> impl IntoView {
    let training = use_training();
    let is_running = Memo::new(move || training.status().is_running());
    let problems = Memo::new(move || training.problems());
    let seed_remark = move || problems.with(|problems| problems.get(SEED).cloned());
    let elsewhere = move || {
        let is_elsewhere = |key: &String| key != SEED;
        let n = problems.with(|problems| problems.keys().filter(|key| is_elsewhere(key)).count());
        (n > 0).then(|| text(words::SETTINGS_WRONG))
    };
    let cannot_start = move || !is_running.get() && problems.with(|it| !it.is_empty());
    // One button for both, so that it keeps the focus when its meaning changes.
    let press =
        move |_| if is_running.get_untracked() { training.cancel() } else { training.start() };
    let label = move || match (is_running.get(), training.source()) {
        (true, _) => t!("Cancel").to_owned(),
        (false, DataSource::BuiltIn) => t!("Retrain").to_owned(),
        (false, DataSource::Sheet) => words::train_on(&shown_name(training.data_name())),
    };
    view! {
        <DataChoice />
        <div class="training-controls">
            <button
                type="button"
                class="button"
                class:button-primary=move || !is_running.get()
                disabled=move || cannot_start()
                on:click=press
            >
                {move || label()}
            </button>
            <label class="seed" for="seed">{t!("Seed")}</label>
            <input
                id="seed"
                class="text-field seed-field"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                disabled=move || is_running.get()
                prop:value=move || training.plan.with(|plan| plan.seed.clone())
                on:input=move |event| training.plan.update(|plan| plan.seed = event_target_value(&event))
                aria-invalid=move || seed_remark().is_some().to_string()
                aria-describedby="seed-remark"
            />
            <ModelActions />
        </div>
        <p class="field-remark warn" id="seed-remark">{move || seed_remark()}</p>
        <p class="field-remark warn">{move || elsewhere()}</p>
    }
}

/// The rows to train on, where there is a choice.
#[component]
fn DataChoice() -> impl IntoView {
    styles::adopt(styles::SETTINGS);
    let training = use_training();
    training.look_for_data();
    let name = Memo::new(move || training.sheet_name());
    let is_running = Memo::new(move || training.status().is_running());
    let choose = move |event: leptos::ev::Event| {
        let is_sheet = event_target_value(&event) == "sheet";
        training.choose(if is_sheet { DataSource::Sheet } else { DataSource::BuiltIn });
    };
    let option = move |value: &'static str, source: DataSource, label: String| {
        let is_chosen = move || training.source() == source;
        view! { <option value=value prop:selected=move || is_chosen()>{label}</option> }
    };
    let choice = move || match name.get() {
        Some(name) => view! {
            <label for="training-data">{t!("Train on")}</label>
            <select id="training-data" class="text-field" disabled=move || is_running.get() on:change=choose>
                {option("sheet", DataSource::Sheet, words::from_data(&shown_name(name)))}
                {option("iris", DataSource::BuiltIn, text(words::BUILT_IN).to_owned())}
            </select>
            <a href=Route::Data.path()>{text(words::SEE_DATA)}</a>
        },
        None => view! {
            <span>{text(words::TRAINS_ON_IRIS)}</span>" "
            <a href=Route::Data.path()>{text(words::BRING_DATA)}</a>
        },
    };
    view! { <p class="data-choice">{move || choice()}</p> }
}

/// Ways back to the model that ships with the page.
#[component]
fn ModelActions() -> impl IntoView {
    let library = use_library();
    let has_result = Memo::new(move || library.result().is_some());
    let is_retrained =
        Memo::new(move || library.with_active(|model| model.origin == Origin::Retrained));
    let back = move || {
        is_retrained.get().then(|| {
            view! {
                {text_button(t!("Back to the built-in model"), move || library.choose(None))}
            }
        })
    };
    let put_away = move || {
        has_result.get().then(|| {
            view! {
                {text_button(t!("Put the retrained models away"), move || library.put_away())}
            }
        })
    };
    view! { <span class="model-actions">{move || back()}{move || put_away()}</span> }
}

#[component]
fn TrainingOutcome() -> impl IntoView {
    let (library, training) = (use_library(), use_training());
    let fraction = move || match training.status() {
        TrainingStatus::Running(step) => Some(progress::fraction(&step)),
        TrainingStatus::Loading => Some(0.0),
        _ => None,
    };
    let board = Memo::new(move || training.leaderboard());
    let is_running = Memo::new(move || training.status().is_running());
    let step = move || match training.status() {
        TrainingStatus::Running(step) => progress::sentence(&step),
        TrainingStatus::Searching => board.get().as_ref().map(words::searching).unwrap_or_default(),
        _ => text(words::LOADING).to_owned(),
    };
    let bar = move || {
        is_running.get().then(|| {
            view! {
                <div class="training-progress">
                    <progress max="1" value=move || fraction() aria-label=t!("Training progress")></progress>
                    <p class="quiet">{move || step()}</p>
                </div>
            }
        })
    };
    let ended = Memo::new(move || match training.status() {
        TrainingStatus::Cancelled => Some((NoticeKind::Note, text(words::CANCELLED).to_owned())),
        TrainingStatus::Failed(why) => Some((NoticeKind::Warning, words::fault(&why))),
        TrainingStatus::Finished => {
            let shortfalls = training.shortfalls();
            (!shortfalls.is_empty()).then(|| (NoticeKind::Note, shortfalls.join(" ")))
        }
        _ => None,
    });
    let notice = move || ended.get().map(|(kind, words)| view! { <Notice kind=kind text=words /> });
    let spoken = move || match training.status() {
        TrainingStatus::Loading => t!("Training has started."),
        TrainingStatus::Finished => t!("Training has finished. The best model answers now."),
        _ => "",
    };
    let found = move || board.get().map(|board| view! { <Found board=board /> });
    let not_kept = Memo::new(move || library.not_kept());
    let not_kept = move || {
        not_kept.get().map(|fault| {
            view! { <Notice kind=NoticeKind::Warning text=words::not_kept(&fault) /> }
        })
    };
    view! {
        {move || bar()}
        {move || found()}
        {move || notice()}
        {move || not_kept()}
        <p class="visually-hidden" role="status">{move || spoken()}</p>
        <WhatNext />
    }
}

/// Where to go on from models of one's own.
#[component]
fn WhatNext() -> impl IntoView {
    let (library, training, location) = (use_library(), use_training(), use_location());
    let is_there = Memo::new(move || {
        let has_models = library.result().is_some() && training.waiting().is_none();
        has_models && !training.status().is_running() && location.route() == Some(Route::Train)
    });
    let links = move || {
        is_there.get().then(|| {
            view! {
                <p class="what-next">
                    {t!("What next?")}" "
                    <a class="button" href=Route::Classify.path()>{t!("Classify a case or a file")}</a>" "
                    // The browser goes there by itself.
                    <a class="button" href="#downloads-heading">{t!("Take the model with you")}</a>" "
                    <a class="button" href=Route::Registry.path()>{t!("Publish it")}</a>
                </p>
            }
        })
    };
    move || links()
}

/// What a search has found, as far as it is.
#[component]
fn Found(board: Leaderboard) -> impl IntoView {
    let n_folds = board.n_folds;
    let rows = board.rows.iter().map(|trial| {
        let first = words::preprocessing(trial.preprocessing);
        view! {
            <tr>
                <th scope="row">{family_name(trial.family.family())}</th>
                <td>{parameters(&trial.family)}" "<span class="quiet">{first}</span></td>
                <td>{format::percent(trial.accuracy)}</td>
                <td>{format::decimal(trial.log_loss, 3)}</td>
                <td>{t!("{tried} of {n}", tried = trial.n_folds, n = n_folds)}</td>
            </tr>
        }
    });
    view! {
        <div class="leaderboard">
            <table>
                <caption>{words::found(&board)}</caption>
                <thead>
                    <tr>
                        {column_heads(&[t!("Family"), t!("Parameters"), t!("Accuracy"), t!("Log loss"), t!("Folds")])}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
