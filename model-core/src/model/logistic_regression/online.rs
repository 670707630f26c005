//! Online learning: logistic regression that takes one step a row, and is tested on each row before
//! it learns from it.
//!
//! A step is that of stochastic gradient descent on the log loss, in the order of the rows, with a
//! rate that falls as `learning_rate / (1 + rows seen)^decay`. The L2 penalty is taken after it as
//! `w / (1 + rate · alpha)`, its exact (proximal) minimiser, which cannot overshoot; intercepts go
//! free, as in the fit of all rows at once. `alpha` stands for `1 / (C · rows)` there.
//!
//! Sources: Bottou, "Stochastic gradient descent tricks" (2012); scikit-learn's `SGDClassifier`
//! (its `invscaling` schedule); Gama, Sebastião & Rodrigues, "On evaluating stream learning
//! algorithms", Machine Learning 90 (2013), for the prequential accuracy and its fading.

use serde::{Deserialize, Serialize};

use super::LogisticRegression;
use crate::model::{MAX_PARAMETER, ParamError, TrainingRows, are_sound};
use crate::order::argmax;

/// Parameters of online learning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnlineParams {
    /// Rate of the first step on standardised rows, 1e-9 to 1000; default 0.5.
    pub learning_rate: f64,
    /// How fast the rate falls with the rows seen, 0 (never) to 1; default 0.5.
    pub decay: f64,
    /// Strength of the L2 penalty against the mean log loss, 0 to 1000; default 1e-4.
    pub alpha: f64,
    /// What a row's result still counts a row later in the prequential accuracy, 1e-9 to 1;
    /// default 1, which is the share of all rows. A value of f looks back over some `1 / (1 − f)`
    /// rows.
    pub fading: f64,
}

impl Default for OnlineParams {
    fn default() -> Self {
        Self { learning_rate: 0.5, decay: 0.5, alpha: 1e-4, fading: 1.0 }
    }
}

impl OnlineParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] names the first one out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        check(self.learning_rate, 1e-9..=1e3, "learning_rate", "1e-9 to 1000")?;
        check(self.decay, 0.0..=1.0, "decay", "0 to 1")?;
        check(self.alpha, 0.0..=1e3, "alpha", "0 to 1000")?;
        check(self.fading, 1e-9..=1.0, "fading", "1e-9 to 1")
    }
}

fn check(
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    name: &'static str,
    expected: &'static str,
) -> Result<(), ParamError> {
    if range.contains(&value) { Ok(()) } else { Err(ParamError { name, value, expected }) }
}

/// Why there is no online learner, or it did not learn from rows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OnlineError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// There cannot be such a model.
    #[error("a model has at least 1 feature and 2 classes, not {n_features} and {n_classes}")]
    Shape {
        /// Inputs asked for.
        n_features: usize,
        /// Classes asked for.
        n_classes: usize,
    },
    /// The rows are of another shape than the model.
    #[error(
        "the rows have {got_features} features and {got_classes} classes, the model has {features} and {classes}"
    )]
    Rows {
        /// Columns of the rows.
        got_features: usize,
        /// Classes of the rows.
        got_classes: usize,
        /// Inputs of the model.
        features: usize,
        /// Classes of the model, which were fixed when it was made.
        classes: usize,
    },
    /// There are more or fewer values than labels ask for.
    #[error("{labels} rows of {n_features} features do not have {values} values")]
    ValueCount {
        /// Values given.
        values: usize,
        /// Labels given.
        labels: usize,
        /// Columns.
        n_features: usize,
    },
    /// A label is none of the classes.
    #[error("row {row} has label {label}, which is not below the number of classes")]
    Label {
        /// Index of the row.
        row: usize,
        /// Its label.
        label: u32,
    },
    /// A value is not a number within [`MAX_PARAMETER`].
    #[error("row {row} holds a value that is not a number within 1e100")]
    Value {
        /// Index of the row.
        row: usize,
    },
}

/// A logistic regression that goes on learning.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineLogisticRegression {
    model: LogisticRegression,
    params: OnlineParams,
    /// Rows learned from, those of the model it started from among them.
    n_samples_seen: u64,
    /// Faded count of rows that were answered right before they were learned from.
    right: f64,
    /// Faded count of rows tested.
    tested: f64,
    scores: Vec<f64>,
}

