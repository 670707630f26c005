//! Why a model answers a row as it does, and what else it could have answered. Pure but for the clock
//! that it is given, so that tests run it natively.
//!
//! An explanation asks the model for thousands of probabilities, and models differ in speed by a factor
//! of a thousand. So the model is timed once, and a slow one is compared with fewer rows: a bar that
//! follows the slider is worth more than one of the last digit.

use std::ops::ControlFlow;
use std::sync::Arc;

use model_core::explanation::{
    Background, ExplanationError, ExplanationProgress, MAX_ENUMERATED, Shapley, ShapleyMethod,
    ShapleyParams,
};
use model_core::{Artifact, FeatureRow, Prediction};
use serde::{Deserialize, Serialize};

use super::alternatives::Alternatives;
use super::decision_map::DecisionMap;

/// What an explanation may take: then a person still takes it for immediate, and some is left for the
/// way there and back.
const BUDGET_MILLIS: f64 = 60.0;
/// How long a run takes at least that the model is timed by: clocks of browsers tell tenths of it.
const TIMING_MILLIS: f64 = 0.5;
/// Predictions of a run at most, and runs.
const MAX_TIMED: u32 = 2_048;
const N_TIMED: u32 = 4;
/// Decides which rows are compared with, and the orders drawn: the command line's default.
const SEED: u64 = 42;
/// Least rows that are compared with, however slow the model.
const MIN_ROWS: usize = 8;
/// Least and most orders that are drawn a row.
const ORDERS: (f64, f64) = (2.0, 16.0);

/// What is asked about a row, beyond its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Question {
    /// What each feature adds to the answer.
    Why,
    /// Rows like it, and the least change that the answer changes with.
    Alternatives,
    /// The answers over two features, by their places.
    Map(u32, u32),
}

/// What is said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Explained {
    /// What each feature adds.
    Why(Why),
    /// Rows like it, and another answer.
    Alternatives(Alternatives),
    /// The answers over two features.
    Map(DecisionMap),
}

/// What each feature adds to the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Why {
    /// The class that is answered.
    pub(crate) class: u32,
    /// Its mean probability over the rows that the row is compared with.
    pub(crate) base: f64,
    /// Its probability for the row.
    pub(crate) probability: f64,
    /// What each feature adds to it, in the schema's order; they sum to the difference of the two.
    pub(crate) added: Vec<f64>,
    /// The greatest standard error among them; none if they are exact.
    pub(crate) standard_error: Option<f64>,
    /// Rows that the row is compared with.
    pub(crate) n_background: u32,
}

/// A model, and what it is asked with.
#[derive(Debug)]
pub(super) struct Explainer {
    model: Arc<Artifact>,
    background: Result<Background, ExplanationError>,
    params: ShapleyParams,
    /// Predictions that an explanation may ask for.
    n_affordable: f64,
}

