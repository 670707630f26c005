//! Where a model comes from, as it stands in a file.

use serde::{Deserialize, Serialize};

use super::{ArtifactError, Lineage};
use crate::digest::Digest;
use crate::model::forest::{MaxFeatures, RandomForestParams};
use crate::model::gaussian_nb::GaussianNbParams;
use crate::model::gradient_boosting::GradientBoostingParams;
use crate::model::k_nearest_neighbors::{KNearestNeighborsParams, NeighborWeights};
use crate::model::logistic_regression::{LogisticRegressionParams, Solver};
use crate::model::svm::{Gamma, Kernel, SvmParams};
use crate::model::{ClassWeight, FamilyParams, Quantisation};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::recipe::TrainParams;

#[derive(Serialize, Deserialize)]
pub(super) struct LineageWire {
    algorithm_version: u32,
    data_hash: [u8; 32],
    n_train: u32,
    n_test: u32,
    split_hash: Option<[u8; 32]>,
    pub(super) test_size: f64,
    cv_folds: u32,
    cv_repeats: u32,
    seed: u64,
    derived: DerivedFeaturesWire,
    select: Option<u32>,
    /// One of the two below.
    quantisation: Option<u8>,
    params: ParamsWire,
}

#[derive(Serialize, Deserialize)]
enum DerivedFeaturesWire {
    None,
    Ratios,
    Products,
    RatiosAndProducts,
}

#[derive(Serialize, Deserialize)]
enum ParamsWire {
    LogisticRegression {
        c: f64,
        solver: u8,
        class_weight: ClassWeightWire,
    },
    RandomForest {
        n_trees: u32,
        max_features: u32,
        max_depth: Option<u32>,
        min_samples_leaf: u32,
        class_weight: ClassWeightWire,
    },
    Svm {
        c: f64,
        kernel: KernelParamsWire,
        gamma: GammaWire,
        class_weight: ClassWeightWire,
    },
    KNearestNeighbors {
        k: u32,
        weights: u8,
    },
    GaussianNb {
        var_smoothing: f64,
    },
    GradientBoosting {
        n_rounds: u32,
        learning_rate: f64,
        max_leaf_nodes: u32,
        max_depth: Option<u32>,
        min_samples_leaf: u32,
        l2_regularization: f64,
        max_bins: u8,
        class_weight: ClassWeightWire,
    },
}

#[derive(Serialize, Deserialize)]
enum ClassWeightWire {
    Uniform,
    Balanced,
    Values(Vec<f64>),
}

#[derive(Serialize, Deserialize)]
enum KernelParamsWire {
    Rbf,
    Linear,
    Poly { degree: u32, coef0: f64 },
}

#[derive(Serialize, Deserialize)]
enum GammaWire {
    Scale,
    Auto,
    Value(f64),
}

/// `quantisation` on the wire.
const SINGLE: u8 = 0;
const INT8: u8 = 1;
/// `solver` on the wire.
const BY_LBFGS: u8 = 0;
const BY_SMARTCORE: u8 = 1;
/// Neighbours' weights on the wire.
const WEIGH_EQUALLY: u8 = 0;
const WEIGH_BY_DISTANCE: u8 = 1;

/// `max_features` on the wire: a count, or one of these two.
const SQRT_FEATURES: u32 = 0;
const ALL_FEATURES: u32 = u32::MAX;

/// The coverage of a model whose file says none: the default of the Tepal that wrote such files,
/// whatever today's is.
pub(super) const COVERAGE_BEFORE_FORMAT_3: f64 = 0.9;

pub(super) fn encode(lineage: &Lineage) -> LineageWire {
    let TrainParams {
        family,
        preprocessing,
        quantisation,
        test_size,
        cv_folds,
        cv_repeats,
        // No file of format 3 or before says it.
        max_rows: _,
        // It stands with the scores that it is asked of.
        coverage: _,
        seed,
    } = &lineage.params;
    LineageWire {
        algorithm_version: lineage.algorithm_version,
        data_hash: *lineage.data_hash.as_bytes(),
        n_train: lineage.n_train as u32,
        n_test: lineage.n_test as u32,
        split_hash: lineage.split_hash.map(|hash| *hash.as_bytes()),
        test_size: *test_size,
        cv_folds: *cv_folds as u32,
        cv_repeats: *cv_repeats,
        seed: *seed,
        derived: encode_derived(preprocessing.derived),
        select: preprocessing.select,
        quantisation: quantisation.map(|form| match form {
            Quantisation::F32 => SINGLE,
            Quantisation::Int8 => INT8,
        }),
        params: encode_params(family),
    }
}

