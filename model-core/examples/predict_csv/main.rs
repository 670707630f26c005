//! Classifies the rows of a CSV file with a model file.
//!
//! ```text
//! cargo run --release -p model-core --example predict_csv -- models/svm.tepal model-core/data/iris.csv
//! ```
//!
//! The model's schema reads the file: it knows the columns, their types and their ranges, fills in
//! what may be missing, and says which cell it cannot take. Such a cell costs its row the answer,
//! and no other row.

#[path = "../shared/csv_file.rs"]
mod csv_file;
#[path = "../shared/model_file.rs"]
mod model_file;
#[path = "../shared/program.rs"]
mod program;
#[path = "../shared/reading.rs"]
mod reading;
mod summary;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use model_core::dataset::{CsvRows, Reading};
use model_core::{Artifact, ClassSet, FeatureRow, Prediction, Schema};

use self::csv_file::named;
use self::program::{Failure, exit, print};
use self::summary::Summary;

/// What the program does and takes.
fn help() -> String {
    HELP.replace("{reading}", reading::HELP)
}

const HELP: &str = "\
Classifies the rows of a CSV file: adds prediction, confidence and a probability a class, and the
prediction set of a model that was cross-validated: the classes that it cannot exclude at its
coverage, with | between; the prediction alone where no class conforms.

usage: predict_csv MODEL.tepal FILE.csv [options]

Two more columns: warnings (outside_training_range and unknown_category with the columns that they
are about, no_class_conforms) and error: a row that the model cannot read keeps its cells, has no
answer, and the reason stands there. How many there are of each is said at the end.

The target column may be there and is passed over, as are columns that training left out and, with a
note, those that the model does not know. An added column whose name is taken gets another.

  --out RESULT.csv      writes the result there
  --strict              answers all rows or none: the first fault, or a column that the model does
                        not know, ends the program and nothing is written
{reading}
exit code: 0 if every row is answered, 1 if some are not, 2 if nothing could be done
";

fn main() -> ExitCode {
    exit("predict_csv", run())
}

fn run() -> Result<ExitCode, Failure> {
    let Some(options) = options()? else {
        print(help())?;
        return Ok(ExitCode::SUCCESS);
    };
    let model = model_file::read(&options.model)?;
    let csv = csv_file::read(&options.rows)?;
    let in_file = |error: &dyn std::fmt::Display| named(error, &options.rows);
    let file =
        model.schema().rows_from_csv_as(&csv, &options.reading).map_err(|error| in_file(&error))?;
    if let (true, Some(fault)) = (options.strict, file.first_fault()) {
        return Err(in_file(&fault).into());
    }
    let mut summary = Summary::default();
    let result = classified(&model, &file, &mut summary)?;
    match &options.out {
        Some(path) => fs::write(path, result).map_err(|error| named(&error, path))?,
        None => print(result)?,
    }
    file.notes().iter().for_each(|note| eprintln!("note: {note}"));
    eprint!("{summary}");
    Ok(if summary.n_refused() == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The file's rows with the model's answers, as CSV.
fn classified(model: &Artifact, file: &CsvRows, summary: &mut Summary) -> Result<Vec<u8>, Failure> {
    let schema = model.schema();
    let mut added = vec!["prediction".to_owned(), "confidence".to_owned()];
    added.extend(schema.classes.iter().map(|class| format!("p_{class}")));
    added.extend(model.conformal().map(|_| "prediction_set".to_owned()));
    let n_answer = added.len();
    added.extend(["warnings".to_owned(), "error".to_owned()]);
    summary.rename_taken(file.header(), &mut added);

    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(file.header().iter().chain(&added))?;
    for (index, row) in file.rows().enumerate() {
        let mut cells: Vec<String> = file.cells(index).map(str::to_owned).collect();
        match row {
            Ok(row) => {
                let answer = model.predict(row);
                cells.extend(answered(model, &answer));
                cells.push(warnings(schema, row, &answer));
                cells.push(String::new());
                summary.answered(schema, file, index, row, &answer);
            }
            Err(faults) => {
                cells.extend(std::iter::repeat_n(String::new(), n_answer + 1));
                let reasons: Vec<String> = faults.iter().map(ToString::to_string).collect();
                cells.push(reasons.join("; "));
                summary.refused(faults);
            }
        }
        writer.write_record(cells)?;
    }
    Ok(writer.into_inner()?)
}

/// The cells of an answer, but for its warnings.
fn answered(model: &Artifact, answer: &Prediction) -> impl Iterator<Item = String> {
    let numbers = std::iter::once(answer.confidence()).chain(answer.probabilities.clone());
    let set = answer.answered_set().map(|set| joined(set, model.schema()));
    std::iter::once(model.class_name(answer).to_owned())
        .chain(numbers.map(|number| number.to_string()))
        .chain(set)
}

/// The names of the classes in `set`.
fn joined(set: ClassSet, schema: &Schema) -> String {
    let names: Vec<&str> = set.iter().map(|class| schema.classes[class].as_str()).collect();
    names.join("|")
}

/// What to know of an answer: each kind of warning, with the columns that it is about.
fn warnings(schema: &Schema, row: &FeatureRow, answer: &Prediction) -> String {
    let mut warnings = Vec::new();
    let mut of_columns = |code: &str, columns: Vec<usize>| {
        if !columns.is_empty() {
            let names: Vec<&str> =
                columns.into_iter().map(|at| schema.features[at].name.as_str()).collect();
            warnings.push(format!("{code}: {}", names.join(", ")));
        }
    };
    of_columns(summary::OUTSIDE, row.outside_training(schema).collect());
    of_columns(summary::UNKNOWN, row.unknown_categories(schema).collect());
    if answer.no_class_conforms() {
        warnings.push(summary::NONE_CONFORMS.to_owned());
    }
    warnings.join("; ")
}

struct Options {
    model: PathBuf,
    rows: PathBuf,
    out: Option<PathBuf>,
    strict: bool,
    reading: Reading,
}

/// The command line; `None` if only help was asked for.
fn options() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut paths, mut out, mut strict) = (Vec::new(), None, false);
    let mut reading = Reading::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        if let Long(name) = argument
            && reading::NAMES.contains(&name)
        {
            let name = name.to_owned();
            reading::take(&name, &mut parser, &mut reading)?;
            continue;
        }
        match argument {
            Long("out") => out = Some(parser.value()?.into()),
            Long("strict") => strict = true,
            Long("help") | Short('h') => return Ok(None),
            Value(value) if paths.len() < 2 => paths.push(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    match <[PathBuf; 2]>::try_from(paths) {
        Ok([model, rows]) => Ok(Some(Options { model, rows, out, strict, reading })),
        Err(_) => Err("which model and which rows? usage: predict_csv MODEL.tepal FILE.csv".into()),
    }
}
