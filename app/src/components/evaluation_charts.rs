//! How good the models are: accuracy of each, and what the one that answers confuses.

use leptos::prelude::*;
use model_core::{ConfusionMatrix, Schema};

use super::chart::Chart;
use super::class_mark::ClassMark;
use super::comparison_table::table_rows;
use crate::state::library::use_library;
use crate::view_models::accuracy_chart::accuracy_chart;
use crate::view_models::comparison::{ComparisonRow, Samples};
use crate::view_models::confusion_chart::{cells, confusion_chart, summary};
use crate::view_models::format::{self, NBSP};

/// Accuracy of every model of the table.
#[component]
pub(crate) fn AccuracyPanel() -> impl IntoView {
    let library = use_library();
    let rows = Memo::new(move |_| table_rows(library));
    let layout = Callback::new(move |width| {
        let answering = library.with_active(|model| model.id);
        rows.with(|rows| accuracy_chart(rows, Some(answering), width))
    });
    let table = move || rows.get().into_iter().map(|row| accuracy_row(&row)).collect_view();
    view! {
        <section class="panel" aria-labelledby="accuracy-heading">
            <h2 id="accuracy-heading">"Accuracy"</h2>
            <AccuracyKey />
            <Chart label="Accuracy of each model, in percent" layout=layout>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Model"</th><th scope="col">"Test"</th>
                            <th scope="col">"95 % interval"</th><th scope="col">"Cross-validation"</th>
                            <th scope="col">"Published"</th>
                        </tr>
                    </thead>
                    <tbody>{table}</tbody>
                </table>
            </Chart>
        </section>
    }
}

fn accuracy_row(row: &ComparisonRow) -> impl IntoView + use<> {
    let interval = row.test.map(|test| format!("{}{NBSP}%", test.interval_text()));
    view! {
        <tr>
            <th scope="row">{row.name}</th>
            <td>{row.test.map(|test| format::percent(test.share))}</td>
            <td>{interval}</td>
            <td>{row.cv_text()}</td>
            <td>{row.published_text()}</td>
        </tr>
    }
}

/// What the marks of the accuracy chart stand for.
#[component]
fn AccuracyKey() -> impl IntoView {
    view! {
        <ul class="chart-key quiet" aria-label="Key">
            <li>
                <svg viewBox="0 0 32 16" aria-hidden="true">
                    <path class="key-line" d="M2 8 H30 M2 4 v8 M30 4 v8" /><circle class="key-dot" cx="16" cy="8" r="5" />
                </svg>
                "test, with its 95 % interval"
            </li>
            <li>
                <svg viewBox="0 0 32 16" aria-hidden="true">
                    <path class="key-thin" d="M4 8 H28 M4 5 v6 M28 5 v6" /><rect class="key-box" x="12" y="4" width="8" height="8" />
                </svg>
                "cross-validation ± its deviation"
            </li>
            <li>
                <svg viewBox="0 0 32 16" aria-hidden="true"><path class="key-published" d="M16 1 V15" /></svg>
                "published"
            </li>
        </ul>
    }
}

/// Confusion matrix of the model that answers, on its test part.
#[component]
pub(crate) fn ConfusionPanel() -> impl IntoView {
    let library = use_library();
    let matrix = Memo::new(move |_| {
        library.with_active(|model| {
            let test = model.artifact.evaluation().test.as_ref()?;
            let samples = Samples::of(&model.artifact);
            Some((test.confusion.clone(), model.artifact.schema().clone(), samples))
        })
    });
    let heading =
        move || library.with_active(|model| format!("Confusion matrix · {}", model.name()));
    let words = move || {
        matrix.with(|matrix| {
            let (confusion, schema, samples) = matrix.as_ref()?;
            Some(summary(confusion, schema, *samples))
        })
    };
    let layout = Callback::new(move |width| {
        matrix.with(|matrix| match matrix {
            Some((confusion, schema, samples)) => {
                confusion_chart(confusion, schema, *samples, width)
            }
            None => crate::view_models::scene::Scene::new(width, 0.0),
        })
    });
    let label = Signal::derive(move || format!("{}. {}", heading(), words().unwrap_or_default()));
    let table = move || {
        matrix.with(|matrix| {
            matrix.as_ref().map(|(confusion, schema, _)| confusion_table(confusion, schema))
        })
    };
    let target = move || {
        matrix.with(|matrix| matrix.as_ref().map(|(_, schema, _)| format::words(&schema.target)))
    };
    view! {
        <section class="panel" aria-labelledby="confusion-heading">
            <h2 id="confusion-heading">{heading}</h2>
            <Show when=move || matrix.with(Option::is_some) fallback=|| view! { <p>"Trained on every row: there is no test part."</p> }>
                <Chart label=label layout=layout>{table}</Chart>
            </Show>
            <p class="confusion-words">{words}</p>
            <p class="quiet">"Rows: the true "{target}". Columns: the model's answer."</p>
        </section>
    }
}

/// The same as a table: a row a true class, a column an answer.
pub(crate) fn confusion_table(
    confusion: &ConfusionMatrix,
    schema: &Schema,
) -> impl IntoView + use<> {
    let cells = cells(confusion);
    let heads = schema
        .classes
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> })
        .collect_view();
    let rows = schema.classes.iter().enumerate().map(|(actual, name)| {
        let counts = cells.iter().filter(|cell| cell.actual == actual);
        let counts = counts.map(|cell| view! { <td>{cell.count}</td> }).collect_view();
        view! { <tr><th scope="row"><ClassMark class=actual />" "{name.clone()}</th>{counts}</tr> }
    });
    view! {
        <table>
            <thead><tr><th scope="col">"True, by answer"</th>{heads}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
