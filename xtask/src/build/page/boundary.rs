//! What the entry's module and its script know of each other by name.
//!
//! wasm-bindgen names each thing that the program asks of JavaScript after what it is and a hash: 300 names, in
//! the module and in the script, that a browser never shows anybody and that hardly compress. Here they become
//! short ones. And it exports classes for streams that a library of Leptos brings and nobody makes use of: without
//! the exports, wasm-opt drops what stands behind them (ADR 0011).

use super::wasm::{Bytes, EXPORTS, IMPORTS, put_number, put_vector, skip_described, with_sections};
use crate::failure::{Failure, Outcome};

/// The module that wasm-bindgen imports from.
const SCRIPT: &[u8] = b"./app_bg.js";
/// Classes that nobody uses, as the script names them. What they need of the module is named alike, in lower case.
const UNUSED: [&str; 3] =
    ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// `module` and `script` with short names between them, and without what is unused.
///
/// # Errors
/// If either is written otherwise than expected.
pub(super) fn shortened(module: &[u8], script: &str) -> Outcome<(Vec<u8>, String)> {
    let unreadable = || Failure::new("wasm-bindgen writes a module otherwise than expected");
    let mut names = Vec::new();
    let module = with_sections(module, |id, content| match id {
        IMPORTS => imports(content, &mut names),
        EXPORTS => exports(content),
        _ => Some(content.to_vec()),
    });
    let module = module.ok_or_else(unreadable)?;
    if names.is_empty() {
        return Err(unreadable());
    }
    let script = without_unused(script)?;
    Ok((module, renamed(&script, &names)?))
}

/// The section of imports, with those from [`SCRIPT`] numbered; adds their names to `names` in that order.
fn imports(content: &[u8], names: &mut Vec<String>) -> Option<Vec<u8>> {
    let mut rest = Bytes(content);
    let n_imports = rest.number()?;
    let mut written = Vec::new();
    put_number(&mut written, n_imports);
    for _ in 0..n_imports {
        let (module, name) = (rest.vector()?, rest.vector()?);
        put_vector(&mut written, module);
        if module == SCRIPT {
            put_vector(&mut written, short(names.len()).as_bytes());
            names.push(String::from_utf8(name.to_vec()).ok()?);
        } else {
            put_vector(&mut written, name);
        }
        let described = rest.0;
        skip_described(&mut rest)?;
        written.extend_from_slice(&described[..described.len() - rest.0.len()]);
    }
    rest.0.is_empty().then_some(written)
}

/// The section of exports without those of [`UNUSED`].
fn exports(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = Bytes(content);
    let n_exports = rest.number()?;
    let mut kept = Vec::new();
    let mut n_kept = 0;
    for _ in 0..n_exports {
        let name = rest.vector()?;
        let (kind, index) = (rest.byte()?, rest.number()?);
        let text = str::from_utf8(name).ok()?;
        let own = text.strip_prefix("__wbg_").unwrap_or(text);
        let of = |class: &&str| own.split('_').next() == Some(class.to_ascii_lowercase().as_str());
        if !UNUSED.iter().any(of) {
            put_vector(&mut kept, name);
            kept.push(kind);
            put_number(&mut kept, index);
            n_kept += 1;
        }
    }
    let mut written = Vec::new();
    put_number(&mut written, n_kept);
    written.extend(kept);
    rest.0.is_empty().then_some(written)
}

/// `script` without the classes of [`UNUSED`] and what is there for them alone.
fn without_unused(script: &str) -> Outcome<String> {
    let mut script = script.to_owned();
    for class in UNUSED {
        let pieces = [
            (format!("export class {class} {{\n"), "\n}\n"),
            (format!("if (Symbol.dispose) {class}."), "\n"),
            (format!("const {class}Finalization = "), ";\n"),
        ];
        for (start, end) in pieces {
            let cut = script.find(&start).and_then(|from| {
                let until = script[from..].find(end)?;
                Some(from..from + until + end.len())
            });
            let cut = cut
                .ok_or_else(|| Failure::new(format!("the script of the page has no {start:?}")))?;
            script.replace_range(cut, "");
        }
    }
    Ok(script)
}

