//! Rows that travel with the model: for nearest rows, explanations, drift and re-scoring.

mod summary;

pub(crate) use self::summary::MIN_GROUP;
pub use self::summary::{ColumnSummary, ReferenceSummary};
use crate::dataset::Dataset;
use crate::rng::{Purpose, SplitMix64};
use crate::split::{Split, stratified_sample};

/// Most training rows that a model carries.
pub(crate) const MAX_TRAIN_ROWS: usize = 256;
/// Most held-out rows that a model carries.
pub(crate) const MAX_HELD_OUT_ROWS: usize = 128;

/// Labelled rows of one kind: `labels.len()` x `n_features`, raw values, row-major.
#[derive(Debug, Clone, Default)]
pub struct ReferenceRows {
    pub(crate) values: Vec<f64>,
    pub(crate) labels: Vec<u32>,
    pub(crate) n_features: usize,
}

impl PartialEq for ReferenceRows {
    /// Equal in every bit, so that rows without a value equal themselves.
    fn eq(&self, other: &Self) -> bool {
        let alike = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        self.n_features == other.n_features
            && self.labels == other.labels
            && self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(alike)
    }
}

impl ReferenceRows {
    /// These rows of `dataset`, all of which it has, in this order.
    pub(crate) fn of(dataset: &Dataset, rows: &[usize]) -> Self {
        Self {
            values: rows.iter().flat_map(|&row| dataset.row(row)).copied().collect(),
            labels: rows.iter().map(|&row| dataset.label(row)).collect(),
            n_features: dataset.n_features(),
        }
    }

    /// Row `index`'s values; empty if there is no such row.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let held_out = &model.reference().held_out;
    /// assert_eq!(held_out.row(0).len(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let p = self.n_features;
        self.values.get(index * p..(index + 1) * p).unwrap_or_default()
    }

    /// Class of each row.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let held_out = &model.reference().held_out;
    /// assert_eq!(held_out.labels().len(), 30);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Values and class of each row.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let held_out = &model.reference().held_out;
    /// let setosas = held_out.rows().filter(|(_, label)| *label == 0).count();
    /// assert_eq!(setosas, 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[f64], u32)> {
        self.values.chunks_exact(self.n_features.max(1)).zip(self.labels.iter().copied())
    }

    /// How many rows there are.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let held_out = &model.reference().held_out;
    /// assert_eq!(held_out.len(), 30);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let held_out = &model.reference().held_out;
    /// assert!(!held_out.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// The rows that a model carries: at most 256 that trained it and 128 that did not, drawn from the
/// training's seed with the class mix of their part, in the data set's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReferenceSample {
    /// Rows that trained the model.
    pub train: ReferenceRows,
    /// Rows that it did not see.
    pub held_out: ReferenceRows,
}

impl ReferenceSample {
    /// No rows, of this many features.
    pub(crate) fn without_rows(n_features: usize) -> Self {
        let none = ReferenceRows { values: Vec::new(), labels: Vec::new(), n_features };
        Self { train: none.clone(), held_out: none }
    }

    /// Draws the sample.
    pub(crate) fn draw(dataset: &Dataset, split: &Split, seed: u64) -> Self {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::ReferenceSample);
        let mut sample = |rows: &[usize], wanted| {
            stratified_sample(dataset.labels(), dataset.n_classes(), rows, wanted, &mut rng)
        };
        let train = sample(&split.train, MAX_TRAIN_ROWS);
        let held_out = sample(&split.test, MAX_HELD_OUT_ROWS);
        Self {
            train: ReferenceRows::of(dataset, &train),
            held_out: ReferenceRows::of(dataset, &held_out),
        }
    }
}
