//! `bench training`: fit and predict of each family, natively and in wasm, beside scikit-learn
//! on the same rows and parameters in the same run; see `docs/BENCHMARKS.md`.
//!
//! Three programs do the work and are asked in turn, so that a slow spell of the machine falls on
//! all of them: `tests/bench/examples/measure.rs`, `measure.mjs` and `sklearn_bench.py`.

mod edge;
mod figures;
mod page;
mod sides;
mod table;
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub(crate) use self::edge::edge;
use self::figures::{Compared, Kind};
pub(crate) use self::page::page;
use self::sides::{Programs, Sides};
use crate::console::{Clock, duration, say, step};
use crate::failure::{Failure, Outcome};
use crate::process::Process;
use crate::python::{Python, SCIKIT_LEARN};
use crate::setup::{self, Need, WASM_BINDGEN};
use crate::workspace::Workspace;

/// What is measured, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Names of families; all of them if absent.
    pub(crate) families: Option<Vec<String>>,
    /// Data sets by their number of rows.
    pub(crate) sizes: Vec<Size>,
    /// Runs of which the median is taken.
    pub(crate) repeat: usize,
    /// Whether the table is Markdown.
    pub(crate) markdown: bool,
}

/// How many rows there are to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// The 120 training rows of Iris.
    Iris,
    /// So many rows that were made up.
    Rows(usize),
}

/// As `sklearn_bench.py` writes them.
const SIZES: [Size; 4] = [Size::Iris, Size::Rows(150), Size::Rows(1_000), Size::Rows(10_000)];
/// Columns of the data that was made up.
const WIDTHS: [usize; 2] = [4, 20];

/// Runs from which a median is that of warm code.
const ENOUGH: usize = 3;

impl Default for Options {
    fn default() -> Self {
        Self { families: None, sizes: SIZES.to_vec(), repeat: 5, markdown: false }
    }
}

impl Options {
    /// One run on the small data sets, to see that all sides work.
    pub(crate) fn be_quick(&mut self) {
        self.sizes = vec![Size::Iris, Size::Rows(150)];
        self.repeat = 1;
    }
}

/// The sizes with these names.
///
/// # Errors
/// If there is none of a name.
pub(crate) fn sizes(names: &[String]) -> Outcome<Vec<Size>> {
    let named = |size: &Size, name: &str| match size {
        Size::Iris => name == "iris",
        Size::Rows(rows) => name.parse() == Ok(*rows),
    };
    let find = |name: &String| {
        let found = SIZES.into_iter().find(|size| named(size, name));
        found.ok_or_else(|| {
            Failure::new(format!("no data has `{name}` rows; there are iris, 150, 1000 and 10000"))
        })
    };
    names.iter().map(find).collect()
}

/// A data set that all sides read.
struct Data {
    /// "10,000 x 20".
    label: String,
    train: PathBuf,
    held_out: PathBuf,
}

impl Data {
    fn all(folder: &Path, sizes: &[Size]) -> Vec<Self> {
        let data = |label: String, train: String, held_out: String| Self {
            label,
            train: folder.join(train),
            held_out: folder.join(held_out),
        };
        let of = |size: &Size| match *size {
            Size::Iris => {
                vec![data("Iris".into(), "iris.csv".into(), "iris.held_out.csv".into())]
            }
            Size::Rows(rows) => {
                let made = |width: usize| {
                    let label = format!("{} x {width}", table::thousands(rows));
                    data(label, format!("{rows}x{width}.csv"), format!("x{width}.held_out.csv"))
                };
                WIDTHS.map(made).into()
            }
        };
        sizes.iter().flat_map(of).collect()
    }
}

/// A family, as the native side lists it.
struct Family {
    name: String,
    scales_features: bool,
    calibrates: bool,
}

