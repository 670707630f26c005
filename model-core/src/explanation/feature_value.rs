//! A value as people and JSON see it.

use std::fmt;

use serde::Serialize;

use crate::schema::row::is_code;
use crate::schema::{FeatureKind, Schema};

/// A number, a category's name, or no value; in JSON a number, a text or null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FeatureValue {
    /// A number.
    Number(f64),
    /// A category.
    Category(String),
    /// No value.
    Missing,
}

impl FeatureValue {
    /// What a raw value of feature `feature` stands for; [`Missing`](Self::Missing) for a code that
    /// names no category.
    #[must_use]
    pub fn of(schema: &Schema, feature: usize, value: f64) -> Self {
        if value.is_nan() {
            return Self::Missing;
        }
        match schema.features.get(feature).map(|feature| &feature.kind) {
            Some(FeatureKind::Categorical(names)) if is_code(value, names.len()) => {
                names.get(value as usize).map_or(Self::Missing, |name| Self::Category(name.clone()))
            }
            Some(FeatureKind::Categorical(_)) => Self::Missing,
            _ => Self::Number(value),
        }
    }

    /// The values of a whole row.
    #[must_use]
    pub fn of_row(schema: &Schema, values: &[f64]) -> Vec<Self> {
        values.iter().enumerate().map(|(at, &value)| Self::of(schema, at, value)).collect()
    }
}

impl fmt::Display for FeatureValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => fmt::Display::fmt(number, f),
            Self::Category(name) => f.pad(name),
            Self::Missing => f.pad("missing"),
        }
    }
}
