//! A model card, to be read.

use leptos::prelude::*;

use super::button::button;
use super::dialog::Dialog;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::view::view;
use crate::view_models::markdown_blocks::{Block, blocks};

/// The dialog with the card that `markdown` is.
#[component]
pub(crate) fn CardDialog(
    markdown: Memo<String>,
    is_open: RwSignal<bool>,
    /// Saves the card.
    save: Callback<()>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        let first = markdown.with(|text| blocks(text).into_iter().next());
        match first {
            Some(Block::Heading(_, title)) => title,
            _ => t!("Model card").to_owned(),
        }
    });
    view! {
        <Dialog id="model-card" title=title open=is_open>
            <div class="card">
                {move || markdown.with(|text| blocks(text).into_iter().skip(1).map(block).collect_view())}
            </div>
            {button(t!("Save as Markdown"), move || save.run(()))}
        </Dialog>
    }
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Heading(_, title) => view! { <h3>{title}</h3> },
        Block::Paragraph(text) => view! { <p>{text}</p> },
        Block::Code(code) => view! { <pre tabindex="0"><code>{code}</code></pre> },
        Block::List(items) => {
            let items = items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view();
            view! { <ul>{items}</ul> }
        }
        Block::Table(head, rows) => {
            let head = head.into_iter().map(|cell| view! { <th scope="col">{cell}</th> });
            let head = head.collect_view();
            let cells = |row: Vec<String>| {
                row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()
            };
            let rows = rows.into_iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect_view();
            view! {
                <div class="card-table" tabindex="0">
                    <table>
                        <thead><tr>{head}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
        }
    }
}