impl Explainer {
    /// Reads a model file, and times the model by `now`, in milliseconds.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn open(bytes: &[u8], now: impl Fn() -> f64) -> Result<Self, String> {
        let model = Artifact::from_bytes(bytes).map_err(|error| error.to_string())?;
        let n_affordable = BUDGET_MILLIS / prediction_millis(&model, now);
        let n_features = model.schema().features.len();
        let (n_rows, n_permutations) = effort(n_features, n_affordable);
        let background = Background::of(&model, SEED).and_then(|all| thinned(&model, &all, n_rows));
        let params = ShapleyParams { n_permutations, seed: SEED };
        Ok(Self { model: Arc::new(model), background, params, n_affordable })
    }

    /// The model.
    pub(super) fn model(&self) -> Arc<Artifact> {
        Arc::clone(&self.model)
    }

    /// The answer to `question` about the row that `values` make, in the schema's order.
    ///
    /// # Errors
    /// Why there is none, in a sentence.
    pub(super) fn answer(&self, values: &[f64], question: Question) -> Result<Explained, String> {
        let row = self.model.schema().row(values);
        let row = row.map_err(|errors| errors.messages().join("; "))?;
        match question {
            Question::Why => self.why(&row).map(Explained::Why),
            Question::Alternatives => {
                Alternatives::of(&self.model, &row).map(Explained::Alternatives)
            }
            Question::Map(x, y) => {
                let features = (x as usize, y as usize);
                let map = DecisionMap::of(&self.model, &row, features, self.n_affordable);
                map.map(Explained::Map).ok_or_else(|| "the model has no such features".to_owned())
            }
        }
    }

    /// What each feature of `row` adds to the class that is answered.
    ///
    /// # Errors
    /// Why there is no explanation, in the words of the command line.
    fn why(&self, row: &FeatureRow) -> Result<Why, String> {
        let background = self.background.as_ref().map_err(ToString::to_string)?;
        let go_on = &mut |_: ExplanationProgress| ControlFlow::Continue(());
        let shapley = Shapley::of(&self.model, background, row, self.params, go_on);
        let shapley = shapley.map_err(|error| error.to_string())?;
        let Prediction { class, .. } = self.model.predict(row);
        let of_class = |values: &[f64]| values.get(class).copied().unwrap_or_default();
        let errors = shapley.attributions.iter().filter_map(|of| of.standard_errors.as_deref());
        let is_exact = !matches!(shapley.method, ShapleyMethod::Permutations { .. });
        Ok(Why {
            class: class as u32,
            base: of_class(&shapley.base),
            probability: of_class(&shapley.probabilities),
            added: shapley.attributions.iter().map(|of| of_class(&of.values)).collect(),
            standard_error: (!is_exact).then(|| errors.map(of_class).fold(0.0, f64::max)),
            n_background: shapley.n_background as u32,
        })
    }
}

/// What one prediction takes, in milliseconds: the quickest of some runs, as others share the processor.
fn prediction_millis(model: &Artifact, now: impl Fn() -> f64) -> f64 {
    let n_features = model.schema().features.len();
    let typical = vec![f64::NAN; n_features];
    let rows = model.reference().train.rows().map(|(row, _)| row);
    let rows: Vec<&[f64]> = rows.chain(std::iter::once(typical.as_slice())).collect();
    let mut out = vec![0.0; model.schema().classes.len()];
    let mut run = |n_predictions: u32| {
        let started = now();
        for row in rows.iter().cycle().take(n_predictions as usize) {
            model.predict_proba_into(row, &mut out);
        }
        now() - started
    };
    let mut n_predictions = 1;
    while n_predictions < MAX_TIMED && run(n_predictions) < TIMING_MILLIS {
        n_predictions *= 2;
    }
    let quickest = (0..N_TIMED).map(|_| run(n_predictions)).fold(f64::INFINITY, f64::min);
    // A clock may be too coarse to see a fast model.
    (quickest / f64::from(n_predictions)).max(1e-5)
}

/// How many rows to compare with, and how many orders to draw for each where coalitions are too many
/// to ask them all, if `n_affordable` predictions may be asked for.
fn effort(n_features: usize, n_affordable: f64) -> (usize, u32) {
    let (fewest, most) = ORDERS;
    let all_rows = model_core::explanation::MAX_BACKGROUND_ROWS as f64;
    let rows = |asked_per_row: f64| (n_affordable / asked_per_row).clamp(MIN_ROWS as f64, all_rows);
    if n_features <= MAX_ENUMERATED {
        return (rows((1_u32 << n_features) as f64) as usize, most as u32);
    }
    let per_order = 2.0 * n_features as f64;
    let n_orders = (n_affordable / (all_rows * per_order)).clamp(fewest, most);
    (rows(n_orders.floor() * per_order) as usize, n_orders as u32)
}

