//! Shapley values: what each feature of a row adds to the probability of each class.
//!
//! Players are the features of the schema: a category's indicators are one player, and a column made
//! of two features changes with either. A coalition S is worth the mean, over the rows b of a
//! [`Background`], of the model's probabilities for the row with b's values outside S
//! ("interventional" values, which break up how features go together).
//!
//! `game` enumerates coalitions or samples orders of joining, `trees` reads a forest. All of them go
//! background row by background row, as values are additive in games.
//!
//! Sources: Shapley (1953); Lundberg & Lee, "A unified approach to interpreting model predictions",
//! NeurIPS 2017; Castro and others, "Polynomial calculation of the Shapley value based on sampling",
//! Computers & Operations Research 36 (2009); for antithetic orders Mitchell and others, "Sampling
//! permutations for Shapley value estimation", JMLR 23 (2022).

mod game;
mod trees;
mod weights;

use serde::Serialize;

use self::game::{Game, Predict};
use self::trees::TreeWalk;
use self::weights::Weights;
use super::{Background, ExplanationError, OnProgress, filled, probabilities, tell};
use crate::artifact::Artifact;
use crate::model::forest::Forest;
use crate::model::{Model, ParamError};
use crate::pipeline::Preprocessor;
use crate::rng::{Purpose, SplitMix64};
use crate::schema::FeatureRow;

/// Most features whose coalitions are all asked: 1,024 of them a background row.
pub const MAX_ENUMERATED: usize = 10;

/// How values of many features are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapleyParams {
    /// Orders of joining a background row, each taken forward and backward, 2 to 10,000; default 16.
    pub n_permutations: u32,
    /// Decides the orders; default 42.
    pub seed: u64,
}

impl Default for ShapleyParams {
    fn default() -> Self {
        Self { n_permutations: 16, seed: 42 }
    }
}

impl ShapleyParams {
    fn check(&self) -> Result<(), ParamError> {
        if (2..=10_000).contains(&self.n_permutations) {
            return Ok(());
        }
        let (name, value) = ("n_permutations", f64::from(self.n_permutations));
        Err(ParamError { name, value, expected: "2 to 10000" })
    }
}

/// How values came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum ShapleyMethod {
    /// Every coalition was asked: exact.
    Enumeration,
    /// The trees of a forest were walked: exact.
    Trees,
    /// Orders of joining were drawn: an estimate with a standard error.
    Permutations {
        /// Orders a background row, each forward and backward.
        n_permutations: u32,
    },
}

/// What one feature adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribution {
    /// The feature's name.
    pub feature: String,
    /// What it adds to the probability of each class, in the schema's order; they sum to 0.
    pub values: Vec<f64>,
    /// How far the values may be off, one standard deviation each; absent where they are exact.
    /// They tell of the orders drawn, not of the choice of background rows.
    pub standard_errors: Option<Vec<f64>>,
}

/// The Shapley values of one row: `base + sum of values = probability` for each class, but for
/// rounding (within 1e-9; in practice 1e-14).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shapley {
    /// Mean probability of each class over the background.
    pub base: Vec<f64>,
    /// The model's probability of each class for the row.
    pub probabilities: Vec<f64>,
    /// By feature, in the schema's order.
    pub attributions: Vec<Attribution>,
    /// How they came about.
    pub method: ShapleyMethod,
    /// Rows that the row was compared with.
    pub n_background: usize,
}

impl Shapley {
    /// The values of `row`.
    ///
    /// Exact by enumeration if the model reads at most [`MAX_ENUMERATED`] features, exact by trees
    /// for a forest without columns made of two, else estimated from drawn orders; a background row
    /// that differs from `row` in few features is enumerated even then. `progress` hears of every
    /// background row.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use model_core::explanation::{Background, Shapley, ShapleyParams};
    /// use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let background = Background::of(&model, 42)?;
    /// let row = model.schema().row(&[5.1, 3.5, 1.4, 0.2]).expect("a flower of ordinary size");
    /// let go_on = &mut |_| ControlFlow::Continue(());
    /// let shapley = Shapley::of(&model, &background, &row, ShapleyParams::default(), go_on)?;
    /// let sum: f64 = shapley.attributions.iter().map(|of| of.values[0]).sum();
    /// assert!((shapley.base[0] + sum - shapley.probabilities[0]).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExplanationError::RowWidth`] if row or background are of another model,
    /// [`ExplanationError::Param`], [`ExplanationError::Cancelled`].
    pub fn of(
        model: &Artifact,
        background: &Background,
        row: &FeatureRow,
        params: ShapleyParams,
        progress: &mut OnProgress<'_>,
    ) -> Result<Self, ExplanationError> {
        params.check()?;
        let (row, expected) = (filled(model, row)?, model.schema().features.len());
        if background.n_features() != expected {
            let got = background.n_features();
            return Err(ExplanationError::RowWidth { expected, got });
        }
        let is_read = features_read(&model.pipeline().preprocessor);
        let plan = Plan::of(model, &is_read, params);
        let predict: &Predict<'_> = &|values, out| model.predict_proba_into(values, out);
        let whole = probabilities(model, &row);
        let sums = plan.sums(predict, &row, &whole, &is_read, background, progress)?;
        Ok(sums.into_shapley(model, whole, plan.method(), background.n_rows()))
    }
}

