//! What gradient boosting is asked for.

use serde::{Deserialize, Serialize};

use super::MAX_ROUNDS;
use crate::model::{ClassWeight, ParamError};

/// Most leaves of a tree.
const MAX_LEAF_NODES: u32 = 1_000;
/// Least hessian that may be asked of a leaf: its step, a gradient by a hessian, then fits single
/// precision even with the greatest class weights.
const LEAST_HESSIAN: f64 = 1e-10;

/// From how many training rows [`EarlyStopping::Auto`] holds rows out: below, the default share of
/// them is fewer than twenty rows, whose loss is chance.
const AUTO_FROM_ROWS: usize = 200;

/// Whether rows that are held out say how many rounds there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyStopping {
    /// From 200 training rows; the default.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never: all rounds are boosted.
    Off,
}

impl EarlyStopping {
    /// Whether a fit on `n_samples` rows holds some out.
    pub(super) const fn applies_to(self, n_samples: usize) -> bool {
        match self {
            Self::Auto => n_samples >= AUTO_FROM_ROWS,
            Self::On => true,
            Self::Off => false,
        }
    }

    /// What a file says that is older than early stopping.
    const fn unstated() -> Self {
        Self::Off
    }
}

/// Least hessian of files that are older than the parameter.
pub(crate) const UNSTATED_MIN_SUM_HESSIAN: f64 = 1e-3;

const fn unstated_min_sum_hessian() -> f64 {
    UNSTATED_MIN_SUM_HESSIAN
}

/// Parameters of gradient boosting.
///
/// What JSON leaves out is the default, but for what came after the first models: it then means what
/// they did, a least hessian of 1e-3 and no early stopping, so that the record of such a model still
/// says how it was fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradientBoostingParams {
    /// Rounds at most, 1 to 10,000; default 100.
    pub n_rounds: u32,
    /// Share of each tree's step that is taken, above 0 and at most 1; default 0.1.
    pub learning_rate: f64,
    /// Most leaves of a tree, 2 to 1,000; default 31.
    pub max_leaf_nodes: u32,
    /// Deepest level of a tree, the root being 0; default unlimited.
    pub max_depth: Option<u32>,
    /// Fewest rows on either side of a split, at least 1; default 20.
    pub min_samples_leaf: u32,
    /// L2 penalty on the leaves' steps, finite and at least 0; default 1.
    pub l2_regularization: f64,
    /// Least sum of the rows' hessians on either side of a split, finite and at least 1e-10;
    /// default 1e-3.
    #[serde(default = "unstated_min_sum_hessian")]
    pub min_sum_hessian_in_leaf: f64,
    /// Most bins of a column, 2 to 255; default 255.
    pub max_bins: u8,
    /// What a row of each class weighs; default the same.
    pub class_weight: ClassWeight,
    /// Whether rows are held out that say how many rounds there are; default from 200 rows.
    #[serde(default = "EarlyStopping::unstated")]
    pub early_stopping: EarlyStopping,
    /// Share of the rows that early stopping holds out, 0.01 to 0.5; default 0.1.
    pub validation_fraction: f64,
    /// Rounds without a lower loss of the held-out rows after which early stopping ends, at least 1;
    /// default 10.
    pub n_iter_no_change: u32,
    /// By how much a loss is to be lower so that early stopping counts it as lower, finite and at
    /// least 0; default 1e-7.
    pub tol: f64,
}

impl Default for GradientBoostingParams {
    fn default() -> Self {
        Self {
            n_rounds: 100,
            learning_rate: 0.1,
            max_leaf_nodes: 31,
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 1.0,
            min_sum_hessian_in_leaf: 1e-3,
            max_bins: 255,
            class_weight: ClassWeight::Uniform,
            early_stopping: EarlyStopping::Auto,
            validation_fraction: 0.1,
            n_iter_no_change: 10,
            tol: 1e-7,
        }
    }
}

