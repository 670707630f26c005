//! A row of the log, opened: what was sent and answered, why, what was true of it; and what erasing does, to be
//! confirmed.

use leptos::prelude::*;

use super::button::{button, primary_button, text_button};
use super::dialog::Dialog;
use super::focus::{focus, focus_soon};
use super::monitor_traffic::choice;
use super::table_parts::{drawn, drawn_row};
use super::why_panel::Bars;
use crate::i18n::{t, text};
use crate::signals::{RwSignal, effect};
use crate::state::explanations::{Said, use_explanations};
use crate::state::library::use_library;
use crate::state::monitor::{Erasure, Monitor, use_monitor};
use crate::view::view;
use crate::view_models::format;
use crate::view_models::monitor::log::Row;
use crate::view_models::monitor::when;
use crate::view_models::why_bars::WhyBars;
use crate::view_models::why_words;

/// Both dialogs.
#[component]
pub(crate) fn MonitorDialogs() -> impl IntoView {
    let monitor = use_monitor();
    let title = Signal::derive(move || {
        monitor.opened.with(|row| {
            let at = row.as_ref().map(|row| when::second(&row.at)).unwrap_or_default();
            t!("Prediction of {at} UTC", at)
        })
    });
    // The rows may have been drawn anew while it was open.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = monitor.is_open.get();
        if was_open == Some(true) && !is_open {
            let row = monitor.opened.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
            row.into_iter().for_each(|id| focus_later(format!("row-{id}")));
        }
        is_open
    });
    effect(move || {
        if monitor.erased.with(Option::is_some) {
            // The row that it was asked of is gone.
            focus_soon("erased");
        }
    });
    let erase_title = Signal::derive(|| t!("Erase for good").to_owned());
    view! {
        <Dialog id="monitor-row" title=title open=monitor.is_open>
            {move || monitor.opened.get().map(|row| opened_row(monitor, row))}
        </Dialog>
        <Dialog id="monitor-erase" title=erase_title open=monitor.is_erasing>
            {move || erasure(monitor)}
        </Dialog>
    }
}

/// Focuses the button in the element with this id once that is drawn, or the element itself.
pub(crate) fn focus_later(id: String) {
    request_animation_frame(move || {
        let found = document().get_element_by_id(&id);
        let inner = found.as_ref().and_then(web_sys::Element::first_element_child);
        if let Some(target) = inner.or(found) {
            focus(&target);
        }
    });
}

/// A row of a table of facts.
fn fact(name: impl Into<String>, value: impl Into<String>) -> AnyView {
    drawn_row(vec![drawn(name), drawn(value)])
}

fn facts(rows: Vec<AnyView>) -> AnyView {
    view! { <table class="registry-table monitor-facts"><tbody>{rows}</tbody></table> }
}

fn opened_row(monitor: Monitor, row: Row) -> AnyView {
    let model: String = row.model_id.chars().take(12).collect();
    let labelled = row.clone();
    let label = move || match monitor.given.get() {
        Some(label) => Row { label: Some(label), ..labelled.clone() }.label_words(),
        None => labelled.label_words(),
    };
    let mut about = vec![
        fact(t!("Id"), row.id.clone()),
        fact(t!("Answered by"), t!("version {n}, model {id}", n = row.version, id = model)),
        fact(t!("Warnings"), row.warning_words()),
        drawn_row(vec![drawn(t!("Label")), (move || label()).into_any()]),
    ];
    if let Some((version, class)) = &row.shadow {
        about.push(fact(t!("In the shadow"), t!("version {n} says {class}", n = version, class)));
    }
    if let Some(subject) = &row.subject {
        let short: String = subject.chars().take(16).collect();
        about.push(fact(t!("Subject (pseudonym)"), format!("{short}…")));
    }
    let shares = row.probabilities.iter();
    let shares = shares.map(|(class, share)| fact(class.clone(), format::percent(*share)));
    let shares = shares.collect();
    let features = row.feature_words().into_iter().map(|(name, value)| fact(name, value));
    let features = features.collect();
    let id = row.id.clone();
    let erase = move || monitor.ask_to_erase(Erasure::Id(id.clone()));
    view! {
        {facts(about)}
        <div class="monitor-columns-2">
            <section><h3>{t!("Answer: {class}", class = row.prediction.clone())}</h3>{facts(shares)}</section>
            <section><h3>{t!("Features")}</h3>{facts(features)}</section>
        </div>
        {label_form(monitor, &row)}
        {why(monitor, &row)}
        <p>{text_button(t!("Erase this prediction …"), erase)}</p>
    }
}

