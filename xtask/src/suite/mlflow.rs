//! The part that lets MLflow read the runs that the page exports for it.

use crate::console::step;
use crate::failure::Outcome;
use crate::python::{MLFLOW, Python};
use crate::workspace::{Workspace, emptied};

/// The test of the page that writes the runs, and what is to be read of them.
const WRITER: &str = "runs::mlflow::tests::writes_the_case_for_mlflow";

/// Exports runs into `target/mlflow/`, and lets `tests/mlflow/read_back.py` migrate them and read them back.
pub(super) fn run(workspace: &Workspace) -> Outcome {
    let python = Python::ensure(workspace, &MLFLOW)?;
    // What an earlier run left must not be read again.
    let folder = emptied(workspace.path("target/mlflow"))?;
    step("Exporting runs", || {
        workspace
            .cargo("test")
            .args(["--quiet", "--locked", "--package", "tepal-app", "--lib", "--"])
            .args(["--ignored", "--exact", WRITER])
            .env("MLFLOW_CASE", &folder)
            .run()
    })?;
    python.run(&workspace.path("tests/mlflow/read_back.py")).arg(&folder).run()
}
