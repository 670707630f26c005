//! The mark of a class: its shape in its colour. A name always stands beside it.

use leptos::prelude::*;

use crate::view::view;
use crate::view_models::class_mark;

/// Shape and colour of a class, hidden from screen readers, which get the name.
#[component]
pub(crate) fn ClassMark(class: usize) -> impl IntoView {
    let corners = class_mark::corners(class);
    let shape = if corners.is_empty() {
        view! { <circle cx="8" cy="8" r=class_mark::CIRCLE_RADIUS /> }
    } else {
        view! { <polygon points=class_mark::points(corners) /> }
    };
    view! {
        <svg class="class-mark" viewBox="0 0 16 16" aria-hidden="true" data-series=series(class)>
            {shape}
        </svg>
    }
}

/// The attribute by which the stylesheet finds a class's colour: 1 to 8.
pub(crate) fn series(class: usize) -> String {
    (class_mark::series(class) + 1).to_string()
}
