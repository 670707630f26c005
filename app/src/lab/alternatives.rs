//! What else could have been answered: the training rows most like a row, and the least change that the
//! model answers differently.

use model_core::explanation::{Counterfactual, Target, nearest_rows};
use model_core::{Artifact, FeatureRow};
use serde::{Deserialize, Serialize};

/// Training rows that are shown.
const N_NEAREST: usize = 5;

/// Rows near a row, and near answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alternatives {
    /// The closest first.
    pub(crate) nearest: Vec<Near>,
    /// The nearest row of another answer, if one was found.
    pub(crate) other: Option<Other>,
}

/// One of the training rows that the model carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Near {
    /// Which one, from 0.
    pub(crate) row: u32,
    /// How far away, in standard deviations.
    pub(crate) distance: f64,
    /// Whether the model answers the same for it.
    pub(crate) same_answer: bool,
}

/// A row of another answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Other {
    /// The answer.
    pub(crate) class: u32,
    /// What would have to be different: features, and the values that they would have.
    pub(crate) changes: Vec<(u32, f64)>,
}

impl Alternatives {
    /// Those of `row`.
    ///
    /// # Errors
    /// That the model carries no rows, in the words of the command line.
    pub(super) fn of(model: &Artifact, row: &FeatureRow) -> Result<Self, String> {
        let nearest = nearest_rows(model, row, N_NEAREST).map_err(|error| error.to_string())?;
        let nearest = nearest.into_iter().map(|near| Near {
            row: near.row as u32,
            distance: near.distance,
            same_answer: near.same_prediction,
        });
        let found = Counterfactual::of(model, row, Target::AnyOther);
        let found = found.map_err(|error| error.to_string())?;
        let other = found.and_then(|found| other(model, &found));
        Ok(Self { nearest: nearest.collect(), other })
    }
}

fn other(model: &Artifact, found: &Counterfactual) -> Option<Other> {
    let schema = model.schema();
    let class = schema.classes.iter().position(|class| *class == found.prediction)?;
    let changes = found.changes.iter().filter_map(|change| {
        let feature = schema.feature_index(&change.feature)?;
        Some((feature as u32, *found.raw.get(feature)?))
    });
    Some(Other { class: class as u32, changes: changes.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    #[test]
    fn a_known_row_is_its_own_nearest_and_others_follow_by_distance() {
        let model = built_in();
        let row = model.schema().row(model.reference().train.row(7)).unwrap();
        let Alternatives { nearest, .. } = Alternatives::of(&model, &row).unwrap();
        assert_eq!((nearest.len(), nearest[0].distance), (5, 0.0));
        assert!(nearest.windows(2).all(|pair| pair[0].distance <= pair[1].distance));
        assert!(nearest[0].same_answer);
    }

    #[test]
    fn the_change_that_is_told_changes_the_answer() {
        for (model, values) in [
            (built_in(), vec![6.7, 3.0, 5.0, 1.7]),
            (built_in(), vec![5.1, 3.5, 1.4, 0.2]),
            (mixed(), vec![3.0, 1.0, f64::NAN, 0.0]),
        ] {
            let row = model.schema().row(&values).unwrap();
            let other = Alternatives::of(&model, &row).unwrap().other.unwrap();
            let mut changed = values.clone();
            for (feature, value) in &other.changes {
                changed[*feature as usize] = *value;
            }
            let changed = model.schema().row(&changed).unwrap();
            assert_eq!(model.predict(&changed).class, other.class as usize);
            assert_ne!(model.predict(&row).class, other.class as usize);
        }
    }
}
