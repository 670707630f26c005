//! The command line.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use model_core::conformal::DEFAULT_COVERAGE;
use model_core::dataset::Reading;
use model_core::dataset::{MIN_CLASS_ROWS, RareClasses};
use model_core::pipeline::{DerivedFeatures, PreprocessingParams};
use model_core::schema::DateOrder;
use model_core::training::SelectionMetric;
use model_core::{Family, FamilyParams, Quantisation, TrainParams};

use crate::csv_file::named as in_file;
use crate::update::{self, Asked, Update};
use crate::{Failure, reading};

/// What the program does and takes.
pub(crate) fn help() -> String {
    HELP.replace("{reading}", reading::HELP).replace("{update}", update::HELP)
}

const HELP: &str = "\
Trains classifiers on a CSV file, and prints what it made of the file and how good they are.

usage: train_csv FILE.csv [options]
       train_csv FILE.csv --continue MODEL.tepal [options]
       train_csv --merge MODEL.tepal... [options]

data
  --target COLUMN       column to predict (default: the last one)
  --drop COLUMN         column to leave out; may be given again
  --categorical COLUMN  column of numbers that are categories; may be given again
  --numeric COLUMN      column of digits that are numbers and no codes; may be given again
  --dates ORDER         ymd, dmy or mdy, where dates can be read in two ways
  --unknown other       rare categories of each column share one, and unknown ones belong to it:
                        they are answered, with the warning unknown_category (default: an unknown
                        category is an error of its row)
  --allow-missing       a row may lack any value (default: only where the file's rows do)
  --rare-classes WHAT   keep, drop or merge classes with few rows (default: keep)
  --min-class-rows N    so many rows make a class that is not rare (default: 5)
{reading}  --profile             prints what the columns hold, as JSON, and what was made of the file;
                        trains nothing

training
  --families A,B        logistic_regression, random_forest, svm, k_nearest_neighbors,
                        gaussian_nb, gradient_boosting (default: all)
  --test-size SHARE     share of rows held out, 0 to 0.9 (default: 0.2)
  --folds K             cross-validation folds of the training rows, 0 for none (default: 5)
  --cv-repeats N        repeats the cross-validation N times, each with other folds (default: 1)
  --folds-file F        JSON object whose \"folds\" lists the test rows of each fold, counted from 0;
                        cross-validates on all rows and holds none out
  --coverage SHARE      how often prediction sets should hold the truth, 0.5 to 0.999
                        (default: 0.9)
  --seed N              decides split, folds and bootstrap (default: 42)
  --derive WHAT         adds ratios, products or ratios_and_products of numeric columns
  --select K            keeps the K most important columns
  --quantise FORM       keeps forest and SVM in f32 or int8
  --search SECONDS      looks for better parameters first, as long as this
  --search-trials N     looks among N candidates: the same result on every machine
  --metric METRIC       what the best model is chosen by: log_loss, accuracy, balanced_accuracy or
                        roc_auc, in cross-validation (default: log_loss)
  --time-limit SECONDS  seconds for all of it, or none: a family that would take more than its share
                        trains on some of the rows, with a note, or is left out (default: 60, and
                        none with --families, --params, --search-trials or --repeat)
  --params FILE         JSON of a family's parameters, split and seed, as a model card holds it:
                        trains that model again
  --repeat N            trains N times and prints median times (default: 1)

{update}
output
  --out DIR             writes FAMILY.tepal there, or continued.tepal or merged.tepal
  --without-rows        writes files that carry no rows of the data, to be published: no nearest rows
                        and Shapley values, drift column by column, figures that nobody can check;
                        svm and k_nearest_neighbors are made of rows and cannot
  --dataset             writes rows.tepal-data there, too: the rows, for the edge to keep and train on
  --json                prints one JSON document
  --help                prints this

FILE.json beside the CSV may state units and ranges, FILE.split.json a recorded split.
";

/// What a file of parameters states, and no option beside it may.
const STATED_BY_PARAMS: [&str; 12] = [
    "families",
    "test-size",
    "folds",
    "cv-repeats",
    "folds-file",
    "coverage",
    "seed",
    "derive",
    "select",
    "quantise",
    "search",
    "time-limit",
];

/// Seconds of a run, if nothing else is asked for.
const TIME_LIMIT: f64 = 60.0;

/// What options expect that count something.
const COUNT: &str = "a whole number from 1";
const COLUMN: &str = "the name of a column";
const MODEL: &str = "a model file";
const SECONDS: &str = "a number of seconds above 0";

pub(crate) struct Options {
    pub(crate) file: PathBuf,
    pub(crate) target: Option<String>,
    pub(crate) drop: Vec<String>,
    pub(crate) categorical: Vec<String>,
    pub(crate) numeric: Vec<String>,
    pub(crate) dates: Option<DateOrder>,
    pub(crate) reading: Reading,
    pub(crate) unknown_other: bool,
    pub(crate) allow_missing: bool,
    pub(crate) rare_classes: RareClasses,
    pub(crate) min_class_rows: u32,
    pub(crate) profile: bool,
    pub(crate) families: Vec<Family>,
    /// Of a model to be trained again; what they state is stated in the fields below, too.
    pub(crate) params: Option<TrainParams>,
    /// As given; without a folds file the default is 0.2.
    pub(crate) test_size: Option<f64>,
    /// As given; the default is 5.
    pub(crate) folds: Option<usize>,
    pub(crate) cv_repeats: u32,
    pub(crate) folds_file: Option<PathBuf>,
    pub(crate) coverage: f64,
    pub(crate) seed: u64,
    pub(crate) preprocessing: PreprocessingParams,
    pub(crate) quantisation: Option<Quantisation>,
    pub(crate) search_seconds: Option<f64>,
    pub(crate) search_trials: Option<u32>,
    pub(crate) metric: SelectionMetric,
    /// Seconds; `None` without a limit.
    pub(crate) time_limit: Option<f64>,
    pub(crate) time_limit_is_stated: bool,
    pub(crate) repeat: usize,
    pub(crate) out: Option<PathBuf>,
    pub(crate) without_rows: bool,
    pub(crate) dataset: bool,
    pub(crate) json: bool,
    /// What is to be done instead of a training.
    pub(crate) update: Option<Update>,
    pub(crate) learning_rate: Option<f64>,
    pub(crate) passes: Option<u32>,
}

impl Options {
    /// Whether parameters are looked for before the training.
    pub(crate) fn searches(&self) -> bool {
        self.search_seconds.is_some() || self.search_trials.is_some()
    }

    /// How many folds are made where no file lists them.
    pub(crate) fn n_folds(&self) -> usize {
        self.folds.unwrap_or(5)
    }

    /// Asks for what `params` say.
    fn state(&mut self, params: &TrainParams) {
        self.families = vec![params.family.family()];
        self.test_size = Some(params.test_size);
        self.folds = Some(params.cv_folds);
        self.cv_repeats = params.cv_repeats;
        self.coverage = params.coverage;
        self.seed = params.seed;
        self.preprocessing = params.preprocessing;
        self.quantisation = params.quantisation;
    }
}

/// The parameters in a JSON file.
fn params_of(file: &Path) -> Result<TrainParams, Failure> {
    let text = fs::read_to_string(file).map_err(|error| in_file(&error, file))?;
    let params: TrainParams = serde_json::from_str(&text).map_err(|error| in_file(&error, file))?;
    params.check().map_err(|error| in_file(&error, file))?;
    Ok(params)
}

/// The command line; `None` if only help was asked for.
pub(crate) fn read() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::*;
    let (mut file, mut stated, mut time_limit) = (None, None, None);
    let mut names_families = false;
    let mut options = Options {
        file: PathBuf::new(),
        target: None,
        drop: Vec::new(),
        categorical: Vec::new(),
        numeric: Vec::new(),
        dates: None,
        reading: Reading::default(),
        unknown_other: false,
        allow_missing: false,
        rare_classes: RareClasses::default(),
        min_class_rows: MIN_CLASS_ROWS,
        profile: false,
        families: Family::ALL.to_vec(),
        params: None,
        test_size: None,
        folds: None,
        cv_repeats: 1,
        folds_file: None,
        coverage: DEFAULT_COVERAGE,
        seed: 42,
        preprocessing: PreprocessingParams::default(),
        quantisation: None,
        search_seconds: None,
        search_trials: None,
        metric: SelectionMetric::default(),
        time_limit: Some(TIME_LIMIT),
        time_limit_is_stated: false,
        repeat: 1,
        out: None,
        without_rows: false,
        dataset: false,
        json: false,
        update: None,
        learning_rate: None,
        passes: None,
    };
    let (mut asked, mut given) = (Asked::default(), Vec::new());
    let parser = &mut lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        if let Long(name) = argument {
            given.push(name.to_owned());
            let name = name.strip_suffix("-trials").unwrap_or(name);
            stated = stated.or(STATED_BY_PARAMS.into_iter().find(|stated| *stated == name));
        }
        if let Long(name) = argument
            && reading::NAMES.contains(&name)
        {
            let name = name.to_owned();
            reading::take(&name, parser, &mut options.reading)?;
            continue;
        }
        match argument {
            Long("target") => options.target = Some(value(parser, "--target", COLUMN)?),
            Long("drop") => options.drop.push(value(parser, "--drop", COLUMN)?),
            Long("categorical") => {
                options.categorical.push(value(parser, "--categorical", COLUMN)?);
            }
            Long("numeric") => options.numeric.push(value(parser, "--numeric", COLUMN)?),
            Long("dates") => {
                let orders =
                    [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear];
                options.dates = Some(named(parser, "--dates", &orders, order_name)?);
            }
            Long("unknown") => {
                named(parser, "--unknown", &["other"], |name| name)?;
                options.unknown_other = true;
            }
            Long("allow-missing") => options.allow_missing = true,
            Long("rare-classes") => {
                options.rare_classes =
                    named(parser, "--rare-classes", &RareClasses::ALL, RareClasses::as_str)?;
            }
            Long("min-class-rows") => {
                options.min_class_rows = value(parser, "--min-class-rows", COUNT)?;
            }
            Long("profile") => options.profile = true,
            Long("families") => {
                let names: String = value(parser, "--families", "names with commas between")?;
                names_families = true;
                options.families =
                    names.split(',').map(|name| name.trim().parse()).collect::<Result<_, _>>()?;
            }
            Long("test-size") => {
                options.test_size = Some(value(parser, "--test-size", "a share from 0 to 0.9")?);
            }
            Long("folds") => {
                options.folds = Some(value(parser, "--folds", "a whole number from 0")?);
            }
            Long("cv-repeats") => options.cv_repeats = value(parser, "--cv-repeats", COUNT)?,
            Long("folds-file") => {
                options.folds_file = Some(text(parser, "--folds-file", "a JSON file")?.into());
            }
            Long("coverage") => {
                options.coverage = value(parser, "--coverage", "a share from 0.5 to 0.999")?;
            }
            Long("seed") => options.seed = value(parser, "--seed", "a whole number from 0")?,
            Long("derive") => {
                options.preprocessing.derived =
                    named(parser, "--derive", &DerivedFeatures::ALL, DerivedFeatures::as_str)?;
            }
            Long("select") => {
                options.preprocessing.select = Some(value(parser, "--select", COUNT)?);
            }
            Long("quantise") => {
                let form = named(parser, "--quantise", &Quantisation::ALL, Quantisation::as_str)?;
                options.quantisation = Some(form);
            }
            Long("search") => options.search_seconds = Some(value(parser, "--search", SECONDS)?),
            Long("search-trials") => {
                options.search_trials = Some(value(parser, "--search-trials", COUNT)?);
            }
            Long("time-limit") => time_limit = Some(seconds_or_none(parser)?),
            Long("metric") => {
                options.metric =
                    named(parser, "--metric", &SelectionMetric::ALL, SelectionMetric::as_str)?;
            }
            Long("params") => {
                let file = PathBuf::from(text(parser, "--params", "a JSON file")?);
                options.params = Some(params_of(&file)?);
            }
            Long("repeat") => options.repeat = value(parser, "--repeat", COUNT)?,
            Long("out") => options.out = Some(text(parser, "--out", "a directory")?.into()),
            Long("without-rows") => options.without_rows = true,
            Long("dataset") => options.dataset = true,
            Long("json") => options.json = true,
            Long("continue") => asked.model = Some(text(parser, "--continue", MODEL)?.into()),
            Long("merge") => {
                let models = parser.values().map_err(|_| format!("--merge expects {MODEL}s"))?;
                asked.models.extend(models.map(PathBuf::from));
            }
            Long("learning-rate") => {
                let rate = value(parser, "--learning-rate", "a number from 1e-9 to 1000")?;
                asked.learning_rate = Some(rate);
            }
            Long("passes") => {
                asked.passes = Some(passes(parser)?);
            }
            Long("help") | Short('h') => return Ok(None),
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    options.update = asked.update(&given, file.is_some())?;
    (options.learning_rate, options.passes) = (asked.learning_rate, asked.passes);
    if matches!(options.update, Some(Update::Merge(_))) {
        return Ok(Some(options));
    }
    options.file = file.ok_or("which CSV file? usage: train_csv FILE.csv [options]")?;
    if let Some(params) = options.params.clone() {
        if let Some(stated) = stated {
            return Err(format!("--params states what --{stated} would: leave one out").into());
        }
        options.state(&params);
    }
    // Who asks for a family, or for the same result on every machine, does not ask for less of it.
    let is_asked_for = names_families
        || options.params.is_some()
        || options.search_trials.is_some()
        || options.repeat > 1;
    options.time_limit_is_stated = time_limit.is_some();
    options.time_limit = time_limit.unwrap_or((!is_asked_for).then_some(TIME_LIMIT));
    check(&options)?;
    Ok(Some(options))
}

fn order_name(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayMonthYear => "dmy",
        DateOrder::MonthDayYear => "mdy",
        DateOrder::YearMonthDay | DateOrder::Clock => "ymd",
    }
}

