//! Trains the families on a CSV file and prints what they reach: the crate's tutorial.
//!
//! ```text
//! cargo run --release -p model-core --example train_csv -- data/iris.csv --target species
//! ```
//!
//! The way of the data is that of the library: CSV bytes become a [`Dataset`], the rows are shared
//! out, a [`Search`] may look for parameters, a [`Training`] fits and measures step by step, and
//! what comes out is an artifact, one file.

mod choice;
#[path = "../shared/csv_file.rs"]
mod csv_file;
mod options;
#[path = "../shared/program.rs"]
mod program;
#[path = "../shared/reading.rs"]
mod reading;
mod report;
mod summary;

use std::fs;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use model_core::dataset::{CsvOptions, Sidecar};
use model_core::split::{Folds, Split, train_test_split};
use model_core::training::{Search, SearchParams};
use model_core::{Dataset, FamilyParams, Progress, Receipt, Stage, TrainParams, Training};
use serde::Deserialize;

use self::csv_file::named;
use self::options::Options;
use self::program::{Failure, exit, print};
use self::report::{Failed, Trained};

fn main() -> ExitCode {
    let result = options::read().and_then(|options| match options {
        Some(options) => run(&options),
        None => print(options::help()),
    });
    exit("train_csv", result)
}

fn run(options: &Options) -> Result<(), Failure> {
    let dataset = load(options)?;
    if options.profile {
        eprint!("{}", summary::notes(&dataset));
        return print(serde_json::to_string_pretty(&dataset.profile())? + "\n");
    }
    let split = split(&dataset, options)?;
    let search =
        if options.searches() { Some(search(&dataset, split.clone(), options)?) } else { None };
    let (mut trained, mut failed) = (Vec::new(), Vec::new());
    for &family in &options.families {
        let found = search.as_ref().and_then(|search| search.best(Some(family)));
        let stated = found.map(|trial| &trial.params).or(options.params.as_ref());
        let params = match stated {
            Some(params) => params.clone(),
            None => TrainParams {
                preprocessing: options.preprocessing,
                ..TrainParams::new(FamilyParams::default_for(family))
            },
        };
        let params = TrainParams {
            quantisation: options.quantisation.filter(|_| params.family.quantises()),
            test_size: test_size(options),
            cv_folds: split.folds.n_folds(),
            cv_repeats: split.folds.n_repeats(),
            coverage: options.coverage,
            seed: options.seed,
            ..params
        };
        let row = match train(&dataset, &split, &params, options.repeat) {
            Ok(row) => row,
            Err(error) => {
                failed.push(Failed { family, error: error.to_string() });
                continue;
            }
        };
        if let Some(directory) = &options.out {
            fs::create_dir_all(directory).map_err(|error| named(&error, directory))?;
            let path = directory.join(format!("{family}.tepal"));
            fs::write(&path, row.model.to_bytes()).map_err(|error| named(&error, &path))?;
        }
        trained.push(row);
    }
    if let (true, Some(Failed { error, .. })) = (trained.is_empty(), failed.first()) {
        return Err(error.clone().into());
    }
    let leaderboard = search.as_ref().map(Search::leaderboard).unwrap_or_default();
    if options.json {
        print(report::json(&dataset, &trained, &failed, &leaderboard, options.metric))
    } else {
        print(report::tables(&dataset, &trained, &failed, &leaderboard, options.metric)?)
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

/// Shares the rows out, or reads how they are to be shared out.
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
    let (started, seconds) = (now(), options.search_seconds.unwrap_or(f64::INFINITY));
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

/// Trains `repeat` times; the model and the median times of its fit and its calibration.
fn train(
    dataset: &Dataset,
    split: &Split,
    params: &TrainParams,
    repeat: usize,
) -> Result<Trained, Failure> {
    let (mut fits, mut calibrations) = (Vec::new(), Vec::new());
    loop {
        let mut training = Training::with_split(dataset, params.clone(), split.clone())?;
        let (mut fit_millis, mut calibration_millis) = (0.0, 0.0);
        while let Some(Progress { stage, steps_done, n_steps, stage_share }) = training.progress() {
            let (family, at) = (params.family.family(), steps_done + 1);
            let percent = (100.0 * stage_share) as u32;
            show(&format!("{family}: {stage} ({at} of {n_steps}), {percent} %"));
            let started = now();
            training.step()?;
            let millis = started.elapsed().as_secs_f64() * 1e3;
            match stage {
                Stage::Fit => fit_millis += millis,
                Stage::Calibrate => calibration_millis += millis,
                Stage::CrossValidate { .. } | Stage::Evaluate => {}
            }
        }
        show("");
        fits.push(fit_millis);
        calibrations.push(calibration_millis);
        if fits.len() >= repeat {
            let (fit_millis, calibration_millis) = (median(fits), median(calibrations));
            let since = SystemTime::UNIX_EPOCH;
            let created_at_millis = wall_clock().duration_since(since)?.as_millis() as i64;
            let host = "native".to_owned();
            let receipt = Receipt { created_at_millis, fit_millis, calibration_millis, host };
            let standing = training.standing().clone();
            let model = training.finish(receipt)?;
            return Ok(Trained { model, standing, fit_millis, calibration_millis });
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this program runs natively")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this program runs natively")]
fn wall_clock() -> SystemTime {
    SystemTime::now().max(UNIX_EPOCH)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Shows what goes on, in one line of a terminal; an empty text takes it away.
fn show(text: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // What cannot be shown is not missed.
        let _ = write!(terminal, "\r\x1B[2K{text}").and_then(|()| terminal.flush());
    }
}
