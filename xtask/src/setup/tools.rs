//! Cargo tools, each in a folder of the user's cache named after its version.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// A program from crates.io, pinned.
pub(crate) struct Tool {
    /// The package that holds it.
    pub(crate) package: &'static str,
    /// The version of the package.
    pub(crate) version: &'static str,
    /// The name of the program.
    pub(crate) program: &'static str,
    /// What else to tell `cargo install`.
    flags: &'static [&'static str],
    /// How long it takes to compile on two cores, for the line that asks for patience.
    minutes: u32,
}

/// Cuts the page's program into an entry and parts; must read what the `wasm_split_helpers` of
/// Cargo.lock write.
pub(crate) const WASM_SPLIT: Tool = Tool {
    package: "wasm_split_cli_support",
    version: "0.2.4",
    program: "wasm-split-cli",
    flags: &["--features", "build-binary"],
    minutes: 1,
};

/// Writes the JavaScript around a wasm module; must be the version in Cargo.lock.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.129",
    program: "wasm-bindgen",
    flags: &[],
    minutes: 1,
};

/// Builds the Worker; must be the version of the `worker` crate.
pub(crate) const WORKER_BUILD: Tool = Tool {
    package: "worker-build",
    version: "0.8.7",
    program: "worker-build",
    flags: &[],
    minutes: 2,
};

/// Checks bans, licences, sources and advisories.
pub(crate) const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    flags: &[],
    minutes: 4,
};

impl Tool {
    /// The folder of the program.
    pub(crate) fn bin_dir(&self, workspace: &Workspace) -> PathBuf {
        self.home(workspace).join("bin")
    }

    /// The program.
    pub(crate) fn path(&self, workspace: &Workspace) -> PathBuf {
        self.bin_dir(workspace).join(format!("{}{EXE_SUFFIX}", self.program))
    }

    fn home(&self, workspace: &Workspace) -> PathBuf {
        workspace.tools().join(format!("{}-{}", self.package, self.version))
    }
}

/// Compiles each of `tools` that the cache lacks.
///
/// Unoptimised: that compiles in a quarter of the time, and what these tools spend
/// their own time on is cargo and wasm-opt.
///
/// # Errors
/// If `cargo install` fails, or the cache cannot be written.
pub(crate) fn ensure(workspace: &Workspace, tools: &[&Tool]) -> Outcome {
    let missing: Vec<_> = tools.iter().filter(|tool| !tool.path(workspace).is_file()).collect();
    for tool in &missing {
        let Tool { package, version, minutes, .. } = tool;
        let doing =
            format!("Installing {package} {version} (about {minutes} min, once for this user)");
        step(&doing, || install(workspace, tool))?;
    }
    if !missing.is_empty() {
        // A gigabyte or so. Nothing depends on its being gone, so what cannot be
        // removed may stay.
        let _ = fs::remove_dir_all(build_cache(workspace));
    }
    Ok(())
}

/// Installs beside the final folder and renames, so that an interrupted installation
/// never looks like a finished one.
fn install(workspace: &Workspace, tool: &Tool) -> Outcome {
    let staging = workspace.tools().join(format!(".{}-{}", tool.package, std::process::id()));
    workspace
        .cargo("install")
        .quiet_cargo()
        .args(["--locked", "--debug", "--no-track", "--version", tool.version])
        .args(tool.flags)
        .arg("--root")
        .arg(&staging)
        .arg(tool.package)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", build_cache(workspace))
        .run()?;
    let home = tool.home(workspace);
    match fs::rename(&staging, &home) {
        Err(error) if !tool.path(workspace).is_file() => Err(Failure::file("write", &home, &error)),
        // Somebody else finished the same installation first; theirs is as good.
        Err(_) => {
            let _ = fs::remove_dir_all(&staging);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Where the tools are compiled: one folder, because they share half their dependencies.
fn build_cache(workspace: &Workspace) -> PathBuf {
    workspace.tools().join(".build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worker_build_has_the_version_of_the_worker_crate() {
        let manifest = include_str!("../../../Cargo.toml");
        let line = format!("worker = {{ version = \"={}\"", WORKER_BUILD.version);
        assert!(manifest.contains(&line), "expected `{line}` in Cargo.toml");
    }

    /// Markers in the wasm speak a format of their own, which a later minor version may change.
    #[test]
    fn wasm_split_reads_what_the_page_is_compiled_with() {
        let lock = include_str!("../../../Cargo.lock");
        let helpers = lock.split("name = \"wasm_split_helpers\"\nversion = \"").nth(1).unwrap();
        let minor =
            |version: &str| version.splitn(3, '.').take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(minor(helpers), minor(WASM_SPLIT.version));
    }
}
