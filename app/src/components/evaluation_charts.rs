//! The models beside each other: accuracy of each, and what it takes in time and bytes.

use leptos::prelude::*;

use super::chart::Chart;
use super::comparison_table::table_rows;
use super::table_parts::{Cell, column_heads, table_row};
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::library::use_library;
use crate::view::view;
use crate::view_models::accuracy_chart::accuracy_chart;
use crate::view_models::comparison::ComparisonRow;
use crate::view_models::format::{self, NBSP};
use crate::view_models::time_size_chart::{millis, time_size_chart, timed};

/// Accuracy of every model of the table.
#[component]
pub(crate) fn AccuracyPanel() -> impl IntoView {
    let library = use_library();
    let rows = Memo::new(move || table_rows(library));
    let layout = Callback::new(move |width| {
        let answering = library.with_active(|model| model.id);
        rows.with(|rows| accuracy_chart(rows, Some(answering), width))
    });
    let has_published =
        Memo::new(move || rows.with(|rows| rows.iter().any(|row| row.published.is_some())));
    let table = move || {
        let has_published = has_published.get();
        rows.get().into_iter().map(|row| accuracy_row(&row, has_published)).collect_view()
    };
    let published_head =
        move || has_published.get().then(|| view! { <th scope="col">{t!("Published")}</th> });
    view! {
        <section class="panel" aria-labelledby="accuracy-heading">
            <h2 id="accuracy-heading">{t!("Accuracy")}</h2>
            <AccuracyKey has_published=has_published />
            <Chart label=t!("Accuracy of each model, in percent") layout=layout>
                <table>
                    <thead>
                        <tr>
                            {column_heads(&[t!("Model"), t!("Test"), t!("95 % interval"), t!("Cross-validation")])}
                            {move || published_head()}
                        </tr>
                    </thead>
                    <tbody>{move || table()}</tbody>
                </table>
            </Chart>
        </section>
    }
}

fn accuracy_row(row: &ComparisonRow, has_published: bool) -> AnyView {
    let interval = row.test.map(|test| format!("{}{NBSP}%", test.interval_text()));
    let share = row.test.map(|test| format::percent(test.share));
    let mut cells = vec![share, interval, row.cv_text()];
    if has_published {
        cells.push(row.published_text());
    }
    let cells = cells.into_iter().map(|text| text.unwrap_or_default().into()).collect();
    table_row(row.name.into_any(), cells)
}

/// What the marks of the accuracy chart stand for.
#[component]
fn AccuracyKey(
    /// Whether a figure that was published is among them.
    #[prop(into)]
    has_published: Memo<bool>,
) -> impl IntoView {
    let published = move || {
        has_published.get().then(|| {
            view! {
                <li>
                    <svg viewBox="0 0 32 16" aria-hidden="true"><path class="key-published" d="M16 1 V15" /></svg>
                    {t!("published")}
                </li>
            }
        })
    };
    view! {
        <ul class="chart-key quiet" aria-label=t!("Key")>
            <li>
                <svg viewBox="0 0 32 16" aria-hidden="true">
                    <path class="key-line" d="M2 8 H30 M2 4 v8 M30 4 v8" /><circle class="key-dot" cx="16" cy="8" r="5" />
                </svg>
                {t!("test, with its 95 % interval")}
            </li>
            <li>
                <svg viewBox="0 0 32 16" aria-hidden="true">
                    <path class="key-thin" d="M4 8 H28 M4 5 v6 M28 5 v6" /><rect class="key-box" x="12" y="4" width="8" height="8" />
                </svg>
                {t!("cross-validation ± its deviation")}
            </li>
            {move || published()}
        </ul>
    }
}

/// Time of the fit against size of the file, once two models were timed.
#[component]
pub(crate) fn TimeSizePanel() -> impl IntoView {
    let library = use_library();
    let rows = Memo::new(move || table_rows(library));
    let layout = Callback::new(move |width| {
        let answering = library.with_active(|model| model.id);
        rows.with(|rows| time_size_chart(rows, Some(answering), width))
    });
    let table = move || rows.with(|rows| timed(rows).into_iter().map(cost_row).collect_view());
    view! {
        <section class="panel" aria-labelledby="cost-heading">
            <h2 id="cost-heading">{t!("Time and size")}</h2>
            <p class="quiet">{t!("Left and low is cheap: quick to train, little to send. Both axes are logarithmic.")}</p>
            <Chart label=t!("Time of the fit against size of the model file") layout=layout>
                <table>
                    <thead>
                        <tr>
                            {column_heads(&[t!("Model"), t!("Fit"), t!("Size")])}
                        </tr>
                    </thead>
                    <tbody>{move || table()}</tbody>
                </table>
            </Chart>
        </section>
    }
}

fn cost_row(row: &ComparisonRow) -> AnyView {
    let fit = Cell::of(millis(row), format::millis(millis(row)));
    let size = Cell::of(row.n_bytes as f64, format::bytes(row.n_bytes));
    table_row(row.name.into_any(), vec![fit, size])
}

/// What there is to see of several models beside each other; nothing of one.
#[component]
pub(crate) fn ComparisonCharts() -> impl IntoView {
    let library = use_library();
    let n_timed = Memo::new(move || timed(&table_rows(library)).len());
    let several = Memo::new(move || library.result().is_some_and(|it| it.models.len() > 1));
    let shown = move || {
        several.get().then(|| {
            let cost = (n_timed.get() > 1).then(|| view! { <TimeSizePanel /> });
            view! {
                <div class="evaluation evaluation-even">
                    <AccuracyPanel />
                    {cost}
                </div>
            }
        })
    };
    view! { {move || shown()} }
}
