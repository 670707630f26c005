//! Where a model comes from, as it stands in a file.

use serde::{Deserialize, Serialize};

use super::{ArtifactError, Lineage, Origin};
use crate::digest::Digest;
use crate::model::forest::{MaxFeatures, RandomForestParams};
use crate::model::gaussian_nb::GaussianNbParams;
use crate::model::gradient_boosting::{
    EarlyStopping, GradientBoostingParams, UNSTATED_MIN_SUM_HESSIAN,
};
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
    /// Gradient boosting with a least hessian and early stopping to choose; the entry above is from
    /// before, when they were 1e-3 and none.
    GradientBoostingEarlyStopping(BoostingWire),
}

#[derive(Serialize, Deserialize)]
struct BoostingWire {
    n_rounds: u32,
    learning_rate: f64,
    max_leaf_nodes: u32,
    max_depth: Option<u32>,
    min_samples_leaf: u32,
    l2_regularization: f64,
    min_sum_hessian_in_leaf: f64,
    max_bins: u8,
    class_weight: ClassWeightWire,
    early_stopping: u8,
    validation_fraction: f64,
    n_iter_no_change: u32,
    tol: f64,
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
/// `early_stopping` on the wire.
const STOP_BY_ROWS: u8 = 0;
const STOP_EARLY: u8 = 1;
const STOP_NEVER: u8 = 2;
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
        FamilyParams::GradientBoosting(params) => {
            ParamsWire::GradientBoostingEarlyStopping(encode_boosting(params))
        }
    }
}

fn encode_boosting(params: &GradientBoostingParams) -> BoostingWire {
    BoostingWire {
        n_rounds: params.n_rounds,
        learning_rate: params.learning_rate,
        max_leaf_nodes: params.max_leaf_nodes,
        max_depth: params.max_depth,
        min_samples_leaf: params.min_samples_leaf,
        l2_regularization: params.l2_regularization,
        min_sum_hessian_in_leaf: params.min_sum_hessian_in_leaf,
        max_bins: params.max_bins,
        class_weight: encode_class_weight(&params.class_weight),
        early_stopping: match params.early_stopping {
            EarlyStopping::Auto => STOP_BY_ROWS,
            EarlyStopping::On => STOP_EARLY,
            EarlyStopping::Off => STOP_NEVER,
        },
        validation_fraction: params.validation_fraction,
        n_iter_no_change: params.n_iter_no_change,
        tol: params.tol,
    }
}

fn decode_boosting(wire: BoostingWire) -> Option<GradientBoostingParams> {
    Some(GradientBoostingParams {
        n_rounds: wire.n_rounds,
        learning_rate: wire.learning_rate,
        max_leaf_nodes: wire.max_leaf_nodes,
        max_depth: wire.max_depth,
        min_samples_leaf: wire.min_samples_leaf,
        l2_regularization: wire.l2_regularization,
        min_sum_hessian_in_leaf: wire.min_sum_hessian_in_leaf,
        max_bins: wire.max_bins,
        class_weight: decode_class_weight(wire.class_weight),
        early_stopping: match wire.early_stopping {
            STOP_BY_ROWS => EarlyStopping::Auto,
            STOP_EARLY => EarlyStopping::On,
            STOP_NEVER => EarlyStopping::Off,
            _ => return None,
        },
        validation_fraction: wire.validation_fraction,
        n_iter_no_change: wire.n_iter_no_change,
        tol: wire.tol,
    })
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
            min_sum_hessian_in_leaf: UNSTATED_MIN_SUM_HESSIAN,
            max_bins,
            class_weight: decode_class_weight(class_weight),
            early_stopping: EarlyStopping::Off,
            // What stopping would ask for is of no matter where nothing stops.
            validation_fraction: 0.1,
            n_iter_no_change: 10,
            tol: 1e-7,
        }),
        ParamsWire::GradientBoostingEarlyStopping(wire) => {
            FamilyParams::GradientBoosting(decode_boosting(wire)?)
        }
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
        // Comes with the additions, if it comes.
        origin: Origin::Trained,
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

    #[test]
    fn boosting_of_older_files_reads_as_what_it_was() {
        let wire = ParamsWire::GradientBoosting {
            n_rounds: 7,
            learning_rate: 0.3,
            max_leaf_nodes: 5,
            max_depth: Some(2),
            min_samples_leaf: 9,
            l2_regularization: 0.0,
            max_bins: 64,
            class_weight: ClassWeightWire::Balanced,
        };
        let Some(FamilyParams::GradientBoosting(params)) = decode_params(wire) else {
            panic!("no parameters of gradient boosting");
        };
        assert_eq!((params.l2_regularization, params.min_sum_hessian_in_leaf), (0.0, 1e-3));
        assert_eq!(params.early_stopping, EarlyStopping::Off);
        assert_eq!((params.n_rounds, params.max_bins), (7, 64));
    }

    #[test]
    fn boosting_reads_back_as_it_was_written() {
        for early_stopping in [EarlyStopping::Auto, EarlyStopping::On, EarlyStopping::Off] {
            let params = GradientBoostingParams {
                n_rounds: 7,
                max_depth: Some(2),
                l2_regularization: 0.25,
                min_sum_hessian_in_leaf: 0.5,
                early_stopping,
                validation_fraction: 0.2,
                n_iter_no_change: 3,
                tol: 1e-4,
                ..GradientBoostingParams::default()
            };
            let family = FamilyParams::GradientBoosting(params);
            assert_eq!(decode_params(encode_params(&family)), Some(family));
        }
        let mut wire = encode_boosting(&GradientBoostingParams::default());
        wire.early_stopping = 3;
        assert!(decode_boosting(wire).is_none());
    }
}
