//! Precision, recall and F1 by class, on the test part of the model in detail.

use leptos::prelude::*;

use super::class_mark::ClassMark;
use super::table_parts::{Cell, column_heads, table_row};
use crate::i18n::t;
use crate::state::detail::use_detail;
use crate::view::view;
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
        rows()
            .into_iter()
            .map(|(class, name, metrics)| {
                let mark = class.map(|class| view! { <ClassMark class=class />" " });
                let mut cells: Vec<Cell> = [metrics.precision, metrics.recall, metrics.f1]
                    .map(|share| format::decimal(share, 3).into())
                    .into();
                cells.push(metrics.support.to_string().into());
                table_row(view! { {mark}{name} }, cells)
            })
            .collect_view()
    };
    view! {
        <table>
            <caption class="visually-hidden">{t!("Classification report")}</caption>
            <thead>
                <tr>
                    {column_heads(&[t!("Class"), t!("Precision"), t!("Recall"), t!("F1"), t!("Rows")])}
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
