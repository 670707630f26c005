//! The form that takes the owner's token or a key: the same wherever the edge wants one.

use leptos::prelude::*;

use crate::i18n::t;
use crate::signals::RwSignal;
use crate::view::view;

/// The form. `open` stands on its button, `what` says what takes a token, `is_wrong` is whether the edge refused what is in it, and `sign_in` takes
/// what was typed.
pub(crate) fn token_form(
    open: &'static str,
    what: &'static str,
    is_wrong: Signal<bool>,
    sign_in: Callback<String>,
) -> AnyView {
    let typed = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        sign_in.run(typed.get_untracked());
    };
    view! {
        <form class="registry-form" on:submit=submit>
            <label class="registry-field" for="token">{t!("Owner's token, or a key")}</label>
            <input
                id="token"
                class="text-field"
                type="password"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="token-hint"
                aria-invalid=move || is_wrong.get().to_string()
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <button type="submit" class="button">{open}</button>
        </form>
        <p class="quiet" id="token-hint">
            {what} " "
            {t!("On your machine the owner's is OWNER_TOKEN in the hidden file .dev.vars, in the folder in which Tepal was started; on a site it is what “npx wrangler secret put OWNER_TOKEN” was given. It is kept until this tab is closed.")}
        </p>
    }
}
