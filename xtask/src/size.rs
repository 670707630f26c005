//! What a visitor downloads and what a deployment uploads, held under their limits.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::build::SKIP_VARIABLE;
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// A limit on something that is sent compressed.
struct Limit {
    what: Cow<'static, str>,
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

/// What Classify needs until it can be used: program, scripts, styles and document.
const ENTRY: Limit =
    Limit { what: Cow::Borrowed("page, entry"), coding: Coding::Brotli, kilobytes: 250 };
/// All programs, scripts, styles and the document: what a visitor has who has been everywhere.
const WHOLE: Limit =
    Limit { what: Cow::Borrowed("page, all of it"), coding: Coding::Brotli, kilobytes: 900 };
const UPLOAD: Limit =
    Limit { what: Cow::Borrowed("Worker upload"), coding: Coding::Gzip, kilobytes: 1_000 };

/// What the names of the scripts begin with that keep the page for when there is no network: it is in use by then.
const KEEPING: [&str; 2] = ["app-offline-", "sw.js"];

/// What the names of the page's catalogues begin with.
const WORDS: &str = "app-words-";

/// The limit of a part that is loaded on first use.
fn part(name: &str) -> Limit {
    Limit { what: format!("page, part {name}").into(), coding: Coding::Brotli, kilobytes: 250 }
}

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
    let page = Page::of(names(&workspace.path("dist"))?)?;
    let mut sizes = vec![(ENTRY, page.entry)];
    sizes.extend(page.parts.into_iter().map(|(name, file)| (part(&name), vec![file])));
    sizes.extend([(WHOLE, page.whole), (UPLOAD, upload(workspace)?)]);
    let mut over = Vec::new();
    for (limit, files) in &sizes {
        let bytes = compressed(workspace, limit.coding, files)?;
        say(limit.line(bytes));
        if bytes > limit.kilobytes * KILOBYTE {
            over.push(limit.what.as_ref());
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("too large: {}", over.join(", "))))
}

/// The files of the built page, by when they are loaded.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    entry: Vec<PathBuf>,
    /// Each with its name.
    parts: Vec<(String, PathBuf)>,
    whole: Vec<PathBuf>,
}

impl Page {
    /// Sorts `files`. Every program, script and style sheet is of the entry unless its name says
    /// otherwise, so that a new one is not forgotten.
    ///
    /// # Errors
    /// If there is no program or part among them: then the page was not built as a whole.
    fn of(files: Vec<PathBuf>) -> Outcome<Self> {
        let (mut entry, mut parts, mut whole) = (vec![], vec![], vec![]);
        for file in files {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_counted = name.starts_with(WORDS)
                || [".wasm", ".js", ".css", ".html"].iter().any(|end| name.ends_with(end));
            if !is_counted {
                continue;
            }
            whole.push(file.clone());
            if let Some(part) = part_name(name) {
                parts.push((part.to_owned(), file));
            } else if !KEEPING.iter().any(|start| name.starts_with(start)) {
                entry.push(file);
            }
        }
        let is_program =
            |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
        if !entry.iter().any(is_program) || parts.is_empty() {
            return Err(Failure::new("dist lacks the page's program or the parts of it"));
        }
        Ok(Self { entry, parts, whole })
    }
}

/// `NAME` of `app-NAME-HASH.wasm` or, of a catalogue, `app-NAME-HASH.txt`; nothing for the entry, `app-HASH_bg.wasm`.
fn part_name(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".wasm").or_else(|| file.strip_suffix(".txt"))?;
    let (name, hash) = stem.strip_prefix("app-")?.rsplit_once('-')?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(name)
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

/// The files in `folder`, sorted.
fn names(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
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
    let sent = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "js" || extension == "wasm")
    };
    Ok(names(&folder)?.into_iter().filter(sent).collect())
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
        assert_eq!(ENTRY.line(250_001), "page, entry            251 KB brotli (limit 250 KB)");
        assert_eq!(
            part("train").line(64_743),
            "page, part train        65 KB brotli (limit 250 KB)"
        );
    }

    fn files(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn files_of_the_page_are_told_apart_by_when_they_are_loaded() {
        let entry = [
            "app-0f.css",
            "app-0f.js",
            "app-0f_bg.wasm",
            "app-boot-0f.js",
            "app-parts-0f.js",
            "app-worker-0f.js",
            "index.html",
        ];
        let keeping = ["app-offline-0f.js", "sw.js"];
        let parts = ["app-chunk_3-0f.wasm", "app-train-0f.wasm", "app-words-de-0f.txt"];
        let others = ["_headers", "icon.svg", "robots.txt"];
        let all = files(&[&entry[..], &parts, &keeping, &others].concat());
        let page = Page::of(all).unwrap();
        assert_eq!(page.entry, files(&entry));
        let part_of = |name: &str, file: &str| (name.to_owned(), PathBuf::from(file));
        let expected = [("chunk_3", parts[0]), ("train", parts[1]), ("words-de", parts[2])];
        assert_eq!(page.parts, expected.map(|(name, file)| part_of(name, file)));
        assert_eq!(page.whole, files(&[&entry[..], &parts, &keeping].concat()));
    }

    #[test]
    fn a_page_that_was_not_built_as_a_whole_has_no_size() {
        assert!(Page::of(files(&["index.html"])).is_err());
        assert!(Page::of(files(&["app-0f_bg.wasm", "app-0f.js"])).is_err());
    }
}
