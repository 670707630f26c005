//! The page: its program, cut into parts, and its document make `dist/`.

mod assembly;
mod boundary;
mod chunks;
mod document;
mod locale;
mod offline;
mod order;
mod program;
mod standard_library;
mod wasm;

use super::Profile;
use super::fingerprint::Recipe;
use crate::console::step;
use crate::failure::Outcome;
use crate::setup::{WASM_BINDGEN, WASM_SPLIT};
use crate::workspace::Workspace;

/// `worker/api` holds the wire types that the page shares with the Worker.
const RECIPE: Recipe<'_> = Recipe {
    name: "page",
    inputs: &[
        "app",
        "model-core",
        "worker/api",
        "public",
        ".cargo/config.toml",
        "Cargo.toml",
        "Cargo.lock",
        "package-lock.json",
        "xtask/src/build",
    ],
    tools: &[&WASM_SPLIT, &WASM_BINDGEN],
    output: "dist/_headers",
};

/// Builds the page into `dist/` unless it is up to date; says whether it did.
///
/// # Errors
/// If a program cannot be built or cut, or a file not written.
pub(crate) fn ensure(workspace: &Workspace, profile: Profile) -> Outcome<bool> {
    RECIPE.ensure(workspace, profile, || {
        step(&format!("Building the page ({} profile)", profile.name()), || {
            let program = program::build(workspace, profile)?;
            assembly::assemble(workspace, profile, &program)
        })
    })
}
