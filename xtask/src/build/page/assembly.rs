//! Puts `dist/` together: every file that may be kept for a year has a name made of its content.
//!
//! `public/_headers` calls `app-*` immutable. That is true because the name of such a file is a hash
//! of its bytes, and what it refers to it names in those bytes: an entry finds the parts that it
//! was built with, or none. Two modules that refer to each other share one hash, of both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::super::Profile;
use super::super::esbuild;
use super::program::{LINK_MODULE, Program};
use super::{document, locale, offline};
use crate::failure::{Failure, Outcome};
use crate::workspace::{Workspace, emptied};

/// The style sheets of the entry, in the order in which they hold: the page has them as one file. Those
/// of a part lie in its program.
const STYLES: [&str; 3] = ["tokens.css", "base.css", "components.css"];

/// Pages, each at the path of its name, and the part that draws it.
const PAGES: [(&str, &str); 5] = [
    ("data", "training"),
    ("monitor", "models"),
    ("registry", "models"),
    ("runs", "models"),
    ("train", "training"),
];

/// Files that go into `dist/` as they are. Their names are known to others.
const PUBLIC: [&str; 10] = [
    "_headers",
    "favicon.ico",
    "icon-180.png",
    "icon-192.png",
    "icon-512.png",
    "icon-maskable.png",
    "icon.svg",
    "api.json",
    "manifest.webmanifest",
    "robots.txt",
];

/// The data sets that the page offers, fetched when one is chosen: `data-NAME` in `dist/`.
const DATA: [(&str, &str); 4] = [
    ("model-core/data", "iris.csv"),
    ("model-core/data", "penguins.csv"),
    ("model-core/data", "wine.csv"),
    ("app/data", "adult.csv"),
];

/// The languages of the page beside English: each has a catalogue in `app/locales`.
const LANGUAGES: [&str; 1] = ["de"];

/// Writes `dist/` anew.
///
/// # Errors
/// If a file cannot be read or written, or a reference to be replaced is not there.
pub(super) fn assemble(workspace: &Workspace, profile: Profile, program: &Program) -> Outcome {
    let dist = Dist { folder: emptied(workspace.state().join("page/dist"))? };

    let entry = dist.program(program)?;
    let style = STYLES
        .iter()
        .map(|name| text(&workspace.path("app/style").join(name)))
        .collect::<Outcome<Vec<_>>>()?
        .concat();
    let style = small(workspace, "app.css", &style)?;
    let style = dist.hashed("app-", "", ".css", style.as_bytes())?;
    let start = text(&workspace.path("app/start.js"))?;
    let start = document::put(&start, "parts", &entry.parts)?;
    let keeper = match profile {
        Profile::Dev => String::new(),
        Profile::Release => {
            let script = esbuild::minified(workspace, &workspace.path("app/offline.js"))?;
            format!("/{}", dist.hashed("app-offline-", "", ".js", script.as_bytes())?)
        }
    };
    let start = document::put(&start, "offline", &keeper)?;
    let names = [("script", entry.module.as_str()), ("wasm", &entry.wasm)];
    let start = document::fill(&start, &names)?;
    let start = small(workspace, "app-start.js", &start)?;
    let start = dist.hashed("app-start-", "", ".js", start.as_bytes())?;
    let worker = text(&workspace.path("app/worker.js"))?;
    let worker = document::fill(&worker, &names)?;
    let worker = dist.hashed("app-worker-", "", ".js", worker.as_bytes())?;
    let boot = esbuild::minified(workspace, &workspace.path("app/boot.js"))?;
    let boot = dist.hashed("app-boot-", "", ".js", boot.as_bytes())?;
    let mut html = short(&text(&workspace.path("app/index.html"))?);
    for language in LANGUAGES {
        let catalogue = text(&workspace.path("app/locales").join(format!("{language}.json")))?;
        let texts = locale::texts(&catalogue)?;
        let name = dist.hashed(&format!("app-words-{language}-"), "", ".txt", texts.as_bytes())?;
        html = document::put(&html, &format!("words-{language}"), &format!("/{name}"))?;
    }
    for (folder, name) in DATA {
        let content = bytes(&workspace.path(folder).join(name))?;
        dist.named(&format!("data-{name}"), &content)?;
    }
    for name in PUBLIC {
        dist.named(name, &bytes(&workspace.path("public").join(name))?)?;
    }
    let files = dist.files()?;
    let version = offline::version(&html, &files);
    let html = document::put(&html, "version", &version)?;
    let names = [
        ("script", entry.module.as_str()),
        ("loader", &entry.loader),
        ("wasm", &entry.wasm),
        ("style", &style),
        ("start", &start),
        ("worker", &worker),
        ("boot", &boot),
    ];
    let html = document::fill(&html, &names)?;
    document::refuse_inline_scripts(&html)?;
    dist.named("index.html", html.as_bytes())?;
    let core = names.map(|(_, name)| name);
    let keeper = offline::worker(workspace, profile, &version, &core, &files)?;
    dist.named(offline::NAME, keeper.as_bytes())?;
    dist.take_the_place_of(&workspace.path("dist"))
}

