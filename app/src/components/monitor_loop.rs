//! The loop on Monitor: what it decided last and what that waits for, what can be done about it, what is wanted of
//! it, and the story of its decisions with their evidence.

use leptos::prelude::*;

use super::action_dialog::ActionDialog;
use super::button::{button, primary_button, text_button};
use super::monitor_traffic::choice;
use super::table_parts::{drawn, drawn_row};
use crate::i18n::t;
use crate::routes::Route;
use crate::signals::Memo;
use crate::state::monitor::Monitor;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::monitor::log::labelled_csv;
use crate::view_models::monitor::the_loop::{Chapter, Policy, Wish, story};
use crate::view_models::registry_words::Action;

/// Chapters of the story that are shown before anybody asks for more.
const FIRST_CHAPTERS: usize = 10;

/// The panel.
pub(crate) fn loop_panel(monitor: Monitor) -> AnyView {
    let the_loop = monitor.the_loop;
    let registry = monitor.registry;
    let told = the_loop.told;
    let is_decided = Memo::new(move || told.with(|told| told.newest().is_some()));
    let wish = move |wish: Wish| the_loop.wish(wish, move || monitor.read(true));
    let now = move || {
        told.with(|told| {
            told.newest().map(|newest| {
                let class = if newest.waits() { "notice" } else { "prose" };
                let says = newest.says.clone();
                let when = t!("As of {time}:", time = newest.time());
                view! {
                    <p class=class>
                        <strong>{newest.heading()}</strong> " " <span class="quiet">{when}</span> " " {says}
                    </p>
                }
            })
        })
    };
    let training = move || {
        told.with(|told| {
            let retraining = told.retraining.as_ref()?;
            let (says, share) = (retraining.says.clone(), retraining.share);
            let bar = retraining.is_running.then(|| {
                view! { <progress max="1" prop:value=share aria-label=t!("The training at the edge")></progress> }
            });
            Some(view! { <p class="prose">{t!("The last training at the edge:")} " " {says} " " {bar}</p> })
        })
    };
    // A button that is drawn anew would lose the focus.
    let can = Memo::new(move || told.with(|told| (told.waits(), told.has_trial())));
    let is_training = Memo::new(move || told.with(|told| told.is_training()));
    let ask = move |action: Action| {
        // What is said next is of this.
        the_loop.said.set(None);
        registry.reload();
        registry.ask(action);
    };
    let sheet = use_sheet();
    let has_labels = Memo::new(move || {
        let has_label = monitor.newest.with(|rows| rows.iter().any(|row| row.label.is_some()));
        has_label && monitor.model.with(Option::is_some)
    });
    let open = move || {
        let model = monitor.model.get_untracked();
        let target = model.map(|model| model.artifact.schema().target.clone()).unwrap_or_default();
        if let Some(csv) = labelled_csv(&monitor.newest.get_untracked(), &target) {
            sheet.open_text(&csv);
        }
    };
    let buttons = move || {
        if !is_decided.get() {
            return None;
        }
        let (waits, has_trial) = can.get();
        let step = waits.then(|| primary_button(t!("Take this step"), move || wish(Wish::Step)));
        let end = has_trial.then(|| button(t!("End the trial …"), move || ask(Action::EndTrial)));
        let train = match (is_training.get(), has_trial) {
            (true, _) => Some(button(t!("Stop the training"), move || wish(Wish::Stop))),
            (false, false) => Some(button(t!("Train another model"), move || wish(Wish::Retrain))),
            (false, true) => None,
        };
        let back = text_button(t!("Roll back …"), move || ask(Action::RollBack));
        Some(view! { {step} {end} {train} {back} })
    };
    let here = move || {
        has_labels.get().then(|| {
            view! { <a href=Route::Data.path() on:click=move |_| open()>{t!("Train here on the labelled rows")}</a> }
        })
    };
    let said = move || the_loop.said.get().or_else(|| registry.done(false));
    let empty = move || {
        let empty = t!(
            "Nothing was decided yet: the edge looks every quarter of an hour, once somebody asked."
        );
        (!is_decided.get()).then(|| view! { <p class="quiet">{empty}</p> })
    };
    let more =
        move || is_decided.get().then(|| view! { {policy_form(monitor)} {chapters(monitor)} });
    view! {
        <section class="panel" aria-labelledby="loop-heading">
            <h2 id="loop-heading" tabindex="-1">{t!("The loop")}</h2>
            {move || empty()}
            {move || now()}
            {move || training()}
            <p class="registry-actions">
                {move || buttons()} {text_button(t!("Look now"), move || wish(Wish::Look))} {move || here()}
            </p>
            <p class="quiet" role="status">{move || said()}</p>
            {move || more()}
        </section>
        <ActionDialog done_at="loop-heading" />
    }
    .into_any()
}

/// How far it goes by itself.
fn policy_form(monitor: Monitor) -> AnyView {
    let the_loop = monitor.the_loop;
    let mode = Memo::new(move || {
        the_loop.told.with(|told| told.policy.as_ref().map(|policy| policy.mode.clone()))
    });
    let choose = move |mode: String| {
        the_loop.wish(Wish::Mode(mode), move || monitor.read(true));
    };
    let form = move || {
        let options = [
            ("approve", t!("asks me first")),
            ("auto", t!("acts by itself")),
            ("off", t!("only looks")),
        ];
        let options = options.map(|(mode, words)| (mode.to_owned(), words.to_owned()));
        let mode = mode.get()?;
        Some(choice(t!("The loop"), options.to_vec(), &mode, Callback::new(choose)))
    };
    let sentences = move || {
        let sentences = the_loop.told.with(|told| told.policy.as_ref().map(Policy::sentences))?;
        let sentences = sentences.map(|it| view! { <p class="prose">{it}</p> });
        Some(sentences.collect_view())
    };
    view! {
        <h3>{t!("What the loop may do")}</h3>
        {move || form()}
        {move || sentences()}
    }
    .into_any()
}

/// The story of its decisions.
fn chapters(monitor: Monitor) -> AnyView {
    let is_whole = crate::signals::RwSignal::new(false);
    let list = move || {
        let chapters = monitor.the_loop.told.with(|told| story(&told.decisions));
        let n_hidden = match is_whole.get() {
            true => 0,
            false => chapters.len().saturating_sub(FIRST_CHAPTERS),
        };
        let n_shown = chapters.len() - n_hidden;
        let shown = chapters.into_iter().take(n_shown).map(chapter).collect_view();
        let more = (n_hidden > 0)
            .then(|| button(t!("Show {n} older ones", n = n_hidden), move || is_whole.set(true)));
        view! { <ol class="monitor-story">{shown}</ol> {more} }
    };
    view! {
        <h3>{t!("What it decided, newest first")}</h3>
        {move || list()}
    }
    .into_any()
}

fn chapter(chapter: Chapter) -> AnyView {
    let time = chapter.time();
    let heading = chapter.newest.heading();
    let fact = |(name, value): (String, String)| drawn_row(vec![drawn(name), drawn(value)]);
    let facts = chapter.newest.evidence.into_iter().map(fact).collect_view();
    view! {
        <li>
            <p class="prose"><strong>{heading}</strong> " " <span class="quiet">{time}</span></p>
            <p class="prose">{chapter.newest.says}</p>
            <details class="chart-table">
                <summary>{t!("By what")}</summary>
                <table class="registry-table monitor-facts"><tbody>{facts}</tbody></table>
            </details>
        </li>
    }
    .into_any()
}
