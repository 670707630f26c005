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

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use model_core::answers::AnswerWriter;
use model_core::dataset::Reading;

use self::csv_file::named;
use self::program::{Failure, exit, print};

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
  --like-file           writes it with the separator and the decimal mark of FILE.csv, for the
                        spreadsheet that wrote that; else commas separate, and numbers have points
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
    let mut writer = if options.like_file {
        AnswerWriter::like_file(&model, &file)
    } else {
        AnswerWriter::new(&model, &file)
    };
    while writer.next_row().is_some() {}
    let (result, summary) = writer.finish();
    match &options.out {
        Some(path) => fs::write(path, result).map_err(|error| named(&error, path))?,
        None => print(result)?,
    }
    file.notes().iter().for_each(|note| eprintln!("note: {note}"));
    eprint!("{summary}");
    Ok(if summary.n_refused() == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

struct Options {
    model: PathBuf,
    rows: PathBuf,
    out: Option<PathBuf>,
    like_file: bool,
    strict: bool,
    reading: Reading,
}

/// The command line; `None` if only help was asked for.
fn options() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut paths, mut out) = (Vec::new(), None);
    let (mut like_file, mut strict) = (false, false);
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
            Long("like-file") => like_file = true,
            Long("strict") => strict = true,
            Long("help") | Short('h') => return Ok(None),
            Value(value) if paths.len() < 2 => paths.push(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    match <[PathBuf; 2]>::try_from(paths) {
        Ok([model, rows]) => Ok(Some(Options { model, rows, out, like_file, strict, reading })),
        Err(_) => Err("which model and which rows? usage: predict_csv MODEL.tepal FILE.csv".into()),
    }
}
