//! The command line of `detect_drift`.

use std::path::PathBuf;

use model_core::dataset::Reading;

use super::{program::Failure, reading};

/// What the program does and takes.
pub(crate) fn help() -> String {
    HELP.replace("{reading}", reading::HELP)
}

const HELP: &str = "\
Compares a window of rows with reference rows: does the data still look alike?

usage: detect_drift REFERENCE CURRENT.csv [--target COLUMN] [--categorical COLUMN] [--evidently]
                    [--json] [options]

  REFERENCE             a CSV file, or a model file (.tepal), which carries rows of its training
  --target COLUMN       compare this column as categories, whatever it holds; it may be missing in
                        the current file, as labels come late
  --categorical COLUMN  column of numbers that are categories, such as codes; may be given again
  --evidently           Evidently's verdict instead of the default: one unadjusted test a column,
                        drift if half of the columns drift, however few the rows
  --json                print the report as JSON

how both files are written
{reading}
Every column of the reference is compared, a target like the rest. A column that only one of the two
has is not compared, and a note says so. A cell that does not fit its column is counted and named: it
counts as missing among numbers, and is a new category among categories; a column of numbers in
which most cells are none has changed its type. A verdict needs 50 rows of both. The exit code is 0
whatever comes out, too few rows included, and 2 if the files cannot be compared.
";

pub(crate) struct Options {
    pub(crate) reference: PathBuf,
    pub(crate) current: PathBuf,
    pub(crate) target: Option<String>,
    pub(crate) categorical: Vec<String>,
    pub(crate) evidently: bool,
    pub(crate) json: bool,
    pub(crate) reading: Reading,
}

/// The command line; `None` if only help was asked for.
pub(crate) fn options() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut paths, mut target, mut categorical) = (Vec::new(), None, Vec::new());
    let (mut evidently, mut json) = (false, false);
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
            Long("target") => target = Some(parser.value()?.string()?),
            Long("categorical") => categorical.push(parser.value()?.string()?),
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
    Ok(Some(Options { reference, current, target, categorical, evidently, json, reading }))
}
