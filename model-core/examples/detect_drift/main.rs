//! Says whether a CSV file still looks like another one, or like the rows a model was trained on.
//!
//! ```text
//! cargo run --release -p model-core --example detect_drift -- model-core/data/iris.csv window.csv
//! ```
//!
//! The reference says what each column holds; the window is read as it says, and the two are
//! compared column by column and all columns at once. What cannot be compared, a cell or a column,
//! is told in a note and stops nothing.

#[path = "../shared/csv_file.rs"]
mod csv_file;
#[path = "../shared/model_file.rs"]
mod model_file;
mod options;
#[path = "../shared/program.rs"]
mod program;
#[path = "../shared/reading.rs"]
mod reading;
mod report;

use std::path::Path;
use std::process::ExitCode;

use model_core::Artifact;
use model_core::drift::{
    CsvSample, DriftParams, DriftReport, OddCells, Oddity, ReferenceSketch, Rule, SampleColumn,
    detect, detect_against_sketch,
};
use serde_json::{Value, json};

use self::csv_file::named;
use self::options::{Options, help, options};
use self::program::{Failure, exit, print};

fn main() -> ExitCode {
    exit("detect_drift", run())
}

fn run() -> Result<(), Failure> {
    let Some(options) = options()? else { return print(help()) };
    let reference = reference(&options)?;
    let csv = csv_file::read(&options.current)?;
    let window = CsvSample::window_as(&csv, &reference.columns, &options.reading)
        .map_err(|error| named(&error, &options.current))?;
    let mut notes = reference.notes.clone();
    notes.extend(window.missing.iter().map(|name| lacking(name, &options)));
    for name in &window.passed_over {
        // What the reference does not compare has its note already.
        if !reference.passed_over.contains(name) {
            notes.push(format!("column {name:?} is not compared: the reference does not have it"));
        }
    }
    let odd = |column: &SampleColumn| column.odd.clone();
    notes.extend(window.columns.iter().filter_map(odd).map(|odd| reference.told(&odd)));
    if reference.columns.iter().all(|column| window.missing.contains(&column.name)) {
        let sentence = format!("it has none of the columns of {}", options.reference.display());
        return Err(named(&sentence, &options.current).into());
    }
    let drift = compared(reference, &window, &options)?;
    notes.extend(report::trifles(&drift, &options));
    if !options.json {
        return print(report::as_text(&drift, &notes, &window.missing, &options));
    }
    let mut value = serde_json::to_value(&drift)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("missing_columns".into(), json!(window.missing));
        fields.insert("notes".into(), json!(notes));
    }
    print(serde_json::to_string_pretty(&value)? + "\n")
}

/// The window against those columns of the reference that it has.
fn compared(
    reference: Reference,
    window: &CsvSample,
    options: &Options,
) -> Result<DriftReport, Failure> {
    let has = |name: &String| !window.missing.contains(name);
    let rule = if options.evidently { Rule::EVIDENTLY } else { Rule::default() };
    let Some(mut sketch) = reference.sketch else {
        let mut columns = reference.columns;
        columns.retain(|column| has(&column.name));
        return Ok(detect(&columns, &window.columns, DriftParams { rule })?);
    };
    let Rule::Calibrated { alpha, min_rows } = rule else {
        let sentence = "the model carries no rows, which --evidently compares: leave it out, or give a \
                        CSV file";
        return Err(named(&sentence, &options.reference).into());
    };
    sketch.columns.retain(|column| has(&column.name));
    Ok(detect_against_sketch(&sketch, &window.columns, alpha, min_rows)?)
}

/// What a window is compared with.
struct Reference {
    /// Of a model without rows, what its columns hold.
    columns: Vec<SampleColumn>,
    /// What such a model carries in their place.
    sketch: Option<ReferenceSketch>,
    /// Columns that it has and does not compare: no news if a window has them too.
    passed_over: Vec<String>,
    notes: Vec<String>,
    is_model: bool,
}

