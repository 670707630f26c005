//! `detect_drift` on windows that do not fit their reference in every cell.
//!
//! As `command_line.rs`, this needs the examples, which `cargo test -p model-core` builds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap().join("examples");
    let program = folder.join(format!("detect_drift{}", std::env::consts::EXE_SUFFIX));
    Command::new(&program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; build the examples", program.display()))
}

/// What a run prints, which must end with code 0 and without a word on the standard error.
fn printed(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = run(arguments);
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success() && stderr.is_empty(), "{arguments:?}: {stderr}");
    String::from_utf8(stdout).unwrap()
}

/// A reference and windows in a folder of the test's own.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(test: &str, reference: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("detect_drift").join(test);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("reference.csv"), reference).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn text(&self, window: &str, more: &[&str]) -> String {
        fs::write(self.path("window.csv"), window).unwrap();
        printed(
            &[&[self.path("reference.csv").as_str(), self.path("window.csv").as_str()], more]
                .concat(),
        )
    }

    fn json(&self, window: &str, more: &[&str]) -> Value {
        serde_json::from_str(&self.text(window, &[more, &["--json"]].concat())).unwrap()
    }
}

/// Rows of a bay (a code of digits), a volume with decimals and a tide; `cell` may replace one.
fn harbour(n_rows: usize, cell: impl Fn(usize, &str, String) -> String) -> String {
    let mut csv = String::from("bay,volume,tide\n");
    for row in 1..=n_rows {
        let bay = cell(row, "bay", format!("{}", [310, 1204, 77][row * 7 % 3]));
        let volume = cell(row, "volume", format!("{:.1}", 4.0 + (row * 37 % 101) as f64 / 10.0));
        let tide = cell(row, "tide", ["ebb", "flow"][row % 2].to_owned());
        csv += &format!("{bay},{volume},{tide}\n");
    }
    csv
}

fn unchanged(_row: usize, _column: &str, cell: String) -> String {
    cell
}

fn feature<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["features"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap()
}

