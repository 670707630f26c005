//! `dev` and `serve`: the built page and Worker under `wrangler dev`, on this machine only.

mod dev_vars;
mod probe;

use std::env;

use crate::build::{self, PROFILE_VARIABLE, Profile, SKIP_VARIABLE};
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::workspace::Workspace;

/// Builds for development and serves; wrangler builds again whenever a source changes.
///
/// # Errors
/// If the port is taken, something is missing that cannot be installed, or a build fails.
pub(crate) fn dev(workspace: &Workspace, port: u16) -> Outcome {
    start(workspace, port, Profile::Dev)
}

/// Builds for release and serves, without watching.
///
/// # Errors
/// As [`dev`].
pub(crate) fn serve(workspace: &Workspace, port: u16) -> Outcome {
    start(workspace, port, Profile::Release)
}

fn start(workspace: &Workspace, port: u16, profile: Profile) -> Outcome {
    // Before the build: nobody wants to hear of it ten minutes later.
    if probe::is_taken(port) {
        return Err(Failure::new(format!(
            "port {port} is in use: stop what listens there, or take another with `--port {}`",
            port.checked_add(1).unwrap_or(8787)
        )));
    }
    build::ensure(workspace, profile)?;
    dev_vars::ensure(workspace)?;
    say("==> Starting wrangler");
    // A program of its own, because this one is about to become wrangler.
    let this = env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find this program's own file: {error}")))?;
    Process::new(this).args(["announce", "--port", &port.to_string()]).start()?;
    wrangler_dev(workspace, port, profile).become_it()
}

fn wrangler_dev(workspace: &Workspace, port: u16, profile: Profile) -> Process {
    let wrangler = workspace
        .wrangler()
        .args(["dev", "--ip", "127.0.0.1", "--port", &port.to_string()])
        .arg("--show-interactive-dev-session=false")
        .args(passed_on(|name| env::var(name).ok()));
    match profile {
        Profile::Dev => wrangler.env(PROFILE_VARIABLE, profile.name()),
        Profile::Release => wrangler.env(SKIP_VARIABLE, "1"),
    }
}

/// Settings of the Worker that the environment of this program may set, for wrangler hands none on.
const PASSED_ON: [&str; 1] = ["MONITOR_SECONDS"];

/// What tells wrangler of [`PASSED_ON`].
fn passed_on(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let told = PASSED_ON.into_iter().filter_map(|name| Some((name, variable(name)?)));
    told.flat_map(|(name, value)| ["--var".to_owned(), format!("{name}:{value}")]).collect()
}

/// Prints where the page is once something answers on `port`; says nothing if its parent
/// ends before.
pub(crate) fn announce(workspace: &Workspace, port: u16) {
    if probe::wait(port) {
        let page = format!("http://127.0.0.1:{port}");
        say(format!(
            "\n\
             Page      {page}/\n\
             API       {page}/docs\n\
             Owner     the page asks for your token when you publish; programs send it as\n          \
             `authorization: Bearer TOKEN`. It is OWNER_TOKEN in\n          {}\n\
             Stop      Ctrl-C\n",
            workspace.path(dev_vars::FILE).display()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cadence_of_looks_reaches_the_worker() {
        let set = |name: &str| (name == "MONITOR_SECONDS").then(|| "2".to_owned());
        assert_eq!(passed_on(set), ["--var", "MONITOR_SECONDS:2"]);
        assert!(passed_on(|_| None).is_empty());
    }
}
