//! The page in another language.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::i18n::{self, Language, t};
use crate::signals::RwSignal;
use crate::view::view;

/// Marks the button, which is drawn anew in the other language and keeps the focus.
const CLASS: &str = "language";

/// The language that the page is drawn in; what tracks it is drawn anew in another.
#[derive(Clone, Copy)]
struct Spoken(RwSignal<Language>);

/// Makes the page's language one that can change, and returns it.
pub(crate) fn provide_language() -> RwSignal<Language> {
    let spoken = RwSignal::new(Language::of_document());
    provide_context(Spoken(spoken));
    spoken
}

/// A button for each other language, which calls itself by its own name.
#[component]
pub(crate) fn LanguageChoice() -> impl IntoView {
    let Spoken(spoken) = expect_context();
    let failed = RwSignal::new(false);
    let change = move |language: Language| {
        spawn_local(async move {
            if i18n::take(language).await.is_err() {
                failed.set(true);
                return;
            }
            i18n::remember(language);
            spoken.set(language);
            request_animation_frame(focus);
        });
    };
    let others = Language::ALL.into_iter().filter(|it| *it != spoken.get_untracked());
    let buttons = others.map(|language| {
        view! {
            <button
                type="button"
                class=format!("button button-text {CLASS}")
                lang=language.code()
                on:click=move |_| change(language)
            >
                {language.own_name()}
            </button>
        }
    });
    let remark = move || {
        failed.get().then(|| {
            let words =
                t!("The other language could not be fetched: check the connection and try again.");
            view! { <span role="alert">{words}</span> }
        })
    };
    view! {
        {buttons.collect_view()}
        {move || remark()}
    }
}

fn focus() {
    if let Ok(Some(button)) = document().query_selector(&format!(".{CLASS}"))
        && let Some(button) = button.dyn_ref::<web_sys::HtmlElement>()
    {
        // Only an element that is not in the document cannot be focused.
        let _ = button.focus();
    }
}
