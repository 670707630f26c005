//! What else it could be: the least change that the answer changes with, and known rows like it.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use model_core::Artifact;

use super::button::button;
use super::class_mark::ClassMark;
use super::decision_map_panel::DecisionMapPanel;
use super::table_parts::column_heads;
use super::why_panel::asked;
use crate::i18n::{t, text};
use crate::lab::{Near, Other};
use crate::signals::{Memo, effect};
use crate::state::explanations::{Said, use_explanations};
use crate::state::measurements::use_measurements;
use crate::styles;
use crate::view::view;
use crate::view_models::alternative_words::{
    KnownRow, counterfactual, known_rows, nearest_heading, no_counterfactual, value_heads,
};
use crate::view_models::feature_words::texts;
use crate::view_models::format::sentence;
use crate::view_models::why_words;

/// How long the measurements rest before near answers are looked for: it takes longer than the bars, and
/// they are not to wait for it.
const REST_MILLIS: u32 = 150;

/// The decision map, and beside it what else it could be.
#[component]
pub(crate) fn AlternativePanels() -> impl IntoView {
    styles::adopt(styles::WHY);
    let (measurements, explanations) = (use_measurements(), use_explanations());
    let pending = StoredValue::new_local(None::<Timeout>);
    effect(move || {
        let asked = asked(measurements);
        explanations.want_alternatives(None);
        // Replacing the timer drops, and so cancels, the one before.
        let rested = Timeout::new(REST_MILLIS, move || explanations.want_alternatives(asked));
        pending.set_value(Some(rested));
    });
    let has_row = Memo::new(move || measurements.row().is_ok());
    let is_current = Memo::new(move || {
        let (said, asked) = (explanations.alternatives(), asked(measurements));
        // Without a row nothing is on its way.
        !has_row.get()
            || said.zip(asked).is_some_and(|(Said { subject, .. }, (model, row))| {
                subject.model.id == model.id && subject.row == row
            })
    });
    let shown = move || match explanations.alternatives().filter(|_| has_row.get()) {
        None => {
            let words = if has_row.get() { why_words::WORKING } else { why_words::NO_NEAR_ANSWER };
            view! {
                <h2>{text(why_words::OTHER_HEADING)}</h2>
                <p class="quiet">{text(words)}</p>
            }
        }
        Some(Said { subject, answer }) => {
            let model = subject.model.artifact;
            match &*answer {
                Ok(said) => view! {
                    <OtherAnswer model=model.clone() other=said.other.clone() />
                    <NearestRows model=model nearest=said.nearest.clone() />
                },
                Err(why_not) => view! {
                    <h2>{text(why_words::OTHER_HEADING)}</h2>
                    <p class="quiet">{sentence(why_not)}</p>
                },
            }
        }
    };
    view! {
        <div class="alternatives">
            <DecisionMapPanel />
            <div class="panel alternatives-words" aria-busy=move || (!is_current.get()).to_string()>
                {move || shown()}
            </div>
        </div>
    }
}

#[component]
fn OtherAnswer(model: std::sync::Arc<Artifact>, other: Option<Other>) -> impl IntoView {
    let measurements = use_measurements();
    let words = match &other {
        Some(other) => counterfactual(&model, other),
        None => no_counterfactual(&model).to_owned(),
    };
    let filled = other.as_ref().and_then(|other| texts(&model, &other.changes));
    let try_it = filled.map(|texts| {
        view! {
            {button(text(why_words::TRY_IT), move || measurements.fill(&texts))}
        }
    });
    let mark = other.map(|other| view! { <ClassMark class=other.class as usize /> " " });
    view! {
        <section class="other-answer">
            <h2>{text(why_words::OTHER_HEADING)}</h2>
            <p>{mark}{words}</p>
            {try_it}
        </section>
    }
}

#[component]
fn NearestRows(model: std::sync::Arc<Artifact>, nearest: Vec<Near>) -> impl IntoView {
    let heads = value_heads(&model);
    let rows = known_rows(&model, &nearest).into_iter().map(|row| known_row(row, &heads));
    let rows = rows.collect_view();
    let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    view! {
        <section class="nearest">
            <h2 id="nearest-heading">{nearest_heading(&model)}</h2>
            <div class="table-scroller" tabindex="0" role="region" aria-labelledby="nearest-heading">
                <table>
                    <thead>
                        <tr>{column_heads(&[t!("Class"), t!("Distance")])}{heads}</tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="quiet">{text(why_words::NEAREST_ABOUT)}</p>
        </section>
    }
}

/// A row, or on a phone a card, where each value has its head beside it.
fn known_row(row: KnownRow, heads: &[String]) -> impl IntoView + use<> {
    let otherwise = (!row.same_answer)
        .then(|| view! { <small class="quiet">{text(why_words::OTHERWISE)}</small> });
    let labelled = row.values.into_iter().zip(heads.iter().cloned());
    let values = labelled.map(|(value, head)| view! { <td data-label=head>{value}</td> });
    view! {
        <tr>
            <th scope="row">
                <ClassMark class=row.class />" "<span class="species">{row.name}</span> {otherwise}
            </th>
            <td data-label=t!("Distance")>{row.distance}</td>
            {values.collect_view()}
        </tr>
    }
}
