//! Trains the families on a CSV file and prints what they reach.
//!
//! ```text
//! cargo run --release -p model-core --example train_csv -- data/iris.csv --target species --json
//! ```

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use model_core::dataset::{CsvOptions, Sidecar};
use model_core::split::RecordedSplit;
use model_core::{
    Artifact, CrossValidation, Dataset, Family, FamilyParams, Progress, Receipt, Stage,
    TrainParams, train,
};
use serde_json::json;

const HELP: &str = "\
Trains three families on a CSV file and prints their accuracy.

usage: train_csv FILE.csv [options]

  --target COLUMN      column to predict (default: the last one)
  --families A,B       logistic_regression, random_forest, svm (default: all)
  --test-size SHARE    share of rows held out, 0 to 0.9 (default: 0.2)
  --folds K            cross-validation folds of the training rows, 0 for none (default: 5)
  --seed N             decides split, folds and bootstrap (default: 42)
  --repeat N           trains N times and prints median times (default: 1)
  --out DIR            writes FAMILY.tepal there
  --json               prints one JSON document
  --help               prints this

FILE.json beside the CSV may state units and ranges, FILE.split.json a recorded split.
";

struct Options {
    file: PathBuf,
    target: Option<String>,
    families: Vec<Family>,
    test_size: f64,
    folds: usize,
    seed: u64,
    repeat: usize,
    out: Option<PathBuf>,
    json: bool,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match options().and_then(|options| options.map_or(Ok(()), |options| run(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("train_csv: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let dataset = load(&options.file, options.target.clone())?;
    let mut rows = Vec::new();
    for &family in &options.families {
        let params = TrainParams {
            test_size: options.test_size,
            cv_folds: options.folds,
            seed: options.seed,
            ..TrainParams::new(FamilyParams::default_for(family))
        };
        let (model, fit_millis, calibration_millis) =
            train_repeatedly(&dataset, &params, options.repeat)?;
        if let Some(directory) = &options.out {
            fs::create_dir_all(directory)?;
            fs::write(directory.join(format!("{family}.tepal")), model.to_bytes())?;
        }
        rows.push(Row { model, fit_millis, calibration_millis });
    }
    if options.json {
        print_json(&dataset, &rows);
    } else {
        print_table(&rows);
    }
    Ok(())
}

/// Reads the CSV and what lies beside it.
fn load(file: &Path, target: Option<String>) -> Result<Dataset, Failure> {
    let named = |error: &dyn std::fmt::Display, file: &Path| format!("{}: {error}", file.display());
    let csv = fs::read(file).map_err(|error| named(&error, file))?;
    let beside = |extension: &str| {
        let path = file.with_extension(extension);
        fs::read_to_string(&path).ok().map(|text| (path, text))
    };
    let sidecar: Option<Sidecar> = beside("json")
        .map(|(path, text)| serde_json::from_str(&text).map_err(|error| named(&error, &path)))
        .transpose()?;
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let dataset =
        Dataset::from_csv(&csv, &CsvOptions { name, target, sidecar, ..CsvOptions::default() })
            .map_err(|error| named(&error, file))?;
    let split: Option<RecordedSplit> = beside("split.json")
        .map(|(path, text)| serde_json::from_str(&text).map_err(|error| named(&error, &path)))
        .transpose()?;
    Ok(match split {
        Some(split) => dataset.with_recorded_split(split),
        None => dataset,
    })
}

struct Row {
    model: Artifact,
    fit_millis: f64,
    calibration_millis: f64,
}

/// Trains `repeat` times; the model and the median times of its fit and its calibration.
fn train_repeatedly(
    dataset: &Dataset,
    params: &TrainParams,
    repeat: usize,
) -> Result<(Artifact, f64, f64), Failure> {
    let (mut fits, mut calibrations) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..repeat.max(1) {
        let mut watch = Watch::default();
        let model = train(dataset, params, Receipt::default(), &mut |progress| {
            watch.begin(progress);
            ControlFlow::Continue(())
        })?;
        fits.push(watch.fit);
        calibrations.push(watch.calibration);
        last = Some(model);
    }
    let model = last.ok_or("nothing was trained")?;
    Ok((model, median(fits), median(calibrations)))
}

/// Times each stage: from its own announcement to the next one's.
#[derive(Default)]
struct Watch {
    running: Option<(Stage, Instant)>,
    fit: f64,
    calibration: f64,
}

impl Watch {
    fn begin(&mut self, progress: Progress) {
        #[expect(clippy::disallowed_methods, reason = "this program runs natively")]
        let now = Instant::now();
        if let Some((stage, since)) = self.running.replace((progress.stage, now)) {
            let millis = now.duration_since(since).as_secs_f64() * 1e3;
            match stage {
                Stage::Fit => self.fit = millis,
                Stage::Calibrate => self.calibration = millis,
                Stage::CrossValidate { .. } | Stage::Evaluate => {}
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[expect(clippy::print_stdout, reason = "the document is the result")]
fn print_json(dataset: &Dataset, rows: &[Row]) {
    let families: Vec<_> = rows.iter().map(family_json).collect();
    let document = json!({
        "n_samples": dataset.n_samples(),
        "n_features": dataset.n_features(),
        "classes": dataset.schema().classes,
        "families": families,
    });
    println!("{document:#}");
}

fn family_json(row: &Row) -> serde_json::Value {
    let evaluation = row.model.evaluation();
    let confusion = evaluation.test.as_ref().map(|test| {
        let k = test.confusion.n_classes();
        test.confusion.counts().chunks(k).map(<[u32]>::to_vec).collect::<Vec<_>>()
    });
    json!({
        "family": row.model.family().as_str(),
        "model_id": row.model.id().to_string(),
        "test_accuracy": evaluation.test.as_ref().map(|test| test.confusion.accuracy()),
        "train_accuracy": evaluation.train.confusion.accuracy(),
        "cv_accuracy_mean": evaluation.cv.as_ref().map(CrossValidation::mean),
        "cv_accuracy_std": evaluation.cv.as_ref().map(CrossValidation::std),
        "confusion_matrix": confusion,
        "fit_millis": row.fit_millis,
        "calibration_millis": row.calibration_millis,
        "artifact_bytes": row.model.to_bytes().len(),
    })
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn print_table(rows: &[Row]) {
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "-".to_owned(), |share| format!("{:.2}", share * 100.0))
    };
    println!(
        "{:<20} {:>7} {:>7} {:>14} {:>9} {:>7}",
        "family", "test %", "train %", "cv %", "fit ms", "bytes"
    );
    for Row { model, fit_millis, .. } in rows {
        let evaluation = model.evaluation();
        let cv = evaluation.cv.as_ref();
        println!(
            "{:<20} {:>7} {:>7} {:>7} ± {:<4} {fit_millis:>9.2} {:>7}",
            model.family().as_str(),
            percent(evaluation.test.as_ref().map(|test| test.confusion.accuracy())),
            percent(Some(evaluation.train.confusion.accuracy())),
            percent(cv.map(CrossValidation::mean)),
            percent(cv.map(CrossValidation::std)),
            model.to_bytes().len(),
        );
    }
}

/// The command line; `None` if only help was asked for.
fn options() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let mut file = None;
    let mut options = Options {
        file: PathBuf::new(),
        target: None,
        families: Family::ALL.to_vec(),
        test_size: 0.2,
        folds: 5,
        seed: 42,
        repeat: 1,
        out: None,
        json: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("target") => options.target = Some(parser.value()?.string()?),
            Long("families") => {
                let names = parser.value()?.string()?;
                options.families = names.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            Long("test-size") => options.test_size = parser.value()?.parse()?,
            Long("folds") => options.folds = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("repeat") => options.repeat = parser.value()?.parse()?,
            Long("out") => options.out = Some(parser.value()?.into()),
            Long("json") => options.json = true,
            Long("help") | Short('h') => {
                print_help();
                return Ok(None);
            }
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    options.file = file.ok_or("which CSV file? usage: train_csv FILE.csv [options]")?;
    Ok(Some(options))
}

#[expect(clippy::print_stdout, reason = "help was asked for")]
fn print_help() {
    print!("{HELP}");
}
