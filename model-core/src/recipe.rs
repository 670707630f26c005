//! The recipe of a model: what to train, on which share of the rows, from which seed; and how to go
//! on.
//!
//! It is stated before a training and travels in the model's lineage, so that the model can be
//! trained again. It knows parameters and no fitted model.

use serde::{Deserialize, Serialize};

use crate::conformal::{DEFAULT_COVERAGE, is_coverage};
use crate::model::logistic_regression::OnlineParams;
use crate::model::{FamilyParams, ParamError, Quantisation};
use crate::pipeline::PreprocessingParams;

/// Raised whenever the same data, parameters and seed give a model of other bits.
pub const ALGORITHM_VERSION: u32 = 3;

/// What to train, on which share, from which seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainParams {
    /// The family and its parameters.
    pub family: FamilyParams,
    /// What is done to the rows before the model sees them; default only what it needs.
    #[serde(default)]
    pub preprocessing: PreprocessingParams,
    /// Whether the fitted numbers are kept in fewer bits; forest and SVM only, default no. What is
    /// measured is measured on the narrowed model.
    #[serde(default)]
    pub quantisation: Option<Quantisation>,
    /// Held-out share of the rows, 0 to 0.9; default 0.2.
    pub test_size: f64,
    /// Cross-validation folds of the training rows, 0 for none; default 5.
    pub cv_folds: usize,
    /// How often the training rows are shuffled and split into folds, at least 1; default 1.
    pub cv_repeats: u32,
    /// Most training rows, drawn from the seed with their class mix; two rows of each class train in
    /// any case. Default all. The test part is not changed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u32>,
    /// How often prediction sets should hold the truth, 0.5 to 0.999; default 0.9.
    #[serde(default = "default_coverage")]
    pub coverage: f64,
    /// Decides split, folds, bootstrap, calibration and the rows that stop boosting; default 42.
    pub seed: u64,
}

fn default_coverage() -> f64 {
    DEFAULT_COVERAGE
}

impl TrainParams {
    /// The defaults, for a family by its own defaults or with parameters.
    ///
    /// ```
    /// use model_core::model::svm::SvmParams;
    /// use model_core::{Family, TrainParams};
    /// let params = TrainParams { seed: 7, ..TrainParams::new(Family::Svm) };
    /// assert_eq!((params.test_size, params.cv_folds, params.seed), (0.2, 5, 7));
    ///
    /// let hard = SvmParams { c: 100.0, ..SvmParams::default() };
    /// assert_ne!(TrainParams::new(hard), TrainParams::new(Family::Svm));
    /// ```
    #[must_use]
    pub fn new(family: impl Into<FamilyParams>) -> Self {
        let family = family.into();
        let preprocessing = PreprocessingParams::default();
        let quantisation = None;
        let (test_size, cv_folds, cv_repeats, max_rows) = (0.2, 5, 1, None);
        let (coverage, seed) = (DEFAULT_COVERAGE, 42);
        Self {
            family,
            preprocessing,
            quantisation,
            test_size,
            cv_folds,
            cv_repeats,
            max_rows,
            coverage,
            seed,
        }
    }

    /// Checks what does not depend on the rows.
    ///
    /// ```
    /// use model_core::{Family, TrainParams};
    /// let params = TrainParams { coverage: 1.5, ..TrainParams::new(Family::Svm) };
    /// assert_eq!(params.check().unwrap_err().name, "coverage");
    /// ```
    ///
    /// # Errors
    /// [`ParamError`] names the first parameter out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        self.family.check()?;
        self.preprocessing.check()?;
        if !is_coverage(self.coverage) {
            let (name, value) = ("coverage", self.coverage);
            return Err(ParamError { name, value, expected: "a share from 0.5 to 0.999" });
        }
        if let Some(most @ 0..2) = self.max_rows {
            let (name, value) = ("max_rows", f64::from(most));
            return Err(ParamError { name, value, expected: "at least 2" });
        }
        if self.quantisation.is_some() && !self.family.quantises() {
            let (name, value) = ("quantisation", 1.0);
            return Err(ParamError {
                name,
                value,
                expected: "none, as only forest and SVM have it",
            });
        }
        Ok(())
    }
}

/// Most passes over the rows.
const MAX_PASSES: u32 = 1_000;

/// How a model learns on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContinueParams {
    /// Rates, penalty and the memory of the accuracy.
    pub online: OnlineParams,
    /// Passes over the rows, 1 to 1,000; default 1. Later ones take them in another order.
    pub n_passes: u32,
    /// Decides the order of the second pass and those after it; default 42.
    pub seed: u64,
}

impl Default for ContinueParams {
    fn default() -> Self {
        Self { online: OnlineParams::default(), n_passes: 1, seed: 42 }
    }
}

impl ContinueParams {
    /// Checks the parameters.
    ///
    /// ```
    /// use model_core::ContinueParams;
    /// let params = ContinueParams { n_passes: 0, ..ContinueParams::default() };
    /// assert_eq!(params.check().unwrap_err().name, "n_passes");
    /// ```
    ///
    /// # Errors
    /// [`ParamError`] names the first one out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        if !(1..=MAX_PASSES).contains(&self.n_passes) {
            let (name, value) = ("n_passes", f64::from(self.n_passes));
            return Err(ParamError { name, value, expected: "1 to 1000" });
        }
        self.online.check()
    }
}
