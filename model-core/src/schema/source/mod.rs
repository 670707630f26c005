//! Columns of a file that a model sees as several features: dates and free text.
//!
//! A date becomes year, month, day of the week, hour and days since 1970; a text becomes its length
//! and which words it holds. The features are numbers like any others, so that all that explains,
//! compares or exports a model need know nothing of them. They follow from the cell's text alone:
//! nothing is fitted, and no other row has a say.

pub(crate) mod dates;
mod words;

use serde::{Deserialize, Serialize};

pub use self::dates::{DateOrder, DatePart};
pub(crate) use self::dates::{civil_of_days, days_since_1970, is_date};
pub(crate) use self::words::MAX_BUCKETS;
use super::{Range, Schema};

/// More characters than a file of the greatest size has.
const MAX_CHARACTERS: f64 = 1e9;

/// A column whose cells yield several features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The column's name, as in the CSV and in requests.
    pub name: String,
    /// What its cells hold.
    pub kind: SourceKind,
    /// Index of the first of its features in [`Schema::features`](super::Schema::features); the
    /// others follow it.
    pub first_feature: usize,
}

/// What the cells of a [`Source`] hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A date, a time of day, or both.
    DateTime {
        /// In which order its numbers stand.
        order: DateOrder,
        /// The features made of it.
        parts: Vec<DatePart>,
    },
    /// Free text: its characters, its words, and for each bucket whether one of its words falls
    /// there.
    Text {
        /// How many buckets words are shared among.
        n_buckets: u16,
    },
}

impl Source {
    /// The features' places in a row.
    #[must_use]
    pub fn features(&self) -> std::ops::Range<usize> {
        self.first_feature..self.first_feature.saturating_add(self.kind.n_features())
    }

    /// Whether its features are numbers of this schema, from the feature `from` on, and no more words
    /// are told apart than a text can have.
    pub(crate) fn fits(&self, schema: &Schema, from: usize) -> bool {
        let of_schema = schema.features.get(self.features()).unwrap_or_default();
        self.first_feature >= from
            && !of_schema.is_empty()
            && of_schema.iter().all(|feature| feature.numeric().is_some())
            && !matches!(self.kind, SourceKind::Text { n_buckets } if n_buckets > MAX_BUCKETS)
    }
}

impl SourceKind {
    /// How many features a cell yields.
    #[must_use]
    pub fn n_features(&self) -> usize {
        match self {
            Self::DateTime { parts, .. } => parts.len(),
            Self::Text { n_buckets } => 2 + usize::from(*n_buckets),
        }
    }

    /// What the features of a column of this name are called: `day.month`, `remark.words`.
    #[must_use]
    pub fn feature_names(&self, column: &str) -> Vec<String> {
        match self {
            Self::DateTime { parts, .. } => {
                parts.iter().map(|part| format!("{column}.{}", part.as_str())).collect()
            }
            Self::Text { n_buckets } => ["characters", "words"]
                .into_iter()
                .map(|what| format!("{column}.{what}"))
                .chain((0..*n_buckets).map(|bucket| format!("{column}.bucket_{bucket:02}")))
                .collect(),
        }
    }

    /// What each feature can be at all: a later date or a longer text than those of the training is
    /// worth a warning and no fault.
    #[must_use]
    pub fn ranges(&self) -> Vec<Range> {
        let range = |min, max| Range { min, max };
        match self {
            Self::DateTime { order, parts } => {
                parts.iter().map(|part| range(part.least(), part.greatest(*order))).collect()
            }
            Self::Text { n_buckets } => {
                let lengths = [range(0.0, MAX_CHARACTERS); 2];
                let buckets = std::iter::repeat_n(range(0.0, 1.0), usize::from(*n_buckets));
                lengths.into_iter().chain(buckets).collect()
            }
        }
    }

    /// The features of a cell's trimmed text; `None` if it is not what the column holds.
    #[must_use]
    pub fn values(&self, text: &str) -> Option<Vec<f64>> {
        match self {
            Self::DateTime { order, parts } => {
                let moment = dates::read(text, *order)?;
                Some(parts.iter().map(|part| moment.part(*part)).collect())
            }
            Self::Text { n_buckets } => Some(words::values(text, *n_buckets)),
        }
    }

    /// What a cell should hold, with an example.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        match self {
            Self::DateTime { order, .. } => order.expected(),
            Self::Text { .. } => "a text",
        }
    }

    /// A cell to show somebody.
    #[must_use]
    pub fn example(&self) -> &'static str {
        match self {
            Self::DateTime { order, .. } => order.example(),
            Self::Text { .. } => "some words",
        }
    }
}
