//! `bench edge`: what a request costs in workerd, and what the owner's questions do over a long log;
//! `tests/bench/edge.mjs` does the work.

use std::path::{Path, absolute};

use crate::build::{self, Profile};
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// Builds what is missing, measures and prints, `against` another build of the Worker if there is one.
///
/// # Errors
/// If the Worker can't be built, or doesn't answer as it should. A slow one is no error: times depend
/// on the machine.
pub(crate) fn edge(workspace: &Workspace, against: Option<&Path>, quick: bool) -> Outcome {
    build::ensure(workspace, Profile::Release)?;
    let mut script = workspace.node().arg(workspace.path("tests/bench/edge.mjs"));
    if let Some(folder) = against {
        let folder = absolute(folder).map_err(|error| Failure::file("find", folder, &error))?;
        script = script.arg("--against").arg(folder);
    }
    if quick {
        script = script.arg("--quick");
    }
    // As in the tests, nobody is called.
    script.env("WRANGLER_SEND_METRICS", "false").env("CLOUDFLARE_CF_FETCH_ENABLED", "false").run()
}