/// Which features reach the model.
fn features_read(preprocessor: &Preprocessor) -> Vec<bool> {
    let mut is_read = vec![false; preprocessor.n_features()];
    for source in (0..preprocessor.width()).flat_map(|column| preprocessor.sources_of(column)) {
        is_read[source] = true;
    }
    is_read
}

/// How the values of one model are found.
enum Plan<'a> {
    Enumeration,
    Trees { forest: &'a Forest, players: Vec<usize>, preprocessor: &'a Preprocessor },
    Permutations(ShapleyParams),
}

impl<'a> Plan<'a> {
    fn of(model: &'a Artifact, is_read: &[bool], params: ShapleyParams) -> Self {
        if is_read.iter().filter(|&&is_read| is_read).count() <= MAX_ENUMERATED {
            return Self::Enumeration;
        }
        let preprocessor = &model.pipeline().preprocessor;
        if let Model::RandomForest(forest) = &model.pipeline().model
            && let Some(players) = lone_sources(preprocessor)
        {
            return Self::Trees { forest, players, preprocessor };
        }
        Self::Permutations(params)
    }

    fn method(&self) -> ShapleyMethod {
        match self {
            Self::Enumeration => ShapleyMethod::Enumeration,
            Self::Trees { .. } => ShapleyMethod::Trees,
            Self::Permutations(params) => {
                ShapleyMethod::Permutations { n_permutations: params.n_permutations }
            }
        }
    }

    /// The sums over the background rows.
    fn sums(
        &self,
        predict: &Predict<'_>,
        row: &[f64],
        whole: &[f64],
        is_read: &[bool],
        background: &Background,
        progress: &mut OnProgress<'_>,
    ) -> Result<Sums, ExplanationError> {
        let mut sums = Sums::new(row.len(), whole.len());
        let mut weights = Weights::default();
        let seed = if let Self::Permutations(params) = self { params.seed } else { 0 };
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Permutations);
        let mut walk = self.tree_walk(row);
        let mut none = vec![0.0; whole.len()];
        for (done, other) in background.rows().enumerate() {
            tell(progress, done, background.n_rows())?;
            predict(other, &mut none);
            sums.base.iter_mut().zip(&none).for_each(|(sum, part)| *sum += part);
            let differs = |&feature: &usize| is_read[feature] && row[feature] != other[feature];
            let players: Vec<usize> = (0..row.len()).filter(differs).collect();
            let n_players = players.len();
            let game = Game { predict, row, background: other, players, whole, none: &none };
            match (self, &mut walk) {
                (Self::Trees { preprocessor, .. }, Some(walk)) => {
                    let design = design_row(preprocessor, other);
                    walk.values(&design, &mut weights, &mut sums.values);
                }
                (Self::Permutations(params), _) if !is_cheap(n_players, params) => {
                    let n = params.n_permutations;
                    game.sample(n, &mut rng, &mut sums.values, &mut sums.variances);
                }
                _ => game.enumerate(&mut weights, &mut sums.values),
            }
        }
        Ok(sums)
    }

    fn tree_walk(&'a self, row: &[f64]) -> Option<TreeWalk<'a>> {
        match self {
            Self::Trees { forest, players, preprocessor } => {
                let design = design_row(preprocessor, row);
                Some(TreeWalk::new(forest, players, row.len(), &design))
            }
            _ => None,
        }
    }
}

/// Whether all coalitions are no more than what the orders would ask.
fn is_cheap(n_players: usize, params: &ShapleyParams) -> bool {
    n_players <= MAX_ENUMERATED
        && 1_u64 << n_players
            <= 2 * u64::from(params.n_permutations) * n_players.saturating_sub(1) as u64 + 2
}

/// The feature that each design column comes from; `None` if one comes from two.
fn lone_sources(preprocessor: &Preprocessor) -> Option<Vec<usize>> {
    let lone = |column| match preprocessor.sources_of(column).as_slice() {
        [source] => Some(*source),
        _ => None,
    };
    (0..preprocessor.width()).map(lone).collect()
}

fn design_row(preprocessor: &Preprocessor, values: &[f64]) -> Vec<f64> {
    let mut design = vec![0.0; preprocessor.width()];
    preprocessor.transform_into(values, &mut design);
    design
}

/// Sums over background rows: of base probabilities, values and variances (features x classes).
struct Sums {
    base: Vec<f64>,
    values: Vec<f64>,
    variances: Vec<f64>,
}

impl Sums {
    fn new(n_features: usize, n_classes: usize) -> Self {
        let zeros = vec![0.0; n_features * n_classes];
        Self { base: vec![0.0; n_classes], values: zeros.clone(), variances: zeros }
    }

    fn into_shapley(
        self,
        model: &Artifact,
        probabilities: Vec<f64>,
        method: ShapleyMethod,
        n_background: usize,
    ) -> Shapley {
        let (k, n) = (probabilities.len().max(1), n_background as f64);
        let features = model.schema().features.iter();
        let sums = self.values.chunks_exact(k).zip(self.variances.chunks_exact(k));
        let is_estimate = matches!(method, ShapleyMethod::Permutations { .. });
        let attributions = features.zip(sums).map(|(feature, (values, variances))| Attribution {
            feature: feature.name.clone(),
            values: values.iter().map(|sum| sum / n).collect(),
            standard_errors: is_estimate
                .then(|| variances.iter().map(|variance| variance.sqrt() / n).collect()),
        });
        let attributions = attributions.collect();
        let base = self.base.iter().map(|sum| sum / n).collect();
        Shapley { base, probabilities, attributions, method, n_background }
    }
}

#[cfg(test)]
mod tests;
