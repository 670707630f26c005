//! The models side by side, with the one that answers chosen by a radio button. On a phone each
//! row becomes a card.

use leptos::prelude::*;

use super::verdict_panel::VerdictPanel;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::library::{Library, Model, use_library};
use crate::styles;
use crate::view::view;
use crate::view_models::comparison::{ComparisonRow, baseline, why_figures_differ};
use crate::view_models::comparison_order::{Column, Order, aria_sort};
use crate::view_models::format::{self, NBSP};

/// The retrained models, or the one that answers without them while there are none; below it, whether the
/// best is better.
#[component]
pub(crate) fn ComparisonTable() -> impl IntoView {
    styles::adopt(styles::RESULTS);
    let library = use_library();
    let order = RwSignal::new(None::<Order>);
    let rows = Memo::new(move || {
        let mut rows = table_rows(library);
        order.get().inspect(|order| order.sort(&mut rows));
        rows
    });
    let is_iris =
        Memo::new(move || rows.with(|rows| rows.iter().any(|row| row.published.is_some())));
    let heads = move || {
        let shown = |column: &Column| *column != Column::Published || is_iris.get();
        let head = |column| view! { <Head column=column rows=rows order=order /> };
        Column::ALL.into_iter().filter(shown).map(head).collect_view()
    };
    let body = move || {
        rows.get()
            .into_iter()
            .map(|row| view! { <Row row=row is_iris=is_iris.get() /> })
            .collect_view()
    };
    view! {
        // The roles keep it a table where the stylesheet turns rows into cards.
        <table class="comparison" role="table">
            <caption class="visually-hidden">{t!("Models compared; choose the one that answers")}</caption>
            <thead role="rowgroup">
                <tr role="row" data-label=t!("Sort by")>{move || heads()}</tr>
            </thead>
            <tbody role="rowgroup">{move || body()}</tbody>
        </table>
        <details class="chart-table columns-mean">
            <summary>{t!("What the columns mean")}</summary>
            <p class="quiet prose">
                {t!("Test accuracy: of the rows that no training saw, the share answered right; beside it the 95 % interval, within which the share on new rows most likely is. Cross-validation (CV): the training part is cut into folds, each answered by a model of the others; the mean, and how much the folds differ. Whether one model is really better than another goes by it. Log loss: how little probability the true class was given in cross-validation; 0 would be certain and right, and being sure and wrong costs most. The model with the least log loss answers, unless you choose. Fit: how long the training took here. Size: of the file that a page or the edge loads.")}
            </p>
        </details>
        <Baseline />
        <VerdictPanel />
        <WhyFiguresDiffer />
    }
}

/// The head of a column: a button that orders the table by it, once there is something to order.
#[component]
fn Head(
    column: Column,
    rows: Memo<Vec<ComparisonRow>>,
    order: RwSignal<Option<Order>>,
) -> impl IntoView {
    let label = move || match column {
        Column::Model => t!("Model").to_owned(),
        Column::Test => t!("Test accuracy").to_owned(),
        Column::Cv => cv_label(rows.with(|rows| rows.first().map_or(0, |row| row.n_folds))),
        Column::LogLoss => t!("Log loss").to_owned(),
        Column::Published => t!("Published").to_owned(),
        Column::Fit => t!("Fit").to_owned(),
        Column::Size => t!("Size").to_owned(),
    };
    let several = Memo::new(move || rows.with(|rows| rows.len() > 1));
    let sorted = move || several.get().then(|| aria_sort(order.get(), column));
    let press = move |_| order.update(|order| *order = Some(Order::pressed(*order, column)));
    let content = move || match several.get() {
        true => {
            view! { <button type="button" class="sort" on:click=press>{move || label()}</button> }
        }
        false => label().into_any(),
    };
    view! { <th role="columnheader" scope="col" aria-sort=move || sorted()>{move || content()}</th> }
}

/// The rows of the table: those of the last training, else the model's that answers without one.
pub(crate) fn table_rows(library: Library) -> Vec<ComparisonRow> {
    let row = |model: &Model| ComparisonRow::of(&model.artifact, model.bytes.0.len());
    match library.result() {
        Some(result) => result.models.iter().map(row).collect(),
        None => vec![row(&library.default_model())],
    }
}

fn cv_label(n_folds: usize) -> String {
    t!("{n_folds}-fold CV", n_folds)
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
            <span class="quiet interval" title=t!("95 % Wilson interval")>{format!("{NBSP}{}", test.interval_text())}</span>
        }
    });
    let fit = row.fit_text().map_or_else(
        || view! { <span class="quiet">{t!("not measured")}</span> },
        IntoAny::into_any,
    );
    let calibration = row.calibration_text();
    let cv_label = cv_label(row.n_folds);
    // Where there is such a column every row has its cell, with a figure or without one.
    let published = is_iris.then(|| {
        let text = row.published_text().unwrap_or_else(|| "–".to_owned());
        view! { <td role="cell" data-label=t!("Published")>{text}</td> }
    });
    view! {
        <tr role="row" class:answers=move || answers() data-model-id=id.to_string() data-family=row.family.as_str()>
            <th role="rowheader" scope="row">
                <label class="model-choice">
                    <input type="radio" name="answering-model" prop:checked=move || answers() on:change=choose />
                    <span>
                        <span class="model-name">{row.name}</span>
                        <span class="quiet">{row.parameters.clone()}</span>
                        <code class="quiet">{id.short()}</code>
                    </span>
                </label>
            </th>
            <td role="cell" data-label=t!("Test accuracy")>{test}</td>
            <td role="cell" data-label=cv_label>{row.cv_text()}</td>
            <td role="cell" data-label=t!("Log loss")>{row.log_loss_text()}</td>
            {published}
            <td role="cell" data-label=t!("Fit")>
                {fit} <span class="quiet interval">{calibration}</span>
            </td>
            <td role="cell" data-label=t!("Size")>{format::bytes(row.n_bytes)}</td>
        </tr>
    }
}

/// One sentence on what somebody is right with who has learnt nothing.
#[component]
fn Baseline() -> impl IntoView {
    let library = use_library();
    let sentence = move || match library.result() {
        Some(result) => result.models.first().and_then(|model| baseline(&model.artifact)),
        None => baseline(&library.default_model().artifact),
    };
    view! { <p class="quiet prose">{move || sentence()}</p> }
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
    view! { <p class="quiet prose why-differ">{move || sentence()}</p> }
}
