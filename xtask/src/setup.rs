//! Sets up what is missing and says so; what is there is left alone.

mod browser;
mod lockfile;
mod npm;
mod rust;
mod tools;

use crate::failure::Outcome;
use crate::workspace::Workspace;

pub(crate) use browser::find as find_browser;
pub(crate) use tools::{CARGO_DENY, Tool, WASM_BINDGEN, WASM_SPLIT, WORKER_BUILD};

/// Something a command cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// rustup's wasm32-unknown-unknown.
    WasmTarget,
    /// The packages of `package.json`.
    Npm,
    /// A Chromium for the page's tests.
    Browser,
    /// worker-build, wasm-split-cli and the wasm-bindgen of Cargo.lock.
    BuildTools,
    /// The wasm-bindgen of Cargo.lock alone.
    WasmBindgen,
    /// cargo-deny, which checks bans, licences and sources.
    CargoDeny,
}

/// What building page and Worker takes.
pub(crate) const BUILD: &[Need] = &[Need::WasmTarget, Need::Npm, Need::BuildTools];

/// What building both and opening the page takes.
pub(crate) const BUILD_AND_BROWSER: &[Need] =
    &[Need::WasmTarget, Need::Npm, Need::BuildTools, Need::Browser];

/// Sets up each of `needs` that is missing. What may need the user's help comes before
/// what takes minutes, so that nobody finds a question after lunch.
///
/// # Errors
/// If one is missing and cannot be installed; the sentence says how to get it.
pub(crate) fn ensure(workspace: &Workspace, needs: &[Need]) -> Outcome {
    let mut tools: Vec<&Tool> = Vec::new();
    if needs.contains(&Need::WasmTarget) {
        rust::ensure_wasm_target()?;
    }
    if needs.contains(&Need::BuildTools) || needs.contains(&Need::WasmBindgen) {
        lockfile::check_wasm_bindgen(workspace, &WASM_BINDGEN)?;
        tools.push(&WASM_BINDGEN);
    }
    if needs.contains(&Need::BuildTools) {
        tools.extend([&WORKER_BUILD, &WASM_SPLIT]);
    }
    if needs.contains(&Need::CargoDeny) {
        tools.push(&CARGO_DENY);
    }
    if needs.contains(&Need::Npm) {
        npm::ensure(workspace)?;
    }
    if needs.contains(&Need::Browser) {
        browser::ensure()?;
    }
    tools::ensure(workspace, &tools)
}
