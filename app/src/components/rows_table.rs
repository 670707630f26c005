//! The rows as they stand in the file. Those in sight are drawn; there may be a million.

use leptos::prelude::*;

use super::class_mark::ClassMark;
use super::scroll_rows::{Scroll, ScrollRows};
use crate::i18n::{t, text};
use crate::lab::{CellMark, CellText, MAX_SHOWN_COLUMNS, RowText};
use crate::signals::{Memo, RwSignal, effect};
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::class_mark::N_SERIES;
use crate::view_models::format::count;
use crate::view_models::sheet_words;

/// The table.
#[component]
pub(crate) fn RowsTable() -> impl IntoView {
    let sheet = use_sheet();
    let found = sheet.found();
    on_cleanup(move || found.set(None));
    let n_rows = Memo::new(move || sheet.opened().map_or(0, |it| it.n_rows));
    let scroll = Scroll::of(n_rows);
    effect(move || {
        // A reading anew has dropped the rows of before.
        sheet.opened();
        let window = scroll.window.get();
        sheet.want_rows(window.first, window.count);
    });
    effect(move || {
        if let Some(row) = found.get() {
            scroll.show(row);
        }
    });
    let names = Memo::new(move || sheet.opened().map(|it| it.names.clone()).unwrap_or_default());
    let about = move || {
        let n_columns = names.with(Vec::len);
        let rows = count(n_rows.get() as usize, t!("row"), t!("rows"));
        if n_columns > MAX_SHOWN_COLUMNS {
            t!(
                "{rows}; the first {n} of {n_columns} columns.",
                rows,
                n = MAX_SHOWN_COLUMNS,
                n_columns
            )
        } else {
            t!("{rows}, as they stand in the file.", rows)
        }
    };
    let head = Callback::new(move |()| {
        let name = |name: String| view! { <th scope="col">{name}</th> };
        let names = names.get().into_iter().take(MAX_SHOWN_COLUMNS).map(name).collect_view();
        view! { <th scope="col">{t!("row")}</th>{names} }
    });
    let row = Callback::new(move |row| view! { <Row row=row found=found /> });
    view! {
        <section class="panel rows">
            <h2 id="rows-heading">{text(sheet_words::ROWS_HEADING)}</h2>
            <p class="quiet">{move || about()}</p>
            <ScrollRows labelled_by="rows-heading" scroll=scroll head=head row=row />
        </section>
    }
}

#[component]
fn Row(row: u32, found: RwSignal<Option<u32>>) -> impl IntoView {
    let sheet = use_sheet();
    let text = Memo::new(move || sheet.row(row));
    let is_faulty = move || text.with(|text| text.as_ref().is_some_and(|it| it.fault.is_some()));
    let fault = move || text.with(|text| text.as_ref().and_then(|it| it.fault.clone()));
    let mark = move || {
        let class = text.with(|text| text.as_ref().and_then(|it| it.class))? as usize;
        (class < N_SERIES).then(|| view! { <ClassMark class=class />" " })
    };
    let cells =
        move || text.get().map(|RowText { cells, .. }| cells.into_iter().map(cell).collect_view());
    view! {
        <tr
            aria-rowindex=(row + 2).to_string()
            class:row-faulty=move || is_faulty()
            class:row-found=move || found.get() == Some(row)
            title=move || fault()
        >
            <th scope="row">{move || mark()}{row + 1}</th>
            {move || cells()}
        </tr>
    }
}

fn cell(cell: CellText) -> AnyView {
    let CellText { text, mark } = cell;
    match mark {
        CellMark::Plain => view! { <td>{text}</td> },
        CellMark::Missing => {
            let shown = if text.is_empty() { t!("no value").to_owned() } else { text };
            view! { <td class="cell-missing">{shown}</td> }
        }
        CellMark::Faulty => view! {
            <td class="cell-faulty">{text}<span class="visually-hidden">" "{t!("(faulty)")}</span></td>
        },
    }
}