/// Measures, then prints the table and what of SPEC's targets is met.
///
/// # Errors
/// If something is missing that cannot be set up, or a side fails. A missed target is not an
/// error: times depend on the machine.
pub(crate) fn training(workspace: &Workspace, options: &Options) -> Outcome {
    let clock = Clock::start();
    // Python first: it may be what the user must install.
    let python = Python::ensure(workspace, &SCIKIT_LEARN)?;
    setup::ensure(workspace, &[Need::WasmTarget, Need::WasmBindgen, Need::Npm])?;
    let folder = workspace.path("target/bench");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    let native = build_native(workspace)?;
    build_wasm(workspace, &folder)?;
    let script = workspace.path("tests/bench/sklearn_bench.py");
    step("Writing the data", || {
        python
            .run(&script)
            .arg("data")
            .arg(folder.join("data"))
            .arg(workspace.path("model-core/data/iris.csv"))
            .arg(workspace.path("model-core/data/iris.split.json"))
            .run()
    })?;
    let families = families(&native, options.families.as_deref())?;
    let models: Vec<String> = parse(&python.run(&script).arg("models").read()?, names)?;
    let programs = Programs { workspace, python: &python, script: &script, native, wasm: &folder };

    let mut compared = Vec::new();
    for data in Data::all(&folder.join("data"), &options.sizes) {
        for family in &families {
            let sides = Sides::start(&programs, family, &models, &data)?;
            let rows = sides.measure(options.repeat)?;
            say(progress(&data, family, &rows));
            compared.extend(rows);
        }
    }
    save(&folder.join("training.json"), &compared, options.repeat)?;
    report(workspace, &python, &compared, options);
    say(format!("measured in {}", duration(clock.elapsed())));
    Ok(())
}

