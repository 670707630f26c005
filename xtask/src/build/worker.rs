//! The Worker: worker-build makes `worker/build/`, which `wrangler.toml` names.

use super::Profile;
use super::esbuild;
use super::fingerprint::Recipe;
use super::optimise::optimise;
use crate::console::step;
use crate::failure::Outcome;
use crate::process::Process;
use crate::setup::{WASM_BINDGEN, WORKER_BUILD};
use crate::workspace::Workspace;

const RECIPE: Recipe<'_> = Recipe {
    name: "worker",
    inputs: &[
        "worker",
        "model-core",
        ".cargo/config.toml",
        "Cargo.toml",
        "Cargo.lock",
        "package-lock.json",
        "xtask/src/build",
    ],
    tools: &[&WORKER_BUILD, &WASM_BINDGEN],
    output: "worker/build/index.js",
};

/// The Worker that can run the contract suite of the storage ports on itself. For tests only.
const WITH_SUITE: Recipe<'_> =
    Recipe { name: "worker-with-suite", output: "target/worker-with-suite/index.js", ..RECIPE };

/// Builds the Worker into `worker/build/` unless it is up to date; says whether it did.
///
/// # Errors
/// If worker-build fails, or npm brought no esbuild for this machine.
pub(crate) fn ensure(workspace: &Workspace, profile: Profile) -> Outcome<bool> {
    RECIPE.ensure(workspace, profile, || {
        step(&format!("Building the Worker ({} profile)", profile.name()), || {
            worker_build(workspace)?.arg("--").args(SMALL).run()?;
            match profile {
                Profile::Dev => Ok(()),
                Profile::Release => {
                    optimise(workspace, &workspace.path("worker/build/index_bg.wasm"))
                }
            }
        })
    })
}

/// Builds the Worker with the contract suite into `target/worker-with-suite/` unless it is up to
/// date. It shares the dependencies that [`ensure`] compiled.
///
/// # Errors
/// As [`ensure`].
pub(crate) fn ensure_with_suite(workspace: &Workspace) -> Outcome<bool> {
    WITH_SUITE.ensure(workspace, Profile::Dev, || {
        step("Building the Worker with the contract suite", || {
            let suite = ["--out-dir", "../target/worker-with-suite", "--"];
            let suite = worker_build(workspace)?.args(suite).args(SMALL);
            suite.args(["--features", "contract-suite"]).run()
        })
    })
}

/// The library is for size alone here, where the page has it for speed, too: a training at the edge has time, and a row is answered in less
/// of it than its way through the platform takes (ADR 0017).
const SMALL: [&str; 2] = ["--config", "profile.wasm.package.model-core.opt-level=\"z\""];

/// worker-build looks at no PATH, and downloads each tool that it is not told of. It runs no wasm-opt
/// here: it would keep the names of all functions, a tenth of what is uploaded. A panic says its file and
/// line without them.
fn worker_build(workspace: &Workspace) -> Outcome<Process> {
    Ok(Process::new(WORKER_BUILD.path(workspace))
        .quiet_cargo()
        .dir(&workspace.path("worker"))
        .env("PATH", workspace.search_path(&[]))
        .env("WASM_BINDGEN_BIN", WASM_BINDGEN.path(workspace))
        .env("ESBUILD_BIN", esbuild::program(workspace)?)
        .args(["--profile", "wasm", "--no-opt"]))
}
