//! Programs that ask the edge, one a language, to be copied.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::button::button;
use super::tabs::{Tab, Tabs};
use crate::i18n::t;
use crate::state::detail::use_detail;
use crate::view::view;
use crate::view_models::snippet::{Language, snippet};

/// The tabs.
#[component]
pub(crate) fn SnippetPanel() -> impl IntoView {
    let tabs = vec![
        Tab { name: "curl", draw: || view! { <Snippet language=Language::Curl /> } },
        Tab { name: "JavaScript", draw: || view! { <Snippet language=Language::JavaScript /> } },
        Tab { name: "Python", draw: || view! { <Snippet language=Language::Python /> } },
    ];
    view! {
        <Tabs id="snippet" label=t!("Language") tabs=tabs />
        <p class="quiet">
            {t!("It asks the model that this site serves. To have this one answer there, publish its file first.")}
        </p>
    }
}

#[component]
fn Snippet(language: Language) -> impl IntoView {
    let detail = use_detail();
    let origin = window().location().origin().unwrap_or_default();
    let text = Memo::new(move |_| detail.with(|model| snippet(&model.artifact, language, &origin)));
    let outcome = RwSignal::new("");
    let copy = move || {
        // Without a secure context there is no clipboard.
        let copied = window()
            .is_secure_context()
            .then(|| text.with_untracked(|text| window().navigator().clipboard().write_text(text)));
        spawn_local(async move {
            let is_copied = match copied {
                Some(copied) => JsFuture::from(copied).await.is_ok(),
                None => false,
            };
            let words =
                if is_copied { t!("Copied.") } else { t!("Not copied: select the text instead.") };
            let _ = outcome.try_set(words);
        });
    };
    view! {
        <pre class="snippet" tabindex="0" aria-label=t!("Program")><code>{text}</code></pre>
        <div class="snippet-foot">
            {button(t!("Copy"), copy)}
            <span class="quiet" role="status">{outcome}</span>
        </div>
    }
}
