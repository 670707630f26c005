//! The answer: in words, then as bars, then what to be careful about.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use super::class_mark::{ClassMark, series};
use super::lazy::Lazy;
use crate::i18n::t;
use crate::parts::LazyView;
use crate::signals::{Memo, RwSignal};
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::answer::Answer;
use crate::view_models::format;

/// How long the measurements rest before the answer is read out: a drag is one change.
const QUIET_MILLIS: u32 = 700;

/// Answer, probabilities, warnings, and the edge's opinion.
#[component]
pub(crate) fn AnswerPanel() -> impl IntoView {
    let measurements = use_measurements();
    let content = move || match measurements.answer() {
        Ok(answer) => view! { <AnswerWords answer=answer /> },
        Err(problems) => view! { <NoAnswer problems=problems /> },
    };
    view! {
        <section class="panel answer" aria-labelledby="answer-heading">
            <h2 id="answer-heading">{t!("Answer")}</h2>
            <div class="answer-words">{move || content()}</div>
            <ProbabilityBars />
            <Lazy view=LazyView::Edge />
            <SpokenAnswer />
        </section>
    }
}

#[component]
fn AnswerWords(answer: Answer) -> impl IntoView {
    let sentence = answer.sentence();
    let warnings = answer
        .warnings
        .into_iter()
        .map(|warning| view! { <p class="warn">{warning.words()}</p> })
        .collect_view();
    view! {
        <p class="answer-name"><ClassMark class=answer.class /><em class="species">{answer.name}</em></p>
        <p class="answer-sentence">{sentence}</p>
        {warnings}
    }
}

#[component]
fn NoAnswer(problems: Vec<String>) -> impl IntoView {
    let problems =
        problems.into_iter().map(|problem| view! { <p class="warn">{problem}</p> }).collect_view();
    view! {
        <p class="answer-name answer-none">{t!("No answer yet")}</p>
        {problems}
    }
}

/// A bar for each class, in the schema's order; the elements stay while the widths change.
/// Without an answer the bars are empty: old numbers would pass for new ones.
#[component]
fn ProbabilityBars() -> impl IntoView {
    let measurements = use_measurements();
    let shares =
        Memo::new(move || measurements.answer().map(|answer| answer.shares).unwrap_or_default());
    let classes = Memo::new(move || {
        measurements.library().with_active(|model| model.artifact.schema().classes.clone())
    });
    let bar = move |(class, name): (usize, String)| {
        let share = move || shares.with(|shares| shares.get(class).map(|share| share.probability));
        view! {
            <li class="bar">
                <ClassMark class=class />
                <span class="species">{name}</span>
                <span class="bar-track" data-series=series(class)>
                    <span class="bar-fill" style:width=move || format!("{:.2}%", 100.0 * share().unwrap_or(0.0))></span>
                </span>
                <span class="bar-number">{move || share().map_or_else(|| "–".to_owned(), format::percent)}</span>
            </li>
        }
    };
    view! {
        <ul class="bars" aria-label=t!("Probabilities")>
            {move || classes.get().into_iter().enumerate().map(bar).collect_view()}
        </ul>
    }
}

/// The answer for screen readers, said once the measurements rest.
#[component]
fn SpokenAnswer() -> impl IntoView {
    let measurements = use_measurements();
    let spoken = RwSignal::new(String::new());
    let pending = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |first: Option<()>| {
        let sentence = match measurements.answer() {
            Ok(answer) => answer.spoken(),
            Err(problems) => t!("No answer yet. {problems}", problems = problems.join(" ")),
        };
        // The answer that the page opens with is read with the page.
        if first.is_some() {
            // Replacing the timer drops, and so cancels, the one before.
            pending.set_value(Some(Timeout::new(QUIET_MILLIS, move || spoken.set(sentence))));
        }
    });
    view! { <p class="visually-hidden" role="status" aria-live="polite">{move || spoken.get()}</p> }
}

/// The answer in one line, which stays in sight on a phone while a slider moves. It repeats the
/// panel, so screen readers skip it.
#[component]
pub(crate) fn AnswerStrip() -> impl IntoView {
    let measurements = use_measurements();
    let content = move || match measurements.answer() {
        Ok(answer) => view! {
            <ClassMark class=answer.class />
            <em class="species">{answer.name}</em>
            <span class="quiet">{format::percent(answer.confidence)}</span>
        },
        Err(_) => {
            view! { <span class="warn">{t!("No answer yet: a value is missing or out of range")}</span> }
        }
    };
    view! { <div class="answer-strip" aria-hidden="true">{move || content()}</div> }
}
