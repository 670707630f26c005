//! What several parts share, in few files.
//!
//! The tool that cuts the program makes a chunk for each set of parts that share something: with nine parts a
//! hundred of them, most below a kilobyte, each a request and each compressed by itself. Here those become one
//! that whoever opens Classify needs of the same parts; whatever else shares them gets a little more than
//! it asked for, once (ADR 0011).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::optimise::FEATURES;
use super::program::on_each_core;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// The parts that a first visit loads, that of the workers among them: what these share comes exactly.
const FIRST: [&str; 2] = ["why", "workers"];
/// The module that cut files import memory, table and stack from.
const SHARED: &str = "__wasm_split";
/// The same for a merged file: a module that is merged with them has the other name.
const OUTSIDE: &str = "shared";

/// A chunk as the tool names it.
#[derive(Debug, PartialEq, Eq)]
struct Chunk<'a> {
    /// Its loader in the module that loads the parts.
    loader: &'a str,
    file: &'a str,
    /// How its loader is written, with who needs it.
    text: &'a str,
    /// The parts of [`FIRST`] that need it, joined; the first of them if none does.
    of: String,
}

/// Merges the chunks in `folder`, and has `link`, the module that loads the parts, load what they became.
///
/// # Errors
/// If a tool fails or writes something else than it did.
pub(super) fn merge(workspace: &Workspace, folder: &Path, link: &str) -> Outcome<String> {
    let chunks = chunks(link)?;
    let mut groups = BTreeMap::<&str, Vec<&Chunk>>::new();
    for chunk in &chunks {
        groups.entry(&chunk.of).or_default().push(chunk);
    }
    if groups.is_empty() {
        return Ok(link.to_owned());
    }
    let hub = hub(workspace, folder, chunks.first().map_or("", |chunk| chunk.file))?;
    let groups: Vec<(usize, Vec<&Chunk>)> = groups.into_values().enumerate().collect();
    on_each_core(&groups, |(at, group)| {
        let mut merge = workspace.node().arg(tool(workspace, "wasm-merge")).args(FEATURES);
        merge = merge.args(["-g", "--skip-export-conflicts"]).arg(&hub).arg(SHARED);
        for chunk in group {
            merge = merge.arg(folder.join(chunk.file)).arg(chunk.file);
        }
        merge.arg("--output").arg(folder.join(file_of(*at))).run()
    })?;
    let _ = fs::remove_file(hub);
    for chunk in &chunks {
        let path = folder.join(chunk.file);
        fs::remove_file(&path).map_err(|error| Failure::file("remove", &path, &error))?;
    }
    let groups: Vec<Vec<&Chunk>> = groups.into_iter().map(|(_, group)| group).collect();
    linked(link, &groups)
}

fn tool(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.path("node_modules/binaryen/bin").join(name)
}

fn file_of(group: usize) -> String {
    format!("shared_{group}.wasm")
}

/// The chunks that `link` loads.
fn chunks(link: &str) -> Outcome<Vec<Chunk<'_>>> {
    let mut found = Vec::new();
    let mut rest = link;
    while let Some(at) = rest.find("/* ") {
        let Some(chunk) = chunk(&rest[at..]) else {
            return Err(Failure::new("the loader of a chunk is not as expected"));
        };
        rest = &rest[at + chunk.text.len()..];
        found.push(chunk);
    }
    if found.len() != link.matches("\nconst __chunk_").count() {
        return Err(Failure::new("not every chunk says which parts need it"));
    }
    Ok(found)
}

/// The chunk whose loader `text` begins with.
fn chunk(text: &str) -> Option<Chunk<'_>> {
    const END: &str = "\n, []);\n";
    let text = &text[..text.find(END)? + END.len()];
    let (parts, loading) = text.strip_prefix("/* ")?.split_once(" */\nconst ")?;
    let (loader, loading) = loading.split_once(" = makeLoad(")?;
    let (_, file) = loading.split_once("new URL(\"./")?;
    let (file, _) = file.split_once('"')?;
    let parts: Vec<&str> = parts.split(", ").collect();
    let mut first: Vec<&str> = FIRST.into_iter().filter(|part| parts.contains(part)).collect();
    if first.is_empty() {
        // By itself, and compressed by itself, what no first part needs would be 5 KB more of all.
        first.push(FIRST[0]);
    }
    Some(Chunk { loader, file, text, of: first.join(", ") })
}

/// A module that hands on what every chunk imports, so that a merged one imports it once.
fn hub(workspace: &Workspace, folder: &Path, chunk: &str) -> Outcome<PathBuf> {
    let listing =
        workspace.node().arg(tool(workspace, "wasm-dis")).arg(folder.join(chunk)).read()?;
    let module = handing_on(&listing).ok_or_else(|| {
        Failure::new(format!("{chunk} imports something else than memory, table and stack"))
    })?;
    let (text, binary) = (folder.join("hub.wat"), folder.join("hub.bin"));
    fs::write(&text, module).map_err(|error| Failure::file("write", &text, &error))?;
    workspace
        .node()
        .arg(tool(workspace, "wasm-as"))
        .args(FEATURES)
        .arg(&text)
        .arg("--output")
        .arg(&binary)
        .run()?;
    let _ = fs::remove_file(text);
    Ok(binary)
}