impl Reference {
    /// A window's odd cells, and what can be done about them.
    fn told(&self, odd: &OddCells) -> String {
        let mut note = odd.to_string();
        let same = self.columns.iter().find(|column| column.name == odd.column);
        // Whole numbers may be codes that happened to be digits.
        let may_be_codes = odd.oddity == Oddity::NoNumber
            && same.is_some_and(|c| {
                !c.values.is_empty()
                    && c.values.iter().all(|value| value.is_nan() || value.fract() == 0.0)
            });
        if may_be_codes {
            note += "; if the column holds codes, ";
            note += if self.is_model { "train the model" } else { "compare it as categories" };
            note += &format!(" with --categorical {}", odd.column);
        }
        note
    }
}

fn reference(options: &Options) -> Result<Reference, Failure> {
    let path = &options.reference;
    if path.extension().is_some_and(|extension| extension == "tepal") {
        return of_model(path, options);
    }
    let csv = csv_file::read(path)?;
    let categorical: Vec<String> =
        options.target.iter().chain(&options.categorical).cloned().collect();
    let sample = CsvSample::reference_as(&csv, &categorical, &options.reading)
        .map_err(|error| named(&error, path))?;
    let left_out = sample.notes.iter().map(|note| format!("of the reference, {note}"));
    let odd = sample.columns.iter().filter_map(|column| column.odd.as_ref());
    let notes = left_out.chain(odd.map(|odd| format!("of the reference, {odd}"))).collect();
    Ok(Reference {
        columns: sample.columns,
        sketch: None,
        passed_over: sample.passed_over,
        notes,
        is_model: false,
    })
}

/// The training rows that travel with a model, with their labels if a target is asked for.
fn of_model(path: &Path, options: &Options) -> Result<Reference, Failure> {
    let model = model_file::read(path)?;
    let (schema, rows) = (model.schema(), &model.reference().train);
    let sketch = sketch(&model, options)?;
    if rows.is_empty() && sketch.is_none() {
        return Err(named(&"the model carries no rows: give a CSV file", path).into());
    }
    let mut columns = SampleColumn::of_reference(schema, rows);
    if let Some(name) = &options.target {
        if *name != schema.target {
            let sentence = format!("the model's target is {:?}, not {name:?}", schema.target);
            return Err(named(&sentence, path).into());
        }
        let labels = rows.rows().map(|(_, label)| schema.classes.get(label as usize));
        let labels: Vec<Option<&str>> = labels.map(|class| class.map(String::as_str)).collect();
        columns.push(SampleColumn::categorical(name, &labels));
    }
    for name in &options.categorical {
        let is_category =
            schema.features.iter().any(|f| f.name == *name && f.categories().is_some());
        if !is_category && options.target.as_ref() != Some(name) {
            let sentence = format!(
                "{name:?} is no column of categories of the model: train it with --categorical \
                 {name}, or give a CSV file"
            );
            return Err(named(&sentence, path).into());
        }
    }
    let mut passed_over = schema.left_out.clone();
    passed_over.push(schema.target.clone());
    Ok(Reference { columns, sketch, passed_over, notes: Vec::new(), is_model: true })
}

/// What a model without rows carries in their place.
fn sketch(model: &Artifact, options: &Options) -> Result<Option<ReferenceSketch>, Failure> {
    let Some(summary) = model.reference_summary() else { return Ok(None) };
    if options.target.is_some() {
        let sentence = "the model carries no rows and so no labels: leave --target out";
        return Err(named(&sentence, &options.reference).into());
    }
    Ok(Some(ReferenceSketch::of_summary(model.schema(), summary)))
}

/// A column that the window does not have.
fn lacking(name: &str, options: &Options) -> String {
    let late = if options.target.as_deref() == Some(name) { "; labels may come late" } else { "" };
    let file = options.current.display();
    format!(
        "there is no column {name:?} in {file}, which the reference has: it is not compared{late}"
    )
}
