//! Every public function that the root of `model-core` offers has an example, which is run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tepal_tests::root;

/// The names that the root re-exports.
fn root_names(lib: &str) -> BTreeSet<&str> {
    lib.split("pub use self::")
        .skip(1)
        .filter_map(|rest| rest.split(';').next()?.split_once("::"))
        .flat_map(|(_, names)| names.split(['{', '}', ',']).map(str::trim))
        .filter(|name| !name.is_empty())
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The type of `impl Type {`, without its parameters; none of `impl Trait for Type {`.
fn inherent_impl(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl")?.strip_suffix(" {")?;
    let rest = rest.strip_prefix('<').map_or(rest, |rest| rest.split_once('>').unwrap().1);
    let name = rest.trim().split('<').next()?;
    name.chars().all(char::is_alphanumeric).then_some(name)
}

/// The name of `pub fn name` or `pub const fn name`.
fn public_function(line: &str) -> Option<&str> {
    let line = line.trim_start().strip_prefix("pub ")?;
    let line = line.strip_prefix("const ").unwrap_or(line).strip_prefix("fn ")?;
    line.split(['(', '<']).next()
}

/// The public functions of `names` in one file: how many there are, and those without an example.
fn without_example(source: &str, names: &BTreeSet<&str>) -> (usize, Vec<String>) {
    let (mut of, mut has_example, mut n_functions, mut missing) = (None, false, 0, Vec::new());
    for line in source.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().lines() {
        if line == "}" {
            of = None;
        } else if let Some(name) = inherent_impl(line) {
            of = Some(name);
        }
        let documents = line.trim_start().starts_with("///");
        if let Some(function) = public_function(line) {
            let is_free = !line.starts_with(' ');
            if of.is_some_and(|of| names.contains(of)) || (is_free && names.contains(function)) {
                n_functions += 1;
                if !has_example {
                    missing.push(format!("{}::{function}", of.unwrap_or("model_core")));
                }
            }
        }
        has_example = (has_example && (documents || line.trim_start().starts_with("#[")))
            || (documents && line.contains("```"));
    }
    (n_functions, missing)
}

#[test]
fn every_public_function_of_the_root_has_an_example() {
    let folder = root().join("model-core/src");
    let lib = fs::read_to_string(folder.join("lib.rs")).unwrap();
    let names = root_names(&lib);
    let (mut n_functions, mut missing) = (0, Vec::new());
    for file in sources(&folder) {
        let (n, without) = without_example(&fs::read_to_string(file).unwrap(), &names);
        n_functions += n;
        missing.extend(without);
    }
    assert!(missing.is_empty(), "without an example in their documentation: {missing:#?}");
    assert!(n_functions > 140, "{n_functions} functions found: are the sources still read aright?");
}

#[test]
fn a_function_without_an_example_is_named() {
    let source = "impl Row {\n    /// One.\n    ///\n    /// ```\n    /// ```\n    #[must_use]\n    \
                  pub fn one(&self) {\n    }\n\n    /// Two.\n    pub fn two(&self) {\n    }\n}\n\
                  impl Other {\n    pub fn three() {\n    }\n}\n";
    let (n_functions, missing) = without_example(source, &BTreeSet::from(["Row"]));
    assert_eq!((n_functions, missing), (2, vec!["Row::two".to_owned()]));
}
