//! A dialog over the page: the browser's own, which holds the focus, closes with Esc and gives the focus
//! back.

use leptos::html;
use leptos::prelude::*;

use super::button::button;
use crate::i18n::t;
use crate::signals::{RwSignal, effect};
use crate::view::view;

/// A dialog that is there while `open` holds. `children` are drawn anew each time.
#[component]
pub(crate) fn Dialog(
    /// Names it, and marks its heading; unique on the page.
    id: &'static str,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            // It is in the document and not open, so it can be opened.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // A click beside the box is one on the dialog itself.
    let beside = move |event: leptos::ev::MouseEvent| {
        let target = event.target();
        let is_beside = dialog
            .get_untracked()
            .is_some_and(|dialog| target.is_some_and(|it| js_sys::Object::is(&it, &dialog)));
        if is_beside {
            open.set(false);
        }
    };
    let heading = format!("{id}-heading");
    let labelled = heading.clone();
    let children = StoredValue::new(children);
    let content = move || open.get().then(|| children.with_value(|children| children()));
    view! {
        <dialog
            id=id
            class="dialog"
            node_ref=dialog
            aria-labelledby=labelled
            on:close=move |_| open.set(false)
            on:click=beside
        >
            <div class="dialog-box">
                <div class="dialog-head">
                    <h2 id=heading>{title}</h2>
                    {button(t!("Close"), move || open.set(false))}
                </div>
                {move || content()}
            </div>
        </dialog>
    }
}