/// The seconds that follow `--time-limit`, or no limit.
fn seconds_or_none(parser: &mut lexopt::Parser) -> Result<Option<f64>, Failure> {
    let expected = "a number of seconds above 0, or none";
    let text: String = value(parser, "--time-limit", expected)?;
    if text == "none" {
        return Ok(None);
    }
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && seconds.is_finite());
    let refused = || format!("--time-limit expects {expected}, got {text:?}");
    Ok(Some(seconds.ok_or_else(refused)?))
}

/// The passes that follow `--passes`.
fn passes(parser: &mut lexopt::Parser) -> Result<u32, Failure> {
    let expected = "a whole number from 1 to 1000";
    let passes: u32 = value(parser, "--passes", expected)?;
    let is_known = (1..=1000).contains(&passes);
    is_known
        .then_some(passes)
        .ok_or_else(|| format!("--passes expects {expected}, got \"{passes}\"").into())
}

/// What follows `option`; `expected` says of what kind it should be.
fn text(parser: &mut lexopt::Parser, option: &str, expected: &str) -> Result<OsString, Failure> {
    let text = parser.value();
    text.map_err(|_| format!("{option} expects {expected}, and nothing follows it").into())
}

/// The value that follows `option`.
fn value<T: FromStr>(
    parser: &mut lexopt::Parser,
    option: &str,
    expected: &str,
) -> Result<T, Failure> {
    let text = text(parser, option, expected)?;
    let value = text.to_str().and_then(|text| text.parse().ok());
    value.ok_or_else(|| format!("{option} expects {expected}, got {text:?}").into())
}

