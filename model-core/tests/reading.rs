//! Files as people write them: each is read without a silent mistake, or refused with what to change.
//!
//! The files of `tests/fixtures/cases` were once misread or refused in riddles; each kind has further
//! inputs here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests fail like the tests themselves"
)]

use model_core::dataset::{
    CellTexts, ColumnKind, CsvOptions, DatasetError, DecimalMark, Encoding, HeaderLine, Reading,
};
use model_core::rng::SplitMix64;
use model_core::{Artifact, Dataset, Family, Schema, TrainParams};

fn options(target: &str) -> CsvOptions {
    CsvOptions { target: (!target.is_empty()).then(|| target.into()), ..CsvOptions::default() }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/fixtures/cases/csv/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(csv: &[u8], target: &str) -> Result<Dataset, DatasetError> {
    Dataset::from_csv(csv, &options(target))
}

fn case(name: &str, target: &str) -> Dataset {
    read(&fixture(name), target).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refusal(name: &str, target: &str) -> String {
    read(&fixture(name), target).unwrap_err().to_string()
}

fn notes(data: &Dataset) -> String {
    data.notes().iter().map(|note| format!("{note}\n")).collect()
}

/// Whether the text holds each of the parts.
#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

#[track_caller]
fn range(schema: &Schema, column: &str, min: f64, max: f64) {
    let at = schema.feature_index(column).unwrap();
    let found = schema.features[at].numeric().unwrap_or_else(|| panic!("{column} is no number"));
    assert_eq!((found.training.min, found.training.max), (min, max), "{column}");
}

fn n_categories(data: &Dataset, column: &str) -> Option<usize> {
    let at = data.schema().feature_index(column)?;
    match &data.columns()[at].kind {
        ColumnKind::Categorical(names) => Some(names.len()),
        ColumnKind::Numeric => None,
    }
}

/// A file of one column `x` with these cells, and two classes in turn.
fn column(cells: &[&str]) -> Vec<u8> {
    let mut csv = String::from("x;y\n");
    for (at, cell) in cells.iter().enumerate() {
        csv += &format!("{cell};{}\n", ["a", "b"][at % 2]);
    }
    csv.into_bytes()
}

// A: numbers misread

#[test]
fn grouped_thousands_are_read_as_the_file_shows() {
    for (name, target, column, min, max) in [
        ("a1-dots-for-thousands", "berth", "cargo", 359.0, 9669.0),
        ("a2-commas-for-thousands", "district", "rent", 454.0, 4829.0),
        ("a3-millions", "rank", "budget", 205_925.0, 7_794_576.0),
        ("a4-narrow-blanks", "team", "steps", 2155.0, 24770.0),
        ("a6-both-marks", "tier", "turnover", 248.58, 8681.75),
    ] {
        let data = case(name, target);
        range(data.schema(), column, min, max);
        holds(&notes(&data), &[column, "group digits", "is read as"]);
    }
    for (cells, min, max) in [
        (["1'200", "900", "12'000", "1'000'000"], 900.0, 1e6),
        (["1 200", "900", "12 000", "1 000 000"], 900.0, 1e6),
        (["1\u{a0}200,5", "900,25", "12\u{a0}000,5", "1"], 1.0, 12000.5),
        (["1.200,5", "900,25", "12.000,5", "1"], 1.0, 12000.5),
        (["12,34,567", "1,23,456", "999", "5"], 5.0, 1_234_567.0),
    ] {
        let data = read(&column(&cells), "y").unwrap();
        range(data.schema(), "x", min, max);
    }
}

#[test]
fn three_decimals_stay_decimals() {
    let point = case("a7-three-decimals", "kind");
    range(point.schema(), "mass", 0.286, 12.748);
    let comma = case("a8-three-decimals-comma", "kind");
    range(comma.schema(), "mass", 0.372, 12.141);
    assert_eq!(notes(&point) + &notes(&comma), "");
    // Nothing in the file shows which it is: it is said.
    let data = read(&column(&["1.765", "12.724", "3.264", "7.425"]), "y").unwrap();
    range(data.schema(), "x", 1.765, 12.724);
    holds(&notes(&data), &["\"x\"", "1.765", "--decimal ,"]);
}

#[test]
fn a_stated_decimal_mark_decides() {
    let reading = Reading { decimal: Some(DecimalMark::Comma), ..Reading::default() };
    let options = CsvOptions { reading, ..options("y") };
    let csv = column(&["1.765", "12.724", "3.264", "7.425"]);
    range(Dataset::from_csv(&csv, &options).unwrap().schema(), "x", 1765.0, 12724.0);
}

#[test]
fn signs_and_units_are_taken_out_and_said() {
    let data = case("a5-percent-and-currency", "sold");
    range(data.schema(), "discount", 0.1, 39.9);
    range(data.schema(), "price", 3.73, 58.64);
    holds(&notes(&data), &["discount", "%", "price", "€"]);
    for (cells, min, max, sign) in [
        (["5 cm", "7 cm", "12.5 cm", "3 cm"], 3.0, 12.5, "cm"),
        (["-$5.00", "$1,200.50", "$7.00", "$3.00"], -5.0, 1200.5, "$"),
        (["USD 5", "USD 1,000", "USD 7", "USD 3"], 3.0, 1000.0, "USD"),
        (["10 %", "20 %", "7.5 %", "3 %"], 3.0, 20.0, "%"),
    ] {
        let data = read(&column(&cells), "y").unwrap();
        range(data.schema(), "x", min, max);
        holds(&notes(&data), &["\"x\"", sign, "is read as"]);
    }
    let data = read(&column(&["(5)", "7", "\u{2212}3", "2"]), "y").unwrap();
    range(data.schema(), "x", -5.0, 7.0);
    holds(&notes(&data), &["\"x\"", "below zero"]);
}

#[test]
fn signs_as_people_write_them_are_read() {
    for (cells, min, max, parts) in [
        (
            ["Rs. 16,74,414.50", "Rs. 3,32,718", "Rs.5", "Rs. 12"],
            5.0,
            1_674_414.5,
            ["Rs.", "comma"],
        ),
        (["$ 8,496.00", "($ 4,802.00)", "$ 12.00", "$ 7.50"], -4802.0, 8496.0, ["the comma", "$"]),
        (["314.30-", "861.00", "32.75-", "12.00"], -314.3, 861.0, ["\"314.30-\"", "below zero"]),
        (["5.-", "7.50", "12.-", "3.20"], 3.2, 12.0, ["\".-\"", "is read as 5"]),
    ] {
        let data = read(&column(&cells), "y").unwrap();
        range(data.schema(), "x", min, max);
        holds(&notes(&data), &parts);
    }
}

#[test]
fn numbers_that_stay_texts_are_told() {
    for (sign, end) in [("'", ""), ("~", ".5")] {
        let cells: Vec<String> = (0..24).map(|i| format!("{sign}{}{end}", i % 6)).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let data = read(&column(&cells), "y").unwrap();
        assert_eq!(n_categories(&data, "x"), Some(6));
        holds(&notes(&data), &["\"x\" holds numbers with", sign, "24 cells"]);
    }
    // Names with a number in them are no amounts.
    for cells in [["A-1", "A-2", "A-3", "A-1"], ["room 1", "room 2", "room 3", "room 1"]] {
        assert!(!notes(&read(&column(&cells), "y").unwrap()).contains("holds numbers"));
    }
}

// B: texts made equal

#[test]
fn codes_are_told_from_amounts() {
    for (name, target, column, categories) in [
        ("b1-leading-zeros", "region", "branch", 6),
        ("b2-exponents", "line", "part", 6),
        ("b3-long-ids", "channel", "order", 2),
        ("b7-zeros-without-clash", "soil", "plot", 4),
    ] {
        let data = case(name, target);
        assert_eq!(n_categories(&data, column), Some(categories), "{name}");
        holds(&notes(&data), &[column, "codes", &format!("--numeric {column}")]);
    }
    let options = CsvOptions { numeric: vec!["branch".into()], ..options("region") };
    let data = Dataset::from_csv(&fixture("b1-leading-zeros"), &options).unwrap();
    range(data.schema(), "branch", 42.0, 950.0);
}

#[test]
fn texts_among_codes_are_codes() {
    let cells: Vec<String> = (0..90)
        .map(|i| if i % 10 == 0 { format!("M{}", i % 3) } else { format!("{:02}", i % 29) })
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let data = read(&column(&cells), "y").unwrap();
    assert_eq!(n_categories(&data, "x"), Some(32));
    holds(&notes(&data), &["\"x\"", "codes", "--numeric x"]);
}

#[test]
fn texts_of_one_number_are_said() {
    for (name, target, parts) in [
        ("b4-releases", "state", ["release", "\"1.2\"", "\"1.20\"", "--categorical release"]),
        ("b5-day-and-month", "half", ["picked", "\"1.1\"", "\"1.10\"", "day and month"]),
        ("b6-prices", "sold", ["price", "\"2.5\"", "\"2.50\"", "--categorical price"]),
    ] {
        let data = case(name, target);
        holds(&notes(&data), &parts);
        assert_eq!(n_categories(&data, parts[0]), None, "{name}");
    }
}

// C: missing marks

#[test]
fn marks_among_numbers_are_no_values() {
    for (name, target, column, share, marks) in [
        ("c1-few-numbers", "kind", "doors", 8.0 / 48.0, &["\"N/A\" (8)"][..]),
        (
            "c2-many-marks",
            "fault",
            "speed",
            10.0 / 60.0,
            &["\"n/a\"", "\"#N/A\"", "\"-\"", "\"nil\"", "\".\""],
        ),
        (
            "c3-spreadsheet-errors",
            "crop",
            "yield",
            5.0 / 60.0,
            &["\"#DIV/0!\"", "\"#VALUE!\"", "\"#REF!\""],
        ),
    ] {
        let data = case(name, target);
        let feature = &data.schema().features[data.schema().feature_index(column).unwrap()];
        assert!(feature.numeric().is_some(), "{name}");
        assert!((feature.missing_share - share).abs() < 0.02, "{name}: {}", feature.missing_share);
        holds(&notes(&data), marks);
        holds(&notes(&data), &[column, "--missing"]);
    }
}

#[test]
fn marks_that_may_be_values_are_said() {
    let data = case("c4-class-na", "market");
    assert_eq!(data.n_dropped(), 18);
    holds(&notes(&data), &["18 rows", "\"NA\" (18)", "--missing"]);
    holds(&notes(&case("c5-country-na", "harvest")), &["nation", "\"NA\" (18)", "--missing"]);
    holds(
        &refusal("c6-one-class-left", "market"),
        &["1 class", "20 rows hold \"NA\"", "--missing"],
    );
    let data = case("c7-none-is-a-value", "size");
    assert_eq!(n_categories(&data, "topping"), Some(3));
    assert!(data.schema().classes.contains(&"None".to_owned()));
    // Kept, as the note says.
    let reading = Reading { missing: Some(vec!["?".into()]), ..Reading::default() };
    let options = CsvOptions { reading, ..options("market") };
    let data = Dataset::from_csv(&fixture("c4-class-na"), &options).unwrap();
    assert_eq!((data.n_classes(), data.n_dropped()), (3, 0));
}

/// Cells in turn, so many of them.
fn in_turn(texts: &[&str], n: usize) -> Vec<u8> {
    let cells: Vec<&str> = (0..n).map(|at| texts[at % texts.len()]).collect();
    column(&cells)
}

#[test]
fn marks_among_texts_are_categories_and_said() {
    let said = |texts: &[&str]| notes(&read(&in_turn(texts, 60), "y").unwrap());
    let region = said(&["north", "south", "n/a", "west", "north"]);
    holds(
        &region,
        &[
            "\"x\": \"n/a\" (12) is taken for a category like any other (--also-missing n/a if it means",
        ],
    );
    holds(
        &said(&["north", "south", "-", "k. A.", "west"]),
        &[
            "\"-\" (12), \"k. A.\" (12) are taken for categories like any other",
            "--also-missing - --also-missing \"k. A.\" if they mean no value",
        ],
    );
    let data = read_besides(&in_turn(&["north", "south", "n/a", "west", "north"], 60), &["n/a"]);
    let data = data.unwrap();
    assert_eq!(n_categories(&data, "x"), Some(3));
    holds(&notes(&data), &["\"n/a\" (12) is taken for no value"]);
    // Beside one other value it is that one's opposite; and who states all marks has spoken.
    for quiet in [&["some", "none"][..], &["unknown", "-"], &["north", "south", "none of these"]] {
        assert!(!said(quiet).contains("like any other"), "{quiet:?}");
    }
    let reading = Reading { missing: Some(vec!["?".into()]), ..Reading::default() };
    let options = CsvOptions { reading, ..options("y") };
    let data = Dataset::from_csv(&in_turn(&["north", "south", "n/a"], 60), &options).unwrap();
    assert!(!notes(&data).contains("like any other"));
}

#[test]
fn a_mark_among_classes_is_a_class_and_said() {
    let said = |classes: &[&str]| {
        let row = |i: usize| format!("{},{}\n", i % 7, classes[i % classes.len()]);
        let csv = "w,y\n".to_owned() + &(0..60).map(row).collect::<String>();
        let data = read(csv.as_bytes(), "y").unwrap();
        (data.n_classes(), notes(&data))
    };
    let (n_classes, told) = said(&["good", "bad", "unknown"]);
    assert_eq!(n_classes, 3);
    holds(
        &told,
        &[
            "\"y\": \"unknown\" (20) is taken for a class like any other",
            "(--also-missing unknown if it means no value: such rows are dropped then)",
        ],
    );
    assert!(!said(&["good", "unknown"]).1.contains("like any other"));
}

#[test]
fn an_unknown_mark_among_numbers_is_named() {
    let cells: Vec<String> =
        (0..60).map(|i| if i % 6 == 1 { "xx".into() } else { format!("{i}.5") }).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let error = read(&column(&cells), "y").unwrap_err().to_string();
    holds(&error, &["row 2", "\"x\"", "\"xx\"", "50 of 60", "--also-missing xx"]);
}

/// As [`read`], with `marks` besides the known ones.
fn read_besides(csv: &[u8], marks: &[&str]) -> Result<Dataset, DatasetError> {
    let also_missing = marks.iter().map(|mark| (*mark).to_owned()).collect();
    let reading = Reading { also_missing, ..Reading::default() };
    Dataset::from_csv(csv, &CsvOptions { reading, ..options("y") })
}

#[test]
fn a_mark_that_is_stated_besides_leaves_the_known_ones() {
    let cell = |i: usize| match i % 10 {
        1 => "12,,5".into(),
        2 => "k. A.".into(),
        _ => format!("{i},5"),
    };
    let cells: Vec<String> = (0..60).map(cell).collect();
    let csv = column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    let error = read(&csv, "y").unwrap_err();
    assert_eq!(error.cell_text(), Some("12,,5"));
    holds(&error.to_string(), &["row 2", "state --also-missing 12,,5 if it means no value"]);
    let data = read_besides(&csv, &["12,,5"]).unwrap();
    range(data.schema(), "x", 0.5, 59.5);
    assert_eq!(data.column(0).filter(|value| value.is_nan()).count(), 12);
    holds(&notes(&data), &["\"12,,5\" (6)", "\"k. A.\" (6)"]);
    // What is stated is used by whoever reads rows like these later.
    let reading = data.reading().unwrap();
    let later = data.schema().rows_from_csv_as(b"x\n12,,5\n", reading).unwrap();
    assert!(later.row(0).unwrap().unwrap().values()[0].is_nan());
}

#[test]
fn a_text_too_long_for_a_message_is_known_to_the_page() {
    let long = format!("broken {}", "sensor ".repeat(12));
    let cells: Vec<String> = (0..40).map(|i| format!("{i}.5")).chain([long.clone()]).collect();
    let csv = column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    let error = read(&csv, "y").unwrap_err();
    assert_eq!(error.cell_text(), Some(long.trim()));
    holds(&error.to_string(), &["--also-missing with that text"]);
    assert!(read_besides(&csv, &[long.trim()]).is_ok());
    // A model's file knows its columns: no mark helps where a value is needed.
    let data = read(&column(&["1", "2", "3", "4"]), "y").unwrap();
    let rows = data.schema().rows_from_csv(b"x\nbig\n").unwrap();
    assert_eq!(rows.first_fault().unwrap().cell_text(), None);
}

#[test]
fn advice_names_the_texts_that_it_is_about() {
    let cells = |odd: &[&str]| -> String {
        let cell = |i: usize| match i % 4 {
            0 => odd[i / 4 % odd.len()].to_owned(),
            _ => format!("{}.5", i % 7),
        };
        let cells: Vec<String> = (0..80).map(cell).collect();
        notes(&read(&column(&cells.iter().map(String::as_str).collect::<Vec<_>>()), "y").unwrap())
    };
    holds(&cells(&["bad"]), &["60 numbers and texts", "(--also-missing bad if it means no value)"]);
    holds(&cells(&["bad", "so so"]), &["--also-missing bad --also-missing \"so so\" if they mean"]);
    let dates = ["2024-03-04", "2024-03-05", "soon", "2024-04-06", "soon"];
    holds(&notes(&read(&column(&dates), "y").unwrap()), &["--also-missing soon"]);
    // A mark has to be what the cells hold.
    let cell = |i: usize| if i % 8 == 3 { "-999,0".into() } else { format!("{i},5") };
    let cells: Vec<String> = (0..40).map(cell).collect();
    let csv = column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    holds(&notes(&read(&csv, "y").unwrap()), &["--also-missing -999,0"]);
    range(read_besides(&csv, &["-999,0"]).unwrap().schema(), "x", 0.5, 39.5);
}

#[test]
fn a_number_that_may_mean_no_value_is_pointed_out() {
    let cells = |odd: &str| -> String {
        let cell =
            |i: usize| if i % 8 == 3 { odd.to_owned() } else { format!("{}.5", i * 37 % 90) };
        let cells: Vec<String> = (0..40).map(cell).collect();
        notes(&read(&column(&cells.iter().map(String::as_str).collect::<Vec<_>>()), "y").unwrap())
    };
    for odd in ["-999", "-9999", "999"] {
        holds(&cells(odd), &["\"x\"", odd, "5 cells", &format!("--also-missing {odd}")]);
    }
    for usual in ["99", "-9", "100"] {
        assert!(!cells(usual).contains("--also-missing"), "{usual}");
    }
}

#[test]
fn a_tick_or_nothing_is_pointed_out() {
    let csv: String = (0..30)
        .map(|i| format!("{},{},{}\n", ["x", ""][i % 2], i % 7, ["a", "b"][i / 3 % 2]))
        .collect();
    let data = read(format!("tick,w,y\n{csv}").as_bytes(), "y").unwrap();
    holds(&notes(&data), &["\"tick\" holds one value", "15 gaps", "--drop tick"]);
}

// D: separator

#[test]
fn the_separator_is_the_one_that_leaves_whole_cells() {
    for (name, header) in [
        ("d1-units-in-header", &["width, cm", "height, cm", "kind"][..]),
        ("d2-pairs-in-a-cell", &["part, colour", "line"]),
        ("d3-one-number", &["price, EUR", "tier"]),
        ("d5-pipes", &["width", "height", "kind"]),
        ("d6-lists", &["width", "tags", "kind"]),
    ] {
        let data = case(name, "");
        let schema = data.schema();
        let names = schema.features.iter().map(|feature| feature.name.as_str());
        let found: Vec<&str> = names.chain([schema.target.as_str()]).collect();
        assert_eq!(found, header, "{name}");
    }
    let error = refusal("d4-semicolons-in-names", "effect (a; b)");
    holds(&error, &["dose (mg; dry)", "names rows", "--separator"]);
    assert_eq!(case("d2-pairs-in-a-cell", "").schema().classes, ["fast", "slow"]);
}

#[test]
fn a_cell_too_many_among_decimal_commas_is_named_by_its_row() {
    let csv = "w, cm;h, cm;kind\n1,5;2,5;a\n2,5;3,5;b\n3,1;9;4,0;a\n1,0;2,0;b\n4,5;1,5;a\n";
    let error = read(csv.as_bytes(), "").unwrap_err().to_string();
    holds(&error, &["row 3 (line 4) has 4 cells where the header has 3"]);
}

#[test]
fn a_draw_of_separators_is_told_and_a_stated_one_is_used() {
    let csv = b"a;b,c\nx;y,z\nu;v,w\nx;v,w\nu;y,z\n";
    let error = read(csv, "").unwrap_err().to_string();
    holds(&error, &["comma", "semicolon", "--separator"]);
    let reading = Reading { separator: Some(b','), ..Reading::default() };
    let data = Dataset::from_csv(csv, &CsvOptions { reading, ..options("") }).unwrap();
    assert_eq!(data.schema().target, "c");
}

// E: first lines

#[test]
fn hints_titles_and_comments_are_passed_over() {
    for name in [
        "e1-hint-semicolon",
        "e2-hint-comma",
        "e3-title",
        "e4-comment",
        "e6-row-names",
        "e7-blank-line",
    ] {
        let data = case(name, "kind");
        assert_eq!((data.n_samples(), data.n_features()), (36, 2), "{name}");
    }
    holds(&notes(&case("e3-title", "kind")), &["line 1", "Sawmill"]);
    holds(&notes(&case("e4-comment", "kind")), &["2 lines", "# planks"]);
    holds(&notes(&case("e6-row-names", "kind")), &["row names", "\"p1\""]);
    let tab = read(b"sep=\t\na\tb\n1\tx\n2\ty\n", "").unwrap();
    assert_eq!(tab.n_features(), 1);
    let quoted = read(b"\"sep=;\"\r\na;b\r\n1;x\r\n2;y\r\n", "").unwrap();
    assert_eq!(quoted.n_samples(), 2);
}

/// 36 rows of two numbers and a class, each ending in what `end` says of its number.
fn planks(end: impl Fn(usize) -> &'static str) -> String {
    let row =
        |i: usize| format!("{}.5,{}.2,{}{}\n", i % 9 + 1, i % 7 + 1, ["a", "b"][i % 2], end(i));
    (0..36).map(row).collect()
}

#[test]
fn separators_at_the_end_of_rows_hide_no_names() {
    for (rows, n) in [
        (planks(|_| ",,"), "36 rows end"),
        (planks(|i| if i % 3 == 0 { "" } else { "," }), "24 rows end"),
        (planks(|i| if i == 7 { ",,," } else { "" }), "1 row ends"),
    ] {
        let data = read(format!("width,height,kind\n{rows}").as_bytes(), "kind").unwrap();
        assert_eq!((data.n_samples(), data.n_features()), (36, 2), "{n}");
        holds(&notes(&data), &[n, "in a separator"]);
    }
    // A cell that most rows lack is no reason to take another line for the names.
    let rows = planks(|i| if i % 3 == 0 { ",x" } else { "" });
    let error = read(format!("width,height,kind,note\n{rows}").as_bytes(), "kind").unwrap_err();
    holds(&error.to_string(), &["row 2 (line 3) has 3 cells where the header has 4"]);
}

#[test]
fn lines_below_the_table_are_passed_over_and_said() {
    let rows = planks(|_| "");
    for footer in ["(36 rows)\n", "\nSource: Office of Planks\n", "Printed 2024-03-04,,,\nby Ann\n"]
    {
        let data = read(format!("width,height,kind\n{rows}{footer}").as_bytes(), "kind").unwrap();
        assert_eq!(data.n_samples(), 36, "{footer}");
        holds(&notes(&data), &["no part of the table", footer.trim().split(',').next().unwrap()]);
    }
    // Half a row is none.
    assert!(read(format!("width,height,kind\n{rows}1.5\n").as_bytes(), "kind").is_err());
}

#[test]
fn names_that_come_again_are_no_row() {
    let rows = planks(|_| "");
    let twice = format!("width,height,kind\n{rows}width,height,kind\n{rows}");
    let data = read(twice.as_bytes(), "kind").unwrap();
    assert_eq!((data.n_samples(), data.n_features()), (72, 2));
    holds(&notes(&data), &["line 38", "names of the columns once more"]);
}

#[test]
fn columns_without_names_are_said() {
    let data = read(format!(",height,kind\n{}", planks(|_| "")).as_bytes(), "kind").unwrap();
    holds(&notes(&data), &["place 1 has no name", "\"column 1\"", "--drop \"column 1\""]);
}

#[test]
fn what_is_no_table_is_told() {
    for (text, word) in [
        ("<!DOCTYPE html>\n<html><body>a,b</body></html>\n", "web page"),
        ("\n <table><tr><td>a</td></tr></table>", "web page"),
        ("[{\"w\": 1, \"y\": \"a\"},\n{\"w\": 2, \"y\": \"b\"}]\n", "JSON"),
        ("{\"w\": 1, \"y\": \"a\"}\n{\"w\": 2, \"y\": \"b\"}\n", "JSON"),
        ("w h kind\n1.5 2.5 a\n3.5 2.0 b\n1.0 2.0 a\n4.0 2.5 b\n", "--separator ' '"),
        ("\"w,h,kind\"\n\"1.5,2.5,a\"\n\"3.5,2.0,b\"\n", "in quotes as a whole"),
    ] {
        holds(&read(text.as_bytes(), "").unwrap_err().to_string(), &[word]);
    }
}

#[test]
fn a_hint_at_a_separator_that_is_not_there_does_not_count() {
    let data = read(format!("sep=;\nw,h,kind\n{}", planks(|_| "")).as_bytes(), "kind").unwrap();
    assert_eq!((data.n_samples(), data.n_features()), (36, 2));
    holds(&notes(&data), &["\"sep=;\"", "does not use"]);
}

#[test]
fn a_file_without_names_keeps_its_first_row() {
    let data = case("e5-no-header", "");
    assert_eq!(data.n_samples(), 36);
    assert_eq!(data.schema().target, "column 3");
    holds(&notes(&data), &["first line looks like data", "1.6", "--header 1"]);
    // Texts that stand below again are no names either.
    let cars =
        read(b"high,2,small,bad\nlow,4,big,good\nhigh,4,small,bad\nlow,2,big,good\n", "").unwrap();
    assert_eq!(cars.n_samples(), 4);
    // Years may name columns.
    let years = read(b"who,2019,2020,kind\nu,5,6,a\nv,7,8,b\nu,5,9,a\n", "").unwrap();
    assert_eq!((years.n_samples(), years.schema().target.as_str()), (3, "kind"));
}

#[test]
fn two_lines_of_names_are_refused_and_a_stated_one_is_used() {
    let error = refusal("e8-title-as-wide", "kind");
    holds(&error, &["line 2 looks like the header", "width", "delete line 1"]);
    let reading = Reading { header: Some(HeaderLine::Line(2)), ..Reading::default() };
    let options = CsvOptions { reading, ..options("kind") };
    let data = Dataset::from_csv(&fixture("e8-title-as-wide"), &options).unwrap();
    assert_eq!(data.n_features(), 2);
}

// F: open quote

#[test]
fn a_stray_quote_swallows_no_rows() {
    for (name, line) in [("f1-text-after-quote", "line 13"), ("f3-never-closed", "line 29")] {
        let data = case(name, "ok");
        assert_eq!(data.n_samples(), 40, "{name}");
        holds(&notes(&data), &[line, "quote"]);
    }
    holds(&notes(&case("f2-closed-later", "ok")), &["row 20", "21 to 23"]);
    for name in ["f4-backslash", "f5-single-quotes", "f6-line-breaks"] {
        let data = case(name, "ok");
        assert_eq!((data.n_samples(), data.n_features()), (40, 2), "{name}");
    }
    assert!(!notes(&case("f6-line-breaks", "ok")).contains("quote"));
}

// J: number as target

#[test]
fn a_measurement_is_no_class() {
    for (name, target, found, rows) in [
        ("j1-measurement", "blood_pressure", 59, 60),
        ("j2-counts", "parcels", 80, 80),
        ("j3-age", "age", 60, 240),
    ] {
        let error = refusal(name, "");
        let counts = format!("{found} different numbers in {rows} rows");
        holds(&error, &[target, &counts, "measurement", "choose another target"]);
    }
    assert_eq!(case("j4-ten-digits", "").n_classes(), 10);
    // With a sign at it, too.
    for cell in
        [|i: usize| format!("${}.{i}", i % 9), |i| format!("{i},5 %"), |i| format!("{i} kr")]
    {
        let csv: String = (10..46).map(|i| format!("{};{}\n", i % 7, cell(i))).collect();
        let error = read(format!("w;y\n{csv}").as_bytes(), "").unwrap_err().to_string();
        holds(&error, &["36 different numbers in 36 rows", "measurement"]);
    }
}

// K: notes

#[test]
fn classes_that_look_alike_are_named_and_kept_apart() {
    for (name, target, classes, parts) in [
        ("k1-case", "fruit", 6, ["\"RIPE\" (10)", "\"Ripe\" (10)", "\"ripe\" (10)"]),
        ("k2-full-stop", "finding", 4, ["\"cracked\" (15)", "\"cracked.\" (15)", "punctuation"]),
        ("k3-composed", "drink", 3, ["\"ros\u{e9}\" (15)", "\"rose\u{301}\" (15)", "encoded"]),
        ("k4-number-spellings", "failed", 4, ["\"0\" (15)", "\"0.0\" (15)", "number"]),
    ] {
        let data = case(name, target);
        assert_eq!(data.n_classes(), classes, "{name}");
        holds(&notes(&data), &parts);
    }
}

#[test]
fn dates_and_times_are_features_and_said() {
    let data = case("k5-few-dates", "tide");
    holds(&notes(&data), &["\"day\" holds dates", "2024-03-04", "--drop day"]);
    assert!(data.schema().feature_index("day.elapsed_days").is_some());
    let data = case("k6-times", "route");
    holds(&notes(&data), &["\"left\" holds times", "05:15", "--drop left"]);
    range(data.schema(), "left.hour", 5.25, 17.25);
    for (cells, note) in [
        (["4.3.2024", "5.3.2024", "31.3.2024", "6.3.2024"], "31"),
        (["Mar 4, 2024", "Mar 5, 2024", "Mar 31, 2024", "Apr 6, 2024"], "holds dates"),
        (["2024-03-04T10:00", "2024-03-05T11:00", "2024-03-06T12:30", "2024-03-07T13:00"], "hour"),
    ] {
        let data = read(&column(&cells), "y").unwrap();
        assert_eq!(data.schema().sources.len(), 1, "{cells:?}");
        assert!(note == "31" || notes(&data).contains(note), "{}", notes(&data));
    }
    let ambiguous = read(&column(&["4/3/2024", "5/3/2024", "6/7/2024", "8/9/2024"]), "y").unwrap();
    holds(&notes(&ambiguous), &["month first", "--dates dmy"]);
}

#[test]
fn months_of_a_year_are_dates() {
    for cells in [
        ["Mar 2024", "Apr 2024", "May 2023", "Mar 2023"],
        ["Mar-24", "Apr-24", "May-23", "Mar-23"],
        ["03/2024", "4/2024", "05/2023", "03/2023"],
    ] {
        let data = read(&column(&cells), "y").unwrap();
        range(data.schema(), "x.year", 2023.0, 2024.0);
        holds(&notes(&data), &["\"x\" holds dates in 4 cells"]);
    }
}

#[test]
fn a_year_in_front_is_one_in_any_order() {
    let data = read(&column(&["2024-03-04", "31.3.2024", "2024-04-06", "7.4.2024"]), "y").unwrap();
    range(data.schema(), "x.month", 3.0, 4.0);
    range(data.schema(), "x.elapsed_days", 19786.0, 19820.0);
}

#[test]
fn a_date_that_is_none_is_named() {
    let mut cells: Vec<String> = (1..=28).map(|day| format!("2024-03-{day:02}")).collect();
    cells[4] = "2024-02-30".into();
    let refused = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        read(&column(&cells), "y").unwrap_err().to_string()
    };
    holds(
        &refused(&cells),
        &["row 5", "\"x\"", "2024-02-30", "27 of 28 cells", "--also-missing 2024-02-30"],
    );
    // What a database writes for no date is none.
    cells[4] = "0000-00-00".into();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    holds(&notes(&read(&column(&cells), "y").unwrap()), &["\"0000-00-00\" (1)", "no value"]);
}

#[test]
fn dates_that_are_not_read_are_told() {
    // Day and month in both orders: no order reads them all.
    let cells = ["13/03/2024", "03/14/2024", "15/03/2024", "03/16/2024"];
    let data = read(&column(&cells), "y").unwrap();
    assert_eq!(n_categories(&data, "x"), Some(4));
    holds(&notes(&data), &["\"x\" holds dates in 2 cells", "2 others", "it is not read as dates"]);
    // Minutes that go beyond a day.
    let cells: Vec<String> = (20..60).map(|n| format!("{n}:05")).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let error = read(&column(&cells), "y").unwrap_err().to_string();
    holds(&error, &["\"x\" holds times in 28 cells", "12 others", "48:05"]);
}

#[test]
fn zones_that_differ_are_said() {
    let times = |zone: &str| {
        let cell =
            |hour: u32| format!("2024-03-04T0{hour}:15:00{}", if hour == 4 { zone } else { "Z" });
        let cells: Vec<String> = (1..9).map(cell).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        notes(&read(&column(&cells), "y").unwrap())
    };
    holds(&times("+02:00"), &["\"x\" holds times of different zones", "04:15:00+02:00"]);
    assert!(!times("Z").contains("zones"));
}

#[test]
fn row_numbers_and_leaks_are_pointed_out() {
    holds(&notes(&case("k7-gaps", "kind")), &["\"column 1\" numbers the rows"]);
    holds(
        &notes(&case("k8-leak", "outcome")),
        &["outcome no", "alone tells the class", "--drop \"outcome no\""],
    );
}

// L: messages

#[test]
fn messages_name_place_and_way_out() {
    let data = case("l1-trailing-comma", "kind");
    assert_eq!(data.n_samples(), 36);
    holds(&notes(&data), &["36 rows end in a separator"]);
    let error = refusal("l3-latin1-header", "");
    holds(&error, &["the header", "Latin-1", "UTF-8", "--encoding windows-1252"]);
    let data = case("l4-nameless-column", "state");
    assert_eq!(data.n_features(), 3);
    let data = case("l8-nothing-in-it", "kind");
    holds(&notes(&data), &["spare", "no values", "\"row\" numbers the rows"]);
    let error = read(b"y,x,y\n1,2,p\n3,5,q\n2,2,p\n", "y").unwrap_err().to_string();
    holds(&error, &["two columns are named \"y\"", "place 3", "--target \"y (2)\""]);
    let repeated = read(b"a,a,y\n1,2,p\n3,5,q\n2,2,p\n", "").unwrap();
    holds(&notes(&repeated), &["two columns are named \"a\"", "\"a (2)\""]);
}

/// Text in Windows-1252, whose letters are those of Latin-1 here.
fn in_windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn windows_1252_is_refused_unless_it_is_stated() {
    let rows = "Größe;Straße;Urteil\n1,5;Höhe;gut\n2,5;Weg;schlecht\n3,5;Höhe;gut\n";
    let csv = in_windows_1252(rows);
    let error = read(&csv, "").unwrap_err();
    assert!(error.looks_like_windows_1252());
    holds(
        &error.to_string(),
        &["the header", "\"Größe;Straße;Urteil\"", "--encoding windows-1252"],
    );
    let encoding = Some(Encoding::Windows1252);
    let reading = Reading { encoding, ..Reading::default() };
    let stated = CsvOptions { reading: reading.clone(), ..options("Urteil") };
    let data = Dataset::from_csv(&csv, &stated).unwrap();
    assert_eq!(data.digest(), read(rows.as_bytes(), "Urteil").unwrap().digest());
    assert_eq!(data.reading().unwrap().encoding, encoding);
    assert_eq!(CellTexts::from_csv(&csv, &reading).unwrap().cell(0, 1), "Höhe");
    let later = in_windows_1252("Straße;Größe\nWeg;1,75\n");
    let rows = data.schema().rows_from_csv_as(&later, &reading).unwrap();
    assert_eq!(rows.row(0).unwrap().unwrap().values(), [1.75, 1.0]);
    assert!(data.schema().rows_from_csv(&later).unwrap_err().looks_like_windows_1252());
}

#[test]
fn a_wrong_statement_of_the_encoding_is_noted() {
    let csv = "x,Straße\n1,a\n2,b\n";
    let reading = Reading { encoding: Some(Encoding::Windows1252), ..Reading::default() };
    let stated = CsvOptions { reading, ..options("") };
    let data = Dataset::from_csv(csv.as_bytes(), &stated).unwrap();
    let said = notes(&data);
    holds(&said, &["looks like UTF-8", "\"Straße\" in line 1", "leave --encoding out"]);
    let rows = data.schema().rows_from_csv_as(b"x\n1\n", &stated.reading).unwrap();
    assert!(rows.notes().is_empty(), "ASCII is the same in both");
}

#[test]
fn a_value_too_large_to_compute_with_is_named() {
    let data = case("l2-huge", "state");
    for family in Family::ALL {
        let params = TrainParams::new(family);
        let error = params.train(&data).unwrap_err();
        holds(&error.to_string(), &[family.as_str(), "\"power\"", "-1.619e308"]);
    }
    // Trees alone compare in single precision: the others are trained.
    let rows: String =
        (0..40).map(|i| format!("{}e40,{}\n", i % 9 + 1, ["a", "b"][i % 2])).collect();
    let data = read(format!("x,y\n{rows}").as_bytes(), "y").unwrap();
    assert_eq!(trained(&data, Family::LogisticRegression).family(), Family::LogisticRegression);
}

// Many categories, and text

#[test]
fn hundreds_of_categories_are_learnt_from() {
    let mut csv = String::from("place,size,y\n");
    for i in 0..3000_u32 {
        let place = i.wrapping_mul(2_654_435_761) % 600;
        csv += &format!("p{place},{},{}\n", i % 7, if place % 3 == 0 { "a" } else { "b" });
    }
    let data = read(csv.as_bytes(), "y").unwrap();
    assert_eq!(n_categories(&data, "place"), Some(600));
    for family in [Family::LogisticRegression, Family::RandomForest] {
        let model = trained(&data, family);
        let test = model.evaluation().test.as_ref().unwrap().confusion.accuracy();
        assert!(test > 0.85, "{family}: {test}");
        assert_eq!(Artifact::from_bytes(&model.to_bytes()).unwrap(), model);
    }
}

#[test]
fn categories_of_hardly_a_row_each_are_pointed_out_where_they_were_stated() {
    let said = |cells: &[String]| {
        let csv = column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        let options = CsvOptions { categorical: vec!["x".into()], ..options("y") };
        notes(&Dataset::from_csv(&csv, &options).unwrap())
    };
    let cells = |n: usize, cell: fn(usize) -> String| (0..n).map(cell).collect::<Vec<_>>();
    let numbers = said(&cells(286, |i| format!("{}.5", i % 280)));
    holds(&numbers, &["\"x\"", "280 categories in 286 rows", "leave --categorical x out"]);
    holds(&said(&cells(60, |i| format!("{} units", i * 7 % 25))), &["25 categories in 60 rows"]);
    holds(&said(&cells(40, |i| format!("name{i}"))), &["40 categories in 40 rows"]);
    // Three rows each; too few to be sure; and texts that would be categories all the same.
    for quiet in [
        cells(90, |i| format!("{}.5", i % 30)),
        cells(12, |i| format!("{}", i % 9)),
        cells(60, |i| format!("text{}", i % 25)),
        cells(60, |i| format!("{:04}", i % 25)),
    ] {
        assert!(!said(&quiet).contains("as stated"), "{quiet:?}");
    }
}

#[test]
fn categories_that_say_nothing_teach_nothing() {
    let mut csv = String::from("place,y\n");
    let mut rng = SplitMix64::new(7);
    for _ in 0..2000 {
        csv += &format!("p{},{}\n", rng.below(400), ["a", "b"][rng.below(2) as usize]);
    }
    let model = trained(&read(csv.as_bytes(), "y").unwrap(), Family::RandomForest);
    let cv = model.evaluation().cv.as_ref().unwrap();
    assert!((cv.mean() - 0.5).abs() < 0.06, "{}", cv.mean());
}

#[test]
fn prose_is_length_and_words() {
    let mut csv = String::from("remark,y\n");
    for i in 0..200 {
        let (word, class) = if i % 2 == 0 { ("splendid", "good") } else { ("dreadful", "bad") };
        csv += &format!("\"a {word} day, number {i} of all\",{class}\n");
    }
    let data = read(csv.as_bytes(), "y").unwrap();
    holds(&notes(&data), &["\"remark\" holds text", "--drop remark"]);
    assert_eq!(data.schema().sources[0].features().len(), data.n_features());
    let model = trained(&data, Family::LogisticRegression);
    assert!(model.evaluation().test.as_ref().unwrap().confusion.accuracy() > 0.95);
}

fn trained(data: &Dataset, family: Family) -> Artifact {
    let params = TrainParams::new(family);
    params.train(data).unwrap()
}
