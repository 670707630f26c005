//! The classifiers: parameters on one side, fitted models on the other.
//!
//! Parameters are checked before fitting, and a fitted model is another type, so that "not
//! fitted" cannot be written. What needs a row to be scaled says so in
//! [`FamilyParams::scales_features`].

mod all_fits;
mod class_weight;
pub mod forest;
pub mod gaussian_nb;
pub mod gradient_boosting;
#[cfg(test)]
mod iris_folds;
pub mod k_nearest_neighbors;
pub mod logistic_regression;
mod quantisation;
mod softmax;
pub mod svm;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::class_weight::ClassWeight;
use self::forest::{Forest, RandomForestParams};
use self::gaussian_nb::{GaussianNb, GaussianNbParams};
use self::gradient_boosting::{GradientBoosting, GradientBoostingParams};
use self::k_nearest_neighbors::{KNearestNeighbors, KNearestNeighborsParams};
use self::logistic_regression::{LogisticRegression, LogisticRegressionParams};
pub use self::quantisation::Quantisation;
use self::svm::{Svm, SvmParams};

/// A kind of classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Multinomial logistic regression, L2-penalised.
    LogisticRegression,
    /// Random forest of CART trees.
    RandomForest,
    /// Support vector machine with calibrated probabilities.
    Svm,
    /// Votes of the nearest training rows.
    KNearestNeighbors,
    /// Naive Bayes with a normal distribution a class and column.
    GaussianNb,
    /// Gradient-boosted trees on binned columns.
    GradientBoosting,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] = [
        Self::LogisticRegression,
        Self::RandomForest,
        Self::Svm,
        Self::KNearestNeighbors,
        Self::GaussianNb,
        Self::GradientBoosting,
    ];

    /// The name on the wire and on the command line, such as `random_forest`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogisticRegression => "logistic_regression",
            Self::RandomForest => "random_forest",
            Self::Svm => "svm",
            Self::KNearestNeighbors => "k_nearest_neighbors",
            Self::GaussianNb => "gaussian_nb",
            Self::GradientBoosting => "gradient_boosting",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LogisticRegression => "Logistic regression",
            Self::RandomForest => "Random forest",
            Self::Svm => "SVM",
            Self::KNearestNeighbors => "Nearest neighbours",
            Self::GaussianNb => "Naive Bayes",
            Self::GradientBoosting => "Gradient boosting",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No family has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no family {0:?}; the families are logistic_regression, random_forest, svm, \
     k_nearest_neighbors, gaussian_nb and gradient_boosting"
)]
pub struct UnknownFamily(pub String);

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, UnknownFamily> {
        Self::ALL
            .into_iter()
            .find(|family| family.as_str() == text)
            .ok_or_else(|| UnknownFamily(text.chars().take(40).collect()))
    }
}

/// A family with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FamilyParams {
    /// Logistic regression.
    LogisticRegression(LogisticRegressionParams),
    /// Random forest.
    RandomForest(RandomForestParams),
    /// Support vector machine.
    Svm(SvmParams),
    /// Nearest neighbours.
    KNearestNeighbors(KNearestNeighborsParams),
    /// Naive Bayes.
    GaussianNb(GaussianNbParams),
    /// Gradient boosting.
    GradientBoosting(GradientBoostingParams),
}

/// The family's documented defaults.
impl From<Family> for FamilyParams {
    fn from(family: Family) -> Self {
        Self::default_for(family)
    }
}

macro_rules! from_params {
    ($($params:ty => $family:ident),*) => {
        $(impl From<$params> for FamilyParams {
            fn from(params: $params) -> Self {
                Self::$family(params)
            }
        })*
    };
}
from_params!(
    LogisticRegressionParams => LogisticRegression,
    RandomForestParams => RandomForest,
    SvmParams => Svm,
    KNearestNeighborsParams => KNearestNeighbors,
    GaussianNbParams => GaussianNb,
    GradientBoostingParams => GradientBoosting
);

impl FamilyParams {
    /// The family's documented defaults.
    #[must_use]
    pub fn default_for(family: Family) -> Self {
        match family {
            Family::LogisticRegression => Self::LogisticRegression(Default::default()),
            Family::RandomForest => Self::RandomForest(Default::default()),
            Family::Svm => Self::Svm(Default::default()),
            Family::KNearestNeighbors => Self::KNearestNeighbors(Default::default()),
            Family::GaussianNb => Self::GaussianNb(Default::default()),
            Family::GradientBoosting => Self::GradientBoosting(Default::default()),
        }
    }

