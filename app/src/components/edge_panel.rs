//! "Ask the edge": the edge's answer beside the tab's, its time, and whether the two agree.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tepal_api::PredictResponse;

use crate::edge::{Client, EdgeError, Reply, predict};
use crate::i18n::{key, t, text};
use crate::signals::RwSignal;
use crate::state::measurements::{Measurements, use_measurements};
use crate::view::view;
use crate::view_models::edge_agreement::{Agreement, LocalAnswer, compare, edge_model};
use crate::view_models::format;

/// What is left without the edge.
const ANSWER_STANDS: &str = key!("The answer above stands: it is worked out in this tab.");

/// Where the question stands.
#[derive(Debug, Clone)]
enum EdgeStatus {
    Idle,
    Asking,
    Answered(Box<Answered>),
    Failed(EdgeError),
}

/// The edge's answer, and the tab's to the same question.
#[derive(Debug, Clone)]
struct Answered {
    local: LocalAnswer,
    reply: Reply<PredictResponse>,
}

/// Button and outcome.
#[component]
pub(crate) fn EdgePanel() -> impl IntoView {
    let measurements = use_measurements();
    let status = RwSignal::new(EdgeStatus::Idle);
    let is_asking = move || status.with(|status| matches!(status, EdgeStatus::Asking));
    let cannot_ask = move || is_asking() || measurements.answer().is_err();
    let label = move || match status.get() {
        EdgeStatus::Idle => t!("Ask the edge"),
        EdgeStatus::Asking => t!("Asking …"),
        EdgeStatus::Answered(_) | EdgeStatus::Failed(_) => t!("Ask again"),
    };
    let outcome = move || match status.get() {
        EdgeStatus::Idle => {
            view! { <p class="quiet">{t!("Put the same question to the Worker, and see whether it agrees. It is sent these numbers and nothing else.")}</p> }
        }
        EdgeStatus::Asking => view! { <p class="quiet">{t!("Waiting for its answer.")}</p> },
        EdgeStatus::Answered(answered) => view! { <EdgeAnswer answered=*answered /> },
        EdgeStatus::Failed(failure) => {
            view! { <EdgeTrouble failure=failure here=Some(text(ANSWER_STANDS)) /> }
        }
    };
    view! {
        <div class="edge" role="group" aria-labelledby="edge-heading">
            <h2 id="edge-heading">{t!("At the edge")}</h2>
            <div class="edge-outcome" role="status">{move || outcome()}</div>
            <button type="button" class="button" disabled=move || cannot_ask() on:click=move |_| ask(measurements, status)>
                {move || label()}
            </button>
        </div>
    }
}

/// Sends the question; what the tab answers is noted first, as the sliders may move meanwhile.
fn ask(measurements: Measurements, status: RwSignal<EdgeStatus>) {
    let model = untrack(|| measurements.library().active());
    let (Ok(row), Ok(answer)) = untrack(|| (measurements.row(), measurements.answer())) else {
        return;
    };
    let local = LocalAnswer {
        model_id: model.id.to_string(),
        model_name: format!("{} · {}", model.name(), model.id.short()),
        answer,
        texts: untrack(|| measurements.texts()),
    };
    status.set(EdgeStatus::Asking);
    spawn_local(async move {
        let outcome = match predict::ask(&Client::default(), model.artifact.schema(), &row).await {
            Ok(reply) => EdgeStatus::Answered(Box::new(Answered { local, reply })),
            Err(failure) => EdgeStatus::Failed(failure),
        };
        // The user may have left the page, and its signals with it.
        let _ = status.try_set(outcome);
    });
}

#[component]
fn EdgeAnswer(answered: Answered) -> impl IntoView {
    let Answered { local, reply } = answered;
    let measurements = use_measurements();
    let agreement = compare(&local, &reply.response);
    let took = format::millis(reply.round_trip_millis);
    let headline = match &agreement {
        Agreement::ToTheBit => {
            view! { <strong>{t!("The edge agrees")}</strong>{t!(", to the bit")} }
        }
        Agreement::SameModelOtherBits { largest_difference } => view! {
            <strong class="warn">{t!("The edge differs")}</strong>
            {t!(": same model, but up to {difference} apart. Please report this.", difference = format!("{largest_difference:.1e}"))}
        },
        Agreement::OtherModel { same_class } => {
            let says = if *same_class { t!("The edge also says") } else { t!("The edge says") };
            view! {
                <strong>{says}" "<em class="species">{reply.response.prediction.clone()}</em></strong>
                {t!(", at {share}; another model answers there", share = format::percent(reply.response.confidence))}
            }
        }
    };
    let models = match agreement {
        Agreement::ToTheBit => {
            t!("{model}, there and here", model = edge_model(&reply.response))
        }
        Agreement::SameModelOtherBits { .. } | Agreement::OtherModel { .. } => t!(
            "There: {there}. Here: {here}.",
            there = edge_model(&reply.response),
            here = local.model_name
        ),
    };
    let texts = local.texts;
    let written = |text: &String| if text.is_empty() { t!("no value") } else { text }.to_owned();
    let asked = texts.iter().map(written).collect::<Vec<_>>().join(" · ");
    let answering = move || measurements.library().with_active(|model| model.id.to_string());
    let is_stale = move || measurements.texts() != texts || answering() != local.model_id;
    let stale = move || {
        is_stale().then(
            || view! { <p class="quiet">{t!("Asked for {values}, before you moved on.", values = asked)}</p> },
        )
    };
    view! {
        <p data-agreement=agreement_name(&agreement)>
            {headline} " · " <span class="nowrap">{took}</span>
        </p>
        <p class="quiet edge-models" data-edge-model-id=reply.response.model_id>{models}</p>
        {move || stale()}
    }
}

const fn agreement_name(agreement: &Agreement) -> &'static str {
    match agreement {
        Agreement::ToTheBit => "to-the-bit",
        Agreement::SameModelOtherBits { .. } => "other-bits",
        Agreement::OtherModel { .. } => "other-model",
    }
}

/// Why there is no answer; `here` says what stands without it.
#[component]
pub(crate) fn EdgeTrouble(failure: EdgeError, here: Option<&'static str>) -> impl IntoView {
    let faults = failure.faults().to_vec();
    let faults = (!faults.is_empty()).then(|| {
        let items = faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view();
        view! { <ul class="quiet">{items}</ul> }
    });
    view! {
        <p class="warn">{failure.sentence()}</p>
        {faults}
        <p class="quiet">{here}</p>
    }
}
