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
