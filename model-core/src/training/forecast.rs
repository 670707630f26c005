//! How long a training will take, from trainings on growing samples of its rows.
//!
//! Nothing here reads a clock. The caller runs the samples' steps, stamps each and hands in its
//! seconds; what comes out is the time of the whole training, folds, calibration and predictions
//! included, and the number of rows that a given time is enough for.
//!
//! Time grows as a power of the rows, as far as the two largest samples show. The exponent is kept
//! within what the family's work is known to need, so that a small sample does not promise what a
//! large one cannot keep, and a busy machine does not multiply.

use super::{Stage, TrainError, Training};
use crate::dataset::Dataset;
use crate::model::gradient_boosting::EarlyStopping;
use crate::model::{Family, FamilyParams};
use crate::recipe::TrainParams;
use crate::split::{Folds, Split};

/// Rows of the first sample; each one after has twice as many.
const FIRST_SAMPLE: usize = 250;
/// A sample of at least so many rows tells whether a training is cheap: smaller ones show what a fit
/// takes before it looks at a row.
const LEAST_TOLD: usize = 1_000;
/// Rows of a sample that is worth a model.
const LEAST_USEFUL: usize = 500;
/// The most that may be constant of a sample's seconds, as two times that were measured may say
/// anything.
const GREATEST_CONSTANT: f64 = 0.7;
/// Share of the limit that the samples of one training may take.
const SAMPLES_SHARE: f64 = 1.0 / 60.0;
/// A training that is forecast to take less than this share of the limit needs no larger sample.
const CHEAP_SHARE: f64 = 1.0 / 60.0;
/// Rows x columns x classes that every family trains on in a second or two.
const SMALL_WORK: usize = 1_000_000;
/// Rows that every family trains on in a second or two, if the work above allows.
const SMALL_ROWS: usize = 2_000;

/// What the next step of a [`Forecast`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastStep {
    /// Rows of the sample.
    pub n_rows: usize,
    /// Stage of its training.
    pub stage: Stage,
}

/// What one sample took.
#[derive(Debug, Clone, Copy)]
struct Sample {
    n_rows: usize,
    /// Seconds of fit and calibration.
    fit: f64,
    /// Seconds of a prediction.
    prediction: f64,
}

/// Seconds as a power of the rows, through one point, and what they are however few rows there are.
#[derive(Debug, Clone, Copy)]
struct Law {
    n_rows: f64,
    seconds: f64,
    exponent: f64,
    constant: f64,
}

impl Law {
    fn at(&self, n_rows: f64) -> f64 {
        let grown = libm::pow(n_rows / self.n_rows.max(1.0), self.exponent);
        self.constant + (self.seconds - self.constant) * grown
    }
}

/// A forecast of the time of a training.
///
/// ```
/// use model_core::training::Forecast;
/// use model_core::split::train_test_split;
/// use model_core::{Dataset, Family, FamilyParams, TrainParams};
/// let iris = Dataset::iris();
/// let params = TrainParams::new(Family::GaussianNb);
/// let split = train_test_split(&iris, params.test_size, params.cv_folds, params.seed)?;
/// let mut forecast = Forecast::new(&iris, &split, params, 60.0)?;
/// while forecast.next_step().is_some() {
///     forecast.step()?;
///     forecast.record(0.001); // The caller's clock says what the step took.
/// }
/// assert!(forecast.seconds() < 0.1);
/// # Ok::<(), model_core::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Forecast<'a> {
    dataset: &'a Dataset,
    split: &'a Split,
    params: TrainParams,
    limit: f64,
    /// The sample under way.
    training: Option<(Sample, Training<'a>)>,
    /// The stage whose seconds are not yet known.
    stage: Option<Stage>,
    samples: Vec<Sample>,
    spent: f64,
}

impl<'a> Forecast<'a> {
    /// Whether a training on `split` may take long enough to be forecast. Below, every family takes
    /// a second or two with its defaults.
    #[must_use]
    pub fn is_worthwhile(dataset: &Dataset, split: &Split) -> bool {
        let n_rows = split.train.len();
        let width: usize =
            dataset.columns().iter().map(|it| it.kind.encoded_width(dataset.n_classes())).sum();
        let work = n_rows.saturating_mul(width).saturating_mul(dataset.n_classes());
        n_rows > SMALL_ROWS || work > SMALL_WORK
    }

