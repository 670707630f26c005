//! The example programs as a user meets them: what they print, write and refuse.
//!
//! `cargo test -p model-core` builds the examples beside the tests. `--test command_line` alone does
//! not: `cargo build -p model-core --examples` before it does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const TRAIN: &str = "train_csv";
const PREDICT: &str = "predict_csv";
const CARD: &str = "model_card";
const EXPLAIN: &str = "explain";
const EXPORT: &str = "export_onnx";
const DRIFT: &str = "detect_drift";

fn program(name: &str) -> PathBuf {
    // Tests lie in target/PROFILE/deps, examples in target/PROFILE/examples.
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap().join("examples");
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let path = program(name);
    Command::new(&path)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; build the examples", path.display()))
}

/// What a run that must succeed prints.
fn printed(program: &str, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = run(program, arguments);
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{program} {arguments:?}: {stderr}");
    if program == PREDICT {
        let is_summary = stderr.contains("answered\n") && !stderr.contains("note: ");
        assert!(is_summary || matches!(arguments, ["--help" | "-h"]), "{arguments:?}: {stderr}");
    } else {
        assert_eq!(stderr, "", "{program} {arguments:?}");
    }
    String::from_utf8(stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(TRAIN, &[arguments, &["--json"]].concat())).unwrap()
}

/// A run that must fail: code 2, nothing printed, and one line that holds each of `words`.
fn refused(program: &str, arguments: &[&str], words: &[&str]) {
    let Output { status, stdout, stderr } = run(program, arguments);
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{arguments:?}: {stderr}");
    assert!(stdout.is_empty(), "{arguments:?}");
    assert!(stderr.ends_with('\n') && stderr.lines().count() == 1, "{arguments:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{arguments:?}: no {word:?} in: {stderr}");
    }
}

/// A folder of its own for a test, empty.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn repository(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

fn iris() -> String {
    repository("model-core/data/iris.csv")
}

fn penguins() -> String {
    repository("model-core/data/penguins.csv")
}

#[test]
fn help_is_printed_and_no_failure() {
    for program in [TRAIN, PREDICT, CARD, EXPLAIN, EXPORT, DRIFT] {
        for option in ["--help", "-h"] {
            assert!(printed(program, &[option]).contains(&format!("usage: {program}")));
        }
    }
}

#[test]
fn options_stand_in_line_in_the_help() {
    for program in [TRAIN, PREDICT, EXPLAIN, DRIFT] {
        let help = printed(program, &["--help"]);
        assert!(help.contains("\n  --separator CHAR"), "{program}: {help}");
        assert!(!help.contains("\n--"), "{program}: {help}");
    }
}

#[test]
fn dates_are_listed_by_what_is_made_of_them() {
    let folder = folder("dates_are_listed");
    let csv = folder.join("days.csv");
    let row =
        |i: usize| format!("{}/{}/2023,{},{}\n", i % 12 + 1, i % 28 + 1, i % 5, ["a", "b"][i % 2]);
    std::fs::write(&csv, format!("day,x,y\n{}", (0..40).map(row).collect::<String>())).unwrap();
    let said = printed(TRAIN, &[text(&csv), "--families", "gaussian_nb", "--folds", "0"]);
    assert!(said.contains("day  dates: month 1 to 12"), "{said}");
    assert!(!said.contains("2024"), "no date that is not the file's: {said}");
}

#[test]
fn every_program_takes_a_file_in_windows_1252_that_is_stated_so() {
    let folder = folder("windows_1252");
    let csv = folder.join("werk.csv");
    let row = |i: usize| {
        let [place, class] = [["H\u{f6}he", "Weg"][i / 2 % 2], ["gut", "m\u{e4}\u{df}ig"][i % 2]];
        format!("{};{place};{class}\n", i % 7)
    };
    let rows = "Gr\u{f6}\u{df}e;Ort;Urteil\n".to_owned() + &(0..60).map(row).collect::<String>();
    let bytes: Vec<u8> = rows.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    fs::write(&csv, bytes).unwrap();
    let stated = ["--encoding", "windows-1252"];
    let train = ["--families", "gaussian_nb", "--folds", "0", "--out", text(&folder)];
    let said = printed(TRAIN, &[&[text(&csv)], &train[..], &stated].concat());
    assert!(said.contains("mäßig") && said.contains("Höhe"), "{said}");
    let model = folder.join("gaussian_nb.tepal");
    for (program, options) in
        [(PREDICT, &["--strict"][..]), (EXPLAIN, &["--row", "2"]), (DRIFT, &["--target", "Urteil"])]
    {
        let arguments = [&[text(&model), text(&csv)], options].concat();
        refused(program, &arguments, &["werk.csv", "--encoding windows-1252"]);
        let said = printed(program, &[&arguments[..], &stated].concat());
        assert!(said.contains("Größe"), "{program}: {said}");
    }
    refused(TRAIN, &[text(&csv), "--encoding", "utf-7"], &["--encoding", "\"utf-7\""]);
}

#[test]
fn the_mark_that_a_refusal_names_can_be_stated() {
    let folder = folder("also_missing");
    let csv = folder.join("flow.csv");
    let row = |i: usize| match i {
        7 => "12,,5;a\n".to_owned(),
        9 => "n/a;b\n".to_owned(),
        _ => format!("{i},5;{}\n", ["a", "b"][i % 2]),
    };
    fs::write(&csv, "flow;state\n".to_owned() + &(0..60).map(row).collect::<String>()).unwrap();
    let train = [text(&csv), "--families", "gaussian_nb", "--folds", "0", "--out", text(&folder)];
    refused(TRAIN, &train, &["row 8", "state --also-missing 12,,5 if it means no value"]);
    let stated = ["--also-missing", "12,,5"];
    let said = printed(TRAIN, &[&train[..], &stated].concat());
    assert!(said.contains("\"12,,5\" (1), \"n/a\" (1) is taken for no value"), "{said}");
    let model = folder.join("gaussian_nb.tepal");
    let predict = [text(&model), text(&csv), "--strict"];
    refused(PREDICT, &predict, &["row 8", "\"flow\"", "\"12,,5\""]);
    assert!(printed(PREDICT, &[&predict[..], &stated].concat()).contains("\n\"12,,5\","));
}

#[test]
fn a_file_that_is_no_data_set_gets_its_own_sentence() {
    let folder = folder("bad_files");
    let check = |name: &str, bytes: &[u8], words: &[&str]| {
        let path = folder.join(format!("{name}.csv"));
        fs::write(&path, bytes).unwrap();
        refused(TRAIN, &[text(&path)], words);
    };
    let rows = "1,a\n2,b\n".repeat(10);
    let with = |more: &str| format!("x,y\n{rows}{more}").into_bytes();
    check(
        "bad_cell",
        &with("abc,a\n"),
        &["bad_cell.csv", "row 21", "\"x\"", "finite number", "\"abc\""],
    );
    check("infinite", &with("1e999,a\n"), &["row 21", "\"x\"", "finite number", "\"1e999\""]);
    check("one_class", b"x,y\n1,a\n2,a\n", &["\"y\"", "1 class", "at least two"]);
    check("no_rows", b"x,y\n", &["no data rows"]);
    check("empty", b"", &["no data rows"]);
    check("no_labels", b"x,y\n1,\n2,\n", &["no row has a label", "\"y\""]);
    check("one_column", b"x\n1\n2\n", &["one column", "\"x\"", "comma, semicolon, tab"]);
    check("short_row", &with("3\n"), &["row 21", "1 cell ", "header has 2"]);
    let utf16 = String::from_utf8(with("")).unwrap();
    let utf16 = utf16.encode_utf16().flat_map(u16::to_le_bytes);
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(utf16).collect();
    check("utf16", &utf16, &["UTF-16", "save it as CSV in UTF-8"]);
    check("utf16_unmarked", &utf16[2..], &["UTF-16", "save it as CSV in UTF-8"]);
    check(
        "latin1",
        &[with("").as_slice(), b"3,\xE9\n"].concat(),
        &["line 22", "not UTF-8", "--encoding windows-1252"],
    );
    check("sheet", b"PK\x03\x04\x14\0\x06\0", &["zip archive", "spreadsheet"]);
    check(
        "measurements",
        &with(&(0..101).map(|i| format!("1,{i}.5\n")).collect::<String>()),
        &["\"y\"", "is it a measurement?"],
    );
    check("nothing_left", b"x,y\n,a\n,b\n", &["no column is left to learn from"]);
}

