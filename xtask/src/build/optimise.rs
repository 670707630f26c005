//! wasm-opt, from the npm package that the lockfile pins.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Outcome};
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
    run(workspace, module, &["-Oz", "--reorder-functions-by-name"])
}

/// The same by `passes`, with functions sorted by the names that `rename` gives those of the smaller module.
///
/// # Errors
/// If wasm-opt fails, or `rename` cannot read what it wrote.
pub(in crate::build) fn optimise_renamed(
    workspace: &Workspace,
    module: &Path,
    passes: &[&str],
    rename: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Outcome {
    run(workspace, module, &[passes, &["--debuginfo"]].concat())?;
    let small = fs::read(module).map_err(|error| Failure::file("read", module, &error))?;
    let renamed = rename(&small).ok_or_else(|| {
        Failure::new(format!("wasm-opt writes {} otherwise than expected", module.display()))
    })?;
    fs::write(module, renamed).map_err(|error| Failure::file("write", module, &error))?;
    run(workspace, module, &["--reorder-functions-by-name"])
}

fn run(workspace: &Workspace, module: &Path, passes: &[&str]) -> Outcome {
    workspace
        .node()
        .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
        .args(passes)
        .args(FEATURES)
        // Who wrote it, and what it uses, which is seen anyway: a seventh of a kilobyte in each of the page's files.
        .args(["--strip-producers", "--strip-target-features"])
        .arg(module)
        .arg("--output")
        .arg(module)
        .run()
}