    /// Sets up the first sample of a training with `params` on `split`, for which `limit` seconds
    /// are there; the samples themselves may take a sixtieth of them.
    ///
    /// # Errors
    /// As [`Training::with_split`].
    pub fn new(
        dataset: &'a Dataset,
        split: &'a Split,
        params: TrainParams,
        limit: f64,
    ) -> Result<Self, TrainError> {
        let (training, stage, samples) = (None, None, Vec::new());
        let mut forecast =
            Self { dataset, split, params, limit, training, stage, samples, spent: 0.0 };
        forecast.begin(FIRST_SAMPLE)?;
        Ok(forecast)
    }

    /// What the next [`step`](Self::step) does; `None` once the samples tell enough.
    #[must_use]
    pub fn next_step(&self) -> Option<ForecastStep> {
        let (sample, training) = self.training.as_ref()?;
        Some(ForecastStep { n_rows: sample.n_rows, stage: training.next_stage()? })
    }

    /// Takes a step of the sample's training; its seconds are to be [recorded](Self::record).
    ///
    /// # Errors
    /// As [`Training::step`]; there is no forecast then beyond the samples before.
    pub fn step(&mut self) -> Result<(), TrainError> {
        let Some((_, training)) = self.training.as_mut() else { return Ok(()) };
        self.stage = training.next_stage();
        let stepped = training.step();
        if stepped.is_err() {
            self.training = None;
        }
        stepped
    }

    /// Takes note of what the last step took.
    pub fn record(&mut self, seconds: f64) {
        let (Some(stage), Some((sample, training))) = (self.stage.take(), self.training.as_mut())
        else {
            return;
        };
        let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
        self.spent += seconds;
        match stage {
            // A sample predicts the rows that it trained on.
            Stage::Evaluate => sample.prediction += seconds / sample.n_rows.max(1) as f64,
            Stage::Fit | Stage::Calibrate | Stage::CrossValidate { .. } => sample.fit += seconds,
        }
        if training.next_stage().is_none() {
            self.samples.push(*sample);
            let n_rows = sample.n_rows;
            self.training = None;
            // A sample of the same rows that trained before cannot be refused.
            if !self.tells_enough(n_rows) && self.begin(2 * n_rows).is_err() {
                self.training = None;
            }
        }
    }

    /// Takes note of what a fit and its predictions took on `n_rows` rows of the training itself.
    ///
    /// Later forecasts go by it, as it is nearer to the whole than a sample.
    pub fn observe(&mut self, n_rows: usize, seconds: f64) {
        let prediction = self.predictions().map_or(0.0, |law| law.at(n_rows as f64));
        let fit = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
        self.samples.retain(|sample| sample.n_rows < n_rows);
        self.samples.push(Sample { n_rows, fit, prediction });
    }

