//! Which model trains when, on how many rows, within the time that there is. Pure, so that tests run it
//! natively.
//!
//! On data that every family trains on in a second or two, and without a limit, models train one after
//! the other on all rows. Else the time of each is forecast from samples; the cheap ones go first, on
//! all rows, and what they leave is shared among the costly ones.

use model_core::sort_items;
use model_core::split::{Split, SplitError, train_test_split};
use model_core::training::{Forecast, plan_rows};
use model_core::{Dataset, Family, TrainError, TrainParams};

use super::job::train;
use super::search::search;
use super::{Recipe, Shortfall, Step, StepProgress, TrainEvent, TrainRequest};
use crate::test_rows::TestRows;

/// What a training needs of the world around it.
pub(super) trait Host {
    /// Milliseconds of a clock that only goes on.
    fn now_millis(&self) -> f64;
    /// Milliseconds since 1970.
    fn wall_clock_millis(&self) -> i64;
    /// Says something to whoever asked.
    fn tell(&self, event: TrainEvent);
}

/// A model on its way.
struct Job<'a> {
    /// Its place among the recipes.
    recipe: usize,
    params: TrainParams,
    /// Absent where time is no matter, or a sample cannot be trained: the training will say why.
    forecast: Option<Forecast<'a>>,
}

impl Job<'_> {
    fn seconds(&self) -> f64 {
        self.forecast.as_ref().map_or(0.0, Forecast::seconds)
    }

    fn family(&self) -> Family {
        self.params.family.family()
    }
}

/// Trains a model of each recipe and tells the host what becomes of them.
pub(super) fn train_all(dataset: &Dataset, request: &TrainRequest, host: &impl Host) {
    let started = host.now_millis();
    let Some(first) = request.recipes.first() else {
        host.tell(TrainEvent::Refused("there is nothing to train: choose a family".to_owned()));
        return;
    };
    if request.data_hash.is_some_and(|wanted| wanted != dataset.digest()) {
        host.tell(TrainEvent::OtherData);
        return;
    }
    let refused = |error: &dyn std::error::Error| host.tell(TrainEvent::Refused(error.to_string()));
    let split = match split(dataset, &first.params()) {
        Ok(split) => split,
        Err(error) => return refused(&error),
    };
    let recipes = match request.search_seconds {
        Some(seconds) => search(dataset, &split, &request.recipes, seconds, host),
        None => Ok(request.recipes.clone()),
    };
    match recipes {
        // A search has its own seconds: the limit is for what comes after it.
        Ok(recipes) => train_on(dataset, &split, &recipes, request.seconds, host),
        Err(error) => return refused(&error),
    }
    host.tell(TrainEvent::Finished { total_millis: host.now_millis() - started });
}

fn split(dataset: &Dataset, params: &TrainParams) -> Result<Split, SplitError> {
    train_test_split(dataset, params.test_size, params.cv_folds, params.seed)?.with_repeats(
        dataset,
        params.cv_repeats,
        params.seed,
    )
}

fn train_on(
    dataset: &Dataset,
    split: &Split,
    recipes: &[Recipe],
    seconds: Option<f64>,
    host: &impl Host,
) {
    let started = host.now_millis();
    let limit = seconds.filter(|_| Forecast::is_worthwhile(dataset, split));
    let n_models = recipes.len() as u32;
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for (recipe, asked) in recipes.iter().enumerate() {
        let params = asked.params();
        let mut job = Job { recipe, params, forecast: None };
        job.forecast =
            limit.and_then(|limit| forecast(dataset, split, &job, limit, n_models, host));
        jobs.push(job);
    }
    // Stable, so that without forecasts the order stays.
    sort_items(&mut jobs, &mut |a, b| a.seconds().total_cmp(&b.seconds()));
    for (at, job) in jobs.iter().enumerate() {
        let (recipe, others) = (job.recipe as u32, &jobs[at + 1..]);
        let elapsed = (host.now_millis() - started) / 1e3;
        let fell = |short| host.tell(TrainEvent::Fell { recipe, short });
        let n_train = split.train.len();
        let rows = match limit {
            Some(limit) => rows_of(job, others, limit - elapsed, n_train),
            None => Some(recipes[job.recipe].max_rows.map_or(n_train, |rows| rows as usize)),
        };
        let Some(rows) = rows else {
            fell(Shortfall::LeftOut { seconds: job.seconds() });
            continue;
        };
        let others_seconds = job.forecast.as_ref().map(|_| others.iter().map(Job::seconds).sum());
        let progress = Reporter { host, n_done: at as u32, n_models, others_seconds };
        match trained(dataset, split, job, rows, &progress) {
            Ok(((artifact, test_rows), n_rows)) => {
                host.tell(TrainEvent::Trained { recipe, artifact, test_rows });
                if n_rows < n_train {
                    let (n_rows, of) = (n_rows as u32, n_train as u32);
                    fell(Shortfall::Sampled { n_rows, of, seconds: job.seconds() });
                }
            }
            Err(error) => fell(Shortfall::Failed(error.to_string())),
        }
    }
}