/// The native program: the release build, as it is shipped.
fn build_native(workspace: &Workspace) -> Outcome<PathBuf> {
    step("Building the native side", || {
        workspace
            .cargo("build")
            .args(["--quiet", "--locked", "--release", "--package", "tepal-bench"])
            .args(["--example", "measure"])
            .run()
    })?;
    let program = format!("measure{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target_dir()?.join("release/examples").join(program))
}

/// The wasm module: built and optimised as the page's program is.
fn build_wasm(workspace: &Workspace, folder: &Path) -> Outcome {
    // Node takes a lone .js file for CommonJS.
    let package = folder.join("package.json");
    fs::write(&package, r#"{"type":"module"}"#)
        .map_err(|error| Failure::file("write", &package, &error))?;
    step("Building the wasm side", || {
        workspace
            .cargo("build")
            .args(["--quiet", "--locked", "--profile", "wasm", "--package", "tepal-bench", "--lib"])
            .args(["--target", "wasm32-unknown-unknown"])
            .run()?;
        let wasm = "wasm32-unknown-unknown/wasm/tepal_bench.wasm";
        Process::new(WASM_BINDGEN.path(workspace))
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(folder)
            .arg(workspace.target_dir()?.join(wasm))
            .run()?;
        let module = folder.join("tepal_bench_bg.wasm");
        workspace
            .node()
            .arg(workspace.path("node_modules/binaryen/bin/wasm-opt"))
            .arg("-Oz")
            .arg(&module)
            .arg("--output")
            .arg(&module)
            .run()
    })
}

/// The families that `wanted` names, or all.
fn families(native: &Path, wanted: Option<&[String]>) -> Outcome<Vec<Family>> {
    let listed = parse(&Process::new(native).arg("families").read()?, |list| {
        let family = |entry: &Value| {
            Some(Family {
                name: entry.get("name")?.as_str()?.to_owned(),
                scales_features: entry.get("scales_features")?.as_bool()?,
                calibrates: entry.get("calibrates")?.as_bool()?,
            })
        };
        list.as_array()?.iter().map(family).collect::<Option<Vec<_>>>()
    })?;
    let Some(wanted) = wanted else { return Ok(listed) };
    if let Some(unknown) = wanted.iter().find(|name| listed.iter().all(|f| f.name != **name)) {
        let names: Vec<_> = listed.iter().map(|family| family.name.as_str()).collect();
        let known = names.join(", ");
        return Err(Failure::new(format!("there is no family `{unknown}`; there are {known}")));
    }
    Ok(listed.into_iter().filter(|family| wanted.contains(&family.name)).collect())
}

fn names(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// What `read` finds in the JSON that a side wrote.
fn parse<T>(text: &str, read: impl FnOnce(&Value) -> Option<T>) -> Outcome<T> {
    let value = serde_json::from_str(text).ok();
    value
        .as_ref()
        .and_then(read)
        .ok_or_else(|| Failure::new(format!("not what was asked for: {}", text.trim())))
}

/// One line as soon as a case is done, so that somebody who waits sees it move.
fn progress(data: &Data, family: &Family, rows: &[Compared]) -> String {
    // The last of a family's rows is the one with all of its work in it.
    let millis = |millis: Option<f64>| millis.map_or_else(|| "-".into(), table::figure);
    let last = rows.iter().rfind(|row| row.kind != Kind::LooseTolerance);
    format!(
        "{}, {}: ours {} ms, wasm {} ms, scikit-learn {} ms",
        data.label,
        family.name,
        millis(last.map(|row| row.ours.fit_millis)),
        millis(last.map(|row| row.wasm.fit_millis)),
        millis(last.and_then(|row| row.theirs.as_ref()).map(|theirs| theirs.fit_millis)),
    )
}

/// All figures as JSON, for whoever wants to look closer.
fn save(path: &Path, compared: &[Compared], repeat: usize) -> Outcome {
    let rows: Vec<_> = compared.iter().map(Compared::to_json).collect();
    let document = json!({ "repeat": repeat, "rows": rows });
    fs::write(path, format!("{document:#}\n")).map_err(|error| Failure::file("write", path, &error))
}

fn report(workspace: &Workspace, python: &Python, compared: &[Compared], options: &Options) {
    let table = table::of(compared);
    let targets = targets::all(compared);
    let (table, targets) = if options.markdown {
        (table.markdown(), table::targets(&targets).markdown())
    } else {
        (table.text(), table::targets(&targets).text())
    };
    let version = |process: Process| process.arg("--version").read().unwrap_or_default();
    say(format!("\n{table}\n{targets}"));
    say(format!(
        "Medians of {}, CPU time, one thread. {}, Node {}, {}, {}",
        options.repeat,
        version(Process::new("rustc")).trim(),
        version(workspace.node()).trim(),
        python.description(),
        processor().unwrap_or_else(|| "an unknown processor".into()),
    ));
    if options.repeat < ENOUGH {
        say(
            "So few runs tell whether it works, and no times: wasm is still being compiled in them",
        );
    }
    if let Some(note) = figures::gradient_note(compared) {
        say(note);
    }
}

/// The processor's name, where Linux tells it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(": ").map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_found_by_name() {
        let names = |text: &[&str]| text.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let found = sizes(&names(&["iris", "10000"]));
        assert_eq!(found, Ok(vec![Size::Iris, Size::Rows(10_000)]));
        assert!(sizes(&names(&["200"])).is_err());
    }

    #[test]
    fn each_size_but_iris_comes_in_two_widths() {
        let labels: Vec<_> =
            Data::all(Path::new("data"), &SIZES).into_iter().map(|data| data.label).collect();
        let made = ["150 x 4", "150 x 20", "1,000 x 4", "1,000 x 20", "10,000 x 4", "10,000 x 20"];
        assert_eq!(labels, [&["Iris"], made.as_slice()].concat());
    }

    #[test]
    fn a_side_that_writes_nonsense_is_quoted() {
        assert_eq!(parse(r#"["svm"]"#, names), Ok(vec!["svm".to_owned()]));
        let sentence = parse("Traceback", names).unwrap_err().to_string();
        assert!(sentence.contains("Traceback"), "{sentence}");
    }
}
