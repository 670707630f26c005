//! Programs that ask the edge, one a language, to be copied.

use leptos::prelude::*;

use super::copy_button::copy_button;
use super::tabs::{Tab, Tabs};
use crate::i18n::t;
use crate::view::view;
use crate::view_models::snippet::{Example, Language, snippet};

/// What they ask about, for what is drawn by the tabs.
#[derive(Clone, Copy)]
struct Asked(Signal<Example>);

/// The tabs.
#[component]
pub(crate) fn SnippetPanel(
    /// What the programs ask about.
    example: Signal<Example>,
) -> impl IntoView {
    provide_context(Asked(example));
    let tabs = vec![
        Tab { name: "curl", draw: || view! { <Snippet language=Language::Curl /> } },
        Tab { name: "JavaScript", draw: || view! { <Snippet language=Language::JavaScript /> } },
        Tab { name: "Python", draw: || view! { <Snippet language=Language::Python /> } },
    ];
    view! { <Tabs id="snippet" label=t!("Language") tabs=tabs /> }
}

#[component]
fn Snippet(language: Language) -> impl IntoView {
    let Asked(example) = expect_context();
    let origin = window().location().origin().unwrap_or_default();
    let text = Signal::derive(move || example.with(|example| snippet(example, language, &origin)));
    view! {
        <pre class="snippet" tabindex="0" aria-label=t!("Program")><code>{text}</code></pre>
        <div class="snippet-foot">{copy_button(text)}</div>
    }
}
