//! The part that runs exported models in onnxruntime and compares them with what they come from.

use std::fs;

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::python::{ONNXRUNTIME, Python};
use crate::workspace::Workspace;

/// Trains models of each family, exports them into `target/onnx/`, and lets
/// `tests/onnx/compare.py` hold both sides' answers against each other.
pub(super) fn run(workspace: &Workspace) -> Outcome {
    let python = Python::ensure(workspace, &ONNXRUNTIME)?;
    let folder = workspace.path("target/onnx");
    // What an earlier run left must not be compared again.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file("empty", &folder, &error))?;
    }
    step("Training and exporting models", || {
        workspace
            .cargo("run")
            .args(["--quiet", "--locked", "--package", "tepal-tests"])
            .args(["--example", "onnx_cases", "--"])
            .arg(&folder)
            .run()
    })?;
    python.run(&workspace.path("tests/onnx/compare.py")).arg(&folder).run()
}
