//! Where a model comes from, as it stands in a file.

use serde::{Deserialize, Serialize};

use super::Lineage;
use crate::digest::Digest;
use crate::model::FamilyParams;
use crate::model::forest::{MaxFeatures, RandomForestParams};
use crate::model::logistic_regression::{LogisticRegressionParams, Solver};
use crate::model::svm::{Gamma, SvmParams};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::training::TrainParams;

#[derive(Serialize, Deserialize)]
pub(super) struct LineageWire {
    algorithm_version: u32,
    data_hash: Digest,
    n_train: u32,
    n_test: u32,
    split_hash: Option<Digest>,
    pub(super) test_size: f64,
    cv_folds: u32,
    cv_repeats: u32,
    seed: u64,
    derived: DerivedFeatures,
    select: Option<u32>,
    params: ParamsWire,
}

#[derive(Serialize, Deserialize)]
pub(super) enum ParamsWire {
    LogisticRegression {
        c: f64,
    },
    RandomForest {
        n_trees: u32,
        max_features: u32,
        max_depth: Option<u32>,
        min_samples_leaf: u32,
    },
    Svm {
        c: f64,
        gamma: Option<f64>,
    },
    /// Logistic regression by our own solver; the first entry is by smartcore's.
    LogisticRegressionLbfgs {
        c: f64,
    },
}

/// `max_features` on the wire: a count, or one of these two.
const SQRT_FEATURES: u32 = 0;
const ALL_FEATURES: u32 = u32::MAX;

pub(super) fn encode(lineage: &Lineage) -> LineageWire {
    let TrainParams { family, preprocessing, test_size, cv_folds, cv_repeats, seed } =
        &lineage.params;
    LineageWire {
        algorithm_version: lineage.algorithm_version,
        data_hash: lineage.data_hash,
        n_train: lineage.n_train as u32,
        n_test: lineage.n_test as u32,
        split_hash: lineage.split_hash,
        test_size: *test_size,
        cv_folds: *cv_folds as u32,
        cv_repeats: *cv_repeats,
        seed: *seed,
        derived: preprocessing.derived,
        select: preprocessing.select,
        params: match family {
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver }) => {
                match solver {
                    Solver::Smartcore => ParamsWire::LogisticRegression { c: *c },
                    Solver::Lbfgs => ParamsWire::LogisticRegressionLbfgs { c: *c },
                }
            }
            FamilyParams::RandomForest(params) => ParamsWire::RandomForest {
                n_trees: params.n_trees,
                max_features: match params.max_features {
                    MaxFeatures::Sqrt => SQRT_FEATURES,
                    MaxFeatures::All => ALL_FEATURES,
                    MaxFeatures::Count(count) => count,
                },
                max_depth: params.max_depth,
                min_samples_leaf: params.min_samples_leaf,
            },
            FamilyParams::Svm(params) => ParamsWire::Svm {
                c: params.c,
                gamma: match params.gamma {
                    Gamma::Scale => None,
                    Gamma::Value(gamma) => Some(gamma),
                },
            },
        },
    }
}

pub(super) fn decode(wire: LineageWire) -> Lineage {
    let family = match wire.params {
        ParamsWire::LogisticRegression { c } => {
            let solver = Solver::Smartcore;
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver })
        }
        ParamsWire::LogisticRegressionLbfgs { c } => {
            let solver = Solver::Lbfgs;
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver })
        }
        ParamsWire::RandomForest { n_trees, max_features, max_depth, min_samples_leaf } => {
            let max_features = decode_max_features(max_features);
            FamilyParams::RandomForest(RandomForestParams {
                n_trees,
                max_features,
                max_depth,
                min_samples_leaf,
            })
        }
        ParamsWire::Svm { c, gamma } => {
            let gamma = gamma.map_or(Gamma::Scale, Gamma::Value);
            FamilyParams::Svm(SvmParams { c, gamma })
        }
    };
    let params = TrainParams {
        family,
        preprocessing: PreprocessingParams { derived: wire.derived, select: wire.select },
        test_size: wire.test_size,
        cv_folds: wire.cv_folds as usize,
        cv_repeats: wire.cv_repeats,
        seed: wire.seed,
    };
    Lineage {
        algorithm_version: wire.algorithm_version,
        data_hash: wire.data_hash,
        n_train: wire.n_train as usize,
        n_test: wire.n_test as usize,
        split_hash: wire.split_hash,
        params,
    }
}

/// The number of features that `max_features` of a file stands for.
pub(super) const fn decode_max_features(max_features: u32) -> MaxFeatures {
    match max_features {
        SQRT_FEATURES => MaxFeatures::Sqrt,
        ALL_FEATURES => MaxFeatures::All,
        count => MaxFeatures::Count(count),
    }
}
