//! The parts that cargo itself runs.

use crate::bench;
use crate::build::{self, Profile};
use crate::failure::Outcome;
use crate::setup::CARGO_DENY;
use crate::size;
use crate::workspace::Workspace;

/// The packages that must also compile for the browser or the edge.
const WASM_PACKAGES: [&str; 6] =
    ["model-core", "tepal-api", "tepal-worker", "tepal-app", "tepal-bench", "tepal-parity"];

/// The code is formatted.
pub(super) fn fmt(workspace: &Workspace) -> Outcome {
    workspace.cargo("fmt").args(["--all", "--check"]).run()
}

/// No lint, natively with tests and examples, and for wasm32, where other code compiles.
///
/// `-D warnings` goes to clippy and not into RUSTFLAGS, which would compile every
/// dependency anew.
pub(super) fn clippy(workspace: &Workspace) -> Outcome {
    workspace
        .cargo("clippy")
        .args(["--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .run()?;
    workspace
        .cargo("clippy")
        .args(["--locked", "--target", "wasm32-unknown-unknown"])
        .args(WASM_PACKAGES.iter().flat_map(|package| ["--package", package]))
        .args(["--features", "tepal-worker/contract-suite"])
        .args(["--", "-D", "warnings"])
        .run()
}

/// What `model-core` can leave out: see `[features]` in its manifest.
const FEATURES: [&str; 8] =
    ["all-fits", "card", "checkpoint", "drift", "explanation", "lifecycle", "onnx", "search"];

/// `model-core` compiles without a warning with none of its features, and with each alone.
pub(super) fn features(workspace: &Workspace) -> Outcome {
    [""].iter().chain(&FEATURES).try_for_each(|feature| {
        workspace
            .cargo("rustc")
            // Checked, not compiled: and warnings are denied in this crate alone.
            .args(["--quiet", "--locked", "--package", "model-core", "--lib", "--profile", "check"])
            .args(["--no-default-features", "--features", feature, "--", "-D", "warnings"])
            .run()
    })
}

/// The fuzz targets, a workspace of their own, still compile; nothing is fuzzed.
pub(super) fn fuzz(workspace: &Workspace) -> Outcome {
    let of_fuzz = ["--manifest-path", "fuzz/Cargo.toml"];
    workspace.cargo("fmt").args(of_fuzz).arg("--check").run()?;
    workspace
        .cargo("clippy")
        .args(of_fuzz)
        // Beside clippy's own work above, most of which it shares.
        .arg("--target-dir")
        .arg(workspace.target_dir()?)
        .args(["--locked", "--", "-D", "warnings"])
        // A library that would be linked, if anything were: so libFuzzer is not compiled, and no
        // C++ compiler is needed.
        .env("CUSTOM_LIBFUZZER_PATH", workspace.path("fuzz/libfuzzer.a"))
        .run()
}

/// Native tests, doc tests among them.
pub(super) fn native(workspace: &Workspace) -> Outcome {
    workspace.cargo("test").args(["--locked", "--workspace"]).run()
}

/// `model-core` is a crate by itself: what is packaged of it compiles without the repository.
pub(super) fn package(workspace: &Workspace) -> Outcome {
    workspace
        .cargo("package")
        // Uncommitted changes are tested as well, and nothing is asked of the registry.
        .args(["--quiet", "--locked", "--offline", "--allow-dirty", "--package", "model-core"])
        .run()
}

/// The documentation builds without a warning.
pub(super) fn doc(workspace: &Workspace) -> Outcome {
    workspace
        .cargo("doc")
        .args(["--locked", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

/// Dependencies: no banned one, licences that fit, sources that are known.
pub(super) fn deny(workspace: &Workspace) -> Outcome {
    deny_check(workspace, &["bans", "licenses", "sources"])
}

/// Dependencies: no known advisory but those that `deny.toml` answers.
pub(super) fn advisories(workspace: &Workspace) -> Outcome {
    deny_check(workspace, &["advisories"])
}

fn deny_check(workspace: &Workspace, checks: &[&str]) -> Outcome {
    crate::process::Process::new(CARGO_DENY.path(workspace))
        .args(["--locked", "check", "--hide-inclusion-graph"])
        .args(checks)
        .dir(workspace.root())
        .run()
}

/// Page and Worker build for release.
pub(super) fn build(workspace: &Workspace) -> Outcome {
    build::ensure(workspace, Profile::Release)
}

/// What is sent stays under its limits.
pub(super) fn size(workspace: &Workspace) -> Outcome {
    build::ensure(workspace, Profile::Release)?;
    size::check(workspace)
}

/// The benchmark runs through, once and on little: times are never asserted.
pub(super) fn bench(workspace: &Workspace) -> Outcome {
    let mut options = bench::Options::default();
    options.be_quick();
    bench::training(workspace, &options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_of_model_core_is_checked_alone() {
        let manifest = include_str!("../../../model-core/Cargo.toml");
        let section = manifest.split("[features]\n").nth(1).unwrap();
        let section = section.split("\n[").next().unwrap();
        let names: Vec<&str> = section
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .filter(|name| *name != "default")
            .collect();
        assert_eq!(names, FEATURES);
    }
}
