//! Monitor before there is anything to show: what it will show, and how the first traffic comes about.

use leptos::prelude::*;

use super::button::{button, text_button};
use super::monitor_row::focus_later;
use super::snippet_panel::SnippetPanel;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::library::use_library;
use crate::state::monitor::{Monitor, TEST_ROWS};
use crate::view::view;
use crate::view_models::snippet::Example;

/// Nobody has signed in yet.
pub(crate) fn nothing_yet(_: Monitor) -> AnyView {
    let items = [
        t!("How much is asked, by version and class, with errors and how long it takes."),
        t!(
            "How often each version is right, as far as somebody said what was true, with an interval that holds however often you look."
        ),
        t!(
            "Each feature now against the rows that trained the model, and whether it moved by more than chance."
        ),
        t!(
            "Every prediction in the log: why it was answered so, what was true of it, and how to erase it."
        ),
        t!("What the loop decided by itself, from a new training to a rollback, and by what."),
    ];
    let items = items.map(|item| view! { <li>{item}</li> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="later-heading">
            <h2 id="later-heading">{t!("What you will see here")}</h2>
            <ul>{items}</ul>
        </section>
    }
}

/// Nothing was asked yet.
pub(crate) fn first_traffic(monitor: Monitor) -> AnyView {
    let library = use_library();
    let example = Signal::derive(move || {
        let served = monitor.model.get().unwrap_or_else(|| library.default_model());
        Example::of(&served.artifact)
    });
    view! {
        <section class="panel" aria-labelledby="first-heading">
            <h2 id="first-heading">{t!("The first traffic")}</h2>
            <p class="prose">
                {t!("Nobody has asked yet. Paste this into a terminal or a program, or have this page send rows:")}
            </p>
            <SnippetPanel example=example />
            {send_rows(monitor)}
        </section>
    }
}

/// Sends rows to be tried, and says how far it is.
pub(crate) fn send_rows(monitor: Monitor) -> AnyView {
    // The bar and its button stay while rows go out.
    let state =
        Memo::new(move || (monitor.sent.get().is_some(), monitor.model.with(Option::is_some)));
    let send = move || match state.get() {
        (true, _) => view! {
            {text_button(t!("Stop"), move || monitor.sent.set(None))}
            <progress
                max=TEST_ROWS.to_string()
                prop:value=move || monitor.sent.get().unwrap_or(0) as f64
                aria-label=t!("Rows sent")
            ></progress>
        },
        (false, true) => button(t!("Send {n} test rows", n = TEST_ROWS), move || {
            monitor.send_test_rows();
        }),
        (false, false) => ().into_any(),
    };
    // One button takes the place of the other, and the focus with it.
    let shown = move || {
        let focused = document().active_element().and_then(|element| element.parent_element());
        if focused.is_some_and(|parent| parent.id() == "sending") {
            focus_later("sending".to_owned());
        }
        send()
    };
    let said = move || monitor.sending_said.get().or_else(|| monitor.no_model.get());
    view! {
        <div class="registry-actions" id="sending">{move || shown()}</div>
        <p class="quiet" role="status">{move || said()}</p>
    }
}
