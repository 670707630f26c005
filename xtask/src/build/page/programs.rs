//! The wasm programs of the page: the page's own, cut into an entry and its parts, and its workers'.
//!
//! Cutting needs the linker's relocations and comes before wasm-bindgen, which knows of the entry
//! alone: what the parts import from JavaScript, they import through it (ADR 0011).

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use super::super::Profile;
use super::super::optimise::optimise;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup::{WASM_BINDGEN, WASM_SPLIT};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// What was built: folders with the names that the tools give.
pub(super) struct Programs {
    /// `app.js`, `app_bg.wasm`, [`LINK_MODULE`] and the [`parts`](Self::parts).
    pub(super) app: PathBuf,
    /// Of each of [`WORKERS`], the folder with `NAME.js` and `NAME_bg.wasm`.
    pub(super) workers: Vec<PathBuf>,
    /// Names of the parts' files in `app`, sorted: `split_NAME.wasm`, and `chunk_N.wasm` for what
    /// several of them share.
    pub(super) parts: Vec<String>,
}

/// The module that loads the parts.
pub(super) const LINK_MODULE: &str = "__wasm_split.js";

/// What computes beside the page, each a program of its own: `trainer` trains, `lab` reads files.
pub(crate) const WORKERS: [&str; 2] = ["trainer", "lab"];

/// Builds the page's program and its workers side by side: a link of the whole program is the work of
/// one core.
///
/// # Errors
/// If a tool fails.
pub(super) fn build(workspace: &Workspace, profile: Profile) -> Outcome<Programs> {
    let compiled = workspace.target_dir()?.join(TARGET);
    let folder = workspace.state().join("page");
    let app = folder.join("app");
    let workers = WORKERS.map(|name| folder.join(name)).to_vec();
    thread::scope(|scope| {
        let workers_built = scope.spawn(|| {
            WORKERS.iter().zip(&workers).try_for_each(|(name, folder)| {
                build_worker(workspace, profile, &compiled, name, folder)
            })
        });
        let parts = build_app(workspace, profile, &compiled, &app);
        let workers_built = workers_built.join();
        workers_built.map_err(|_| Failure::new("the build of a worker broke off"))??;
        Ok(Programs { app, workers: workers.clone(), parts: parts? })
    })
}

fn build_app(
    workspace: &Workspace,
    profile: Profile,
    compiled: &Path,
    folder: &Path,
) -> Outcome<Vec<String>> {
    let cargo_profile = match profile {
        Profile::Dev => "release",
        Profile::Release => "page",
    };
    compile(workspace, "app", cargo_profile).args(["--", "-Clink-arg=--emit-relocs"]).run()?;
    let cut = folder.join("cut");
    empty(folder)?;
    Process::new(WASM_SPLIT.path(workspace))
        .args(["--target", "web", "--out-name", "app"])
        .arg(compiled.join(cargo_profile).join("app.wasm"))
        .arg(&cut)
        .run()?;
    // Without the linker's exports the parts would not find the entry's function table.
    bindgen(workspace, &cut.join("app.wasm"), folder, &["--keep-lld-exports"])?;
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
        optimise(workspace, &folder.join("app_bg.wasm"), "-Oz")?;
        for part in &parts {
            optimise(workspace, &folder.join(part), "-Oz")?;
        }
    }
    Ok(parts)
}

fn build_worker(
    workspace: &Workspace,
    profile: Profile,
    compiled: &Path,
    name: &str,
    folder: &Path,
) -> Outcome {
    // The trainer is to be fast. The lab was no slower when it was small (ADR 0011).
    let cargo_profile = match (profile, name) {
        (Profile::Release, "lab") => "page",
        _ => "release",
    };
    compile(workspace, name, cargo_profile).run()?;
    empty(folder)?;
    let program = compiled.join(cargo_profile).join(format!("{name}.wasm"));
    bindgen(workspace, &program, folder, &[])?;
    match profile {
        Profile::Dev => Ok(()),
        Profile::Release => optimise(workspace, &folder.join(format!("{name}_bg.wasm")), "-O3"),
    }
}

/// `cargo rustc`, which hands what follows to the last link alone: the dependencies stay those of
/// every other build.
fn compile(workspace: &Workspace, bin: &str, cargo_profile: &str) -> Process {
    workspace
        .cargo("rustc")
        .quiet_cargo()
        .args(["--locked", "--package", "tepal-app", "--bin", bin])
        .args(["--profile", cargo_profile, "--target", TARGET])
}

fn bindgen(workspace: &Workspace, module: &Path, folder: &Path, flags: &[&str]) -> Outcome {
    Process::new(WASM_BINDGEN.path(workspace))
        .args(["--target", "web", "--no-typescript"])
        .args(flags)
        .arg("--out-dir")
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