#[test]
fn a_gigabyte_is_refused_unread() {
    let path = folder("gigabyte").join("line.csv");
    // Sparse: it takes no space, and reading it would take a gigabyte of memory.
    fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    refused(TRAIN, &[text(&path)], &["line.csv", "1073741824 bytes", "limit of 209715200"]);
    let model = repository("model-core/data/iris.tepal");
    refused(PREDICT, &[&model, text(&path)], &["line.csv", "limit of 209715200"]);
    fs::remove_file(&path).unwrap();
}

#[test]
fn columns_that_are_not_there_are_named_with_those_that_are() {
    let iris = iris();
    let columns = "sepal_length, sepal_width, petal_length, petal_width, species";
    refused(TRAIN, &[&iris, "--target", "kind"], &["no column \"kind\"", columns]);
    refused(TRAIN, &[&iris, "--drop", "id"], &["no column \"id\" to drop", columns]);
    refused(TRAIN, &[&iris, "--categorical", "id"], &["no column \"id\"", "categorical", columns]);
    refused(TRAIN, &["there_is_none.csv"], &["there_is_none.csv"]);
}

#[test]
fn bad_use_is_told_in_one_sentence() {
    let iris = iris();
    let check = |arguments: &[&str], words: &[&str]| {
        refused(TRAIN, &[&[iris.as_str()], arguments].concat(), words);
    };
    refused(TRAIN, &[], &["which CSV file?", "usage: train_csv"]);
    refused(PREDICT, &[], &["which model and which rows?", "usage: predict_csv"]);
    check(&["more.csv"], &["unexpected argument", "more.csv"]);
    check(&["--fast"], &["--fast"]);
    check(&["--json=1"], &["--json"]);
    check(&["--families", "svm,tree"], &["\"tree\"", "svm", "gaussian_nb"]);
    for option in ["--test-size", "--folds", "--cv-repeats", "--seed", "--select", "--search"] {
        check(&[option, "many"], &[option, "expects", "\"many\""]);
        check(&[option], &[option, "expects", "nothing follows"]);
    }
    check(&["--target"], &["--target expects the name of a column"]);
    check(&["--seed", "-1"], &["--seed expects a whole number from 0, got \"-1\""]);
    for option in ["--cv-repeats", "--select", "--search-trials", "--repeat"] {
        check(&[option, "0"], &[option, "expects a whole number from 1, got \"0\""]);
    }
    check(&["--search", "inf"], &["--search expects a number of seconds above 0"]);
    check(&["--derive", "sums"], &["--derive expects one of", "ratios", "\"sums\""]);
    check(&["--quantise", "f16"], &["--quantise expects one of f32, int8, got \"f16\""]);
    check(&["--test-size", "2"], &["test_size 2", "0 to 0.9"]);
    check(&["--coverage", "most"], &["--coverage expects a share from 0.5 to 0.999"]);
    check(&["--coverage", "1"], &["coverage is 1", "0.5 to 0.999"]);
    check(&["--folds", "1"], &["1 fold", "at least 2"]);
    check(&["--folds", "121"], &["121 folds", "(120)", "fewer"]);
    check(&["--folds-file", "x.json", "--test-size", "0.2"], &["--folds-file", "--test-size"]);
    check(&["--folds-file", "x.json", "--folds", "3"], &["--folds-file", "--folds"]);
}

#[test]
fn a_model_file_classifies_the_rows_of_another_file() {
    let folder = folder("classify");
    let penguins = penguins();
    let arguments = ["--target", "species", "--drop", "year", "--families", "svm,random_forest"];
    let table =
        printed(TRAIN, &[&[penguins.as_str(), "--out", text(&folder)][..], &arguments].concat());
    assert!(table.contains("random_forest"), "{table}");
    let model = folder.join("svm.tepal");

    // The target and the dropped column are there, and passed over.
    let result = printed(PREDICT, &[text(&model), &penguins]);
    let mut reader = csv::Reader::from_reader(result.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[..2], ["species", "island"]);
    let probabilities = ["p_Adelie", "p_Chinstrap", "p_Gentoo"];
    let last = ["prediction_set", "warnings", "error"];
    let added = [&["prediction", "confidence"], &probabilities[..], &last].concat();
    assert_eq!(header[8..], added);
    let (mut right, mut rows) = (0, 0);
    for record in reader.records() {
        let record = record.unwrap();
        let number = |at: usize| record[at].parse::<f64>().unwrap();
        let probabilities = [number(10), number(11), number(12)];
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(number(9), probabilities.into_iter().fold(0.0, f64::max));
        // Sets of 0.9 of a model that is right 98 times in 100: none is larger than one class, and
        // an empty one is the prediction alone.
        assert_eq!(record[13], record[8]);
        assert_eq!(&record[15], "");
        right += usize::from(record[0] == record[8]);
        rows += 1;
    }
    assert_eq!(rows, 344);
    assert!(right > 335, "{right}");

    // Without them the answers are the same, and may go to a file.
    let bare = folder.join("bare.csv");
    let rows = fs::read_to_string(&penguins).unwrap();
    let cut = |line: &str| line.split(',').skip(1).take(6).collect::<Vec<_>>().join(",") + "\n";
    fs::write(&bare, rows.lines().map(cut).collect::<String>()).unwrap();
    let out = folder.join("result.csv");
    assert_eq!(printed(PREDICT, &[text(&model), text(&bare), "--out", text(&out)]), "");
    let answers = |csv: &str| -> Vec<String> {
        csv.lines().map(|line| line.rsplitn(9, ',').take(8).collect()).collect()
    };
    assert_eq!(answers(&fs::read_to_string(&out).unwrap()), answers(&result));

    let unknown = folder.join("unknown.csv");
    fs::write(&unknown, "colour,island\nblue,Dream\n").unwrap();
    let strict = [text(&model), text(&unknown), "--strict"];
    refused(PREDICT, &strict, &["unknown.csv", "\"colour\"", "island"]);
    fs::write(&unknown, "island\nDream\n").unwrap();
    refused(PREDICT, &strict, &["unknown.csv", "no column"]);
    fs::write(&unknown, "island,sex\nDream,male\n").unwrap();
    refused(PREDICT, &strict, &["no column \"bill_length_mm\""]);
    let moon = rows.replacen("Torgersen", "Moon", 1);
    fs::write(&unknown, moon).unwrap();
    let words = ["row 1", "\"island\"", "one of Biscoe, Dream, Torgersen", "\"Moon\""];
    refused(PREDICT, &strict, &words);
    refused(PREDICT, &[&penguins, &penguins], &["penguins.csv", "not a Tepal model file"]);
    let half = folder.join("half.tepal");
    fs::write(&half, &fs::read(&model).unwrap()[..999]).unwrap();
    refused(PREDICT, &[text(&half), &penguins], &["half.tepal", "cut short"]);
}