/// The item whose name follows `option`.
fn named<T: Copy>(
    parser: &mut lexopt::Parser,
    option: &str,
    items: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, Failure> {
    let names: Vec<&str> = items.iter().map(|item| name_of(*item)).collect();
    let expected = format!("one of {}", names.join(", "));
    let name: String = value(parser, option, &expected)?;
    let item = items.iter().copied().find(|item| name_of(*item) == name);
    item.ok_or_else(|| format!("{option} expects {expected}, got {name:?}").into())
}

/// Refuses what contradicts itself.
fn check(options: &Options) -> Result<(), Failure> {
    if options.folds_file.is_some() && options.test_size.is_some_and(|size| size != 0.0) {
        return Err("--folds-file cross-validates on all rows: leave --test-size out".into());
    }
    if options.dataset && (options.out.is_none() || options.update.is_some()) {
        return Err("--dataset expects --out, and a training from the begin".into());
    }
    if options.folds_file.is_some() && options.folds.is_some() {
        return Err("--folds-file says which folds there are: leave --folds out".into());
    }
    if options.search_seconds.is_some_and(|seconds| !(seconds > 0.0 && seconds.is_finite())) {
        return Err(format!("--search expects {SECONDS}").into());
    }
    if options.searches() && options.preprocessing != PreprocessingParams::default() {
        return Err("--search tries derived columns itself: leave --derive and --select out".into());
    }
    if options.searches() && options.folds_file.is_none() && options.n_folds() < 2 {
        return Err("--search measures on folds: give --folds at least 2".into());
    }
    if options.quantisation.is_some()
        && !options.families.iter().any(|family| FamilyParams::default_for(*family).quantises())
    {
        return Err("--quantise expects random_forest or svm among the families".into());
    }
    let counts = [
        ("--min-class-rows", options.min_class_rows == 0),
        ("--cv-repeats", options.cv_repeats == 0),
        ("--search-trials", options.search_trials == Some(0)),
        ("--select", options.preprocessing.select == Some(0)),
        ("--repeat", options.repeat == 0),
    ];
    if let Some((option, _)) = counts.iter().find(|(_, is_zero)| *is_zero) {
        return Err(format!("{option} expects {COUNT}, got \"0\"").into());
    }
    Ok(())
}
