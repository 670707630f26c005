//! Pages that come later: what they will hold, and what works today in their place.

use leptos::prelude::*;

use crate::i18n::{key, t, text};
use crate::routes::Route;
use crate::view::view;

/// What is said about a page that is not there yet.
struct Plan {
    heading: &'static str,
    lede: &'static str,
    will_hold: &'static [&'static str],
    today: &'static [Today],
}

/// Something that works already, and where.
enum Today {
    /// On another page.
    Page(Route, &'static str),
    /// At the edge.
    Edge(&'static str, &'static str),
}

const REGISTRY: Plan = Plan {
    heading: key!("Registry"),
    lede: key!("This page is not built yet. Today the edge serves the model that ships with it."),
    will_hold: &[
        key!("Published versions with their model cards, and who is champion and who challenger."),
        key!(
            "Publishing from this tab, splitting traffic, promotion and rollback by rule, and the ledger of all that."
        ),
        key!("Downloads: artifact, JSON, ONNX."),
    ],
    today: &[
        Today::Edge("/api/v1/model", key!("The model that the edge serves")),
        Today::Page(Route::Classify, key!("Ask the edge, and compare its answer with this tab's")),
    ],
};

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
        Today::Edge("/metrics", key!("Counters in Prometheus text")),
        Today::Edge("/health", key!("Health of the edge")),
        Today::Edge("/docs", key!("The API, with the prediction history for the owner")),
    ],
};

/// Registry.
#[component]
pub(crate) fn RegistryPage() -> impl IntoView {
    plan(&REGISTRY)
}

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
    match today {
        Today::Page(route, words) => view! { <a href=route.path()>{text(words)}</a> },
        // The router must leave these to the server.
        Today::Edge(path, words) => {
            view! { <a href=*path rel="external">{text(words)}</a> }
        }
    }
}