const fn encode_derived(derived: DerivedFeatures) -> DerivedFeaturesWire {
    match derived {
        DerivedFeatures::None => DerivedFeaturesWire::None,
        DerivedFeatures::Ratios => DerivedFeaturesWire::Ratios,
        DerivedFeatures::Products => DerivedFeaturesWire::Products,
        DerivedFeatures::RatiosAndProducts => DerivedFeaturesWire::RatiosAndProducts,
    }
}

const fn decode_derived(wire: DerivedFeaturesWire) -> DerivedFeatures {
    match wire {
        DerivedFeaturesWire::None => DerivedFeatures::None,
        DerivedFeaturesWire::Ratios => DerivedFeatures::Ratios,
        DerivedFeaturesWire::Products => DerivedFeatures::Products,
        DerivedFeaturesWire::RatiosAndProducts => DerivedFeatures::RatiosAndProducts,
    }
}

fn encode_params(family: &FamilyParams) -> ParamsWire {
    match family {
        FamilyParams::LogisticRegression(params) => ParamsWire::LogisticRegression {
            c: params.c,
            solver: match params.solver {
                Solver::Lbfgs => BY_LBFGS,
                Solver::Smartcore => BY_SMARTCORE,
            },
            class_weight: encode_class_weight(&params.class_weight),
        },
        FamilyParams::RandomForest(params) => ParamsWire::RandomForest {
            n_trees: params.n_trees,
            max_features: match params.max_features {
                MaxFeatures::Sqrt => SQRT_FEATURES,
                MaxFeatures::All => ALL_FEATURES,
                MaxFeatures::Count(count) => count,
            },
            max_depth: params.max_depth,
            min_samples_leaf: params.min_samples_leaf,
            class_weight: encode_class_weight(&params.class_weight),
        },
        FamilyParams::Svm(params) => ParamsWire::Svm {
            c: params.c,
            kernel: match params.kernel {
                Kernel::Rbf => KernelParamsWire::Rbf,
                Kernel::Linear => KernelParamsWire::Linear,
                Kernel::Poly { degree, coef0 } => KernelParamsWire::Poly { degree, coef0 },
            },
            gamma: match params.gamma {
                Gamma::Scale => GammaWire::Scale,
                Gamma::Auto => GammaWire::Auto,
                Gamma::Value(gamma) => GammaWire::Value(gamma),
            },
            class_weight: encode_class_weight(&params.class_weight),
        },
        FamilyParams::KNearestNeighbors(params) => {
            ParamsWire::KNearestNeighbors { k: params.k, weights: encode_weights(params.weights) }
        }
        FamilyParams::GaussianNb(params) => {
            ParamsWire::GaussianNb { var_smoothing: params.var_smoothing }
        }
        FamilyParams::GradientBoosting(params) => ParamsWire::GradientBoosting {
            n_rounds: params.n_rounds,
            learning_rate: params.learning_rate,
            max_leaf_nodes: params.max_leaf_nodes,
            max_depth: params.max_depth,
            min_samples_leaf: params.min_samples_leaf,
            l2_regularization: params.l2_regularization,
            max_bins: params.max_bins,
            class_weight: encode_class_weight(&params.class_weight),
        },
    }
}

pub(super) const fn encode_weights(weights: NeighborWeights) -> u8 {
    match weights {
        NeighborWeights::Uniform => WEIGH_EQUALLY,
        NeighborWeights::Distance => WEIGH_BY_DISTANCE,
    }
}

pub(super) const fn decode_weights(wire: u8) -> Option<NeighborWeights> {
    match wire {
        WEIGH_EQUALLY => Some(NeighborWeights::Uniform),
        WEIGH_BY_DISTANCE => Some(NeighborWeights::Distance),
        _ => None,
    }
}

fn encode_class_weight(weight: &ClassWeight) -> ClassWeightWire {
    match weight {
        ClassWeight::Uniform => ClassWeightWire::Uniform,
        ClassWeight::Balanced => ClassWeightWire::Balanced,
        ClassWeight::Values(weights) => ClassWeightWire::Values(weights.clone()),
    }
}

fn decode_class_weight(wire: ClassWeightWire) -> ClassWeight {
    match wire {
        ClassWeightWire::Uniform => ClassWeight::Uniform,
        ClassWeightWire::Balanced => ClassWeight::Balanced,
        ClassWeightWire::Values(weights) => ClassWeight::Values(weights),
    }
}