#[test]
fn sets_grow_with_the_coverage_that_is_asked_for() {
    let (folder, iris) = (folder("coverage"), iris());
    let sizes = |coverage: &str| {
        let arguments = ["--families", "svm", "--coverage", coverage, "--out", text(&folder)];
        let document = json(&[&[iris.as_str()][..], &arguments].concat());
        let sets = document["families"][0]["prediction_sets"].clone();
        let result = printed(PREDICT, &[text(&folder.join("svm.tepal")), &iris]);
        let pairs = result.lines().filter(|line| line.contains(",versicolor|virginica,")).count();
        (sets["test_mean_size"].as_f64().unwrap(), sets["threshold"].as_f64(), pairs)
    };
    let (size, _, pairs) = sizes("0.9");
    let (larger, _, more_pairs) = sizes("0.99");
    assert!(size < 1.0 && larger > 1.0, "{size} {larger}");
    assert!(pairs == 0 && more_pairs > 5, "{pairs} {more_pairs}");
    // 120 scores do not make 0.999: nothing is excluded.
    assert_eq!(sizes("0.999"), (3.0, None, 0));
    let without = json(&[&iris, "--families", "svm", "--folds", "0"]);
    assert!(without["families"][0]["prediction_sets"].is_null());
}

#[test]
fn a_model_becomes_an_onnx_file_and_is_told_how_to_use_it() {
    let folder = folder("export");
    let out = folder.join("model.onnx");
    let species = ["--target", "species", "--families", "gaussian_nb", "--folds", "0"];
    let penguins = penguins();
    printed(TRAIN, &[&[penguins.as_str(), "--out", text(&folder)], &species[..]].concat());
    let model = folder.join("gaussian_nb.tepal");
    refused(EXPORT, &[text(&model), text(&model)], &["gaussian_nb.tepal", "another file"]);
    let report = printed(EXPORT, &[text(&model), text(&out)]);
    let bytes = fs::read(&out).unwrap();
    assert!(report.starts_with(&format!("{}: {} bytes\n", out.display(), bytes.len())), "{report}");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = report.lines().map(words).collect();
    for line in [
        "island string [N, 1]",
        "bill_length_mm float [N, 1]",
        "label string [N]",
        "probabilities float [N, 3]",
        "in the order Adelie, Chinstrap, Gentoo",
        "\"island\": np.array([[\"Biscoe\"]], dtype=object),",
    ] {
        assert!(lines.iter().any(|printed| printed == line), "no {line:?} in {report}");
    }
    printed(EXPORT, &[text(&model), text(&out)]);
    assert_eq!(fs::read(&out).unwrap(), bytes, "the same model gives the same bytes");

    let iris_model = repository("model-core/data/iris.tepal");
    let report = printed(EXPORT, &[&iris_model, text(&out)]);
    assert!(report.contains("column 3: petal_width, cm"), "{report}");

    let golden = repository("tests/fixtures/golden/iris_v2_k_nearest_neighbors.tepal");
    let none = folder.join("none.onnx");
    let words = ["k_nearest_neighbors.tepal", "no ONNX form", "export logistic_regression"];
    refused(EXPORT, &[&golden, text(&none)], &words);
    assert!(!none.exists());
    refused(EXPORT, &[&iris_model], &["which model, and where to?"]);
    let nowhere = folder.join("no/such/folder/x.onnx");
    refused(EXPORT, &[&iris_model, text(&nowhere)], &["x.onnx"]);
}

/// Seconds since 1970 need ten digits, of which a float keeps seven.
#[test]
fn columns_that_floats_would_round_are_named_in_training_and_export() {
    let folder = folder("wide");
    let mut csv = "seconds,quay,class\n".to_owned();
    for row in 0..80_u64 {
        let class = if row < 40 { "before" } else { "after" };
        csv += &format!(
            "{},{},{class}\n",
            1_893_456_000 + 3 * row,
            ["north", "south"][row as usize % 2]
        );
    }
    let file = folder.join("seconds.csv");
    fs::write(&file, csv).unwrap();
    let families = ["--families", "svm,random_forest", "--out", text(&folder), "--folds", "0"];
    let trained = printed(TRAIN, &[&[text(&file)], &families[..]].concat());
    let note = trained.lines().find(|line| line.contains("fall together")).unwrap();
    assert!(note.contains("\"seconds\" holds 80 different numbers"), "{note}");
    let export = |family: &str| {
        let model = folder.join(format!("{family}.tepal"));
        printed(EXPORT, &[text(&model), text(&folder.join("x.onnx"))])
    };
    let report = export("svm");
    assert!(report.contains("double [N, 1]") && report.contains("dtype=np.float64"), "{report}");
    assert!(report.contains("note: column \"seconds\" holds numbers"), "{report}");
    assert!(report.contains("subtract a start or take another unit"), "{report}");
    let report = export("random_forest");
    assert!(report.contains("float [N, 1]") && !report.contains("note:"), "{report}");
}

