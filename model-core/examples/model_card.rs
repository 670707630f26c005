//! Prints the card of a model file: what it is, on what data, how good, and where not to trust it.
//!
//! ```text
//! cargo run --release -p model-core --example model_card -- models/svm.tepal > CARD.md
//! ```
//!
//! Everything on the card follows from the model file. Its last part makes the model again: with the
//! same data, `train_csv --params` gives a file of the same id.

#[path = "shared/model_file.rs"]
mod model_file;
#[path = "shared/program.rs"]
mod program;

use std::path::PathBuf;
use std::process::ExitCode;

use model_core::card::ModelCard;

use self::program::{Failure, exit, print};

const HELP: &str = "\
Prints the card of a model file, in Markdown.

usage: model_card MODEL.tepal [--json]

  --json  prints the card as one JSON document; its lineage.params is what
          train_csv --params takes to train the model again
";

fn main() -> ExitCode {
    exit("model_card", run())
}

fn run() -> Result<(), Failure> {
    let Some((file, json)) = options()? else { return print(HELP) };
    let card = ModelCard::of(&model_file::read(&file)?);
    match json {
        true => print(serde_json::to_string_pretty(&card)? + "\n"),
        false => print(card.markdown()),
    }
}

/// Which model, and whether as JSON; `None` if only help was asked for.
fn options() -> Result<Option<(PathBuf, bool)>, Failure> {
    use lexopt::prelude::*;
    let (mut file, mut json) = (None, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("json") => json = true,
            Long("help") | Short('h') => return Ok(None),
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let file = file.ok_or("which model? usage: model_card MODEL.tepal [--json]")?;
    Ok(Some((file, json)))
}
