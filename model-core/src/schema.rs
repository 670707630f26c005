//! What a model expects of its input: names, units, ranges and classes.
//!
//! A [`Schema`] is derived from training rows and travels in the artifact; page, edge and
//! command line check their input through it and nowhere else. A [`FeatureRow`] that exists
//! is valid: it has the right width, is finite and lies inside the hard ranges.

use serde::{Deserialize, Serialize};

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Least value inside.
    pub min: f64,
    /// Greatest value inside.
    pub max: f64,
}

impl Range {
    /// Whether `value` lies inside; never for NaN.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.min <= value && value <= self.max
    }

    /// `max - min`.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.max - self.min
    }

    /// The hard range that follows from a training range: widened by three times its width on
    /// both sides, clipped at 0 if no training value is negative.
    ///
    /// A constant column has no width; its magnitude (at least 1) stands in for it.
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
#[non_exhaustive]
pub enum FeatureKind {
    /// A real number.
    Numeric(NumericRange),
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
}

impl Feature {
    /// The column's ranges.
    #[must_use]
    pub fn numeric(&self) -> &NumericRange {
        let FeatureKind::Numeric(range) = &self.kind;
        range
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
    /// Class names; a label is an index into them.
    pub classes: Vec<String>,
}

/// Why values do not make a row. Features are indices into [`Schema::features`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowError {
    /// Not as many values as features.
    #[error("expected {expected} values, got {got}")]
    FeatureCount {
        /// Features of the schema.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// NaN or an infinity.
    #[error("value of feature {feature} is not a finite number")]
    NotFinite {
        /// Which feature.
        feature: usize,
    },
    /// Outside the hard range.
    #[error("value {value} of feature {feature} is outside {} to {}", range.min, range.max)]
    OutOfRange {
        /// Which feature.
        feature: usize,
        /// The value given.
        value: f64,
        /// What would be accepted.
        range: Range,
    },
}

impl Schema {
    /// Where the feature of this name stands.
    #[must_use]
    pub fn feature_index(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// The row that `values` (in the order of [`Schema::features`]) make.
    ///
    /// # Errors
    /// Every [`RowError`] found: a wrong count alone, else one a faulty value.
    pub fn row(&self, values: &[f64]) -> Result<FeatureRow, Vec<RowError>> {
        if values.len() != self.features.len() {
            let (expected, got) = (self.features.len(), values.len());
            return Err(vec![RowError::FeatureCount { expected, got }]);
        }
        let errors: Vec<RowError> = values
            .iter()
            .zip(&self.features)
            .enumerate()
            .filter_map(|(feature, (&value, spec))| {
                let range = spec.numeric().hard;
                if !value.is_finite() {
                    Some(RowError::NotFinite { feature })
                } else if !range.contains(value) {
                    Some(RowError::OutOfRange { feature, value, range })
                } else {
                    None
                }
            })
            .collect();
        if errors.is_empty() { Ok(FeatureRow(values.into())) } else { Err(errors) }
    }
}

/// One valid input: as wide as its schema, finite, inside the hard ranges.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow(Box<[f64]>);

impl FeatureRow {
    /// The values, in the schema's order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The features whose value lies outside what the model was trained on.
    pub fn outside_training(&self, schema: &Schema) -> impl Iterator<Item = usize> {
        self.0
            .iter()
            .zip(&schema.features)
            .enumerate()
            .filter(|(_, (value, feature))| !feature.numeric().training.contains(**value))
            .map(|(index, _)| index)
    }
}

/// The fewest decimals (at most 6) that write every value exactly.
#[must_use]
pub(crate) fn decimals(values: impl Iterator<Item = f64> + Clone) -> u8 {
    (0..6_u8).find(|&scale| values.clone().all(|v| scaled(v, scale).is_some())).unwrap_or(6)
}

/// Powers of ten that `f64` holds exactly.
const POWERS_OF_TEN: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// `value * 10^scale` as an integer, if dividing it again gives the same bits.
#[must_use]
pub(crate) fn scaled(value: f64, scale: u8) -> Option<i64> {
    let power = POWERS_OF_TEN.get(usize::from(scale))?;
    let integer = (value * power).round();
    let fits = integer.abs() < (1_i64 << 53) as f64;
    (fits && unscaled(integer as i64, scale)?.to_bits() == value.to_bits())
        .then_some(integer as i64)
}

/// `integer / 10^scale`.
#[must_use]
pub(crate) fn unscaled(integer: i64, scale: u8) -> Option<f64> {
    POWERS_OF_TEN.get(usize::from(scale)).map(|power| integer as f64 / power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_feature(training: Range, hard: Range) -> Schema {
        let kind = FeatureKind::Numeric(NumericRange { training, hard, decimals: 1 });
        let feature = Feature { name: "x".into(), label: "X".into(), unit: None, kind };
        Schema {
            name: "d".into(),
            target: "y".into(),
            features: vec![feature],
            classes: vec!["a".into(), "b".into()],
        }
    }

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

    #[test]
    fn every_faulty_value_is_named() {
        let schema = one_feature(Range { min: 1.0, max: 2.0 }, Range { min: 0.0, max: 5.0 });
        assert!(schema.row(&[5.0]).is_ok());
        assert_eq!(schema.row(&[f64::NAN]), Err(vec![RowError::NotFinite { feature: 0 }]));
        assert_eq!(
            schema.row(&[1.0, 2.0]),
            Err(vec![RowError::FeatureCount { expected: 1, got: 2 }])
        );
        let errors = schema.row(&[5.5]).unwrap_err();
        assert_eq!(errors[0].to_string(), "value 5.5 of feature 0 is outside 0 to 5");
    }

    #[test]
    fn values_beyond_training_are_told() {
        let schema = one_feature(Range { min: 1.0, max: 2.0 }, Range { min: 0.0, max: 5.0 });
        let outside = |v: f64| schema.row(&[v]).unwrap().outside_training(&schema).count();
        assert_eq!((outside(1.5), outside(2.0), outside(2.1)), (0, 0, 1));
    }

    #[test]
    fn decimals_are_those_of_the_text() {
        assert_eq!(decimals([5.1, 4.0, 0.2].into_iter()), 1);
        assert_eq!(decimals([5.0, 4.0].into_iter()), 0);
        assert_eq!(decimals([1.0 / 3.0].into_iter()), 6);
        assert_eq!(scaled(-0.0, 0), None, "minus zero would lose its sign");
    }
}
