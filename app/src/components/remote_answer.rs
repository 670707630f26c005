//! The answer of a model that this tab does not have: asked of the edge, one question at a time.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::FeatureRow;
use tepal_api::PredictResponse;

use super::class_mark::{ClassMark, series};
use super::edge_panel::EdgeTrouble;
use crate::edge::{Client, EdgeError, Reply, predict};
use crate::i18n::{t, text};
use crate::signals::RwSignal;
use crate::state::library::use_library;
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::format;
use crate::view_models::remote_words::{self, RemoteWords};
use crate::view_models::why_words;

/// Where the question stands.
#[derive(Debug, Clone)]
enum Stage {
    Idle,
    Asking,
    Answered(Arc<(FeatureRow, Reply<PredictResponse>)>),
    Failed(EdgeError),
}

/// The panel in the place of the tab's own answer.
#[component]
pub(crate) fn RemoteAnswer() -> impl IntoView {
    let (library, measurements) = (use_library(), use_measurements());
    let stage = RwSignal::new(Stage::Idle);
    let about = move || library.remote().map(|remote| remote_words::about(&remote));
    let ask = move |_| {
        let (Some(remote), Ok(row)) = untrack(|| (library.remote(), measurements.row())) else {
            return;
        };
        stage.set(Stage::Asking);
        spawn_local(async move {
            let next = match predict::ask(&Client::default(), &remote.schema, &row).await {
                Ok(reply) => Stage::Answered(Arc::new((row, reply))),
                Err(failure) => Stage::Failed(failure),
            };
            // The user may have left the page, and its signals with it.
            let _ = stage.try_set(next);
        });
    };
    let cannot_ask =
        move || stage.with(|stage| matches!(stage, Stage::Asking)) || measurements.row().is_err();
    let shown = move || match stage.get() {
        Stage::Idle => view! { <Problems /> },
        Stage::Asking => view! { <p class="quiet">{text(why_words::REMOTE_WAITS)}</p> },
        Stage::Answered(answered) => view! { <Answered answered=answered /> },
        Stage::Failed(failure) => view! { <EdgeTrouble failure=failure here=None /> },
    };
    view! {
        <section class="panel answer" aria-labelledby="answer-heading">
            <h2 id="answer-heading">{t!("Answer")}</h2>
            <div class="answer-words" role="status">{move || shown()}</div>
            <p>
                <button type="button" class="button button-primary" disabled=move || cannot_ask() on:click=ask>
                    {text(why_words::REMOTE_ASK)}
                </button>
            </p>
            <p class="quiet remote-about">{move || about()}</p>
        </section>
    }
}

/// What keeps the fields from being sent, if anything does.
#[component]
fn Problems() -> impl IntoView {
    let measurements = use_measurements();
    let problems = move || {
        let problems = measurements.row().err().unwrap_or_default();
        problems.into_iter().map(|problem| view! { <p class="warn">{problem}</p> }).collect_view()
    };
    view! {
        <p class="answer-name answer-none">{text(why_words::REMOTE_NOTHING)}</p>
        {move || problems()}
    }
}

#[component]
fn Answered(answered: Arc<(FeatureRow, Reply<PredictResponse>)>) -> impl IntoView {
    let (library, measurements) = (use_library(), use_measurements());
    let (row, reply) = (&answered.0, &answered.1);
    let classes = untrack(|| library.remote()).map(|remote| remote.schema.classes.clone());
    let RemoteWords { class, name, sentence, set, warnings, shares, by } =
        RemoteWords::of(&classes.unwrap_or_default(), &reply.response);
    let took = format::millis(reply.round_trip_millis);
    let asked = row.clone();
    let stale = move || {
        (measurements.row().ok().as_ref() != Some(&asked))
            .then(|| view! { <p class="warn">{text(why_words::REMOTE_STALE)}</p> })
    };
    let bar = |(class, name, share): (usize, String, f64)| {
        view! {
            <li class="bar">
                <ClassMark class=class />
                <span class="species">{name}</span>
                <span class="bar-track" data-series=series(class)>
                    <span class="bar-fill" style=format!("width: {:.2}%", 100.0 * share)></span>
                </span>
                <span class="bar-number">{format::percent(share)}</span>
            </li>
        }
    };
    let warnings = warnings.into_iter().map(|warning| view! { <p class="warn">{warning}</p> });
    view! {
        {move || stale()}
        <p class="answer-name"><ClassMark class=class /><em class="species">{name}</em></p>
        <p class="answer-sentence">{sentence} " " {set}</p>
        {warnings.collect_view()}
        <ul class="bars" aria-label=t!("Probabilities")>{shares.into_iter().map(bar).collect_view()}</ul>
        <p class="quiet" data-edge-model-id=reply.response.model_id.clone()>
            {by} " · " <span class="nowrap">{took}</span>
        </p>
    }
}