    /// Training rows of the whole.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.split.train.len()
    }

    /// Seconds of the whole training, folds and predictions included; 0 without a sample.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds_of(self.split.train.len())
    }

    /// The same with `n_rows` of its training rows.
    #[must_use]
    pub fn seconds_of(&self, n_rows: usize) -> f64 {
        let (Some(fits), Some(predictions)) = (self.fits(), self.predictions()) else { return 0.0 };
        let rows = n_rows as f64;
        let n_folds = self.split.folds.len() as f64;
        let held_out = rows / (self.split.folds.n_folds().max(1) as f64);
        let rest = if n_folds > 0.0 { rows - held_out } else { rows };
        let fold = fits.at(rest) + held_out * predictions.at(rest);
        // A quantised model answers every row of the data set twice more.
        let again =
            if self.params.quantisation.is_some() { 2 * self.dataset.n_samples() } else { 0 };
        let predicted = rows + (self.split.test.len() + again) as f64;
        n_folds * fold + fits.at(rows) + predicted * predictions.at(rows)
    }

    /// The most training rows, in two significant digits, that `seconds` are enough for: all of
    /// them, or at least 500. `None` if so few would take longer.
    #[must_use]
    pub fn rows_within(&self, seconds: f64) -> Option<usize> {
        let n_rows = self.split.train.len();
        if self.seconds() <= seconds {
            return Some(n_rows);
        }
        let (mut enough, mut too_many) = (0, n_rows);
        while too_many - enough > 1 {
            let middle = enough + (too_many - enough) / 2;
            if self.seconds_of(middle) <= seconds {
                enough = middle;
            } else {
                too_many = middle;
            }
        }
        let rows = two_digits(enough);
        (rows >= LEAST_USEFUL.min(n_rows)).then_some(rows)
    }

    /// Seconds of the least training that is worth a model: on 500 rows, or on all if they are fewer.
    #[must_use]
    pub fn least_seconds(&self) -> f64 {
        self.seconds_of(LEAST_USEFUL.min(self.split.train.len()))
    }

    /// Sets up the sample of `n_rows` rows, or of all.
    fn begin(&mut self, n_rows: usize) -> Result<(), TrainError> {
        let part = Split { test: Vec::new(), folds: Folds::none(), ..self.split.clone() };
        let part = part.with_max_rows(self.dataset, n_rows, self.params.seed)?;
        let sample = Sample { n_rows: part.train.len(), fit: 0.0, prediction: 0.0 };
        let mut params =
            TrainParams { test_size: 0.0, cv_folds: 0, max_rows: None, ..self.params.clone() };
        // A sample shows the cost of a round. It cannot show how many early stopping takes, which
        // are more the more rows there are, so that all of them are counted.
        if let FamilyParams::GradientBoosting(boosting) = &mut params.family {
            boosting.early_stopping = EarlyStopping::Off;
        }
        self.training = Some((sample, Training::with_split(self.dataset, params, part)?));
        Ok(())
    }

    /// Whether no larger sample than the last one, of `n_rows`, is needed or can be afforded.
    fn tells_enough(&self, n_rows: usize) -> bool {
        let n_train = self.split.train.len();
        let Some(fits) = self.fits() else { return true };
        let next = fits.at(2.0 * n_rows as f64);
        let is_cheap = n_rows >= LEAST_TOLD && self.seconds() < CHEAP_SHARE * self.limit;
        // One more sample before the first that tells may cost what it likes within the share.
        2 * n_rows >= n_train || is_cheap || self.spent + next > SAMPLES_SHARE * self.limit
    }

    fn fits(&self) -> Option<Law> {
        self.law(|sample| sample.fit, exponents(self.params.family.family()).0)
    }

    fn predictions(&self) -> Option<Law> {
        self.law(|sample| sample.prediction, exponents(self.params.family.family()).1)
    }

    /// The law through the last sample, as steep as the one before it shows, within `bounds`.
    ///
    /// Time that grows less than it must has a part that does not grow, such as the bins of a tree's
    /// histograms, which are as many for ten rows as for ten thousand.
    fn law(&self, of: fn(&Sample) -> f64, (least, most): (f64, f64)) -> Option<Law> {
        let last = self.samples.last()?;
        let (n_rows, seconds) = (last.n_rows as f64, of(last));
        let mut law = Law { n_rows, seconds, exponent: least, constant: 0.0 };
        let Some(before) = self.samples.iter().rev().nth(1) else { return Some(law) };
        let grown = n_rows / before.n_rows.max(1) as f64;
        let slope = libm::log(seconds / of(before)) / libm::log(grown);
        if slope > least {
            law.exponent = slope.min(most);
        } else if least > 0.0 {
            let power = libm::pow(grown, least);
            let constant = (power * of(before) - seconds) / (power - 1.0);
            law.constant = constant.clamp(0.0, GREATEST_CONSTANT * seconds);
        }
        Some(law)
    }
}

