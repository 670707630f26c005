//! Takes the model that this site serves, where that is another than the built-in one.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::edge::Client;
use crate::edge::model::{Had, take};
use crate::i18n::text;
use crate::state::library::use_library;
use crate::view::view;
use crate::view_models::why_words;

/// Takes it, and says so until it is here. If it cannot be had, the built-in one goes on answering, and the
/// panel of the edge says which one answers there.
#[component]
pub(crate) fn ServedModel() -> impl IntoView {
    let library = use_library();
    let Some(description) = untrack(|| library.awaited()) else { return ().into_any() };
    spawn_local(async move {
        let had = take(&Client::default(), &description).await;
        // Another view of this may have been quicker.
        if untrack(|| library.awaited()).as_ref() != Some(&description) {
            return;
        }
        match had {
            Some(Had::File(artifact, bytes)) => library.take_served(*artifact, bytes),
            Some(Had::Form(remote)) => library.serve_remotely(*remote),
            None => library.stay_built_in(),
        }
    });
    view! { <p class="quiet" role="status">{text(why_words::SERVED_COMES)}</p> }
}
