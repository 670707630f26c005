//! What a column of a data set is called and what it holds.

use crate::schema::Range;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// Real numbers.
    Numeric,
    /// Indices into these texts, which are sorted and different.
    Categorical(Vec<String>),
}

impl ColumnKind {
    /// How many columns a model sees of it: one, or one a category.
    pub(crate) fn encoded_width(&self) -> usize {
        match self {
            Self::Numeric => 1,
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
}

impl Column {
    /// A column of numbers of which only the name is known.
    #[must_use]
    pub fn numeric(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { label: name.clone(), name, unit: None, hard: None, kind: ColumnKind::Numeric }
    }
}
