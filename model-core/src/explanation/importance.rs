//! What accuracy and log loss are owed to: how much worse the model does without a feature.
//!
//! A feature is taken away by shuffling its column among the rows, which leaves its distribution
//! and breaks its ties to everything else.
//!
//! Sources: Breiman, "Random forests", Machine Learning 45 (2001); scikit-learn's
//! `permutation_importance`, whose mean and population standard deviation hold.

use serde::Serialize;

use super::{ExplanationError, OnProgress, tell};
use crate::artifact::Artifact;
use crate::evaluation::SplitEvaluation;
use crate::model::ParamError;
use crate::reference::ReferenceRows;
use crate::rng::{Purpose, SplitMix64};

/// How importances are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportanceParams {
    /// Shuffles a feature, at least 1; default 5.
    pub n_repeats: u32,
    /// Decides the shuffles; default 42.
    pub seed: u64,
}

impl Default for ImportanceParams {
    fn default() -> Self {
        Self { n_repeats: 5, seed: 42 }
    }
}

/// Mean and population standard deviation (ddof 0) over the shuffles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation; 0 of one shuffle.
    pub std: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        Self { mean, std: variance.sqrt() }
    }
}

/// What one feature is owed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureImportance {
    /// The feature's name.
    pub feature: String,
    /// By how much accuracy drops, as a share of the rows; below 0 if the model does better.
    pub accuracy_drop: Spread,
    /// By how much log loss rises, in nats.
    pub log_loss_rise: Spread,
}

/// What accuracy and log loss on some rows are owed to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// Accuracy with every column in place.
    pub accuracy: f64,
    /// Log loss with every column in place, in nats.
    pub log_loss: f64,
    /// By feature, in the schema's order.
    pub features: Vec<FeatureImportance>,
    /// How many rows were asked.
    pub n_rows: usize,
    /// Shuffles a feature.
    pub n_repeats: u32,
}

impl Importance {
    /// Measures on labelled `rows`: `model.reference().held_out`, say, or
    /// [`labelled_rows`](super::labelled_rows) of a data set. `progress` hears of every feature.
    ///
    /// # Errors
    /// As [`ImportanceRun::new`], and [`ExplanationError::Cancelled`].
    pub fn of(
        model: &Artifact,
        rows: &ReferenceRows,
        params: ImportanceParams,
        progress: &mut OnProgress<'_>,
    ) -> Result<Self, ExplanationError> {
        let mut run = ImportanceRun::new(model, rows, params)?;
        loop {
            let at = run.features.len();
            if run.drops.is_empty() && at < run.n_features() {
                tell(progress, at, run.n_features())?;
            }
            if !run.step() {
                return Ok(run.finish());
            }
        }
    }
}

/// A measurement under way, one shuffle after the other: for who must not be held up by it.
///
/// Its outcome has the bits of [`Importance::of`].
#[derive(Debug)]
pub struct ImportanceRun<'a> {
    trial: Trial<'a>,
    params: ImportanceParams,
    rng: SplitMix64,
    /// Accuracy and log loss with every column in place.
    whole: (f64, f64),
    drops: Vec<f64>,
    rises: Vec<f64>,
    features: Vec<FeatureImportance>,
}

impl<'a> ImportanceRun<'a> {
    /// Begins to measure on labelled `rows`.
    ///
    /// # Errors
    /// [`ExplanationError::NoRows`], [`ExplanationError::RowWidth`], [`ExplanationError::Param`] if
    /// there is to be no shuffle.
    pub fn new(
        model: &'a Artifact,
        rows: &'a ReferenceRows,
        params: ImportanceParams,
    ) -> Result<Self, ExplanationError> {
        if params.n_repeats == 0 {
            return Err(ParamError { name: "n_repeats", value: 0.0, expected: "at least 1" }.into());
        }
        if rows.is_empty() {
            return Err(ExplanationError::NoRows);
        }
        let expected = model.schema().features.len();
        if let Some((row, _)) = rows.rows().next()
            && row.len() != expected
        {
            return Err(ExplanationError::RowWidth { expected, got: row.len() });
        }
        let mut trial = Trial::new(model, rows);
        let whole = trial.scores();
        let rng = SplitMix64::for_purpose(params.seed, Purpose::Importance);
        let (drops, rises, features) = (Vec::new(), Vec::new(), Vec::with_capacity(expected));
        Ok(Self { trial, params, rng, whole, drops, rises, features })
    }

    fn n_features(&self) -> usize {
        self.trial.width
    }

    /// Takes the next shuffle; `false` if there is none left.
    pub fn step(&mut self) -> bool {
        let at = self.features.len();
        let Some(feature) = self.trial.model.schema().features.get(at) else { return false };
        self.trial.shuffle(at, &mut self.rng);
        let (accuracy, log_loss) = self.trial.scores();
        self.drops.push(self.whole.0 - accuracy);
        self.rises.push(log_loss - self.whole.1);
        if self.drops.len() >= self.params.n_repeats as usize {
            self.trial.restore(at);
            self.features.push(FeatureImportance {
                feature: feature.name.clone(),
                accuracy_drop: Spread::of(&self.drops),
                log_loss_rise: Spread::of(&self.rises),
            });
            self.drops.clear();
            self.rises.clear();
        }
        self.features.len() < self.n_features()
    }

    /// What was measured: of every feature, once [`step`](Self::step) has said that none is left.
    #[must_use]
    pub fn finish(self) -> Importance {
        let (accuracy, log_loss) = self.whole;
        let (n_rows, n_repeats) = (self.trial.rows.len(), self.params.n_repeats);
        Importance { accuracy, log_loss, features: self.features, n_rows, n_repeats }
    }
}

