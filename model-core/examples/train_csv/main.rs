//! Trains the families on a CSV file and prints what they reach: the crate's tutorial.
//!
//! ```text
//! cargo run --release -p model-core --example train_csv -- model-core/data/iris.csv --target species
//! ```
//!
//! The way of the data is that of the library: CSV bytes become a [`Dataset`], the rows are
//! split, a [`Search`] may look for parameters, a [`Training`](model_core::Training) fits and measures
//! step by step, and what comes out is an artifact, one file. `update` takes such a file on instead.

mod choice;
mod clock;
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
mod schedule;
mod summary;
mod update;

use std::fs;
use std::process::ExitCode;

use model_core::dataset::{CsvOptions, Sidecar};
use model_core::split::{Folds, Split, train_test_split};
use model_core::training::{Search, SearchParams};
use model_core::{Dataset, Family, TrainParams, WithoutRowsError};
use serde::Deserialize;

use self::clock::TimeLimit;
use self::csv_file::named;
use self::options::Options;
use self::program::{Failure, exit, print};
use self::report::{Failed, Report, Trained};
use self::schedule::{Outcome, show};

fn main() -> ExitCode {
    let result = options::read().and_then(|options| match options {
        Some(options) => match &options.update {
            Some(update) => update::run(update, &options),
            None => run(&options).map(|()| true),
        },
        None => print(options::help()).map(|()| true),
    });
    let result = result.map(|is_all| if is_all { ExitCode::SUCCESS } else { ExitCode::from(1) });
    exit("train_csv", result)
}

