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
pub use self::dependence::{Dependence, DependenceParams, DependenceRun};
pub use self::error::ExplanationError;
pub use self::feature_value::FeatureValue;
pub use self::importance::{
    FeatureImportance, Importance, ImportanceParams, ImportanceRun, Spread,
};
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

#[cfg(test)]
mod tests {
    use super::example::{carrying, penguin_model};
    use super::*;
    use crate::dataset::{Column, ColumnKind, Dataset};
    use crate::model::Family;
    use crate::pipeline::DerivedFeatures;
    use crate::reference::{ReferenceRows, ReferenceSample};

    /// A file may carry any finite numbers; no explanation panics at them or lets NaN out.
    #[test]
    fn the_oddest_rows_to_compare_with_give_finite_explanations() {
        let odd = [-1e308, 1e308, 0.0, 1e150, -1e-300, f64::NAN];
        let columns = ["a", "b", "c", "d", "e", "f"].map(Column::numeric).to_vec();
        assert!(columns.iter().all(|column| column.kind == ColumnKind::Numeric));
        let values = (0..60).map(|at| odd[(at * 7 + at / 6) % 6]).collect();
        let classes = vec!["x".into(), "y".into(), "z".into()];
        let labels = (0..10).map(|at| at % 3).collect();
        let data = Dataset::new("odd", "y", columns, classes, values, labels).unwrap();
        let rows = ReferenceRows::of(&data, &(0..10).collect::<Vec<_>>());
        let go_on = &mut |_| ControlFlow::Continue(());
        for family in Family::ALL {
            let model = penguin_model(family, DerivedFeatures::Ratios);
            let row = model.schema().row(model.reference().train.row(0)).unwrap();
            let reference = ReferenceSample { train: rows.clone(), held_out: rows.clone() };
            let model = carrying(&model, reference);
            let background = Background::of(&model, 1).unwrap();
            let params = ShapleyParams::default();
            let shapley = Shapley::of(&model, &background, &row, params, go_on).unwrap();
            let values = shapley.attributions.iter().flat_map(|of| &of.values);
            assert!(values.chain(&shapley.base).all(|value| value.is_finite()));
            assert_eq!(nearest_rows(&model, &row, 20).unwrap().len(), 10);
            Counterfactual::of(&model, &row, Target::AnyOther).unwrap();
            let surrogate = Surrogate::of(&model, &row, SurrogateParams::default()).unwrap();
            let finite = |of: &SurrogateClass| of.coefficients.iter().all(|c| c.is_finite());
            assert!(surrogate.classes.iter().all(finite), "{family}");
            let importance = Importance::of(&model, &rows, ImportanceParams::default(), go_on);
            assert!(importance.unwrap().log_loss.is_finite());
            for feature in 0..6 {
                let params = DependenceParams { grid_resolution: 3, ..Default::default() };
                let of = Dependence::of(&model, &rows, feature, params).unwrap();
                assert!(of.mean.iter().flatten().all(|p| p.is_finite()));
                assert!(of.grid.len() >= 2);
            }
        }
    }
}
