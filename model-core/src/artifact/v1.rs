//! Format version 1 of the content: numeric columns, three families, no missing values. It is read
//! and no longer written; what it holds is brought into the structures of later ones.

use serde::Deserialize;

use super::additions_wire::AdditionsWire;
use super::content::{Parts, Reader, assemble};
use super::evaluation_wire::{CrossValidationWire, EvaluationWire, SplitWire};
use super::model_wire::ModelWire;
use super::preprocessor_wire::{EncodingWire, PreprocessorWire};
use super::reference_wire::{ReferenceKindWire, ReferenceWire};
use super::schema_wire::{FeatureKindWire, FeatureWire, SchemaWire};
use super::{ArtifactError, Content, Lineage, Origin, lineage_wire};
use crate::digest::Digest;
use crate::model::forest::RandomForestParams;
use crate::model::logistic_regression::{LogisticRegressionParams, Solver};
use crate::model::svm::{Gamma, Kernel, SvmParams};
use crate::model::{ClassWeight, FamilyParams};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::recipe::TrainParams;

pub(super) const FORMAT_VERSION: u16 = 1;

struct ContentV1 {
    schema: SchemaV1,
    scaler: Option<(Vec<f64>, Vec<f64>)>,
    /// The first three kinds of today's.
    model: ModelWire,
    evaluation: EvaluationV1,
    reference: ReferenceWire,
    lineage: LineageV1,
}

#[derive(Deserialize)]
struct SchemaV1 {
    name: String,
    target: String,
    #[expect(clippy::vec_box, reason = "as in version 2")]
    features: Vec<Box<FeatureV1>>,
    classes: Vec<String>,
}

#[derive(Deserialize)]
struct FeatureV1 {
    name: String,
    label: String,
    unit: Option<String>,
    /// Always numeric.
    kind: FeatureKindWire,
}

/// Counts and log loss of a part; of each fold rows right, rows and log loss.
#[derive(Deserialize)]
struct EvaluationV1 {
    test: Option<(Vec<u32>, f64)>,
    train: (Vec<u32>, f64),
    cv: Option<Vec<(u32, u32, f64)>>,
    out_of_bag_accuracy: Option<f64>,
}

#[derive(Deserialize)]
struct LineageV1 {
    algorithm_version: u32,
    data_hash: [u8; 32],
    n_train: u32,
    n_test: u32,
    test_size: f64,
    cv_folds: u32,
    seed: u64,
    params: ParamsV1,
}

