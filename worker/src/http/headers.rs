//! The request headers that this crate reads.
//!
//! The edge hands over these and no others, because each costs a crossing into JavaScript. A test
//! searches the crate for what it reads and compares.

use http::HeaderName;
use http::header::{
    ACCEPT, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, ORIGIN,
};

/// Who is asking, in the caller's own words.
pub(crate) const KEY: HeaderName = HeaderName::from_static("x-tepal-key");

/// Whom the row is about, in the caller's own words.
pub(crate) const SUBJECT: HeaderName = HeaderName::from_static("x-tepal-subject");

/// The platform's name for the request.
pub(crate) const RAY: HeaderName = HeaderName::from_static("cf-ray");

/// All that are read, by the names of `http` or those above.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only the edge picks headers"))]
pub(crate) const READ: [HeaderName; 12] = [
    ACCEPT,
    ACCESS_CONTROL_REQUEST_METHOD,
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    IF_MATCH,
    IF_NONE_MATCH,
    ORIGIN,
    KEY,
    SUBJECT,
    RAY,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    const READERS: [&str; 3] = [".get(", ".get_all(", ".contains_key("];

    /// The crate's sources with their tests left out. The adapters are no readers: they hand over
    /// what is listed here, and what the platform itself tells.
    fn sources() -> Vec<(PathBuf, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "rs")
                    && !path.starts_with(root.join("adapters"))
                    && !path.ends_with("http/headers.rs")
                {
                    let text = fs::read_to_string(&path).unwrap();
                    let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
                    found.push((path, text));
                }
            }
        }
        found
    }

    /// Arguments of the calls that read a header map: whatever is called `headers`, is a variable of
    /// what `headers()` gives, or an argument that is a `HeaderMap`.
    fn names_read(source: &str) -> Vec<String> {
        let text: String = source.chars().filter(|char| !char.is_whitespace()).collect();
        let mut maps = BTreeSet::from(["headers".to_owned(), "headers()".to_owned()]);
        for (at, _) in text.match_indices(":HeaderMap").chain(text.match_indices(":&HeaderMap")) {
            let before = &text[..at];
            let is_name = |char: char| char.is_alphanumeric() || char == '_';
            let name = before.rsplit(|char| !is_name(char)).next().unwrap();
            maps.insert(name.to_owned());
        }
        for statement in text.split([';', '{', '}']).filter(|text| text.ends_with(".headers()")) {
            let name = statement.strip_prefix("let").and_then(|rest| rest.split_once('='));
            maps.extend(name.map(|(name, _)| name.to_owned()));
        }
        let mut names = Vec::new();
        for (map, reader) in maps.iter().flat_map(|map| READERS.map(|reader| (map, reader))) {
            for (at, call) in text.match_indices(&format!("{map}{reader}")) {
                if text[..at].ends_with("response.") {
                    continue;
                }
                let argument = &text[at + call.len()..];
                names.push(argument[..argument.find(')').unwrap()].to_owned());
            }
        }
        names
    }

    /// The constants that the list above consists of.
    fn listed() -> BTreeSet<&'static str> {
        let source = include_str!("headers.rs");
        let (_, list) = source.split_once("pub(crate) const READ: ").unwrap();
        let (list, _) = list.split_once("];\n").unwrap();
        let (_, list) = list.split_once("= [").unwrap();
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    #[test]
    fn every_header_that_is_read_is_handed_over_at_the_edge() {
        let listed = listed();
        assert_eq!(listed.len(), READ.len());
        let mut read = BTreeSet::new();
        for (path, source) in sources() {
            for argument in names_read(&source) {
                let name = argument.trim_start_matches('&').rsplit("::").next().unwrap().to_owned();
                assert!(listed.contains(name.as_str()), "{}: {argument}", path.display());
                read.insert(name);
            }
        }
        for known in ["ACCEPT", "AUTHORIZATION", "CONTENT_LENGTH", "IF_NONE_MATCH", "SUBJECT"] {
            assert!(read.contains(known), "the search no longer finds {known}: {read:?}");
        }
    }

    #[test]
    fn every_header_of_the_documentation_is_handed_over_at_the_edge() {
        let mut described = 0;
        for (path, source) in sources() {
            for line in source.lines().filter(|line| line.contains(", Header, ")) {
                let name = line.split('"').nth(1).unwrap();
                assert!(READ.iter().any(|known| known == name), "{}: {name}", path.display());
                described += 1;
            }
        }
        assert!(described >= 2, "the search no longer finds parameters that are headers");
    }
}
