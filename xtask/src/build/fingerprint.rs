//! Tells whether a build is still good: by the content of what went into it.
//!
//! Times of files would do within one checkout, but not after `git switch`, a copy or a
//! restored cache, and a page that silently stays old costs an hour.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Profile;
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::setup::Tool;
use crate::workspace::Workspace;

/// What an output is made from.
pub(crate) struct Recipe<'a> {
    /// The name of the record that is kept of it.
    pub(crate) name: &'static str,
    /// Files and folders, from the root of the checkout.
    pub(crate) inputs: &'a [&'static str],
    /// The programs that make it.
    pub(crate) tools: &'a [&'a Tool],
    /// A file that exists once it is made, from the root of the checkout.
    pub(crate) output: &'static str,
}

impl Recipe<'_> {
    /// Runs `make` unless the record says that this very input was made before; says
    /// whether it did.
    ///
    /// # Errors
    /// Those of `make`, or if an input cannot be read or the record not written.
    pub(crate) fn ensure(
        &self,
        workspace: &Workspace,
        profile: Profile,
        make: impl FnOnce() -> Outcome,
    ) -> Outcome<bool> {
        let fingerprint = self.fingerprint(workspace, profile)?;
        let record = workspace.state().join(format!("{}.sha256", self.name));
        let recorded = fs::read_to_string(&record).unwrap_or_default();
        if recorded == fingerprint && workspace.path(self.output).is_file() {
            return Ok(false);
        }
        // A build that fails half-way leaves nothing that a record could vouch for.
        let _ = fs::remove_file(&record);
        make()?;
        fs::create_dir_all(workspace.state())
            .and_then(|()| fs::write(&record, fingerprint))
            .map_err(|error| Failure::file("write", &record, &error))?;
        Ok(true)
    }

    fn fingerprint(&self, workspace: &Workspace, profile: Profile) -> Outcome<String> {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            // Each part is preceded by its length, so that no two lists of parts read alike.
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(profile.name().as_bytes());
        part(Process::new("rustc").arg("-V").read()?.as_bytes());
        for tool in self.tools {
            part(tool.version.as_bytes());
        }
        for input in self.inputs {
            for file in files(&workspace.path(input))? {
                let content =
                    fs::read(&file).map_err(|error| Failure::file("read", &file, &error))?;
                part(file.as_os_str().as_encoded_bytes());
                part(&content);
            }
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// `path` if it is a file, else every file below it, sorted; nothing if there is no such path.
///
/// What a build writes below its own sources is left out.
fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(path.is_file().then(|| path.to_path_buf()).into_iter().collect());
    }
    let failed = |error: std::io::Error| Failure::file("read", path, &error);
    let mut entries = fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        let made = entry.file_name().is_some_and(|name| name == "build" || name == "target");
        if !made {
            found.extend(files(&entry)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_leave_out_what_is_built() {
        let base = std::env::temp_dir().join(format!("tepal-files-{}", std::process::id()));
        for file in ["b.rs", "a/z.rs", "a/c.rs", "build/index.js"] {
            let file = base.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        let expected: Vec<_> = ["a/c.rs", "a/z.rs", "b.rs"].map(|file| base.join(file)).into();
        assert_eq!(files(&base), Ok(expected));
        assert_eq!(files(&base.join("missing")), Ok(Vec::new()));
        fs::remove_dir_all(base).unwrap();
    }
}
