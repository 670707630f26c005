//! What the model in detail goes by: by its own fit, or by what it loses without a column.

use leptos::prelude::*;

use super::chart::Chart;
use super::table_parts::{Cell, table_row};
use crate::i18n::t;
use crate::signals::{Memo, RwSignal, effect};
use crate::state::detail::use_detail;
use crate::state::measuring::{Measured, Measuring};
use crate::view::view;
use crate::view_models::importance_chart::{
    MAX_BARS, Weight, importance_chart, of_fit, of_shuffling,
};

/// By what importance is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Shuffling,
    Fit,
}

/// Bars for each column.
#[component]
pub(crate) fn ImportancePanel() -> impl IntoView {
    let detail = use_detail();
    let wanted = RwSignal::new(Measure::Shuffling);
    let measuring = Measuring::new();
    effect(move || measuring.importance(detail.model().artifact));
    let of_the_fit = Memo::new(move || detail.with(|model| of_fit(&model.artifact)));
    let has_rows =
        Memo::new(move || detail.with(|model| !model.artifact.reference().held_out.is_empty()));
    let measure = Memo::new(move || match (has_rows.get(), of_the_fit.with(Option::is_some)) {
        (true, true) => wanted.get(),
        (false, true) => Measure::Fit,
        (_, false) => Measure::Shuffling,
    });
    let weights = Memo::new(move || match measure.get() {
        Measure::Fit => of_the_fit.get().ok_or_else(String::new),
        Measure::Shuffling => match measuring.outcome() {
            Measured::Done(found) => {
                Ok(detail.with(|model| of_shuffling(&found, model.artifact.schema())))
            }
            Measured::Waiting => Err(t!("Shuffling each column in turn …").to_owned()),
            Measured::Refused(why) => Err(t!("Not measured: {why}.", why)),
        },
    });
    let choice = move || {
        (has_rows.get() && of_the_fit.with(Option::is_some))
            .then(|| view! { <MeasureChoice wanted=wanted /> })
    };
    let shown = move || match weights.get() {
        Ok(weights) => view! { <Bars weights=weights measure=measure.get() /> },
        Err(words) => view! { <p class="detail-wait quiet" role="status">{words}</p> },
    };
    view! {
        {move || choice()}
        {move || shown()}
    }
}

#[component]
fn MeasureChoice(wanted: RwSignal<Measure>) -> impl IntoView {
    let option = |measure: Measure, words: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="importance-measure"
                    prop:checked=move || wanted.get() == measure
                    on:change=move |_| wanted.set(measure)
                />
                {words}
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend class="visually-hidden">{t!("How importance is measured")}</legend>
            {option(Measure::Shuffling, t!("By shuffling held-out rows"))}
            {option(Measure::Fit, t!("By the fit itself"))}
        </fieldset>
    }
}

#[component]
fn Bars(weights: Vec<Weight>, measure: Measure) -> impl IntoView {
    let detail = use_detail();
    let n_rows = detail.with(|model| model.artifact.reference().held_out.len());
    let (label, head, words) = match measure {
        Measure::Shuffling => (
            t!("What the model goes by: points of accuracy lost without each column"),
            t!("Points of accuracy lost"),
            t!(
                "Each column of the {n_rows} held-out rows that the model carries is shuffled five times: that leaves its values and breaks its tie to the answer. The bar is by how many points accuracy drops on average, the line its deviation. Where two columns say the same, each can step in for the other, and both look unimportant.",
                n_rows
            ),
        ),
        Measure::Fit => (
            t!("What the model goes by: share of what its trees' splits gained"),
            t!("Share of the gain"),
            t!("How much of what the splits of the trees gained is owed to each column; the shares sum to 100. It is told by training rows, and columns of many different values get more than their due.").to_owned(),
        ),
    };
    let more = weights.len().saturating_sub(MAX_BARS);
    let more = (more > 0).then(|| t!("The table has {more} more.", more));
    let rows = weights.iter().map(row).collect_view();
    let layout = Callback::new(move |width| importance_chart(&weights, width));
    view! {
        <div class="detail-grid">
            <div>
                <Chart label=label layout=layout>
                    <table>
                        <thead><tr><th scope="col">{t!("Column")}</th><th scope="col">{head}</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Chart>
            </div>
            <div class="detail-words">
                <p class="quiet">{words}</p>
                <p class="quiet">{t!("It tells of the model, not of the world.")}" "{more}</p>
            </div>
        </div>
    }
}

fn row(weight: &Weight) -> AnyView {
    let cell = Cell::of(weight.value, weight.text.clone());
    table_row(weight.name.clone().into_any(), vec![cell])
}