impl OnlineLogisticRegression {
    /// A learner that knows nothing: all parameters are 0. The classes are fixed now, also those
    /// that come later in the stream.
    ///
    /// # Errors
    /// [`OnlineError::Param`], and [`OnlineError::Shape`] for no feature or fewer than two classes.
    pub fn new(
        n_features: usize,
        n_classes: usize,
        params: OnlineParams,
    ) -> Result<Self, OnlineError> {
        let shape = OnlineError::Shape { n_features, n_classes };
        let Some(size) = n_features.checked_mul(n_classes) else { return Err(shape) };
        let zeros =
            LogisticRegression::from_parts(vec![0.0; size], vec![0.0; n_classes], n_features);
        Self::from_model(&zeros.ok_or(shape)?, 0, params)
    }

    /// A learner that starts from a fitted model, with the rate that follows the `n_samples` rows
    /// it was fitted on.
    ///
    /// # Errors
    /// [`OnlineError::Param`].
    pub fn from_model(
        model: &LogisticRegression,
        n_samples: u64,
        params: OnlineParams,
    ) -> Result<Self, OnlineError> {
        params.check()?;
        let scores = vec![0.0; model.n_classes()];
        let model = model.clone();
        Ok(Self { model, params, n_samples_seen: n_samples, right: 0.0, tested: 0.0, scores })
    }

    /// Tests on each standardised row and then takes a step for it, from the first row to the last.
    /// A class may be without rows here.
    ///
    /// # Errors
    /// [`OnlineError::Rows`] or [`OnlineError::ValueCount`] if the rows' shape is not the model's,
    /// [`OnlineError::Label`] and [`OnlineError::Value`] for a row that cannot be learned from.
    /// Nothing was learned then.
    pub fn partial_fit(&mut self, rows: TrainingRows<'_>) -> Result<(), OnlineError> {
        self.check(rows)?;
        for (values, &label) in rows.values.chunks_exact(rows.n_features).zip(rows.labels) {
            self.model.predict_proba_into(values, &mut self.scores);
            let is_right = argmax(&self.scores) == label as usize;
            self.right = self.params.fading * self.right + f64::from(u8::from(is_right));
            self.tested = self.params.fading * self.tested + 1.0;
            self.step(values, label);
        }
        Ok(())
    }

    fn check(&self, rows: TrainingRows<'_>) -> Result<(), OnlineError> {
        let (features, classes) = (self.model.n_features(), self.model.n_classes());
        let (got_features, got_classes) = (rows.n_features, rows.n_classes);
        if (got_features, got_classes) != (features, classes) {
            return Err(OnlineError::Rows { got_features, got_classes, features, classes });
        }
        let (values, labels) = (rows.values.len(), rows.labels.len());
        if labels.checked_mul(features) != Some(values) {
            return Err(OnlineError::ValueCount { values, labels, n_features: features });
        }
        let rows = rows.values.chunks_exact(features).zip(rows.labels).enumerate();
        for (row, (values, &label)) in rows {
            if label as usize >= classes {
                return Err(OnlineError::Label { row, label });
            }
            if !are_sound(values) {
                return Err(OnlineError::Value { row });
            }
        }
        Ok(())
    }

    /// One step for a row, whose probabilities are in `scores`.
    fn step(&mut self, values: &[f64], label: u32) {
        let seen = self.n_samples_seen as f64;
        let rate = self.params.learning_rate / libm::pow(1.0 + seen, self.params.decay);
        let shrunk = 1.0 / (1.0 + rate * self.params.alpha);
        let model = &mut self.model;
        let vectors = model.coefficients.chunks_exact_mut(model.n_features);
        let parameters = vectors.zip(&mut model.intercepts);
        for (class, ((weights, intercept), probability)) in parameters.zip(&self.scores).enumerate()
        {
            let step = rate * (probability - f64::from(u8::from(class == label as usize)));
            for (weight, value) in weights.iter_mut().zip(values) {
                *weight = bounded(shrunk * (*weight - step * value));
            }
            *intercept = bounded(*intercept - step);
        }
        self.n_samples_seen = self.n_samples_seen.saturating_add(1);
    }

    /// Share of rows that were answered right before they were learned from, the latest counting
    /// most if [`OnlineParams::fading`] is below 1; none before the first row.
    #[must_use]
    pub fn prequential_accuracy(&self) -> Option<f64> {
        (self.tested > 0.0).then(|| self.right / self.tested)
    }

    /// Rows learned from, with those of the model it started from.
    #[must_use]
    pub fn n_samples_seen(&self) -> u64 {
        self.n_samples_seen
    }

