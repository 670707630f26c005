//! The columns of numbers that move together most.

use leptos::prelude::*;

use super::table_parts::{column_heads, table_row};
use crate::i18n::{t, text};
use crate::lab::{Correlated, CorrelationMatrix};
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::{format, sheet_words};

/// The pairs, with a bar each; nothing without two columns of numbers.
#[component]
pub(crate) fn CorrelationPanel() -> impl IntoView {
    let sheet = use_sheet();
    let pairs = Memo::new(move || {
        sheet
            .opened()
            .and_then(|it| Some(it.sheet.as_ref().ok()?.correlated.clone()))
            .unwrap_or_default()
    });
    let matrix = move || {
        let opened = sheet.opened()?;
        let sheet = opened.sheet.as_ref().ok()?;
        (sheet.correlation.columns.len() > 2).then(|| matrix(&sheet.correlation))
    };
    let rows = move || pairs.get().into_iter().map(pair).collect_view();
    let panel = move || {
        (!pairs.with(Vec::is_empty)).then(|| {
            view! {
                <details class="panel correlation">
                    <summary><h2>{text(sheet_words::CORRELATION_HEADING)}</h2></summary>
                    <p class="prose quiet">
                        {t!("Pearson's correlation of two columns of numbers, over the rows where both have a value: 1 if one grows evenly with the other, −1 if it shrinks, 0 if neither.")}
                    </p>
                    <table>
                        <thead>
                            <tr>{column_heads(&[t!("Columns"), t!("They go")])}<th scope="col">"r"</th></tr>
                        </thead>
                        <tbody>{move || rows()}</tbody>
                    </table>
                    {move || matrix()}
                </details>
            }
        })
    };
    view! { {move || panel()} }
}

/// Each column with each. The shade repeats the number; a negative one is framed.
fn matrix(matrix: &CorrelationMatrix) -> impl IntoView + use<> {
    let heads = matrix.columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let rows = matrix.columns.iter().zip(matrix.values.chunks_exact(matrix.columns.len()));
    let rows = rows.map(|(name, values)| {
        let cells = values.iter().map(|r| {
            let class = r.map_or("correlation-none", sheet_words::correlation_shade);
            view! { <td class=class>{r.map_or_else(|| "–".to_owned(), |r| format::decimal(r, 2))}</td> }
        });
        view! { <tr><th scope="row">{name.clone()}</th>{cells.collect_view()}</tr> }
    });
    view! {
        <div class="correlation-matrix" tabindex="0" role="group" aria-label=text(sheet_words::MATRIX_LABEL)>
            <table>
                <caption>{text(sheet_words::MATRIX_LABEL)}</caption>
                <thead><tr><td></td>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn pair(pair: Correlated) -> AnyView {
    let names = t!("{first} and {second}", first = pair.first, second = pair.second);
    let cells = vec![sheet_words::correlation(pair.r).into(), format::decimal(pair.r, 2).into()];
    table_row(names.into_any(), cells)
}