/// `n_rows` of the rows, spread evenly: they stand by class.
fn thinned(
    model: &Artifact,
    all: &Background,
    n_rows: usize,
) -> Result<Background, ExplanationError> {
    let rows: Vec<&[f64]> = all.rows().collect();
    let n_rows = n_rows.min(rows.len());
    let picked = (0..n_rows).filter_map(|at| rows.get(at * rows.len() / n_rows).copied());
    Background::from_rows(model, &picked.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::view_models::fixtures::{built_in, journal, mixed};

    /// A model that takes no time.
    fn explainer(model: &Artifact) -> Explainer {
        Explainer::open(&model.to_bytes(), || 0.0).unwrap()
    }

    /// A clock that is asked after these times, one after the other and from the first again.
    fn clock(steps: &[f64]) -> impl Fn() -> f64 {
        let (now, at) = (Cell::new(0.0), Cell::new(0));
        move || {
            now.set(now.get() + steps[at.get() % steps.len()]);
            at.set(at.get() + 1);
            now.get()
        }
    }

    #[test]
    fn a_model_is_not_taken_for_slow_because_others_share_the_processor() {
        // Every run but one in three is interrupted for 20 ms.
        let millis = prediction_millis(&built_in(), clock(&[0.0, 20.0, 0.0, 20.0, 0.0, 0.01]));
        assert!(millis <= 0.01, "{millis}");
    }

    #[test]
    fn what_features_add_leads_from_the_mean_to_the_answer() {
        for model in [built_in(), mixed(), journal()] {
            let explainer = explainer(&model);
            let row = model.schema().row(model.reference().train.row(5)).unwrap();
            let why = explainer.why(&row).unwrap();
            let answer = model.predict(&row);
            assert_eq!(why.class as usize, answer.class);
            assert_eq!(why.probability.to_bits(), answer.confidence().to_bits());
            let sum: f64 = why.added.iter().sum();
            assert!((why.base + sum - why.probability).abs() < 1e-9);
            assert_eq!(why.added.len(), model.schema().features.len());
        }
    }

    #[test]
    fn a_fast_model_gets_the_explanation_of_the_command_line() {
        let model = built_in();
        let row = model.schema().row(&[6.7, 3.0, 5.0, 1.7]).unwrap();
        let why = explainer(&model).why(&row).unwrap();
        assert_eq!((why.n_background, why.standard_error), (64, None));
        assert!((why.base - 0.342).abs() < 5e-4 && (why.added[2] - 0.1136).abs() < 5e-5);
    }

    #[test]
    fn a_slow_model_is_compared_with_fewer_rows_of_every_class() {
        let model = built_in();
        let slow = Explainer::open(&model.to_bytes(), clock(&[2.0])).unwrap();
        let row = model.schema().row(&[5.1, 3.5, 1.4, 0.2]).unwrap();
        let why = slow.why(&row).unwrap();
        assert!((8..64).contains(&why.n_background), "{}", why.n_background);
        assert!((0.2..0.5).contains(&why.base), "{}", why.base);
    }

    #[test]
    fn effort_keeps_to_what_can_be_afforded_where_that_is_enough_for_the_least() {
        for n_features in [1, 4, 10, 11, 40, 1_000] {
            for n_affordable in [1.0, 1e4, 1e6, 1e9] {
                let (n_rows, n_orders) = effort(n_features, n_affordable);
                assert!((8..=64).contains(&n_rows) && (2..=16).contains(&n_orders));
                let per_row = if n_features <= MAX_ENUMERATED {
                    (1_u32 << n_features) as f64
                } else {
                    2.0 * n_features as f64 * f64::from(n_orders)
                };
                let is_least = n_rows == MIN_ROWS;
                assert!(is_least || per_row * n_rows as f64 <= n_affordable, "{n_features}");
            }
        }
    }

    #[test]
    fn a_model_without_rows_says_so_and_no_model_file_is_refused() {
        let bare = mixed().without_rows().unwrap();
        let row = bare.schema().row(&[3.0, 1.0, 2.5, 0.0]).unwrap();
        assert!(explainer(&bare).why(&row).unwrap_err().contains("train it again"));
        assert!(Explainer::open(b"no model", || 0.0).is_err());
    }

    #[test]
    fn values_of_another_model_make_no_row() {
        assert!(explainer(&built_in()).answer(&[1.0], Question::Why).is_err());
    }
}
