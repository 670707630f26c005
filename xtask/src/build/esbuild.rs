//! esbuild, which wrangler brings along.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::workspace::Workspace;

/// esbuild's own program. npm's link to it is a script, which worker-build would have to
/// start through a shell.
///
/// # Errors
/// If npm brought none for this machine.
pub(super) fn program(workspace: &Workspace) -> Outcome<PathBuf> {
    let packages = workspace.path("node_modules/@esbuild");
    let program = if cfg!(windows) { "esbuild.exe" } else { "bin/esbuild" };
    std::fs::read_dir(&packages)
        .map_err(|error| Failure::file("read", &packages, &error))?
        .filter_map(Result::ok)
        .map(|package| package.path().join(program))
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Failure::new(
                "npm installed no esbuild for this machine: remove node_modules and run this again",
            )
        })
}

/// The splitter writes the module that all parts share once for each of them: the same one.
const QUIET: &str = "--log-override:duplicate-object-key=silent";

/// The script or style sheet in `file` without what only people read, and otherwise the same.
///
/// # Errors
/// If esbuild cannot read it.
pub(super) fn minified(workspace: &Workspace, file: &Path) -> Outcome<String> {
    Process::new(program(workspace)?)
        .args(["--minify", "--charset=utf8", "--log-level=warning", QUIET])
        .arg(file)
        .read()
}