#[derive(Deserialize)]
enum ParamsV1 {
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

pub(super) fn decode(body: &[u8]) -> Result<Content, ArtifactError> {
    let mut reader = Reader::new(body);
    let wire = ContentV1 {
        schema: reader.take()?,
        scaler: reader.take()?,
        model: reader.take()?,
        evaluation: reader.take()?,
        reference: reader.take()?,
        lineage: reader.take()?,
    };
    reader.end()?;
    let n_features = wire.schema.features.len();
    assemble(Parts {
        schema: upgrade_schema(wire.schema),
        preprocessor: PreprocessorWire {
            fill: vec![0.0; n_features],
            encodings: (0..n_features).map(|_| EncodingWire::Number).collect(),
            derived: Vec::new(),
            selected: None,
            scaler: wire.scaler,
        },
        model: wire.model,
        evaluation: upgrade_evaluation(wire.evaluation),
        reference: ReferenceKindWire::Rows(wire.reference),
        lineage: upgrade_lineage(wire.lineage),
        conformal: None,
        additions: AdditionsWire::before_format_4(n_features),
        origin: None,
    })
}

fn upgrade_schema(wire: SchemaV1) -> SchemaWire {
    let SchemaV1 { name, target, features, classes } = wire;
    let feature = |wire: Box<FeatureV1>| {
        let FeatureV1 { name, label, unit, kind } = *wire;
        let (missing_share, nullable) = (0.0, false);
        Box::new(FeatureWire { name, label, unit, kind, missing_share, nullable })
    };
    let features = features.into_iter().map(feature).collect();
    SchemaWire { name, target, features, left_out: Vec::new(), classes }
}

fn upgrade_evaluation(wire: EvaluationV1) -> EvaluationWire {
    let split = |(counts, log_loss)| SplitWire { counts, log_loss, quality: None };
    let cv = |folds: Vec<(u32, u32, f64)>| {
        let n_rows = folds.iter().map(|fold| fold.1).fold(0, u32::saturating_add);
        CrossValidationWire { folds, n_repeats: 1, n_rows }
    };
    EvaluationWire {
        test: wire.test.map(split),
        train: split(wire.train),
        cv: wire.cv.map(cv),
        out_of_bag_accuracy: wire.out_of_bag_accuracy,
        feature_importances: None,
        quantisation: None,
    }
}

/// What format 1 does not say is what the Tepal that wrote it did, not what today's would.
fn upgrade_lineage(wire: LineageV1) -> Lineage {
    let class_weight = ClassWeight::Uniform;
    let regression = |c, solver| {
        let class_weight = ClassWeight::Uniform;
        FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver, class_weight })
    };
    let family = match wire.params {
        ParamsV1::LogisticRegression { c } => regression(c, Solver::Smartcore),
        ParamsV1::LogisticRegressionLbfgs { c } => regression(c, Solver::Lbfgs),
        ParamsV1::RandomForest { n_trees, max_features, max_depth, min_samples_leaf } => {
            FamilyParams::RandomForest(RandomForestParams {
                n_trees,
                max_features: lineage_wire::decode_max_features(max_features),
                max_depth,
                min_samples_leaf,
                class_weight,
            })
        }
        ParamsV1::Svm { c, gamma } => {
            let gamma = gamma.map_or(Gamma::Scale, Gamma::Value);
            FamilyParams::Svm(SvmParams { c, kernel: Kernel::Rbf, gamma, class_weight })
        }
    };
    Lineage {
        algorithm_version: wire.algorithm_version,
        data_hash: Digest::from_bytes(wire.data_hash),
        n_train: wire.n_train as usize,
        n_test: wire.n_test as usize,
        split_hash: None,
        params: TrainParams {
            family,
            preprocessing: PreprocessingParams { derived: DerivedFeatures::None, select: None },
            quantisation: None,
            test_size: wire.test_size,
            cv_folds: wire.cv_folds as usize,
            cv_repeats: 1,
            coverage: lineage_wire::COVERAGE_BEFORE_FORMAT_3,
            max_rows: None,
            seed: wire.seed,
        },
        origin: Origin::Trained,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_format_1_leaves_unsaid_does_not_follow_the_defaults() {
        let read = |params: ParamsV1| {
            let lineage = upgrade_lineage(LineageV1 {
                algorithm_version: 1,
                data_hash: [7; 32],
                n_train: 120,
                n_test: 30,
                test_size: 0.2,
                cv_folds: 5,
                seed: 42,
                params,
            });
            serde_json::to_value(lineage.params).unwrap()
        };
        let with = |family: serde_json::Value| {
            serde_json::json!({
                "family": family,
                "preprocessing": {"derived": "none", "select": null},
                "quantisation": null,
                "test_size": 0.2,
                "cv_folds": 5,
                "cv_repeats": 1,
                "coverage": 0.9,
                "seed": 42,
            })
        };
        let (kernel, gamma, class_weight) = ("rbf", "scale", "uniform");
        assert_eq!(
            read(ParamsV1::Svm { c: 2.0, gamma: None }),
            with(serde_json::json!({
                "svm": {"c": 2.0, "kernel": kernel, "gamma": gamma, "class_weight": class_weight}
            }))
        );
        assert_eq!(
            read(ParamsV1::LogisticRegression { c: 1.0 }),
            with(serde_json::json!({
                "logistic_regression":
                    {"c": 1.0, "solver": "smartcore", "class_weight": class_weight}
            }))
        );
        let (n_trees, max_features, max_depth, min_samples_leaf) = (100, 2, None, 1);
        assert_eq!(
            read(ParamsV1::RandomForest { n_trees, max_features, max_depth, min_samples_leaf }),
            with(serde_json::json!({
                "random_forest": {
                    "n_trees": 100,
                    "max_features": {"count": 2},
                    "max_depth": null,
                    "min_samples_leaf": 1,
                    "class_weight": class_weight,
                }
            }))
        );
    }
}