/// Says what is true of the row.
fn label_form(monitor: Monitor, row: &Row) -> AnyView {
    let chosen = RwSignal::new(String::new());
    // Nothing is chosen at first: what the model says must not pass for what is true.
    let none = (String::new(), t!("Choose a class").to_owned());
    let classes = row.probabilities.iter().map(|(class, _)| (class.clone(), class.clone()));
    let classes: Vec<(String, String)> = [none].into_iter().chain(classes).collect();
    let choose = Callback::new(move |class| chosen.set(class));
    let give = move || {
        let class = chosen.get_untracked();
        if class.is_empty() {
            monitor.said.set(Some(t!("Choose the class that was true first.").to_owned()));
        } else {
            monitor.label(class);
        }
    };
    let form = row.label.is_none().then(|| {
        view! {
            <div class="registry-form">
                {choice(t!("What was true"), classes, "", choose)}
                {button(t!("Give the label"), give)}
            </div>
        }
    });
    view! {
        {form}
        <p role="status">{move || monitor.said.get()}</p>
    }
}

/// Why the model that answered the row did so; where that model is at hand on Classify too, the way there.
fn why(monitor: Monitor, row: &Row) -> AnyView {
    let (explanations, library) = (use_explanations(), use_library());
    effect(move || {
        if let Some(Ok(asked)) = monitor.explained.get() {
            explanations.want_why(Some(asked));
        }
    });
    let shown = move || match (monitor.explained.get(), explanations.failure()) {
        (None, _) => button(t!("Why this answer?"), move || monitor.explain()),
        (Some(Err(why_not)), _) => view! { <p class="warn">{why_not}</p> },
        (_, Some(failure)) => view! { <p class="warn">{text(failure)}</p> },
        (Some(Ok((model, row))), None) => {
            let said = explanations
                .why()
                .filter(|Said { subject, .. }| subject.model.id == model.id && subject.row == row);
            match said.map(|said| said.answer) {
                None => view! { <p class="quiet">{text(why_words::WORKING)}</p> },
                Some(answer) => match &*answer {
                    Ok(why) => view! { <Bars bars=WhyBars::of(&model.artifact, why) /> },
                    Err(why_not) => {
                        view! { <p class="quiet">{format::sentence(why_not)}</p> }
                    }
                },
            }
        }
    };
    let id = row.model_id.clone();
    let is_served = monitor.model.with_untracked(|it| it.as_ref().map(|it| it.id.to_string()));
    let is_here = untrack(|| library.local_models()).iter().any(|it| it.id.to_string() == id);
    let link = (is_here || is_served.as_ref() == Some(&id)).then(|| {
        view! { <p><a href=format!("/{}", row.link())>{t!("Open it on Classify")}</a></p> }
    });
    view! {
        <div role="status">{move || shown()}</div>
        {link}
    }
}

/// What erasing will do.
fn erasure(monitor: Monitor) -> AnyView {
    let words = monitor.erasing.with(|what| match what {
        Some(Erasure::Id(id)) => t!("The prediction {id} and its label are erased from the log, for good. The ledger notes that one was erased by its id, and not which.", id),
        Some(Erasure::Subject(subject)) => t!("All predictions about “{subject}” and their labels are erased from the log, for good. The ledger notes that a person's were erased, and not whose.", subject),
        None => String::new(),
    });
    let said = move || match monitor.is_busy.get() {
        true => Some(t!("Erasing …").to_owned()),
        false => monitor.not_erased.get(),
    };
    view! {
        <div class="registry-plan"><p>{words}</p></div>
        <p class="warn" role="status">{move || said()}</p>
        <p class="registry-actions">
            {primary_button(t!("Erase for good"), move || monitor.erase())}
            {button(t!("Leave it as it is"), move || monitor.is_erasing.set(false))}
        </p>
    }
}
