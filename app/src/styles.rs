//! The styles of a part: they lie in its program and come with it, so that the entry's sheet has what
//! the entry draws and no more.
//!
//! A sheet that a script makes is no inline style to a content security policy, which forbids those.

use std::cell::RefCell;

use leptos::prelude::document;
use web_sys::CssStyleSheet;

/// A style sheet without what only people read.
macro_rules! sheet {
    ($path:literal) => {{
        const CSS: &[u8] = include_str!($path).as_bytes();
        const SMALL: ([u8; CSS.len()], usize) = shortened(CSS);
        match str::from_utf8(SMALL.0.split_at(SMALL.1).0) {
            Ok(css) => css,
            Err(_) => panic!("the sheet is text, and only ASCII is taken out"),
        }
    }};
}

/// `css` without comments, line ends, indentation, and blanks that separate nothing: a kilobyte less of all that the
/// parts weigh, compressed. What is in quotes stays. The shorter text and its length, with zeros behind.
const fn shortened<const N: usize>(css: &[u8]) -> ([u8; N], usize) {
    let mut short = [0; N];
    let (mut at, mut n_bytes) = (0, 0);
    let mut quote = 0;
    while at < css.len() {
        let byte = css[at];
        let next = if at + 1 < css.len() { css[at + 1] } else { b'\n' };
        let before = if n_bytes > 0 { short[n_bytes - 1] } else { b'\n' };
        let is_dropped = quote == 0
            && match byte {
                b'\n' => true,
                b' ' => {
                    matches!(before, b'\n' | b' ' | b';' | b'{' | b'}' | b':' | b',')
                        || matches!(next, b'{' | b'\n')
                }
                _ => false,
            };
        if quote == 0 && byte == b'/' && next == b'*' {
            at += 2;
            while css[at] != b'*' || css[at + 1] != b'/' {
                at += 1;
            }
            at += 2;
            continue;
        }
        if byte == quote {
            quote = 0;
        } else if quote == 0 && matches!(byte, b'"' | b'\'') {
            quote = byte;
        }
        if byte == b'\n'
            && quote == 0
            && before != b'\n'
            && !matches!(before, b';' | b'{' | b'}' | b',')
        {
            // A value or a selector that goes on in the next line.
            if !matches!(before, b' ') {
                short[n_bytes] = b' ';
                n_bytes += 1;
            }
        } else if !is_dropped {
            short[n_bytes] = byte;
            n_bytes += 1;
        }
        at += 1;
    }
    (short, n_bytes)
}

/// The page Data.
pub(crate) const DATA: &str = sheet!("../style/data.css");
/// A long table, wherever there is one.
pub(crate) const ROWS: &str = sheet!("../style/rows.css");
/// The page Runs.
pub(crate) const RUNS: &str = sheet!("../style/runs.css");
/// What a training came to, on Train and below the answer on Classify.
pub(crate) const RESULTS: &str = sheet!("../style/results.css");

/// What Classify says beyond its answer.
pub(crate) const WHY: &str = sheet!("../style/why.css");
/// What a training takes, wherever one is started.
pub(crate) const SETTINGS: &str = sheet!("../style/settings.css");
/// The page Registry.
pub(crate) const REGISTRY: &str = sheet!("../style/registry.css");
/// The page Monitor.
pub(crate) const MONITOR: &str = sheet!("../style/monitor.css");
/// A model as files and programs.
pub(crate) const EXPORTS: &str = sheet!("../style/exports.css");

thread_local! {
    /// What the document has already: the texts are constants, each a whole sheet.
    static ADOPTED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Adds `css` to the document, behind its other styles, unless it is there.
pub(crate) fn adopt(css: &'static str) {
    let is_new = ADOPTED.with_borrow_mut(|adopted| {
        let is_new = !adopted.contains(&css);
        if is_new {
            adopted.push(css);
        }
        is_new
    });
    if !is_new {
        return;
    }
    let sheet = CssStyleSheet::new().and_then(|sheet| sheet.replace_sync(css).map(|()| sheet));
    match sheet {
        Ok(sheet) => {
            document().adopted_style_sheets().push(&sheet);
        }
        // A browser of before 2023: what the part draws is there, and plain.
        Err(error) => leptos::logging::warn!("the styles of a part are not taken: {error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(css: &str, expected: &str) {
        let (short, n_bytes) = shortened::<400>(css.as_bytes());
        assert_eq!(str::from_utf8(&short[..n_bytes]), Ok(expected));
    }

    #[test]
    fn a_sheet_loses_what_only_people_read() {
        check(
            "/* What. */\n\n.a > .b :hover,\n.c {\n  margin: 0 auto;\n  /* Why; {no}. */\n}\n",
            ".a > .b :hover,.c{margin:0 auto;}",
        );
        check(
            "@media (max-width: 40rem) {\n  a {\n    color: red;\n  }\n}\n",
            "@media (max-width:40rem){a{color:red;}}",
        );
        check(
            "a {\n  grid-template:\n    \"a  b\" 1fr\n    \"c, d: {\" / auto;\n}\n",
            "a{grid-template: \"a  b\" 1fr \"c, d: {\" / auto;}",
        );
        check(
            "a::before {\n  content: '/* no: comment */';\n}",
            "a::before{content:'/* no: comment */';}",
        );
        check("", "");
    }

    #[test]
    fn no_sheet_of_a_part_has_comments_or_lines() {
        for css in [DATA, ROWS, RUNS, RESULTS, WHY, SETTINGS, REGISTRY, MONITOR, EXPORTS] {
            assert!(css.len() > 100 && !css.contains("/*") && !css.contains(['\n', '\0']), "{css}");
            assert_eq!(css.matches('{').count(), css.matches('}').count());
        }
    }
}
