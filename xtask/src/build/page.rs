//! The page: Trunk makes `dist/` from `app/index.html`, then its headers are written.

use super::fingerprint::Recipe;
use super::{Profile, headers};
use crate::console::step;
use crate::failure::Outcome;
use crate::process::Process;
use crate::setup::{TRUNK, WASM_BINDGEN};
use crate::workspace::Workspace;

/// `worker/api` holds the wire types that the page shares with the Worker.
const RECIPE: Recipe<'_> = Recipe {
    name: "page",
    inputs: &[
        "app",
        "model-core",
        "worker/api",
        "public",
        "Trunk.toml",
        ".cargo/config.toml",
        "Cargo.toml",
        "Cargo.lock",
        "package-lock.json",
        "xtask/src/build",
    ],
    tools: &[&TRUNK, &WASM_BINDGEN],
    output: "dist/_headers",
};

/// Builds the page into `dist/` unless it is up to date; says whether it did.
///
/// # Errors
/// If Trunk fails, or the headers cannot be made.
pub(crate) fn ensure(workspace: &Workspace, profile: Profile) -> Outcome<bool> {
    RECIPE.ensure(workspace, profile, || {
        step(&format!("Building the page ({} profile)", profile.name()), || {
            trunk(workspace, profile).run()?;
            headers::write(workspace)
        })
    })
}

fn trunk(workspace: &Workspace, profile: Profile) -> Process {
    let tools = [TRUNK, WASM_BINDGEN].map(|tool| tool.bin_dir(workspace));
    let build = Process::new(TRUNK.path(workspace))
        .arg("build")
        .quiet_cargo()
        .dir(workspace.root())
        .env("PATH", workspace.search_path(&tools))
        .env("TRUNK_OFFLINE", "true")
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    // Trunk reads this variable as a truth value and stops at the usual `1`.
    let build = match std::env::var_os("NO_COLOR") {
        Some(_) => build.env("NO_COLOR", "true"),
        None => build,
    };
    match profile {
        // Without `--release` Trunk leaves out wasm-opt.
        Profile::Dev => build.args(["--cargo-profile", "release"]),
        Profile::Release => build.arg("--release"),
    }
}
