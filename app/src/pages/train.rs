//! Train: the comparison again, with what a training takes and the report of the model that answers.

use leptos::prelude::*;

use crate::components::class_mark::ClassMark;
use crate::components::evaluation_charts::{AccuracyPanel, ConfusionPanel};
use crate::components::retrain_panel::RetrainPanel;
use crate::components::settings_panel::SettingsPanel;
use crate::state::library::use_library;
use crate::view_models::{format, training_words as words};

/// Train.
#[component]
pub(crate) fn TrainPage() -> impl IntoView {
    view! {
        <h1 tabindex="-1">"Train and compare"</h1>
        <p class="lede">{words::LEDE}</p>
        <RetrainPanel />
        <SettingsPanel />
        <div class="evaluation">
            <AccuracyPanel />
            <ConfusionPanel />
        </div>
        <ReportPanel />
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
