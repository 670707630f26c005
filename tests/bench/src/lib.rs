//! Fit and predict of one family on one data set, and explanations, timed by the caller's clock.
//!
//! The same code runs natively (`examples/measure.rs`) and in wasm (`measure.mjs`), so that the
//! two can be compared, and beside it `sklearn_bench.py` does the same work on the same files.
//! Times are those of the stages themselves: reading the CSV, splitting and evaluating are not in
//! them, standardising the columns is.

pub mod drift;
mod explained;
mod held_out;
pub mod lifecycle;
#[cfg(target_arch = "wasm32")]
mod wasm;

use std::error::Error;
use std::hint::black_box;

use model_core::model::gradient_boosting::{EarlyStopping, GradientBoostingParams};
use model_core::{
    Artifact, CsvOptions, Dataset, Family, FamilyParams, Stage, TrainParams, Training,
};
use serde_json::{Value, json};

pub use self::explained::Explained;
use self::held_out::HeldOut;

/// Why a case cannot be measured.
pub type Failure = Box<dyn Error>;

/// Short work is repeated until it has filled this time, and its mean is taken: a clock that
/// ticks in microseconds then errs by less than a thousandth.
const SAMPLE_MILLIS: f64 = 30.0;

/// Rows that one prediction run goes through.
const N_PREDICTIONS: usize = 1000;

/// A family, rows to fit it on and rows to judge it by.
#[derive(Debug)]
pub struct Case {
    dataset: Dataset,
    held_out: HeldOut,
    params: TrainParams,
}

/// What was measured once.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The fit on all rows.
    pub fit_millis: f64,
    /// The calibration after it, if the family has one.
    pub calibrate_millis: Option<f64>,
    /// Fit and calibration of the first run alone, before anything was warm.
    pub first_millis: f64,
    /// The probabilities of one row.
    pub predict_micros: f64,
    /// Share of the held-out rows labelled right.
    pub accuracy: f64,
}

/// Times of one training.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    fit: f64,
    calibrate: Option<f64>,
}

impl Times {
    fn total(self) -> f64 {
        self.fit + self.calibrate.unwrap_or(0.0)
    }
}

impl Case {
    /// `family` with the parameters of the benchmark, on the rows of one CSV file, judged by those of another.
    ///
    /// # Errors
    /// If there is no such family, or a file does not hold what it should.
    pub fn new(family: &str, train: &[u8], held_out: &[u8]) -> Result<Self, Failure> {
        let family: Family = family.parse()?;
        let params =
            TrainParams { test_size: 0.0, cv_folds: 0, ..TrainParams::new(params_of(family)) };
        let dataset = Dataset::from_csv(train, &CsvOptions::default())?;
        let held_out = HeldOut::from_csv(held_out)?;
        Ok(Self { dataset, held_out, params })
    }

    /// Fits and predicts; `clock` tells milliseconds from any start.
    ///
    /// # Errors
    /// If training fails, or the model and the held-out rows do not fit each other.
    pub fn measure(&self, clock: &mut dyn FnMut() -> f64) -> Result<Measurement, Failure> {
        let mut training = Training::new(&self.dataset, self.params.clone())?;
        let first = fit(&mut training, clock)?;
        let (fit_millis, calibrate_millis) = self.repeat(first, clock)?;
        while training.next_stage().is_some() {
            training.step()?;
        }
        let model = training.finish()?;
        Ok(Measurement {
            fit_millis,
            calibrate_millis,
            first_millis: first.total(),
            predict_micros: self.predict_micros(&model, clock)?,
            accuracy: self.held_out.accuracy(&model)?,
        })
    }

    /// Mean times of as many trainings as fill a sample, `first` among them.
    fn repeat(
        &self,
        first: Times,
        clock: &mut dyn FnMut() -> f64,
    ) -> Result<(f64, Option<f64>), Failure> {
        let (mut fits, mut calibrations, mut n) = (first.fit, first.calibrate, 1.0);
        while fits + calibrations.unwrap_or(0.0) < SAMPLE_MILLIS {
            let mut training = Training::new(&self.dataset, self.params.clone())?;
            let times = fit(&mut training, clock)?;
            fits += times.fit;
            calibrations = calibrations.zip(times.calibrate).map(|(sum, time)| sum + time);
            n += 1.0;
        }
        Ok((fits / n, calibrations.map(|sum| sum / n)))
    }

    fn predict_micros(
        &self,
        model: &Artifact,
        clock: &mut dyn FnMut() -> f64,
    ) -> Result<f64, Failure> {
        let mut probabilities = vec![0.0; model.schema().classes.len()];
        let start = clock();
        let (mut millis, mut n_rows) = (0.0, 0.0);
        while millis < SAMPLE_MILLIS {
            for row in self.held_out.rows(model)?.cycle().take(N_PREDICTIONS) {
                model.predict_proba_into(black_box(row), &mut probabilities);
                black_box(&probabilities);
                n_rows += 1.0;
            }
            millis = clock() - start;
        }
        Ok(millis * 1e3 / n_rows)
    }
}

