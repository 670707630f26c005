//! A path that leads nowhere.

use leptos::prelude::*;

use crate::routes::Route;

/// Page not found.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <h1 tabindex="-1">"Nothing grows here"</h1>
        <p class="lede">"There is no page at this address. "<a href=Route::Classify.path()>"Classify a flower"</a>" instead?"</p>
    }
}
