//! What a column of a data set is called and what it holds.

use crate::schema::Range;

/// Most categories that a model sees as indicators, one each; of more it sees the shares that the
/// classes have among a category's rows.
pub(crate) const MAX_INDICATORS: usize = 100;

/// How many shares of classes stand for a category: one for two classes, else one a class.
pub(crate) const fn n_shares(n_classes: usize) -> usize {
    if n_classes == 2 { 1 } else { n_classes }
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// Real numbers.
    Numeric,
    /// Indices into these texts, which are sorted and different.
    Categorical(Vec<String>),
}

impl ColumnKind {
    /// How many columns a model of so many classes sees of it: one, one a category, or one a class.
    pub(crate) fn encoded_width(&self, n_classes: usize) -> usize {
        match self {
            Self::Numeric => 1,
            Self::Categorical(categories) if categories.len() > MAX_INDICATORS => {
                n_shares(n_classes)
            }
            Self::Categorical(categories) => categories.len(),
        }
    }
}

/// What a column is called and what is declared of it, before any row is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the CSV.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Unit, if known.
    pub unit: Option<String>,
    /// Hard range, if the data set states one.
    pub hard: Option<Range>,
    /// What it holds.
    pub kind: ColumnKind,
    /// Of categories, the index of the one that rare and unknown ones share, if there is one.
    pub other: Option<u32>,
    /// Whether a row may come without a value even if none of these rows does.
    pub nullable: bool,
}

impl Column {
    /// A column of numbers of which only the name is known.
    #[must_use]
    pub fn numeric(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            label: name.clone(),
            name,
            unit: None,
            hard: None,
            kind: ColumnKind::Numeric,
            other: None,
            nullable: false,
        }
    }
}
