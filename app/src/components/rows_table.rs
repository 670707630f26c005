//! The rows as they stand in the file. Those in sight are drawn; there may be a million.

use leptos::html;
use leptos::prelude::*;

use super::class_mark::ClassMark;
use crate::i18n::{t, text};
use crate::lab::{CellMark, CellText, MAX_SHOWN_COLUMNS, RowText};
use crate::state::sheet::use_sheet;
use crate::view_models::class_mark::N_SERIES;
use crate::view_models::format::count;
use crate::view_models::row_window::{ROW_PX, RowWindow, scroll_to};
use crate::view_models::sheet_words;

/// Height of the part that is in sight, in CSS pixels.
const HEIGHT_PX: f64 = 416.0;

/// The table.
#[component]
pub(crate) fn RowsTable() -> impl IntoView {
    let sheet = use_sheet();
    let found = sheet.found();
    on_cleanup(move || found.set(None));
    let scroller = NodeRef::<html::Div>::new();
    let scroll_px = RwSignal::new(0.0);
    let n_rows = Memo::new(move |_| sheet.opened().map_or(0, |it| it.n_rows));
    let window = Memo::new(move |_| RowWindow::of(n_rows.get(), scroll_px.get(), HEIGHT_PX));
    Effect::new(move |_| {
        // A reading anew has dropped the rows of before.
        sheet.opened();
        let window = window.get();
        sheet.want_rows(window.first, window.count);
    });
    Effect::new(move |_| {
        if let (Some(row), Some(scroller)) = (found.get(), scroller.get()) {
            scroller.set_scroll_top(scroll_to(n_rows.get_untracked(), row, HEIGHT_PX) as i32);
            scroller.scroll_into_view();
            // Only an element that is not in the document cannot be focused.
            let _ = scroller.focus();
        }
    });
    let names = Memo::new(move |_| sheet.opened().map(|it| it.names.clone()).unwrap_or_default());
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
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            scroll_px.set(f64::from(scroller.scroll_top()));
        }
    };
    view! {
        <section class="panel rows">
            <h2 id="rows-heading">{text(sheet_words::ROWS_HEADING)}</h2>
            <p class="quiet">{move || about()}</p>
            <div
                class="rows-scroller"
                node_ref=scroller
                tabindex="0"
                role="region"
                aria-labelledby="rows-heading"
                style=format!("--rows-height: {HEIGHT_PX}px; --row-height: {ROW_PX}px")
                on:scroll=on_scroll
            >
                <Rows names=names window=window found=found n_rows=n_rows />
            </div>
        </section>
    }
}

#[component]
fn Rows(
    names: Memo<Vec<String>>,
    window: Memo<RowWindow>,
    found: RwSignal<Option<u32>>,
    n_rows: Memo<u32>,
) -> impl IntoView {
    let head = move || {
        let name = |name: String| view! { <th scope="col">{name}</th> };
        names.get().into_iter().take(MAX_SHOWN_COLUMNS).map(name).collect_view()
    };
    let drawn = move || {
        let RowWindow { first, count, .. } = window.get();
        (first..first + count).collect::<Vec<_>>()
    };
    let space = |px: fn(&RowWindow) -> f64| move || format!("height: {:.0}px", window.with(px));
    view! {
        <table aria-rowcount=move || (n_rows.get() + 1).to_string()>
            <thead>
                <tr aria-rowindex="1"><th scope="col">{t!("row")}</th>{move || head()}</tr>
            </thead>
            <tbody>
                <tr aria-hidden="true" class="rows-space" style=space(|window| window.above_px)></tr>
                <For each=drawn key=|row| *row children=move |row| view! { <Row row=row found=found /> } />
                <tr aria-hidden="true" class="rows-space" style=space(|window| window.below_px)></tr>
            </tbody>
        </table>
    }
}

#[component]
fn Row(row: u32, found: RwSignal<Option<u32>>) -> impl IntoView {
    let sheet = use_sheet();
    let text = Memo::new(move |_| sheet.row(row));
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
        CellMark::Plain => view! { <td>{text}</td> }.into_any(),
        CellMark::Missing => {
            let shown = if text.is_empty() { t!("no value").to_owned() } else { text };
            view! { <td class="cell-missing">{shown}</td> }.into_any()
        }
        CellMark::Faulty => view! {
            <td class="cell-faulty">{text}<span class="visually-hidden">" "{t!("(faulty)")}</span></td>
        }
        .into_any(),
    }
}
