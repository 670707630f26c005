//! The wasm program of the page and of its workers, cut into an entry and its parts.
//!
//! Cutting needs the linker's relocations and comes before wasm-bindgen, which knows of the entry
//! alone: what the parts import from JavaScript, they import through it (ADR 0011).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::Profile;
use super::super::esbuild;
use super::super::optimise::optimise_renamed;
use super::{boundary, chunks, order, standard_library};
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup::{WASM_BINDGEN, WASM_SPLIT};
use crate::workspace::{Workspace, emptied};

const TARGET: &str = "wasm32-unknown-unknown";

/// What was built, with the names that the tools give.
pub(super) struct Program {
    /// `app.js`, `app_bg.wasm`, [`LINK_MODULE`] and the [`parts`](Self::parts).
    pub(super) folder: PathBuf,
    /// Names of the parts' files, sorted: `split_NAME.wasm`, and `shared_N.wasm` for what
    /// several of them share.
    pub(super) parts: Vec<String>,
}

/// The module that loads the parts.
pub(super) const LINK_MODULE: &str = "__wasm_split.js";

/// Functions up to this size are written out wherever they are called. That is longer, and compresses better: most of
/// them are calls through the table that the parts share, each with a number of its own.
const INLINED: &str = "--always-inline-max-function-size=6";

/// Builds the program, cuts it and makes it small.
///
/// # Errors
/// If a tool fails.
pub(super) fn build(workspace: &Workspace, profile: Profile) -> Outcome<Program> {
    let folder = workspace.state().join("page/app");
    let cargo_profile = match profile {
        Profile::Dev => "release",
        Profile::Release => "wasm",
    };
    compile(workspace, profile, cargo_profile)?;
    let compiled = workspace.target_dir()?.join(TARGET).join(cargo_profile);
    let cut = folder.join("cut");
    // A part that is gone must not be found again.
    let folder = emptied(folder)?;
    Process::new(WASM_SPLIT.path(workspace))
        .args(["--target", "web", "--out-name", "app"])
        .arg(compiled.join("app.wasm"))
        .arg(&cut)
        .run()?;
    if profile == Profile::Release {
        let loader = cut.join(LINK_MODULE);
        let failed = |error| Failure::file("read", &loader, &error);
        let link = chunks::merge(workspace, &cut, &fs::read_to_string(&loader).map_err(failed)?)?;
        fs::write(&loader, link).map_err(|error| Failure::file("write", &loader, &error))?;
    }
    bindgen(workspace, &cut.join("app.wasm"), &folder)?;
    let (script, entry) = (folder.join("app.js"), folder.join("app_bg.wasm"));
    if profile == Profile::Release {
        let module = fs::read(&entry).map_err(|error| Failure::file("read", &entry, &error))?;
        let text = fs::read_to_string(&script);
        let text = text.map_err(|error| Failure::file("read", &script, &error))?;
        let (module, text) = boundary::shortened(&module, &text)?;
        fs::write(&entry, module).map_err(|error| Failure::file("write", &entry, &error))?;
        fs::write(&script, text).map_err(|error| Failure::file("write", &script, &error))?;
    }
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
        let modules = std::iter::once("app_bg.wasm").chain(parts.iter().map(String::as_str));
        let modules: Vec<PathBuf> = modules.map(|name| folder.join(name)).collect();
        let passes = ["-Oz", INLINED];
        on_each_core(&modules, |module| {
            optimise_renamed(workspace, module, &passes, order::named_by_size)
        })?;
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

/// Does `work` on each of `items`, the first of them first, on as many at once as there are cores: the tools that
/// it is for use one.
pub(super) fn on_each_core<T: Sync>(items: &[T], work: impl Fn(&T) -> Outcome + Sync) -> Outcome {
    let next = AtomicUsize::new(0);
    let take = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item)?;
        }
        Ok(())
    };
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_cores.min(items.len())).map(|_| scope.spawn(take)).collect();
        let stopped = || Err(Failure::new("a tool of the page was stopped"));
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| stopped()))
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn everything_is_done_once_or_it_is_a_failure() {
        let done = Mutex::new(Vec::new());
        let work = |item: &usize| {
            done.lock().unwrap().push(*item);
            if *item == 99 { Err(Failure::new("99")) } else { Ok(()) }
        };
        let items: Vec<usize> = (0..40).collect();
        assert_eq!(on_each_core(&items, work), Ok(()));
        let mut all = std::mem::take(&mut *done.lock().unwrap());
        all.sort_unstable();
        assert_eq!(all, items);
        assert!(on_each_core(&[98, 99], work).is_err());
        assert_eq!(on_each_core(&[], work), Ok(()));
    }
}
