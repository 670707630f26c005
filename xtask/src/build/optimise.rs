//! wasm-opt, from the npm package that the lockfile pins.

use std::path::Path;

use crate::failure::Outcome;
use crate::workspace::Workspace;

/// Makes `module` smaller in its place, and drops the names of its functions. What a module uses of wasm is
/// read from itself, but for the exceptions that wasm-bindgen's wrappers catch.
///
/// # Errors
/// If wasm-opt fails.
pub(in crate::build) fn optimise(workspace: &Workspace, module: &Path, level: &str) -> Outcome {
    workspace
        .node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .args([level, "--enable-exception-handling"])
        .arg(module)
        .arg("--output")
        .arg(module)
        .run()
}