fn decode_params(wire: ParamsWire) -> Option<FamilyParams> {
    Some(match wire {
        ParamsWire::LogisticRegression { c, solver, class_weight } => {
            let solver = match solver {
                BY_LBFGS => Solver::Lbfgs,
                BY_SMARTCORE => Solver::Smartcore,
                _ => return None,
            };
            let class_weight = decode_class_weight(class_weight);
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver, class_weight })
        }
        ParamsWire::RandomForest {
            n_trees,
            max_features,
            max_depth,
            min_samples_leaf,
            class_weight,
        } => FamilyParams::RandomForest(RandomForestParams {
            n_trees,
            max_features: decode_max_features(max_features),
            max_depth,
            min_samples_leaf,
            class_weight: decode_class_weight(class_weight),
        }),
        ParamsWire::Svm { c, kernel, gamma, class_weight } => FamilyParams::Svm(SvmParams {
            c,
            kernel: match kernel {
                KernelParamsWire::Rbf => Kernel::Rbf,
                KernelParamsWire::Linear => Kernel::Linear,
                KernelParamsWire::Poly { degree, coef0 } => Kernel::Poly { degree, coef0 },
            },
            gamma: match gamma {
                GammaWire::Scale => Gamma::Scale,
                GammaWire::Auto => Gamma::Auto,
                GammaWire::Value(gamma) => Gamma::Value(gamma),
            },
            class_weight: decode_class_weight(class_weight),
        }),
        ParamsWire::KNearestNeighbors { k, weights } => {
            let weights = decode_weights(weights)?;
            FamilyParams::KNearestNeighbors(KNearestNeighborsParams { k, weights })
        }
        ParamsWire::GaussianNb { var_smoothing } => {
            FamilyParams::GaussianNb(GaussianNbParams { var_smoothing })
        }
        ParamsWire::GradientBoosting {
            n_rounds,
            learning_rate,
            max_leaf_nodes,
            max_depth,
            min_samples_leaf,
            l2_regularization,
            max_bins,
            class_weight,
        } => FamilyParams::GradientBoosting(GradientBoostingParams {
            n_rounds,
            learning_rate,
            max_leaf_nodes,
            max_depth,
            min_samples_leaf,
            l2_regularization,
            max_bins,
            class_weight: decode_class_weight(class_weight),
        }),
    })
}

/// The lineage but for its coverage, which stands elsewhere and which no file before format 3 has.
pub(super) fn decode(wire: LineageWire) -> Result<Lineage, ArtifactError> {
    lineage(wire).ok_or(ArtifactError::Inconsistent { part: "lineage" })
}

fn lineage(wire: LineageWire) -> Option<Lineage> {
    let family = decode_params(wire.params)?;
    let quantisation = match wire.quantisation {
        None => None,
        Some(SINGLE) => Some(Quantisation::F32),
        Some(INT8) => Some(Quantisation::Int8),
        Some(_) => return None,
    };
    let preprocessing =
        PreprocessingParams { derived: decode_derived(wire.derived), select: wire.select };
    // Every field is named: what a file does not say must not change with a default.
    let params = TrainParams {
        family,
        preprocessing,
        quantisation,
        test_size: wire.test_size,
        cv_folds: wire.cv_folds as usize,
        cv_repeats: wire.cv_repeats,
        coverage: COVERAGE_BEFORE_FORMAT_3,
        // Comes with the additions, if it comes.
        max_rows: None,
        seed: wire.seed,
    };
    Some(Lineage {
        algorithm_version: wire.algorithm_version,
        data_hash: Digest::from_bytes(wire.data_hash),
        n_train: wire.n_train as usize,
        n_test: wire.n_test as usize,
        split_hash: wire.split_hash.map(Digest::from_bytes),
        params,
    })
}

/// The number of features that `max_features` of a file stands for.
pub(super) const fn decode_max_features(max_features: u32) -> MaxFeatures {
    match max_features {
        SQRT_FEATURES => MaxFeatures::Sqrt,
        ALL_FEATURES => MaxFeatures::All,
        count => MaxFeatures::Count(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::frame::to_postcard;

    #[test]
    fn a_lineage_is_these_bytes_whatever_the_defaults_are() {
        // Naive Bayes on 8 + 2 rows: what files of formats 2 and 3 hold of such a training.
        let head = [&[2][..], &[7; 32], &[8, 2], &[0]].concat();
        let shares = [&0.2_f64.to_le_bytes()[..], &[5, 1, 42]].concat();
        let choices = |derived: u8| [&[derived][..], &[1, 3], &[1, 1]].concat();
        let family = [&[4][..], &1e-9_f64.to_le_bytes()].concat();
        for (derived, choice) in (0..).zip(DerivedFeatures::ALL) {
            let bytes = [&head[..], &shares, &choices(derived), &family].concat();
            let lineage = decode(postcard::from_bytes(&bytes).unwrap()).unwrap();
            let params = &lineage.params;
            assert_eq!(
                params.preprocessing,
                PreprocessingParams { derived: choice, select: Some(3) }
            );
            assert_eq!(params.quantisation, Some(Quantisation::Int8));
            assert_eq!((params.cv_folds, params.cv_repeats, params.seed), (5, 1, 42));
            assert_eq!(params.coverage, 0.9);
            assert_eq!(to_postcard(&encode(&lineage)), bytes);
        }
    }
}
