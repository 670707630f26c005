//! One model of a run in detail: its figures, what it was made of, notes, and what can be done with it.

use leptos::prelude::*;

use super::button::{button, primary_button};
use super::dialog::Dialog;
use super::runs_panel::accuracy_words;
use super::table_parts::table_row;
use crate::i18n::t;
use crate::routes::Route;
use crate::signals::{Memo, RwSignal, effect};
use crate::state::library::use_library;
use crate::state::reproduction::{Reproducing, Reproduction};
use crate::state::runs::use_runs;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::format;
use crate::view_models::runs::compare::shown_value;
use crate::view_models::runs::row::{Column, RunRow};
use crate::view_models::sheet_words::shown_name;

/// The dialog, open while a row is.
#[component]
pub(crate) fn RunDetails() -> impl IntoView {
    let runs = use_runs();
    let row = Memo::new(move || runs.opened.get().and_then(|id| runs.row(&id)));
    let is_open = RwSignal::new(false);
    // A run that is kept anew must not draw the dialog anew: somebody types in it.
    let is_there = Memo::new(move || row.with(Option::is_some));
    effect(move || is_open.set(is_there.get()));
    effect(move || {
        if !is_open.get() && is_there.get_untracked() {
            runs.opened.set(None);
        }
    });
    let title = Signal::derive(move || {
        row.with(|row| {
            row.as_ref().map(|row| format!("{} · {}", row.family(), row.text(Column::When)))
        })
        .unwrap_or_default()
    });
    // Notes that are typed must not draw the dialog anew when they have been kept.
    let shown = Memo::new(move || runs.opened.get());
    let content = move || {
        let row = shown.get().and_then(|id| untrack(|| runs.row(&id)));
        row.map(|row| view! { <Content row=row /> })
    };
    view! {
        <Dialog id="run-details" title=title open=is_open>
            {move || content()}
        </Dialog>
    }
}

#[component]
fn Content(row: RunRow) -> impl IntoView {
    let runs = use_runs();
    let model = row.model();
    let figure = |name: &'static str, text: String| table_row(name.into_any(), vec![text.into()]);
    let run = &row.run;
    let figures = vec![
        figure(t!("Accuracy"), accuracy_words(&row)),
        figure(t!("Log loss"), row.text(Column::LogLoss)),
        figure(t!("F1"), row.text(Column::F1)),
        figure(t!("Size"), row.text(Column::Size)),
        figure(t!("Fit"), format::millis(model.fit_millis)),
        figure(t!("Duration"), row.text(Column::Duration)),
        figure(t!("Data"), shown_name(run.data_name.clone())),
        figure(t!("File"), run.file.clone().unwrap_or_else(|| t!("built in").to_owned())),
        figure(t!("Hash of the data"), run.data_hash.clone()),
        figure(t!("Seed"), run.seed.clone()),
        figure(t!("Model id"), model.id.clone()),
    ];
    let parameter = |(name, value): (&str, &str)| {
        table_row(name.replace('_', " ").into_any(), vec![shown_value(value).into()])
    };
    let parameters = model.parameters().map(parameter).collect_view();
    let deleted = row.run.id.clone();
    let delete = match run.models.len() {
        1 => t!("Delete the run").to_owned(),
        n => t!("Delete the run with its {n} models", n),
    };
    view! {
        <Doing row=row.clone() />
        <table class="run-figures"><tbody>{figures.into_iter().collect_view()}</tbody></table>
        <Notes row=row.clone() />
        <details class="chart-table">
            <summary>{t!("What it was made of")}</summary>
            <table class="run-figures"><tbody>{parameters}</tbody></table>
        </details>
        <p class="run-delete">
            {button(delete, move || runs.delete(&std::iter::once(deleted.clone()).collect()))}
        </p>
    }
}

/// What can be done with the model.
#[component]
fn Doing(row: RunRow) -> impl IntoView {
    let (runs, library) = (use_runs(), use_library());
    let id = row.model().id.clone();
    let answers = Memo::new(move || library.answering_id() == id);
    let answering = move || {
        answers.get().then(|| {
            view! {
                <p role="status">
                    {t!("It answers now.")}" "
                    <a href=Route::Classify.path()>{t!("Classify with it")}</a>
                </p>
            }
        })
    };
    let (asked, saved, again) = (row.clone(), row.clone(), row.clone());
    let reproducing = Reproducing::new(use_sheet());
    let outcome = move || reproduction_words(&reproducing.status(), &row);
    view! {
        <div class="runs-tools">
            {primary_button(t!("Let it answer"), move || runs.let_answer(&asked, library, || ()))}
            {button(t!("Model file"), move || runs.download(&saved))}
            {button(t!("Reproduce"), move || reproducing.start(&again))}
        </div>
        {move || answering()}
        <p class="run-outcome" role="status">{move || outcome()}</p>
    }
}

fn reproduction_words(status: &Reproduction, row: &RunRow) -> String {
    let run = &row.run;
    match status {
        Reproduction::Idle => String::new(),
        Reproduction::Running => t!("It is trained again, from the same rows, parameters and seed …").to_owned(),
        Reproduction::Same => t!("The same model came of it, to the bit: its id is {id} again.", id = shown_value(&row.model().id)),
        Reproduction::Different(id) => t!("Another model came of it ({id}): it was trained by another version of Tepal.", id = shown_value(id)),
        Reproduction::NoData => t!(
            "Its data is not at hand. Open the file “{file}” on Data, read as it was then, so that its hash is {hash}; then try again.",
            file = run.file.clone().unwrap_or_else(|| run.data_name.clone()),
            hash = shown_value(&run.data_hash)
        ),
        Reproduction::Impossible => t!("It cannot be made again from data alone: it learned on from another model, or its file is not here.").to_owned(),
        Reproduction::Failed(why) => t!("It could not be trained again. {why}", why),
    }
}

#[component]
fn Notes(row: RunRow) -> impl IntoView {
    let runs = use_runs();
    let run = row.run;
    let (notes, tags) = (run.notes.clone(), run.tags.join(", "));
    let (typed_notes, typed_tags) = (RwSignal::new(notes.clone()), RwSignal::new(tags.clone()));
    let keep = move || {
        // As it is kept by now, for both fields change it.
        let id = run.id.clone();
        let now = untrack(|| runs.run(&id)).unwrap_or_else(|| run.clone());
        // A field that goes while it is typed in says so once it is gone.
        let (notes, tags) = (typed_notes.try_get_untracked(), typed_tags.try_get_untracked());
        let (Some(notes), Some(tags)) = (notes, tags) else { return };
        let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        runs.note(&now, notes, tags.collect());
    };
    let keep = Callback::new(move |()| keep());
    let typed = move || {
        // Gone with the dialog.
        let _ = keep.try_run(());
    };
    view! {
        <div class="run-notes">
            <label>
                {t!("Notes")}
                <textarea
                    class="text-field"
                    rows="3"
                    prop:value=notes
                    on:input=move |event| typed_notes.set(event_target_value(&event))
                    on:change=move |_| typed()
                ></textarea>
            </label>
            <label>
                {t!("Tags, with commas between them")}
                <input
                    type="text"
                    class="text-field"
                    autocomplete="off"
                    prop:value=tags
                    on:input=move |event| typed_tags.set(event_target_value(&event))
                    on:change=move |_| typed()
                />
            </label>
        </div>
    }
}
