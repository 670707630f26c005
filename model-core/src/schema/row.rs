//! One valid input.
//!
//! A [`FeatureRow`] is as wide as its schema; a numeric value is finite and inside its hard range,
//! a category is the index of a known one, and NaN stands for "no value" where the schema allows
//! that. It is built here from values in order, in `named` by name, and nowhere else.

use super::{FeatureKind, RowError, RowErrors, Schema};

impl Schema {
    /// The row that `values` (in the order of [`Schema::features`]) make: numbers, indices of
    /// categories, NaN for no value.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.schema().row(&[5.1, 3.5, 1.4, 0.2]).is_ok());
    /// let faults = model.schema().row(&[5.1, 3.5, 1.4, 99.0]).unwrap_err();
    /// assert_eq!(faults.messages().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every [`RowError`] found: a wrong count alone, else one a faulty value.
    pub fn row(&self, values: &[f64]) -> Result<FeatureRow, RowErrors> {
        if values.len() != self.features.len() {
            let (expected, got) = (self.features.len(), values.len());
            return Err(RowErrors::new(self, vec![RowError::FeatureCount { expected, got }]));
        }
        let errors: Vec<RowError> = values
            .iter()
            .enumerate()
            .filter_map(|(feature, &value)| self.check_value(feature, value).err())
            .collect();
        if errors.is_empty() {
            Ok(FeatureRow(values.into()))
        } else {
            Err(RowErrors::new(self, errors))
        }
    }

    /// Whether a row may hold `value` at this feature's place.
    pub(super) fn check_value(&self, feature: usize, value: f64) -> Result<(), RowError> {
        let Some(spec) = self.features.get(feature) else { return Ok(()) };
        if value.is_nan() {
            return if spec.nullable { Ok(()) } else { Err(RowError::Missing { feature }) };
        }
        if !value.is_finite() {
            return Err(RowError::NotFinite { feature });
        }
        match &spec.kind {
            FeatureKind::Numeric(range) if !range.hard.contains(value) => {
                Err(RowError::OutOfRange { feature, value, range: range.hard })
            }
            FeatureKind::Categorical(categories) if !is_code(value, categories.len()) => {
                Err(RowError::UnknownCategory { feature, category: value.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// Whether `value` is an index below `n`.
pub(crate) fn is_code(value: f64, n: usize) -> bool {
    value >= 0.0 && value < n as f64 && value.trunc() == value
}

/// At most 60 characters, so that a message stays a message whatever the input holds.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().nth(60).is_none() {
        return text.to_owned();
    }
    text.chars().take(59).chain(std::iter::once('…')).collect()
}

/// One valid input; see the [module](self).
#[derive(Debug, Clone)]
pub struct FeatureRow(pub(super) Box<[f64]>);

impl PartialEq for FeatureRow {
    /// Equal in every bit, so that a row without a value equals itself.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(a, b)| a.to_bits() == b.to_bits())
    }
}

impl FeatureRow {
    /// The values, in the schema's order: numbers, indices of categories, NaN for no value.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// assert_eq!(flower.values(), [5.1, 3.5, 1.4, 0.2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The numeric features whose value lies outside what the model was trained on.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let giant = model.schema().row(&[9.9, 3.5, 1.4, 0.2])?;
    /// assert_eq!(giant.outside_training(model.schema()).collect::<Vec<_>>(), [0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outside_training(&self, schema: &Schema) -> impl Iterator<Item = usize> {
        self.0
            .iter()
            .zip(&schema.features)
            .enumerate()
            .filter(|(_, (value, feature))| {
                let range = feature.numeric();
                !value.is_nan() && range.is_some_and(|range| !range.training.contains(**value))
            })
            .map(|(index, _)| index)
    }

    /// The categorical features whose value is the category that rare and unknown ones share: what
    /// the model knows of it, it knows of other categories.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// assert_eq!(flower.unknown_categories(model.schema()).count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unknown_categories(&self, schema: &Schema) -> impl Iterator<Item = usize> {
        let features = self.0.iter().zip(&schema.features).enumerate();
        features
            .filter(|(_, (value, feature))| {
                feature.other.is_some_and(|other| f64::from(other) == **value)
            })
            .map(|(index, _)| index)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::schema::{Feature, NumericRange, Range};

    pub(in crate::schema) fn schema() -> Schema {
        let training = Range { min: 1.0, max: 2.0 };
        let hard = Range { min: 0.0, max: 5.0 };
        let numeric = FeatureKind::Numeric(NumericRange { training, hard, decimals: 1 });
        let categorical = FeatureKind::Categorical(vec!["blue".into(), "red".into()]);
        let feature = |name: &str, kind, nullable| Feature {
            other: None,
            name: name.into(),
            label: name.into(),
            unit: None,
            kind,
            missing_share: 0.0,
            nullable,
        };
        Schema {
            name: "d".into(),
            target: "y".into(),
            features: vec![feature("x", numeric, false), feature("colour", categorical, true)],
            sources: Vec::new(),
            left_out: Vec::new(),
            classes: vec!["a".into(), "b".into()],
        }
    }

    #[test]
    fn every_faulty_value_is_named() {
        let check = |values: &[f64], expected: &[RowError]| {
            assert_eq!(
                schema().row(values).err().map_or(Vec::new(), RowErrors::into_vec),
                expected
            );
        };
        check(&[5.0, 1.0], &[]);
        check(&[5.0, f64::NAN], &[]);
        check(&[f64::NAN, 0.0], &[RowError::Missing { feature: 0 }]);
        check(&[f64::INFINITY, 0.0], &[RowError::NotFinite { feature: 0 }]);
        check(&[1.0], &[RowError::FeatureCount { expected: 2, got: 1 }]);
        let unknown = |text: &str| RowError::UnknownCategory { feature: 1, category: text.into() };
        check(&[1.0, 2.0], &[unknown("2")]);
        check(&[1.0, 0.5], &[unknown("0.5")]);
        let errors = schema().row(&[5.5, -1.0]).unwrap_err();
        assert_eq!(errors[0].to_string(), "value 5.5 of feature 0 is outside 0 to 5");
        assert_eq!(errors[1], unknown("-1"));
    }

    #[test]
    fn values_beyond_training_are_told() {
        let schema = schema();
        let outside = |v: f64| schema.row(&[v, 1.0]).unwrap().outside_training(&schema).count();
        assert_eq!((outside(1.5), outside(2.0), outside(2.1)), (0, 0, 1));
        assert_eq!(schema.row(&[1.5, f64::NAN]).unwrap().outside_training(&schema).count(), 0);
    }

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(100)).chars().count(), 60);
    }
}
