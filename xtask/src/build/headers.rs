//! The page's response headers: the template with the hashes of Trunk's inline scripts.
//!
//! The content security policy forbids inline scripts but those it names by hash. Trunk
//! writes one, the loader, and puts hashed file names into it, so its hash is known only
//! after the build.
//! Source: <https://www.w3.org/TR/CSP3/#match-element-to-source-list>.

use std::fs;

use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// What the template has in the place of the hashes.
const PLACEHOLDER: &str = "{{inline-script-hashes}}";

/// Cloudflare ignores longer lines of a `_headers` file.
const LINE_LIMIT: usize = 2_000;

/// Writes `dist/_headers` from `public/_headers` and `dist/index.html`.
///
/// # Errors
/// If a file cannot be read or written, or the template has no place for the hashes.
pub(crate) fn write(workspace: &Workspace) -> Outcome {
    let read = |path: &str| {
        let path = workspace.path(path);
        fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))
    };
    let headers = fill(&read("public/_headers")?, &read("dist/index.html")?)?;
    let path = workspace.path("dist/_headers");
    fs::write(&path, headers).map_err(|error| Failure::file("write", &path, &error))
}

/// `template` with the hashes of the inline scripts of `html`.
fn fill(template: &str, html: &str) -> Outcome<String> {
    if !template.contains(PLACEHOLDER) {
        return Err(Failure::new(format!("public/_headers has no {PLACEHOLDER}")));
    }
    let hashes: Vec<_> = inline_scripts(html).into_iter().map(csp_hash).collect();
    let headers = template.replace(PLACEHOLDER, &hashes.join(" "));
    match headers.lines().find(|line| line.len() > LINE_LIMIT) {
        Some(line) => Err(Failure::new(format!(
            "a line of dist/_headers has {} characters, and Cloudflare reads {LINE_LIMIT}: it has {} inline scripts, move some into files",
            line.len(),
            hashes.len()
        ))),
        None => Ok(headers),
    }
}

/// The text of every `<script>` without a `src`, exactly as it stands.
fn inline_scripts(html: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else {
            break;
        };
        let Some((text, after)) = after.split_once("</script") else {
            break;
        };
        if !attributes.split_ascii_whitespace().any(|attribute| attribute.starts_with("src=")) {
            scripts.push(text);
        }
        rest = after;
    }
    scripts
}

/// `'sha256-…'`, as a content security policy names a script.
fn csp_hash(script: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(script)))
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let symbol = ALPHABET[(group >> (18 - 6 * digit)) as usize & 63];
            text.push(if digit > chunk.len() { '=' } else { char::from(symbol) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_matches_the_vectors_of_rfc_4648() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, encoded) in vectors {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    /// The example of the specification: `alert('Hello, world.');`.
    #[test]
    fn a_script_has_the_hash_that_the_specification_gives() {
        assert_eq!(
            csp_hash("alert('Hello, world.');"),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }

    #[test]
    fn only_scripts_without_a_source_are_inline_and_their_space_counts() {
        let html = "<head><script src=\"a.js\"></script><script type=\"module\">\nimport a;\n</script></head><script>b</script>";
        assert_eq!(inline_scripts(html), ["\nimport a;\n", "b"]);
    }

    #[test]
    fn the_template_is_filled_with_every_hash() {
        let template = "/*\n  Content-Security-Policy: script-src 'self' {{inline-script-hashes}}; base-uri 'self'\n";
        let filled = fill(template, "<script>a</script><script>b</script>").unwrap();
        let expected = format!("script-src 'self' {} {}; base-uri", csp_hash("a"), csp_hash("b"));
        assert!(filled.contains(&expected), "{filled}");
    }

    #[test]
    fn a_template_without_a_place_for_the_hashes_is_refused() {
        assert!(fill("/*\n", "<script>a</script>").is_err());
    }

    #[test]
    fn a_line_that_would_be_ignored_is_refused() {
        let html = "<script>a</script>".repeat(40);
        assert!(fill(PLACEHOLDER, &html).is_err());
    }

    /// The policy that the page is promised, against the file that is shipped.
    #[test]
    fn the_shipped_template_allows_what_the_page_needs_and_no_more() {
        let template = include_str!("../../../public/_headers");
        let policy = template
            .lines()
            .find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "))
            .unwrap();
        let directives: Vec<_> = policy.split("; ").collect();
        assert_eq!(
            directives,
            [
                "default-src 'self'",
                "script-src 'self' 'wasm-unsafe-eval' {{inline-script-hashes}}",
                "worker-src 'self'",
                "style-src-elem 'self'",
                "style-src-attr 'unsafe-inline'",
                "object-src 'none'",
                "base-uri 'self'",
                "frame-ancestors 'none'",
            ]
        );
    }
}
