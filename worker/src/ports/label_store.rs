//! What a log shard keeps of labels, and the counts that reports are made of.
//!
//! The calls are synchronous and each is atomic, as those of [`ShardStore`](super::ShardStore). A
//! label rests beside the rows and not in them, because a row may be in the segment store by the time
//! that its label comes. [`Tally`] counts go up in the transaction that inserts the row or the label.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Counters, LogRow, Segment, StorageError};

/// What somebody says the true class of a prediction was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Id of the prediction.
    pub id: String,
    /// The class.
    pub label: String,
}

/// What became of a [`Label`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelStatus {
    /// It is the prediction's label from now on.
    Recorded,
    /// The prediction has this label already.
    Unchanged,
    /// The prediction has another label, which stays.
    Conflict,
    /// There is no such prediction.
    UnknownId,
    /// The model that answered knows no such class.
    UnknownClass,
}

impl LabelStatus {
    /// As metrics name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::UnknownId => "unknown_id",
            Self::UnknownClass => "unknown_class",
        }
    }
}

/// A label that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The class.
    pub label: String,
    /// When it was recorded.
    pub at_millis: i64,
}

/// Labels by prediction.
pub type Labels = BTreeMap<String, Labelled>;

/// What a [`Tally`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Answers, by class; the sum is that of confidences.
    Answered,
    /// What a challenger in the shadow said, likewise.
    Shadow,
    /// Warnings that went with answers, by code.
    Warned,
    /// Labels by class, for each version that was asked; the sum is how many it had predicted.
    Labelled,
    /// Answers that were dealt at random, by challenger and split.
    Drawn,
    /// Labels of rows that both models of a trial were asked for, by trial, stage, who was right, and class; of the version
    /// on trial.
    Paired,
}

impl Part {
    /// As written in the shard's table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Shadow => "shadow",
            Self::Warned => "warned",
            Self::Labelled => "labelled",
            Self::Drawn => "drawn",
            Self::Paired => "paired",
        }
    }
}

/// A count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tally {
    /// Registry version that it is about.
    pub version: u64,
    /// What is counted.
    pub part: Part,
    /// Told apart by this: a class, a code.
    pub word: String,
    /// How many.
    pub n: i64,
    /// What comes with them; confidences are in millionths, so that sums don't depend on the order.
    pub sum: i64,
}

/// Hours, as the first 13 characters of a time in UTC: `2026-01-01T00`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourSpan {
    /// The first one.
    pub from: Option<String>,
    /// The one after the last.
    pub to: Option<String>,
}

/// A label of a known prediction and class, with what it adds to the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLabel {
    /// The label.
    pub label: Label,
    /// Hour of the prediction.
    pub hour: String,
    /// What it says of each model that was asked.
    pub tallies: Vec<Tally>,
    /// What to add to the shard's counter totals.
    pub counters: Counters,
}

/// Where some predictions are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Those that are kept here.
    pub hot: Vec<LogRow>,
    /// Segments that may hold others, and are kept only in the segment store.
    pub cold: Vec<Segment>,
}

/// A shard's own storage of labels and counts.
pub trait LabelStore {
    /// Looks for predictions by their ids.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be read.
    fn find(&self, ids: &[String]) -> Result<Found, StorageError>;

    /// Records labels, in their order, unless their prediction has one, and says what became of each:
    /// [`Recorded`](LabelStatus::Recorded), [`Unchanged`](LabelStatus::Unchanged) or
    /// [`Conflict`](LabelStatus::Conflict).
    ///
    /// # Errors
    /// [`StorageError`]; nothing was changed then.
    fn label(&self, labels: &[NewLabel], now_millis: i64)
    -> Result<Vec<LabelStatus>, StorageError>;

    /// The labels that these predictions have.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn labels(&self, ids: &[String]) -> Result<Labels, StorageError>;

    /// The counts of predictions that were made in `span`, by version, part and word.
    ///
    /// # Errors
    /// [`StorageError`] if they can't be read.
    fn tallies(&self, span: &HourSpan) -> Result<Vec<Tally>, StorageError>;
}
