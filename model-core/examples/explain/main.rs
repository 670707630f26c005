//! Says why a model answers as it does: for one row of a CSV file, or over the rows it carries.
//!
//! ```text
//! cargo run --release -p model-core --example explain -- model-core/data/iris.tepal model-core/data/iris.csv --row 51
//! cargo run --release -p model-core --example explain -- model-core/data/iris.tepal --importance
//! ```
//!
//! Every explanation needs rows to compare with. A model file carries some of the rows that trained
//! it, so that nothing else has to be at hand.

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

use std::ops::ControlFlow;
use std::process::ExitCode;

use model_core::dataset::Reading;
use model_core::explanation::{
    Background, Counterfactual, Dependence, DependenceParams, ExplanationError,
    ExplanationProgress, FeatureValue, Importance, ImportanceParams, Shapley, ShapleyParams,
    Surrogate, SurrogateParams, Target, nearest_rows,
};
use model_core::{Artifact, FeatureRow};

use self::csv_file::named;
use self::options::{Options, RowOfFile};
use self::program::{Failure, exit, print};
use self::report::{Named, Report, RowReport};

/// Points of a dependence's grid: more than a reader of text or of a chart needs.
const GRID: usize = 20;

fn main() -> ExitCode {
    let result = options::read().and_then(|options| match options {
        Some(options) => run(&options),
        None => print(options::help()),
    });
    exit("explain", result)
}

fn run(options: &Options) -> Result<(), Failure> {
    let model = model_file::read(&options.model)?;
    let report = Report {
        model_id: model.id().to_string(),
        family: model.family(),
        classes: model.schema().classes.clone(),
        row: options.row.as_ref().map(|row| of_row(&model, row, options)).transpose()?,
        importance: options.importance.then(|| importance(&model, options)).transpose()?,
        dependence: options.dependence.as_ref().map(|name| dependence(&model, name)).transpose()?,
    };
    if options.json {
        return print(serde_json::to_string_pretty(&report)? + "\n");
    }
    print(report.to_string())
}

/// All that is said of one row.
fn of_row(model: &Artifact, wanted: &RowOfFile, options: &Options) -> Result<RowReport, Failure> {
    let schema = model.schema();
    let row = read_row(model, wanted, &options.reading)?;
    let answer = model.predict(&row);
    // What a feature adds is measured against rows in which it is something else.
    let background = Background::of(model, options.seed)?;
    let params = ShapleyParams { seed: options.seed, ..ShapleyParams::default() };
    let shapley = Shapley::of(model, &background, &row, params, &mut go_on)?;
    let target = match &options.target {
        Some(name) => Target::Class(class_of(model, name)?),
        None => Target::AnyOther,
    };
    let params = SurrogateParams { seed: options.seed, ..SurrogateParams::default() };
    let values = schema.features.iter().zip(FeatureValue::of_row(schema, row.values()));
    Ok(RowReport {
        row: wanted.row,
        values: values
            .map(|(feature, value)| Named { feature: feature.name.clone(), value })
            .collect(),
        prediction: schema.classes[answer.class].clone(),
        probabilities: answer.probabilities,
        shapley,
        nearest: nearest_rows(model, &row, options.neighbors)?,
        counterfactual: Counterfactual::of(model, &row, target)?,
        surrogate: Surrogate::of(model, &row, params)?,
    })
}

fn read_row(
    model: &Artifact,
    wanted: &RowOfFile,
    reading: &Reading,
) -> Result<FeatureRow, Failure> {
    let bytes = csv_file::read(&wanted.file)?;
    let in_file = |error: &dyn std::fmt::Display| named(error, &wanted.file);
    let rows = model.schema().rows_from_csv_as(&bytes, reading).map_err(|error| in_file(&error))?;
    rows.notes().iter().for_each(|note| eprintln!("note: {note}"));
    match wanted.row.checked_sub(1).and_then(|at| rows.row(at)) {
        Some(Ok(row)) => Ok(row.clone()),
        Some(Err(faults)) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(in_file(&faults.join("; ")).into())
        }
        None => {
            let n_rows = rows.n_rows();
            let there_is = format!("there is no row {}: it has rows 1 to {n_rows}", wanted.row);
            Err(in_file(&there_is).into())
        }
    }
}

fn class_of(model: &Artifact, name: &str) -> Result<usize, Failure> {
    let classes = &model.schema().classes;
    classes.iter().position(|class| class == name).ok_or_else(|| {
        format!("there is no class {name:?}; the classes are {}", classes.join(", ")).into()
    })
}

/// Over rows that the model did not see, as those it saw flatter it.
fn importance(model: &Artifact, options: &Options) -> Result<Importance, Failure> {
    let held_out = &model.reference().held_out;
    if held_out.is_empty() {
        return Err(
            "the model carries no held-out rows: train it with a --test-size above 0, and without \
             --without-rows"
                .into(),
        );
    }
    let params = ImportanceParams { n_repeats: 30, seed: options.seed };
    Ok(Importance::of(model, held_out, params, &mut go_on)?)
}

fn dependence(model: &Artifact, name: &str) -> Result<Dependence, Failure> {
    let schema = model.schema();
    let feature = schema.feature_index(name).ok_or_else(|| {
        let names: Vec<&str> = schema.features.iter().map(|f| f.name.as_str()).collect();
        format!("there is no feature {name:?}; the features are {}", names.join(", "))
    })?;
    let params = DependenceParams { grid_resolution: GRID, ..DependenceParams::default() };
    let train = &model.reference().train;
    if train.is_empty() {
        return Err(ExplanationError::NoReferenceRows.into());
    }
    Ok(Dependence::of(model, train, feature, params)?)
}

/// Whoever runs a program stops it from outside.
fn go_on(_: ExplanationProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