/// `content`, a script or style sheet that was put together, without what only people read.
fn small(workspace: &Workspace, name: &str, content: &str) -> Outcome<String> {
    let whole = workspace.state().join("page").join(name);
    fs::write(&whole, content).map_err(|error| Failure::file("write", &whole, &error))?;
    esbuild::minified(workspace, &whole)
}

/// `html` without indentation and lines of comment. It holds no text whose blanks are shown.
fn short(html: &str) -> String {
    let lines = html.lines().map(str::trim);
    let is_comment = |line: &&str| line.starts_with("<!--") && line.ends_with("-->");
    lines.filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
}

/// Names of the entry.
struct Entry {
    module: String,
    /// The module that loads the parts.
    loader: String,
    wasm: String,
    /// The files of each of [`PAGES`], as JSON.
    parts: String,
}

/// The folder, as it fills.
struct Dist {
    folder: PathBuf,
}

impl Dist {
    /// Entry, parts and the two modules between them.
    fn program(&self, program: &Program) -> Outcome<Entry> {
        let wasm = bytes(&program.folder.join("app_bg.wasm"))?;
        let wasm = self.hashed("app-", "_bg", ".wasm", &wasm)?;
        let script = text(&program.folder.join("app.js"))?;
        let script = replace(&script, "new URL(\"app_bg.wasm\",", &format!("new URL(\"{wasm}\","))?;
        let mut link = text(&program.folder.join(LINK_MODULE))?;
        for part in &program.parts {
            let content = bytes(&program.folder.join(part))?;
            let stem = part.trim_end_matches(".wasm").trim_start_matches("split_");
            let name = self.hashed(&format!("app-{stem}-"), "", ".wasm", &content)?;
            link = replace(&link, &format!("\"./{part}\""), &format!("\"./{name}\""))?;
        }
        let parts = addresses(&link)?;
        let both = hash(&[script.as_bytes(), link.as_bytes()]);
        let (module, loader) = (format!("app-{both}.js"), format!("app-parts-{both}.js"));
        let script =
            replace(&script, &format!("from\"./{LINK_MODULE}\""), &format!("from\"./{loader}\""))?;
        let link = replace(&link, "from \"./app.js\"", &format!("from \"./{module}\""))?;
        self.named(&module, script.as_bytes())?;
        self.named(&loader, link.as_bytes())?;
        Ok(Entry { module, loader, wasm, parts })
    }

    /// Writes `content` under a name with its hash, and returns the name.
    fn hashed(&self, start: &str, end: &str, extension: &str, content: &[u8]) -> Outcome<String> {
        let name = format!("{start}{}{end}{extension}", hash(&[content]));
        self.named(&name, content)?;
        Ok(name)
    }

    fn named(&self, name: &str, content: &[u8]) -> Outcome {
        let path = self.folder.join(name);
        fs::write(&path, content).map_err(|error| Failure::file("write", &path, &error))
    }

