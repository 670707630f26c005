//! Says whether a CSV file still looks like another one, or like the rows a model was trained on.
//!
//! ```text
//! cargo run --release -p model-core --example detect_drift -- data/iris.csv window.csv
//! ```
//!
//! The reference says what each column holds; the window is read as it says, and the two are
//! compared column by column and all columns at once.

#[path = "shared/csv_file.rs"]
mod csv_file;
#[path = "shared/model_file.rs"]
mod model_file;
#[path = "shared/program.rs"]
mod program;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use model_core::DatasetError;
use model_core::drift::{
    CsvSample, DriftParams, DriftReport, FeatureDrift, Outcome, Rule, SampleColumn, detect,
};
use serde_json::{Value, json};

use self::csv_file::named;
use self::program::{Failure, exit, print};

const HELP: &str = "\
Compares a window of rows with reference rows: does the data still look alike?

usage: detect_drift REFERENCE CURRENT.csv [--target COLUMN] [--evidently] [--json]

  REFERENCE         a CSV file, or a model file (.tepal), which carries rows of its training
  --target COLUMN   compare this column as categories, whatever it holds; it may be missing in
                    the current file, as labels come late
  --evidently       Evidently's verdict instead of the default: one unadjusted test a column,
                    drift if half of the columns drift, however few the rows
  --json            print the report as JSON

Every column of the reference is compared, a target like the rest; columns that only the current
file has are passed over. A verdict needs 50 rows of both. The exit code is 0 whatever comes out,
too few rows included, and 2 if the files cannot be compared.
";

fn main() -> ExitCode {
    exit("detect_drift", run())
}

fn run() -> Result<(), Failure> {
    let Some(options) = options()? else { return print(HELP) };
    let (mut reference, mut notes) = reference(&options)?;
    let csv = csv_file::read(&options.current)?;
    if let Some(target) = &options.target {
        // Labels come late: a window without them is compared by its other columns.
        let probe: Vec<SampleColumn> =
            reference.iter().filter(|column| column.name == *target).cloned().collect();
        let found = CsvSample::window(&csv, &probe);
        if matches!(found, Err(DatasetError::MissingColumn { .. })) {
            reference.retain(|column| column.name != *target);
            notes.push(format!("the current file has no column {target}: not compared"));
        }
    }
    let window =
        CsvSample::window(&csv, &reference).map_err(|error| named(&error, &options.current))?;
    for name in &window.passed_over {
        notes.push(format!("column {name} is not compared: the reference does not have it"));
    }
    let rule = if options.evidently { Rule::EVIDENTLY } else { Rule::default() };
    let report = detect(&reference, &window.columns, DriftParams { rule })?;
    if options.json { print(as_json(&report, &notes)?) } else { print(as_text(&report, &notes)) }
}

/// The reference's columns, and what there is to say of the others.
fn reference(options: &Options) -> Result<(Vec<SampleColumn>, Vec<String>), Failure> {
    let path = &options.reference;
    if path.extension().is_some_and(|extension| extension == "tepal") {
        return of_model(path, options.target.as_deref());
    }
    let csv = csv_file::read(path)?;
    let categorical: Vec<String> = options.target.iter().cloned().collect();
    let sample = CsvSample::reference(&csv, &categorical).map_err(|error| named(&error, path))?;
    let note = |name: &String| {
        format!("column {name} is not compared: it has no values, or texts that nearly all differ")
    };
    let notes = sample.passed_over.iter().map(note).collect();
    Ok((sample.columns, notes))
}

/// The training rows that travel with a model, with their labels if a target is asked for.
fn of_model(
    path: &Path,
    target: Option<&str>,
) -> Result<(Vec<SampleColumn>, Vec<String>), Failure> {
    let model = model_file::read(path)?;
    let (schema, rows) = (model.schema(), &model.reference().train);
    if rows.is_empty() {
        return Err(named(&"the model carries no rows: give a CSV file", path).into());
    }
    let mut columns = SampleColumn::of_reference(schema, rows);
    match target {
        Some(name) if name == schema.target => {
            let labels = rows.rows().map(|(_, label)| schema.classes.get(label as usize));
            let labels: Vec<Option<&str>> = labels.map(|class| class.map(String::as_str)).collect();
            columns.push(SampleColumn::categorical(name, &labels));
        }
        Some(name) => {
            let sentence = format!("the model's target is {:?}, not {name:?}", schema.target);
            return Err(named(&sentence, path).into());
        }
        None => {}
    }
    Ok((columns, Vec::new()))
}

