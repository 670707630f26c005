//! Which family trains when, on how many rows, within the time that there is.
//!
//! Without a time limit, and on data that every family trains on in a second or two, families train
//! one after the other on all rows. Else the time of each is forecast from samples; the cheap ones
//! go first, on all rows, and what they leave is shared among the costly ones, which get as many
//! rows as their share is enough for. A forecast that a fold proves wrong is made anew.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};

use model_core::split::Split;
use model_core::training::{Forecast, plan_rows};
use model_core::{Dataset, Progress, Receipt, Stage, TrainParams, Training};

use crate::clock::{self, TimeLimit, in_words};
use crate::program::Failure;
use crate::report::{Failed, LeftOut, Sampled, Trained};

/// How often the rows of a family are cut down once it trains.
const MAX_CUTS: usize = 2;
/// A training takes about so many folds' time beside its folds: the fit on all rows, and predictions.
const BESIDE_FOLDS: f64 = 1.5;
/// A training may take so much longer than it was forecast before it is cut down.
const LATE: f64 = 1.5;
/// Seconds that one family gets where nobody asked for a limit and it was over before any trained.
const LAST_RESORT_SECONDS: f64 = 5.0;

/// What became of a family.
pub(crate) enum Outcome {
    Trained(Box<Trained>),
    Failed(Failed),
    LeftOut(LeftOut),
}

/// A family on its way, and what is known of its time.
struct Job<'a> {
    /// Its place in the caller's order.
    place: usize,
    params: TrainParams,
    forecast: Option<Forecast<'a>>,
}

impl Job<'_> {
    /// Seconds on all rows; 0 if they were not forecast.
    fn seconds(&self) -> f64 {
        self.forecast.as_ref().map_or(0.0, Forecast::seconds)
    }

    fn left_out(&self) -> Outcome {
        let seconds = self.seconds();
        Outcome::LeftOut(LeftOut { family: self.params.family.family(), seconds })
    }

    /// `split` with at most so many training rows, and the parameters that say so if they are fewer.
    fn on_rows(
        &self,
        dataset: &Dataset,
        split: &Split,
        rows: usize,
    ) -> Result<(Split, TrainParams), Failure> {
        let part = split.clone().with_max_rows(dataset, rows, self.params.seed)?;
        let is_less = part.train.len() < split.train.len();
        let max_rows = u32::try_from(rows).ok().filter(|_| is_less);
        Ok((part, TrainParams { max_rows, ..self.params.clone() }))
    }

    fn failed(&self, error: &Failure) -> Outcome {
        let (family, error) = (self.params.family.family(), error.to_string());
        Outcome::Failed(Failed { family, error })
    }
}

/// How an attempt to train ended.
enum Attempt {
    Done(Box<Trained>),
    /// A fold of so many training rows took longer than was planned with.
    Late {
        fold_rows: usize,
        seconds: f64,
    },
    /// The time is over.
    Over,
}

/// What an attempt is held against.
struct Watch {
    limit: TimeLimit,
    /// Seconds that it is forecast to take, if it was.
    seconds: f64,
    /// Seconds that it may take before it is cut down.
    allowed: f64,
}

