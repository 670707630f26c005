//! What a model expects of its input: names, units, types, ranges, categories and classes.
//!
//! A [`Schema`] is derived from training rows and travels in the artifact; page, edge and
//! command line check their input through it and nowhere else. A [`FeatureRow`] that exists is
//! valid (see [`row`]); [`Expectations`](crate::Expectations) say the same of a whole data set.

mod decimals;
mod named;
pub mod row;
mod row_error;
pub(crate) mod source;

use serde::{Deserialize, Serialize};

pub(crate) use self::decimals::{decimals, scaled, unscaled};
pub use self::named::Value;
pub use self::row::FeatureRow;
pub use self::row_error::{RowError, RowErrors, SourceFault};
pub use self::source::{DateOrder, DatePart, Source, SourceKind};
pub(crate) use self::source::{civil_of_days, days_since_1970, is_date};

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Least value inside.
    pub min: f64,
    /// Greatest value inside.
    pub max: f64,
}

impl Range {
    /// The range that holds no value.
    pub(crate) const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// The least range that holds every value of `values`; NaN is passed over.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        values.fold(Self::EMPTY, |range, value| Self {
            min: range.min.min(value),
            max: range.max.max(value),
        })
    }

    /// The least range that holds both.
    pub(crate) fn union(&self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Whether `value` lies inside; never for NaN.
    ///
    /// ```
    /// use model_core::Range;
    /// let range = Range { min: 1.0, max: 3.0 };
    /// assert!(range.contains(3.0) && !range.contains(3.1));
    /// ```
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.min <= value && value <= self.max
    }

    /// `max - min`.
    ///
    /// ```
    /// use model_core::Range;
    /// assert_eq!(Range { min: 1.0, max: 3.0 }.width(), 2.0);
    /// ```
    #[must_use]
    pub fn width(&self) -> f64 {
        self.max - self.min
    }

    /// The hard range that follows from a training range: widened by three times its width on
    /// both sides, clipped at 0 if no training value is negative.
    ///
    /// A constant column has no width; its magnitude (at least 1) stands in for it.
    ///
    /// ```
    /// use model_core::Range;
    /// let range = Range { min: 1.0, max: 3.0 };
    /// assert!(range.widened().contains(3.1));
    /// ```
    #[must_use]
    pub fn widened(&self) -> Self {
        let width = if self.width() > 0.0 { self.width() } else { self.max.abs().max(1.0) };
        let least = self.min - 3.0 * width;
        let min = if self.min >= 0.0 { least.max(0.0) } else { least };
        Self { min: min.max(f64::MIN), max: (self.max + 3.0 * width).min(f64::MAX) }
    }
}

/// What is known of a numeric column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumericRange {
    /// Least and greatest training value.
    pub training: Range,
    /// What is accepted at all.
    pub hard: Range,
    /// Decimals that the training values are written with (at most 6): an input steps by
    /// `10^-decimals`.
    pub decimals: u8,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// A real number.
    Numeric(NumericRange),
    /// One of these texts, in sorted order; a row holds the index of its own.
    Categorical(Vec<String>),
}

/// One input column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name, as in the CSV and in requests.
    pub name: String,
    /// The name for people.
    pub label: String,
    /// Unit of the values, if the data set states one.
    pub unit: Option<String>,
    /// Type and ranges.
    pub kind: FeatureKind,
    /// Share of the training rows without a value; they were filled in.
    pub missing_share: f64,
    /// Whether a row may come without a value: whether the data set had such rows, or whoever read
    /// it allowed gaps everywhere.
    pub nullable: bool,
    /// Of a categorical column, the index of the category that rare and unknown ones share; absent
    /// if an unknown category is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<u32>,
}

impl Feature {
    /// The column's ranges, if it is numeric.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// let range = iris.schema().features[3].numeric().expect("numbers");
    /// assert_eq!((range.training.min, range.training.max), (0.1, 2.5));
    /// ```
    #[must_use]
    pub fn numeric(&self) -> Option<&NumericRange> {
        match &self.kind {
            FeatureKind::Numeric(range) => Some(range),
            FeatureKind::Categorical(_) => None,
        }
    }

