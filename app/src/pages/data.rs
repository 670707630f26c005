//! Data: a table from wherever it comes, what was made of it, and what overrules that.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::correlation_panel::CorrelationPanel;
use crate::components::file_source::{FileSource, open, take_dropped_files};
use crate::components::file_status::{FileBar, FileStatus};
use crate::components::pair_panel::PairPanel;
use crate::components::problem_list::ProblemList;
use crate::components::reading_panel::ReadingPanel;
use crate::components::rows_table::RowsTable;
use crate::components::strip_list::StripList;
use crate::components::target_question::TargetQuestion;
use crate::i18n::text;
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::styles;
use crate::view::view;
use crate::view_models::sheet_words;

/// What the page has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Ways to bring a table.
    Source,
    /// Nothing yet.
    Nothing,
    /// A file that holds no table.
    NoTable,
    /// A table.
    Table,
}

/// Data.
#[component]
pub(crate) fn DataPage() -> impl IntoView {
    styles::adopt(styles::DATA);
    let sheet = use_sheet();
    sheet.restore();
    take_dropped_files(move |file| open(sheet, &file));
    let shown = Memo::new(move || match (sheet.opened(), sheet.status()) {
        (Some(opened), _) if opened.names.is_empty() => Shown::NoTable,
        (Some(_), _) => Shown::Table,
        (None, status) if status.is_busy() => Shown::Nothing,
        (None, _) => Shown::Source,
    });
    keep_focus(shown);
    let body = move || match shown.get() {
        Shown::Source => view! { <FileSource /> },
        Shown::Nothing => ().into_any(),
        Shown::NoTable => view! {
            <FileBar />
            <ProblemList />
            <ReadingPanel />
        },
        Shown::Table => view! { <Table /> },
    };
    view! {
        <h1 tabindex="-1">{text(sheet_words::HEADING)}</h1>
        <p class="lede">{text(sheet_words::LEDE)}</p>
        <FileStatus />
        <div class="data">{move || body()}</div>
    }
}

#[component]
fn Table() -> impl IntoView {
    let sheet = use_sheet();
    let is_read = Memo::new(move || sheet.opened().is_some_and(|it| it.sheet.is_ok()));
    let drawer = move || {
        is_read.get().then(|| {
            view! {
                <StripList />
                <PairPanel />
                <CorrelationPanel />
            }
        })
    };
    view! {
        <FileBar />
        <ProblemList />
        <TargetQuestion />
        <ReadingPanel />
        {move || drawer()}
        <RowsTable />
    }
}

/// A button that goes with what it was part of leaves the focus nowhere: then it goes to the first
/// heading of what came instead.
fn keep_focus(shown: Memo<Shown>) {
    Effect::new(move |previous: Option<Shown>| {
        let shown = shown.get();
        if previous.is_some_and(|previous| previous != shown) && shown != Shown::Nothing {
            request_animation_frame(|| {
                let is_nowhere =
                    document().active_element().is_none_or(|it| it.tag_name() == "BODY");
                let first = |selector| document().query_selector(selector).ok().flatten();
                let heading = first(".data h2[tabindex]").or_else(|| first("main h1"));
                let heading = heading.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
                if let Some(heading) = heading.filter(|_| is_nowhere) {
                    // Only an element that is not in the document cannot be focused.
                    let _ = heading.focus();
                }
            });
        }
        shown
    });
}
