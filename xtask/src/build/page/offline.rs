//! What the page has with no network: the list of its files, its version, and the worker that keeps them
//! (ADR 0013).

use std::path::Path;

use super::super::Profile;
use super::super::esbuild;
use super::{assembly::hash, document};
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// The worker that keeps the page. Browsers look at this address for a new version.
pub(super) const NAME: &str = "sw.js";

/// Paths that are answered with the page's document; a test holds them to those that the Worker serves.
const PAGES: [&str; 6] = ["/", "/data", "/train", "/runs", "/registry", "/monitor"];

/// Files of `dist/` that no page asks for.
const NOT_OF_THE_PAGE: [&str; 3] = ["_headers", "api.json", "robots.txt"];

/// The version of a page with this document and these files, each a name and its content: another one as
/// soon as a byte differs.
pub(super) fn version(html: &str, files: &[(String, Vec<u8>)]) -> String {
    let files = files.iter().flat_map(|(name, content)| [name.as_bytes(), content]);
    hash(&std::iter::once(html.as_bytes()).chain(files).collect::<Vec<_>>())
}

/// The worker for a page of this version and these files; `core` are those among them that it starts with. In
/// development it is one that makes room.
///
/// # Errors
/// If its source cannot be read or made small, or one of `core` is no file.
pub(super) fn worker(
    workspace: &Workspace,
    profile: Profile,
    version: &str,
    core: &[&str],
    files: &[(String, Vec<u8>)],
) -> Outcome<String> {
    if profile == Profile::Dev {
        return read(&workspace.path("app/sw-dev.js"));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let script = filled(&read(&workspace.path("app/sw.js"))?, version, core, &names)?;
    let whole = workspace.state().join("page").join(NAME);
    std::fs::write(&whole, script).map_err(|error| Failure::file("write", &whole, &error))?;
    esbuild::minified(workspace, &whole)
}

/// `template` with what it keeps.
fn filled(template: &str, version: &str, core: &[&str], names: &[&str]) -> Outcome<String> {
    if let Some(missing) = core.iter().find(|name| !names.contains(name)) {
        return Err(Failure::new(format!("the page starts with {missing}, which is not there")));
    }
    let is_other = |name: &&&str| !core.contains(*name) && !NOT_OF_THE_PAGE.contains(*name);
    let rest: Vec<&str> = names.iter().filter(is_other).copied().collect();
    let script = document::put(template, "version", version)?;
    let script = document::put(&script, "core", &addresses(core))?;
    let script = document::put(&script, "rest", &addresses(&rest))?;
    document::put(&script, "pages", &serde_json::json!(PAGES).to_string())
}

/// Absolute addresses, as JSON.
fn addresses(names: &[&str]) -> String {
    let addresses: Vec<String> = names.iter().map(|name| format!("/{name}")).collect();
    serde_json::json!(addresses).to_string()
}

fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_keeps_every_file_of_the_page_and_answers_its_paths() {
        let names =
            ["_headers", "app-0.js", "app-train-1.wasm", "data-iris.csv", "icon.svg", "robots.txt"];
        let template = "v={{version}} c={{core}} r={{rest}} p={{pages}}";
        let expected = "v=7 c=[\"/app-0.js\"] r=[\"/app-train-1.wasm\",\"/data-iris.csv\",\"/icon.svg\"] \
                        p=[\"/\",\"/data\",\"/train\",\"/runs\",\"/registry\",\"/monitor\"]";
        assert_eq!(filled(template, "7", &["app-0.js"], &names), Ok(expected.to_owned()));
        assert!(filled(template, "7", &["app-2.js"], &names).is_err());
    }

    #[test]
    fn the_paths_are_those_that_the_edge_answers_with_the_page() {
        assert_eq!(PAGES, tepal_api::pages::ALL);
    }

    #[test]
    fn the_worker_has_a_place_for_each_of_them() {
        let script = include_str!("../../../../app/sw.js");
        assert!(!filled(script, "7", &[], &[]).unwrap().contains("{{"));
    }

    #[test]
    fn a_byte_more_anywhere_is_another_version() {
        let of = |html, name: &str, content: &str| {
            version(html, &[(name.to_owned(), content.as_bytes().to_vec())])
        };
        let first = of("html", "icon.svg", "a");
        assert_eq!(first, of("html", "icon.svg", "a"));
        for other in
            [of("html ", "icon.svg", "a"), of("html", "icon.sv", "ga"), of("html", "icon.svg", "b")]
        {
            assert_ne!(first, other);
        }
    }

    /// What is installed looks like the page: its colours are those of `tokens.css`, and its icons are there.
    #[test]
    fn the_manifest_has_the_colours_and_icons_of_the_page() {
        let text = include_str!("../../../../public/manifest.webmanifest");
        let manifest: serde_json::Value = serde_json::from_str(text).unwrap();
        let tokens = include_str!("../../../../app/style/tokens.css");
        let html = include_str!("../../../../app/index.html");
        // Light, then dark.
        let papers: Vec<&str> = tokens
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--paper: ")?.strip_suffix(';'))
            .take(2)
            .collect();
        for colour in ["theme_color", "background_color"] {
            assert_eq!(manifest[colour], papers[0], "{colour}");
        }
        for (scheme, paper) in ["light", "dark"].iter().zip(papers) {
            let meta = format!(
                "<meta name=\"theme-color\" content=\"{paper}\" media=\"(prefers-color-scheme: {scheme})\" />"
            );
            assert!(html.contains(&meta), "{meta}");
        }
        let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public");
        for icon in manifest["icons"].as_array().unwrap() {
            let path = public.join(icon["src"].as_str().unwrap().trim_start_matches('/'));
            assert!(path.is_file(), "{}", path.display());
        }
    }
}