impl GradientBoostingParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] names the first one out of its range.
    pub fn check(&self) -> Result<(), ParamError> {
        let ranges = [
            ("n_rounds", f64::from(self.n_rounds), 1.0, f64::from(MAX_ROUNDS), "1 to 10000"),
            (
                "learning_rate",
                self.learning_rate,
                f64::MIN_POSITIVE,
                1.0,
                "a number above 0 and at most 1",
            ),
            (
                "max_leaf_nodes",
                f64::from(self.max_leaf_nodes),
                2.0,
                f64::from(MAX_LEAF_NODES),
                "2 to 1000",
            ),
            ("max_depth", f64::from(self.max_depth.unwrap_or(1)), 1.0, f64::MAX, "at least 1"),
            ("min_samples_leaf", f64::from(self.min_samples_leaf), 1.0, f64::MAX, "at least 1"),
            (
                "l2_regularization",
                self.l2_regularization,
                0.0,
                f64::MAX,
                "a finite number of at least 0",
            ),
            (
                "min_sum_hessian_in_leaf",
                self.min_sum_hessian_in_leaf,
                LEAST_HESSIAN,
                f64::MAX,
                "a finite number of at least 1e-10",
            ),
            ("max_bins", f64::from(self.max_bins), 2.0, 255.0, "2 to 255"),
            (
                "validation_fraction",
                self.validation_fraction,
                0.01,
                0.5,
                "a share from 0.01 to 0.5",
            ),
            ("n_iter_no_change", f64::from(self.n_iter_no_change), 1.0, f64::MAX, "at least 1"),
            ("tol", self.tol, 0.0, f64::MAX, "a finite number of at least 0"),
        ];
        for (name, value, least, most, expected) in ranges {
            if !(least..=most).contains(&value) {
                return Err(ParamError { name, value, expected });
            }
        }
        self.class_weight.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused() {
        type Change = fn(&mut GradientBoostingParams);
        let changes: [(&str, Change); 18] = [
            ("n_rounds", |params| params.n_rounds = 0),
            ("n_rounds", |params| params.n_rounds = MAX_ROUNDS + 1),
            ("learning_rate", |params| params.learning_rate = 0.0),
            ("learning_rate", |params| params.learning_rate = f64::NAN),
            ("learning_rate", |params| params.learning_rate = 1.1),
            ("max_leaf_nodes", |params| params.max_leaf_nodes = 1),
            ("max_depth", |params| params.max_depth = Some(0)),
            ("min_samples_leaf", |params| params.min_samples_leaf = 0),
            ("l2_regularization", |params| params.l2_regularization = -1.0),
            ("l2_regularization", |params| params.l2_regularization = f64::INFINITY),
            ("min_sum_hessian_in_leaf", |params| params.min_sum_hessian_in_leaf = 0.0),
            ("min_sum_hessian_in_leaf", |params| params.min_sum_hessian_in_leaf = f64::NAN),
            ("max_bins", |params| params.max_bins = 1),
            ("validation_fraction", |params| params.validation_fraction = 0.0),
            ("validation_fraction", |params| params.validation_fraction = 0.6),
            ("n_iter_no_change", |params| params.n_iter_no_change = 0),
            ("tol", |params| params.tol = f64::NAN),
            ("class_weight", |params| params.class_weight = ClassWeight::Values(vec![0.0])),
        ];
        assert_eq!(GradientBoostingParams::default().check(), Ok(()));
        for (name, change) in changes {
            let mut params = GradientBoostingParams::default();
            change(&mut params);
            assert_eq!(params.check().unwrap_err().name, name);
        }
    }
    #[test]
    fn what_json_leaves_out_means_what_it_meant() {
        let read = |json| serde_json::from_str::<GradientBoostingParams>(json).unwrap();
        let first = GradientBoostingParams {
            min_sum_hessian_in_leaf: 1e-3,
            early_stopping: EarlyStopping::Off,
            ..GradientBoostingParams::default()
        };
        assert_eq!(read("{}"), first);
        let record = r#"{"n_rounds": 100, "learning_rate": 0.1, "max_leaf_nodes": 31,
            "max_depth": null, "min_samples_leaf": 20, "l2_regularization": 0.0, "max_bins": 255,
            "class_weight": "uniform"}"#;
        assert_eq!(read(record), GradientBoostingParams { l2_regularization: 0.0, ..first });
        let default = GradientBoostingParams::default();
        let json = serde_json::to_string(&default).unwrap();
        assert_eq!(read(&json), default);
    }

    #[test]
    fn rows_are_held_out_from_two_hundred_on_unless_told_otherwise() {
        let applies = |early_stopping: EarlyStopping| {
            [20, 199, 200].map(|n_samples| early_stopping.applies_to(n_samples))
        };
        assert_eq!(applies(EarlyStopping::Auto), [false, false, true]);
        assert_eq!(applies(EarlyStopping::On), [true; 3]);
        assert_eq!(applies(EarlyStopping::Off), [false; 3]);
    }
}
