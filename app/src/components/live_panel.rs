//! Where programs ask, and how.

use leptos::prelude::*;

use super::copy_button::copy_button;
use super::snippet_panel::SnippetPanel;
use crate::i18n::t;
use crate::state::library::use_library;
use crate::state::registry::{Read, use_registry};
use crate::view::view;
use crate::view_models::snippet::{Example, address};

/// The panel: of the model that answers, as far as the edge tells.
#[component]
pub(crate) fn LivePanel() -> impl IntoView {
    let (registry, library) = (use_registry(), use_library());
    let origin = window().location().origin().unwrap_or_default();
    let url = address(&origin);
    let example = Signal::derive(move || {
        let Read::Here(served) = registry.served.get() else {
            return Example::of(&library.default_model().artifact);
        };
        // A row of the model itself if it is here.
        let models = library.local_models();
        match models.iter().find(|model| model.id.to_string() == served.id) {
            Some(model) => Example::of(&model.artifact),
            None => Example { schema: served.schema.clone(), values: Vec::new() },
        }
    });
    let to_copy = url.clone();
    view! {
        <section class="panel" aria-labelledby="live-heading">
            <h2 id="live-heading" tabindex="-1">{t!("The live URL")}</h2>
            <p class="prose">
                {t!("Programs send a row here and are answered with a class, its probability and the version that answered. Paste one of these, made for the model that answers now:")}
            </p>
            <p class="registry-actions">
                <code class="live-url">{url}</code>
                {copy_button(Signal::derive(move || to_copy.clone()))}
            </p>
            <SnippetPanel example=example />
        </section>
    }
}
