//! The columns that tell the classes apart best, plotted against each other.

use leptos::prelude::*;

use super::chart::Chart;
use crate::i18n::{self, text};
use crate::lab::Pairs;
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::pair_chart::pair_chart;
use crate::view_models::scene::Scene;
use crate::view_models::sheet_words;

/// The panel; nothing without two columns of numbers.
#[component]
pub(crate) fn PairPanel() -> impl IntoView {
    let sheet = use_sheet();
    let pairs = Memo::new(move || sheet.opened()?.sheet.as_ref().ok()?.pairs.clone());
    let is_there = Memo::new(move || pairs.with(Option::is_some));
    let layout = Callback::new(move |width| {
        pairs.with(|pairs| match pairs {
            Some(pairs) => pair_chart(pairs, width),
            None => Scene::new(width, 0.0),
        })
    });
    let table = move || pairs.with(|pairs| pairs.as_ref().map(table));
    let panel = move || {
        is_there.get().then(|| {
            view! {
                <details class="panel pairs">
                    <summary><h2>{text(sheet_words::PAIRS_HEADING)}</h2></summary>
                    <p class="prose quiet">{text(sheet_words::PAIRS_WORDS)}</p>
                    <Chart label=text(sheet_words::PAIRS_LABEL) layout=layout>{move || table()}</Chart>
                </details>
            }
        })
    };
    view! { {move || panel()} }
}

/// The rows that are shown.
fn table(pairs: &Pairs) -> impl IntoView + use<> {
    let heads = pairs.columns.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let mark = i18n::decimal_mark().to_string();
    let rows = pairs.values.chunks_exact(pairs.columns.len().max(1)).map(|row| {
        let cells = row.iter().map(|value| {
            let text = if value.is_finite() { value.to_string() } else { "–".to_owned() };
            let shown = text.replace('.', &mark);
            view! { <td data-value=text>{shown}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    view! {
        <table>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