fn as_json(report: &DriftReport, notes: &[String]) -> Result<String, Failure> {
    let mut value = serde_json::to_value(report)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("notes".into(), json!(notes));
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

fn as_text(report: &DriftReport, notes: &[String]) -> String {
    let (n, m) = (report.n_reference, report.n_current);
    let mut text = match report.outcome {
        Outcome::Drift => format!("drift: the window of {m} rows is not like the reference of {n}"),
        Outcome::NoDrift => {
            format!("no drift found: a window of {m} rows against a reference of {n}")
        }
        Outcome::InsufficientData { rows, needed } => {
            format!("insufficient data: {rows} rows in one sample, {needed} needed for a verdict")
        }
    };
    text.push('\n');
    if let Some(p_value) = report.p_value {
        text += &format!("p-value of all tests together: {p_value:.3e}\n");
    }
    if let Some(joint) = report.joint {
        text += &format!("p-value of all columns at once: {:.3e}\n", joint.p_value);
    }
    let width = report.features.iter().map(|feature| feature.name.chars().count());
    let width = width.max().unwrap_or(0).max("column".len());
    text += &format!(
        "\n{:width$}  {:14}  {:>9}  {:>9}  {:>9}  {:>8}  {:>8}  {:>7}\n",
        "column", "test", "statistic", "p", "adjusted", "PSI", "moved/sd", "JS"
    );
    for feature in &report.features {
        text += &line(feature, width);
    }
    text += "\nA small p says that the samples differ, not that it matters; moved/sd says by how many standard\n\
             deviations a column moved. docs/guide/drift.md explains each number.\n";
    for note in notes {
        text += &format!("\nnote: {note}");
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    text
}

fn line(feature: &FeatureDrift, width: usize) -> String {
    let moved =
        feature.wasserstein_normed.map_or_else(|| "-".into(), |moved| format!("{moved:.3}"));
    // A category that the reference does not have makes a statistic as great as a number can be.
    let statistic = match feature.statistic {
        great if great > 1e9 => "great".to_owned(),
        statistic => format!("{statistic:.3}"),
    };
    let mut line = format!(
        "{:width$}  {:14}  {statistic:>9}  {:>9.2e}  {:>9.2e}  {:>8.3}  {moved:>8}  {:>7.3}",
        feature.name,
        feature.test.as_str(),
        feature.p_value,
        feature.p_value_adjusted,
        feature.psi,
        feature.jensen_shannon,
    );
    if feature.drifted {
        line += "  drifted";
    }
    let missing = feature.missing;
    if missing.p_value.is_some() {
        let (before, now) = (100.0 * missing.reference, 100.0 * missing.current);
        let _ = write!(line, "  missing {before:.1} % -> {now:.1} %");
    }
    if !feature.new_categories.is_empty() {
        let _ = write!(line, "  new: {}", feature.new_categories.join(", "));
    }
    line + "\n"
}

struct Options {
    reference: PathBuf,
    current: PathBuf,
    target: Option<String>,
    evidently: bool,
    json: bool,
}

/// The command line; `None` if only help was asked for.
fn options() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut paths, mut target, mut evidently, mut json) = (Vec::new(), None, false, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("target") => target = Some(parser.value()?.string()?),
            Long("evidently") => evidently = true,
            Long("json") => json = true,
            Long("help") | Short('h') => return Ok(None),
            Value(value) if paths.len() < 2 => paths.push(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let Ok([reference, current]) = <[PathBuf; 2]>::try_from(paths) else {
        return Err("which two files? usage: detect_drift REFERENCE CURRENT.csv".into());
    };
    Ok(Some(Options { reference, current, target, evidently, json }))
}