/// Trains a model for each of `recipes`; what became of them, in their order.
pub(crate) fn train_all(
    dataset: &Dataset,
    split: &Split,
    recipes: Vec<TrainParams>,
    limit: Option<TimeLimit>,
    repeat: usize,
) -> Vec<Outcome> {
    let limit = limit.filter(|_| Forecast::is_worthwhile(dataset, split));
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for (place, params) in recipes.into_iter().enumerate() {
        let forecast = limit.and_then(|limit| forecast(dataset, split, &params, limit));
        jobs.push(Job { place, params, forecast });
    }
    // Stable, so that without forecasts the order stays.
    jobs.sort_by(|a, b| a.seconds().total_cmp(&b.seconds()));
    let mut jobs: VecDeque<Job<'_>> = jobs.into();
    let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
    let mut without_time = Vec::new();
    while let Some(mut job) = jobs.pop_front() {
        let outcome = match limit {
            Some(limit) => within(dataset, split, &mut job, &jobs, limit),
            None => whole(dataset, split, &job, repeat),
        };
        let outcome = outcome.unwrap_or_else(|error| job.failed(&error));
        let (at, place) = (outcomes.len(), job.place);
        if matches!(outcome, Outcome::LeftOut(_)) {
            without_time.push((at, job));
        }
        outcomes.push((place, outcome));
    }
    // A limit that nobody stated is no reason to end without a model.
    let is_empty = !outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Trained(_)));
    let cheapest = without_time.into_iter().min_by(|(_, a), (_, b)| {
        let seconds = |job: &Job<'_>| job.forecast.as_ref().map_or(0.0, Forecast::least_seconds);
        seconds(a).total_cmp(&seconds(b))
    });
    if let (true, Some((at, job))) = (is_empty && limit.is_some_and(|it| !it.is_stated), cheapest) {
        let outcome = last_resort(dataset, split, &job);
        outcomes[at].1 = outcome.unwrap_or_else(|error| job.failed(&error));
    }
    show("");
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Trains a family on as many rows as a few seconds are enough for, or on the fewest that are worth
/// it, though the time is used up.
fn last_resort(dataset: &Dataset, split: &Split, job: &Job<'_>) -> Result<Outcome, Failure> {
    let n_train = split.train.len();
    let rows = job.forecast.as_ref().map_or(n_train, |forecast| {
        let seconds = LAST_RESORT_SECONDS.max(forecast.least_seconds());
        forecast.rows_within(seconds).unwrap_or(n_train)
    });
    let (part, params) = job.on_rows(dataset, split, rows)?;
    let n_rows = part.train.len();
    Ok(match train(dataset, &part, &params, 1, None)? {
        Attempt::Done(trained) => sampled(trained, n_rows, n_train, job),
        Attempt::Late { .. } | Attempt::Over => job.left_out(),
    })
}

/// A family that trained on `n_rows` of its rows.
fn sampled(mut trained: Box<Trained>, n_rows: usize, of: usize, job: &Job<'_>) -> Outcome {
    let sampled = Sampled { n_rows, of, seconds: job.seconds() };
    trained.sampled = (n_rows < of).then_some(sampled);
    Outcome::Trained(trained)
}

/// How many rows the first of the jobs may train on, so that the others have their share of the
/// `left` seconds; `None` if too few.
fn rows_of_first(first: &Job<'_>, others: &VecDeque<Job<'_>>, left: f64) -> Option<usize> {
    let forecast = first.forecast.as_ref()?;
    let others = others.iter().filter_map(|job| job.forecast.as_ref());
    let forecasts: Vec<&Forecast<'_>> = std::iter::once(forecast).chain(others).collect();
    plan_rows(left, &forecasts).into_iter().next().flatten()
}

/// Trains samples until they tell how long all rows take; `None` if they cannot be trained, which
/// the training itself will say.
fn forecast<'a>(
    dataset: &'a Dataset,
    split: &'a Split,
    params: &TrainParams,
    limit: TimeLimit,
) -> Option<Forecast<'a>> {
    let mut forecast = Forecast::new(dataset, split, params.clone(), limit.seconds).ok()?;
    while let Some(step) = forecast.next_step() {
        let (family, n_rows) = (params.family.family(), step.n_rows);
        show(&format!("{family}: trying {n_rows} rows, to know how long all of them take"));
        let started = clock::now();
        let stepped = forecast.step();
        forecast.record(started.elapsed().as_secs_f64());
        stepped.ok()?;
    }
    Some(forecast)
}

/// Trains a family on all rows, however long it takes.
fn whole(
    dataset: &Dataset,
    split: &Split,
    job: &Job<'_>,
    repeat: usize,
) -> Result<Outcome, Failure> {
    Ok(match train(dataset, split, &job.params, repeat, None)? {
        Attempt::Done(trained) => Outcome::Trained(trained),
        Attempt::Late { .. } | Attempt::Over => job.left_out(),
    })
}

