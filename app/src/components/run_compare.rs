//! Two to five chosen models beside each other: what differs, as a table and as parallel coordinates.

use leptos::prelude::*;

use super::chart::Chart;
use super::class_mark::ClassMark;
use super::notice::{Notice, NoticeKind};
use super::table_parts::{Cell, table_row};
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::runs::use_runs;
use crate::view::view;
use crate::view_models::runs::compare::{CompareLine, MAX_COMPARED, compare, different_data};
use crate::view_models::runs::parallel::{axes, parallel_chart};
use crate::view_models::runs::row::{Column, RunRow};

/// The panel, once there is something to compare.
#[component]
pub(crate) fn ComparePanel() -> impl IntoView {
    let runs = use_runs();
    let rows = Memo::new(move || runs.chosen_rows());
    let n_rows = Memo::new(move || rows.with(Vec::len));
    let shown = move || match n_rows.get() {
        0 | 1 => ().into_any(),
        n if n > MAX_COMPARED => {
            let words = t!("Up to 5 rows can be compared, and {n} are chosen.", n);
            view! { <p class="quiet">{words}</p> }
        }
        _ => view! { <Comparison rows=rows /> },
    };
    move || shown()
}

/// What a model is called in a comparison: its family, and when it was trained.
fn names(rows: &[RunRow]) -> Vec<String> {
    rows.iter().map(|row| format!("{} · {}", row.family(), row.text(Column::When))).collect()
}

#[component]
fn Comparison(rows: Memo<Vec<RunRow>>) -> impl IntoView {
    let lines = Memo::new(move || rows.with(|rows| compare(rows)));
    let models = Memo::new(move || rows.with(|rows| names(rows)));
    let warning = Memo::new(move || rows.with(|rows| different_data(rows)));
    let warning =
        move || warning.get().map(|words| view! { <Notice kind=NoticeKind::Warning text=words /> });
    let is_all = RwSignal::new(false);
    let heading = move || t!("{n} models compared", n = models.with(Vec::len));
    let n_axes = Memo::new(move || lines.with(|lines| axes(lines).len()));
    let chart =
        move || (n_axes.get() > 1).then(|| view! { <ParallelPanel lines=lines models=models /> });
    view! {
        <section class="panel runs-compare">
            <h2 id="compare-heading">{move || heading()}</h2>
            {move || warning()}
            <label class="runs-group">
                <input
                    type="checkbox"
                    prop:checked=move || is_all.get()
                    on:change=move |event| is_all.set(event_target_checked(&event))
                />
                {t!("Show what is alike, too")}
            </label>
            <CompareTable lines=lines models=models is_all=is_all />
            {move || chart()}
        </section>
    }
}

#[component]
fn CompareTable(
    lines: Memo<Vec<CompareLine>>,
    models: Memo<Vec<String>>,
    is_all: RwSignal<bool>,
) -> impl IntoView {
    let head = move || {
        let head = |(at, name): (usize, String)| {
            view! { <th scope="col"><ClassMark class=at />" "{name}</th> }
        };
        models.get().into_iter().enumerate().map(head).collect_view()
    };
    let body = move || {
        let shown = |line: &CompareLine| is_all.get() || line.differs;
        let lines = lines.get().into_iter().filter(shown);
        let row = |line: CompareLine| {
            let cells = line.cells.into_iter().map(Cell::from).collect();
            table_row(line.name.into_any(), cells)
        };
        lines.map(row).collect_view()
    };
    let alike = move || {
        let is_alike = lines.with(|lines| !lines.iter().any(|line| line.differs));
        is_alike.then(|| view! { <p>{t!("They do not differ in anything.")}</p> })
    };
    view! {
        <div class="compare-table" tabindex="0" role="region" aria-labelledby="compare-heading">
            <table>
                <thead>
                    <tr><th scope="col"><span class="visually-hidden">{t!("Figure or parameter")}</span></th>{move || head()}</tr>
                </thead>
                <tbody>{move || body()}</tbody>
            </table>
        </div>
        {move || alike()}
    }
}

#[component]
fn ParallelPanel(lines: Memo<Vec<CompareLine>>, models: Memo<Vec<String>>) -> impl IntoView {
    let layout = Callback::new(move |width| {
        lines.with(|lines| models.with(|models| parallel_chart(lines, models, width)))
    });
    let table = move || {
        let rows = lines.with(|lines| {
            let row = |line: &CompareLine| {
                let cell = |(text, number): (&String, &Option<f64>)| match number {
                    Some(number) => Cell::of(*number, text.clone()),
                    None => text.clone().into(),
                };
                let cells = line.cells.iter().zip(&line.numbers).map(cell).collect();
                table_row(line.name.clone().into_any(), cells)
            };
            axes(lines).into_iter().map(row).collect_view()
        });
        let head = |name: String| view! { <th scope="col">{name}</th> };
        view! {
            <thead><tr><th scope="col">{t!("Axis")}</th>{models.get().into_iter().map(head).collect_view()}</tr></thead>
            <tbody>{rows}</tbody>
        }
    };
    view! {
        <h3>{t!("Where they differ")}</h3>
        <p class="quiet">{t!("A line for each model through every figure in which they differ; each axis from the least of them up to the greatest.")}</p>
        <Chart label=t!("Models compared in parallel coordinates") layout=layout>
            <table>{move || table()}</table>
        </Chart>
    }
}
