//! What is run over the built page in Chromium: tests, pictures, Lighthouse.

use std::path::{Path, absolute};

use crate::build::{self, Profile, SKIP_VARIABLE};
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup;
use crate::workspace::Workspace;

/// Where pictures go unless a folder is named.
const PICTURES: &str = "target/screenshots";

/// Playwright's runner of tests; see `playwright.config.mjs`.
pub(crate) fn playwright(workspace: &Workspace) -> Process {
    let runner = workspace.path("node_modules/@playwright/test/cli.js");
    environment(workspace.node().arg(runner).arg("test"))
}

/// What every program gets that opens the page or asks the Worker: the browser, and a wrangler that
/// builds nothing, as all is built, and calls nobody.
pub(crate) fn environment(process: Process) -> Process {
    let process = process
        .env(SKIP_VARIABLE, "1")
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    match setup::find_browser() {
        Some(browser) => process.env("CHROMIUM", browser),
        None => process,
    }
}

/// Sets up and builds what is missing.
///
/// # Errors
/// If something can't be installed, or page or Worker can't be built.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome {
    setup::ensure(workspace, setup::BUILD_AND_BROWSER)?;
    build::ensure(workspace, Profile::Release)
}

/// Pictures every state of every page whose name holds `only`, at each size and in both colour
/// schemes, into `out`.
///
/// # Errors
/// If page or Worker can't be built, or a state can't be reached; the others are pictured all the
/// same.
pub(crate) fn screenshots(
    workspace: &Workspace,
    out: Option<&Path>,
    only: Option<&str>,
) -> Outcome {
    ensure(workspace)?;
    let out = match out {
        Some(folder) => absolute(folder).map_err(|error| Failure::file("find", folder, &error))?,
        None => workspace.path(PICTURES),
    };
    let config = workspace.path("tests/page/screenshots.config.mjs");
    let mut pictures = playwright(workspace).arg("--config").arg(config).env("SCREENSHOTS", &out);
    if let Some(text) = only {
        pictures = pictures.args(["--grep", text]);
    }
    let result = pictures.run();
    say(format!("all pictures: {}", out.join("index.html").display()));
    result
}

/// Prints Lighthouse's figures of performance, each the median of `repeat` runs, beside the one to
/// reach.
///
/// # Errors
/// If page or Worker can't be built, or accessibility or best practices aren't perfect. A slow page
/// is no error: times depend on the machine.
pub(crate) fn lighthouse(workspace: &Workspace, repeat: usize) -> Outcome {
    ensure(workspace)?;
    playwright(workspace)
        .args(["lighthouse.spec.mjs", "--workers", "1"])
        .env("LIGHTHOUSE_RUNS", repeat.to_string())
        .run()
}