/// Trains a family on as many rows as its share of the time is enough for, beside the `others` that
/// are yet to come.
fn within(
    dataset: &Dataset,
    split: &Split,
    job: &mut Job<'_>,
    others: &VecDeque<Job<'_>>,
    limit: TimeLimit,
) -> Result<Outcome, Failure> {
    let n_train = split.train.len();
    let mut at_most = n_train;
    for cut in 0..=MAX_CUTS {
        let rows = match job.forecast {
            Some(_) => rows_of_first(job, others, limit.left()),
            // A sample could not be fitted: the training will say why.
            None => Some(n_train),
        };
        let Some(rows) = rows.map(|rows| rows.min(at_most)) else { break };
        let (part, params) = job.on_rows(dataset, split, rows)?;
        let n_rows = part.train.len();
        let seconds = job.forecast.as_ref().map_or(0.0, |forecast| forecast.seconds_of(n_rows));
        let share = limit.left() / (1 + others.len()) as f64;
        let allowed = match &job.forecast {
            Some(_) if cut < MAX_CUTS => LATE * seconds.max(share),
            _ => f64::INFINITY,
        };
        let watch = Watch { limit, seconds, allowed };
        match train(dataset, &part, &params, 1, Some(&watch))? {
            Attempt::Done(trained) => return Ok(sampled(trained, n_rows, n_train, job)),
            Attempt::Late { fold_rows, seconds } => {
                if let Some(forecast) = &mut job.forecast {
                    forecast.observe(fold_rows, seconds);
                }
                at_most = n_rows / 10 * 7;
            }
            Attempt::Over => break,
        }
    }
    Ok(job.left_out())
}

/// Trains `repeat` times; the model and the median times of its fit and its calibration.
fn train(
    dataset: &Dataset,
    split: &Split,
    params: &TrainParams,
    repeat: usize,
    watch: Option<&Watch>,
) -> Result<Attempt, Failure> {
    let (mut fits, mut calibrations) = (Vec::new(), Vec::new());
    let family = params.family.family();
    let in_all = match watch {
        Some(watch) if watch.seconds >= 1.0 => {
            format!(", about {} in all", in_words(watch.seconds))
        }
        _ => String::new(),
    };
    loop {
        let mut training = Training::with_split(dataset, params.clone(), split.clone())?;
        let (mut fit_millis, mut calibration_millis) = (0.0, 0.0);
        let (began, mut stage_began, mut stages_done) = (clock::now(), clock::now(), 0);
        while let Some(stage) = training.next_stage() {
            if training.steps_done() > stages_done {
                (stage_began, stages_done) = (clock::now(), training.steps_done());
            }
            if let Some(Progress { steps_done, n_steps, stage_share, .. }) = training.progress() {
                let (at, percent) = (steps_done + 1, (100.0 * stage_share) as u32);
                show(&format!("{family}: {stage} ({at} of {n_steps}), {percent} %{in_all}"));
            }
            let started = clock::now();
            training.step()?;
            let millis = started.elapsed().as_secs_f64() * 1e3;
            match stage {
                Stage::Fit => fit_millis += millis,
                Stage::Calibrate => calibration_millis += millis,
                Stage::CrossValidate { .. } | Stage::Evaluate => {}
            }
            let Some(watch) = watch else { continue };
            if watch.limit.is_over() {
                return Ok(Attempt::Over);
            }
            if let Stage::CrossValidate { fold, n_folds } = stage {
                // Of a fold under way only the least that it takes is known.
                let is_under_way = training.next_stage() == Some(stage);
                let seconds = match is_under_way {
                    true => stage_began.elapsed().as_secs_f64(),
                    false => began.elapsed().as_secs_f64() / (fold + 1) as f64,
                };
                let in_all = seconds * (n_folds as f64 + BESIDE_FOLDS);
                // Later than half way what is done is worth more than what is left to do.
                if in_all > watch.allowed && 2 * (fold + 1) <= n_folds {
                    let fold_rows = split.fold_train_rows(fold).len();
                    let seconds = if is_under_way { LATE * seconds } else { seconds };
                    return Ok(Attempt::Late { fold_rows, seconds });
                }
            }
        }
        fits.push(fit_millis);
        calibrations.push(calibration_millis);
        if fits.len() >= repeat {
            let (fit_millis, calibration_millis) = (median(fits), median(calibrations));
            let created_at_millis = clock::wall_clock_millis();
            let host = "native".to_owned();
            let receipt = Receipt { created_at_millis, fit_millis, calibration_millis, host };
            let standing = training.standing().clone();
            let model = training.finish()?.with_receipt(receipt);
            let trained =
                Trained { model, standing, fit_millis, calibration_millis, sampled: None };
            return Ok(Attempt::Done(Box::new(trained)));
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Shows what goes on, in one line of a terminal; an empty text takes it away.
pub(crate) fn show(text: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // What cannot be shown is not missed.
        let _ = write!(terminal, "\r\x1B[2K{text}").and_then(|()| terminal.flush());
    }
}
