//! Models that learn on after their training: from further rows, or from each other.
//!
//! [`continue_training`] takes a logistic regression on, row by row, and keeps all else of the model:
//! columns, ranges, scaling. [`merge`] makes one model of several that were continued from the same
//! one by parties whose rows stay where they are: a round of federated averaging. What comes out is an
//! [`Artifact`] whose [`Origin`] names its parents.
//!
//! Neither touches the rows that the model carries: those who learn on add none of theirs, and the
//! held-out ones measure the new model as they measured the old.

mod continuing;
mod merging;

pub use self::continuing::{Continued, continue_training};
pub use self::merging::merge;
use crate::artifact::{Artifact, Content, Lineage, Origin, Receipt};
use crate::digest::Digest;
use crate::evaluation::{Evaluation, SplitEvaluation};
use crate::model::logistic_regression::{FederatedError, LogisticRegression, OnlineError};
use crate::model::{Family, Model, ParamError};
use crate::pipeline::Pipeline;
use crate::recipe::ALGORITHM_VERSION;
use crate::reference::ReferenceRows;

/// Why there is no updated model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The family cannot learn on.
    #[error(
        "{family} cannot learn on, and cannot be merged: only logistic_regression can; train a new model instead"
    )]
    Family {
        /// The model's.
        family: Family,
    },
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// There is no row to learn from.
    #[error("there is no row to learn from: give labelled rows that the model does not hold out")]
    NoRows,
    /// A row was made for another model.
    #[error(
        "row {row} is not one of this model: make rows with its schema, and labels below {n_classes}"
    )]
    Row {
        /// Its place among the rows.
        row: usize,
        /// Classes of the model.
        n_classes: usize,
    },
    /// A row cannot be learned from.
    #[error(transparent)]
    Online(#[from] OnlineError),
    /// Too few models to merge.
    #[error("a merge needs at least two models, got {n_models}")]
    TooFew {
        /// How many were given.
        n_models: usize,
    },
    /// A model counts twice.
    #[error("models {first} and {second} are the same: give each once")]
    Twice {
        /// Place of the first one, counted from 1.
        first: usize,
        /// Place of the other.
        second: usize,
    },
    /// A model did not learn on.
    #[error(
        "model {model} was not continued from another: merge what the parties made of the same model, without that model itself"
    )]
    NotContinued {
        /// Its place, counted from 1.
        model: usize,
    },
    /// A model began at another one than the first.
    #[error(
        "model {model} began with another model than the first one: merge models that were continued from the same one"
    )]
    OtherBase {
        /// Its place, counted from 1.
        model: usize,
    },
    /// A merged model is measured on rows that the first one carries, and it carries none.
    #[error(
        "the first model carries no rows to measure the merged one on: merge models whose files have their rows, then drop the rows"
    )]
    NoReferenceRows,
    /// The models cannot be averaged.
    #[error(transparent)]
    Federated(#[from] FederatedError),
}

/// The logistic regression in `model`.
fn regression(model: &Artifact) -> Result<&LogisticRegression, UpdateError> {
    match &model.pipeline().model {
        Model::LogisticRegression(fitted) => Ok(fitted),
        other => Err(UpdateError::Family { family: other.family() }),
    }
}

/// What changes when a model is updated.
struct Change {
    fitted: LogisticRegression,
    train: Measured,
    data_hash: Digest,
    n_train: usize,
    origin: Origin,
}

/// The rows that a model's training part is measured on.
enum Measured {
    /// The training rows that the model carries.
    Carried,
    /// These values, row by row, and labels.
    Rows(ReferenceRows),
}

/// `model` with another regression in it, measured anew. What was measured while the old one was
/// trained, such as folds and prediction sets, says nothing of it and is gone.
fn updated(model: &Artifact, change: Change) -> Artifact {
    let n_classes = model.schema().classes.len();
    let pipeline = Pipeline {
        preprocessor: model.pipeline().preprocessor.clone(),
        model: Model::LogisticRegression(change.fitted),
    };
    let reference = model.reference();
    let held_out = &reference.held_out;
    let train = match &change.train {
        Measured::Carried => &reference.train,
        Measured::Rows(rows) => rows,
    };
    let evaluation = Evaluation {
        test: (!held_out.is_empty()).then(|| measure(&pipeline, held_out, n_classes)),
        train: measure(&pipeline, train, n_classes),
        cv: None,
        out_of_bag_accuracy: None,
        feature_importances: None,
        quantisation: None,
        prediction_sets: None,
    };
    let lineage = Lineage {
        algorithm_version: ALGORITHM_VERSION,
        data_hash: change.data_hash,
        // As many as the file can say.
        n_train: change.n_train.min(u32::MAX as usize),
        n_test: held_out.len(),
        split_hash: None,
        origin: change.origin,
        ..model.lineage().clone()
    };
    let content = Content {
        schema: model.schema().clone(),
        pipeline,
        evaluation,
        conformal: None,
        reference: reference.clone(),
        summary: model.reference_summary().cloned(),
        lineage,
    };
    Artifact::new(content, Receipt::default())
}

/// How a model does on the held-out rows that it carries; `None` if it carries none. Of models that have
/// them from the same training it is a comparison on the same rows.
#[must_use]
pub fn evaluate_held_out(model: &Artifact) -> Option<SplitEvaluation> {
    let held_out = &model.reference().held_out;
    let n_classes = model.schema().classes.len();
    (!held_out.is_empty()).then(|| measure(model.pipeline(), held_out, n_classes))
}

/// What a pipeline says of labelled rows.
fn measure(pipeline: &Pipeline, rows: &ReferenceRows, n_classes: usize) -> SplitEvaluation {
    let probabilities = pipeline.predict_proba_of(rows, n_classes);
    SplitEvaluation::of(&probabilities, rows.labels(), n_classes)
}

#[cfg(test)]
mod tests;