fn notes(report: &Value) -> Vec<&str> {
    report["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn an_odd_cell_is_counted_and_named_and_the_columns_are_compared() {
    let files = Files::new("odd", &harbour(101, unchanged));
    for (column, text) in [
        ("bay", "Q8"),
        ("bay", "1e999"),
        ("volume", "fault"),
        ("volume", "-inf"),
        ("tide", "slack"),
    ] {
        let window = harbour(101, |row, name, cell| match (row, name == column) {
            (19 | 60, true) => text.to_owned(),
            _ => cell,
        });
        let report = files.json(&window, &[]);
        assert_eq!(report["features"].as_array().unwrap().len(), 3);
        let odd = &feature(&report, column)["odd"];
        assert_eq!(
            (&odd["n_odd"], &odd["first_row"], &odd["n_rows"]),
            (&2.into(), &19.into(), &101.into())
        );
        assert_eq!(odd["texts"], serde_json::json!([text]));
        let notes = notes(&report);
        assert_eq!(notes.len(), 1, "{notes:?}");
        for word in [&format!("{column:?}"), &format!("{text:?}"), "row 19", "2 of 101"] {
            assert!(notes[0].contains(word), "{notes:?}");
        }
        assert_eq!(notes[0].contains("--categorical bay"), column == "bay", "{notes:?}");
        assert_eq!(report["outcome"], "no_drift", "{column} {text}");
        let moved = &feature(&report, "volume")["wasserstein_normed"];
        assert!(moved.as_f64().unwrap() < 0.05, "compared without the odd cells");
    }
}

#[test]
fn codes_can_be_compared_as_categories() {
    let files = Files::new("codes", &harbour(90, unchanged));
    let window = harbour(70, |row, name, cell| match (row, name) {
        (17, "bay") => "B77".to_owned(),
        _ => cell,
    });
    let report = files.json(&window, &["--categorical", "bay"]);
    let bay = feature(&report, "bay");
    assert_eq!(
        (&bay["odd"]["oddity"], &bay["new_categories"][0]),
        (&"new_category".into(), &"B77".into())
    );
    assert!(bay["wasserstein_normed"].is_null());
    let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.tepal");
    let refused = run(&[iris, &files.path("window.csv"), "--categorical", "petal_width"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8(refused.stderr).unwrap().contains("no column of categories of the model")
    );
}

#[test]
fn a_column_of_other_cells_has_changed_its_type() {
    let files = Files::new("type", &harbour(90, unchanged));
    let window = harbour(60, |row, name, cell| match name {
        "volume" if row % 10 != 0 => ["low", "high"][row % 2].to_owned(),
        _ => cell,
    });
    for rule in [&[][..], &["--evidently"]] {
        let report = files.json(&window, rule);
        let volume = feature(&report, "volume");
        assert_eq!((&volume["test"], &volume["drifted"]), (&"type_changed".into(), &true.into()));
        assert!(notes(&report)[0].contains("\"volume\" has changed its type: 54 of 60 cells"));
        assert!(!feature(&report, "tide")["drifted"].as_bool().unwrap());
        let text = files.text(&window, rule);
        let line = text.lines().find(|line| line.starts_with("volume")).unwrap();
        assert!(line.contains("type_changed") && line.contains("drifted"), "{line}");
        assert!(!line.contains("0.000"), "no distance to nothing: {line}");
    }
    // By the default rule a column that is gone this way is drift of the window.
    assert_eq!(files.json(&window, &[])["outcome"], "drift");
}

#[test]
fn a_column_that_the_window_lacks_leaves_the_others() {
    let files = Files::new("lacking", &harbour(90, unchanged));
    let window: String = harbour(60, unchanged)
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n")
        .collect();
    let report = files.json(&window, &[]);
    assert_eq!(report["missing_columns"], serde_json::json!(["bay"]));
    assert_eq!(report["features"].as_array().unwrap().len(), 2);
    assert!(
        notes(&report)[0].contains("\"bay\"")
            && notes(&report)[0].contains("which the reference has")
    );
    assert!(
        files
            .text(&window, &[])
            .lines()
            .next()
            .unwrap()
            .ends_with("in the 2 columns that both have")
    );
    fs::write(files.path("other.csv"), "x,y\n1,2\n").unwrap();
    let refused = run(&[&files.path("reference.csv"), &files.path("other.csv")]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("none of the columns of"));
}

#[test]
fn tied_values_that_hardly_move_get_a_word() {
    let dose = |shift: f64| -> String {
        let row = |row: usize| format!("{}\n", [0.25, 0.5, 2.0, 4.0][row % 4] + shift);
        "dose\n".to_owned() + &(0..96).map(row).collect::<String>()
    };
    let files = Files::new("tied", &dose(0.0));
    let report = files.json(&dose(3e-4), &[]);
    let found = feature(&report, "dose");
    assert!(
        found["psi"].as_f64().unwrap() < 1e-9 && found["jensen_shannon"].as_f64().unwrap() < 1e-6
    );
    assert!(found["drifted"].as_bool().unwrap() && notes(&report)[0].contains("thousandth"));
    let evidently = files.json(&dose(3e-4), &["--evidently"]);
    assert!(feature(&evidently, "dose")["psi"].as_f64().unwrap() > 10.0, "Evidently's own");
    assert!(notes(&evidently)[0].contains("tied values"));
    assert!(notes(&files.json(&dose(0.0), &[])).is_empty());
    assert!(notes(&files.json(&dose(1.5), &[])).is_empty());
}

#[test]
fn too_few_rows_name_their_file() {
    let files = Files::new("few", &harbour(90, unchanged));
    let first = |text: &str| text.lines().next().unwrap().to_owned();
    let line = first(&files.text(&harbour(1, unchanged), &[]));
    assert!(
        line.starts_with("insufficient data: 1 row in ") && line.contains("window.csv, 50 needed"),
        "{line}"
    );
    let files = Files::new("few_of_both", &harbour(20, unchanged));
    let line = first(&files.text(&harbour(30, unchanged), &[]));
    assert!(line.contains("20 rows in ") && line.contains(" and 30 rows in "), "{line}");
}

#[test]
fn no_note_says_the_opposite_of_another() {
    let named = |csv: String| -> String {
        let line = |(at, line): (usize, &str)| match at {
            0 => format!("name,empty,{line}\n"),
            _ => format!("boat {at},,{line}\n"),
        };
        csv.lines().enumerate().map(line).collect()
    };
    let files = Files::new("notes", &named(harbour(90, unchanged)));
    let report = files.json(&named(harbour(60, unchanged)), &[]);
    let told = notes(&report);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|note| note.starts_with("of the reference, column")), "{told:?}");
    // The target of a model is a column that it knows.
    let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.csv");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.tepal");
    let report: Value = serde_json::from_str(&printed(&[model, iris, "--json"])).unwrap();
    assert!(notes(&report).is_empty(), "{:?}", notes(&report));
    // Evidently asks for half of the columns: one that drifted is no verdict.
    let window = harbour(90, |row, name, cell| match name {
        "tide" if row % 3 > 0 => "flow".to_owned(),
        _ => cell,
    });
    let files = Files::new("half", &harbour(90, unchanged));
    let text = files.text(&window, &["--evidently"]);
    assert!(
        text.starts_with("no drift found") && text.contains("1 of 3 columns drifted"),
        "{text}"
    );
    assert!(!text.contains("of all columns at once"), "a test that has no part in it: {text}");
}
