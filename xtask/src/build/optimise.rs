//! wasm-opt, from the npm package that the lockfile pins.

use std::path::Path;

use crate::failure::Outcome;
use crate::workspace::Workspace;

/// Makes `module` smaller in its place, and drops the names of its functions, which have brought those that
/// are alike together by then: so it compresses better. What a module uses of wasm is read from itself, but
/// for the exceptions that wasm-bindgen's wrappers catch.
///
/// # Errors
/// If wasm-opt fails.
pub(in crate::build) fn optimise(workspace: &Workspace, module: &Path) -> Outcome {
    workspace
        .node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .args(["-Oz", "--reorder-functions-by-name", "--enable-exception-handling"])
        // Who wrote it, and what it uses, which is seen anyway: a seventh of a kilobyte in each of the page's files.
        .args(["--strip-producers", "--strip-target-features"])
        .arg(module)
        .arg("--output")
        .arg(module)
        .run()
}
