//! Monitor: what the edge was asked and answered, how it turned out, and whether its rows still look like those
//! that trained the model.

use leptos::prelude::*;

use crate::components::monitor_access::access_panel;
use crate::components::monitor_drift::drift_panel;
use crate::components::monitor_log::{erase_panel, log_panel};
use crate::components::monitor_loop::loop_panel;
use crate::components::monitor_row::MonitorDialogs;
use crate::components::monitor_start::{first_traffic, nothing_yet};
use crate::components::monitor_traffic::{counters_panel, traffic_panel};
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::monitor::provide_monitor;
use crate::styles;
use crate::view::view;

/// Monitor.
#[component]
pub(crate) fn MonitorPage() -> impl IntoView {
    styles::adopt(styles::RESULTS);
    styles::adopt(styles::EXPORTS);
    styles::adopt(styles::REGISTRY);
    styles::adopt(styles::WHY);
    styles::adopt(styles::MONITOR);
    let monitor = provide_monitor();
    // What is drawn stays when it is read anew, with the focus and whatever was typed: `None` before the first
    // reading, then whether there is anything to show. A short window may have nothing in it, and what there was may
    // be erased.
    let had_traffic = StoredValue::new(false);
    let has_traffic = Memo::new(move || {
        let n = monitor.report.with(|report| report.as_ref().map(|it| it.n()))?;
        had_traffic.update_value(|had| *had |= n > 0);
        Some(had_traffic.get_value() || monitor.hours.get() > 0)
    });
    let shown = move || match has_traffic.get() {
        None => nothing_yet(monitor),
        Some(false) => vec![first_traffic(monitor), loop_panel(monitor)].into_any(),
        Some(true) => vec![
            loop_panel(monitor),
            traffic_panel(monitor),
            drift_panel(monitor),
            log_panel(monitor),
            counters_panel(monitor),
            erase_panel(monitor),
        ]
        .into_any(),
    };
    let is_old =
        move || monitor.failure.with(Option::is_some) && monitor.report.with(Option::is_some);
    view! {
        <h1 tabindex="-1">{t!("Monitor")}</h1>
        <p class="lede">
            {t!("What your live URL is asked and what it answers, how often it is right, and whether the rows still look like those that trained the model.")}
        </p>
        <div class="registry">
            {access_panel(monitor)}
            <div class="registry" class:monitor-old=move || is_old()>{move || shown()}</div>
        </div>
        <MonitorDialogs />
    }
}
