//! A model that goes on learning from labelled rows, one after the other.

use std::collections::BTreeSet;

use super::{Change, Measured, UpdateError, regression, updated};
use crate::artifact::{Artifact, Origin};
use crate::digest::{Digest, Digester};
use crate::model::TrainingRows;
use crate::model::logistic_regression::OnlineLogisticRegression;
use crate::recipe::ContinueParams;
use crate::reference::ReferenceRows;
use crate::rng::{Purpose, SplitMix64};
use crate::schema::FeatureRow;

/// A model that learned on.
#[derive(Debug, Clone, PartialEq)]
pub struct Continued {
    /// The new model.
    pub model: Artifact,
    /// Rows that it learned from.
    pub n_rows: usize,
    /// Rows that were passed over because they measure the model: it carries them as held out.
    pub n_held_out: usize,
    /// Share of the rows that were answered right before they were learned from, which is how the
    /// model does on rows that it has not seen.
    pub prequential_accuracy: f64,
}

/// Takes `model` on by `rows`, each a row of its schema with the index of its class, in their order.
///
/// Each row is answered before it is learned from. Columns, ranges, scaling and the rows that the
/// model carries stay as they are; prediction sets and cross-validation go, as nothing measured them
/// on the new model.
///
/// ```
/// use model_core::update::continue_training;
/// use model_core::{ContinueParams, Dataset, Family, TrainParams};
/// let model = TrainParams::new(Family::LogisticRegression).train(&Dataset::iris())?;
/// let flower = model.schema().row(&[6.0, 3.0, 4.9, 1.7])?;
/// let rows = [(&flower, 2)];
/// let later = continue_training(&model, &rows, &ContinueParams::default())?;
/// let virginica = |model: &model_core::Artifact| model.predict(&flower).probabilities[2];
/// assert!(virginica(&later.model) > virginica(&model));
/// assert_eq!(later.model.lineage().parents(), [model.id()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`UpdateError::Family`] for a model that is no logistic regression, [`UpdateError::Param`],
/// [`UpdateError::Row`] for a row or label of another model, and [`UpdateError::NoRows`] if there is
/// none but what the model holds out.
pub fn continue_training(
    model: &Artifact,
    rows: &[(&FeatureRow, u32)],
    params: &ContinueParams,
) -> Result<Continued, UpdateError> {
    let fitted = regression(model)?;
    params.check()?;
    let (n_features, n_classes) = (model.schema().features.len(), model.schema().classes.len());
    for (at, (row, label)) in rows.iter().enumerate() {
        if row.values().len() != n_features || *label as usize >= n_classes {
            return Err(UpdateError::Row { row: at, n_classes });
        }
    }
    let new = unseen(model, rows);
    if new.is_empty() {
        return Err(UpdateError::NoRows);
    }
    let preprocessor = &model.pipeline().preprocessor;
    let width = preprocessor.width();
    let mut design = vec![0.0; new.len() * width];
    for ((values, _), out) in new.rows().zip(design.chunks_exact_mut(width.max(1))) {
        preprocessor.transform_into(values, out);
    }
    let n_seen = model.lineage().n_train;
    let mut learner =
        OnlineLogisticRegression::from_model(fitted, n_seen as u64, params.online.clone())?;
    let labels = new.labels();
    learner.partial_fit(TrainingRows { values: &design, labels, n_features: width, n_classes })?;
    let prequential_accuracy = learner.prequential_accuracy().unwrap_or_default();
    let mut order: Vec<usize> = (0..new.len()).collect();
    let mut rng = SplitMix64::for_purpose(params.seed, Purpose::Passes);
    for _ in 1..params.n_passes {
        rng.shuffle(&mut order);
        for &row in &order {
            let (Some(values), Some(labels)) =
                (design.get(row * width..(row + 1) * width), labels.get(row..=row))
            else {
                continue;
            };
            learner.partial_fit(TrainingRows { values, labels, n_features: width, n_classes })?;
        }
    }
    let (base, n_before) = match &model.lineage().origin {
        Origin::Continued { base, n_rows_since_base, .. } => (*base, *n_rows_since_base),
        Origin::Trained | Origin::Merged { .. } => (model.id(), 0),
    };
    let origin = Origin::Continued {
        parent: model.id(),
        base,
        n_rows: new.len(),
        n_rows_since_base: n_before.saturating_add(new.len() as u64),
        prequential_accuracy,
        params: params.clone(),
    };
    let (n_rows, n_held_out) = (new.len(), rows.len() - new.len());
    let change = Change {
        fitted: learner.model(),
        data_hash: digest(&new),
        n_train: n_seen.saturating_add(n_rows),
        train: Measured::Rows(new),
        origin,
    };
    let model = updated(model, change);
    Ok(Continued { model, n_rows, n_held_out, prequential_accuracy })
}

/// The rows that are not among those that the model holds out, bit by bit and with their label.
fn unseen(model: &Artifact, rows: &[(&FeatureRow, u32)]) -> ReferenceRows {
    let key = |values: &[f64], label: u32| -> (Vec<u64>, u32) {
        (values.iter().map(|value| value.to_bits()).collect(), label)
    };
    let held_out: BTreeSet<_> =
        model.reference().held_out.rows().map(|(values, label)| key(values, label)).collect();
    let n_features = model.schema().features.len();
    let mut new = ReferenceRows { values: Vec::new(), labels: Vec::new(), n_features };
    for (row, label) in rows {
        if !held_out.contains(&key(row.values(), *label)) {
            new.values.extend_from_slice(row.values());
            new.labels.push(*label);
        }
    }
    new
}

/// What names these rows: the SHA-256 of their values' bits and labels, in their order.
fn digest(rows: &ReferenceRows) -> Digest {
    let mut digester = Digester::default();
    for (values, label) in rows.rows() {
        values.iter().for_each(|value| digester.update(&value.to_bits().to_le_bytes()));
        digester.update(&label.to_le_bytes());
    }
    digester.finish()
}
