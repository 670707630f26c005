//! Pages that come later: what they will hold, and what works today in their place.

use leptos::prelude::*;

use crate::i18n::{key, t, text};

/// What is said about a page that is not there yet.
struct Plan {
    heading: &'static str,
    lede: &'static str,
    will_hold: &'static [&'static str],
    today: &'static [Today],
}

/// Something at the edge that works already: its path, and what it is.
type Today = (&'static str, &'static str);

const MONITOR: Plan = Plan {
    heading: key!("Monitor"),
    lede: key!("This page is not built yet. Today the edge logs its predictions and counts them."),
    will_hold: &[
        key!("Traffic, errors, class mix and confidence over time."),
        key!("Drift of each feature against the model's reference sample."),
        key!(
            "Accuracy on labelled feedback with its interval, and what the retraining rules decided."
        ),
    ],
    today: &[
        ("/metrics", key!("Counters in Prometheus text")),
        ("/health", key!("Health of the edge")),
        ("/docs", key!("The API, with the prediction history for the owner")),
    ],
};

/// Monitor.
#[component]
pub(crate) fn MonitorPage() -> impl IntoView {
    plan(&MONITOR)
}

fn plan(plan: &'static Plan) -> impl IntoView {
    let will_hold =
        plan.will_hold.iter().map(|item| view! { <li>{text(item)}</li> }).collect_view();
    let today = plan.today.iter().map(|item| view! { <li>{today_link(item)}</li> }).collect_view();
    view! {
        <h1 tabindex="-1">{text(plan.heading)}</h1>
        <p class="lede">{text(plan.lede)}</p>
        <div class="planned">
            <section class="panel" aria-labelledby="later-heading">
                <h2 id="later-heading">{t!("What it will hold")}</h2>
                <ul>{will_hold}</ul>
            </section>
            <section class="panel" aria-labelledby="today-heading">
                <h2 id="today-heading">{t!("What works today")}</h2>
                <ul>{today}</ul>
            </section>
        </div>
    }
}

fn today_link(today: &'static Today) -> AnyView {
    let (path, words) = *today;
    // The router must leave these to the server.
    view! { <a href=path rel="external">{text(words)}</a> }.into_any()
}
