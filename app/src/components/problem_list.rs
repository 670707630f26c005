//! Why a file cannot be used: the reader's words, where, and what can be stated here to mend it.

use leptos::prelude::*;
use model_core::dataset::Encoding;

use super::button::{button, text_button};
use crate::i18n::{t, text};
use crate::lab::{Fault, SheetOptions, WayOut, Wish};
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::sheet_words;

/// The list; nothing for a file that was read.
#[component]
pub(crate) fn ProblemList() -> impl IntoView {
    let sheet = use_sheet();
    let faults = Memo::new(move || {
        let Some(opened) = sheet.opened() else { return Vec::new() };
        let Err(first) = &opened.sheet else { return Vec::new() };
        let mut faults = vec![first.clone()];
        faults.extend(opened.odd_rows.iter().filter(|fault| *fault != first).cloned());
        faults
    });
    let has_rows = Memo::new(move || sheet.opened().is_some_and(|it| it.n_rows > 0));
    let items = move || {
        let has_rows = has_rows.get();
        faults
            .get()
            .into_iter()
            .map(|fault| {
                view! { <li><Problem fault=fault has_rows=has_rows /></li> }
            })
            .collect_view()
    };
    let list = move || {
        let has_options = faults.with(|faults| faults.iter().any(|it| it.text.contains(" --")));
        let hint =
            has_options.then(|| view! { <p class="quiet">{text(sheet_words::OPTIONS_HINT)}</p> });
        (!faults.with(Vec::is_empty)).then(|| {
            view! {
                <section class="panel problems" aria-labelledby="problems-heading">
                    <h2 id="problems-heading" tabindex="-1">{text(sheet_words::PROBLEMS_HEADING)}</h2>
                    <ul>{move || items()}</ul>
                    {hint}
                    <Stated />
                </section>
            }
        })
    };
    view! { {move || list()} }
}

#[component]
fn Problem(fault: Fault, has_rows: bool) -> impl IntoView {
    let sheet = use_sheet();
    let to_row = fault.row.filter(|_| has_rows).map(|row| {
        view! {
            {button(sheet_words::show_row(row), move || sheet.find_row(row))}
        }
    });
    let words = fault.words();
    let way_out = fault.way_out.clone().map(|way_out| {
        let words = match &way_out {
            WayOut::NoValue(text) => sheet_words::take_for_no_value(text),
            WayOut::Windows1252 => text(sheet_words::READ_WINDOWS_1252).to_owned(),
        };
        let state = move || {
            sheet.overrule(|options| match &way_out {
                WayOut::NoValue(text) => options.add_mark(text),
                WayOut::Windows1252 => options.reading.encoding = Some(Encoding::Windows1252),
            });
        };
        button(words, state)
    });
    let column = fault.column.filter(|_| fault.row.is_some());
    let remedies = column.map(|column| {
        let button = |wish: Wish, words: &'static str| {
            let column = column.clone();
            let state = move || sheet.overrule(|options| options.state(&column, wish));
            button(words, state)
        };
        view! {
            {button(Wish::Categories, t!("Take the column for categories"))}
            {button(Wish::LeaveOut, t!("Leave the column out"))}
        }
    });
    view! {
        <p class="problem" lang="en">{words}</p>
        <p class="problem-actions">{to_row}{way_out}{remedies}</p>
    }
}

/// What was stated of columns, each to be taken back: their strips are not there to do it.
#[component]
fn Stated() -> impl IntoView {
    let sheet = use_sheet();
    let stated = Memo::new(move || {
        let SheetOptions { drop, categorical, numeric, .. } = sheet.options();
        [(drop, Wish::LeaveOut), (categorical, Wish::Categories), (numeric, Wish::Numbers)]
            .into_iter()
            .flat_map(|(columns, wish)| columns.into_iter().map(move |column| (column, wish)))
            .collect::<Vec<_>>()
    });
    let items = move || {
        stated
            .get()
            .into_iter()
            .map(|(column, wish)| {
                let words = sheet_words::stated(&column, wish);
                let take_back =
                    move || sheet.overrule(|options| options.state(&column, Wish::AsFound));
                view! {
                    <li>
                        {words}" "
                        {text_button(t!("Take that back"), take_back)}
                    </li>
                }
            })
            .collect_view()
    };
    view! { <ul class="stated" aria-label=t!("What you stated of columns")>{move || items()}</ul> }
}
