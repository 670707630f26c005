//! Moving the focus.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Puts the focus on `element`.
pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Only an element that is not in the document cannot be focused.
        let _ = element.focus();
    }
}

/// Puts the focus on the element with this `id`, if there is one.
pub(crate) fn focus_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus(&element);
    }
}

/// The same once what is being drawn stands.
pub(crate) fn focus_soon(id: &'static str) {
    request_animation_frame(move || focus_id(id));
}