/// The rows with at most one column shuffled.
#[derive(Debug)]
struct Trial<'a> {
    model: &'a Artifact,
    rows: &'a ReferenceRows,
    values: Vec<f64>,
    probabilities: Vec<f64>,
    width: usize,
}

impl<'a> Trial<'a> {
    fn new(model: &'a Artifact, rows: &'a ReferenceRows) -> Self {
        Self {
            model,
            rows,
            values: rows.rows().flat_map(|(row, _)| row).copied().collect(),
            probabilities: vec![0.0; rows.len() * model.schema().classes.len()],
            width: model.schema().features.len(),
        }
    }

    /// Accuracy and log loss of the rows as they are.
    fn scores(&mut self) -> (f64, f64) {
        let n_classes = self.model.schema().classes.len();
        let rows = self.values.chunks_exact(self.width.max(1));
        for (row, out) in rows.zip(self.probabilities.chunks_exact_mut(n_classes.max(1))) {
            self.model.predict_proba_into(row, out);
        }
        let measured = SplitEvaluation::of(&self.probabilities, self.rows.labels(), n_classes);
        (measured.confusion.accuracy(), measured.log_loss)
    }

    fn shuffle(&mut self, column: usize, rng: &mut SplitMix64) {
        let mut shuffled: Vec<f64> = self.rows.rows().map(|(row, _)| row[column]).collect();
        rng.shuffle(&mut shuffled);
        self.set(column, shuffled.into_iter());
    }

    fn restore(&mut self, column: usize) {
        self.set(column, self.rows.rows().map(|(row, _)| row[column]));
    }

    fn set(&mut self, column: usize, values: impl Iterator<Item = f64>) {
        let places = self.values.iter_mut().skip(column).step_by(self.width.max(1));
        places.zip(values).for_each(|(place, value)| *place = value);
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::example::{defaults, iris_model, trained};
    use super::super::labelled_rows;
    use super::*;
    use crate::dataset::Dataset;
    use crate::model::Family;
    use crate::pipeline::{DerivedFeatures, PreprocessingParams};
    use crate::recipe::TrainParams;

    fn measured(model: &Artifact, rows: &ReferenceRows, n_repeats: u32) -> Importance {
        let params = ImportanceParams { n_repeats, ..ImportanceParams::default() };
        Importance::of(model, rows, params, &mut |_| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn held_out_rows_give_the_accuracy_of_the_evaluation() {
        let model = iris_model(Family::Svm);
        let importance = measured(&model, &model.reference().held_out, 10);
        let test = model.evaluation().test.as_ref().unwrap();
        assert_eq!(importance.accuracy, test.confusion.accuracy());
        // The same rows in another order.
        assert!((importance.log_loss - test.log_loss).abs() < 1e-12);
        assert_eq!((importance.n_rows, importance.n_repeats), (30, 10));
        let drop = |name: &str| {
            let of = |f: &&FeatureImportance| f.feature == name;
            importance.features.iter().find(of).unwrap().accuracy_drop.mean
        };
        assert!(drop("petal_length") > drop("sepal_length") + 0.1);
        assert_eq!(importance, measured(&model, &model.reference().held_out, 10));
    }

    #[test]
    fn a_run_takes_each_shuffle_once() {
        let model = iris_model(Family::GaussianNb);
        let rows = &model.reference().held_out;
        let params = ImportanceParams { n_repeats: 3, seed: 7 };
        let mut run = ImportanceRun::new(&model, rows, params).unwrap();
        let mut n_steps = 1;
        while run.step() {
            n_steps += 1;
        }
        assert!(!run.step(), "none is left");
        let whole = Importance::of(&model, rows, params, &mut |_| ControlFlow::Continue(()));
        assert_eq!((n_steps, run.finish()), (12, whole.unwrap()));
    }

    #[test]
    fn a_feature_that_the_model_does_not_read_is_owed_nothing() {
        let iris = Dataset::iris();
        let preprocessing = PreprocessingParams { derived: DerivedFeatures::None, select: Some(2) };
        let params = TrainParams { preprocessing, ..defaults(Family::GaussianNb) };
        let model = trained(&iris, params);
        let rows = labelled_rows(&model, &iris, &(0..150).collect::<Vec<_>>()).unwrap();
        let importance = measured(&model, &rows, 3);
        let nothing = Spread { mean: 0.0, std: 0.0 };
        let sepals = &importance.features[..2];
        assert!(sepals.iter().all(|f| (f.accuracy_drop, f.log_loss_rise) == (nothing, nothing)));
        assert!(importance.features[2..].iter().all(|f| f.accuracy_drop.mean > 0.1));
    }

    #[test]
    fn spread_is_that_of_numpy() {
        // np.mean([1, 2, 4]), np.std([1, 2, 4])
        let spread = Spread::of(&[1.0, 2.0, 4.0]);
        assert!((spread.mean - 2.333_333_333_333_333_5).abs() < 1e-15);
        assert!((spread.std - 1.247_219_128_924_647).abs() < 1e-15);
    }

    #[test]
    fn it_stops_when_told_and_refuses_what_cannot_be() {
        let model = iris_model(Family::GaussianNb);
        let rows = &model.reference().held_out;
        let of = |rows: &ReferenceRows, n_repeats| {
            let params = ImportanceParams { n_repeats, seed: 1 };
            let mut left = 2;
            Importance::of(&model, rows, params, &mut |progress| {
                assert_eq!(progress.n_steps, 4);
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        };
        assert_eq!(of(rows, 5), Err(ExplanationError::Cancelled));
        assert!(matches!(of(rows, 0), Err(ExplanationError::Param(_))));
        assert_eq!(of(&ReferenceRows::default(), 1), Err(ExplanationError::NoRows));
    }
}
