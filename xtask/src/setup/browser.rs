//! A Chromium for the page's tests: named, found, or installed where that needs no asking.

use std::env;
use std::path::{Path, PathBuf};

use crate::console::{say, step};
use crate::failure::{Failure, Outcome};
use crate::process::Process;

/// Names under which Chromium or its kin stand on a PATH, best first.
const PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where installers put it that leave the PATH alone.
const PLACES: [&str; 5] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
];

/// The browser to test with: `CHROMIUM` if it is set, else the first that is found.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    on_path(&folders).or_else(|| PLACES.iter().map(PathBuf::from).find(|file| file.is_file()))
}

fn on_path(folders: &[PathBuf]) -> Option<PathBuf> {
    PROGRAMS.iter().find_map(|program| {
        folders
            .iter()
            .map(|folder| folder.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// Installs Debian's Chromium if none is found and the system's package manager may be
/// used without a password.
///
/// # Errors
/// If `CHROMIUM` names no file, or none is found and none can be installed.
pub(crate) fn ensure() -> Outcome {
    match find() {
        Some(browser) if browser.is_file() => return Ok(()),
        Some(browser) => {
            return Err(Failure::new(format!(
                "CHROMIUM names {}, which is not a file",
                browser.display()
            )));
        }
        None => {}
    }
    if let Some(prefix) = package_manager() {
        let installed = step("Installing chromium through apt-get (about a minute)", || {
            apt(prefix, &["update", "-qq"])?;
            apt(prefix, &["install", "-y", "-qq", "--no-install-recommends", "chromium"])
        });
        match installed {
            Ok(()) if find().is_some() => return Ok(()),
            Ok(()) => {}
            Err(failure) => say(failure.to_string()),
        }
    }
    Err(Failure::new(
        "no Chromium is there to test the page with: install Chromium or Chrome, or set CHROMIUM to its program",
    ))
}

/// What to put before `apt-get`: nothing for root, `sudo -n` where it asks for no password.
fn package_manager() -> Option<&'static [&'static str]> {
    if !Path::new("/usr/bin/apt-get").is_file() {
        return None;
    }
    let user = Process::new("id").arg("-u").read().unwrap_or_default();
    if user.trim() == "0" {
        return Some(&["apt-get"]);
    }
    Process::new("sudo").args(["-n", "true"]).succeeds().then_some(&["sudo", "-n", "apt-get"])
}

fn apt(prefix: &[&str], args: &[&str]) -> Outcome {
    let Some((program, rest)) = prefix.split_first() else {
        return Ok(());
    };
    Process::new(program).args(rest).args(args).env("DEBIAN_FRONTEND", "noninteractive").run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromium_is_preferred_to_chrome_wherever_each_stands() {
        let base = env::temp_dir().join(format!("tepal-browser-{}", std::process::id()));
        let (first, second) = (base.join("first"), base.join("second"));
        for (folder, program) in [(&first, "google-chrome"), (&second, "chromium")] {
            std::fs::create_dir_all(folder).unwrap();
            let file = folder.join(format!("{program}{}", env::consts::EXE_SUFFIX));
            std::fs::write(file, "").unwrap();
        }
        let found = on_path(&[first, second.clone()]).unwrap();
        assert_eq!(found.parent(), Some(second.as_path()));
        std::fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn an_empty_path_has_no_browser() {
        assert_eq!(on_path(&[]), None);
    }
}
