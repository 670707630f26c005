//! Train: the comparison again, with how each family is trained and the report of the one that
//! answers.

use leptos::prelude::*;

use crate::components::class_mark::ClassMark;
use crate::components::evaluation_charts::{AccuracyPanel, ConfusionPanel};
use crate::components::retrain_panel::RetrainPanel;
use crate::state::library::use_library;
use crate::view_models::families::{TRAINED, method};
use crate::view_models::format;

/// Train.
#[component]
pub(crate) fn TrainPage() -> impl IntoView {
    view! {
        <h1 tabindex="-1">"Train and compare"</h1>
        <p class="lede">
            "Six families, one stratified split, five folds. The choice is made by cross-validation on the training part; the test part is looked at once."
        </p>
        <RetrainPanel />
        <div class="evaluation">
            <AccuracyPanel />
            <ConfusionPanel />
        </div>
        <div class="evaluation">
            <ReportPanel />
            <MethodPanel />
        </div>
    }
}

/// Precision, recall and F1 by class, on the test part of the model that answers.
#[component]
fn ReportPanel() -> impl IntoView {
    let library = use_library();
    let heading =
        move || library.with_active(|model| format!("Classification report · {}", model.name()));
    let rows = move || {
        library.with_active(|model| {
            let artifact = &model.artifact;
            let Some(test) = &artifact.evaluation().test else { return Vec::new() };
            let report = test.confusion.report();
            let classes = artifact.schema().classes.iter().zip(report.classes).enumerate();
            let mut rows: Vec<_> = classes
                .map(|(class, (name, metrics))| (Some(class), name.clone(), metrics))
                .collect();
            rows.push((None, "macro average".to_owned(), report.macro_average));
            rows.push((None, "weighted average".to_owned(), report.weighted_average));
            rows
        })
    };
    let body = move || {
        rows().into_iter().map(|(class, name, metrics)| {
            view! {
                <tr>
                    <th scope="row">{class.map(|class| view! { <ClassMark class=class />" " })}{name}</th>
                    <td>{format::decimal(metrics.precision, 3)}</td>
                    <td>{format::decimal(metrics.recall, 3)}</td>
                    <td>{format::decimal(metrics.f1, 3)}</td>
                    <td>{metrics.support}</td>
                </tr>
            }
        })
        .collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="report-heading">
            <h2 id="report-heading">{heading}</h2>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Class"</th><th scope="col">"Precision"</th><th scope="col">"Recall"</th>
                        <th scope="col">"F1"</th><th scope="col">"Rows"</th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </section>
    }
}

/// How each family is trained, in a sentence.
#[component]
fn MethodPanel() -> impl IntoView {
    let methods =
        TRAINED.map(|family| view! { <dt>{family.label()}</dt><dd>{method(family)}</dd> });
    view! {
        <section class="panel" aria-labelledby="method-heading">
            <h2 id="method-heading">"How they are trained"</h2>
            <dl class="method">
                {methods}
            </dl>
            <p class="quiet">
                "Random forest and gradient boosting take features as measured; the others see them standardised with the training part's means and deviations. The same seed gives the same split, folds and models, to the last bit, in the browser, at the edge and natively."
            </p>
        </section>
    }
}
