//! The part that runs exported models in onnxruntime and compares them with what they come from.

use crate::console::step;
use crate::failure::Outcome;
use crate::python::{ONNXRUNTIME, Python};
use crate::workspace::{Workspace, emptied};

/// Trains models of each family, exports them into `target/onnx/`, and lets
/// `tests/onnx/compare.py` hold both sides' answers against each other.
pub(super) fn run(workspace: &Workspace) -> Outcome {
    let python = Python::ensure(workspace, &ONNXRUNTIME)?;
    // What an earlier run left must not be compared again.
    let folder = emptied(workspace.path("target/onnx"))?;
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
