//! Why the model answers as it does: a bar for what each feature adds.

use leptos::prelude::*;
use model_core::FeatureRow;

use super::button::button;
use super::class_mark::series;
use crate::i18n::{t, text};
use crate::signals::{Memo, effect};
use crate::state::explanations::{Said, use_explanations};
use crate::state::library::Model;
use crate::state::measurements::{Measurements, use_measurements};
use crate::styles;
use crate::view::view;
use crate::view_models::format::sentence;
use crate::view_models::why_bars::{WhyBar, WhyBars};
use crate::view_models::why_words;

/// The model that answers and the row that it is asked; none while the fields make no row.
pub(crate) fn asked(measurements: Measurements) -> Option<(Model, FeatureRow)> {
    let row = measurements.row().ok()?;
    Some((measurements.library().active(), row))
}

/// Heading, bars and words.
#[component]
pub(crate) fn WhyPanel() -> impl IntoView {
    styles::adopt(styles::WHY);
    let (measurements, explanations) = (use_measurements(), use_explanations());
    effect(move || explanations.want_why(asked(measurements)));
    let is_current = Memo::new(move || {
        let (said, asked) = (explanations.why(), asked(measurements));
        said.zip(asked).is_some_and(|(Said { subject, .. }, (model, row))| {
            subject.model.id == model.id && subject.row == row
        })
    });
    let shown = move || {
        if asked(measurements).is_none() {
            return view! { <Nothing words=text(why_words::NO_ANSWER).to_owned() /> };
        }
        if let Some(failure) = explanations.failure() {
            return view! { <Failed words=failure /> };
        }
        match explanations.why() {
            None => view! { <Nothing words=text(why_words::WORKING).to_owned() /> },
            Some(Said { subject, answer }) => match &*answer {
                Ok(why) => {
                    view! { <Bars bars=WhyBars::of(&subject.model.artifact, why) /> }
                }
                Err(why_not) => view! { <Nothing words=sentence(why_not) /> },
            },
        }
    };
    view! {
        <section class="panel why" aria-labelledby="why-heading" aria-busy=move || (!is_current.get()).to_string()>
            {move || shown()}
        </section>
    }
}

/// What each feature adds, as bars.
#[component]
pub(crate) fn Bars(bars: WhyBars) -> impl IntoView {
    let WhyBars { heading, sentence, estimate, zero, bars, class } = bars;
    let row = move |bar: WhyBar| {
        let place = format!("left: {:.2}%; width: {:.2}%", bar.left, bar.width);
        view! {
            <li class="why-bar">
                <span class="why-feature">{bar.label}</span>
                <span class="why-axis" aria-hidden="true" data-series=series(class)>
                    <span class="why-fill" class:why-against=!bar.speaks_for style=place></span>
                </span>
                <span class="why-number">{bar.number}</span>
            </li>
        }
    };
    view! {
        <h2 id="why-heading">{heading}</h2>
        <ul
            class="why-bars"
            aria-label=t!("What each feature adds, in points of probability")
            style=format!("--zero: {zero:.2}%")
        >
            {bars.into_iter().map(row).collect_view()}
        </ul>
        <p class="quiet">{sentence} " " {estimate}</p>
    }
}

#[component]
fn Nothing(words: String) -> impl IntoView {
    view! {
        <h2 id="why-heading">{text(why_words::WHY)}</h2>
        <p class="quiet">{words}</p>
    }
}

#[component]
fn Failed(words: &'static str) -> impl IntoView {
    let explanations = use_explanations();
    view! {
        <h2 id="why-heading">{text(why_words::WHY)}</h2>
        <p class="warn" role="status">{text(words)}</p>
        {button(text(why_words::TRY_AGAIN), move || explanations.try_again())}
    }
}
