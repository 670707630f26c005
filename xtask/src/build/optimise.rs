//! wasm-opt, from the npm package that the lockfile pins.

use std::path::Path;

use crate::failure::Outcome;
use crate::workspace::Workspace;

/// What the programs use of wasm: the compiler's baseline, and the exceptions that wasm-bindgen's wrappers catch.
/// A module that was put together of others no longer says so itself.
pub(in crate::build) const FEATURES: [&str; 9] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Makes `module` smaller in its place, and drops the names of its functions, which have brought those that
/// are alike together by then: so it compresses better.
///
/// # Errors
/// If wasm-opt fails.
pub(in crate::build) fn optimise(workspace: &Workspace, module: &Path) -> Outcome {
    workspace
        .node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .args(["-Oz", "--reorder-functions-by-name"])
        .args(FEATURES)
        // Who wrote it, and what it uses, which is seen anyway: a seventh of a kilobyte in each of the page's files.
        .args(["--strip-producers", "--strip-target-features"])
        .arg(module)
        .arg("--output")
        .arg(module)
        .run()
}
