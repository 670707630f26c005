//! Writes a model file as ONNX, for onnxruntime in any language.
//!
//! ```text
//! cargo run --release -p model-core --example export_onnx -- models/svm.tepal svm.onnx
//! ```
//!
//! The ONNX file does all that the model does with a row: it fills in what is missing, encodes,
//! scales, computes the probabilities and names the class. What it does not do is in
//! `docs/guide/onnx.md`.

#[path = "shared/model_file.rs"]
mod model_file;
#[path = "shared/program.rs"]
mod program;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use model_core::onnx::{LABEL, PROBABILITIES, SinglePrecisionLoss, input_names};
use model_core::{Artifact, FeatureKind, Schema};

use self::program::{Failure, exit, print};

const HELP: &str = "\
Writes a model file as ONNX and prints its inputs and outputs, and how to use it in Python.

usage: export_onnx MODEL.tepal OUT.onnx

All families but k_nearest_neighbors have an ONNX form. Inputs are floats; where the rows that the
model carries hold numbers that floats would round too far, inputs are doubles, and a note says which
columns.
";

fn main() -> ExitCode {
    exit("export_onnx", run())
}

fn run() -> Result<(), Failure> {
    let Some([model, out]) = files()? else { return print(HELP) };
    let artifact = model_file::read(&model)?;
    if fs::canonicalize(&out)
        .is_ok_and(|out| fs::canonicalize(&model).is_ok_and(|model| model == out))
    {
        return Err(format!("{} is the model: name another file to write", out.display()).into());
    }
    let onnx = artifact.to_onnx().map_err(|error| format!("{}: {error}", model.display()))?;
    fs::write(&out, &onnx).map_err(|error| format!("{}: {error}", out.display()))?;
    print(report(&artifact, &out, onnx.len())?)
}

/// What goes in, what comes out, and a program that does it.
fn report(artifact: &Artifact, file: &Path, n_bytes: usize) -> Result<String, Failure> {
    let schema = artifact.schema();
    let names = input_names(schema);
    let loss = artifact.single_precision_loss();
    let number = if loss.is_some() { "double" } else { "float" };
    let mut text = format!("{}: {n_bytes} bytes\n\ninputs\n", file.display());
    if names.len() == schema.features.len() {
        for (name, feature) in names.iter().zip(&schema.features) {
            let kind = match &feature.kind {
                FeatureKind::Numeric(_) => number,
                FeatureKind::Categorical(_) => "string",
            };
            writeln!(text, "  {name:<24} {kind} [N, 1]{}", unit(feature.unit.as_deref()))?;
        }
    } else {
        let [name] = names.as_slice() else { return Err("one input holds all columns".into()) };
        writeln!(text, "  {name:<24} {number} [N, {}]", schema.features.len())?;
        for (at, feature) in schema.features.iter().enumerate() {
            writeln!(text, "    column {at}: {}{}", feature.name, unit(feature.unit.as_deref()))?;
        }
    }
    writeln!(text, "outputs\n  {LABEL:<24} string [N]")?;
    writeln!(text, "  {PROBABILITIES:<24} float [N, {}]", schema.classes.len())?;
    writeln!(text, "    in the order {}", schema.classes.join(", "))?;
    write!(
        text,
        "\nin Python (pip install onnxruntime)\n{}",
        snippet(schema, &names, file, number)
    )?;
    if let Some(loss) = &loss {
        notes(&mut text, loss)?;
    }
    Ok(text)
}

/// Why inputs are doubles, column by column, and what to do for a caller that holds floats.
fn notes(text: &mut String, loss: &SinglePrecisionLoss) -> Result<(), Failure> {
    writeln!(text)?;
    for column in &loss.columns {
        write!(
            text,
            "note: column {:?} holds numbers that need more digits than single precision holds: they \
             would be off by up to {:.2e}",
            column.name, column.error
        )?;
        if column.spread > 0.0 {
            write!(text, " ({:.2e} standard deviations)", column.error / column.spread)?;
        }
        let (n, m) = (column.n_values, column.n_single);
        match m < n {
            true => writeln!(text, ", and of {n} different ones {m} would be left")?,
            false => writeln!(text)?,
        }
    }
    writeln!(
        text,
        "note: so inputs are doubles (np.float64). Rounded to floats, {} of {} rows that the model carries \
         would get another label, and a probability would be off by up to {:.1e}. For callers that hold \
         floats, subtract a start or take another unit and train again",
        loss.n_labels, loss.n_rows, loss.probability
    )?;
    Ok(())
}

fn unit(unit: Option<&str>) -> String {
    unit.map_or_else(String::new, |unit| format!(", {unit}"))
}

/// A program for a row from the middle of the training ranges.
fn snippet(schema: &Schema, names: &[String], file: &Path, number: &str) -> String {
    let dtype = if number == "double" { "float64" } else { "float32" };
    let values: Vec<String> = schema
        .features
        .iter()
        .map(|feature| match &feature.kind {
            FeatureKind::Numeric(range) => {
                let middle = range.training.min / 2.0 + range.training.max / 2.0;
                format!("{middle:.*}", usize::from(range.decimals.max(1)))
            }
            // Python reads a text as JSON writes it.
            FeatureKind::Categorical(names) => format!("{:?}", names.first().map_or("", |n| n)),
        })
        .collect();
    let rows = if names.len() == values.len() {
        let column = |(name, value): (&String, &String)| match value.starts_with('"') {
            true => format!("    {name:?}: np.array([[{value}]], dtype=object),\n"),
            false => format!("    {name:?}: np.array([[{value}]], dtype=np.{dtype}),\n"),
        };
        names.iter().zip(&values).map(column).collect()
    } else {
        let row = values.join(", ");
        format!("    {:?}: np.array([[{row}]], dtype=np.{dtype}),\n", names.concat())
    };
    format!(
        "  import numpy as np, onnxruntime\n  model = onnxruntime.InferenceSession({:?})\n  \
         label, probabilities = model.run([\"{LABEL}\", \"{PROBABILITIES}\"], {{\n{}  }})\n  \
         print(label, probabilities)\n",
        file.display().to_string(),
        rows,
    )
}

/// The command line; `None` if only help was asked for.
fn files() -> Result<Option<[PathBuf; 2]>, Failure> {
    use lexopt::prelude::*;
    let mut paths = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Value(value) if paths.len() < 2 => paths.push(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let files = <[PathBuf; 2]>::try_from(paths);
    let usage = "which model, and where to? usage: export_onnx MODEL.tepal OUT.onnx";
    files.map(Some).map_err(|_| usage.into())
}
