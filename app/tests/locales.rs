//! Every text that is marked for translation has one in each catalogue, and the catalogues have no other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The catalogues beside English.
const CATALOGUES: [&str; 1] = ["de"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every source file of the page, without its tests.
fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![folder("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "i18n.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
                sources.push((path, code.to_owned()));
            }
        }
    }
    sources
}

/// The literal that `code` begins with, as the compiler reads it.
fn literal(code: &str) -> Option<String> {
    let mut letters = code.trim_start().strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                'n' => text.push('\n'),
                'u' => {
                    let digits: String =
                        letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect();
                    text.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                '\n' => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                other => text.push(other),
            },
            letter => text.push(letter),
        }
    }
}

/// What is marked, with a place where it is.
fn marked() -> BTreeMap<String, PathBuf> {
    let mut marked = BTreeMap::new();
    for (path, code) in sources() {
        for mark in ["t!(", "key!("] {
            for (at, _) in code.match_indices(mark) {
                // `assert!(` and the like end the same.
                if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                    continue;
                }
                let text = literal(&code[at + mark.len()..]);
                let text = text.unwrap_or_else(|| panic!("{path:?}: a mark without a literal"));
                marked.insert(text, path.clone());
            }
        }
    }
    marked
}

fn catalogue(language: &str) -> BTreeMap<String, String> {
    let path = folder("locales").join(format!("{language}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The names of the holes of a text.
fn holes(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn every_marked_text_has_a_translation_and_every_translation_a_text() {
    let marked = marked();
    assert!(marked.len() > 500, "{} texts found: the marks are written otherwise", marked.len());
    for language in CATALOGUES {
        let catalogue = catalogue(language);
        let missing: Vec<_> =
            marked.iter().filter(|(text, _)| !catalogue.contains_key(*text)).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:#?}");
        let unused: Vec<_> = catalogue.keys().filter(|text| !marked.contains_key(*text)).collect();
        assert!(unused.is_empty(), "{language} has what the page never says: {unused:#?}");
    }
}

#[test]
fn a_translation_has_the_holes_of_its_text_and_is_one() {
    for language in CATALOGUES {
        for (english, text) in catalogue(language) {
            assert_eq!(holes(&english), holes(&text), "{language}: {english}");
            assert!(!text.trim().is_empty(), "{language}: {english}");
            let ends = |text: &str| text.trim_end().ends_with(['.', '?', '!', '…', ':']);
            assert_eq!(
                ends(&english),
                ends(&text),
                "{language}: {english:?} and {text:?} end alike"
            );
        }
    }
}

/// Words that stand in a view or an attribute as they are would be English in every language.
#[test]
fn no_words_stand_in_a_view_unmarked() {
    let is_word = |text: &str| {
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        letters > 1 && !["Tepal", "OpenAPI", "ONNX", "JSON"].contains(&text.trim())
    };
    let mut unmarked = Vec::new();
    for (path, code) in sources() {
        for (before, what) in [
            (">\"", "child"),
            ("aria-label=\"", "label"),
            ("title=\"", "title"),
            ("placeholder=\"", "placeholder"),
        ] {
            for (at, _) in code.match_indices(before) {
                let text = literal(&code[at + before.len() - 1..]).unwrap_or_default();
                if is_word(&text) {
                    unmarked.push((path.clone(), what, text));
                }
            }
        }
        // A child on a line of its own; one after an opening mark is marked.
        let lines: Vec<&str> = code.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let child = pair[1].strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let is_marked = pair[0].ends_with("!(");
            if let Some(text) =
                child.filter(|text| !is_marked && is_word(text) && !text.contains('"'))
            {
                unmarked.push((path.clone(), "line", text.to_owned()));
            }
        }
    }
    assert!(unmarked.is_empty(), "{unmarked:#?}");
}
