//! Partial dependence of the model in detail on a column that one chooses.

use std::sync::Arc;

use leptos::prelude::*;
use model_core::explanation::Dependence;

use super::chart::Chart;
use super::class_mark::ClassMark;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal, effect};
use crate::state::detail::use_detail;
use crate::state::measuring::{Measured, Measuring};
use crate::view::view;
use crate::view_models::dependence_chart::{dependence_chart, value_text};
use crate::view_models::format;

/// Choice of the column, and its chart.
#[component]
pub(crate) fn DependencePanel() -> impl IntoView {
    let detail = use_detail();
    let wanted = RwSignal::new(0_usize);
    let names = Memo::new(move || {
        detail.with(|model| {
            let features = model.artifact.schema().features.iter();
            features.map(|feature| feature.label.clone()).collect::<Vec<_>>()
        })
    });
    // A model of fewer columns than the one before has not all of them.
    let column = Memo::new(move || wanted.get().min(names.with(Vec::len).saturating_sub(1)));
    let measuring = Measuring::new();
    effect(move || measuring.dependence(detail.model().artifact, column.get()));
    let shown = move || match measuring.outcome() {
        Measured::Done(of) => view! { <Lines of=of /> },
        Measured::Waiting => {
            view! { <p class="detail-wait quiet" role="status">{t!("Asking the model …")}</p> }
        }
        Measured::Refused(why) => {
            view! { <p class="detail-wait" role="status">{t!("Not measured: {why}.", why)}</p> }
                .into_any()
        }
    };
    let options = move || {
        let option = |(at, name): (usize, String)| {
            view! { <option value=at.to_string() selected=move || column.get() == at>{name}</option> }
        };
        names.get().into_iter().enumerate().map(option).collect_view()
    };
    let choose = move |event| {
        event_target_value(&event).parse().into_iter().for_each(|at| wanted.set(at));
    };
    view! {
        <label class="detail-choice">
            {t!("Column")}" "
            <select class="text-field" on:change=choose>{move || options()}</select>
        </label>
        {move || shown()}
    }
}

#[component]
fn Lines(of: Arc<Dependence>) -> impl IntoView {
    let schema = use_detail().with(|model| model.artifact.schema().clone());
    let n_rows = of.individual.len();
    let heads = schema.classes.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let heads = heads.collect_view();
    let rows = of.grid.iter().zip(&of.mean).map(|(value, shares)| {
        let cell = |share: &f64| {
            view! { <td data-value=share.to_string()>{format::percent(*share)}</td> }
        };
        let cells = shares.iter().map(cell).collect_view();
        view! { <tr><th scope="row" data-value=value.to_string()>{value_text(value)}</th>{cells}</tr> }
    });
    let rows = rows.collect_view();
    let key = schema.classes.iter().enumerate().map(|(class, name)| {
        view! { <li><ClassMark class=class />" "{name.clone()}</li> }
    });
    let key = key.collect_view();
    let name = of.feature.clone();
    let layout = Callback::new(move |width| dependence_chart(&of, &schema, width));
    view! {
        <div class="detail-grid">
            <div>
                <Chart label=t!("Partial dependence on {name}", name) layout=layout>
                    <table>
                        <thead><tr><th scope="col">{name.clone()}</th>{heads}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Chart>
            </div>
            <div class="detail-words">
                <ul class="chart-key" aria-label=t!("Key")>{key}</ul>
                <p class="quiet">
                    {t!("The column is set to each value in all of {n_rows} rows that the model carries, everything else left as it is; drawn is the mean probability of each class. A flat line: the model does not look at the column, or it helps one class here as much as it hurts it there. Where columns go together, some of the rows it is asked about never occur.", n_rows)}
                </p>
            </div>
        </div>
    }
}
