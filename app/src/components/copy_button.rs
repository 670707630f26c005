//! A button that copies a text, and what came of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::button::button;
use crate::i18n::t;
use crate::signals::RwSignal;
use crate::view::view;

/// The button and, beside it, whether it was copied.
pub(crate) fn copy_button(text: Signal<String>) -> AnyView {
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
        {button(t!("Copy"), copy)}
        <span class="quiet" role="status">{move || outcome.get()}</span>
    }
}