/// Trains on `rows` rows; what [`train`] returns, and how many rows they were.
fn trained<H: Host>(
    dataset: &Dataset,
    split: &Split,
    job: &Job<'_>,
    rows: usize,
    progress: &Reporter<'_, H>,
) -> Result<((Vec<u8>, TestRows), usize), TrainError> {
    let part = split.clone().with_max_rows(dataset, rows, job.params.seed)?;
    let n_rows = part.train.len();
    let max_rows = u32::try_from(rows).ok().filter(|_| n_rows < split.train.len());
    let params = TrainParams { max_rows, ..job.params.clone() };
    let seconds = job.forecast.as_ref().map(|forecast| forecast.seconds_of(n_rows));
    let trained = train(dataset, part, params, seconds, progress)?;
    Ok((trained, n_rows))
}

/// How many rows a job may train on, so that the others have their share of the `left` seconds; `None`
/// if too few.
fn rows_of(job: &Job<'_>, others: &[Job<'_>], left: f64, n_train: usize) -> Option<usize> {
    let Some(forecast) = &job.forecast else { return Some(n_train) };
    let others = others.iter().filter_map(|job| job.forecast.as_ref());
    let forecasts: Vec<&Forecast<'_>> = std::iter::once(forecast).chain(others).collect();
    plan_rows(left.max(0.0), &forecasts).into_iter().next().flatten()
}

/// Trains samples until they tell how long all rows take.
fn forecast<'a>(
    dataset: &'a Dataset,
    split: &'a Split,
    job: &Job<'_>,
    limit: f64,
    n_models: u32,
    host: &impl Host,
) -> Option<Forecast<'a>> {
    let mut forecast = Forecast::new(dataset, split, job.params.clone(), limit).ok()?;
    while let Some(step) = forecast.next_step() {
        host.tell(TrainEvent::Progress(StepProgress {
            n_done: 0,
            n_models,
            family: job.family(),
            step: Step::Forecast { n_rows: step.n_rows as u32 },
            seconds_left: None,
        }));
        let started = host.now_millis();
        let stepped = forecast.step();
        forecast.record((host.now_millis() - started) / 1e3);
        stepped.ok()?;
    }
    Some(forecast)
}

/// What tells how far one model is.
pub(super) struct Reporter<'a, H> {
    pub(super) host: &'a H,
    n_done: u32,
    n_models: u32,
    /// Seconds that those behind this one take, where they were forecast.
    others_seconds: Option<f64>,
}

