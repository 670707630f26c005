//! A button that does something here, in one of its three looks. One body of code draws all of them.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::view::view;

/// A button with these words on it.
pub(crate) fn button(
    words: impl Into<Cow<'static, str>>,
    press: impl FnMut() + 'static,
) -> AnyView {
    draw("button", words.into(), Box::new(press))
}

/// The one that goes on with what the page is there for.
pub(crate) fn primary_button(
    words: impl Into<Cow<'static, str>>,
    press: impl FnMut() + 'static,
) -> AnyView {
    draw("button button-primary", words.into(), Box::new(press))
}

/// One beside others that matter more.
pub(crate) fn text_button(
    words: impl Into<Cow<'static, str>>,
    press: impl FnMut() + 'static,
) -> AnyView {
    draw("button button-text", words.into(), Box::new(press))
}

fn draw(class: &'static str, words: Cow<'static, str>, mut press: Box<dyn FnMut()>) -> AnyView {
    view! { <button type="button" class=class on:click=move |_| press()>{words}</button> }
}
