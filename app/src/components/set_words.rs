//! The prediction set: which classes cannot be excluded, in words.

use leptos::prelude::*;

use super::why_panel::asked;
use crate::i18n::text;
use crate::signals::Memo;
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::alternative_words::SetWords as Words;
use crate::view_models::why_words;

/// The set of the answer on the screen; nothing if the model makes none.
#[component]
pub(crate) fn SetWords() -> impl IntoView {
    let measurements = use_measurements();
    let words = Memo::new(move || {
        let (model, row) = asked(measurements)?;
        let answer = model.artifact.predict(&row);
        Words::of(&model.artifact, answer.class, answer.prediction_set)
    });
    let shown = move || {
        words.get().map(|words| {
            view! {
                <section class="answer-set" aria-labelledby="set-heading">
                    <h2 id="set-heading">{text(why_words::SET_HEADING)}</h2>
                    <p class:warn=words.is_empty>{words.classes}</p>
                    <p class="quiet">{words.promise}</p>
                </section>
            }
        })
    };
    view! { {move || shown()} }
}
