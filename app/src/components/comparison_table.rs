//! The models side by side, with the one that answers chosen by a radio button. On a phone each
//! row becomes a card.

use leptos::prelude::*;

use crate::state::library::{Library, Model, use_library};
use crate::view_models::comparison::{ComparisonRow, why_figures_differ};
use crate::view_models::format::{self, NBSP};

/// The retrained models, or the built-in one while there are none.
#[component]
pub(crate) fn ComparisonTable() -> impl IntoView {
    let library = use_library();
    let rows = Memo::new(move |_| table_rows(library));
    let is_iris = move || rows.with(|rows| rows.iter().any(|row| row.published.is_some()));
    let cv_head = move || rows.with(|rows| rows.first().map(|row| cv_label(row.n_folds)));
    let body = move || {
        rows.get().into_iter().map(|row| view! { <Row row=row is_iris=is_iris() /> }).collect_view()
    };
    view! {
        // The roles keep it a table where the stylesheet turns rows into cards.
        <table class="comparison" role="table">
            <caption class="visually-hidden">"Models compared; choose the one that answers"</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">"Model"</th>
                    <th role="columnheader" scope="col">"Test accuracy"</th>
                    <th role="columnheader" scope="col">{cv_head}</th>
                    <Show when=is_iris><th role="columnheader" scope="col">"Published"</th></Show>
                    <th role="columnheader" scope="col">"Fit"</th>
                    <th role="columnheader" scope="col">"Size"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{body}</tbody>
        </table>
        <WhyFiguresDiffer />
    }
}

/// The rows of the table: those of the last training, else the built-in model's.
pub(crate) fn table_rows(library: Library) -> Vec<ComparisonRow> {
    let row = |model: &Model| ComparisonRow::of(&model.artifact, model.bytes.0.len());
    match library.result() {
        Some(result) => result.models.iter().map(row).collect(),
        None => vec![row(&library.built_in())],
    }
}

fn cv_label(n_folds: usize) -> String {
    format!("{n_folds}-fold CV")
}

#[component]
fn Row(row: ComparisonRow, is_iris: bool) -> impl IntoView {
    let library = use_library();
    let id = row.model_id;
    let answers = move || library.with_active(|model| model.id == id);
    let choose = move |_| {
        let retrained = library.result().is_some();
        library.choose(retrained.then_some(id));
    };
    let test = row.test.map(|test| {
        view! {
            {format::percent(test.share)}
            <span class="quiet interval" title="95 % Wilson interval">{format!("{NBSP}{}", test.interval_text())}</span>
        }
    });
    let fit = row.fit_text().map_or_else(
        || view! { <span class="quiet">"not measured"</span> }.into_any(),
        IntoAny::into_any,
    );
    let calibration = row.calibration_text();
    let cv_label = cv_label(row.n_folds);
    // Where there is such a column every row has its cell, with a figure or without one.
    let published = is_iris.then(|| {
        let text = row.published_text().unwrap_or_else(|| "–".to_owned());
        view! { <td role="cell" data-label="Published">{text}</td> }
    });
    view! {
        <tr role="row" class:answers=answers data-model-id=id.to_string() data-family=row.family.as_str()>
            <th role="rowheader" scope="row">
                <label class="model-choice">
                    <input type="radio" name="answering-model" prop:checked=answers on:change=choose />
                    <span>
                        <span class="model-name">{row.name}</span>
                        <span class="quiet">{row.parameters.clone()}</span>
                        <code class="quiet">{id.short()}</code>
                    </span>
                </label>
            </th>
            <td role="cell" data-label="Test accuracy">{test}</td>
            <td role="cell" data-label=cv_label>{row.cv_text()}</td>
            {published}
            <td role="cell" data-label="Fit">
                {fit} <span class="quiet interval">{calibration}</span>
            </td>
            <td role="cell" data-label="Size">{format::bytes(row.n_bytes)}</td>
        </tr>
    }
}

/// One sentence on why our figures are not the published ones.
#[component]
fn WhyFiguresDiffer() -> impl IntoView {
    let library = use_library();
    let sentence = move || {
        library.with_active(|model| {
            let (lineage, test) = (model.artifact.lineage(), &model.artifact.evaluation().test);
            let n_test = test.as_ref().map_or(0, |test| test.confusion.total());
            why_figures_differ(&lineage.data_hash, lineage.params.seed, n_test)
        })
    };
    view! { <p class="quiet prose why-differ">{sentence}</p> }
}