    /// Whose parameters these are.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::LogisticRegression(_) => Family::LogisticRegression,
            Self::RandomForest(_) => Family::RandomForest,
            Self::Svm(_) => Family::Svm,
            Self::KNearestNeighbors(_) => Family::KNearestNeighbors,
            Self::GaussianNb(_) => Family::GaussianNb,
            Self::GradientBoosting(_) => Family::GradientBoosting,
        }
    }

    /// Whether the model sees standardised columns; a tree's splits do not depend on the scale.
    #[must_use]
    pub const fn scales_features(&self) -> bool {
        !matches!(self, Self::RandomForest(_) | Self::GradientBoosting(_))
    }

    /// Whether probabilities come from a calibration after the fit.
    #[must_use]
    pub const fn calibrates(&self) -> bool {
        matches!(self, Self::Svm(_))
    }

    /// Whether a fitted model can be kept in fewer bits.
    #[must_use]
    pub const fn quantises(&self) -> bool {
        matches!(self, Self::RandomForest(_) | Self::Svm(_))
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] names the first parameter that is out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        match self {
            Self::LogisticRegression(params) => params.check(),
            Self::RandomForest(params) => params.check(),
            Self::Svm(params) => params.check(),
            Self::KNearestNeighbors(params) => params.check(),
            Self::GaussianNb(params) => params.check(),
            Self::GradientBoosting(params) => params.check(),
        }
    }
}

/// A parameter is out of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("parameter {name} is {value}: expected {expected}")]
pub struct ParamError {
    /// The parameter.
    pub name: &'static str,
    /// What was given.
    pub value: f64,
    /// What would do.
    pub expected: &'static str,
}

/// Checks a strength such as C: positive and finite.
fn check_positive(name: &'static str, value: f64) -> Result<(), ParamError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(ParamError { name, value, expected: "a finite number above 0" })
    }
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A library's solver gave up.
    #[error("the solver failed: {0}")]
    Solver(String),
    /// The solver's answer is not finite.
    #[error("the solver diverged: scale the features or strengthen the penalty (smaller C)")]
    Diverged,
    /// The support vector machine's solver ran out of steps.
    #[error("the solver did not converge in {steps} steps: scale the features or lower C")]
    NotConverged {
        /// Steps that it took.
        steps: usize,
    },
    /// A class that the rows should hold has none.
    #[error("class {class} has no training row")]
    EmptyClass {
        /// Index of the class.
        class: usize,
    },
    /// Pairs of numeric columns would be more than are derived.
    #[error(
        "{found} numeric columns to derive from are over the limit of {limit}: derive none, or drop columns"
    )]
    DerivedSources {
        /// Numeric columns of the data set.
        found: usize,
        /// The most that pairs are made of.
        limit: usize,
    },
    /// The training rows with their derived columns take more memory than is kept for them.
    #[error(
        "{found} values of all rows with derived columns are over the limit of {limit}: derive fewer columns"
    )]
    DerivedValues {
        /// Values, rows times columns.
        found: u64,
        /// The most that are taken.
        limit: usize,
    },
    /// A value does not fit the single precision that trees compare in.
    #[error("feature {feature} holds values beyond 3.4e38, more than a tree can compare")]
    TooLarge {
        /// Index of the feature.
        feature: usize,
    },
}

/// A fitted classifier: row in, probabilities out.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Logistic regression.
    LogisticRegression(LogisticRegression),
    /// Random forest.
    RandomForest(Forest),
    /// Support vector machine.
    Svm(Svm),
    /// Nearest neighbours.
    KNearestNeighbors(KNearestNeighbors),
    /// Naive Bayes.
    GaussianNb(GaussianNb),
    /// Gradient boosting.
    GradientBoosting(GradientBoosting),
}