/// `script` with each of `names` as its module has it now.
fn renamed(script: &str, names: &[String]) -> Outcome<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut written = String::with_capacity(script.len());
    let mut n_found = vec![0; names.len()];
    let mut rest = script;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
        written += before;
        match names.iter().position(|name| name == word) {
            Some(at) => {
                written += &short(at);
                n_found[at] += 1;
            }
            None => written += word,
        }
        rest = after;
    }
    match names.iter().zip(n_found).find(|(_, n_found)| *n_found == 0) {
        Some((name, _)) => Err(Failure::new(format!("the script of the page has no {name:?}"))),
        None => Ok(written + rest),
    }
}

/// The name of the import at a place.
fn short(at: usize) -> String {
    format!("i{at}")
}

#[cfg(test)]
mod tests {
    use super::super::wasm::tests::section;
    use super::*;

    fn import(module: &[u8], name: &str, described: &[u8]) -> Vec<u8> {
        let mut written = Vec::new();
        put_vector(&mut written, module);
        put_vector(&mut written, name.as_bytes());
        written.extend_from_slice(described);
        written
    }

    fn module(first: &str, second: &str, exports: &[&str]) -> Vec<u8> {
        let imports = [
            import(SCRIPT, first, &[0, 0x85, 1]),
            import(b"env", "memory", &[2, 1, 17, 0x80, 0x80, 1]),
            import(b"env", "table", &[1, 0x70, 0, 9]),
            import(b"env", "stack", &[3, 0x7f, 1]),
            import(SCRIPT, second, &[0, 3]),
        ];
        let mut all = vec![5];
        imports.iter().for_each(|import| all.extend_from_slice(import));
        let mut exported = vec![exports.len() as u8];
        for name in exports {
            put_vector(&mut exported, name.as_bytes());
            exported.extend([0, 0x90, 2]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(section(1, &[0]));
        module.extend(section(IMPORTS, &all));
        module.extend(section(EXPORTS, &exported));
        module.extend(section(10, &[7; 300]));
        module
    }

    fn script(first: &str, second: &str) -> String {
        format!(
            "const x = {{\n  {first}: function(a) {{ return {first}x }},\n  {second}: y,\n}};\n"
        )
    }

    fn with_classes(script: &str) -> String {
        let class = |name| {
            format!(
                "export class {name} {{\n    free() {{\n    }}\n}}\nif (Symbol.dispose) {name}.prototype.x = 1;\n\
                 const {name}Finalization = (a === 1)\n    ? {{ f: () => {{}} }}\n    : g(b => wasm.free(b, 1));\n"
            )
        };
        UNUSED.map(class).concat() + script
    }

    #[test]
    fn both_sides_get_the_same_short_names_and_lose_what_is_unused() {
        let long = ["__wbg_new_34e56228080aa9f8", "__wbindgen_generic_0000000000000001"];
        let exports =
            ["memory", "intounderlyingsink_write", "__wbg_intounderlyingsource_free", "main"];
        let (module_of, script_of) = shortened(
            &module(long[0], long[1], &exports),
            &with_classes(&script(long[0], long[1])),
        )
        .unwrap();
        assert_eq!(module_of, module("i0", "i1", &["memory", "main"]));
        // A longer name that begins alike is another.
        let expected = script("i0", "i1").replace("i0x", "__wbg_new_34e56228080aa9f8x");
        assert_eq!(script_of, expected);
    }

    #[test]
    fn what_does_not_fit_is_a_failure() {
        let sound = (module("a", "b", &[]), with_classes(&script("a", "b")));
        assert!(shortened(&sound.0, &sound.1).is_ok());
        assert!(shortened(&sound.0, &with_classes(&script("a", "c"))).is_err());
        assert!(shortened(&sound.0, &script("a", "b")).is_err());
        let imports_end =
            sound.0.len() - section(EXPORTS, &[0]).len() - section(10, &[7; 300]).len();
        for n_bytes in 0..imports_end {
            assert!(shortened(&sound.0[..n_bytes], &sound.1).is_err(), "{n_bytes}");
        }
        assert!(shortened(&sound.0[..sound.0.len() - 1], &sound.1).is_err());
    }
}
