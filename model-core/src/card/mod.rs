//! What somebody must know who answers for a model: what it is, on what data, how good, where it
//! ends, where it is from and how to make it again.
//!
//! A [`ModelCard`] is made of an [`Artifact`] and of nothing else, so that it says what is so and
//! not what was hoped for: every sentence follows from a number in the model file. It stands at the
//! end of the data's way, beside the file. Serialised it is the JSON form; [`ModelCard::markdown`]
//! is the form to read.
//!
//! Source: Mitchell and others, "Model Cards for Model Reporting", FAT* 2019, for what a card
//! holds.

mod limits;
mod markdown;
mod performance;

use serde::{Deserialize, Serialize};

pub use self::performance::{
    CardPerformance, CardPredictionSets, ClassPerformance, CrossValidated, HeldOut,
    ShareWithInterval,
};
use crate::artifact::{Artifact, ModelId, Origin};
use crate::digest::Digest;
use crate::evaluation::{ClassMetrics, SplitEvaluation};
use crate::instant::rfc3339_millis;
use crate::model::Family;
use crate::recipe::TrainParams;
use crate::schema::Feature;

/// The card of one model; see the [module](self).
///
/// ```
/// use model_core::{Artifact, DEFAULT_ARTIFACT};
/// use model_core::card::ModelCard;
/// let card = ModelCard::of(&Artifact::from_bytes(DEFAULT_ARTIFACT)?);
/// assert_eq!(card.data.classes[0].name, "setosa");
/// assert!(card.markdown().starts_with("# Model card: iris"));
/// # Ok::<(), model_core::ArtifactError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// What it is.
    pub model: CardModel,
    /// What it was trained and measured on.
    pub data: CardData,
    /// How good it is.
    pub performance: CardPerformance,
    /// Where not to trust it: sentences, each of which follows from a number of this model.
    pub limits: Vec<String>,
    /// Where it is from, and what makes it again.
    pub lineage: CardLineage,
}

/// What the model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardModel {
    /// SHA-256 of the file's content.
    pub model_id: ModelId,
    /// Kind of classifier.
    pub family: Family,
    /// When it was trained, RFC 3339 in UTC; absent if the file does not say.
    pub trained_at: Option<String>,
    /// On what kind of machine; absent if the file does not say.
    pub host: Option<String>,
    /// How long the fit took, in milliseconds; absent if it was not measured.
    pub fit_millis: Option<f64>,
    /// Length of the model file.
    pub file_bytes: usize,
}

/// What the model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardData {
    /// Name of the data set.
    pub name: String,
    /// The column that is predicted.
    pub target: String,
    /// Input columns with types, units and ranges.
    pub features: Vec<Feature>,
    /// Columns of the data that the model does without.
    pub left_out: Vec<String>,
    /// What it can answer.
    pub classes: Vec<CardClass>,
    /// Rows that trained it.
    pub n_train: usize,
    /// Rows that were held out.
    pub n_test: usize,
    /// Rows of the data that the file carries: of the training and of the held-out part.
    pub n_reference: (usize, usize),
    /// Whether it was written [without rows](Artifact::without_rows): of each column, how its values
    /// are distributed stands for them.
    #[serde(default)]
    pub without_rows: bool,
}

/// One class and how many rows were of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardClass {
    /// The class.
    pub name: String,
    /// Training rows of it.
    pub n_train: u32,
    /// Held-out rows of it.
    pub n_test: u32,
}

/// What makes the same model again: the same data, parameters and algorithm give the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardLineage {
    /// Version of the training algorithms.
    pub algorithm_version: u32,
    /// SHA-256 of the data: column names, classes, values and labels.
    pub data_hash: Digest,
    /// SHA-256 of who trained and who was held out; absent in models of file format 1.
    pub split_hash: Option<Digest>,
    /// Family and its parameters, preprocessing, split and seed: what `train_csv --params` takes.
    pub params: TrainParams,
    /// Whether it was trained, learned on or was merged, and from which models.
    #[serde(default)]
    pub origin: Origin,
}

impl ModelCard {
    /// The card of `model`.
    #[must_use]
    pub fn of(model: &Artifact) -> Self {
        let data = CardData::of(model);
        let performance = CardPerformance::of(model);
        Self {
            limits: limits::of(model, &data, &performance),
            model: CardModel::of(model),
            lineage: CardLineage::of(model),
            data,
            performance,
        }
    }
}

impl CardModel {
    fn of(model: &Artifact) -> Self {
        let receipt = model.receipt();
        let stated = |millis: &i64| *millis > 0;
        let trained_at = Some(receipt.created_at_millis).filter(stated).and_then(rfc3339_millis);
        Self {
            model_id: model.id(),
            family: model.family(),
            trained_at: trained_at.map(|time| shortened(&time)),
            host: Some(receipt.host.clone()).filter(|host| !host.is_empty()),
            fit_millis: Some(receipt.fit_millis).filter(|millis| *millis > 0.0),
            file_bytes: model.to_bytes().len(),
        }
    }
}

/// An instant without a fraction of nothing.
fn shortened(time: &str) -> String {
    let shown = time.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{shown}Z")
}

impl CardData {
    fn of(model: &Artifact) -> Self {
        let (schema, lineage) = (model.schema(), model.lineage());
        let evaluation = model.evaluation();
        let report = |part: &SplitEvaluation| part.confusion.report().classes;
        let train = report(&evaluation.train);
        let test = evaluation.test.as_ref().map(report).unwrap_or_default();
        let rows = |classes: &[ClassMetrics], at: usize| classes.get(at).map_or(0, |c| c.support);
        let class = |(at, name): (usize, &String)| CardClass {
            name: name.clone(),
            n_train: rows(&train, at),
            n_test: rows(&test, at),
        };
        let reference = model.reference();
        Self {
            name: schema.name.clone(),
            target: schema.target.clone(),
            features: schema.features.clone(),
            left_out: schema.left_out.clone(),
            classes: schema.classes.iter().enumerate().map(class).collect(),
            n_train: lineage.n_train,
            n_test: lineage.n_test,
            n_reference: (reference.train.len(), reference.held_out.len()),
            without_rows: model.reference_summary().is_some(),
        }
    }
}

impl CardLineage {
    fn of(model: &Artifact) -> Self {
        let lineage = model.lineage();
        Self {
            algorithm_version: lineage.algorithm_version,
            data_hash: lineage.data_hash,
            split_hash: lineage.split_hash,
            params: lineage.params.clone(),
            origin: lineage.origin.clone(),
        }
    }
}

/// A share as cards write it.
fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests;