fn run(options: &Options) -> Result<(), Failure> {
    let began = clock::now();
    let dataset = load(options)?;
    if options.profile {
        eprint!("{}", summary::notes(&dataset));
        return print(serde_json::to_string_pretty(&dataset.profile())? + "\n");
    }
    let mut split = split(&dataset, options)?;
    if let Some(most) = options.params.as_ref().and_then(|params| params.max_rows) {
        split = split.with_max_rows(&dataset, most as usize, options.seed)?;
    }
    let search =
        if options.searches() { Some(search(&dataset, split.clone(), options)?) } else { None };
    let (mut trained, mut failed, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let recipes = families(options, &mut failed)
        .into_iter()
        .map(|family| {
            let found = search.as_ref().and_then(|search| search.best(Some(family)));
            let stated = found.map(|trial| &trial.params).or(options.params.as_ref());
            recipe(family, stated, &split, options)
        })
        .collect();
    // A search has its own seconds: the limit is for what comes after it.
    let began = if search.is_some() { clock::now() } else { began };
    let limit = options
        .time_limit
        .map(|seconds| TimeLimit::new(seconds, options.time_limit_is_stated, began));
    for outcome in schedule::train_all(&dataset, &split, recipes, limit, options.repeat) {
        match outcome {
            Outcome::Trained(row) if !options.without_rows => trained.push(*row),
            Outcome::Trained(row) => match row.model.without_rows() {
                Ok(model) => trained.push(Trained { model, ..*row }),
                Err(error) => failed.push(Failed::new(row.model.family(), &error)),
            },
            Outcome::Failed(row) => failed.push(row),
            Outcome::LeftOut(row) => left_out.push(row),
        }
    }
    let mut written = Vec::new();
    for Trained { model, .. } in &trained {
        if let Some(directory) = &options.out {
            fs::create_dir_all(directory).map_err(|error| named(&error, directory))?;
            let path = directory.join(format!("{}.tepal", model.family()));
            fs::write(&path, model.to_bytes()).map_err(|error| named(&error, &path))?;
            written.push(path.display().to_string());
        }
    }
    if let (true, Some(directory)) = (options.dataset, &options.out) {
        fs::create_dir_all(directory).map_err(|error| named(&error, directory))?;
        let path = directory.join("rows.tepal-data");
        fs::write(&path, dataset.to_bytes()).map_err(|error| named(&error, &path))?;
        written.push(path.display().to_string());
    }
    if let (true, Some(Failed { error, .. })) = (trained.is_empty(), failed.first()) {
        return Err(error.clone().into());
    }
    if let (true, Some(first)) = (trained.is_empty(), left_out.first()) {
        return Err(first.to_string().into());
    }
    let leaderboard = search.as_ref().map(Search::leaderboard).unwrap_or_default();
    let report = Report { dataset: &dataset, trained, failed, left_out, leaderboard };
    if options.json {
        print(report.json(options.metric))
    } else {
        let files = match written.as_slice() {
            [] => String::new(),
            files => format!("written: {}\n", files.join(", ")),
        };
        print(report.tables(options.metric)? + &files)
    }
}

/// The families to train: with `--without-rows` those that can be without.
fn families(options: &Options, failed: &mut Vec<Failed>) -> Vec<Family> {
    let mut families = options.families.clone();
    families.retain(|&family| match WithoutRowsError::of_family(family) {
        Some(error) if options.without_rows => {
            failed.push(Failed::new(family, &error));
            false
        }
        _ => true,
    });
    families
}

/// What to train `family` with: what was found or stated, with what the options say.
fn recipe(
    family: Family,
    stated: Option<&TrainParams>,
    split: &Split,
    options: &Options,
) -> TrainParams {
    let params = match stated {
        Some(params) => params.clone(),
        None => TrainParams { preprocessing: options.preprocessing, ..TrainParams::new(family) },
    };
    TrainParams {
        quantisation: options.quantisation.filter(|_| params.family.quantises()),
        test_size: test_size(options),
        cv_folds: split.folds.n_folds(),
        cv_repeats: split.folds.n_repeats(),
        coverage: options.coverage,
        seed: options.seed,
        ..params
    }
}

/// Reads the CSV and what lies beside it.
fn load(options: &Options) -> Result<Dataset, Failure> {
    let file = &options.file;
    let csv = csv_file::read(file)?;
    let beside = |extension: &str| {
        let path = file.with_extension(extension);
        fs::read_to_string(&path).ok().map(|text| (path, text))
    };
    // A file of that name may be about something else, such as the output of this program.
    let sidecar: Option<Sidecar> = beside("json").and_then(|(path, text)| {
        let sidecar = serde_json::from_str(&text);
        sidecar.map_err(|error| eprintln!("note: {} is no sidecar: {error}", path.display())).ok()
    });
    let dataset = Dataset::from_csv(
        &csv,
        &CsvOptions {
            name: file.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            target: options.target.clone(),
            drop: options.drop.clone(),
            categorical: options.categorical.clone(),
            numeric: options.numeric.clone(),
            dates: options.dates,
            reading: options.reading.clone(),
            unknown_other: options.unknown_other,
            allow_missing: options.allow_missing,
            sidecar,
        },
    )
    .map_err(|error| named(&error, file))?;
    let dataset = match beside("split.json") {
        None => dataset,
        Some((path, text)) => {
            let split = serde_json::from_str(&text).map_err(|error| named(&error, &path))?;
            dataset.with_recorded_split(split).map_err(|error| named(&error, &path))?
        }
    };
    let dataset = dataset.with_rare_classes(options.rare_classes, options.min_class_rows);
    Ok(dataset.map_err(|error| named(&error, file))?)
}

fn test_size(options: &Options) -> f64 {
    let default = if options.folds_file.is_some() { 0.0 } else { 0.2 };
    options.test_size.unwrap_or(default)
}

/// Splits the rows, or reads how they are to be split.
fn split(dataset: &Dataset, options: &Options) -> Result<Split, Failure> {
    #[derive(Deserialize)]
    struct FoldsFile {
        folds: Vec<Vec<usize>>,
    }
    let Some(file) = &options.folds_file else {
        let split = train_test_split(dataset, test_size(options), options.n_folds(), options.seed)?;
        return Ok(split.with_repeats(dataset, options.cv_repeats, options.seed)?);
    };
    let text = fs::read_to_string(file).map_err(|error| named(&error, file))?;
    let listed: FoldsFile = serde_json::from_str(&text).map_err(|error| named(&error, file))?;
    // The file counts the rows of the CSV from 0; rows without a label are not in the data set.
    let (train, dropped) = ((0..dataset.n_samples()).collect::<Vec<_>>(), dataset.n_dropped());
    let row = |&row: &usize| match dataset.row_in_file(row.saturating_add(1)) {
        Some(row) => Some(row),
        None if row < dataset.n_samples() + dropped => None,
        // Beyond the file: the check of the folds says so.
        None => Some(row),
    };
    let lists = listed.folds.iter().map(|rows| rows.iter().filter_map(row).collect()).collect();
    let folds = Folds::from_lists(dataset, &train, lists).map_err(|error| named(&error, file))?;
    Ok(Split { train, test: Vec::new(), folds })
}

/// Looks for better parameters until the trials or the seconds are used up.
fn search<'a>(
    dataset: &'a Dataset,
    split: Split,
    options: &Options,
) -> Result<Search<'a>, Failure> {
    let params = SearchParams {
        max_trials: options.search_trials,
        test_size: test_size(options),
        cv_folds: split.folds.n_folds(),
        metric: options.metric,
        seed: options.seed,
        ..SearchParams::new(options.families.clone())
    };
    let mut search = Search::with_split(dataset, params, split)?;
    let (started, seconds) = (clock::now(), options.search_seconds.unwrap_or(f64::INFINITY));
    while let Some(step) = search.next_step() {
        if started.elapsed().as_secs_f64() >= seconds {
            break;
        }
        show(&format!("search: trial {}, {}, fold {}", step.trial + 1, step.family, step.fold + 1));
        search.step();
    }
    show("");
    Ok(search)
}
