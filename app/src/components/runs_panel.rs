//! The table of runs with what searches, filters and orders it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::button::{button, text_button};
use super::scroll_rows::{Scroll, ScrollRows};
use crate::i18n::t;
use crate::routes::Route;
use crate::signals::Memo;
use crate::state::library::use_library;
use crate::state::runs::{RunsState, use_runs};
use crate::view::view;
use crate::view_models::format::{self, NBSP, count, thousands};
use crate::view_models::runs::filter::EXAMPLE;
use crate::view_models::runs::list::Line;
use crate::view_models::runs::row::{Column, RunRow};
use crate::view_models::sheet_words::shown_name;

/// What stands there while there is no run.
#[component]
pub(crate) fn EmptyRuns() -> impl IntoView {
    view! {
        <section class="panel runs-empty" aria-labelledby="runs-heading">
            <h2 id="runs-heading">{t!("No runs yet")}</h2>
            <p class="prose">
                {t!("Train once, and this is where you find it again: to compare it with the next one, to let one of its models answer, or to take it to another browser.")}
            </p>
            <p class="runs-tools">
                <a class="button button-primary" href=Route::Train.path()>{t!("Train a model")}</a>
                <ImportChoice />
            </p>
        </section>
    }
}

/// Search, filter, table, and what is done with the chosen rows.
#[component]
pub(crate) fn RunsPanel() -> impl IntoView {
    let runs = use_runs();
    let n_lines = Memo::new(move || runs.n_lines() as u32);
    let scroll = Scroll::of(n_lines);
    let head = Callback::new(move |()| {
        let heads = Column::ALL.map(|column| sort_head(runs, column));
        let choose = t!("Chosen");
        view! {
            <th scope="col"><span class="visually-hidden">{choose}</span></th>
            {heads.into_iter().collect_view()}
        }
    });
    let row = Callback::new(move |at: u32| view! { <Row at=at /> });
    let about = move || {
        let ((n_rows, n_shown), n_runs) = (runs.n_rows(), runs.count().unwrap_or_default());
        let of_runs = count(n_runs, t!("run"), t!("runs"));
        let models = count(n_rows, t!("model"), t!("models"));
        if n_shown == n_rows {
            t!("{of_runs}, {models}; each model is a row.", of_runs, models)
        } else {
            t!(
                "{n_shown} of {n_rows} rows shown.",
                n_shown = thousands(n_shown),
                n_rows = thousands(n_rows)
            )
        }
    };
    view! {
        <section class="panel rows runs">
            <h2 id="runs-heading">{t!("All runs")}</h2>
            <Tools />
            <p class="quiet" role="status">{move || about()}</p>
            <ScrollRows labelled_by="runs-heading" scroll=scroll head=head row=row />
            <Actions />
        </section>
    }
}

#[component]
fn Tools() -> impl IntoView {
    let runs = use_runs();
    let problem = Memo::new(move || runs.filter_problem());
    view! {
        <div class="runs-tools">
            <label>
                {t!("Search")}
                <input
                    type="search"
                    class="text-field"
                    autocomplete="off"
                    prop:value=move || runs.words.get()
                    on:input=move |event| runs.words.set(event_target_value(&event))
                />
            </label>
            <label class="runs-filter">
                {t!("Filter")}
                <input
                    type="text"
                    class="text-field"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=EXAMPLE
                    prop:value=move || runs.filter.get()
                    on:input=move |event| runs.filter.set(event_target_value(&event))
                    aria-invalid=move || problem.with(Option::is_some).to_string()
                    aria-describedby="filter-remark"
                />
            </label>
            <label class="runs-group">
                <input
                    type="checkbox"
                    prop:checked=move || runs.grouped.get()
                    on:change=move |event| runs.grouped.set(event_target_checked(&event))
                />
                {t!("Group by data")}
            </label>
        </div>
        <p class="field-remark warn" id="filter-remark" role="status">{move || problem.get()}</p>
    }
}

fn sort_head(runs: RunsState, column: Column) -> AnyView {
    let sorted = move || runs.order.get().aria_sort(column);
    let press = move |_| runs.order.update(|order| *order = order.pressed(column));
    view! {
        <th scope="col" aria-sort=move || sorted()>
            <button type="button" class="sort" on:click=press>{column.label()}</button>
        </th>
    }
}

