//! The wasm program of the page and of its workers, cut into an entry and its parts.
//!
//! Cutting needs the linker's relocations and comes before wasm-bindgen, which knows of the entry
//! alone: what the parts import from JavaScript, they import through it (ADR 0011).

use std::fs;
use std::path::{Path, PathBuf};

use super::super::Profile;
use super::super::esbuild;
use super::super::optimise::optimise;
use super::standard_library;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup::{WASM_BINDGEN, WASM_SPLIT};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// What was built, with the names that the tools give.
pub(super) struct Program {
    /// `app.js`, `app_bg.wasm`, [`LINK_MODULE`] and the [`parts`](Self::parts).
    pub(super) folder: PathBuf,
    /// Names of the parts' files, sorted: `split_NAME.wasm`, and `chunk_N.wasm` for what
    /// several of them share.
    pub(super) parts: Vec<String>,
}

/// The module that loads the parts.
pub(super) const LINK_MODULE: &str = "__wasm_split.js";

/// Builds the program, cuts it and makes it small.
///
/// # Errors
/// If a tool fails.
pub(super) fn build(workspace: &Workspace, profile: Profile) -> Outcome<Program> {
    let folder = workspace.state().join("page/app");
    let cargo_profile = match profile {
        Profile::Dev => "release",
        Profile::Release => "page",
    };
    compile(workspace, profile, cargo_profile)?;
    let compiled = workspace.target_dir()?.join(TARGET).join(cargo_profile);
    let cut = folder.join("cut");
    empty(&folder)?;
    Process::new(WASM_SPLIT.path(workspace))
        .args(["--target", "web", "--out-name", "app"])
        .arg(compiled.join("app.wasm"))
        .arg(&cut)
        .run()?;
    bindgen(workspace, &cut.join("app.wasm"), &folder)?;
    let script = folder.join("app.js");
    let minified = esbuild::minified(workspace, &script)?;
    fs::write(&script, minified).map_err(|error| Failure::file("write", &script, &error))?;
    let mut parts = Vec::new();
    for name in names(&cut)? {
        if name == "app.wasm" {
            continue;
        }
        let (from, to) = (cut.join(&name), folder.join(&name));
        fs::copy(&from, &to).map_err(|error| Failure::file("write", &to, &error))?;
        if name != LINK_MODULE {
            parts.push(name);
        }
    }
    if profile == Profile::Release {
        optimise(workspace, &folder.join("app_bg.wasm"))?;
        for part in &parts {
            optimise(workspace, &folder.join(part))?;
        }
    }
    Ok(Program { folder, parts })
}

/// `cargo rustc`, which hands what follows to the last link alone: the dependencies stay those of
/// every other build. A page to work on keeps the sentences of its panics.
fn compile(workspace: &Workspace, profile: Profile, cargo_profile: &str) -> Outcome {
    let cargo = workspace.cargo("rustc").quiet_cargo();
    let cargo = match profile {
        Profile::Dev => cargo,
        Profile::Release => standard_library::built_in(cargo, TARGET)?,
    };
    cargo
        .args(["--locked", "--package", "tepal-app", "--bin", "app"])
        .args(["--profile", cargo_profile, "--target", TARGET])
        .args(["--", "-Clink-arg=--emit-relocs"])
        .run()
}

fn bindgen(workspace: &Workspace, module: &Path, folder: &Path) -> Outcome {
    Process::new(WASM_BINDGEN.path(workspace))
        // Without the linker's exports the parts would not find the entry's function table.
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir"])
        .arg(folder)
        .arg(module)
        .run()
}

/// Makes `folder`, with nothing in it: a part that is gone must not be found again.
fn empty(folder: &Path) -> Outcome {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))
}

/// Names of what is in `folder`, sorted.
fn names(folder: &Path) -> Outcome<Vec<String>> {
    let failed = |error: std::io::Error| Failure::file("read", folder, &error);
    let mut names = fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    names.sort();
    Ok(names)
}