    /// What is there by now, sorted by name.
    fn files(&self) -> Outcome<Vec<(String, Vec<u8>)>> {
        let mut paths = entries(&self.folder)?;
        paths.sort();
        let file = |path: PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, bytes(&path)?))
        };
        paths.into_iter().map(file).collect()
    }

    /// Empties `dist` and fills it, keeping the folder: a server that runs watches it.
    fn take_the_place_of(&self, dist: &Path) -> Outcome {
        let failed = |error: std::io::Error| Failure::file("write", dist, &error);
        fs::create_dir_all(dist).map_err(failed)?;
        let moved = |from: PathBuf| -> std::io::Result<()> {
            match from.file_name() {
                Some(name) => fs::rename(&from, dist.join(name)),
                None => Ok(()),
            }
        };
        let old: Vec<PathBuf> = entries(dist)?;
        let new: Vec<PathBuf> = entries(&self.folder)?;
        for path in
            old.iter().filter(|old| new.iter().all(|new| new.file_name() != old.file_name()))
        {
            let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            gone.map_err(failed)?;
        }
        new.into_iter().try_for_each(moved).map_err(failed)
    }
}

/// The addresses of the files of each of [`PAGES`] that was built, as JSON by the page's name.
///
/// # Errors
/// If the module that loads the parts is written otherwise than expected.
fn addresses(link: &str) -> Outcome<String> {
    let built = PAGES.iter().filter(|(_, part)| link.contains(&loads(part)));
    let files = built.map(|(page, part)| {
        let files = files(link, part).ok_or_else(|| {
            Failure::new(format!("the module that loads the part {part} is not as expected"))
        })?;
        Ok((*page, files))
    });
    let files = files.collect::<Outcome<BTreeMap<_, _>>>()?;
    Ok(serde_json::json!(files).to_string())
}

/// What the loader of `part` begins with.
fn loads(part: &str) -> String {
    format!("__wasm_split_load_{part} = ")
}

/// Addresses of the part's own file and of those that it shares with other parts.
fn files(link: &str, part: &str) -> Option<Vec<String>> {
    let file = |of: &str| Some(format!("/{}", between(of, "new URL(\"./", "\"")?));
    let (_, own) = link.split_once(&loads(part))?;
    let shared = between(own, ", [", "]")?.split(", ").filter(|chunk| !chunk.is_empty());
    let shared = shared.map(|chunk| file(link.split_once(&format!("{chunk} = "))?.1));
    std::iter::once(file(own)).chain(shared).collect()
}

/// What stands between the first `start` and the `end` after it.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside)
}

fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| Failure::file("read", folder, &error))
}

