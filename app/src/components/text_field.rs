//! A labelled line of text. One body of code draws all of them.

use leptos::prelude::*;

use crate::signals::RwSignal;
use crate::view::view;

/// A line for at most `most` letters, which go into `text` as they are typed.
pub(crate) fn text_field(label: &'static str, most: u16, text: RwSignal<String>) -> AnyView {
    draw(label, most, ("text-field", "text"), text, Signal::stored(false))
}

/// A short one for a number; marked while it `is_wrong`.
pub(crate) fn number_field(
    label: &'static str,
    text: RwSignal<String>,
    is_wrong: Signal<bool>,
) -> AnyView {
    draw(label, 20, ("text-field registry-share", "decimal"), text, is_wrong)
}

fn draw(
    label: &'static str,
    most: u16,
    (class, keyboard): (&'static str, &'static str),
    text: RwSignal<String>,
    is_wrong: Signal<bool>,
) -> AnyView {
    view! {
        <label class="registry-field">
            {label}
            <input class=class type="text" inputmode=keyboard maxlength=most.to_string() autocomplete="off" spellcheck="false"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
                aria-invalid=move || is_wrong.get().to_string() />
        </label>
    }
}
