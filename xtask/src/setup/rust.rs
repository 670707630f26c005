//! The wasm32 target of the toolchain in use.

use std::path::Path;

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::process::Process;

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target through rustup if the compiler in use lacks it.
///
/// The compiler is asked and not rustup, so that a toolchain that came without rustup
/// and has the target is good enough. rustup's own automatic installation can be
/// switched off, so `rust-toolchain.toml` alone does not do it.
///
/// # Errors
/// If the target is missing and rustup is too, or rustup cannot add it.
pub(crate) fn ensure_wasm_target() -> Outcome {
    let libdir =
        Process::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).read()?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    if !Process::new("rustup").arg("--version").succeeds() {
        return Err(Failure::new(format!(
            "this Rust lacks the target {TARGET} and there is no rustup to add it: install Rust from https://rustup.rs"
        )));
    }
    step(&format!("Adding the Rust target {TARGET}"), || {
        Process::new("rustup").args(["target", "add", TARGET]).run()
    })
}
