//! What versions said and how it turned out, side by side; the log over time; what the edge counts about itself.

use leptos::prelude::*;

use super::monitor_start::send_rows;
use super::table_parts::{column_heads, drawn, drawn_row};
use crate::clock::wall_clock_millis;
use crate::i18n::{key, t, text};
use crate::state::monitor::Monitor;
use crate::view::view;
use crate::view_models::format;
use crate::view_models::monitor::log::{durations, over_time};

/// How far back the report looks, in hours; 0 is ever.
const WINDOWS: [(u32, &str); 3] = [
    (0, key!("since the beginning")),
    (24, key!("in the last 24 hours")),
    (168, key!("in the last 7 days")),
];

/// The panel of the report.
pub(crate) fn traffic_panel(monitor: Monitor) -> AnyView {
    let options = WINDOWS.map(|(hours, words)| (hours.to_string(), text(words).to_owned()));
    let choose = move |hours: String| {
        monitor.hours.set(hours.parse().unwrap_or(0));
        monitor.read(true);
    };
    let table = move || {
        let report = monitor.report.get()?;
        let heads = report.versions.iter().map(|it| t!("Version {n}", n = it.version));
        let heads = heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view();
        let row = |(name, cells): (String, Vec<String>)| {
            drawn_row([name].into_iter().chain(cells).map(drawn).collect())
        };
        let rows = report.lines().into_iter().map(row).collect_view();
        Some(view! {
            <thead><tr><td></td>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        })
    };
    let trial = move || {
        let report = monitor.report.get()?;
        let ratio = report.ratio?;
        Some(view! {
            <h3>{t!("The experiment")}</h3>
            <p class="prose" class:warn=ratio.is_mismatch>{ratio.sentence()}</p>
            <p class="prose">{report.comparison()}</p>
        })
    };
    view! {
        <section class="panel" aria-labelledby="traffic-heading">
            <h2 id="traffic-heading">{t!("Traffic")}</h2>
            {choice(t!("Counted"), options.to_vec(), "0", Callback::new(choose))}
            <div class="table-scroller" role="region" aria-label=t!("Versions side by side") tabindex="0">
                <table class="registry-table">{move || table()}</table>
            </div>
            <p class="quiet">
                {t!("Confidence is how sure a model is of its answers, not how often it is right. The accuracy is that on predictions with a label. Since the beginning, its interval holds at 95 % however often you look; in a window that moves along, each look by itself.")}
            </p>
            {move || trial()}
            {time_chart(monitor)}
            {send_rows(monitor)}
        </section>
    }
}

/// A choice among named values, of which `chosen` holds at first.
pub(crate) fn choice(
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: &str,
    choose: Callback<String>,
) -> AnyView {
    let option = |(value, words): (String, String)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    };
    let options = options.into_iter().map(option).collect_view();
    view! {
        <label class="registry-field">
            {label}
            <select class="text-field" on:change=move |event| choose.run(event_target_value(&event))>
                {options}
            </select>
        </label>
    }
}

/// The newest rows over time.
fn time_chart(monitor: Monitor) -> AnyView {
    let shown = move || {
        let rows = monitor.newest.get();
        let (step, buckets) = over_time(&rows, wall_clock_millis() as u64);
        let n_rows = format::thousands(rows.len());
        let named = t!(
            "The newest predictions over time ({n} in all); a bar is {step}",
            n = n_rows,
            step = text(step)
        );
        let bars = buckets.iter().map(|bucket| {
            let height = format!("height: {:.2}%", bucket.height);
            view! { <span class="monitor-column" style=height></span> }
        });
        let bars = bars.collect_view();
        // What the ends say stands where the first and the last bar are.
        let width = format!("max-width: {}rem", (3 * buckets.len()).max(20));
        let ends = [buckets.first(), buckets.last()];
        let ends = ends.map(|end| view! { <span>{end.map(|it| it.from.clone())}</span> });
        let row = |bucket: &crate::view_models::monitor::log::Bucket| {
            let confidence = bucket.confidence.map_or_else(|| "–".to_owned(), format::percent);
            drawn_row(vec![
                drawn(bucket.from.clone()),
                drawn(bucket.n.to_string()),
                drawn(confidence),
            ])
        };
        let rows = buckets.iter().rev().filter(|it| it.n > 0).map(row).collect_view();
        view! {
            <h3>{named.clone()}</h3>
            <div class="monitor-columns" role="img" aria-label=named style=width.clone()>{bars}</div>
            <p class="monitor-ends quiet" aria-hidden="true" style=width>{ends.collect_view()}</p>
            <details class="chart-table">
                <summary>{t!("The same as a table")}</summary>
                <table class="registry-table">
                    <thead>
                        <tr>{column_heads(&[t!("From (UTC)"), t!("Predictions"), t!("Mean confidence")])}</tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        }
    };
    view! { <div class="monitor-time-chart">{move || shown()}</div> }
}

/// What the edge counts about itself, how long this tab waits, and what the plan has left.
pub(crate) fn counters_panel(monitor: Monitor) -> AnyView {
    let sentences = move || {
        let metrics = monitor.metrics.get();
        let (faults, mut told) = metrics
            .as_ref()
            .map_or_else(Default::default, |[_, now]| (now.faults(), now.sentences()));
        told.extend(monitor.trips.with(trip_sentences));
        let faults = faults.into_iter().map(|it| view! { <p class="warn">{it}</p> });
        let told = told.into_iter().map(|it| view! { <p class="prose">{it}</p> });
        (faults.collect_view(), told.collect_view())
    };
    let allowance = move || {
        let [first, now] = monitor.metrics.get()?;
        let lines = now.allowance_lines(&first);
        let row = |(what, left): (String, String)| drawn_row(vec![drawn(what), drawn(left)]);
        (!lines.is_empty()).then(|| {
            view! {
                <h3>{t!("What the plan allows a day")}</h3>
                <table class="registry-table monitor-facts"><tbody>{lines.into_iter().map(row).collect_view()}</tbody></table>
                <p class="quiet">
                    {t!("The edge counts since it was first deployed, for this site alone; the allowance is your account's and begins anew at 00:00 UTC.")}
                </p>
            }
        })
    };
    view! {
        <section class="panel" aria-labelledby="counters-heading">
            <h2 id="counters-heading">{t!("Requests, errors and latency")}</h2>
            {move || sentences()}
            {move || allowance()}
        </section>
    }
}

fn trip_sentences([reports, rows]: &[Vec<f64>; 2]) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some((half, most)) = durations(rows) {
        sentences.push(t!(
            "From this tab a row was answered in {half} (median; 95 % within {most}; {n} asked), the way there and back included: that is the latency as clients here see it.",
            half,
            most,
            n = rows.len()
        ));
    }
    if let Some((half, most)) = durations(reports) {
        sentences.push(t!(
            "The report came in {half} (median; 95 % within {most}; {n} asked).",
            half,
            most,
            n = reports.len()
        ));
    }
    sentences
}
