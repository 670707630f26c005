//! One model of several whose rows stay apart.

use super::{Change, Measured, UpdateError, regression, updated};
use crate::artifact::{Artifact, Origin};
use crate::digest::Digester;
use crate::model::logistic_regression::federated_average;

/// The mean of `models`, each weighed by the rows that it learned from last: a round of federated
/// averaging.
///
/// All of them were continued from the same model, so that they speak of the same columns in the same
/// scale. The order of the list decides the last bits, and so the id.
///
/// ```
/// use model_core::update::{continue_training, merge};
/// use model_core::{ContinueParams, Dataset, Family, TrainParams};
/// let model = TrainParams::new(Family::LogisticRegression).train(&Dataset::iris())?;
/// let party = |values: [f64; 4], class| {
///     let row = model.schema().row(&values).unwrap();
///     let params = ContinueParams::default();
///     continue_training(&model, &[(&row, class)], &params).unwrap().model
/// };
/// let parties = [party([5.0, 3.4, 1.5, 0.3], 0), party([6.0, 3.0, 4.9, 1.7], 2)];
/// let merged = merge(&parties)?;
/// assert_eq!(merged.lineage().parents(), [parties[0].id(), parties[1].id()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`UpdateError::TooFew`] for fewer than two models, [`UpdateError::Family`] if one is no logistic
/// regression, [`UpdateError::Twice`] if one is given twice, [`UpdateError::Unlike`] if two do not
/// come from the same one.
pub fn merge(models: &[Artifact]) -> Result<Artifact, UpdateError> {
    let [first, _, ..] = models else {
        return Err(UpdateError::TooFew { n_models: models.len() });
    };
    for (at, model) in models.iter().enumerate() {
        regression(model)?;
        let model_of = |part| UpdateError::Unlike { model: at + 1, part };
        if let Some(same) = models.iter().take(at).position(|before| before.id() == model.id()) {
            return Err(UpdateError::Twice { first: same + 1, second: at + 1 });
        }
        if model.schema() != first.schema() {
            return Err(model_of("schema"));
        }
        if model.pipeline().preprocessor != first.pipeline().preprocessor {
            return Err(model_of("preprocessing"));
        }
    }
    let parents: Vec<(_, u64)> =
        models.iter().map(|model| (model.id(), n_learned(model) as u64)).collect();
    let parts = models
        .iter()
        .zip(&parents)
        .map(|(model, (_, n_rows))| Ok((regression(model)?.clone(), *n_rows)))
        .collect::<Result<Vec<_>, UpdateError>>()?;
    let fitted = federated_average(&parts)?;
    let mut digester = Digester::default();
    models.iter().for_each(|model| digester.update(model.lineage().data_hash.as_bytes()));
    let n_train = models.iter().map(n_learned).fold(0, usize::saturating_add);
    let change = Change {
        fitted,
        train: Measured::Carried,
        data_hash: digester.finish(),
        n_train,
        origin: Origin::Merged { parents },
    };
    Ok(updated(first, change))
}

/// Rows that a model learned from last.
fn n_learned(model: &Artifact) -> usize {
    match &model.lineage().origin {
        Origin::Continued { n_rows, .. } => *n_rows,
        Origin::Trained | Origin::Merged { .. } => model.lineage().n_train,
    }
}
