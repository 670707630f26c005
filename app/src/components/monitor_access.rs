//! Who asks the edge on Monitor, of when what is shown is, and what went wrong since.

use leptos::prelude::*;

use super::button::{button, text_button};
use super::token_form::token_form;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::monitor::Monitor;
use crate::view::view;
use crate::view_models::monitor::trouble;
use crate::view_models::monitor::when::time_of_day;

/// The panel.
pub(crate) fn access_panel(monitor: Monitor) -> AnyView {
    let is_wrong = Signal::derive(move || monitor.failure.with(Option::is_some));
    let has_token = Memo::new(move || monitor.access.has_token());
    // While a token is tried for the first time its field stays.
    let is_in = Memo::new(move || has_token.get() && monitor.report.with(Option::is_some));
    let sign_in = Callback::new(move |token: String| monitor.sign_in(&token));
    let at = move || monitor.read_at.with(|at| time_of_day(at).to_owned());
    let failed = move || {
        monitor.failure.with(|failure| {
            let failure = trouble(failure.as_ref()?);
            let is_old = monitor.report.with(Option::is_some);
            let old = is_old.then(|| t!("What is shown is of {time} UTC.", time = at()));
            Some(view! { <p class="warn">{failure} " " {old}</p> })
        })
    };
    let reading = move || {
        let is_first = monitor.is_reading.get() && !is_in.get();
        is_first.then(|| view! { <p class="quiet">{t!("Reading the report and the log …")}</p> })
    };
    let shown = move || match is_in.get() {
        true => signed_in(monitor),
        false => token_form(
            t!("Open the monitor"),
            t!(
                "Who asked what is the owner's to see: the report and the log take the owner's token, or a key with the scope “read”."
            ),
            is_wrong,
            sign_in,
        ),
    };
    view! {
        <section class="panel" aria-labelledby="access-heading">
            <h2 id="access-heading">{t!("At the edge")}</h2>
            <div role="status">{move || reading()}{move || failed()}</div>
            {move || shown()}
        </section>
    }
}

/// The line of who is signed in.
fn signed_in(monitor: Monitor) -> AnyView {
    let at = move || {
        let time = monitor.read_at.with(|at| time_of_day(at).to_owned());
        match monitor.is_paused.get() {
            true => t!("As of {time} UTC, and kept so until you go on.", time),
            false => {
                t!("As of {time} UTC; read anew every 5 seconds while this tab is seen.", time)
            }
        }
    };
    let pause = move || {
        let words = if monitor.is_paused.get() { t!("Go on") } else { t!("Pause") };
        button(words, move || monitor.is_paused.update(|is_paused| *is_paused = !*is_paused))
    };
    view! {
        <p class="registry-actions">
            <span class="monitor-time">{move || at()}</span>
            {move || pause()}
            {button(t!("Read anew"), move || monitor.read(true))}
            {text_button(t!("Forget the token"), move || monitor.sign_out())}
        </p>
    }
}
