//! What tables are made of: the heads of their columns, and rows of texts. One body of code draws those of
//! all tables.

use leptos::prelude::*;

use crate::view::view;

/// What stands in a cell.
pub(crate) struct Cell {
    text: String,
    /// What a file of the table has instead.
    value: Option<String>,
}

impl Cell {
    /// A text with the value that it is of.
    pub(crate) fn of(value: f64, text: String) -> Self {
        Self { text, value: Some(value.to_string()) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), value: None }
    }
}

/// A head for each column.
pub(crate) fn column_heads(names: &[&'static str]) -> AnyView {
    names.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect_view().into_any()
}

/// A row: what it is about, and its cells.
pub(crate) fn table_row(head: AnyView, cells: Vec<Cell>) -> AnyView {
    let cells = cells.into_iter();
    let cells = cells.map(|Cell { text, value }| view! { <td data-value=value>{text}</td> });
    view! { <tr><th scope="row">{head}</th>{cells.collect_view()}</tr> }
}

/// A row of cells that are drawn; the first says what it is about.
pub(crate) fn drawn_row(cells: Vec<AnyView>) -> AnyView {
    let mut cells = cells.into_iter();
    let head = cells.next();
    let cells = cells.map(|cell| view! { <td>{cell}</td> });
    view! { <tr><th scope="row">{head}</th>{cells.collect_view()}</tr> }
}

/// A table that is scrolled sideways where it does not fit; `rows` are its body.
pub(crate) fn wide_table(name: &'static str, heads: &[&'static str], rows: AnyView) -> AnyView {
    view! {
        <div class="table-scroller" role="region" aria-label=name tabindex="0">
            <table class="registry-table">
                <thead><tr>{column_heads(heads)}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// A text, drawn.
pub(crate) fn drawn(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    text.into_any()
}
