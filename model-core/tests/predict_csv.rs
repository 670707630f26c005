//! `predict_csv` on files that are not as the model's own: a faulty cell costs its row the answer and
//! no other row, what is remarkable is told, and nothing is guessed without a word.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TRAIN: &str = "train_csv";
const PREDICT: &str = "predict_csv";
const EXPLAIN: &str = "explain";

/// A folder of a test's own.
struct Desk(PathBuf);

/// How a program ended and what it wrote.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("predict_csv").join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    /// Runs a program in the folder.
    fn run(&self, program: &str, arguments: &[&str]) -> Ended {
        // Tests lie in target/PROFILE/deps, examples in target/PROFILE/examples.
        let tests = std::env::current_exe().unwrap();
        let examples = tests.parent().and_then(Path::parent).unwrap().join("examples");
        let path = examples.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        let Output { status, stdout, stderr } =
            Command::new(&path).current_dir(&self.0).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Trains a small model on `csv`.
    fn train(&self, csv: &str, options: &[&str]) -> String {
        self.write("train.csv", csv);
        let families = ["--families", "logistic_regression", "--folds", "2", "--out", "."];
        let ended = self.run(TRAIN, &[&["train.csv"][..], &families, options].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out + &ended.err
    }

    fn predict(&self, csv: &str, options: &[&str]) -> Ended {
        self.write("rows.csv", csv);
        self.run(PREDICT, &[&["logistic_regression.tepal", "rows.csv"][..], options].concat())
    }
}

/// The cells of a result: header, then rows.
fn table(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The column of this name.
fn column(table: &[Vec<String>], name: &str) -> Vec<String> {
    let at = table[0].iter().position(|column| column == name);
    let at = at.unwrap_or_else(|| panic!("no column {name:?} in {:?}", table[0]));
    table[1..].iter().map(|row| row[at].clone()).collect()
}

/// Trees of two kinds of wood: the width of each ring, the soil they grew on, how old they are.
fn trees() -> String {
    let mut csv = "ring,soil,age,wood\n".to_owned();
    for i in 0..40 {
        let (soil, wood) = if i % 2 == 0 { ("clay", "oak") } else { ("sand", "pine") };
        writeln!(csv, "{}.{},{soil},{},{wood}", 2 + i % 2 * 3, i % 7, 300 + i).unwrap();
    }
    csv + "2.5,peat,310,oak\n"
}

#[test]
fn good_rows_are_answered_and_a_bad_one_says_what_is_wrong() {
    let desk = Desk::new("bad_rows");
    desk.train(&trees(), &[]);
    let rows = "age,ring,soil\n310,2.4,clay\n311,2.4,loam\n312,thin,clay\n313,,gravel\n\
                9999,5.3,sand\n315,5.3,sand\n";
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let result = table(&ended.out);
    let header = "age,ring,soil,prediction,confidence,p_oak,p_pine,prediction_set,warnings,error";
    assert_eq!(result[0].join(","), header);
    assert_eq!(column(&result, "prediction"), ["oak", "", "", "", "", "pine"]);
    assert_eq!(
        column(&result, "error"),
        [
            "",
            "row 2, column \"soil\": expected one of clay, peat, sand, got \"loam\"",
            "row 3, column \"ring\": expected a number from 0 to 16.4, got \"thin\"",
            "row 4, column \"ring\": expected a number from 0 to 16.4, got no value; \
         row 4, column \"soil\": expected one of clay, peat, sand, got \"gravel\"",
            "row 5, column \"age\": expected a number from 183 to 456, got \"9999\"",
            "",
        ]
    );
    for row in &result[2..6] {
        assert!(row[3..8].iter().all(String::is_empty), "{row:?}");
        assert!(!row[0].is_empty(), "a row keeps its cells: {row:?}");
    }
    for words in [
        "2 rows answered, 4 refused; the column \"error\" says why",
        "  row 2, column \"soil\": expected one of clay, peat, sand, got \"loam\"",
        "--unknown other",
        "--allow-missing",
    ] {
        assert!(ended.err.contains(words), "no {words:?} in {}", ended.err);
    }
    // The answers of the good rows are those of a file without the bad ones.
    let alone = desk.predict("age,ring,soil\n310,2.4,clay\n315,5.3,sand\n", &[]);
    assert_eq!((alone.code, alone.err.as_str()), (Some(0), "2 rows answered\n"));
    let alone = table(&alone.out);
    assert_eq!((&alone[1], &alone[2]), (&result[1], &result[6]));
}

#[test]
fn a_row_of_another_width_costs_itself_the_answer() {
    let desk = Desk::new("widths");
    desk.train(&trees(), &[]);
    let rows = "age,ring,soil\n310,2.4,clay\n311,2,4,clay\n312,2.4\n315,5.3,sand\n";
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let result = table(&ended.out);
    assert_eq!(column(&result, "prediction"), ["oak", "", "", "pine"]);
    assert_eq!(column(&result, "age"), ["310", "311", "312", "315"]);
    assert_eq!(
        column(&result, "error"),
        [
            "",
            "row 2 (line 3) has 4 cells where the header has 3: \"311,2,4,clay\"",
            "row 3 (line 4) has 2 cells where the header has 3: \"312,2.4\"",
            "",
        ]
    );
    assert!(ended.err.contains("2 rows answered, 2 refused"), "{}", ended.err);
    let strict = desk.predict(rows, &["--strict"]);
    assert_eq!((strict.code, strict.out.as_str()), (Some(2), ""));
    assert!(strict.err.contains("row 2 (line 3) has 4 cells"), "{}", strict.err);
    // Training needs the rows as they are meant.
    desk.write("odd.csv", &(trees() + "2.5,clay,310,oak,1\n"));
    let ended = desk.run(TRAIN, &["odd.csv", "--out", "."]);
    assert!(ended.code != Some(0) && ended.err.contains("has 5 cells"), "{}", ended.err);
}

#[test]
fn answers_are_written_like_the_file_where_that_is_asked() {
    let desk = Desk::new("like_file");
    desk.train(&trees(), &[]);
    let rows = "age;ring;soil\n310;2,4;clay\n";
    let asked = desk.predict(rows, &["--like-file"]).out;
    let plain = table(&desk.predict(rows, &[]).out);
    let like: Vec<&str> = asked.lines().nth(1).unwrap().split(';').collect();
    assert_eq!(plain[1][..4], ["310", "2,4", "clay", "oak"], "cells stay as they are");
    assert_eq!(like[..4], plain[1][..4]);
    let confidence = &plain[1][4];
    assert!(confidence.contains('.') && like[4] == confidence.replace('.', ","), "{asked}");
}

#[test]
fn many_faults_are_counted_and_the_first_are_shown() {
    let desk = Desk::new("many_faults");
    desk.train(&trees(), &[]);
    let rows = "ring,soil,age\n".to_owned() + &"2.4,moss,310\n".repeat(30);
    let ended = desk.predict(&rows, &["--out", "result.csv"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    let result = table(&fs::read_to_string(desk.0.join("result.csv")).unwrap());
    assert_eq!(result.len(), 31);
    assert!(ended.err.starts_with("0 rows answered, 30 refused"), "{}", ended.err);
    assert!(ended.err.contains("and 25 more"), "{}", ended.err);
    assert!(!ended.err.contains("--allow-missing"), "{}", ended.err);
    assert!(ended.err.lines().count() < 12, "{}", ended.err);
}

#[test]
fn strict_answers_all_rows_or_none() {
    let desk = Desk::new("strict");
    desk.train(&trees(), &[]);
    let strict = ["--strict", "--out", "result.csv"];
    let faulty = desk.predict("ring,soil,age\n2.4,clay,310\n2.4,loam,310\n", &strict);
    let stranger = desk.predict("ring,soil,age,owner\n2.4,clay,310,me\n", &strict);
    for (ended, words) in [(faulty, "row 2, column \"soil\""), (stranger, "\"owner\"")] {
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
        assert!(ended.err.contains(words) && ended.err.lines().count() == 1, "{}", ended.err);
        assert!(!desk.0.join("result.csv").exists());
    }
    assert_eq!(desk.predict("ring,soil,age\n2.4,clay,310\n", &["--strict"]).code, Some(0));
}

#[test]
fn columns_too_many_are_passed_over_and_told() {
    let desk = Desk::new("columns");
    desk.train(&trees(), &[]);
    let ended = desk.predict("owner,ring,soil,age,wood\nme,2.4,clay,310,oak\n", &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(column(&table(&ended.out), "owner"), ["me"]);
    let note = "note: column \"owner\" is passed over: the model does not know it";
    assert!(ended.err.contains(note) && !ended.err.contains("\"wood\""), "{}", ended.err);
}

#[test]
fn a_column_that_is_not_there_is_filled_in_only_where_gaps_are_allowed() {
    let desk = Desk::new("no_column");
    desk.train(&trees(), &[]);
    let rows = "ring,soil\n2.4,clay\n5.3,\n";
    let ended = desk.predict(rows, &[]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(ended.err.contains("no column \"age\", which the model needs"), "{}", ended.err);

    desk.train(&trees(), &["--allow-missing"]);
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(column(&table(&ended.out), "prediction"), ["oak", "pine"]);
    let note = "note: column \"age\" is not in the file: every row is answered without a value";
    assert!(ended.err.contains(note), "{}", ended.err);
    // Nothing of the model is in the file: its rows are somebody else's.
    let ended = desk.predict("a,b\n1,2\n", &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
}

#[test]
fn values_that_training_never_saw_are_told() {
    // The model knows hundreds; these rows are written in thousands.
    let desk = Desk::new("outside");
    let mut csv = "load,kind\n".to_owned();
    for i in 0..30 {
        writeln!(csv, "{},{}", 200 + 137 * i, if i < 12 { "light" } else { "heavy" }).unwrap();
    }
    desk.train(&csv, &["--test-size", "0"]);
    let ended = desk.predict("load\n4.128\n2077\n0.5\n", &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let outside = "outside_training_range: load";
    assert_eq!(column(&table(&ended.out), "warnings"), [outside, "", outside]);
    let line = "warning outside_training_range: 2 rows, the first: row 1, column \"load\": 4.128 is \
                outside 200 to 4173";
    assert!(ended.err.contains(line), "{}", ended.err);
}

#[test]
fn a_category_of_another_day_is_refused_or_shares_one_as_training_was_told() {
    let desk = Desk::new("unknown");
    let mut csv = "day,flow,tide\n".to_owned();
    for i in 0..40 {
        let (flow, tide) = if i % 2 == 0 { (2, "ebb") } else { (6, "flood") };
        writeln!(csv, "shift {},{flow}.{},{tide}", i % 3, i % 10).unwrap();
    }
    csv += "shift 9,2.5,ebb\n";
    let rows = "day,flow\nshift 7,2.5\nshift 1,6.5\nshift 9,2.2\n";
    desk.train(&csv, &[]);
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(column(&table(&ended.out), "prediction"), ["", "flood", "ebb"]);

    let said = desk.train(&csv, &["--unknown", "other"]);
    let note = "column \"day\": 1 category with fewer than 2 rows, such as \"shift 9\", shares \
                \"other\" with unknown ones, 1 row in all";
    assert!(said.contains(note), "{said}");
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let result = table(&ended.out);
    assert_eq!(column(&result, "prediction"), ["ebb", "flood", "ebb"]);
    let unknown = "unknown_category: day";
    assert_eq!(column(&result, "warnings"), [unknown, "", unknown]);
    assert_eq!(column(&result, "day"), ["shift 7", "shift 1", "shift 9"], "cells stay");
    let line = "warning unknown_category: 2 rows, the first: row 1, column \"day\": \"shift 7\" \
                counts as \"other\"";
    assert!(ended.err.contains(line), "{}", ended.err);
    // A gap is no category, known or not.
    assert_eq!(desk.predict("day,flow\n,2.5\n", &[]).code, Some(1));

    let refused = desk.run(TRAIN, &["train.csv", "--unknown", "rare"]);
    assert!(refused.err.contains("--unknown expects one of other"), "{}", refused.err);
}

#[test]
fn dates_and_texts_are_read_as_in_training() {
    let desk = Desk::new("sources");
    let mut csv = "sown,remark,bed\n".to_owned();
    for i in 0..60 {
        let (month, bed, what) = if i % 2 == 0 {
            (3, "cold", "under glass and")
        } else {
            (6, "open", "in the field and")
        };
        writeln!(
            csv,
            "{}.{month}.2023,{what} seen on walk {i} by plot {},{bed}",
            1 + i % 28,
            i % 9
        )
        .unwrap();
    }
    desk.train(&csv, &[]);
    let rows = "remark,sown\nunder glass and seen on walk 61 by plot 3,4.3.2023\n\
                in the field and seen on walk 61 by plot 3,9.6.2023\nlate,32.6.2023\n";
    let ended = desk.predict(rows, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let result = table(&ended.out);
    assert_eq!(column(&result, "prediction"), ["cold", "open", ""]);
    let fault = "row 3, column \"sown\": expected a date such as 31.3.2024, got \"32.6.2023\"";
    assert_eq!(column(&result, "error")[2], fault);
    // A text of another length and a later date are no faults.
    let ended = desk.predict("remark,sown\nunder glass,4.3.2043\n", &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let line = "column \"sown.elapsed_days\": \"4.3.2043\", read as 26725, is outside";
    assert!(
        column(&table(&ended.out), "warnings")[0].contains("sown.elapsed_days"),
        "{}",
        ended.out
    );
    let ended =
        desk.predict("sown,remark\n4.3.2043,under glass and seen on walk 1 by plot 2\n", &[]);
    assert!(ended.err.contains(line), "{}", ended.err);
    let ended = desk.predict("remark,gown\nunder glass,4.3.2023\n", &[]);
    assert!(ended.err.contains("no column \"sown\", which the model needs"), "{}", ended.err);
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let desk = Desk::new("names");
    let mut csv = "prediction,p_wide,error,kind\n".to_owned();
    for i in 0..30 {
        let kind = if i % 2 == 0 { "slim" } else { "wide" };
        writeln!(csv, "{}.{},{}.2,{}.7,{kind}", 2 + i % 2 * 4, i % 9, i % 5, i % 4).unwrap();
    }
    desk.train(&csv, &[]);
    let ended =
        desk.predict("prediction,p_wide,error,prediction_2\n2.1,1.2,0.7,x\nwhat,1.2,0.7,\n", &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let result = table(&ended.out);
    let header = "prediction,p_wide,error,prediction_2,prediction_3,confidence,p_slim,p_wide_2,\
                  prediction_set,warnings,error_2";
    assert_eq!(result[0].join(","), header);
    assert_eq!(column(&result, "prediction_3"), ["slim", ""]);
    for note in [
        "note: the file has a column \"prediction\": the added one is \"prediction_3\"",
        "note: the file has a column \"p_wide\": the added one is \"p_wide_2\"",
        "the column \"error_2\" says why",
    ] {
        assert!(ended.err.contains(note), "no {note:?} in {}", ended.err);
    }
    // The result can be read again.
    desk.write("again.csv", &ended.out);
    let again = desk.run(PREDICT, &["logistic_regression.tepal", "again.csv"]);
    assert_eq!(again.code, Some(1), "{}", again.err);
}

#[test]
fn a_row_that_cannot_be_answered_cannot_be_explained_and_another_can() {
    let desk = Desk::new("explain");
    desk.train(&trees(), &["--unknown", "other"]);
    desk.write("rows.csv", "ring,soil,age,owner\n2.4,loam,310,me\nthin,clay,310,me\n");
    let explain = |row| desk.run(EXPLAIN, &["logistic_regression.tepal", "rows.csv", "--row", row]);
    let good = explain("1");
    assert_eq!(good.code, Some(0), "{}", good.err);
    assert!(good.out.contains("other"), "{}", good.out);
    assert!(good.err.contains("note: column \"owner\" is passed over"), "{}", good.err);
    let bad = explain("2");
    assert_eq!(bad.code, Some(2));
    assert!(bad.err.contains("row 2, column \"ring\": expected a number"), "{}", bad.err);
}
