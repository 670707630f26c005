//! What a visitor downloads and what a deployment uploads, held under their limits.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::SKIP_VARIABLE;
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// A limit on something that is sent compressed.
struct Limit {
    what: &'static str,
    coding: Coding,
    /// In thousands of bytes.
    kilobytes: u64,
}

const KILOBYTE: u64 = 1_000;

/// How it is compressed on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

const ENTRY: Limit = Limit { what: "page, entry wasm", coding: Coding::Brotli, kilobytes: 250 };
const TRAINER: Limit = Limit { what: "page, trainer wasm", coding: Coding::Brotli, kilobytes: 250 };
const UPLOAD: Limit = Limit { what: "Worker upload", coding: Coding::Gzip, kilobytes: 1_000 };

/// Compresses the files named as arguments, one answer a line. Node is here anyway, and
/// its zlib is compiled, which spares every build of this program two compressors.
const COMPRESS: &str = "
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
const [coding, ...files] = process.argv.slice(1);
const compress = coding === 'brotli' ? brotliCompressSync : gzipSync;
for (const file of files) console.log(compress(readFileSync(file)).length);
";

/// Prints the sizes of what is built and compares each with its limit.
///
/// The Worker's is that of what `wrangler deploy` would send, so this also shows that a
/// deployment bundles.
///
/// # Errors
/// If something is over its limit, is not built, or cannot be bundled.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let dist = workspace.path("dist");
    let sizes = [
        (ENTRY, vec![find(&dist, "app-", "_bg.wasm")?]),
        (TRAINER, vec![find(&dist, "trainer", "_bg.wasm")?]),
        (UPLOAD, upload(workspace)?),
    ];
    let mut over = Vec::new();
    for (limit, files) in &sizes {
        let bytes = compressed(workspace, limit.coding, files)?;
        say(limit.line(bytes));
        if bytes > limit.kilobytes * KILOBYTE {
            over.push(limit.what);
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("too large: {}", over.join(", "))))
}

impl Limit {
    fn line(&self, bytes: u64) -> String {
        let coding = match self.coding {
            Coding::Brotli => "brotli",
            Coding::Gzip => "gzip",
        };
        format!(
            "{:<20} {:>5} KB {coding:<6} (limit {} KB)",
            self.what,
            bytes.div_ceil(KILOBYTE),
            self.kilobytes
        )
    }
}

/// The one file in `folder` whose name starts and ends so.
fn find(folder: &Path, start: &str, end: &str) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut found: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with(start) && name.ends_with(end))
        })
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(file), true) => Ok(file),
        (None, _) => Err(Failure::new(format!("no {start}*{end} in {}", folder.display()))),
        (Some(_), false) => {
            Err(Failure::new(format!("several {start}*{end} in {}", folder.display())))
        }
    }
}

/// What a deployment would upload: the bundle and its modules.
fn upload(workspace: &Workspace) -> Outcome<Vec<PathBuf>> {
    let folder = workspace.state().join("upload");
    let _ = fs::remove_dir_all(&folder);
    workspace
        .wrangler()
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(&folder)
        .env(SKIP_VARIABLE, "1")
        .env("WRANGLER_LOG", "warn")
        .run()?;
    let entries = fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, &error))?;
    let sent = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "js" || extension == "wasm")
    };
    Ok(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(sent).collect())
}

fn compressed(workspace: &Workspace, coding: Coding, files: &[PathBuf]) -> Outcome<u64> {
    let name = match coding {
        Coding::Brotli => "brotli",
        Coding::Gzip => "gzip",
    };
    let answer = workspace
        .node()
        .args(["--input-type=module", "--eval", COMPRESS, "--", name])
        .args(files)
        .read()?;
    answer
        .lines()
        .map(|line| line.trim().parse::<u64>().ok())
        .sum::<Option<u64>>()
        .ok_or_else(|| Failure::new(format!("node answered `{}`", answer.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_rounds_up_and_names_the_limit() {
        assert_eq!(ENTRY.line(250_001), "page, entry wasm       251 KB brotli (limit 250 KB)");
    }

    #[test]
    fn one_file_is_found_by_both_ends_of_its_name() {
        let folder = std::env::temp_dir().join(format!("tepal-size-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("app-0f_bg.wasm"), "").unwrap();
        fs::write(folder.join("app-0f.js"), "").unwrap();
        assert_eq!(find(&folder, "app-", "_bg.wasm"), Ok(folder.join("app-0f_bg.wasm")));
        assert!(find(&folder, "trainer", "_bg.wasm").is_err());
        fs::write(folder.join("app-1f_bg.wasm"), "").unwrap();
        assert!(find(&folder, "app-", "_bg.wasm").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
