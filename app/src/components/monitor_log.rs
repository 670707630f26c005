//! The prediction log: filters, its rows, older ones; and the way to erase a person's.

use leptos::prelude::*;

use super::button::{button, text_button};
use super::monitor_row::focus_later;
use super::monitor_traffic::choice;
use super::table_parts::{drawn, drawn_row, wide_table};
use super::text_field::text_field;
use crate::i18n::{t, text};
use crate::signals::{Memo, RwSignal};
use crate::state::monitor::{Erasure, Monitor};
use crate::view::view;
use crate::view_models::format;
use crate::view_models::monitor::log::{Filter, LABELS, Row};
use crate::view_models::monitor::when;

/// The panel.
pub(crate) fn log_panel(monitor: Monitor) -> AnyView {
    let row = move |row: &Row| {
        let (opened, id) = (row.clone(), format!("row-{}", row.id));
        let open = text_button(when::second(&row.at), move || monitor.open(opened.clone()));
        drawn_row(vec![
            view! { <span id=id>{open}</span> },
            drawn(row.version.to_string()),
            drawn(row.prediction.clone()),
            drawn(format::percent(row.confidence())),
            drawn(row.label_words()),
            drawn(row.warning_words()),
        ])
    };
    let rows = move || {
        keep_focus();
        monitor.log.with(|rows| rows.iter().map(row).collect_view())
    };
    let more = move || {
        monitor
            .older
            .with(Option::is_some)
            .then(|| button(t!("Older predictions"), move || monitor.show_log(true)))
    };
    let none = move || {
        let is_empty = monitor.log.with(|rows| rows.is_empty());
        is_empty.then(|| match monitor.older.with(Option::is_some) {
            true => t!("None of those that were read; older ones may be of the kind."),
            false => t!("No such prediction is in the log."),
        })
    };
    let heads = [
        t!("When (UTC)"),
        t!("Version"),
        t!("Answer"),
        t!("Confidence"),
        t!("Label"),
        t!("Warnings"),
    ];
    view! {
        <section class="panel">
            <h2>{t!("The log")}</h2>
            <p class="quiet">{t!("Newest first. Open one to see its features, why it was answered so, and to say what was true.")}</p>
            {filters(monitor)}
            {wide_table(t!("The log"), &heads, (move || rows()).into_any())}
            <p class="quiet" role="status">{move || none()}</p>
            {move || more()}
        </section>
    }
}

/// Gives the focus back to the row that has it, once the rows are drawn anew.
fn keep_focus() {
    let focused = document().active_element().and_then(|element| element.parent_element());
    if let Some(id) = focused.map(|parent| parent.id()).filter(|id| id.starts_with("row-")) {
        focus_later(id);
    }
}

fn filters(monitor: Monitor) -> AnyView {
    // What there is to choose from changes seldom; a choice that is drawn anew forgets what was chosen.
    let options = Memo::new(move || {
        monitor.report.with(|report| {
            let report = report.as_ref()?;
            let versions: Vec<String> =
                report.versions.iter().map(|it| it.version.to_string()).collect();
            Some((versions, report.classes()))
        })
    });
    let set = move |change: fn(&mut Filter, String)| {
        Callback::new(move |value: String| {
            let mut filter = monitor.filter.get_untracked();
            change(&mut filter, value);
            monitor.set_filter(filter);
        })
    };
    let named = |any: &str, mut names: Vec<String>, chosen: &String| {
        // What was chosen stays, though no version may have it any more.
        if !chosen.is_empty() && !names.contains(chosen) {
            names.push(chosen.clone());
        }
        let any = (String::new(), any.to_owned());
        [any].into_iter().chain(names.into_iter().map(|it| (it.clone(), it))).collect::<Vec<_>>()
    };
    let selects = move || {
        let (versions, classes) = options.get().unwrap_or_default();
        let labels = LABELS.map(|(value, words)| (value.to_owned(), text(words).to_owned()));
        let Filter { version, class, label, .. } = monitor.filter.get_untracked();
        let versions = named(t!("any version"), versions, &version);
        let classes = named(t!("any class"), classes, &class);
        [
            choice(t!("Version"), versions, &version, set(|it, value| it.version = value)),
            choice(t!("Answer"), classes, &class, set(|it, value| it.class = value)),
            choice(t!("Label"), labels.to_vec(), &label, set(|it, value| it.label = value)),
        ]
        .collect_view()
    };
    let set_id = set(|filter, value| filter.id = value);
    view! {
        <div class="registry-form monitor-filters">
            {move || selects()}
            {id_field(t!("Id of a prediction"), set_id)}
        </div>
    }
}

/// A field whose text is taken when it is left or Enter is pressed.
fn id_field(label: &'static str, take: Callback<String>) -> AnyView {
    view! {
        <label class="registry-field">
            {label}
            <input class="text-field" type="text" autocomplete="off" spellcheck="false"
                on:change=move |event| take.run(event_target_value(&event)) />
        </label>
    }
}

/// The panel by which a person's predictions are erased.
pub(crate) fn erase_panel(monitor: Monitor) -> AnyView {
    let subject = RwSignal::new(String::new());
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let subject = subject.get_untracked();
        if !subject.is_empty() {
            monitor.ask_to_erase(Erasure::Subject(subject));
        }
    };
    view! {
        <section class="panel" aria-labelledby="erase-heading">
            <h2 id="erase-heading">{t!("Erase a person's predictions")}</h2>
            <p class="prose">
                {t!("All predictions whose callers named this person in the header x-tepal-subject. The log keeps a pseudonym alone, so the name has to be the one that was sent. It takes the owner's token or a key with the scope “admin”.")}
            </p>
            <form class="registry-form" on:submit=ask>
                {text_field(t!("Subject"), 200, subject)}
                <button type="submit" class="button">{t!("Erase …")}</button>
            </form>
            <p role="status" id="erased" tabindex="-1">{move || monitor.erased.get()}</p>
        </section>
    }
}
