//! The part that compares bits: one computation natively, in Chromium and in workerd, and the
//! answers of the built Worker.

use std::fs;
use std::path::Path;

use super::node_tests::node_test;
use crate::build::{self, Profile};
use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup::WASM_BINDGEN;
use crate::workspace::Workspace;

/// Builds `tests/parity` both ways into `target/parity/`, then compares what each computes.
///
/// The wasm is the release build, since that is what visitors and the edge run.
pub(super) fn run(workspace: &Workspace) -> Outcome {
    build::ensure(workspace, Profile::Release)?;
    let folder = workspace.path("target/parity");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    // Node takes a lone .js file for CommonJS, and says so when it is not.
    write(&folder.join("package.json"), r#"{"type":"module"}"#)?;
    step("Building the parity module for wasm", || {
        workspace
            .cargo("build")
            .args(["--quiet", "--locked", "--release", "--package", "tepal-parity"])
            .args(["--target", "wasm32-unknown-unknown"])
            .run()?;
        let wasm = "wasm32-unknown-unknown/release/tepal_parity.wasm";
        Process::new(WASM_BINDGEN.path(workspace))
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(&folder)
            .arg(workspace.target_dir()?.join(wasm))
            .run()
    })?;
    step("Computing the native side", || {
        let report = workspace
            .cargo("run")
            .args(["--quiet", "--locked", "--package", "tepal-parity"])
            .args(["--example", "native_report"])
            .read()?;
        write(&folder.join("native.json"), &report)
    })?;
    node_test(workspace, "tests/parity")
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| Failure::file("write", path, &error))
}
