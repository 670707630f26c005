//! Python packages in a virtual environment of the user's cache, named after what is pinned.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::console::step;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::workspace::Workspace;

/// The least that the pinned versions take.
const LEAST_VERSION: (u32, u32) = (3, 11);

/// What is to be there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packages {
    /// The file that pins them all.
    requirements: &'static str,
    /// The one that they are there for.
    main: &'static str,
}

/// What `bench training` compares with.
pub(crate) const SCIKIT_LEARN: Packages =
    Packages { requirements: "tests/bench/requirements.txt", main: "scikit-learn" };

/// What runs exported models.
pub(crate) const ONNXRUNTIME: Packages =
    Packages { requirements: "tests/onnx/requirements.txt", main: "onnxruntime" };

/// What reads exported runs.
pub(crate) const MLFLOW: Packages =
    Packages { requirements: "tests/mlflow/requirements.txt", main: "mlflow-skinny" };

impl Packages {
    /// Why there is no environment and none can be made: no Python, an old one, or one without
    /// venv. `None` if there is one, or it can be tried.
    ///
    /// # Errors
    /// If the file that pins them cannot be read.
    pub(crate) fn out_of_reach(&self, workspace: &Workspace) -> Outcome<Option<String>> {
        let home = workspace.tools().join(self.folder_name(&self.read(workspace)?));
        if program_in(&home).is_file() {
            return Ok(None);
        }
        Ok(find_maker(self.main).err().map(|failure| failure.to_string()))
    }

    fn read(&self, workspace: &Workspace) -> Outcome<String> {
        let path = workspace.path(self.requirements);
        fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))
    }

    /// Named after the text that pins the versions: another one is another environment.
    fn folder_name(&self, requirements: &str) -> String {
        let version = pinned(requirements, self.main).unwrap_or("unpinned");
        let hash = Sha256::digest(requirements.replace('\r', ""));
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{version}-{short}", self.main)
    }
}

/// An environment with such packages.
pub(crate) struct Python {
    home: PathBuf,
    /// "scikit-learn 1.9.1".
    description: String,
}

impl Python {
    /// The environment, made if the cache lacks it.
    ///
    /// # Errors
    /// If there is no Python that can make it, or a package cannot be installed.
    pub(crate) fn ensure(workspace: &Workspace, packages: &Packages) -> Outcome<Self> {
        let requirements = packages.read(workspace)?;
        let home = workspace.tools().join(packages.folder_name(&requirements));
        let version = pinned(&requirements, packages.main).unwrap_or_default();
        let python = Self { home, description: format!("{} {version}", packages.main) };
        if !python.program().is_file() {
            let maker = find_maker(packages.main)?;
            let what = &python.description;
            let doing = format!("Installing {what} for Python (a minute, once for this user)");
            let path = workspace.path(packages.requirements);
            step(&doing, || python.install(workspace, &maker, &path))?;
        }
        Ok(python)
    }

    /// `script`, run by this Python without writing compiled files beside it.
    pub(crate) fn run(&self, script: &Path) -> Process {
        Process::new(self.program()).arg("-B").arg(script)
    }

    /// What the table's last line says of it.
    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    /// Where it lies.
    pub(crate) fn program(&self) -> PathBuf {
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

/// The version that a line `package==version` pins.
fn pinned<'a>(requirements: &'a str, package: &str) -> Option<&'a str> {
    let version = |line: &'a str| line.trim().strip_prefix(package)?.strip_prefix("==");
    requirements.lines().find_map(version)
}

/// A Python that can make the environment for `package`: `PYTHON` if it is set, else the system's.
fn find_maker(package: &str) -> Outcome<OsString> {
    let usual = if cfg!(windows) { "python" } else { "python3" };
    let named = env::var_os("PYTHON").filter(|value| !value.is_empty());
    let python = named.unwrap_or_else(|| usual.into());
    let can = |statement: &str| Process::new(&python).args(["-c", statement]).succeeds();
    let (major, minor) = LEAST_VERSION;
    let version = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    let shown = python.to_string_lossy();
    if !can("") {
        return Err(Failure::new(format!(
            "`{shown}` is not there, and {package} needs it: install Python {major}.{minor} or newer from https://www.python.org, or set PYTHON to its program"
        )));
    }
    if !can(&version) {
        return Err(Failure::new(format!(
            "`{shown}` is too old for {package}: set PYTHON to the program of Python {major}.{minor} or newer"
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
        let folder_name = |text: &str| SCIKIT_LEARN.folder_name(text);
        let name = folder_name(one);
        assert!(name.starts_with("scikit-learn-1.9.1-") && name.len() == 31, "{name}");
        assert_ne!(name, folder_name(two));
        assert_eq!(name, folder_name(&one.replace('\n', "\r\n")));
    }

    #[test]
    fn every_requirement_is_pinned() {
        for packages in [SCIKIT_LEARN, ONNXRUNTIME, MLFLOW] {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(packages.requirements);
            let requirements = fs::read_to_string(file).unwrap();
            for line in requirements.lines().filter(|line| !line.starts_with('#')) {
                assert!(line.contains("=="), "{line}");
            }
            assert!(pinned(&requirements, packages.main).is_some());
        }
    }
}