/// The text of a module that imports from [`OUTSIDE`] what the module listed so imports from [`SHARED`], and
/// exports it under the same names.
fn handing_on(listing: &str) -> Option<String> {
    let imports = listing.lines().map(str::trim).filter_map(|line| line.strip_prefix("(import "));
    let (mut taken, mut given) = (String::new(), String::new());
    for (at, import) in imports.enumerate() {
        let (name, what) = import.strip_prefix(&format!("\"{SHARED}\" \""))?.split_once("\" (")?;
        let (kind, rest) = what.split_once(" $")?;
        let (_, kind_of) = rest.split_once(' ')?;
        taken += &format!("(import \"{OUTSIDE}\" \"{name}\" ({kind} $i{at} {kind_of}\n");
        given += &format!("(export \"{name}\" ({kind} $i{at}))\n");
    }
    (!taken.is_empty()).then(|| format!("(module\n{taken}{given})\n"))
}

/// `link`, which loads one file for each of `groups`.
fn linked(link: &str, groups: &[Vec<&Chunk<'_>>]) -> Outcome<String> {
    const RETURNED: &str = "    return sharedImports;\n";
    if link.matches(RETURNED).count() != 1 {
        return Err(Failure::new("what the parts share is no longer told as expected"));
    }
    let told = format!("    sharedImports.{OUTSIDE} = sharedImports.{SHARED};\n{RETURNED}");
    let mut link = link.replace(RETURNED, &told);
    for (at, group) in groups.iter().enumerate() {
        let file = file_of(at);
        for (nth, chunk) in group.iter().enumerate() {
            let text = if nth == 0 {
                chunk
                    .text
                    .replace(chunk.file, &file)
                    .replace(chunk.loader, &format!("__group_{at}"))
            } else {
                String::new()
            };
            link = link.replace(chunk.text, &text);
        }
    }
    // Whoever needs several of a group waits for it once.
    let lists = link.split_inclusive("\n, [").map(|piece| {
        let (before, after) = piece.split_once("]").unwrap_or((piece, ""));
        let names: Vec<&str> = before.split(", ").collect();
        if names.iter().all(|name| name.starts_with("__chunk_")) {
            let mut needed: Vec<String> = Vec::new();
            for name in names {
                let group =
                    groups.iter().position(|group| group.iter().any(|it| it.loader == name));
                let group = group.map_or_else(|| name.to_owned(), |at| format!("__group_{at}"));
                if !needed.contains(&group) {
                    needed.push(group);
                }
            }
            format!("{}]{after}", needed.join(", "))
        } else {
            piece.to_owned()
        }
    });
    Ok(lists.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tool writes, as far as it matters here.
    const LINK: &str = "function getSharedImports() {\n    return sharedImports;\n}\n\
        /* data, why */\nconst __chunk_7 = makeLoad(() => {\n    fetch(new URL(\"./chunk_7.wasm\", import.meta.url));\n}\n, []);\n\
        /* data, train */\nconst __chunk_8 = makeLoad(() => {\n    fetch(new URL(\"./chunk_8.wasm\", import.meta.url));\n}\n, []);\n\
        /* data, train, why */\nconst __chunk_9 = makeLoad(() => {\n    fetch(new URL(\"./chunk_9.wasm\", import.meta.url));\n}\n, []);\n\
        export const __wasm_split_load_data = wrapAsyncCb(makeLoad(() => {\n}\n, [__chunk_7, __chunk_8, __chunk_9]));\n\
        export const __wasm_split_load_planned = wrapAsyncCb(makeLoad(() => {\n}\n, []));\n";

    #[test]
    fn chunks_that_a_first_visit_needs_alike_are_one() {
        let chunks = chunks(LINK).unwrap();
        let of: Vec<_> = chunks.iter().map(|it| (it.loader, it.file, it.of.as_str())).collect();
        let expected = [
            ("__chunk_7", "chunk_7.wasm", "why"),
            ("__chunk_8", "chunk_8.wasm", "why"),
            ("__chunk_9", "chunk_9.wasm", "why"),
        ];
        assert_eq!(of, expected);
        // However they are dealt, each is loaded once.
        let groups = [vec![&chunks[1]], vec![&chunks[0], &chunks[2]]];
        let linked = linked(LINK, &groups).unwrap();
        assert!(linked.contains(
            "/* data, train */\nconst __group_0 = makeLoad(() => {\n    fetch(new URL(\"./shared_0.wasm\", import.meta.url));\n}\n, []);\n"
        ), "{linked}");
        assert_eq!(linked.matches("new URL(\"./shared_1.wasm\"").count(), 1);
        assert!(
            linked.contains(
                "load_data = wrapAsyncCb(makeLoad(() => {\n}\n, [__group_1, __group_0]));"
            ),
            "{linked}"
        );
        assert!(linked.contains("load_planned = wrapAsyncCb(makeLoad(() => {\n}\n, []));"));
        assert!(linked.contains("sharedImports.shared = sharedImports.__wasm_split;\n    return"));
        assert!(!linked.contains("__chunk_"));
    }

    #[test]
    fn another_form_of_the_loaders_is_refused() {
        assert!(chunks(&LINK.replace("/* data, train */\n", "")).is_err());
        assert!(chunks(&LINK.replace("makeLoad(", "load(")).is_err());
        assert!(linked(&LINK.replace("return sharedImports", "return them"), &[]).is_err());
    }

    #[test]
    fn what_every_chunk_imports_is_handed_on() {
        let listing = "(module\n (import \"__wasm_split\" \"memory\" (memory $mimport$0 20))\n \
                       (import \"__wasm_split\" \"table\" (table $timport$0 61 funcref))\n (elem $0 (i32.const 1) $f)\n)";
        let expected = "(module\n(import \"shared\" \"memory\" (memory $i0 20))\n\
                        (import \"shared\" \"table\" (table $i1 61 funcref))\n\
                        (export \"memory\" (memory $i0))\n(export \"table\" (table $i1))\n)\n";
        assert_eq!(handing_on(listing).as_deref(), Some(expected));
        assert_eq!(handing_on("(module\n (import \"env\" \"f\" (func $f))\n)"), None);
    }
}
