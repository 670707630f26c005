//! Builds page and Worker, each only if something it is made of has changed.

mod esbuild;
mod fingerprint;
mod optimise;
mod page;
mod worker;

pub(crate) use worker::ensure_with_suite as ensure_worker_with_suite;

use std::env;

use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::setup;
use crate::workspace::Workspace;

/// With this variable set, `cargo xtask build` does nothing. `serve` and the tests set
/// it for wrangler, which runs that command although all is built already.
pub(crate) const SKIP_VARIABLE: &str = "TEPAL_SKIP_BUILD";

/// With this variable set to `dev`, `cargo xtask build` builds as `cargo xtask dev` does.
/// `dev` sets it for wrangler, which runs that command whenever a source changes.
pub(crate) const PROFILE_VARIABLE: &str = "TEPAL_BUILD_PROFILE";

/// How much work goes into what is built.
///
/// Both are cargo's release profile. Measured, its dependencies compile as fast as those
/// of the dev profile, a tenth of the bytes reach the browser, and somebody who types
/// `cargo xtask test` after `cargo xtask dev` finds them compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Soon there again after a change: no wasm-opt.
    Dev,
    /// Small and fast: what is tested, measured and deployed.
    Release,
}

impl Profile {
    /// Its name in [`PROFILE_VARIABLE`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    fn named(name: &str) -> Outcome<Self> {
        match name {
            "dev" => Ok(Self::Dev),
            "release" => Ok(Self::Release),
            _ => Err(Failure::new(format!(
                "{PROFILE_VARIABLE} is `{name}`; it may be `dev` or `release`"
            ))),
        }
    }
}

/// The `build` command, which wrangler runs before it bundles.
///
/// # Errors
/// If something is missing that cannot be installed, or a build fails.
pub(crate) fn command(workspace: &Workspace) -> Outcome {
    if env::var_os(SKIP_VARIABLE).is_some_and(|value| !value.is_empty()) {
        return Ok(());
    }
    let profile = match env::var(PROFILE_VARIABLE) {
        Ok(name) => Profile::named(&name)?,
        Err(_) => Profile::Release,
    };
    ensure(workspace, profile)
}

/// Sets up the tools, then builds what is not up to date.
///
/// # Errors
/// If something is missing that cannot be installed, or a build fails.
pub(crate) fn ensure(workspace: &Workspace, profile: Profile) -> Outcome {
    setup::ensure(workspace, setup::BUILD)?;
    let built = [page::ensure(workspace, profile)?, worker::ensure(workspace, profile)?];
    if !built.contains(&true) {
        say("Page and Worker are up to date");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_known_by_its_name() {
        for profile in [Profile::Dev, Profile::Release] {
            assert_eq!(Profile::named(profile.name()), Ok(profile));
        }
        assert!(Profile::named("debug").is_err());
    }
}
