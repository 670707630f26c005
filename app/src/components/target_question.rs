//! The first question: which column is to be learnt, and what its classes are.

use leptos::prelude::*;

use super::class_mark::ClassMark;
use crate::i18n::{t, text};
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::class_mark::N_SERIES;
use crate::view_models::sheet_words;

/// Classes that are named.
const MAX_NAMED: usize = 12;

/// The question, the choice and its classes.
#[component]
pub(crate) fn TargetQuestion() -> impl IntoView {
    let sheet = use_sheet();
    let names = Memo::new(move || sheet.opened().map(|it| it.names.clone()).unwrap_or_default());
    // Stated, else what the reader took, else the last column that is not left out, as it would.
    let target = Memo::new(move || {
        let options = sheet.options();
        let taken = sheet.opened().and_then(|it| Some(it.sheet.as_ref().ok()?.target.clone()));
        let last = || {
            let is_used = |name: &&String| !options.drop.contains(name);
            names.with(|names| names.iter().rev().find(is_used).cloned()).unwrap_or_default()
        };
        options.target.clone().or(taken).unwrap_or_else(last)
    });
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        sheet.overrule(|options| {
            options.drop.retain(|name| *name != chosen);
            options.target = Some(chosen);
        });
    };
    let options = move || {
        let option = |name: String| {
            let (value, wanted) = (name.clone(), name.clone());
            let is_chosen = move || target.with(|target| *target == wanted);
            view! { <option value=value prop:selected=move || is_chosen()>{name}</option> }
        };
        names.get().into_iter().map(option).collect_view()
    };
    view! {
        <section class="panel question" aria-labelledby="question">
            <h2 id="question" class="question-words" tabindex="-1">{text(sheet_words::QUESTION)}</h2>
            <div class="question-answer">
                <label for="target">{text(sheet_words::TARGET_LABEL)}</label>
                <select id="target" class="text-field" on:change=choose>{move || options()}</select>
            </div>
            <Classes />
        </section>
    }
}

/// The classes with their rows: the key to every colour below.
#[component]
fn Classes() -> impl IntoView {
    let sheet = use_sheet();
    let classes = Memo::new(move || {
        sheet
            .opened()
            .and_then(|it| Some(it.sheet.as_ref().ok()?.classes.clone()))
            .unwrap_or_default()
    });
    let items = move || {
        classes.get().into_iter().take(MAX_NAMED).enumerate().map(|(class, count)| {
            let mark = (class < N_SERIES).then(|| view! { <ClassMark class=class /> });
            view! { <li>{mark}<span>{count.name}</span><span class="quiet">{count.n_rows}</span></li> }
        })
        .collect_view()
    };
    let more = move || {
        let n = classes.with(Vec::len).saturating_sub(MAX_NAMED);
        (n > 0).then(|| view! { <li class="quiet">{t!("and {n} more", n)}</li> })
    };
    view! { <ul class="class-key" aria-label=t!("Classes and their rows")>{move || items()}{move || more()}</ul> }
}