/// Who reads the first line only, as `head` does, is no failure.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    use std::io::Read;
    let csv = iris();
    for arguments in [&[&csv, "--profile"][..], &[&csv, "--families", "gaussian_nb"], &["--help"]] {
        let mut child = Command::new(program(TRAIN))
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(child.wait().unwrap().success(), "{arguments:?}: {stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn folds_of_a_file_are_those_that_are_measured() {
    let folds = repository("tests/fixtures/folds_iris.json");
    let document = json(&[&iris(), "--folds-file", &folds, "--families", "logistic_regression"]);
    let recorded: Value = serde_json::from_str(&fs::read_to_string(&folds).unwrap()).unwrap();
    let family = &document["families"][0];
    assert_eq!(family["fold_accuracies"], recorded["accuracy"]["logistic_regression"]["folds"]);
    assert_eq!(family["test"], Value::Null, "all rows are in folds");

    let file = folder("folds").join("twice.json");
    fs::write(&file, r#"{"folds": [[0, 50, 100], [1, 50]]}"#).unwrap();
    let words = ["twice.json", "fold 1", "row 50", "fold 0 already"];
    refused(TRAIN, &[&iris(), "--folds-file", text(&file)], &words);
    fs::write(&file, r#"{"folds": [[0], [150]]}"#).unwrap();
    let words = ["twice.json", "fold 1", "row 150", "150 rows"];
    refused(TRAIN, &[&iris(), "--folds-file", text(&file)], &words);
    fs::write(&file, "{}").unwrap();
    refused(TRAIN, &[&iris(), "--folds-file", text(&file)], &["twice.json", "folds"]);
}

/// Takes times away, which differ from run to run.
fn without_times(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_millis"));
            fields.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

#[test]
fn a_search_of_so_many_trials_finds_the_same_again() {
    let families = "logistic_regression,gaussian_nb,k_nearest_neighbors";
    let search = || {
        let mut document =
            json(&[&iris(), "--search-trials", "9", "--seed", "7", "--families", families]);
        without_times(&mut document);
        document
    };
    let document = search();
    assert!(!document["leaderboard"].as_array().unwrap().is_empty());
    assert_eq!(document["families"].as_array().unwrap().len(), 3);
    assert_eq!(search(), document);
}

#[test]
fn quantised_models_are_smaller_and_told_how_they_agree() {
    let svm = |more: &[&str]| {
        let iris = iris();
        let document = json(&[&[iris.as_str(), "--families", "svm"], more].concat());
        document["families"][0].clone()
    };
    let (double, int8) = (svm(&[]), svm(&["--quantise", "int8"]));
    assert_eq!(double["quantisation"], Value::Null);
    let agreement = &int8["quantisation"];
    assert_eq!(agreement["n_rows"], 150);
    assert!(agreement["n_equal_labels"].as_u64().unwrap() >= 147, "{agreement}");
    let bytes = |family: &Value| family["artifact_bytes"].as_u64().unwrap();
    assert!(bytes(&int8) < bytes(&double));
}

#[test]
fn decimal_commas_between_semicolons_are_numbers() {
    let folder = folder("decimal_comma");
    let file = folder.join("iris.csv");
    let commas = fs::read_to_string(iris()).unwrap().replace(',', ";").replace('.', ",");
    fs::write(&file, commas).unwrap();
    let figures = |file: &str| {
        let mut document = json(&[file, "--families", "logistic_regression", "--seed", "3"]);
        without_times(&mut document);
        document["families"][0]["cv_accuracy_mean"].clone()
    };
    assert_eq!(figures(text(&file)), figures(&iris()));
    // The model reads both ways of writing.
    let arguments = [text(&file), "--families", "gaussian_nb", "--out", text(&folder)];
    printed(TRAIN, &arguments);
    let model = folder.join("gaussian_nb.tepal");
    let n_lines = |file: &str| printed(PREDICT, &[text(&model), file]).lines().count();
    assert_eq!((n_lines(text(&file)), n_lines(&iris())), (151, 151));
}

#[test]
fn a_family_that_cannot_be_fitted_leaves_the_others() {
    let folder = folder("failed");
    let file = folder.join("few.csv");
    fs::write(&file, "x,y\n1,a\n2,b\n1,a\n2,b\n").unwrap();
    let file = file.to_str().unwrap();
    let arguments = [file, "--test-size", "0", "--folds", "0"];
    let document = json(&arguments);
    assert_eq!(document["families"].as_array().unwrap().len(), 5);
    let failed = &document["failed"][0];
    assert_eq!(failed["family"], "k_nearest_neighbors");
    assert!(failed["error"].as_str().unwrap().contains("parameter k is 5"));
    let alone = [&arguments[..], &["--families", "k_nearest_neighbors"]].concat();
    refused(TRAIN, &alone, &["parameter k is 5"]);
}

/// The promise of a model card: its parameters and the same data make the same model.
#[test]
fn a_card_makes_its_model_again() {
    let folder = folder("card");
    let csv = penguins();
    let first = folder.join("first");
    let first = text(&first);
    printed(
        TRAIN,
        &[
            &csv,
            "--target=species",
            "--drop=year",
            "--out",
            first,
            "--families=svm,random_forest",
            "--search-trials=3",
            "--coverage=0.95",
            "--seed=7",
        ],
    );
    for family in ["svm", "random_forest"] {
        let model = format!("{first}/{family}.tepal");
        let card: Value = serde_json::from_str(&printed(CARD, &[&model, "--json"])).unwrap();
        let params = folder.join("params.json");
        fs::write(&params, card["lineage"]["params"].to_string()).unwrap();
        let arguments = [&csv, "--target=species", "--drop=year", "--params", text(&params)];
        let again = json(&arguments);
        assert_eq!(again["families"].as_array().unwrap().len(), 1);
        assert_eq!(again["families"][0]["model_id"], card["model"]["model_id"], "{family}");
        let markdown = printed(CARD, &[&model]);
        assert!(markdown.contains(card["model"]["model_id"].as_str().unwrap()));
        assert!(markdown.contains("--target 'species' --drop 'year'"), "{markdown}");
        for option in ["--seed=7", "--coverage=0.95"] {
            let name = option.split('=').next().unwrap();
            refused(TRAIN, &[&arguments[..], &[option]].concat(), &["--params", name]);
        }
    }
    // What can be seen from the columns stands in the command, too.
    let out = folder.join("lenient");
    let lenient = ["--target=species", "--unknown=other", "--allow-missing"];
    let naive = ["--families=gaussian_nb", "--out", text(&out)];
    printed(TRAIN, &[&[csv.as_str()], &lenient[..], &naive[..]].concat());
    let model = out.join("gaussian_nb.tepal");
    let markdown = printed(CARD, &[text(&model)]);
    assert!(markdown.contains(" --unknown other --allow-missing --params"), "{markdown}");
    let card: Value = serde_json::from_str(&printed(CARD, &[text(&model), "--json"])).unwrap();
    let params = folder.join("lenient.json");
    fs::write(&params, card["lineage"]["params"].to_string()).unwrap();
    let again = json(&[&[csv.as_str()], &lenient[..], &["--params", text(&params)]].concat());
    assert_eq!(again["families"][0]["model_id"], card["model"]["model_id"]);
    refused(TRAIN, &[&csv, "--params", &csv], &["penguins.csv", "expected"]);
    refused(CARD, &[], &["which model?"]);
    refused(CARD, &[&csv], &["penguins.csv"]);
}

/// What `explain` says, as JSON.
fn explained(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(EXPLAIN, &[arguments, &["--json"]].concat())).unwrap()
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn a_row_of_a_file_is_explained() {
    let (model, csv) = (repository("model-core/data/iris.tepal"), iris());
    let document = explained(&[&model, &csv, "--row", "1", "--neighbors", "3"]);
    assert_eq!(document["classes"], serde_json::json!(["setosa", "versicolor", "virginica"]));
    let row = &document["row"];
    // The first row below the header.
    assert_eq!(row["values"][0], serde_json::json!({"feature": "sepal_length", "value": 5.1}));
    assert_eq!(row["prediction"], "setosa");
    let shapley = &row["shapley"];
    assert_eq!(shapley["method"]["name"], "enumeration");
    assert_eq!(shapley["n_background"], 64);
    let probabilities = list(&row["probabilities"]);
    for (class, probability) in probabilities.iter().enumerate() {
        let added = shapley["attributions"].as_array().unwrap().iter();
        let sum: f64 = added.map(|of| of["values"][class].as_f64().unwrap()).sum();
        let base = shapley["base"][class].as_f64().unwrap();
        assert!((base + sum - probability).abs() < 1e-9);
    }
    assert_eq!(row["nearest"].as_array().unwrap().len(), 3);
    assert_eq!(row["nearest"][0]["same_prediction"], true);
    assert_ne!(row["counterfactual"]["prediction"], "setosa");
    assert_eq!(row["surrogate"]["kernel_width"], 1.5);
    assert_eq!((&document["importance"], &document["dependence"]), (&Value::Null, &Value::Null));

    let arguments = [&model, &csv, "--row", "1", "--target", "virginica"];
    assert_eq!(explained(&arguments)["row"]["counterfactual"]["prediction"], "virginica");
    let text = printed(EXPLAIN, &[&model, &csv, "--row", "150"]);
    let lines =
        ["row 150: answered virginica", "petal_width = 1.8", "it would be", "(LIME), weighted R²"];
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    assert_eq!(text, printed(EXPLAIN, &[&model, &csv, "--row", "150"]), "a seed gives it again");
}

#[test]
fn categories_and_missing_values_are_explained_by_name() {
    let folder = folder("explain_penguins");
    let penguins = penguins();
    let families = "random_forest";
    let arguments = ["--target", "species", "--drop", "year", "--families", families];
    printed(TRAIN, &[&[penguins.as_str(), "--out", text(&folder)][..], &arguments].concat());
    let model = folder.join("random_forest.tepal");
    // Row 4 has an island and nothing else.
    let document = explained(&[text(&model), &penguins, "--row", "4"]);
    let values = &document["row"]["values"];
    assert_eq!(values[0], serde_json::json!({"feature": "island", "value": "Torgersen"}));
    assert_eq!(values[1], serde_json::json!({"feature": "bill_length_mm", "value": null}));
    let said = printed(EXPLAIN, &[text(&model), &penguins, "--row", "4"]);
    assert!(said.contains("island = Torgersen") && said.contains("bill_length_mm = missing"));

    let of_model = explained(&[text(&model), "--importance", "--dependence", "island"]);
    assert_eq!(of_model["row"], Value::Null);
    assert_eq!(of_model["importance"]["features"].as_array().unwrap().len(), 6);
    let grid = &of_model["dependence"]["grid"];
    assert_eq!(*grid, serde_json::json!(["Biscoe", "Dream", "Torgersen"]));
    assert!(list(&of_model["dependence"]["mean"][0]).iter().sum::<f64>() > 0.999);
}

#[test]
fn what_cannot_be_explained_is_told() {
    let (model, csv) = (repository("model-core/data/iris.tepal"), iris());
    let check = |more: &[&str], words: &[&str]| {
        refused(EXPLAIN, &[&[model.as_str()], more].concat(), words);
    };
    refused(EXPLAIN, &[], &["which model?", "usage: explain"]);
    check(&[], &["what of the model?", "--row", "--importance", "--dependence"]);
    check(&[&csv], &["which row of the file?", "--row"]);
    check(&["--row", "1"], &["--row needs a file"]);
    check(&[&csv, "--row", "0"], &["--row expects a whole number from 1, got \"0\""]);
    check(&[&csv, "--row"], &["--row expects a whole number from 1, and nothing follows"]);
    check(&[&csv, "--row", "151"], &["iris.csv", "no row 151", "rows 1 to 150"]);
    check(&[&csv, "--row", "1", "--target", "rose"], &["no class \"rose\"", "setosa"]);
    check(&["--dependence", "colour"], &["no feature \"colour\"", "sepal_length"]);
    check(&["--importance", "--seed", "x"], &["--seed expects a whole number from 0"]);
    check(&["a.csv", "b.csv"], &["unexpected argument", "b.csv"]);
    refused(EXPLAIN, &[&csv, &csv, "--row", "1"], &["iris.csv", "not a Tepal model file"]);
}

/// The columns of a JSON object as a CSV file.
fn table(names: &[&str], columns: &Value) -> String {
    let column = |name: &&str| columns[name].as_array().unwrap();
    let n_rows = column(&names[0]).len();
    let row = |at: usize| {
        names.iter().map(|name| column(name)[at].to_string()).collect::<Vec<_>>().join(",")
    };
    let rows: String = (0..n_rows).map(|at| row(at) + "\n").collect();
    names.join(",") + "\n" + &rows
}

#[test]
fn drift_of_the_oracles_samples_comes_out_of_the_program() {
    let folder = folder("drift_oracle");
    let oracle = fs::read(repository("tests/fixtures/drift_oracle.json")).unwrap();
    let oracle: Value = serde_json::from_slice(&oracle).unwrap();
    let names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
    // Columns of the window in another order.
    let turned: Vec<&str> = names.iter().rev().copied().collect();
    let (reference, current) = (folder.join("reference.csv"), folder.join("current.csv"));
    fs::write(&reference, table(&names, &oracle["reference"])).unwrap();
    for case in oracle["cases"].as_object().unwrap().values() {
        fs::write(&current, table(&turned, &case["current"])).unwrap();
        let out = printed(DRIFT, &[text(&reference), text(&current), "--json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["outcome"], "insufficient_data");
        assert_eq!((&report["drifted"], &report["rows"]), (&false.into(), &30.into()));
        for (name, feature) in names.iter().zip(report["features"].as_array().unwrap()) {
            let want = &case["features"][name];
            assert_eq!((&feature["name"], &feature["test"]), (&(*name).into(), &"ks".into()));
            for (got, want) in [
                ("statistic", &want["ks"]["statistic"]),
                ("p_value", &want["ks"]["p_auto"]),
                ("p_value_asymptotic", &want["ks"]["p_asymp"]),
                ("psi", &want["evidently_psi"]),
                ("wasserstein_normed", &want["evidently_wasserstein_norm"]),
                ("jensen_shannon", &want["evidently_js"]),
            ] {
                let (got, want) = (feature[got].as_f64().unwrap(), want.as_f64().unwrap());
                assert!((got - want).abs() <= 1e-6 * want, "{name}: {got} {want}");
            }
        }
        let out = printed(DRIFT, &[text(&reference), text(&current), "--json", "--evidently"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        let share = &case["evidently_report"]["default"]["DriftedColumnsCount(drift_share=0.5)"];
        let n = report["features"].as_array().unwrap().iter().filter(|f| f["drifted"] == true);
        assert_eq!(n.count() as f64, share["count"].as_f64().unwrap());
        assert_eq!(report["drifted"], share["share"].as_f64().unwrap() >= 0.5);
        let text = printed(DRIFT, &[text(&reference), text(&current)]);
        assert!(text.starts_with("insufficient data: 30 rows"), "{text}");
    }
}

#[test]
fn drift_is_told_of_files_and_of_models() {
    let folder = folder("drift");
    let iris = fs::read_to_string(iris()).unwrap();
    let mut lines = iris.lines();
    let header = lines.next().unwrap();
    let setosa: Vec<&str> = lines.take(50).collect();
    let window = folder.join("setosa.csv");
    fs::write(&window, format!("{header}\n{}\n", setosa.join("\n"))).unwrap();
    for reference in [self::iris(), repository("model-core/data/iris.tepal")] {
        let out = printed(DRIFT, &[&reference, text(&window), "--target", "species", "--json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&report["drifted"], &report["outcome"]), (&true.into(), &"drift".into()));
        let features = report["features"].as_array().unwrap();
        assert_eq!((features.len(), &features[4]["test"]), (5, &"chi_square".into()));
        assert!(features.iter().all(|feature| feature["drifted"] == true));
    }
    let same = printed(DRIFT, &[&self::iris(), &self::iris()]);
    assert!(
        same.starts_with("no drift found: a window of 150 rows against a reference of 150\n"),
        "{same}"
    );

    // A window without labels, with a column more.
    let without_labels: String =
        setosa.iter().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + ",1\n").collect();
    let header = header.rsplit_once(',').unwrap().0.to_owned() + ",extra\n";
    fs::write(&window, header + &without_labels).unwrap();
    for target in [&[][..], &["--target", "species"]] {
        let out = printed(DRIFT, &[&[&self::iris(), text(&window)], target].concat());
        assert!(out.contains("no column \"species\" in") && out.contains("setosa.csv"), "{out}");
        assert!(out.contains("\"extra\" is not compared"), "{out}");
        assert_eq!(out.contains("labels may come late"), !target.is_empty(), "{out}");
    }
    let model = repository("model-core/data/iris.tepal");
    refused(DRIFT, &[&model, text(&window), "--target", "kind"], &["\"species\"", "\"kind\""]);
    refused(DRIFT, &[&model], &["which two files?", "usage: detect_drift"]);
    refused(DRIFT, &[&model, "there_is_none.csv"], &["there_is_none.csv"]);
    refused(DRIFT, &[&model, text(&window), "--fast"], &["--fast"]);
}

/// A file of 300 rows, of which every tenth is of the class `yes`, as far as chance lets it be told.
fn unbalanced(folder: &Path) -> PathBuf {
    let row = |i: usize| {
        let is_yes = i.is_multiple_of(10);
        let x = (i * 37) % 50 + if is_yes { 25 } else { 0 };
        format!("{x},{},{}\n", (i * 13) % 7, if is_yes { "yes" } else { "no" })
    };
    let file = folder.join("unbalanced.csv");
    fs::write(&file, format!("x,z,y\n{}", (0..300).map(row).collect::<String>())).unwrap();
    file
}

#[test]
fn the_best_model_is_named_by_the_metric_that_was_asked_for() {
    let file = unbalanced(&folder("metric"));
    let families = ["--families", "logistic_regression,gaussian_nb,k_nearest_neighbors"];
    let report = |more: &[&str]| printed(TRAIN, &[&[text(&file)], &families[..], more].concat());
    let by_default = report(&[]);
    assert!(by_default.contains("best by log loss: "), "{by_default}");
    assert_eq!(by_default.matches(" *").count(), 1, "{by_default}");
    for (metric, label, key, sign) in [
        ("log_loss", "log loss", "cv_log_loss_mean", -1.0),
        ("accuracy", "accuracy", "cv_accuracy_mean", 1.0),
        ("balanced_accuracy", "balanced accuracy", "cv_balanced_accuracy", 1.0),
        ("roc_auc", "ROC AUC", "cv_roc_auc_mean", 1.0),
    ] {
        let document = json(&[&[text(&file), "--metric", metric], &families[..]].concat());
        let trained = document["families"].as_array().unwrap();
        let value = |family: &&Value| sign * family[key].as_f64().unwrap();
        let best = trained.iter().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap();
        assert_eq!(value(&best), sign * document["best"]["value"].as_f64().unwrap(), "{metric}");
        let name = document["best"]["family"].as_str().unwrap();
        let line = format!("best by {label}: {name} (");
        assert!(report(&["--metric", metric]).contains(&line), "{line}");
    }
    assert!(json(&[text(&file), "--families", "gaussian_nb", "--folds", "0"])["best"].is_null());
    let words = ["--metric expects one of", "log_loss, accuracy", "\"f1\""];
    refused(TRAIN, &[text(&file), "--metric", "f1"], &words);
}

#[test]
fn a_class_that_is_never_answered_is_named() {
    let folder = folder("never");
    let file = folder.join("noise.csv");
    // Nothing tells the one row in ten.
    let row = |i: usize| format!("{},{}\n", (i * 31) % 17, if i % 10 == 3 { "yes" } else { "no" });
    fs::write(&file, format!("x,y\n{}", (0..200).map(row).collect::<String>())).unwrap();
    let arguments = [text(&file), "--families", "logistic_regression"];
    let report = printed(TRAIN, &arguments);
    let line = "note: logistic_regression never answers class \"yes\" (none of 16 rows is found)";
    assert!(report.lines().any(|told| told == line), "{report}");
    assert_eq!(json(&arguments)["families"][0]["never_answered"], serde_json::json!(["yes"]));
}

/// A file of two classes with `n_each` rows, and of as many rare ones as there are `rare` rows.
fn with_rare_classes(folder: &Path, n_each: usize, rare: &[usize]) -> PathBuf {
    let common = (0..2 * n_each).map(|i| (i, ["a", "b"][i % 2].to_owned()));
    let rare = rare.iter().enumerate();
    let rare = rare.flat_map(|(at, &rows)| (0..rows).map(move |i| (i, format!("rare{at}"))));
    let row = |(i, class): (usize, String)| {
        let x = (i * 7) % 11 + 5 * class.len() + usize::from(class == "b") * 6;
        format!("{x},{},{class}\n", (i * 5) % 9)
    };
    let file = folder.join("rare.csv");
    fs::write(&file, format!("x,z,y\n{}", common.chain(rare).map(row).collect::<String>()))
        .unwrap();
    file
}

#[test]
fn every_family_trains_with_classes_of_a_single_row() {
    let file = with_rare_classes(&folder("rare_kept"), 60, &[1, 1, 2]);
    let document = json(&[text(&file)]);
    let note = "3 classes have fewer than 5 rows: \"rare0\" (1), \"rare1\" (1), \"rare2\" (2)";
    let notes = document["notes"].as_array().unwrap();
    assert!(notes.iter().any(|told| told.as_str().unwrap().starts_with(note)), "{notes:?}");
    let trained = document["families"].as_array().unwrap();
    assert_eq!((trained.len(), document.get("failed")), (6, None));
    for model in trained {
        // Nothing is known of a class that was never held out.
        let classes = model["test"]["report"]["classes"].as_array().unwrap();
        for class in &classes[2..] {
            assert_eq!((&class["support"], &class["recall"]), (&0.into(), &Value::Null), "{model}");
        }
        assert!(model["test"]["roc_auc"][2].is_null() && model["test"]["roc_auc"][0].is_number());
        assert!(model["prediction_sets"]["test_class_coverage"][2].is_null());
        // 124 rows, of which 24 or 25 are held out; the two single ones are in no fold.
        let (test, scores) = (&model["test"]["n_samples"], &model["prediction_sets"]["n_scores"]);
        let (test, scores) = (test.as_u64().unwrap(), scores.as_u64().unwrap());
        assert!((23..=25).contains(&test) && scores == 124 - test - 2, "{test} {scores}");
    }
}

#[test]
fn rare_classes_are_left_out_or_merged_if_asked_for() {
    let file = with_rare_classes(&folder("rare_treated"), 30, &[1, 4, 6]);
    let families = ["--families", "gaussian_nb"];
    let treated = |more: &[&str]| json(&[&[text(&file)], &families[..], more].concat());
    let classes = |document: &Value| -> Vec<String> {
        serde_json::from_value(document["classes"].clone()).unwrap()
    };
    let dropped = treated(&["--rare-classes", "drop"]);
    assert_eq!(classes(&dropped), ["a", "b", "rare2"]);
    assert_eq!(dropped["n_samples"], 66);
    let note = "2 classes with fewer than 5 rows are left out with their 5 rows: \"rare0\" (1), \"rare1\" (4)";
    assert_eq!(dropped["notes"], serde_json::json!([note]));
    let merged = treated(&["--rare-classes", "merge", "--min-class-rows", "7"]);
    assert_eq!(classes(&merged), ["a", "b", "other"]);
    assert_eq!(merged["n_samples"], 71);
    let check = |more: &[&str], words: &[&str]| {
        refused(TRAIN, &[&[text(&file)], &families[..], more].concat(), words);
    };
    let all = ["--rare-classes", "drop", "--min-class-rows", "31"];
    check(&all, &["rare.csv", "\"y\"", "fewer than 31 rows", "keep them"]);
    check(&["--rare-classes", "hide"], &["--rare-classes expects one of keep, drop, merge"]);
    check(&["--min-class-rows", "0"], &["--min-class-rows", "from 1"]);
}

#[test]
fn forty_eight_classes_of_a_few_rows_train() {
    let folder = folder("many_classes");
    let file = folder.join("many.csv");
    let row = |i: usize| format!("{},{},class {}\n", i % 48 * 3 + i / 48, (i * 7) % 31, i % 48);
    fs::write(&file, format!("x,z,y\n{}", (0..150).map(row).collect::<String>())).unwrap();
    let document = json(&[text(&file)]);
    assert_eq!(document["families"].as_array().unwrap().len(), 6, "{:?}", document.get("failed"));
}

/// 3,000 rows of two classes: enough for a family's time to be forecast.
fn large(folder: &Path) -> PathBuf {
    let row = |i: usize| {
        format!("{},{},{}\n", (i * 31) % 101, (i * 17) % 43, ["a", "b"][i * 31 % 101 / 51])
    };
    let file = folder.join("large.csv");
    fs::write(&file, format!("x,z,y\n{}", (0..3_000).map(row).collect::<String>())).unwrap();
    file
}

#[test]
fn a_family_that_takes_more_than_there_is_is_left_out_and_told_how_to_ask_for_it() {
    let folder = folder("no_time");
    let file = large(&folder);
    let words = ["is left out", "--time-limit none", "--families", "trains it"];
    refused(TRAIN, &[text(&file), "--time-limit", "1e-9"], &words);
    let families = ["--families", "gaussian_nb,logistic_regression"];
    // Whoever names the families has them, however long they take.
    let document = json(&[&[text(&file)], &families[..]].concat());
    assert_eq!(document["families"][1]["n_train"], 2_400);
    assert!(document["families"][1]["sampled_from"].is_null());
    // With time enough nothing changes, however the time is limited.
    let limited = json(&[&[text(&file), "--time-limit", "1e6"], &families[..]].concat());
    let id = |document: &Value, at: usize| document["families"][at]["model_id"].clone();
    assert_eq!((id(&limited, 0), id(&limited, 1)), (id(&document, 0), id(&document, 1)));
    // Small data are not forecast, and so never cut.
    let iris = json(&[&iris(), "--time-limit", "1e3"]);
    assert_eq!(iris["families"].as_array().unwrap().len(), 6);
    let check = |value: &str| {
        refused(TRAIN, &[text(&file), "--time-limit", value], &["--time-limit expects", "or none"]);
    };
    ["0", "-1", "inf", "soon"].into_iter().for_each(check);
}

#[test]
fn a_model_of_some_of_the_rows_is_trained_again_from_its_parameters() {
    let folder = folder("max_rows");
    let file = large(&folder);
    let arguments = [text(&file), "--families", "gaussian_nb"];
    let whole = json(&arguments);
    let mut params = whole["families"][0]["params"].clone();
    assert_eq!(params.get("max_rows"), None);
    params["max_rows"] = 700.into();
    let stated = folder.join("params.json");
    fs::write(&stated, params.to_string()).unwrap();
    let few = json(&[text(&file), "--params", text(&stated)]);
    let model = &few["families"][0];
    assert_eq!((&model["n_train"], &model["test"]["n_samples"]), (&700.into(), &600.into()));
    assert_eq!(model["params"], params);
    fs::write(&stated, model["params"].to_string()).unwrap();
    let again = json(&[text(&file), "--params", text(&stated)]);
    assert_eq!(again["families"][0]["model_id"], model["model_id"]);
    assert_ne!(whole["families"][0]["model_id"], model["model_id"]);
    params["max_rows"] = 1.into();
    fs::write(&stated, params.to_string()).unwrap();
    let words = ["max_rows is 1", "at least 2"];
    refused(TRAIN, &[text(&file), "--params", text(&stated)], &words);
}

/// A logistic regression of Iris in `folder`, and three files of Iris, a third of the rows in each.
fn regression_and_thirds(folder: &Path) -> (String, [String; 3]) {
    printed(TRAIN, &[&iris(), "--families", "logistic_regression", "--out", text(folder)]);
    let csv = fs::read_to_string(iris()).unwrap();
    let (header, rows) = csv.split_once('\n').unwrap();
    let thirds = [0, 1, 2].map(|third| {
        let path = folder.join(format!("third{third}.csv"));
        let own = rows.lines().enumerate().filter(|(at, _)| at % 3 == third);
        let own: Vec<&str> = own.map(|(_, row)| row).collect();
        // Not class by class.
        let shuffled: Vec<&str> = (0..own.len()).map(|at| own[at * 17 % own.len()]).collect();
        fs::write(&path, format!("{header}\n{}\n", shuffled.join("\n"))).unwrap();
        path.to_str().unwrap().to_owned()
    });
    (text(&folder.join("logistic_regression.tepal")).to_owned(), thirds)
}

#[test]
fn a_model_learns_on_and_parties_merge_theirs() {
    let folder = folder("learning_on");
    let (model, thirds) = regression_and_thirds(&folder);
    let mut parts = Vec::new();
    for (at, third) in thirds.iter().enumerate() {
        let out = folder.join(format!("party{at}"));
        let Output { status, stdout, stderr } =
            run(TRAIN, &[third, "--continue", &model, "--passes", "5", "--out", text(&out)]);
        let (stdout, stderr) =
            (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert!(status.success(), "{stderr}");
        assert!(stdout.starts_with("learned from "), "{stdout}");
        assert!(stdout.contains("before") && stdout.contains("28 of 30"), "{stdout}");
        // Rows that the model is measured on teach it nothing, and that is said.
        assert!(stderr.contains("the model holds them out"), "{stderr}");
        parts.push(text(&out.join("continued.tepal")).to_owned());
    }
    let merge = |more: &[&str]| {
        let models: Vec<&str> = parts.iter().map(String::as_str).collect();
        printed(TRAIN, &[&["--merge"], models.as_slice(), more].concat())
    };
    assert!(merge(&[]).contains("not written: --out DIR keeps it"));
    let report: Value = serde_json::from_str(&merge(&["--json", "--out", text(&folder)])).unwrap();
    assert_eq!(report["parents"].as_array().unwrap().len(), 3);
    assert!(report["test"]["accuracy"].as_f64().unwrap() >= 0.9, "{report}");
    let merged = folder.join("merged.tepal");
    let card = printed(CARD, &[text(&merged)]);
    assert!(
        card.contains("the mean of 3 models") && card.contains("--merge PARENT.tepal"),
        "{card}"
    );
    assert!(printed(PREDICT, &[text(&merged), &thirds[0]]).contains(",setosa,"));
    // The card of a part names the command that makes it again, and it does.
    let card = printed(CARD, &[&parts[0]]);
    assert!(card.contains("--continue PARENT.tepal --learning-rate 0.5 --passes 5 --seed 42"));
    let again = run(TRAIN, &[&thirds[0], "--continue", &model, "--passes", "5", "--json"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert!(card.contains(again["model_id"].as_str().unwrap()), "{card}");
}

/// A model carries at most 128 held-out rows, and its own evaluation may be of more.
#[test]
fn before_and_after_learning_on_are_measured_on_the_same_rows() {
    let folder = folder("learning_on_many");
    let row = |at: usize| format!("{},{}", at % 101, if at % 101 < 50 { "low" } else { "high" });
    let rows: Vec<String> = (0..800).map(row).collect();
    let path = folder.join("many.csv");
    fs::write(&path, format!("x,y\n{}\n", rows.join("\n"))).unwrap();
    let families = ["--families", "logistic_regression"];
    let told = printed(TRAIN, &[&[text(&path)], &families[..], &["--out", text(&folder)]].concat());
    let file = folder.join("logistic_regression.tepal");
    assert!(told.ends_with(&format!("written: {}\n", text(&file))), "{told}");
    let later = folder.join("later.csv");
    fs::write(&later, "x,y\n3.25,low\n80.25,high\n7.5,low\n66.5,high\n").unwrap();
    let model = folder.join("logistic_regression.tepal");
    let report = printed(TRAIN, &[text(&later), "--continue", text(&model), "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let n_rows = |part: &str| report[part]["n_rows"].as_u64().unwrap();
    assert_eq!((n_rows("test_before"), n_rows("test")), (128, 128), "{report}");
}

#[test]
fn rows_that_cannot_be_learned_from_are_named_and_passed_over() {
    let folder = folder("learning_on_faults");
    let (model, thirds) = regression_and_thirds(&folder);
    let path = folder.join("faults.csv");
    let rows = "5.0,3.0,1.6,0.2,tulip\n,3.0,1.6,0.2,setosa\n5.0,3.0,1.6,0.2,\n";
    fs::write(&path, fs::read_to_string(&thirds[0]).unwrap() + rows).unwrap();
    let Output { status, stdout, stderr } = run(TRAIN, &[text(&path), "--continue", &model]);
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert!(String::from_utf8(stdout).unwrap().contains("learned from "));
    for words in [
        "row 51, column \"species\": expected one of setosa, versicolor, virginica, got \"tulip\"",
        "row 52",
        "row 53",
    ] {
        assert!(stderr.contains(words), "no {words:?} in {stderr}");
    }
    let without_target = folder.join("rows.csv");
    fs::write(&without_target, "sepal_length,sepal_width,petal_length,petal_width\n5,3,1.6,0.2\n")
        .unwrap();
    refused(
        TRAIN,
        &[text(&without_target), "--continue", &model],
        &["no column \"species\"", "teach nothing"],
    );
}

#[test]
fn what_does_not_go_with_learning_on_is_refused() {
    let folder = folder("learning_on_refused");
    let (model, thirds) = regression_and_thirds(&folder);
    let model = model.as_str();
    refused(TRAIN, &[&iris(), "--passes", "3"], &["--passes", "--continue"]);
    refused(TRAIN, &["--continue", model], &["which CSV file?"]);
    refused(TRAIN, &["--merge", model], &["at least two models"]);
    refused(TRAIN, &["--merge"], &["--merge expects a model file"]);
    refused(TRAIN, &["--merge", model, model], &["model 1 was not continued from another"]);
    refused(TRAIN, &[&iris(), "--merge", model, model], &["leave the CSV file out"]);
    refused(TRAIN, &[&thirds[0], "--continue", model, "--folds", "3"], &["--folds", "training"]);
    refused(
        TRAIN,
        &[&thirds[0], "--continue", model, "--passes", "0"],
        &["--passes expects", "1 to 1000"],
    );
    printed(TRAIN, &[&iris(), "--families", "svm", "--out", text(&folder)]);
    let svm = folder.join("svm.tepal");
    refused(TRAIN, &[&thirds[0], "--continue", text(&svm)], &["svm cannot learn on"]);
    refused(TRAIN, &["--merge", text(&svm), model], &["svm cannot learn on"]);
}

#[test]
fn rows_are_written_for_the_edge_to_keep() {
    let folder = folder("dataset");
    let out = text(&folder);
    let iris = iris();
    let train = [&iris, "--families", "gaussian_nb", "--dataset"];
    let said = printed(TRAIN, &[&train[..], &["--out", out]].concat());
    assert!(said.contains("rows.tepal-data"), "{said}");
    let rows = model_core::Dataset::from_bytes(&fs::read(folder.join("rows.tepal-data")).unwrap())
        .unwrap();
    let model = fs::read(folder.join("gaussian_nb.tepal")).unwrap();
    let model = model_core::Artifact::from_bytes(&model).unwrap();
    assert_eq!(model.lineage().data_hash, rows.digest());
    refused(TRAIN, &train, &["--dataset expects --out"]);
}

#[test]
fn models_without_rows_are_written_where_the_family_can_and_used_without() {
    let folder = folder("without_rows");
    let out = text(&folder);
    let tables = printed(TRAIN, &[&iris(), "--without-rows", "--out", out]);
    assert!(tables.contains("k nearest neighbours answers from its training rows"), "{tables}");
    assert!(tables.contains("the support vectors of an SVM are rows"), "{tables}");
    let file = |family: &str| folder.join(format!("{family}.tepal"));
    assert!(!file("svm").exists() && !file("k_nearest_neighbors").exists());
    for family in ["logistic_regression", "random_forest", "gaussian_nb", "gradient_boosting"] {
        let card = printed(CARD, &[text(&file(family))]);
        assert!(card.contains("It carries none of them"), "{card}");
        assert!(card.contains("nobody can check them by the file"), "{card}");
        assert!(!card.contains("whoever has the file has them"), "{card}");
    }
    let model = file("logistic_regression");
    let model = text(&model);
    assert!(printed(PREDICT, &[model, &iris()]).contains(",setosa,"));
    // Iris itself has not drifted; fifty setosas have.
    let same = printed(DRIFT, &[model, &iris()]);
    assert!(
        same.starts_with("no drift found: a window of 150 rows against a reference of 120"),
        "{same}"
    );
    let csv = fs::read_to_string(iris()).unwrap();
    let setosas: Vec<&str> = csv.lines().take(51).collect();
    let window = folder.join("setosas.csv");
    fs::write(&window, setosas.join("\n")).unwrap();
    assert!(printed(DRIFT, &[model, text(&window)]).starts_with("drift: "));
    refused(DRIFT, &[model, &iris(), "--evidently"], &["carries no rows", "leave it out"]);
    refused(DRIFT, &[model, &iris(), "--target", "species"], &["no labels", "leave --target out"]);
    refused(EXPLAIN, &[model, "--dependence", "petal_length"], &["carries no rows"]);
    refused(EXPLAIN, &[model, "--importance"], &["carries no held-out rows"]);
    refused(EXPLAIN, &[model, &iris(), "--row", "71"], &["carries no rows"]);
    let svm = [&iris(), "--families", "svm", "--without-rows"];
    refused(TRAIN, &svm, &["support vectors", "train logistic_regression"]);
}

#[test]
fn a_merged_model_can_be_written_without_rows() {
    let folder = folder("merged_without_rows");
    let (model, thirds) = regression_and_thirds(&folder);
    let parts = [0, 1].map(|at| {
        let out = folder.join(format!("party{at}"));
        run(TRAIN, &[&thirds[at], "--continue", &model, "--passes", "5", "--out", text(&out)]);
        text(&out.join("continued.tepal")).to_owned()
    });
    let out = text(&folder);
    printed(TRAIN, &["--merge", &parts[0], &parts[1], "--without-rows", "--out", out]);
    let card = printed(CARD, &[text(&folder.join("merged.tepal"))]);
    assert!(card.contains("It carries none of them"), "{card}");
}
