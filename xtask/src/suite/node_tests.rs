//! The parts that Node runs: the Worker in workerd, and the page in Chromium.

use std::fs;
use std::path::PathBuf;

use crate::build::{self, Profile};
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::page;
use crate::process::Process;
use crate::python::{ONNXRUNTIME, Python};
use crate::workspace::Workspace;

/// The built Worker in workerd, and the contract suite in a Worker of its own.
pub(super) fn worker(workspace: &Workspace) -> Outcome {
    build::ensure(workspace, Profile::Release)?;
    build::ensure_worker_with_suite(workspace)?;
    // What the documentation tells to publish is trained by the program that it tells to use. The scenarios of `simulate`
    // are played against it.
    let example = ["--quiet", "-p", "model-core", "--example", "train_csv"];
    workspace.cargo("build").args(example).quiet_cargo().run()?;
    workspace.cargo("build").args(["--quiet", "-p", "tepal-simulate"]).quiet_cargo().run()?;
    node_test(workspace, "tests/worker")?;
    if !Process::new("promtool").arg("--version").succeeds() {
        say(
            "skipped, not passed: promtool is not on PATH, so only our own rules have read /metrics \
             (on Debian and Ubuntu `apt-get install prometheus` brings it)",
        );
    }
    Ok(())
}

/// The tag of the page's tests that have a limit of time.
const TIMED: &str = "@timed";
/// What the test of each state of `states.mjs` is called.
const STATE: &str = "breaks no rule";

/// The built page, served by wrangler, in Chromium; see `playwright.config.mjs`.
pub(super) fn page(workspace: &Workspace) -> Outcome {
    build::ensure(workspace, Profile::Release)?;
    // What is published for the page to take is trained by the program that users train with, and what the
    // page makes of a file is held against the program that does the same.
    let examples =
        ["--quiet", "-p", "model-core", "--example", "train_csv", "--example", "predict_csv"];
    workspace.cargo("build").args(examples).quiet_cargo().run()?;
    let tests = || with_onnxruntime(workspace, page::playwright(workspace));
    // A state depends on nothing that another test leaves behind, so that two may be looked at at a time, each on a Worker
    // of its own.
    tests()?.args(["--grep", STATE]).env("PAGE_WORKERS", "2").run()?;
    tests()?.args(["--grep-invert", &format!("{TIMED}|{STATE}")]).run()?;
    // What has a limit of milliseconds has the machine to itself.
    tests()?.args(["--grep", TIMED, "--workers", "1"]).run()
}

/// What opens the ONNX files that the page saves, where there is a Python for it.
fn with_onnxruntime(workspace: &Workspace, process: Process) -> Outcome<Process> {
    if let Some(why) = ONNXRUNTIME.out_of_reach(workspace)? {
        say(format!(
            "skipped, not passed: an ONNX file of the page opened by onnxruntime, as {why}"
        ));
        return Ok(process);
    }
    let python = Python::ensure(workspace, &ONNXRUNTIME)?;
    Ok(process.env("ONNX_PYTHON", python.program()))
}

/// `node --test` over the `*.test.mjs` of `folder`.
///
/// # Errors
/// If there is no such file, as a test that is not found has not passed, or one fails.
pub(super) fn node_test(workspace: &Workspace, folder: &str) -> Outcome {
    let path = workspace.path(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&path)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    if files.is_empty() {
        return Err(Failure::new(format!("there is no *.test.mjs in {folder}")));
    }
    files.sort();
    let runner = workspace.node().args(["--test", "--test-reporter=spec"]).args(files);
    page::environment(runner).run()
}
