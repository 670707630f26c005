//! The rows of a file with their answers. Those in sight are drawn; there may be a million.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::class_mark::ClassMark;
use super::table_parts::column_heads;
use crate::i18n::{t, text};
use crate::lab::{AnsweredFile, AnsweredRow, ShortAnswer};
use crate::signals::{Memo, RwSignal, effect};
use crate::state::answered_file::use_file_answers;
use crate::state::library::Model;
use crate::view_models::file_words;
use crate::view_models::format;
use crate::view_models::row_window::{ROW_PX, RowWindow, scroll_to};

/// Height of the part that is in sight, in CSS pixels.
const HEIGHT_PX: f64 = 416.0;

/// The row, from 0, that somebody wants to see.
#[derive(Clone, Copy)]
pub(crate) struct FoundAnswer(pub(crate) RwSignal<Option<u32>>);

/// The table.
#[component]
pub(crate) fn AnsweredRows(model: Model, file: Arc<AnsweredFile>) -> impl IntoView {
    let answers = use_file_answers();
    let FoundAnswer(found) = expect_context();
    let scroller = NodeRef::<html::Div>::new();
    let scroll_px = RwSignal::new(0.0);
    let n_rows = file.n_rows;
    let window = Memo::new(move || RowWindow::of(n_rows, scroll_px.get(), HEIGHT_PX));
    effect(move || {
        let window = window.get();
        answers.want_rows(window.first, window.count);
    });
    effect(move || {
        if let (Some(row), Some(scroller)) = (found.get(), scroller.get()) {
            scroller.set_scroll_top(scroll_to(n_rows, row, HEIGHT_PX) as i32);
            scroller.scroll_into_view();
            // Only an element that is not in the document cannot be focused.
            let _ = scroller.focus();
        }
    });
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            scroll_px.set(f64::from(scroller.scroll_top()));
        }
    };
    view! {
        <h3 id="answered-heading">{text(file_words::ROWS)}</h3>
        <div
            class="rows-scroller"
            node_ref=scroller
            tabindex="0"
            role="region"
            aria-labelledby="answered-heading"
            style=format!("--rows-height: {HEIGHT_PX}px; --row-height: {ROW_PX}px")
            on:scroll=on_scroll
        >
            <Rows model=model file=file window=window found=found />
        </div>
    }
}

#[component]
fn Rows(
    model: Model,
    file: Arc<AnsweredFile>,
    window: Memo<RowWindow>,
    found: RwSignal<Option<u32>>,
) -> impl IntoView {
    let has_sets = model.artifact.conformal().is_some();
    let classes: Arc<[String]> = model.artifact.schema().classes.clone().into();
    let n_columns = file.names.len();
    let heads = file.names.iter().cloned().map(|name| view! { <th scope="col">{name}</th> });
    let heads = heads.collect_view();
    let drawn = move || {
        let RowWindow { first, count, .. } = window.get();
        (first..first + count).collect::<Vec<_>>()
    };
    let space = |px: fn(&RowWindow) -> f64| move || format!("height: {:.0}px", window.with(px));
    let set_head = has_sets.then(|| view! { <th scope="col">{t!("not excluded")}</th> });
    view! {
        <table aria-rowcount=(file.n_rows + 1).to_string()>
            <thead>
                <tr aria-rowindex="1">
                    {column_heads(&[t!("row"), t!("answer"), t!("confidence")])}
                    {set_head}
                    <th scope="col">{t!("remark")}</th>

                    {heads}
                </tr>
            </thead>
            <tbody>
                <tr aria-hidden="true" class="rows-space" style=space(|window| window.above_px)></tr>
                <For
                    each=drawn
                    key=|row| *row
                    children=move |row| {
                        view! { <Row row=row classes=Arc::clone(&classes) has_sets=has_sets n_columns=n_columns found=found /> }
                    }
                />
                <tr aria-hidden="true" class="rows-space" style=space(|window| window.below_px)></tr>
            </tbody>
        </table>
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
