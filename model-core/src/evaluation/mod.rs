//! How good a model is, from rows it did not train on and, beside them, from those it did.

mod confusion;
mod cross_validation;
mod interval;

use serde::{Deserialize, Serialize};

pub use self::confusion::{ClassMetrics, ClassificationReport, ConfusionMatrix};
pub use self::cross_validation::{CrossValidation, Fold};
pub use self::interval::wilson_interval;
use crate::dataset::Dataset;
use crate::pipeline::{Pipeline, argmax};

/// Everything measured of one model; deterministic, and part of the artifact's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// On the held-out rows; absent if none were held out.
    pub test: Option<SplitEvaluation>,
    /// On the training rows.
    pub train: SplitEvaluation,
    /// Over the folds of the training rows; absent if none were asked for.
    pub cv: Option<CrossValidation>,
    /// Of a forest's trees on the rows they did not train on.
    pub out_of_bag_accuracy: Option<f64>,
}

/// What one set of rows says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitEvaluation {
    /// True classes against predicted ones.
    pub confusion: ConfusionMatrix,
    /// Mean of `−ln p(true class)`, in nats; probabilities below 1e-15 count as that.
    pub log_loss: f64,
}

/// Evaluates `pipeline` on `rows` of `dataset`.
///
/// The label is the argmax of the probabilities, the lowest class on a tie.
#[must_use]
pub fn evaluate(pipeline: &Pipeline, dataset: &Dataset, rows: &[usize]) -> SplitEvaluation {
    let mut confusion = ConfusionMatrix::new(dataset.n_classes());
    let mut probabilities = vec![0.0; dataset.n_classes()];
    let mut loss = 0.0;
    for &row in rows {
        pipeline.predict_proba_into(dataset.row(row), &mut probabilities);
        let actual = dataset.label(row) as usize;
        confusion.count(actual, argmax(&probabilities));
        loss -= libm::log(probabilities[actual].max(1e-15));
    }
    SplitEvaluation { confusion, log_loss: loss / rows.len().max(1) as f64 }
}
