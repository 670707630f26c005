//! At the foot of the page: whether it works offline, whether it is, and a new version of it to be had.
//! `offline.js` finds that out and leaves it on the document.

use leptos::prelude::*;

use super::button::{button, text_button};
use crate::i18n::t;
use crate::signals::RwSignal;
use crate::view::view;
use crate::view_models::offline_words::standing;

/// That `offline.js` found something out.
const FOUND: &str = "tepal-kept";
/// This version of the page is in the browser.
const KEPT: &str = "data-kept";
/// There is another version of the page than this one.
const UPDATE: &str = "data-update";

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    is_kept: bool,
    is_online: bool,
    has_update: bool,
}

impl Known {
    fn by_now() -> Self {
        let root = document().document_element();
        let has = |name| root.as_ref().is_some_and(|root| root.has_attribute(name));
        Self {
            is_kept: has(KEPT),
            is_online: window().navigator().on_line(),
            has_update: has(UPDATE),
        }
    }
}

/// One sentence on the network, and the offer of a new version: it comes when the visitor says so.
#[component]
pub(crate) fn OfflineStatus() -> impl IntoView {
    let known = RwSignal::new(Known::by_now());
    let is_put_off = RwSignal::new(false);
    for event in [FOUND, "online", "offline"] {
        let heard = window_event_listener_untyped(event, move |_| known.set(Known::by_now()));
        on_cleanup(move || heard.remove());
    }
    let words = move || {
        let Known { is_kept, is_online, .. } = known.get();
        standing(is_kept, is_online)
    };
    let offer = move || {
        (known.get().has_update && !is_put_off.get()).then(|| {
            view! {
                <div class="notice update-offer">
                    <p>{t!("A new version of this page is here. What is typed or still training ends with the old one, so take it when it suits you.")}</p>
                    {button(t!("Reload"), reload)}
                    {text_button(t!("Later"), move || is_put_off.set(true))}
                </div>
            }
        })
    };
    view! {
        <span role="status">{move || words()}</span>
        <div role="status">{move || offer()}</div>
    }
}

fn reload() {
    // Refused to nobody but a document that is gone.
    let _ = window().location().reload();
}