impl<H: Host> Reporter<'_, H> {
    /// Tells it; `own_seconds` are those that this model still takes.
    pub(super) fn tell(&self, family: Family, step: Step, own_seconds: Option<f64>) {
        let seconds_left = self.others_seconds.zip(own_seconds).map(|(others, own)| others + own);
        let (n_done, n_models) = (self.n_done, self.n_models);
        let progress = StepProgress { n_done, n_models, family, step, seconds_left };
        self.host.tell(TrainEvent::Progress(progress));
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::test_rows;
    use super::*;
    use crate::training::{Recipe, TrainingData};
    use model_core::{Artifact, CsvOptions};
    use std::cell::{Cell, RefCell};

    /// A clock on which every look takes `tick` milliseconds, and what was told.
    struct Told {
        tick: f64,
        now: Cell<f64>,
        events: RefCell<Vec<TrainEvent>>,
    }

    impl Host for Told {
        fn now_millis(&self) -> f64 {
            self.now.set(self.now.get() + self.tick);
            self.now.get()
        }

        fn wall_clock_millis(&self) -> i64 {
            1_700_000_000_000
        }

        fn tell(&self, event: TrainEvent) {
            self.events.borrow_mut().push(event);
        }
    }

    fn told(
        dataset: &Dataset,
        recipes: Vec<Recipe>,
        seconds: Option<f64>,
        tick: f64,
    ) -> Vec<TrainEvent> {
        let host = Told { tick, now: Cell::new(0.0), events: RefCell::default() };
        let (data, search_seconds) = (TrainingData::Iris, None);
        let data_hash = None;
        let request = TrainRequest { data, recipes, seconds, search_seconds, data_hash };
        train_all(dataset, &request, &host);
        host.events.into_inner()
    }

    fn recipes(families: &[Family]) -> Vec<Recipe> {
        families.iter().map(|family| Recipe { cv_folds: 2, ..Recipe::new(*family) }).collect()
    }

    fn models(events: &[TrainEvent]) -> Vec<(u32, Artifact)> {
        let model = |event: &TrainEvent| match event {
            TrainEvent::Trained { recipe, artifact, .. } => {
                Some((*recipe, Artifact::from_bytes(artifact).unwrap()))
            }
            _ => None,
        };
        events.iter().filter_map(model).collect()
    }

    /// Numbers that grow with the row, of two classes.
    fn rows(n_rows: usize) -> Dataset {
        let line = |row: usize| format!("{},{},{}\n", row % 97, row % 13, ["a", "b"][row % 2]);
        let csv = format!("x,y,kind\n{}", (0..n_rows).map(line).collect::<String>());
        Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap()
    }

    #[test]
    fn every_recipe_becomes_the_model_that_the_library_trains() {
        let iris = Dataset::iris();
        let families = [Family::GaussianNb, Family::KNearestNeighbors];
        let events = told(&iris, recipes(&families), Some(60.0), 1.0);
        let models = models(&events);
        assert_eq!(models.len(), 2);
        for ((recipe, model), family) in models.iter().zip(families) {
            let params = Recipe { cv_folds: 2, ..Recipe::new(family) }.params();
            assert_eq!(model.id(), params.train(&iris).unwrap().id());
            assert_eq!(families[*recipe as usize], family);
            assert_eq!(model.receipt().created_at_millis, 1_700_000_000_000);
            assert!(model.receipt().fit_millis > 0.0);
        }
        assert!(matches!(events.last(), Some(TrainEvent::Finished { .. })));
        let of_two =
            |event: &&TrainEvent| matches!(event, TrainEvent::Progress(it) if it.n_models == 2);
        assert!(events.iter().filter(of_two).count() >= 8);
    }

    #[test]
    fn a_model_is_made_again_on_as_many_rows_and_on_no_other_data() {
        let data = rows(200);
        let params = TrainParams { max_rows: Some(60), ..TrainParams::new(Family::GaussianNb) };
        let wanted = params.train(&data).unwrap();
        let request = |data_hash| TrainRequest {
            data: TrainingData::HandedOver,
            recipes: vec![Recipe::again(&wanted.lineage().params)],
            seconds: None,
            search_seconds: None,
            data_hash: Some(data_hash),
        };
        let host = Told { tick: 1.0, now: Cell::new(0.0), events: RefCell::default() };
        train_all(&data, &request(wanted.lineage().data_hash), &host);
        let events = host.events.into_inner();
        assert_eq!(models(&events)[0].1.id(), wanted.id());
        let host = Told { tick: 1.0, now: Cell::new(0.0), events: RefCell::default() };
        train_all(&rows(201), &request(wanted.lineage().data_hash), &host);
        assert_eq!(host.events.into_inner(), [TrainEvent::OtherData]);
    }

    #[test]
    fn a_model_comes_with_its_answers_on_the_rows_that_were_held_out() {
        let csv = "x,kind\n1,a\n2,\n8,b\n1.5,a\n9,b\n2,a\n7,b\n3,a\n9.5,b\n2.5,a\n8.5,b\n";
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let events = told(&data, recipes(&[Family::GaussianNb]), None, 1.0);
        let (artifact, rows) = events
            .iter()
            .find_map(|event| match event {
                TrainEvent::Trained { artifact, test_rows, .. } => Some((artifact, test_rows)),
                _ => None,
            })
            .unwrap();
        let artifact = Artifact::from_bytes(artifact).unwrap();
        let confusion = &artifact.evaluation().test.as_ref().unwrap().confusion;
        assert_eq!(rows.labels.len() as u64, u64::from(confusion.total()));
        let lines: Vec<&str> = csv.lines().collect();
        let sent = rows.file_rows.iter().zip(&rows.values).zip(&rows.labels);
        for ((&row, &x), &label) in sent {
            assert_eq!(lines[row as usize], format!("{x},{}", ["a", "b"][label as usize]));
        }
        let answers = rows.probabilities.chunks_exact(2);
        let right =
            answers.zip(&rows.labels).filter(|(answer, label)| answer[**label as usize] > 0.5);
        assert_eq!(right.count() as u64, u64::from(confusion.n_correct()));
        assert_eq!(rows.file, None);
    }

    #[test]
    fn more_rows_than_a_page_should_keep_are_not_sent() {
        let data = rows(100);
        let model = Recipe { cv_folds: 2, ..Recipe::new(Family::GaussianNb) }.params();
        let artifact = model.train(&data).unwrap();
        // Two columns and two classes.
        assert_eq!(test_rows(&data, &[7; 250_000], &artifact).labels.len(), 250_000);
        assert_eq!(test_rows(&data, &[7; 250_001], &artifact), TestRows::default());
    }

    #[test]
    fn a_search_shows_its_leaderboard_and_its_best_parameters_are_trained() {
        let host = Told { tick: 20.0, now: Cell::new(0.0), events: RefCell::default() };
        let recipes = recipes(&[Family::LogisticRegression, Family::GaussianNb]);
        let (data, seconds) = (TrainingData::Iris, None);
        let request =
            TrainRequest { data, recipes, seconds, search_seconds: Some(30.0), data_hash: None };
        train_all(&Dataset::iris(), &request, &host);
        let events = host.events.into_inner();
        let boards: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                TrainEvent::Searching(board) => Some(board),
                _ => None,
            })
            .collect();
        let last = boards.last().unwrap();
        assert!(boards.len() > 2 && last.n_trials > 4, "{last:?}");
        assert!(last.rows.iter().all(|row| row.n_folds <= last.n_folds));
        assert!(boards.windows(2).all(|pair| pair[0].seconds_left >= pair[1].seconds_left));
        let models = models(&events);
        assert_eq!(models.len(), 2);
        // The first row is the best of all, and a model is trained with what it says.
        let best = &last.rows[0];
        let trained = models.iter().any(|(_, model)| model.lineage().params.family == best.family);
        assert!(trained, "{best:?}");
    }

    #[test]
    fn what_takes_too_long_is_left_out_or_trains_on_fewer_rows_and_says_so() {
        let data = rows(6_000);
        let families = [Family::Svm, Family::GaussianNb];
        // A second for each look at the clock: samples seem costly.
        let events = told(&data, recipes(&families), Some(8.0), 1_000.0);
        let short: Vec<_> =
            events.iter().filter(|it| matches!(it, TrainEvent::Fell { .. })).collect();
        assert!(!short.is_empty(), "{events:?}");
        let forecasts = |event: &&TrainEvent| {
            matches!(event, TrainEvent::Progress(StepProgress { step: Step::Forecast { .. }, .. }))
        };
        assert!(events.iter().filter(forecasts).count() >= 2);
        // Without a limit nothing is tried first, and nothing falls short.
        let events = told(&data, recipes(&families[1..]), None, 1.0);
        assert_eq!((models(&events).len(), events.iter().filter(forecasts).count()), (1, 0));
    }

    #[test]
    fn a_family_that_cannot_be_trained_says_why_and_the_others_go_on() {
        let mut both = recipes(&[Family::KNearestNeighbors, Family::GaussianNb]);
        let model_core::FamilyParams::KNearestNeighbors(params) = &mut both[0].family else {
            panic!()
        };
        params.k = 0;
        let events = told(&Dataset::iris(), both, None, 1.0);
        let failed = events.iter().any(|event| {
            matches!(event, TrainEvent::Fell { recipe: 0, short: Shortfall::Failed(why) } if why.contains('k'))
        });
        assert!(failed && models(&events).len() == 1, "{events:?}");
    }

    #[test]
    fn what_cannot_be_split_is_refused_once() {
        let mut recipes = recipes(&[Family::GaussianNb, Family::Svm]);
        recipes[0].test_size = 2.0;
        let events = told(&Dataset::iris(), recipes, None, 1.0);
        assert!(matches!(&events[..], [TrainEvent::Refused(_)]), "{events:?}");
        assert!(matches!(
            &told(&Dataset::iris(), Vec::new(), None, 1.0)[..],
            [TrainEvent::Refused(_)]
        ));
    }
}
