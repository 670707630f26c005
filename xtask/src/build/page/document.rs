//! Texts with places for the names of files, and the promise that the document has no inline script.
//!
//! The content security policy of `public/_headers` allows scripts of this origin and none in the
//! document, so that text which slipped into the document would not run.

use crate::failure::{Failure, Outcome};

/// `template` with each `{{name}}` replaced by the file's address.
///
/// # Errors
/// If a place is left, or one of `names` has none.
pub(super) fn fill(template: &str, names: &[(&str, &str)]) -> Outcome<String> {
    let mut text = template.to_owned();
    for (name, file) in names {
        // Absolute, so that a page opened at a deep link finds its files.
        text = put(&text, name, &format!("/{file}"))?;
    }
    match text.find("{{") {
        None => Ok(text),
        Some(at) => {
            let left: String = text.chars().skip(text[..at].chars().count()).take(20).collect();
            Err(Failure::new(format!("a document of the page asks for `{left}`")))
        }
    }
}

/// `template` with `{{name}}` replaced by `value`.
///
/// # Errors
/// If there is no such place.
pub(super) fn put(template: &str, name: &str, value: &str) -> Outcome<String> {
    let place = format!("{{{{{name}}}}}");
    if !template.contains(&place) {
        return Err(Failure::new(format!("a document of the page has no {place}")));
    }
    Ok(template.replace(&place, value))
}

/// Checks that every `<script>` of `html` has a `src`.
///
/// # Errors
/// If one has not: the browser would refuse to run it.
pub(super) fn refuse_inline_scripts(html: &str) -> Outcome {
    let inline = html.split("<script").skip(1).any(|script| {
        let attributes = script.split_once('>').map_or(script, |(attributes, _)| attributes);
        !attributes.split_ascii_whitespace().any(|attribute| attribute.starts_with("src="))
    });
    if inline {
        return Err(Failure::new("app/index.html has an inline script: put it into a file"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_with_absolute_addresses() {
        let names = [("style", "app-1.css"), ("start", "app-2.js")];
        let filled = fill("<link href=\"{{style}}\"><script src=\"{{start}}\">", &names);
        assert_eq!(filled, Ok("<link href=\"/app-1.css\"><script src=\"/app-2.js\">".to_owned()));
    }

    #[test]
    fn a_place_without_a_file_and_a_file_without_a_place_are_refused() {
        assert!(fill("{{style}} {{icon}}", &[("style", "a.css")]).is_err());
        assert!(fill("{{style}}", &[("style", "a.css"), ("start", "a.js")]).is_err());
    }

    #[test]
    fn an_inline_script_is_refused() {
        let with_source = "<script src=\"/app-boot-1.js\"></script><script type=\"module\" src=\"a.js\"></script>";
        assert_eq!(refuse_inline_scripts(with_source), Ok(()));
        assert!(refuse_inline_scripts(&format!("{with_source}<script>1</script>")).is_err());
        assert!(refuse_inline_scripts("<script type=\"module\">import a;</script>").is_err());
    }

    /// The policy that the page is promised, against the file that is shipped.
    #[test]
    fn the_shipped_policy_allows_what_the_page_needs_and_no_more() {
        let headers = include_str!("../../../../public/_headers");
        let policy = headers
            .lines()
            .find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "))
            .unwrap();
        let directives: Vec<_> = policy.split("; ").collect();
        assert_eq!(
            directives,
            [
                "default-src 'self'",
                "script-src 'self' 'wasm-unsafe-eval'",
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
