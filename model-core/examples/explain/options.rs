//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use model_core::dataset::Reading;

use crate::program::Failure;
use crate::reading;

/// What the program does and takes.
pub(crate) fn help() -> String {
    HELP.replace("{reading}", reading::HELP)
}

const HELP: &str = "\
Says why a model answers as it does.

usage: explain MODEL.tepal FILE.csv --row N [options]
       explain MODEL.tepal --importance | --dependence NAME [options]

of one row of a file: the answer, what each feature adds to it (Shapley values), the nearest training
rows, the nearest row that is answered differently, and a linear imitation (LIME)
  --row N            which row, counted from 1 below the header
  --target CLASS     the class that the different answer is to be; default any other
  --neighbors K      how many training rows; default 5

how the file is written
{reading}
of the model
  --importance       what its accuracy on held-out rows is owed to
  --dependence NAME  how its probabilities move with this feature

  --seed N           decides what is drawn: rows to compare with, shuffles, samples; default 42
  --json             everything, of all classes, as JSON
";

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) model: PathBuf,
    pub(crate) row: Option<RowOfFile>,
    pub(crate) target: Option<String>,
    pub(crate) neighbors: usize,
    pub(crate) reading: Reading,
    pub(crate) importance: bool,
    pub(crate) dependence: Option<String>,
    pub(crate) seed: u64,
    pub(crate) json: bool,
}

/// A row of a file, counted from 1.
#[derive(Debug)]
pub(crate) struct RowOfFile {
    pub(crate) file: PathBuf,
    pub(crate) row: usize,
}

/// Reads the command line; `None` if only help was asked for.
pub(crate) fn read() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut files, mut row) = (Vec::new(), None);
    let mut options = Options {
        model: PathBuf::new(),
        row: None,
        target: None,
        neighbors: 5,
        reading: Reading::default(),
        importance: false,
        dependence: None,
        seed: 42,
        json: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        if let Long(name) = argument
            && reading::NAMES.contains(&name)
        {
            let name = name.to_owned();
            reading::take(&name, &mut parser, &mut options.reading)?;
            continue;
        }
        match argument {
            Long("row") => row = Some(from_one(&mut parser, "--row")?),
            Long("target") => {
                options.target = Some(value(&mut parser, "--target", "the name of a class")?);
            }
            Long("neighbors") => options.neighbors = from_one(&mut parser, "--neighbors")?,
            Long("importance") => options.importance = true,
            Long("dependence") => {
                let expected = "the name of a feature";
                options.dependence = Some(value(&mut parser, "--dependence", expected)?);
            }
            Long("seed") => options.seed = value(&mut parser, "--seed", "a whole number from 0")?,
            Long("json") => options.json = true,
            Long("help") | Short('h') => return Ok(None),
            Value(file) if files.len() < 2 => files.push(PathBuf::from(file)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let mut files = files.into_iter();
    options.model = files.next().ok_or(
        "which model? usage: explain MODEL.tepal FILE.csv --row N, or MODEL.tepal --importance",
    )?;
    options.row = match (files.next(), row) {
        (Some(file), Some(row)) => Some(RowOfFile { file, row }),
        (Some(_), None) => return Err("which row of the file? give --row N, from 1".into()),
        (None, Some(_)) => return Err("--row needs a file: explain MODEL.tepal FILE.csv".into()),
        (None, None) if options.importance || options.dependence.is_some() => None,
        (None, None) => {
            return Err(
                "what of the model? give FILE.csv --row N, --importance or --dependence NAME"
                    .into(),
            );
        }
    };
    Ok(Some(options))
}

/// The whole number from 1 that follows `option`.
fn from_one(parser: &mut lexopt::Parser, option: &str) -> Result<usize, Failure> {
    let expected = "a whole number from 1";
    match value(parser, option, expected)? {
        0 => Err(format!("{option} expects {expected}, got \"0\"").into()),
        number => Ok(number),
    }
}

/// What follows `option`.
fn value<T: FromStr>(
    parser: &mut lexopt::Parser,
    option: &str,
    expected: &str,
) -> Result<T, Failure> {
    let text =
        parser.value().map_err(|_| format!("{option} expects {expected}, and nothing follows"))?;
    let value = text.to_str().and_then(|text| text.parse().ok());
    value.ok_or_else(|| format!("{option} expects {expected}, got {text:?}").into())
}
