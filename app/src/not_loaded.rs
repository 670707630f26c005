//! Why something that is loaded on first use is not here.

use leptos::wasm_split::SplitLoaderError;

/// A part did not arrive, or is none of this page's; the browser's console says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}
