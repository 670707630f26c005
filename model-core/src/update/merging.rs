//! One model of several whose rows stay apart.

use super::{Change, Measured, UpdateError, regression, updated};
use crate::artifact::{Artifact, Origin};
use crate::digest::Digester;
use crate::model::logistic_regression::federated_average;

/// The mean of `models`, each weighed by the rows that it learned from since the model that all of them
/// were continued from: a round of federated averaging.
///
/// The order of the list decides the last bits, and so the id.
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
/// regression, [`UpdateError::Twice`] if one is given twice, [`UpdateError::NotContinued`] if one was
/// not continued from another, [`UpdateError::OtherBase`] if two do not come from the same one,
/// [`UpdateError::NoReferenceRows`] if the first carries no rows.
pub fn merge(models: &[Artifact]) -> Result<Artifact, UpdateError> {
    let [first, _, ..] = models else {
        return Err(UpdateError::TooFew { n_models: models.len() });
    };
    let (mut parents, mut parts) = (Vec::new(), Vec::new());
    let mut shared_base = None;
    for (at, model) in models.iter().enumerate() {
        let fitted = regression(model)?;
        let number = at + 1;
        if let Some(same) = models.iter().take(at).position(|before| before.id() == model.id()) {
            return Err(UpdateError::Twice { first: same + 1, second: number });
        }
        let Origin::Continued { base, n_rows_since_base, .. } = &model.lineage().origin else {
            return Err(UpdateError::NotContinued { model: number });
        };
        if shared_base.get_or_insert(*base) != base || !speaks_of_the_same(first, model) {
            return Err(UpdateError::OtherBase { model: number });
        }
        parents.push((model.id(), *n_rows_since_base));
        parts.push((fitted.clone(), *n_rows_since_base));
    }
    if first.reference().train.is_empty() {
        return Err(UpdateError::NoReferenceRows);
    }
    let fitted = federated_average(&parts)?;
    let mut digester = Digester::default();
    models.iter().for_each(|model| digester.update(model.lineage().data_hash.as_bytes()));
    // The rows of the model that all began with count once.
    let n_learned = parents.iter().map(|(_, n_rows)| *n_rows).fold(0, u64::saturating_add);
    let n_first = parents.first().map_or(0, |(_, n_rows)| *n_rows);
    let n_base = (first.lineage().n_train as u64).saturating_sub(n_first);
    let n_train = usize::try_from(n_base.saturating_add(n_learned)).unwrap_or(usize::MAX);
    let change = Change {
        fitted,
        train: Measured::Carried,
        data_hash: digester.finish(),
        n_train,
        origin: Origin::Merged { parents },
    };
    Ok(updated(first, change))
}

/// Whether two models have the same columns, in the same scale: what is continued from one model has.
fn speaks_of_the_same(a: &Artifact, b: &Artifact) -> bool {
    a.schema() == b.schema() && a.pipeline().preprocessor == b.pipeline().preprocessor
}
