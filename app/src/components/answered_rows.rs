//! The rows of a file with their answers. Those in sight are drawn; there may be a million.

use std::sync::Arc;

use leptos::prelude::*;

use super::class_mark::ClassMark;
use super::scroll_rows::{Scroll, ScrollRows};
use super::table_parts::column_heads;
use crate::i18n::{t, text};
use crate::lab::{AnsweredFile, AnsweredRow, ShortAnswer};
use crate::signals::{Memo, RwSignal, effect};
use crate::state::answered_file::use_file_answers;
use crate::state::library::Model;
use crate::view::view;
use crate::view_models::file_words;
use crate::view_models::format;

/// The row, from 0, that somebody wants to see.
#[derive(Clone, Copy)]
pub(crate) struct FoundAnswer(pub(crate) RwSignal<Option<u32>>);

/// The table.
#[component]
pub(crate) fn AnsweredRows(model: Model, file: Arc<AnsweredFile>) -> impl IntoView {
    let answers = use_file_answers();
    let FoundAnswer(found) = expect_context();
    let n_rows = file.n_rows;
    let scroll = Scroll::of(Memo::new(move || n_rows));
    effect(move || {
        let window = scroll.window.get();
        answers.want_rows(window.first, window.count);
    });
    effect(move || {
        if let Some(row) = found.get() {
            scroll.show(row);
        }
    });
    let has_sets = model.artifact.conformal().is_some();
    let classes: Arc<[String]> = model.artifact.schema().classes.clone().into();
    let n_columns = file.names.len();
    let head = Callback::new(move |()| {
        let set = has_sets.then(|| view! { <th scope="col">{t!("not excluded")}</th> });
        let names = file.names.iter().cloned().map(|name| view! { <th scope="col">{name}</th> });
        view! {
            {column_heads(&[t!("row"), t!("answer"), t!("confidence")])}
            {set}
            <th scope="col">{t!("remark")}</th>
            {names.collect_view()}
        }
    });
    let row = Callback::new(move |row| {
        view! { <Row row=row classes=Arc::clone(&classes) has_sets=has_sets n_columns=n_columns found=found /> }
    });
    view! {
        <h3 id="answered-heading">{text(file_words::ROWS)}</h3>
        <ScrollRows labelled_by="answered-heading" scroll=scroll head=head row=row />
    }
}

#[component]
fn Row(
    row: u32,
    classes: Arc<[String]>,
    has_sets: bool,
    n_columns: usize,
    found: RwSignal<Option<u32>>,
) -> impl IntoView {
    let answers = use_file_answers();
    let text = Memo::new(move || answers.row(row));
    let is_refused = move || text.with(|text| text.as_ref().is_some_and(|it| it.answer.is_err()));
    let cells = move || {
        let AnsweredRow { cells, answer } = text.get()?;
        let shown = match answer {
            Ok(answer) => answered(&classes, answer, has_sets).into_any(),
            Err(why) => refused(why, has_sets).into_any(),
        };
        let cells = cells.into_iter().take(n_columns);
        let cells = cells.map(|cell| view! { <td>{cell}</td> }).collect_view();
        Some(view! { {shown} {cells} })
    };
    view! {
        <tr
            aria-rowindex=(row + 2).to_string()
            class:row-faulty=move || is_refused()
            class:row-found=move || found.get() == Some(row)
        >
            <th scope="row">{row + 1}</th>
            {move || cells()}
        </tr>
    }
}

fn answered(classes: &[String], answer: ShortAnswer, has_sets: bool) -> impl IntoView + use<> {
    let ShortAnswer { class, confidence, set, warnings, is_wrong } = answer;
    let class = class as usize;
    let name = classes.get(class).cloned().unwrap_or_default();
    let set = has_sets.then(|| view! { <td>{set.unwrap_or_default().replace('|', ", ")}</td> });
    let wrong = is_wrong.then(|| view! { <strong class="warn">{t!("wrong")}</strong> " " });
    view! {
        <td><ClassMark class=class />" "{name}</td>
        <td>{format::percent(confidence)}</td>
        {set}
        <td>{wrong}{warnings}</td>
    }
}

fn refused(why: String, has_sets: bool) -> impl IntoView {
    let set = has_sets.then(|| view! { <td></td> });
    view! {
        <td class="cell-faulty">{t!("no answer")}</td>
        <td></td>
        {set}
        <td class="cell-why" title=why.clone()>{why.clone()}</td>
    }
}
