//! The standard library of the page, built with the page instead of taken as it comes: its panics end the
//! program without putting a sentence together first, and know no file and line. That is a fifteenth of all
//! that a visitor loads (ADR 0011).
//!
//! The compiler can do so, but calls it unstable. So whether the one in use takes it is tried first, and one that
//! does not builds a page that is larger and else the same.

use crate::console::{say, step};
use crate::failure::Outcome;
use crate::process::Process;

/// Lets a stable compiler take what it calls unstable.
const UNSTABLE: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");

/// A panic is a trap, and no place in a source file is kept for its sentence.
const QUIET_PANICS: [&str; 3] =
    ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"];

/// Adds to a `cargo rustc` for `target` that the standard library is built too, if the compiler in use can.
///
/// # Errors
/// If the compiler cannot be asked.
pub(super) fn built_in(cargo: Process, target: &str) -> Outcome<Process> {
    if !takes_flags(target) || !has_source()? {
        say(
            "This Rust does not build its standard library: the page will be some 50 KB larger than it could be.",
        );
        return Ok(cargo);
    }
    let flags = QUIET_PANICS.map(|flag| format!("\"{flag}\"")).join(",");
    Ok(cargo
        .env(UNSTABLE.0, UNSTABLE.1)
        // Joins those of `.cargo/config.toml`, which RUSTFLAGS would replace.
        .arg("--config")
        .arg(format!("target.{target}.rustflags=[{flags}]"))
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]))
}

fn takes_flags(target: &str) -> bool {
    let rustc = Process::new("rustc").env(UNSTABLE.0, UNSTABLE.1);
    rustc.args(QUIET_PANICS).args(["--target", target, "--print", "cfg"]).succeeds()
}

/// Whether the library's source is there, fetched by rustup if need be.
fn has_source() -> Outcome<bool> {
    let sysroot = Process::new("rustc").args(["--print", "sysroot"]).read()?;
    let lockfile =
        std::path::Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/Cargo.lock");
    if !lockfile.is_file() && Process::new("rustup").arg("--version").succeeds() {
        // Without it the page is larger, which is no reason to stop.
        let _ = step("Adding the source of Rust's standard library", || {
            Process::new("rustup").args(["component", "add", "rust-src"]).run()
        });
    }
    Ok(lockfile.is_file())
}
