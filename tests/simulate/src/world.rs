//! Where the rows come from: Iris flowers, and what may happen to them.

use model_core::rng::{Purpose, SplitMix64};
use model_core::{CsvOptions, Dataset, Family, TrainParams};
use serde_json::{Value, json};

use crate::Failure;

/// The columns.
const COLUMNS: [&str; 4] = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
/// The classes, as [`Dataset::iris`] has them.
const CLASSES: [&str; 3] = ["setosa", "versicolor", "virginica"];
/// What a stretched petal is as long as.
const STRETCHED: f64 = 1.35;

/// What became of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Flowers are as those that the first model learnt from.
    Usual,
    /// Petals are measured a third too long, whoever's they are.
    Stretched,
    /// Flowers are the same, and two of them have changed their names.
    Renamed,
}

/// A flower and its true class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flower {
    values: [f64; 4],
    pub(crate) class: &'static str,
}

impl Flower {
    pub(crate) fn row(&self) -> Value {
        COLUMNS
            .iter()
            .zip(self.values)
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect()
    }
}

/// Flowers, one after the other.
pub(crate) struct World {
    rng: SplitMix64,
    iris: Dataset,
    pub(crate) weather: Weather,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        Self { rng, iris: Dataset::iris(), weather: Weather::Usual }
    }

    /// A flower of the data set, measured anew: each value may be off by a millimetre or two.
    pub(crate) fn flower(&mut self) -> Flower {
        let at = self.rng.below(150);
        let row = self.iris.row(at as usize);
        let mut values = [0.0; 4];
        for (value, measured) in values.iter_mut().zip(row) {
            *value = (measured * 10.0 + f64::from(self.rng.below(5)) - 2.0).max(1.0) / 10.0;
        }
        let mut class = at as usize / 50;
        match self.weather {
            Weather::Usual => {}
            Weather::Stretched => {
                for value in &mut values[2..] {
                    *value = (*value * STRETCHED * 10.0).round() / 10.0;
                }
            }
            Weather::Renamed => class = [0, 2, 1][class],
        }
        Flower { values, class: CLASSES[class] }
    }

    pub(crate) fn flowers(&mut self, n: usize) -> Vec<Flower> {
        (0..n).map(|_| self.flower()).collect()
    }
}

/// The file of a model of these flowers; with `is_mistaken`, of one that learnt two classes by each other's names.
pub(crate) fn train(flowers: &[Flower], is_mistaken: bool) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::Training(error.to_string());
    let mut csv = format!("{},species\n", COLUMNS.join(","));
    for Flower { values, class } in flowers {
        let class = match *class {
            "versicolor" if is_mistaken => "virginica",
            "virginica" if is_mistaken => "versicolor",
            class => class,
        };
        let cells = values.map(|value| value.to_string());
        csv += &format!("{},{class}\n", cells.join(","));
    }
    let options = CsvOptions::default();
    let data = Dataset::from_csv(csv.as_bytes(), &options).map_err(|error| failed(&error))?;
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(Family::LogisticRegression) };
    Ok(params.train(&data).map_err(|error| failed(&error))?.to_bytes())
}
