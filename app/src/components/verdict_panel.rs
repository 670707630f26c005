//! "Is the best really better?", below the comparison: a sentence, and each pair behind a detail.

use leptos::prelude::*;

use super::table_parts::{column_heads, table_row};
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::library::use_library;
use crate::view::view;
use crate::view_models::verdict::{Contender, Pair, Verdict, verdict};

/// The verdict, as soon as there are two models of the same folds.
#[component]
pub(crate) fn VerdictPanel() -> impl IntoView {
    let library = use_library();
    let said = Memo::new(move || {
        let result = library.result()?;
        let models = result.models.iter();
        let contenders: Vec<Contender> = models
            .filter_map(|model| Contender::of(&model.artifact, model.bytes.0.len()))
            .collect();
        verdict(&contenders)
    });
    move || said.get().map(|said| view! { <Said said=said /> })
}

#[component]
fn Said(said: Verdict) -> impl IntoView {
    let rows = said.pairs.into_iter().map(row).collect_view();
    view! {
        <div class="verdict">
            <h3>{t!("Is the best really better?")}</h3>
            <p class="prose">{said.sentences}</p>
            <details class="chart-table">
                <summary>{t!("Each pair, with its p-value")}</summary>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t!("{best} against", best = said.best)}</th>{column_heads(&[t!("Ahead by"), t!("95 % interval"), t!("p-value"), t!("So it is")])}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="quiet prose">
                    {t!("Accuracy, fold by fold, by the corrected resampled t-test (Nadeau and Bengio): folds share most of their training rows, which a plain t-test takes for more evidence than there is. The p-value is how often a difference at least this large comes up where there is none; among several, a single small one means less. Which model answers goes by log loss, unless you choose.")}
                </p>
            </details>
        </div>
    }
}

fn row(pair: Pair) -> AnyView {
    let Pair { name, difference, interval, p_value, meaning } = pair;
    let cells = vec![difference.into(), interval.into(), p_value.into(), meaning.into()];
    table_row(name.into_any(), cells)
}
