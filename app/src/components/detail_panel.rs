//! One model in detail: which one, and what there is to see of it.

use leptos::prelude::*;

use super::confusion_panel::Confusion;
use super::dependence_panel::DependencePanel;
use super::importance_panel::ImportancePanel;
use super::quality_panels::{CalibrationPanel, RocPanel};
use super::tabs::{Tab, Tabs};
use crate::i18n::t;
use crate::state::detail::use_detail;
use crate::view::view;

/// The panel.
#[component]
pub(crate) fn DetailPanel() -> impl IntoView {
    let tabs = vec![
        Tab { name: t!("Confusion"), draw: || view! { <Confusion /> } },
        Tab { name: "ROC", draw: || view! { <RocPanel /> } },
        Tab { name: t!("Calibration"), draw: || view! { <CalibrationPanel /> } },
        Tab { name: t!("What it goes by"), draw: || view! { <ImportancePanel /> } },
        Tab { name: t!("One column"), draw: || view! { <DependencePanel /> } },
    ];
    view! {
        <section class="panel detail" aria-labelledby="detail-heading">
            <div class="detail-head">
                <h2 id="detail-heading">{t!("One model in detail")}</h2>
                <ModelChoice />
            </div>
            <Tabs id="detail" label=t!("What to see of the model") tabs=tabs />
        </section>
    }
}

/// The model that all of it is about.
#[component]
fn ModelChoice() -> impl IntoView {
    let detail = use_detail();
    let options = move || {
        let option = |model: crate::state::library::Model| {
            let id = model.id;
            let is_chosen = move || detail.with(|model| model.id == id);
            view! { <option value=id.to_string() selected=move || is_chosen()>{model.name()}</option> }
        };
        detail.models().into_iter().map(option).collect_view()
    };
    let choose = move |event| detail.look_at(event_target_value(&event).parse().ok());
    view! {
        <label class="detail-choice">
            {t!("Model")}" " <select class="text-field" on:change=choose>{move || options()}</select>
        </label>
    }
}
