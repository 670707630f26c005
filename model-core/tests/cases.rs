//! The files of `tests/fixtures/cases` for which reading alone is not enough: rows for a model, drift,
//! ONNX. What is right for the others is in `reading.rs`.
//!
//! As `command_line.rs`, this needs the examples, which `cargo test -p model-core` builds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn case(file: &str) -> String {
    format!("{}/../tests/fixtures/cases/{file}.csv", env!("CARGO_MANIFEST_DIR"))
}

/// Where the models of a test go.
fn out(test: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases").join(test)
}

/// What a program that must succeed prints, and what it notes.
fn run(program: &str, arguments: &[&str]) -> (String, String) {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap().join("examples");
    let path = folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    let Output { status, stdout, stderr } = Command::new(&path)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; build the examples", path.display()));
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{program} {arguments:?}: {stderr}");
    (stdout, stderr)
}

/// Trains an SVM on a case and returns what was said, and the model's file.
fn train(test: &str, file: &str, target: &str) -> (String, String) {
    let (out, csv) = (out(test), case(file));
    let families = ["--families", "random_forest,svm", "--out", out.to_str().unwrap()];
    let (said, noted) =
        run("train_csv", &[&[csv.as_str(), "--target", target][..], &families].concat());
    (said + &noted, out.join("svm.tepal").to_str().unwrap().to_owned())
}

fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word:?} in: {text}");
    }
}

/// The answers in a table of `predict_csv`.
fn answers(table: &str, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

#[test]
fn dots_that_group_digits_are_read_as_the_model_knows_the_column() {
    let (_, model) = train("dots", "predict/a9-train", "kind");
    let (table, noted) = run("predict_csv", &[&model, &case("predict/a9-rows")]);
    assert_eq!(answers(&table, "prediction")[..2], ["borough", "borough"]);
    holds(&noted, &["\"people\"", "\"5.128\" is read as 5128", "--decimal ."]);
}

#[test]
fn a_new_date_is_answered_where_dates_are_days() {
    let (said, model) = train("dates", "csv/k5-few-dates", "tide");
    holds(&said, &["\"day\" holds dates", "day of the week", "--drop day"]);
    let (table, noted) = run("predict_csv", &[&model, &case("predict/k5-new-date")]);
    assert!(answers(&table, "error").iter().all(String::is_empty), "{table}");
    holds(&noted, &["2 rows answered", "outside_training_range", "2024-03-08"]);
}

#[test]
fn a_column_of_an_added_ones_name_stays_and_the_added_one_gets_another() {
    let (_, model) = train("names", "predict/l9-named-prediction", "kind");
    let (table, noted) = run("predict_csv", &[&model, &case("predict/l9-named-prediction")]);
    assert!(table.starts_with("prediction,width,kind,prediction_2,"), "{table}");
    holds(&noted, &["\"prediction\"", "\"prediction_2\""]);
}

#[test]
fn one_odd_cell_stops_no_report_of_drift() {
    let report = |reference: &str, window: &str| {
        let files = [reference, window].map(|name| case(&format!("drift/{name}")));
        let (said, noted) = run("detect_drift", &[&files[0], &files[1]]);
        said + &noted
    };
    let depot = report("i1-reference", "i1-window");
    holds(&depot, &["\ndepot ", "\nheat ", "\nhalf "]);
    holds(&depot, &["1 of 70 cells", "\"B77\", in row 17", "--categorical depot"]);
    let flow = report("i2-reference", "i2-window");
    holds(&flow, &["\nflow ", "\nheat ", "2 of 70 cells", "\"err\", first in row 10"]);
    holds(&report("i2-reference", "i3-window"), &["\"inf\", in row 23", "\nflow "]);
    let absent = report("i2-reference", "l5-window");
    holds(&absent, &["there is no column \"flow\" in", "in the 2 columns that both have"]);
    let tied = report("l6-reference", "l6-window");
    holds(&tied, &["\"dose\" moved by less than a thousandth of its standard deviation"]);
    holds(&report("i2-reference", "l7-window"), &["insufficient data: 1 row in", "50 needed"]);
}

#[test]
fn numbers_of_many_digits_are_named_in_training_and_exported_as_doubles() {
    let cases = [
        ("onnx/g1-epoch-seconds", "shift", &["started"][..]),
        ("onnx/g2-coordinates", "bank", &["lat", "lon"]),
        ("onnx/g3-meter-readings", "state", &["meter"]),
        ("onnx/g4-serial-numbers", "batch", &["serial"]),
    ];
    for (file, target, columns) in cases {
        let (said, model) = train(file, file, target);
        let onnx = format!("{model}.onnx");
        let (exported, noted) = run("export_onnx", &[&model, &onnx]);
        holds(&exported, &["double [N, 2]", "dtype=np.float64"]);
        for column in columns {
            let names = format!("column {column:?} holds ");
            let falls = |line: &&str| line.contains(&names) && line.contains("fall together");
            assert!(said.lines().any(|line| falls(&line)), "{said}");
            let rounds = |line: &&str| line.contains(&names) && line.contains("more digits");
            assert!((exported.clone() + &noted).lines().any(|line| rounds(&line)), "{noted}");
        }
    }
}