/// The least and the greatest power of the rows that a fit, and then a prediction, grows with.
const fn exponents(family: Family) -> ((f64, f64), (f64, f64)) {
    match family {
        Family::GaussianNb => ((1.0, 1.1), (0.0, 0.1)),
        // Iterations and leaves grow a little with the rows.
        Family::LogisticRegression => ((1.0, 1.3), (0.0, 0.1)),
        Family::GradientBoosting => ((1.0, 1.3), (0.0, 0.3)),
        // Sorted columns, and trees that grow deeper than the caches.
        Family::RandomForest => ((1.2, 1.5), (0.1, 0.5)),
        // Every pair of rows may meet in the kernel, more than once if the cache is too small; every
        // support vector is asked.
        Family::Svm => ((2.0, 2.5), (1.0, 1.2)),
        // Every training row is asked.
        Family::KNearestNeighbors => ((1.0, 1.2), (1.0, 1.2)),
    }
}

/// `n` rounded down to two significant digits.
fn two_digits(n: usize) -> usize {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Column;
    use crate::rng::{Purpose, SplitMix64};
    use crate::split::train_test_split;

    fn data(n_rows: usize) -> Dataset {
        let mut rng = SplitMix64::for_purpose(1, Purpose::Synthetic);
        let labels: Vec<u32> = (0..n_rows).map(|row| (row % 2) as u32).collect();
        let values = labels.iter().map(|&label| f64::from(label) + 2.0 * rng.unit()).collect();
        let classes = vec!["a".into(), "b".into()];
        Dataset::new("d", "y", vec![Column::numeric("x")], classes, values, labels).unwrap()
    }

    fn params(family: Family) -> TrainParams {
        TrainParams::new(family)
    }

    /// Runs the samples with a clock that says so many seconds for `n` rows; the rows of each.
    fn run(forecast: &mut Forecast<'_>, seconds: impl Fn(usize, Stage) -> f64) -> Vec<usize> {
        let mut sizes = Vec::new();
        while let Some(step) = forecast.next_step() {
            if sizes.last() != Some(&step.n_rows) {
                sizes.push(step.n_rows);
            }
            forecast.step().unwrap();
            // A stage may be cut into several steps: it takes its time once.
            let is_over = forecast
                .training
                .as_ref()
                .is_some_and(|(_, training)| training.next_stage() != Some(step.stage));
            forecast.record(if is_over { seconds(step.n_rows, step.stage) } else { 0.0 });
        }
        sizes
    }

    #[test]
    fn time_that_grows_with_the_square_of_the_rows_is_foretold() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let mut forecast = Forecast::new(&data, &split, params(Family::Svm), 600.0).unwrap();
        let clock = |n: usize, stage| match stage {
            Stage::Fit => 1e-6 * (n * n) as f64,
            Stage::Evaluate => 1e-9 * (n * n) as f64,
            _ => 0.0,
        };
        assert_eq!(run(&mut forecast, clock), [250, 500, 1000, 2000]);
        // Five folds of 6,400 rows and all 8,000; 8,000 rows held out, 8,000 trained on, 2,000 test.
        let fits = 5.0 * 40.96 + 64.0;
        let whole = fits + 8_000.0 * 6.4e-6 + 10_000.0 * 8e-6;
        assert!((forecast.seconds() - whole).abs() < 1e-6 * whole, "{}", forecast.seconds());
        assert!((forecast.seconds_of(4_000) - whole / 4.0).abs() < 0.1);
    }

    #[test]
    fn what_does_not_grow_with_the_rows_is_told_apart() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let params = params(Family::GradientBoosting);
        let mut forecast = Forecast::new(&data, &split, params, 600.0).unwrap();
        let clock = |n: usize, stage| match stage {
            Stage::Fit => 0.5 + 1e-3 * n as f64,
            _ => 0.0,
        };
        assert_eq!(run(&mut forecast, clock), [250, 500, 1000, 2000]);
        let whole = 6.0 * 0.5 + 40.0;
        assert!((forecast.seconds() - whole).abs() < 1e-6 * whole, "{}", forecast.seconds());
        // A clock that says the same whatever the rows is not believed in full.
        let mut forecast = Forecast::new(&data, &split, forecast.params, 600.0).unwrap();
        run(&mut forecast, |_, stage| f64::from(u8::from(stage == Stage::Fit)));
        assert!(forecast.seconds() > 7.0, "{}", forecast.seconds());
    }

    #[test]
    fn a_cheap_training_needs_small_samples_only() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let mut forecast = Forecast::new(&data, &split, params(Family::GaussianNb), 60.0).unwrap();
        assert_eq!(run(&mut forecast, |_, _| 1e-3), [250, 500, 1000]);
        assert!(forecast.seconds() < 0.1);
        assert_eq!(forecast.rows_within(1.0), Some(8_000));
    }

    #[test]
    fn samples_stop_where_the_next_one_costs_more_than_its_share() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let mut forecast = Forecast::new(&data, &split, params(Family::Svm), 60.0).unwrap();
        let clock = |n: usize, stage| if stage == Stage::Fit { n as f64 / 2_000.0 } else { 0.0 };
        // An eighth and a quarter of a second; a third one is expected to take three quarters.
        assert_eq!(run(&mut forecast, clock), [250, 500]);
        // The SVM's time is taken to grow with the square, whatever small samples say.
        assert!(forecast.seconds() > 170.0, "{}", forecast.seconds());
    }

    #[test]
    fn rows_within_a_time_are_round_and_useful_or_none() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let mut forecast = Forecast::new(&data, &split, params(Family::GaussianNb), 60.0).unwrap();
        run(&mut forecast, |n, _| n as f64 * 1e-4);
        let rows = forecast.rows_within(0.5 * forecast.seconds()).unwrap();
        assert_eq!(two_digits(rows), rows);
        assert!((3_500..8_000).contains(&rows), "{rows}");
        assert!(forecast.seconds_of(rows) <= 0.5 * forecast.seconds());
        assert_eq!(forecast.rows_within(1e-3), None);
        assert_eq!(forecast.rows_within(1e9), Some(8_000));
        assert_eq!([0, 99, 100, 4_567, 123_456].map(two_digits), [0, 99, 100, 4_500, 120_000]);
    }

    #[test]
    fn what_was_observed_on_many_rows_goes_before_samples() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let mut forecast = Forecast::new(&data, &split, params(Family::GaussianNb), 60.0).unwrap();
        run(&mut forecast, |_, _| 1e-3);
        forecast.observe(6_400, 100.0);
        assert!(forecast.seconds() > 600.0);
        assert_eq!(forecast.rows_within(10.0), None);
        assert_eq!(forecast.rows_within(300.0), Some(4_000));
    }

    #[test]
    fn a_sample_of_boosting_takes_all_rounds() {
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let params = params(Family::GradientBoosting);
        let forecast = Forecast::new(&data, &split, params.clone(), 60.0).unwrap();
        let (_, sample) = forecast.training.as_ref().unwrap();
        let (FamilyParams::GradientBoosting(of_sample), FamilyParams::GradientBoosting(asked)) =
            (&sample.params.family, &params.family)
        else {
            panic!("not of gradient boosting");
        };
        assert_eq!(of_sample.early_stopping, EarlyStopping::Off);
        assert_eq!((of_sample.n_rounds, asked.early_stopping), (100, EarlyStopping::Auto));
    }

    #[test]
    fn small_data_are_not_forecast() {
        let iris = Dataset::iris();
        let split = train_test_split(&iris, 0.2, 5, 42).unwrap();
        assert!(!Forecast::is_worthwhile(&iris, &split));
        let data = data(10_000);
        let split = train_test_split(&data, 0.2, 5, 42).unwrap();
        assert!(Forecast::is_worthwhile(&data, &split));
    }

    #[test]
    fn every_family_is_sampled_with_a_class_of_one_row() {
        let labels: Vec<u32> = (0..3_000).map(|row| if row == 7 { 2 } else { row % 2 }).collect();
        let values = (0..3_000).map(|row| f64::from(row % 13)).collect();
        let classes = vec!["a".into(), "b".into(), "c".into()];
        let columns = vec![Column::numeric("x")];
        let data = Dataset::new("d", "y", columns, classes, values, labels).unwrap();
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        for family in Family::ALL {
            let mut forecast = Forecast::new(&data, &split, params(family), 60.0).unwrap();
            assert_eq!(run(&mut forecast, |_, _| 10.0), [251], "{family}");
            assert!(forecast.seconds() > 60.0);
        }
    }
}
