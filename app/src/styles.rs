//! The styles of a part: they lie in its program and come with it, so that the entry's sheet has what
//! the entry draws and no more.
//!
//! A sheet that a script makes is no inline style to a content security policy, which forbids those.

use std::cell::RefCell;

use leptos::prelude::document;
use web_sys::CssStyleSheet;

/// The page Data.
pub(crate) const DATA: &str = include_str!("../style/data.css");
/// A long table, wherever there is one.
pub(crate) const ROWS: &str = include_str!("../style/rows.css");
/// The page Runs.
pub(crate) const RUNS: &str = include_str!("../style/runs.css");
/// What a training came to, on Train and below the answer on Classify.
pub(crate) const RESULTS: &str = include_str!("../style/results.css");

/// What Classify says beyond its answer.
pub(crate) const WHY: &str = include_str!("../style/why.css");
/// What a training takes, wherever one is started.
pub(crate) const SETTINGS: &str = include_str!("../style/settings.css");
/// A model as files and programs.
pub(crate) const EXPORTS: &str = include_str!("../style/exports.css");

thread_local! {
    /// What the document has already: the texts are constants, each a whole sheet.
    static ADOPTED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Adds `css` to the document, behind its other styles, unless it is there.
pub(crate) fn adopt(css: &'static str) {
    let is_new = ADOPTED.with_borrow_mut(|adopted| {
        let is_new = !adopted.contains(&css);
        if is_new {
            adopted.push(css);
        }
        is_new
    });
    if !is_new {
        return;
    }
    let sheet = CssStyleSheet::new().and_then(|sheet| sheet.replace_sync(css).map(|()| sheet));
    match sheet {
        Ok(sheet) => {
            document().adopted_style_sheets().push(&sheet);
        }
        // A browser of before 2023: what the part draws is there, and plain.
        Err(error) => leptos::logging::warn!("the styles of a part are not taken: {error:?}"),
    }
}
