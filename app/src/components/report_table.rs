//! Precision, recall and F1 by class, on the test part of the model in detail.

use leptos::prelude::*;

use super::class_mark::ClassMark;
use crate::i18n::t;
use crate::state::detail::use_detail;
use crate::view_models::format;

/// The table, with what its columns mean.
#[component]
pub(crate) fn ReportTable() -> impl IntoView {
    let detail = use_detail();
    let rows = move || {
        detail.with(|model| {
            let artifact = &model.artifact;
            let Some(test) = &artifact.evaluation().test else { return Vec::new() };
            let report = test.confusion.report();
            let classes = artifact.schema().classes.iter().zip(report.classes).enumerate();
            let mut rows: Vec<_> = classes
                .map(|(class, (name, metrics))| (Some(class), name.clone(), metrics))
                .collect();
            rows.push((None, t!("macro average").to_owned(), report.macro_average));
            rows.push((None, t!("weighted average").to_owned(), report.weighted_average));
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
        <table>
            <caption class="visually-hidden">{t!("Classification report")}</caption>
            <thead>
                <tr>
                    <th scope="col">{t!("Class")}</th><th scope="col">{t!("Precision")}</th><th scope="col">{t!("Recall")}</th>
                    <th scope="col">{t!("F1")}</th><th scope="col">{t!("Rows")}</th>
                </tr>
            </thead>
            <tbody>{move || body()}</tbody>
        </table>
        <details class="chart-table">
            <summary>{t!("What these mean")}</summary>
            <p class="quiet">
                {t!("Precision: of the rows answered with the class, the share that is of it; low if the answer is given too freely. Recall: of the rows of the class, the share that is found; low if the class is overlooked. F1 is their harmonic mean: high only if both are. In the macro average every class counts alike, in the weighted one by its rows: far apart, the rare classes do worse.")}
            </p>
        </details>
    }
}
