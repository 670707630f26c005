//! A button that copies the address of this page with the model and the values.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::button::button;
use crate::i18n::text;
use crate::query::shared_query;
use crate::signals::RwSignal;
use crate::state::library::{Origin, use_library};
use crate::state::measurements::use_measurements;
use crate::styles;
use crate::view::view;
use crate::view_models::why_words;

/// Button and what came of it. A browser that does not let the page copy shows the address instead.
#[component]
pub(crate) fn ShareLink() -> impl IntoView {
    styles::adopt(styles::WHY);
    let (library, measurements) = (use_library(), use_measurements());
    let copied = RwSignal::new(None::<Result<(), String>>);
    let address = move || {
        let fields = measurements.fields().into_iter().map(|field| field.name);
        let values: Vec<(String, String)> = fields.zip(measurements.texts()).collect();
        let origin = window().location().origin().unwrap_or_default();
        format!("{origin}/{}", shared_query(&library.answering_id(), &values))
    };
    let copy = move || {
        let address = untrack(address);
        spawn_local(async move {
            // Without a secure connection there is no clipboard, and reading it fails.
            let clipboard = window().navigator().clipboard();
            let done = if clipboard.is_undefined() {
                false
            } else {
                JsFuture::from(clipboard.write_text(&address)).await.is_ok()
            };
            let _ = copied.try_set(Some(if done { Ok(()) } else { Err(address) }));
        });
    };
    // What was copied is about the values of then.
    Effect::watch(address, move |_, _, _| copied.set(None), false);
    let hint = move || {
        let is_here_alone = library.with_active(|model| model.origin == Origin::Retrained);
        is_here_alone.then(|| text(why_words::SHARE_RETRAINED))
    };
    let outcome = move || match copied.get() {
        None => ().into_any(),
        Some(Ok(())) => {
            view! { <span>{text(why_words::SHARE_COPIED)} " " {move || hint()}</span> }
        }
        Some(Err(address)) => view! {
            <label class="share-address">
                {text(why_words::SHARE_BY_HAND)}
                <input class="text-field" type="text" readonly prop:value=address />
            </label>
        },
    };
    view! {
        <div class="share">
            {button(text(why_words::SHARE), copy)}
            <span class="quiet" role="status">{move || outcome()}</span>
        </div>
    }
}