/// Runs the stages that fit, and no other.
fn fit(training: &mut Training<'_>, clock: &mut dyn FnMut() -> f64) -> Result<Times, Failure> {
    let mut times = Times::default();
    while let Some(stage @ (Stage::Fit | Stage::Calibrate)) = training.next_stage() {
        let start = clock();
        training.step()?;
        let spent = clock() - start;
        if stage == Stage::Fit {
            times.fit += spent;
        } else {
            times.calibrate = Some(times.calibrate.unwrap_or(0.0) + spent);
        }
    }
    Ok(times)
}

impl Measurement {
    /// The line that `cargo xtask bench` reads; `peak_bytes` is the most memory in use so far,
    /// where that is known.
    #[must_use]
    pub fn to_json(&self, peak_bytes: Option<u64>) -> Value {
        json!({
            "fit_millis": self.fit_millis,
            "calibrate_millis": self.calibrate_millis,
            "first_millis": self.first_millis,
            "predict_micros": self.predict_micros,
            "accuracy": self.accuracy,
            "peak_bytes": peak_bytes,
        })
    }
}

/// What is measured: the family's defaults, but for gradient boosting those of scikit-learn without
/// early stopping, so that both sides boost a hundred rounds.
fn params_of(family: Family) -> FamilyParams {
    match family {
        Family::GradientBoosting => FamilyParams::GradientBoosting(GradientBoostingParams {
            l2_regularization: 0.0,
            min_sum_hessian_in_leaf: 1e-3,
            early_stopping: EarlyStopping::Off,
            ..GradientBoostingParams::default()
        }),
        family => FamilyParams::default_for(family),
    }
}

/// Every family, and what the other side must know of it to do the same work.
#[must_use]
pub fn families() -> Value {
    let families = Family::ALL.into_iter().map(|family| {
        let params = params_of(family);
        json!({
            "name": family.as_str(),
            "scales_features": params.scales_features(),
            "calibrates": params.calibrates(),
        })
    });
    families.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: &[u8] = b"x,y,kind\n1,1,a\n2,1.5,a\n1.5,2,a\n8,9,b\n9,8,b\n9.5,9,b\n\
        1.2,1.1,a\n2.1,1.4,a\n1.6,2.2,a\n8.2,9.1,b\n9.1,8.3,b\n9.4,9.2,b\n";
    const HELD_OUT: &[u8] = b"x,y,kind\n1.1,1.2,a\n9,9,b\n";

    /// A clock that a millisecond passes on whenever it is read.
    fn ticking() -> impl FnMut() -> f64 {
        let mut now = 0.0;
        move || {
            now += 1.0;
            now
        }
    }

    #[test]
    fn every_family_is_measured() {
        for family in Family::ALL {
            let case = Case::new(family.as_str(), TRAIN, HELD_OUT).unwrap();
            let measured = case.measure(&mut ticking()).unwrap();
            let calibrates = FamilyParams::default_for(family).calibrates();
            assert_eq!(measured.calibrate_millis.is_some(), calibrates, "{family}");
            // Every stage is one step here, and takes one tick of this clock, the first as all others.
            assert_eq!(measured.fit_millis, 1.0, "{family}");
            assert_eq!(measured.first_millis, if calibrates { 2.0 } else { 1.0 }, "{family}");
            // 30 passes over 1,000 rows fill the sample.
            assert!((measured.predict_micros - 1.0).abs() < 1e-9, "{family}");
        }
    }

    #[test]
    fn held_out_rows_are_judged_by_class_name() {
        let case = Case::new("logistic_regression", TRAIN, HELD_OUT).unwrap();
        assert_eq!(case.measure(&mut ticking()).unwrap().accuracy, 1.0);
        let swapped = Case::new("logistic_regression", TRAIN, b"x,y,kind\n1,1,b\n9,9,b\n").unwrap();
        assert_eq!(swapped.measure(&mut ticking()).unwrap().accuracy, 0.5);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(Case::new("svc", TRAIN, HELD_OUT).is_err());
        assert!(Case::new("svm", TRAIN, b"x,y,kind\n1,one,a\n").is_err());
        let narrow = Case::new("svm", TRAIN, b"x,kind\n1,a\n").unwrap();
        assert!(narrow.measure(&mut ticking()).is_err());
    }

    #[test]
    fn families_are_listed_with_what_they_need() {
        let families = families();
        let list = families.as_array().unwrap();
        assert_eq!(list.len(), Family::ALL.len());
        assert!(list.iter().all(|family| family["name"].is_string()));
    }
}
