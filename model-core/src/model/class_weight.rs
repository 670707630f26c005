//! What a row of each class weighs in a fit.
//!
//! Source: scikit-learn's `class_weight`.

use serde::{Deserialize, Serialize};

use super::{FitError, ParamError, TrainingRows};

/// How much a row counts, by its class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// Every row counts once.
    #[default]
    Uniform,
    /// Each class counts the same in sum: `n_samples / (n_classes · rows of the class)`.
    Balanced,
    /// These weights, one a class in the schema's order.
    Values(Vec<f64>),
}

/// Least and greatest weight of [`ClassWeight::Values`]; beyond them a class as good as vanishes.
const WEIGHT_RANGE: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

impl ClassWeight {
    /// Checks what can be checked without rows.
    ///
    /// # Errors
    /// [`ParamError`] names the first weight outside 1e-6 to 1e6.
    pub fn check(&self) -> Result<(), ParamError> {
        let Self::Values(weights) = self else { return Ok(()) };
        match weights.iter().find(|weight| !WEIGHT_RANGE.contains(*weight)) {
            Some(&value) => {
                Err(ParamError { name: "class_weight", value, expected: "1e-6 to 1e6" })
            }
            None => Ok(()),
        }
    }

    /// The weight of each class for these rows.
    ///
    /// # Errors
    /// [`FitError::EmptyClass`] if a class has no row, [`FitError::Param`] if a weight is out of
    /// its range or there are not as many as classes.
    pub fn of(&self, rows: TrainingRows<'_>) -> Result<Vec<f64>, FitError> {
        self.check()?;
        let counts = rows.class_counts()?;
        let (n, k) = (rows.n_samples() as f64, rows.n_classes as f64);
        match self {
            Self::Uniform => Ok(vec![1.0; rows.n_classes]),
            Self::Balanced => Ok(counts.iter().map(|&count| n / (k * count as f64)).collect()),
            Self::Values(weights) if weights.len() == rows.n_classes => Ok(weights.clone()),
            Self::Values(weights) => Err(FitError::Param(ParamError {
                name: "class_weight",
                value: weights.len() as f64,
                expected: "as many weights as classes",
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(of: &ClassWeight) -> Result<Vec<f64>, FitError> {
        let labels = [0, 1, 1, 1];
        of.of(TrainingRows { values: &[0.0; 4], labels: &labels, n_features: 1, n_classes: 2 })
    }

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        // compute_class_weight("balanced", classes=[0, 1], y=[0, 1, 1, 1])
        assert_eq!(weights(&ClassWeight::Balanced), Ok(vec![2.0, 4.0 / 6.0]));
        assert_eq!(weights(&ClassWeight::Uniform), Ok(vec![1.0, 1.0]));
        assert_eq!(weights(&ClassWeight::Values(vec![3.0, 1.0])), Ok(vec![3.0, 1.0]));
    }

    #[test]
    fn weights_that_do_not_fit_are_refused() {
        assert!(weights(&ClassWeight::Values(vec![1.0])).is_err());
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = weights(&ClassWeight::Values(vec![1.0, weight])).unwrap_err();
            assert!(error.to_string().starts_with("parameter class_weight is"), "{error}");
        }
    }
}