impl Model {
    /// Which kind it is.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::LogisticRegression(_) => Family::LogisticRegression,
            Self::RandomForest(_) => Family::RandomForest,
            Self::Svm(_) => Family::Svm,
            Self::KNearestNeighbors(_) => Family::KNearestNeighbors,
            Self::GaussianNb(_) => Family::GaussianNb,
            Self::GradientBoosting(_) => Family::GradientBoosting,
        }
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        match self {
            Self::LogisticRegression(model) => model.n_features(),
            Self::RandomForest(model) => model.n_features(),
            Self::Svm(model) => model.machine().n_features(),
            Self::KNearestNeighbors(model) => model.n_features(),
            Self::GaussianNb(model) => model.n_features(),
            Self::GradientBoosting(model) => model.n_features(),
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        match self {
            Self::LogisticRegression(model) => model.n_classes(),
            Self::RandomForest(model) => model.n_classes(),
            Self::Svm(model) => model.machine().n_classes(),
            Self::KNearestNeighbors(model) => model.n_classes(),
            Self::GaussianNb(model) => model.n_classes(),
            Self::GradientBoosting(model) => model.n_classes(),
        }
    }

    /// The same model with its numbers in fewer bits; one of a family without that form as it is.
    #[must_use]
    pub(crate) fn quantised(&self, form: Quantisation) -> Self {
        match (self, form) {
            (Self::Svm(svm), form) => Self::Svm(svm.quantised(form)),
            (Self::RandomForest(forest), Quantisation::Int8) => {
                Self::RandomForest(forest.quantised())
            }
            // A forest's thresholds are single already.
            _ => self.clone(),
        }
    }

    /// Work of one row's probabilities.
    pub(crate) fn units(&self) -> u64 {
        let n_values = (self.n_features() * self.n_classes()) as u64;
        match self {
            Self::LogisticRegression(_) => n_values + 20 * self.n_classes() as u64,
            // A path of some twenty nodes, which lie anywhere.
            Self::RandomForest(model) => 100 * model.trees().len() as u64,
            Self::Svm(model) => model.machine().units(),
            Self::KNearestNeighbors(model) => model.values().len() as u64,
            Self::GaussianNb(_) => 6 * n_values + 20 * self.n_classes() as u64,
            Self::GradientBoosting(model) => 30 * model.trees().len() as u64,
        }
    }

    /// Writes the probability of each class into `out`; `values` are scaled if the family asks.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        match self {
            Self::LogisticRegression(model) => model.predict_proba_into(values, out),
            Self::RandomForest(model) => model.predict_proba_into(values, out),
            Self::Svm(model) => model.predict_proba_into(values, out),
            Self::KNearestNeighbors(model) => model.predict_proba_into(values, out),
            Self::GaussianNb(model) => model.predict_proba_into(values, out),
            Self::GradientBoosting(model) => model.predict_proba_into(values, out),
        }
    }
}

/// Parameters of a fitted model keep within this, so that no sum of them overflows; real ones are
/// smaller by dozens of magnitudes.
pub const MAX_PARAMETER: f64 = 1e100;

/// Whether every number is finite and within [`MAX_PARAMETER`].
fn are_sound<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> bool {
    numbers.into_iter().all(|number| number.abs() <= MAX_PARAMETER)
}

/// Training rows as a solver wants them: `labels.len()` x `n_features`, row-major.
#[derive(Debug, Clone, Copy)]
pub struct TrainingRows<'a> {
    /// Values, row by row.
    pub values: &'a [f64],
    /// Class of each row.
    pub labels: &'a [u32],
    /// Columns.
    pub n_features: usize,
    /// Classes; each has at least one row.
    pub n_classes: usize,
}

impl<'a> TrainingRows<'a> {
    /// Number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.labels.len()
    }

    /// Values of row `index`.
    #[must_use]
    pub fn row(&self, index: usize) -> &'a [f64] {
        &self.values[index * self.n_features..(index + 1) * self.n_features]
    }

    /// Rows of each class.
    ///
    /// # Errors
    /// [`FitError::EmptyClass`] if a class has none.
    pub fn class_counts(&self) -> Result<Vec<usize>, FitError> {
        let mut counts = vec![0; self.n_classes];
        self.labels.iter().for_each(|&label| counts[label as usize] += 1);
        match counts.iter().position(|&count| count == 0) {
            Some(class) => Err(FitError::EmptyClass { class }),
            None => Ok(counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_read_back_from_their_names() {
        for family in Family::ALL {
            assert_eq!(family.as_str().parse(), Ok(family));
            assert_eq!(FamilyParams::default_for(family).family(), family);
        }
        assert!("svc".parse::<Family>().is_err());
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let params = FamilyParams::Svm(SvmParams { c: 0.0, ..SvmParams::default() });
        let message = params.check().unwrap_err().to_string();
        assert_eq!(message, "parameter C is 0: expected a finite number above 0");
    }
}