    /// The column's categories, if it is categorical.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,colour,kind\n1,red,a\n2,,b\n3,blue,a\n4,red,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// let colours = data.schema().features[1].categories().expect("texts");
    /// assert_eq!(colours, ["blue", "red"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn categories(&self) -> Option<&[String]> {
        match &self.kind {
            FeatureKind::Numeric(_) => None,
            FeatureKind::Categorical(categories) => Some(categories),
        }
    }

    /// The name of the category that rare and unknown ones share, if the column has one.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,colour,kind\n1,red,a\n2,,b\n3,blue,a\n4,red,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!(data.schema().features[1].other_category(), None, "unknown ones are errors");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn other_category(&self) -> Option<&str> {
        let code = self.other? as usize;
        self.categories()?.get(code).map(String::as_str)
    }
}

/// A column that a row is given by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InputColumn<'a> {
    /// A feature of its own.
    Feature(&'a Feature),
    /// A column that several features are made of.
    Source(&'a Source),
}

impl<'a> InputColumn<'a> {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::Feature(feature) => &feature.name,
            Self::Source(source) => &source.name,
        }
    }
}

/// Columns, target and classes of a data set or a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Name of the data set.
    pub name: String,
    /// Name of the target column.
    pub target: String,
    /// Input columns, in the order of a row.
    pub features: Vec<Feature>,
    /// Columns of the data set that yield several of the features: dates and free text.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Columns of the data set that the model does without; a file may still hold them.
    pub left_out: Vec<String>,
    /// Class names; a label is an index into them.
    pub classes: Vec<String>,
}

impl Schema {
    /// Where the feature of this name stands.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.schema().feature_index("petal_width"), Some(3));
    /// ```
    #[must_use]
    pub fn feature_index(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// The source column of this name.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert!(iris.schema().source("sepal_length").is_none(), "a column that is one feature");
    /// ```
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// The columns that a row is given by, in the order of [`features`](Self::features): a source
    /// column stands for the features that are made of it.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"on,y\n2024-03-01,a\n2024-05-02,b\n2025-01-17,a\n2025-02-08,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert!(data.schema().features.len() > 1);
    /// assert_eq!(data.schema().input_columns().count(), 1);
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    pub fn input_columns(&self) -> impl Iterator<Item = InputColumn<'_>> {
        self.features.iter().enumerate().filter_map(|(index, feature)| {
            match self.source_of(index) {
                None => Some(InputColumn::Feature(feature)),
                Some(source) => {
                    (source.first_feature == index).then_some(InputColumn::Source(source))
                }
            }
        })
    }

    /// Whether a row may do without this source column.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"on,y\n2024-03-01,a\n2024-05-02,b\n,a\n2025-02-08,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// let schema = data.schema();
    /// assert!(schema.is_nullable(&schema.sources[0]));
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn is_nullable(&self, source: &Source) -> bool {
        let features = self.features.get(source.features()).unwrap_or_default();
        features.iter().all(|feature| feature.nullable)
    }

    /// The source column that feature `index` is made of, if it is.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert!(iris.schema().source_of(0).is_none(), "no feature comes from a date or a text");
    /// ```
    #[must_use]
    pub fn source_of(&self, index: usize) -> Option<&Source> {
        self.sources.iter().find(|source| source.features().contains(&index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_range_is_three_widths_clipped_at_zero() {
        let check = |min, max, expected: (f64, f64)| {
            let wide = Range { min, max }.widened();
            assert_eq!((wide.min, wide.max), expected);
        };
        check(4.0, 8.0, (0.0, 20.0));
        check(-1.0, 1.0, (-7.0, 7.0));
        check(100.0, 101.0, (97.0, 104.0));
        check(5.0, 5.0, (0.0, 20.0));
        check(0.0, 0.0, (0.0, 3.0));
        assert!(Range { min: -1e308, max: 1e308 }.widened().max.is_finite());
    }
}
