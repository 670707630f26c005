//! Keeps wasm-bindgen's two halves, the crate and the command line, at one version.

use std::fs;

use super::tools::Tool;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// Checks that Cargo.lock has wasm-bindgen in the version of `tool`.
///
/// The halves speak a private format to each other, and a mismatch otherwise shows as
/// an error deep inside the build.
///
/// # Errors
/// If Cargo.lock cannot be read, lacks wasm-bindgen, or has another version.
pub(crate) fn check_wasm_bindgen(workspace: &Workspace, tool: &Tool) -> Outcome {
    let path = workspace.path("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    check(&lock, tool.version)
}

fn check(lock: &str, expected: &str) -> Outcome {
    match version(lock, "wasm-bindgen") {
        Some(got) if got == expected => Ok(()),
        Some(got) => Err(Failure::new(format!(
            "Cargo.lock has wasm-bindgen {got} but the pinned tool is {expected}: run `cargo update -p wasm-bindgen --precise {expected}`, or raise the pin in xtask/src/setup/tools.rs"
        ))),
        None => Err(Failure::new("Cargo.lock has no wasm-bindgen: run `cargo update -w`")),
    }
}

/// The version of `package` in the text of a Cargo.lock; the first if there are several.
fn version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| quoted(line, "name") == Some(package))?;
    lines.next().and_then(|line| quoted(line, "version"))
}

/// The value of a line `key = "value"`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen-macro"
version = "0.2.7"

[[package]]
name = "wasm-bindgen"
version = "0.2.129"
source = "registry"
"#;

    #[test]
    fn a_version_is_read_by_the_whole_name() {
        assert_eq!(version(LOCK, "wasm-bindgen"), Some("0.2.129"));
        assert_eq!(version(LOCK, "wasm-bindgen-macro"), Some("0.2.7"));
        assert_eq!(version(LOCK, "wasm"), None);
    }

    #[test]
    fn a_mismatch_says_what_to_type() {
        assert_eq!(check(LOCK, "0.2.129"), Ok(()));
        let sentence = check(LOCK, "0.2.130").unwrap_err().to_string();
        assert!(sentence.contains("wasm-bindgen 0.2.129"), "{sentence}");
        assert!(sentence.contains("cargo update -p wasm-bindgen --precise 0.2.130"), "{sentence}");
    }

    #[test]
    fn a_lock_without_wasm_bindgen_is_refused() {
        assert!(check("version = 4\n", "0.2.129").is_err());
    }
}