    /// What it knows by now.
    #[must_use]
    pub fn model(&self) -> LogisticRegression {
        self.model.clone()
    }
}

/// Keeps a parameter within the range of sound ones; only rows that nobody scaled lead out of it.
fn bounded(parameter: f64) -> f64 {
    parameter.clamp(-MAX_PARAMETER, MAX_PARAMETER)
}

#[cfg(test)]
mod tests {
    use super::super::LogisticRegressionParams;
    use super::*;
    use crate::dataset::Dataset;
    use crate::pipeline::Preprocessor;
    use crate::rng::{Purpose, SplitMix64};

    fn learner(n_features: usize, n_classes: usize) -> OnlineLogisticRegression {
        OnlineLogisticRegression::new(n_features, n_classes, OnlineParams::default()).unwrap()
    }

    /// Iris, standardised and shuffled.
    fn iris() -> (Vec<f64>, Vec<u32>) {
        let iris = Dataset::iris();
        let mut rows: Vec<usize> = (0..150).collect();
        SplitMix64::for_purpose(1, Purpose::Synthetic).shuffle(&mut rows);
        let values = Preprocessor::standardised(&iris, &rows).1;
        (values, rows.iter().map(|&row| iris.label(row)).collect())
    }

    fn as_rows<'a>((values, labels): &'a (Vec<f64>, Vec<u32>)) -> TrainingRows<'a> {
        TrainingRows { values, labels, n_features: 4, n_classes: 3 }
    }

    #[test]
    fn the_first_steps_are_those_of_the_formula() {
        let params =
            OnlineParams { learning_rate: 0.4, decay: 0.5, alpha: 0.25, ..OnlineParams::default() };
        let mut learner = OnlineLogisticRegression::new(1, 2, params).unwrap();
        let rows = |values: &'static [f64], labels: &'static [u32]| TrainingRows {
            values,
            labels,
            n_features: 1,
            n_classes: 2,
        };
        learner.partial_fit(rows(&[2.0], &[1])).unwrap();
        // From p = 1/2: a step of 0.4 · 1/2 · 2, then the penalty's 1 / (1 + 0.4 · 0.25).
        let model = learner.model();
        assert!((model.coefficients()[1] - 0.4 / 1.1).abs() < 1e-15, "{model:?}");
        assert!((model.intercepts()[1] - 0.2).abs() < 1e-15, "{model:?}");
        let (w, b, rate) = (model.coefficients()[1], model.intercepts()[1], 0.4 / 2_f64.sqrt());
        learner.partial_fit(rows(&[1.0], &[0])).unwrap();
        let p = 1.0 / (1.0 + libm::exp(-2.0 * (w + b)));
        let expected = (w - rate * p) / (1.0 + rate * 0.25);
        assert!((learner.model().coefficients()[1] - expected).abs() < 1e-15);
        assert_eq!(learner.n_samples_seen(), 2);
        // The first row was a tie, which goes to class 0; the second was taken for class 1.
        assert_eq!(learner.prequential_accuracy(), Some(0.0));
    }

    #[test]
    fn passes_over_iris_approach_the_fit_of_all_rows() {
        let data = iris();
        let rows = as_rows(&data);
        let fitted = LogisticRegression::fit(rows, &LogisticRegressionParams::default()).unwrap();
        // C = 1 is a penalty of 1 / (C · n) against the mean log loss.
        let params = OnlineParams { alpha: 1.0 / 150.0, ..OnlineParams::default() };
        let mut learner = OnlineLogisticRegression::new(4, 3, params).unwrap();
        for _ in 0..4000 {
            learner.partial_fit(rows).unwrap();
        }
        let farthest = fitted
            .coefficients()
            .iter()
            .zip(learner.model().coefficients())
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert!(farthest < 0.005, "{farthest}");
    }

    #[test]
    fn rows_are_answered_before_they_are_learned_from() {
        let data = iris();
        let mut learner = learner(4, 3);
        assert_eq!(learner.prequential_accuracy(), None);
        learner.partial_fit(as_rows(&data)).unwrap();
        let first = learner.prequential_accuracy().unwrap();
        // Below what it reaches in the end: the first rows were guesses.
        assert!((0.75..0.9).contains(&first), "{first}");
    }

    #[test]
    fn a_row_at_a_time_is_the_same_as_all_at_once() {
        let data = iris();
        let (mut whole, mut single) = (learner(4, 3), learner(4, 3));
        whole.partial_fit(as_rows(&data)).unwrap();
        for (values, label) in data.0.chunks_exact(4).zip(data.1.chunks_exact(1)) {
            let row = TrainingRows { values, labels: label, n_features: 4, n_classes: 3 };
            single.partial_fit(row).unwrap();
        }
        assert_eq!(whole, single);
    }

    #[test]
    fn fading_forgets_how_it_was_before_the_world_changed() {
        let (values, labels) = iris();
        let changed: Vec<u32> = labels.iter().map(|label| (label + 1) % 3).collect();
        let accuracy = |fading| {
            let params = OnlineParams { fading, learning_rate: 0.01, ..OnlineParams::default() };
            let (fitted, n) = (learner_of(&values, &labels), 150);
            let mut learner = OnlineLogisticRegression::from_model(&fitted, n, params).unwrap();
            for labels in [&labels, &changed] {
                learner
                    .partial_fit(TrainingRows {
                        values: &values,
                        labels,
                        n_features: 4,
                        n_classes: 3,
                    })
                    .unwrap();
            }
            learner.prequential_accuracy().unwrap()
        };
        assert!((accuracy(1.0) - 0.49).abs() < 0.03);
        assert!(accuracy(0.9) < 0.1);
    }

    fn learner_of(values: &[f64], labels: &[u32]) -> LogisticRegression {
        let rows = TrainingRows { values, labels, n_features: 4, n_classes: 3 };
        LogisticRegression::fit(rows, &LogisticRegressionParams::default()).unwrap()
    }

    #[test]
    fn a_fitted_model_is_not_thrown_over_by_its_next_row() {
        let data = iris();
        let fitted = learner_of(&data.0, &data.1);
        let mut learner =
            OnlineLogisticRegression::from_model(&fitted, 150, OnlineParams::default()).unwrap();
        learner.partial_fit(as_rows(&data)).unwrap();
        let accuracy = learner.prequential_accuracy().unwrap();
        assert!(accuracy >= 0.94, "{accuracy}");
        assert_eq!(learner.n_samples_seen(), 300);
    }

    #[test]
    fn rows_that_do_not_fit_teach_nothing() {
        let mut learner = learner(1, 2);
        let before = learner.clone();
        let mut error = |values: &[f64], labels: &[u32], n_features, n_classes| {
            let rows = TrainingRows { values, labels, n_features, n_classes };
            learner.partial_fit(rows).unwrap_err()
        };
        assert!(matches!(error(&[1.0, 1.0], &[0], 2, 2), OnlineError::Rows { .. }));
        assert!(matches!(error(&[1.0], &[0], 1, 3), OnlineError::Rows { .. }));
        assert!(matches!(error(&[1.0], &[0, 1], 1, 2), OnlineError::ValueCount { .. }));
        assert_eq!(error(&[1.0, 1.0], &[0, 2], 1, 2), OnlineError::Label { row: 1, label: 2 });
        assert_eq!(error(&[1.0, f64::NAN], &[0, 1], 1, 2), OnlineError::Value { row: 1 });
        assert_eq!(learner, before);
    }

    #[test]
    fn huge_values_keep_the_model_sound() {
        let params = OnlineParams { learning_rate: 1e3, decay: 0.0, ..OnlineParams::default() };
        let mut learner = OnlineLogisticRegression::new(1, 2, params).unwrap();
        for label in [0, 1, 1, 0] {
            let rows =
                TrainingRows { values: &[1e100], labels: &[label], n_features: 1, n_classes: 2 };
            learner.partial_fit(rows).unwrap();
        }
        let model = learner.model();
        let parts = (model.coefficients().to_vec(), model.intercepts().to_vec());
        assert!(LogisticRegression::from_parts(parts.0, parts.1, 1).is_some());
    }

    #[test]
    fn what_cannot_be_learned_with_is_refused() {
        let new = |n_features, n_classes, params| {
            OnlineLogisticRegression::new(n_features, n_classes, params).unwrap_err().to_string()
        };
        let default = OnlineParams::default;
        assert!(new(0, 2, default()).starts_with("a model has at least 1 feature"));
        assert!(new(1, 1, default()).starts_with("a model has at least 1 feature"));
        let message = new(1, 2, OnlineParams { learning_rate: 0.0, ..default() });
        assert_eq!(message, "parameter learning_rate is 0: expected 1e-9 to 1000");
        let message = new(1, 2, OnlineParams { fading: 1.5, ..default() });
        assert_eq!(message, "parameter fading is 1.5: expected 1e-9 to 1");
    }
}