/// The first 64 bits of a SHA-256, in hexadecimal. Each of `contents` is preceded by its length.
pub(super) fn hash(contents: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for content in contents {
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// `text` with every `old` replaced.
///
/// # Errors
/// If there is none: then a tool writes something else than it did, and the page would not load.
fn replace(text: &str, old: &str, new: &str) -> Outcome<String> {
    if !text.contains(old) {
        return Err(Failure::new(format!("a tool of the page no longer writes `{old}`")));
    }
    Ok(text.replace(old, new))
}

fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

fn text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_loses_what_only_people_read() {
        let html = "<!doctype html>\n  <!-- Why. -->\n  <p>\n    One <!-- word -->\n  </p>\n";
        assert_eq!(short(html), "<!doctype html>\n<p>\nOne <!-- word -->\n</p>");
    }

    /// What the tools write, as far as it matters here.
    fn built(base: &Path, part: &str) -> Program {
        let app = base.join("app");
        fs::create_dir_all(&app).unwrap();
        let script = r#"import*as i from"./__wasm_split.js";new URL("app_bg.wasm",import.meta.url);({"./__wasm_split.js":i})"#;
        let link = "import { initSync } from \"./app.js\";\nfetch(new URL(\"./split_train.wasm\", import.meta.url))";
        for (name, content) in [
            ("app.js", script),
            (LINK_MODULE, link),
            ("app_bg.wasm", "entry"),
            ("split_train.wasm", part),
        ] {
            fs::write(app.join(name), content).unwrap();
        }
        Program { folder: app, parts: vec!["split_train.wasm".to_owned()] }
    }

    fn program(base: &Path, part: &str) -> (Dist, Entry) {
        let dist = Dist { folder: base.join(part) };
        fs::create_dir_all(&dist.folder).unwrap();
        let entry = dist.program(&built(base, part)).unwrap();
        (dist, entry)
    }

    fn names(dist: &Dist, start: &str) -> Vec<String> {
        let names = entries(&dist.folder).unwrap();
        let names = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
        names.filter(|name| name.starts_with(start)).collect()
    }

    #[test]
    fn an_entry_names_the_parts_that_it_was_built_with() {
        let base = std::env::temp_dir().join(format!("tepal-assembly-{}", std::process::id()));
        let (old, old_entry) = program(&base, "old");
        let (new, new_entry) = program(&base, "new");
        let part = |dist: &Dist| names(dist, "app-train-").remove(0);
        assert_eq!(part(&old), format!("app-train-{}.wasm", hash(&[b"old"])));
        assert_ne!(part(&old), part(&new));
        // The entry itself is the same, and the modules that name the parts are not.
        assert_eq!(old_entry.wasm, new_entry.wasm);
        assert_ne!(old_entry.module, new_entry.module);
        for (dist, entry) in [(&old, &old_entry), (&new, &new_entry)] {
            let script = text(&dist.folder.join(&entry.module)).unwrap();
            let linked = names(dist, "app-parts-").remove(0);
            assert!(script.contains(&format!("from\"./{linked}\"")), "{script}");
            assert!(script.contains("\"./__wasm_split.js\":i"), "what the wasm asks for stays");
            let link = text(&dist.folder.join(linked)).unwrap();
            assert!(link.contains(&format!("\"./{}\"", part(dist))), "{link}");
            assert!(link.contains(&format!("from \"./{}\"", entry.module)), "{link}");
        }
        fs::remove_dir_all(base).unwrap();
    }

    const LINK: &str = r#"const __chunk_5 = makeLoad(() => {
    const src = fetch(new URL("./app-chunk_5-1.wasm", import.meta.url));
}
, []);
export const __wasm_split_load_training = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./app-training-2.wasm", import.meta.url));
}
, [__chunk_5]));
export const __wasm_split_load_planned = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./app-planned-3.wasm", import.meta.url));
}
, [])); "#;

    #[test]
    fn a_page_is_known_with_all_files_of_its_part() {
        let files = r#"["/app-training-2.wasm","/app-chunk_5-1.wasm"]"#;
        let expected = format!(r#"{{"data":{files},"train":{files}}}"#);
        assert_eq!(addresses(LINK), Ok(expected));
        assert!(addresses(&LINK.replace("new URL", "at")).is_err());
    }

    #[test]
    fn a_reference_that_is_not_there_stops_the_build() {
        assert!(replace("import a from './app.mjs'", "./app.js", "./app-0.js").is_err());
    }

    #[test]
    fn what_was_in_the_folder_before_is_gone() {
        let base = std::env::temp_dir().join(format!("tepal-dist-{}", std::process::id()));
        let dist = base.join("dist");
        fs::create_dir_all(dist.join("old")).unwrap();
        fs::write(dist.join("app-0.js"), "old").unwrap();
        fs::write(dist.join("index.html"), "old").unwrap();
        let staged = Dist { folder: base.join("staging") };
        fs::create_dir_all(&staged.folder).unwrap();
        staged.named("index.html", b"new").unwrap();
        staged.take_the_place_of(&dist).unwrap();
        assert_eq!(entries(&dist), Ok(vec![dist.join("index.html")]));
        assert_eq!(text(&dist.join("index.html")), Ok("new".to_owned()));
        fs::remove_dir_all(base).unwrap();
    }
}
