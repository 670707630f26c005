//! Why values make no row: one error a value, and all of a row's together as one error.

use std::error::Error;
use std::fmt;
use std::ops::Deref;

use super::{Range, Schema};

/// Why a value does not fit. Features are indices into [`Schema::features`];
/// [`RowError::message`] calls them by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowError {
    /// Not as many values as features.
    FeatureCount {
        /// Features of the schema.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// A name that the schema does not have.
    UnknownFeature {
        /// The name, shortened.
        name: String,
    },
    /// A name that came twice.
    Duplicate {
        /// Which feature.
        feature: usize,
    },
    /// No value where the data never lacked one.
    Missing {
        /// Which feature.
        feature: usize,
    },
    /// A text where a number is due, or the other way round.
    WrongType {
        /// Which feature.
        feature: usize,
    },
    /// An infinity.
    NotFinite {
        /// Which feature.
        feature: usize,
    },
    /// Outside the hard range.
    OutOfRange {
        /// Which feature.
        feature: usize,
        /// The value given.
        value: f64,
        /// What would be accepted.
        range: Range,
    },
    /// A category that the data set does not have.
    UnknownCategory {
        /// Which feature.
        feature: usize,
        /// The category given, shortened; its number if it came as one.
        category: String,
    },
    /// A column that several features are made of, such as a date; none of them has another error.
    Source {
        /// Which one, an index into [`Schema::sources`].
        source: usize,
        /// What it takes, with an example.
        expected: &'static str,
        /// What is wrong with it.
        fault: SourceFault,
    },
}

/// What is wrong with the value of a source column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceFault {
    /// No value where the data never lacked one.
    Missing,
    /// The column came twice.
    Duplicate,
    /// One of its features came, too.
    Ambiguous {
        /// Which feature.
        feature: usize,
    },
    /// No text.
    WrongType,
    /// A text that is not what the column holds.
    Unreadable {
        /// The text, shortened.
        text: String,
    },
}

impl RowError {
    /// Which feature it is about; absent if it is about none of the schema, or about a source column.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let faults = model.schema().row(&[5.1, 3.5, 1.4, 99.0]).unwrap_err().into_vec();
    /// assert_eq!(faults[0].feature(), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn feature(&self) -> Option<usize> {
        match self {
            Self::FeatureCount { .. } | Self::UnknownFeature { .. } | Self::Source { .. } => None,
            Self::Duplicate { feature }
            | Self::Missing { feature }
            | Self::WrongType { feature }
            | Self::NotFinite { feature }
            | Self::OutOfRange { feature, .. }
            | Self::UnknownCategory { feature, .. } => Some(*feature),
        }
    }

    /// The error in words, with the name of the feature or column where there is one.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let faults = model.schema().row(&[5.1, 3.5, 1.4, 99.0]).unwrap_err().into_vec();
    /// assert!(faults[0].message(model.schema()).contains("petal_width"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn message(&self, schema: &Schema) -> String {
        let name = |at: usize| {
            schema.features.get(at).map_or_else(|| unnamed(at), |f| format!("{:?}", f.name))
        };
        match self {
            Self::Source { source, expected, fault } => {
                let column = schema.sources.get(*source);
                let who = column.map_or_else(String::new, |column| format!("{:?}", column.name));
                fault.of(&who, expected, name)
            }
            _ => self.of(&self.feature().map_or_else(String::new, name)),
        }
    }

    /// The error in words; `who` is the feature.
    fn of(&self, who: &str) -> String {
        match self {
            Self::FeatureCount { expected, got } => {
                format!("expected {expected} values, got {got}")
            }
            Self::UnknownFeature { name } => format!("there is no feature {name:?}"),
            Self::Duplicate { .. } => format!("{who} came twice"),
            Self::Missing { .. } => format!("{who} has no value"),
            Self::WrongType { .. } => format!("{who} is of another type"),
            Self::NotFinite { .. } => format!("value of {who} is not a finite number"),
            Self::OutOfRange { value, range, .. } => {
                format!("value {value} of {who} is outside {} to {}", range.min, range.max)
            }
            Self::UnknownCategory { category, .. } => {
                format!("{who} has no category {category:?}")
            }
            Self::Source { source, expected, fault } => {
                fault.of(&format!("source {source}"), expected, unnamed)
            }
        }
    }
}

/// What a feature is called without a schema at hand.
fn unnamed(feature: usize) -> String {
    format!("feature {feature}")
}

impl SourceFault {
    /// The fault in words; `who` is the column, `name` names a feature.
    fn of(&self, who: &str, expected: &str, name: impl Fn(usize) -> String) -> String {
        match self {
            Self::Missing => format!("{who} has no value: it takes {expected}"),
            Self::Duplicate => format!("{who} came twice"),
            Self::Ambiguous { feature } => {
                let feature = name(*feature);
                format!("{who} came together with {feature}, which is made of it: leave one out")
            }
            Self::WrongType => format!("{who} is of another type: it takes {expected}"),
            Self::Unreadable { text } => format!("{who} takes {expected}, not {text:?}"),
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of(&self.feature().map_or_else(String::new, unnamed)))
    }
}

impl Error for RowError {}

/// Every reason why values make no row, at least one; in words, features go by name.
///
/// ```
/// # use model_core::{Artifact, DEFAULT_ARTIFACT, RowError};
/// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
/// let errors = model.schema().row(&[5.1, 3.5, 1.4, 99.0]).unwrap_err();
/// assert!(matches!(errors[0], RowError::OutOfRange { feature: 3, .. }));
/// assert_eq!(errors.to_string(), "value 99 of \"petal_width\" is outside 0 to 10");
/// # Ok::<(), model_core::ArtifactError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RowErrors {
    errors: Vec<RowError>,
    /// Each in words.
    messages: Vec<String>,
}

impl RowErrors {
    pub(super) fn new(schema: &Schema, errors: Vec<RowError>) -> Self {
        let messages = errors.iter().map(|error| error.message(schema)).collect();
        Self { errors, messages }
    }

    /// Each error in words, in their order.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let faults = model.schema().row(&[-1.0, 3.5, 1.4, 99.0]).unwrap_err();
    /// assert_eq!(faults.messages().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.messages.clone()
    }

    /// The errors alone.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let faults = model.schema().row(&[-1.0, 3.5, 1.4, 99.0]).unwrap_err();
    /// assert_eq!(faults.into_vec().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn into_vec(self) -> Vec<RowError> {
        self.errors
    }
}

impl Deref for RowErrors {
    type Target = [RowError];

    fn deref(&self) -> &[RowError] {
        &self.errors
    }
}

impl fmt::Display for RowErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join("; "))
    }
}

impl Error for RowErrors {}

#[cfg(test)]
mod tests {
    use crate::Dataset;

    #[test]
    fn all_errors_of_a_row_are_one_error_that_names_the_features() {
        let iris = Dataset::iris();
        let errors = iris.schema().row(&[f64::NAN, 3.5, -1.0, 0.2]).unwrap_err();
        assert_eq!(errors[0].to_string(), "feature 0 has no value");
        let error: Box<dyn std::error::Error> = errors.into();
        assert_eq!(
            error.to_string(),
            "\"sepal_length\" has no value; value -1 of \"petal_length\" is outside 0 to 10"
        );
        let error = iris.schema().row(&[1.0]).unwrap_err();
        assert_eq!(error.to_string(), "expected 4 values, got 1");
    }
}
