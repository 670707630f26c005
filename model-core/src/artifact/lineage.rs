//! Where a model comes from.

use serde::{Deserialize, Serialize};

use super::ModelId;
use crate::digest::Digest;
use crate::recipe::{ContinueParams, TrainParams};

/// Where a model comes from; enough to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    /// [`ALGORITHM_VERSION`](crate::ALGORITHM_VERSION) that made it.
    pub algorithm_version: u32,
    /// [`Dataset::digest`](crate::Dataset::digest) of the data; of a model that was continued, the
    /// SHA-256 of the rows that it learned from, and of a merged one that of its parents' hashes.
    pub data_hash: Digest,
    /// Rows that trained it, its parents' among them.
    pub n_train: usize,
    /// Rows held out.
    pub n_test: usize,
    /// [`Split::digest`](crate::split::Split::digest): which rows did what; absent in models of
    /// file format 1 and in those that have parents.
    pub split_hash: Option<Digest>,
    /// Split, seed and the family's parameters, of the training that it all began with.
    pub params: TrainParams,
    /// What it was made of.
    #[serde(default)]
    pub origin: Origin,
}

impl Lineage {
    /// The models that this one was made of, in their order; empty if it was trained.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.lineage().parents().is_empty(), "it was trained from rows alone");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn parents(&self) -> Vec<ModelId> {
        match &self.origin {
            Origin::Trained => Vec::new(),
            Origin::Continued { parent, .. } => vec![*parent],
            Origin::Merged { parents } => parents.iter().map(|(id, _)| *id).collect(),
        }
    }
}

/// What a model was made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A data set.
    #[default]
    Trained,
    /// A model that learned on; see [`continue_training`](crate::update::continue_training).
    Continued {
        /// The model.
        parent: ModelId,
        /// The trained or merged model at which the learning on began: the parent, or the one that
        /// the parent was continued from.
        base: ModelId,
        /// Rows that it learned from.
        n_rows: usize,
        /// Rows that it and its parents learned from since `base`.
        n_rows_since_base: u64,
        /// Share of these rows that were answered right before they were learned from, by the
        /// memory that the parameters say.
        prequential_accuracy: f64,
        /// How it learned.
        params: ContinueParams,
    },
    /// The mean of several models; see [`merge`](crate::update::merge).
    Merged {
        /// The models, and the rows that each was weighed by.
        parents: Vec<(ModelId, u64)>,
    },
}
