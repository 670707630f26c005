//! How far apart two rows are, in units that make columns comparable.
//!
//! A numeric column counts in standard deviations of the training rows that the model carries
//! (ddof 0; a constant column as it is), a category as its indicators do: two categories are the
//! square root of 2 apart, whichever they are. The distance is the Euclidean one, so that for
//! models that scale it is nearly the one they see themselves; it is the same for all families.

use super::{ExplanationError, filled_values};
use crate::artifact::Artifact;
use crate::pipeline::StandardScaler;
use crate::schema::FeatureKind;

/// What two different categories add to a squared distance: one for each of their indicators.
const OTHER_CATEGORY: f64 = 2.0;

/// One column of the space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Axis {
    /// Numbers, with their standard deviation.
    Number { deviation: f64 },
    /// Categories.
    Category,
}

impl Axis {
    /// The squared distance of two values.
    pub(super) fn squared(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Number { deviation } => {
                let difference = (a - b) / deviation;
                difference * difference
            }
            Self::Category if a == b => 0.0,
            Self::Category => OTHER_CATEGORY,
        }
    }
}

/// The training rows that a model carries, none missing a value, and how far apart rows are.
#[derive(Debug)]
pub(super) struct Space {
    axes: Vec<Axis>,
    /// The rows, in the order of the reference sample, row-major.
    values: Vec<f64>,
}

impl Space {
    /// # Errors
    /// [`ExplanationError::NoReferenceRows`] if the model carries none.
    pub(super) fn of(model: &Artifact) -> Result<Self, ExplanationError> {
        let features = &model.schema().features;
        let mut values = Vec::new();
        for (row, _) in model.reference().train.rows() {
            values.extend(filled_values(model, row)?);
        }
        if values.is_empty() {
            return Err(ExplanationError::NoReferenceRows);
        }
        let is_number: Vec<bool> = features.iter().map(|f| f.numeric().is_some()).collect();
        let scaler = StandardScaler::fit(&values, &is_number);
        let axes =
            features.iter().zip(scaler.scale()).map(|(feature, &deviation)| match feature.kind {
                FeatureKind::Numeric(_) => Axis::Number { deviation },
                FeatureKind::Categorical(_) => Axis::Category,
            });
        Ok(Self { axes: axes.collect(), values })
    }

    /// The columns.
    pub(super) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.axes.len().max(1))
    }

    /// The values of a column, from the first row down.
    pub(super) fn column(&self, at: usize) -> impl Iterator<Item = f64> + Clone {
        self.values.iter().skip(at).step_by(self.axes.len().max(1)).copied()
    }

    /// The distance of two rows.
    pub(super) fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let parts = self.axes.iter().zip(a.iter().zip(b));
        parts.map(|(axis, (a, b))| axis.squared(*a, *b)).sum::<f64>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{iris_model, penguin_model};
    use super::*;
    use crate::model::Family;
    use crate::pipeline::DerivedFeatures;

    #[test]
    fn distances_are_those_of_the_design_rows_of_a_model_that_scales() {
        // All 120 training rows are carried, so that the model's own scaler is that of the space.
        let model = iris_model(Family::LogisticRegression);
        let space = Space::of(&model).unwrap();
        let rows: Vec<&[f64]> = space.rows().collect();
        let design = |row: &[f64]| {
            let mut out = [0.0; 4];
            model.pipeline().preprocessor.transform_into(row, &mut out);
            out
        };
        let (a, b) = (design(rows[0]), design(rows[77]));
        let expected = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        assert!((space.distance(rows[0], rows[77]) - expected).abs() < 1e-12);
    }

    #[test]
    fn two_categories_are_the_square_root_of_two_apart() {
        let model = penguin_model(Family::GaussianNb, DerivedFeatures::None);
        let space = Space::of(&model).unwrap();
        let row = space.rows().next().unwrap().to_vec();
        let mut other = row.clone();
        let island = model.schema().feature_index("island").unwrap();
        other[island] = (other[island] + 1.0) % 3.0;
        assert_eq!(space.distance(&row, &other), 2.0_f64.sqrt());
        assert!(space.rows().flatten().all(|value| !value.is_nan()), "none is missing");
    }
}
