//! That runs were deleted, with a button that brings them back for some seconds.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::button::button;
use crate::i18n::t;
use crate::signals::effect;
use crate::state::runs::{RunsState, use_runs};
use crate::view::view;

/// How long they can be had back; longer while somebody points at the notice or the keyboard is in it.
const SECONDS: u64 = 10;

/// The notice, while there is something to bring back.
#[component]
pub(crate) fn UndoNotice() -> impl IntoView {
    let runs = use_runs();
    let place = NodeRef::<html::Div>::new();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    effect(move || {
        stop();
        if runs.n_deleted().is_some() {
            wait(runs, place, timer, SECONDS);
        }
    });
    on_cleanup(stop);
    let shown = move || {
        runs.n_deleted().map(|n| {
            let words = match n {
                1 => t!("The run is deleted.").to_owned(),
                n => t!("{n} runs are deleted.", n),
            };
            // What had the focus is gone with the runs.
            request_animation_frame(move || focus_button(place));
            view! {
                <span>{words}</span>
                {button(t!("Undo"), move || runs.undo())}
            }
        })
    };
    view! {
        <div class="undo" role="status" node_ref=place class:undo-shown=move || runs.n_deleted().is_some()>
            {move || shown()}
        </div>
    }
}

fn wait(
    runs: RunsState,
    place: NodeRef<html::Div>,
    timer: StoredValue<Option<TimeoutHandle>>,
    seconds: u64,
) {
    let end = move || {
        let is_held = place
            .try_get_untracked()
            .flatten()
            .is_some_and(|it| it.matches(":hover, :has(:focus-visible)").unwrap_or(false));
        if is_held {
            wait(runs, place, timer, 3);
        } else {
            runs.let_go();
        }
    };
    if let Ok(handle) = set_timeout_with_handle(end, Duration::from_secs(seconds)) {
        timer.set_value(Some(handle));
    }
}

fn focus_button(place: NodeRef<html::Div>) {
    let button = place
        .try_get_untracked()
        .flatten()
        .and_then(|place| place.query_selector("button").ok().flatten())
        .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(button) = button {
        // Only an element that is not in the document cannot be focused.
        let _ = button.focus();
    }
}
