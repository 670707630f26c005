//! scikit-learn in a virtual environment of the user's cache, named after what is pinned.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "tests/bench/requirements.txt";

/// The least that the pinned versions take.
const LEAST_VERSION: (u32, u32) = (3, 11);

/// An environment with the packages of `tests/bench/requirements.txt`.
pub(super) struct Python {
    home: PathBuf,
    /// "scikit-learn 1.9.1".
    sklearn: String,
}

impl Python {
    /// The environment, made if the cache lacks it.
    ///
    /// # Errors
    /// If there is no Python that can make it, or a package cannot be installed.
    pub(super) fn ensure(workspace: &Workspace) -> Outcome<Self> {
        let path = workspace.path(REQUIREMENTS);
        let requirements =
            fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let home = workspace.tools().join(folder_name(&requirements));
        let sklearn = pinned(&requirements, "scikit-learn").unwrap_or_default();
        let python = Self { home, sklearn: format!("scikit-learn {sklearn}") };
        if !python.program().is_file() {
            let maker = find_maker()?;
            let doing =
                format!("Installing {} for Python (a minute, once for this user)", python.sklearn);
            step(&doing, || python.install(workspace, &maker, &path))?;
        }
        Ok(python)
    }

    /// `script`, run by this Python without writing compiled files beside it.
    pub(super) fn run(&self, script: &Path) -> Process {
        Process::new(self.program()).arg("-B").arg(script)
    }

    /// What the table's last line says of it.
    pub(super) fn description(&self) -> &str {
        &self.sklearn
    }

    fn program(&self) -> PathBuf {
        program_in(&self.home)
    }

    /// Installs beside the final folder and renames, so that an interrupted installation never
    /// looks like a finished one. An environment may move, as long as only its Python is started.
    fn install(&self, workspace: &Workspace, maker: &OsString, requirements: &Path) -> Outcome {
        let staging = workspace.tools().join(format!(".python-{}", std::process::id()));
        Process::new(maker).args(["-m", "venv"]).arg(&staging).run()?;
        Process::new(program_in(&staging))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            // Without this a missing wheel would be compiled, for half an hour.
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(requirements)
            .run()?;
        match fs::rename(&staging, &self.home) {
            Err(error) if !self.program().is_file() => {
                Err(Failure::file("write", &self.home, &error))
            }
            // Somebody else finished the same installation first; theirs is as good.
            Err(_) => {
                let _ = fs::remove_dir_all(&staging);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

fn program_in(home: &Path) -> PathBuf {
    home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Named after the text that pins the versions: another one is another environment.
fn folder_name(requirements: &str) -> String {
    let version = pinned(requirements, "scikit-learn").unwrap_or("unpinned");
    let hash = Sha256::digest(requirements.replace('\r', ""));
    let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("scikit-learn-{version}-{short}")
}

/// The version that a line `package==version` pins.
fn pinned<'a>(requirements: &'a str, package: &str) -> Option<&'a str> {
    let version = |line: &'a str| line.trim().strip_prefix(package)?.strip_prefix("==");
    requirements.lines().find_map(version)
}

/// A Python that can make the environment: `PYTHON` if it is set, else the system's.
fn find_maker() -> Outcome<OsString> {
    let usual = if cfg!(windows) { "python" } else { "python3" };
    let named = env::var_os("PYTHON").filter(|value| !value.is_empty());
    let python = named.unwrap_or_else(|| usual.into());
    let can = |statement: &str| Process::new(&python).args(["-c", statement]).succeeds();
    let (major, minor) = LEAST_VERSION;
    let version = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    let shown = python.to_string_lossy();
    if !can("") {
        return Err(Failure::new(format!(
            "`{shown}` is not there, and scikit-learn needs it: install Python {major}.{minor} or newer from https://www.python.org, or set PYTHON to its program"
        )));
    }
    if !can(&version) {
        return Err(Failure::new(format!(
            "`{shown}` is too old for scikit-learn: set PYTHON to the program of Python {major}.{minor} or newer"
        )));
    }
    // Debian packs the two apart from Python.
    if !can("import venv, ensurepip") {
        return Err(Failure::new(format!(
            "`{shown}` lacks its module venv: install it (`apt-get install python3-venv` on Debian and Ubuntu), or set PYTHON to another Python"
        )));
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_versions_are_another_environment() {
        let (one, two) = ("scikit-learn==1.9.1\nnumpy==2.4.6\n", "scikit-learn==1.9.1\n");
        let name = folder_name(one);
        assert!(name.starts_with("scikit-learn-1.9.1-") && name.len() == 31, "{name}");
        assert_ne!(name, folder_name(two));
        assert_eq!(name, folder_name(&one.replace('\n', "\r\n")));
    }

    #[test]
    fn every_requirement_is_pinned() {
        let requirements = include_str!("../../../tests/bench/requirements.txt");
        for line in requirements.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains("=="), "{line}");
        }
        assert_eq!(pinned(requirements, "scikit-learn"), Some("1.9.1"));
    }
}
