//! Why a model answers as it does, for one row or over many.
//!
//! Everything here asks a trained [`Artifact`] for probabilities of raw rows and looks at nothing
//! else, so that it holds for every family; only [`Shapley`] reads the trees of a forest, as it is
//! exact faster then. What stands in for "the data" are the rows that the model carries
//! ([`ReferenceSample`](crate::ReferenceSample)).
//!
//! | question | answer |
//! | --- | --- |
//! | what did each feature of this row add to each probability? | [`Shapley`], over a [`Background`] |
//! | which training rows are like this one? | [`nearest_rows`] |
//! | what would have to be different for another answer? | [`Counterfactual`] |
//! | what does the model look like around this row? | [`Surrogate`] (LIME) |
//! | what is the accuracy owed to? | [`Importance`] |
//! | how do the probabilities move with one feature? | [`Dependence`] |
//!
//! They tell of the model and not of the world: a feature that stands in for another gets the
//! credit. Missing values count as what the model fills in for them. The same seed gives the same
//! bits everywhere. `docs/guide/explanations.md` says when not to trust which.

mod background;
mod counterfactual;
mod dependence;
mod error;
mod feature_value;
mod importance;
mod nearest;
mod ridge;
mod shapley;
mod space;
mod surrogate;

use std::ops::ControlFlow;

pub use self::background::{Background, MAX_BACKGROUND_ROWS, labelled_rows};
pub use self::counterfactual::{CHANGE_COST, Change, Counterfactual, Target};
pub use self::dependence::{Dependence, DependenceParams};
pub use self::error::ExplanationError;
pub use self::feature_value::FeatureValue;
pub use self::importance::{FeatureImportance, Importance, ImportanceParams, Spread};
pub use self::nearest::{NearestRow, nearest_rows};
pub use self::ridge::{Ridge, weighted_ridge};
pub use self::shapley::{Attribution, MAX_ENUMERATED, Shapley, ShapleyMethod, ShapleyParams};
pub use self::surrogate::{Surrogate, SurrogateClass, SurrogateParams};
use crate::artifact::Artifact;
use crate::schema::FeatureRow;

/// How far a computation is that may be stopped between its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExplanationProgress {
    /// Steps behind.
    pub steps_done: usize,
    /// Steps in all.
    pub n_steps: usize,
}

/// Told before each step; [`ControlFlow::Break`] stops with [`ExplanationError::Cancelled`].
pub type OnProgress<'a> = dyn FnMut(ExplanationProgress) -> ControlFlow<()> + 'a;

/// Tells of a step about to be taken.
fn tell(
    progress: &mut OnProgress<'_>,
    steps_done: usize,
    n_steps: usize,
) -> Result<(), ExplanationError> {
    match progress(ExplanationProgress { steps_done, n_steps }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ExplanationError::Cancelled),
    }
}

/// The row's values with what the model fills in for missing ones: it answers the same for them.
fn filled(model: &Artifact, row: &FeatureRow) -> Result<Vec<f64>, ExplanationError> {
    filled_values(model, row.values())
}

/// As [`filled`], for a row of raw values.
fn filled_values(model: &Artifact, values: &[f64]) -> Result<Vec<f64>, ExplanationError> {
    let fill = model.pipeline().preprocessor.imputer().fill();
    if values.len() != fill.len() {
        return Err(ExplanationError::RowWidth { expected: fill.len(), got: values.len() });
    }
    let pairs = values.iter().zip(fill);
    Ok(pairs.map(|(value, fill)| if value.is_nan() { *fill } else { *value }).collect())
}

/// The model's probabilities for raw values.
fn probabilities(model: &Artifact, values: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; model.schema().classes.len()];
    model.predict_proba_into(values, &mut out);
    out
}

#[cfg(test)]
mod example;