/// A line of the table; what stands in it follows order and filter, the element stays.
#[component]
fn Row(at: u32) -> impl IntoView {
    let (runs, library) = (use_runs(), use_library());
    let line = Memo::new(move || runs.line(at as usize));
    let row = move || line.with(|line| line.as_ref().and_then(|(_, row)| row.clone()));
    let run = move || row().map(|row| row.run.id.clone());
    let is_group = move || line.with(|line| matches!(line, Some((Line::Group(..), _))));
    let answers = move || row().is_some_and(|row| library.answering_id() == row.model().id);
    let is_chosen = Memo::new(move || {
        row().is_some_and(|row| runs.chosen.with(|chosen| chosen.contains(&row.id())))
    });
    let cells = move || match line.get() {
        Some((Line::Group(name, hash, n), _)) => group_head(&name, &hash, n),
        Some((_, Some(row))) => row_cells(runs, is_chosen, &row),
        _ => ().into_any(),
    };
    view! {
        <tr
            aria-rowindex=(at + 2).to_string()
            data-run=move || run()
            class:runs-group-head=move || is_group()
            class:answers=move || answers()
            class:row-chosen=move || is_chosen.get()
        >
            {move || cells()}
        </tr>
    }
}

fn group_head(name: &str, hash: &str, n: usize) -> AnyView {
    let hash: String = hash.chars().take(12).collect();
    let words =
        format!("{} · {}", shown_name(name.to_owned()), count(n, t!("model"), t!("models")));
    view! { <th scope="rowgroup" colspan="11">{words}" "<code>{hash}</code></th> }
}

fn row_cells(runs: RunsState, is_chosen: Memo<bool>, row: &RunRow) -> AnyView {
    let (name, when) = (row.family(), row.text(Column::When));
    let label = t!("Choose {name} of {when}", name, when);
    let interval = row.accuracy().map(|accuracy| {
        let words = format!("{NBSP}{}", accuracy.interval_text());
        view! { <span class="quiet interval" title=t!("95 % Wilson interval")>{words}</span> }
    });
    let cells = Column::ALL[2..].iter().map(|column| {
        let text = match column {
            Column::Data => shown_name(row.text(*column)),
            column => row.text(*column),
        };
        view! { <td title=text.clone()>{text.clone()}</td> }
    });
    let (toggled, opened) = (row.id(), row.id());
    view! {
        <td>
            <input
                type="checkbox"
                aria-label=label
                prop:checked=move || is_chosen.get()
                on:change=move |_| runs.toggle(&toggled)
            />
        </td>
        <th scope="row">
            <button type="button" class="sort" on:click=move |_| runs.opened.set(Some(opened.clone()))>{name}</button>
        </th>
        <td>{row.text(Column::Accuracy)}{interval}</td>
        {cells.collect_view()}
    }
}

/// What is done with the chosen rows.
#[component]
fn Actions() -> impl IntoView {
    let runs = use_runs();
    let n_chosen = Memo::new(move || runs.chosen.with(Vec::len));
    let n_runs = Memo::new(move || runs.chosen_runs().len());
    let chosen = move || match n_chosen.get() {
        0 => t!("Choose 2 to 5 rows to compare them.").to_owned(),
        1 => t!("1 row chosen; one more can be compared with it.").to_owned(),
        n => t!("{n} rows chosen.", n),
    };
    let delete = move || {
        (n_runs.get() > 0).then(|| {
            let words = match n_runs.get() {
                1 => t!("Delete the run").to_owned(),
                n => t!("Delete {n} runs", n),
            };
            let none = t!("Choose none");
            view! {
                {button(words, move || runs.delete(&runs.chosen_runs()))}
                {text_button(none, move || runs.chosen.set(Vec::new()))}
            }
        })
    };
    let export = move || match n_runs.get() {
        0 => t!("Export all"),
        _ => t!("Export the chosen"),
    };
    view! {
        <div class="runs-actions">
            <span role="status">{move || chosen()}</span>
            {move || delete()}
            {text_button(t!("Choose all shown"), move || runs.choose_shown())}
            <span class="runs-files">
                <button type="button" class="button" on:click=move |_| runs.export()>{move || export()}</button>
                {button(t!("Export for MLflow"), move || runs.export_for_mlflow())}
                <ImportChoice />
            </span>
        </div>
    }
}

/// A button that opens the browser's dialog for files of runs.
#[component]
fn ImportChoice() -> impl IntoView {
    let runs = use_runs();
    let choose = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            runs.import(file);
        }
        // The same file can then be chosen again.
        input.set_value("");
    };
    view! {
        <label class="button file-choice">
            {t!("Import")}
            <input class="visually-hidden" type="file" accept=".tepalruns" on:change=choose />
        </label>
    }
}

/// How good a model is, in a few words: its accuracy with its interval.
pub(crate) fn accuracy_words(row: &RunRow) -> String {
    let words = row.accuracy().map(|accuracy| {
        let share = format::percent(accuracy.share);
        t!(
            "{share} ({n_correct} of {n_total}; most likely {interval} %)",
            share,
            n_correct = accuracy.n_correct,
            n_total = accuracy.n_total,
            interval = accuracy.interval_text()
        )
    });
    words.unwrap_or_else(|| t!("not measured").to_owned())
}
