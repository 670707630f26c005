//! The value of one feature, in a request and in the prediction log.

use serde::{Deserialize, Serialize};

/// A number, a category, or nothing: JSON has no NaN, so a value that is missing travels as `null`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum FeatureValue {
    /// Value of a numeric feature.
    Number(f64),
    /// Category of a categorical feature, by its name.
    Category(String),
    /// No value.
    #[default]
    Missing,
}

impl FeatureValue {
    /// What stands for `value` of a row: nothing for NaN, the category with this index if the
    /// feature has categories, else the number.
    #[must_use]
    pub fn of(value: f64, categories: Option<&[String]>) -> Self {
        match categories {
            _ if value.is_nan() => Self::Missing,
            None => Self::Number(value),
            Some(names) => {
                names.get(value as usize).map_or(Self::Missing, |name| Self::Category(name.clone()))
            }
        }
    }
}
