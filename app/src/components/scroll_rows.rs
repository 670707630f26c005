//! A long table: the rows in sight are drawn, and a few around them.

use leptos::html;
use leptos::prelude::*;

use crate::signals::{Memo, RwSignal};
use crate::styles;
use crate::view::view;
use crate::view_models::row_window::{ROW_PX, RowWindow, scroll_to};

/// Height of the part that is in sight, in CSS pixels.
const HEIGHT_PX: f64 = 416.0;

/// How far a table is scrolled; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Scroll {
    scroller: NodeRef<html::Div>,
    scroll_px: RwSignal<f64>,
    n_rows: Memo<u32>,
    /// What is drawn.
    pub(crate) window: Memo<RowWindow>,
}

impl Scroll {
    /// That of a table of so many rows.
    pub(crate) fn of(n_rows: Memo<u32>) -> Self {
        let scroll_px = RwSignal::new(0.0);
        let window = Memo::new(move || RowWindow::of(n_rows.get(), scroll_px.get(), HEIGHT_PX));
        Self { scroller: NodeRef::new(), scroll_px, n_rows, window }
    }

    /// Brings a row, from 0, into sight, and the focus to the table.
    pub(crate) fn show(&self, row: u32) {
        let Some(scroller) = self.scroller.get() else { return };
        scroller.set_scroll_top(scroll_to(self.n_rows.get_untracked(), row, HEIGHT_PX) as i32);
        scroller.scroll_into_view();
        // Only an element that is not in the document cannot be focused.
        let _ = scroller.focus();
    }
}

/// The table.
#[component]
pub(crate) fn ScrollRows(
    /// Id of its heading.
    labelled_by: &'static str,
    scroll: Scroll,
    /// Draws the heads of the columns.
    head: Callback<(), AnyView>,
    /// Draws the row at a place: a `tr` with its `aria-rowindex`, which is two more. What stands there may
    /// change while it is drawn.
    row: Callback<u32, AnyView>,
) -> impl IntoView {
    styles::adopt(styles::ROWS);
    let Scroll { scroller, scroll_px, n_rows, window } = scroll;
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            scroll_px.set(f64::from(scroller.scroll_top()));
        }
    };
    let drawn = move || {
        let RowWindow { first, count, .. } = window.get();
        (first..first + count).collect::<Vec<_>>()
    };
    let space = |px: fn(&RowWindow) -> f64| move || format!("height: {:.0}px", window.with(px));
    view! {
        <div
            class="rows-scroller"
            node_ref=scroller
            tabindex="0"
            role="region"
            aria-labelledby=labelled_by
            style=format!("--rows-height: {HEIGHT_PX}px; --row-height: {ROW_PX}px")
            on:scroll=on_scroll
        >
            <table aria-rowcount=move || (n_rows.get() + 1).to_string()>
                <thead>
                    <tr aria-rowindex="1">{move || head.run(())}</tr>
                </thead>
                <tbody>
                    <tr aria-hidden="true" class="rows-space" style=space(|window| window.above_px)></tr>
                    <For each=drawn key=|row| *row children=move |at| row.run(at) />
                    <tr aria-hidden="true" class="rows-space" style=space(|window| window.below_px)></tr>
                </tbody>
            </table>
        </div>
    }
}
