//! Classifies the rows of a CSV file with a model file.
//!
//! ```text
//! cargo run --release -p model-core --example predict_csv -- models/svm.tepal data/iris.csv
//! ```
//!
//! The model's schema reads the file: it knows the columns, their types and their ranges, fills in
//! what may be missing, and says which cell it cannot take.

#[path = "shared/csv_file.rs"]
mod csv_file;
#[path = "shared/model_file.rs"]
mod model_file;
#[path = "shared/program.rs"]
mod program;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use model_core::{Artifact, ClassSet, Schema};

use self::csv_file::named;
use self::program::{Failure, exit, print};

const HELP: &str = "\
Classifies the rows of a CSV file: adds prediction, confidence and a probability a class, and the
prediction set of a model that was cross-validated: the classes that it cannot exclude at its
coverage, with | between; the prediction alone where no class conforms.

usage: predict_csv MODEL.tepal FILE.csv [--out RESULT.csv]

The target column may be there and is passed over, as are columns that training left out; any
other column that the model does not know is an error.
";

fn main() -> ExitCode {
    exit("predict_csv", run())
}

fn run() -> Result<(), Failure> {
    let Some(Files { model, rows, out }) = files()? else { return print(HELP) };
    let model = model_file::read(&model)?;
    let csv = csv_file::read(&rows)?;
    let result = classified(&model, &csv).map_err(|error| named(&error, &rows))?;
    match out {
        Some(path) => fs::write(&path, result).map_err(|error| named(&error, &path).into()),
        None => print(result),
    }
}

/// The file's rows with the model's answers, as CSV.
fn classified(model: &Artifact, csv: &[u8]) -> Result<Vec<u8>, Failure> {
    let schema = model.schema();
    let file = schema.rows_from_csv(csv)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let added = ["prediction".to_owned(), "confidence".to_owned()];
    let of_classes = schema.classes.iter().map(|class| format!("p_{class}"));
    let of_sets = model.conformal().map(|_| "prediction_set".to_owned());
    writer.write_record(
        file.header().iter().cloned().chain(added).chain(of_classes).chain(of_sets),
    )?;
    for (index, row) in file.rows().iter().enumerate() {
        let answer = model.predict(row);
        let numbers = std::iter::once(answer.confidence()).chain(answer.probabilities.clone());
        let cells = file.cells(index).map(str::to_owned);
        let answered = std::iter::once(schema.classes[answer.class].clone())
            .chain(numbers.map(|number| number.to_string()))
            .chain(answer.answered_set().map(|set| joined(set, schema)));
        writer.write_record(cells.chain(answered))?;
    }
    Ok(writer.into_inner()?)
}

/// The names of the classes in `set`.
fn joined(set: ClassSet, schema: &Schema) -> String {
    let names: Vec<&str> = set.iter().map(|class| schema.classes[class].as_str()).collect();
    names.join("|")
}

struct Files {
    model: PathBuf,
    rows: PathBuf,
    out: Option<PathBuf>,
}

/// The command line; `None` if only help was asked for.
fn files() -> Result<Option<Files>, Failure> {
    use lexopt::prelude::*;
    let (mut paths, mut out) = (Vec::new(), None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("out") => out = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(None),
            Value(value) if paths.len() < 2 => paths.push(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    match <[PathBuf; 2]>::try_from(paths) {
        Ok([model, rows]) => Ok(Some(Files { model, rows, out })),
        Err(_) => Err("which model and which rows? usage: predict_csv MODEL.tepal FILE.csv".into()),
    }
}
