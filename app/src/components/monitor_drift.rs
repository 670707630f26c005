//! The newest rows of the log against those that trained the model, feature by feature.

use leptos::prelude::*;

use super::button::text_button;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::monitor::Monitor;
use crate::view::view;
use crate::view_models::monitor::drift::{Bar, Drift, FeatureWords, drift};

/// Features that are shown until all are wanted.
const SHOWN: usize = 6;

/// The panel.
pub(crate) fn drift_panel(monitor: Monitor) -> AnyView {
    let found = Memo::new(move || {
        let model = monitor.model.get()?;
        Some(monitor.newest.with(|rows| drift(&model.artifact, rows)))
    });
    let all = RwSignal::new(false);
    let shown = move || match found.get() {
        None => {
            let why = monitor.no_model.get();
            let words = why.unwrap_or_else(|| t!("Reading the model that serves …").to_owned());
            view! { <p class="quiet">{words}</p> }
        }
        Some(Err(why)) => view! { <p class="warn">{why}</p> },
        Some(Ok(found)) => report(found, all),
    };
    view! {
        <section class="panel" aria-labelledby="drift-heading">
            <h2 id="drift-heading">{t!("Drift")}</h2>
            {move || shown()}
        </section>
    }
}

fn report(found: Drift, all: RwSignal<bool>) -> AnyView {
    let n = found.features.len();
    let n_shown = if all.get() { n } else { SHOWN };
    let cards = found.features.into_iter().take(n_shown).map(feature_card).collect_view();
    let more =
        (n > n_shown).then(|| text_button(t!("Show all {n} features", n), move || all.set(true)));
    view! {
        <p class="prose" class:warn=found.is_drift>{found.sentence}</p>
        <p class="quiet monitor-key">
            <span class="monitor-then"></span>
            {t!("when it was trained")}
            <span class="monitor-now"></span>
            {t!("in the log now")}
        </p>
        <div class="monitor-features">{cards}</div>
        {more}
        <p class="quiet">
            {t!("Computed in this tab, from the newest 200 predictions of the version that serves and the rows or summaries that its file carries. Whether answers are still right, only labels tell.")}
        </p>
    }
}

fn feature_card(words: FeatureWords) -> AnyView {
    let most = words.bars.iter().fold(1.0_f64, |most, it| most.max(it.then).max(it.now));
    let bars = words.bars.into_iter().map(|it| bar(it, most)).collect_view();
    view! {
        <article class="monitor-feature">
            <h3>{words.name} ": " <span class:warn=words.drifted>{words.verdict}</span></h3>
            <ul class="monitor-hist">{bars}</ul>
            <p>{words.sentence}</p>
            <p class="quiet">{words.test}</p>
        </article>
    }
}

/// A pair of bars, the longest of which has `most` percent.
fn bar(bar: Bar, most: f64) -> AnyView {
    let width = |percent: f64| format!("width: {:.2}%", 100.0 * percent / most);
    let numbers = t!("{then} % → {now} %", then = whole(bar.then), now = whole(bar.now));
    view! {
        <li>
            <span class="monitor-bin">{bar.label}</span>
            <span class="monitor-pair" aria-hidden="true">
                <span class="monitor-then" style=width(bar.then)></span>
                <span class="monitor-now" style=width(bar.now)></span>
            </span>
            <span class="monitor-numbers">{numbers}</span>
        </li>
    }
}

fn whole(percent: f64) -> String {
    format!("{percent:.0}")
}
