//! Format version 1 of the content: numeric columns, three families, no missing values. It is read
//! and no longer written; what it holds is brought into the structures of version 3.

use serde::Deserialize;

use super::content::{Parts, Reader, assemble};
use super::evaluation_wire::{CrossValidationWire, EvaluationWire, SplitWire};
use super::model_wire::ModelWire;
use super::preprocessor_wire::{EncodingWire, PreprocessorWire};
use super::reference_wire::ReferenceWire;
use super::schema_wire::{FeatureKindWire, FeatureWire, SchemaWire};
use super::{ArtifactError, Content, Lineage};
use crate::digest::Digest;
use crate::model::FamilyParams;
use crate::model::forest::RandomForestParams;
use crate::model::logistic_regression::{LogisticRegressionParams, Solver};
use crate::model::svm::{Gamma, SvmParams};
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
    data_hash: Digest,
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
        reference: wire.reference,
        lineage: upgrade_lineage(wire.lineage),
        conformal: None,
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

fn upgrade_lineage(wire: LineageV1) -> Lineage {
    let family = match wire.params {
        ParamsV1::LogisticRegression { c } => {
            let solver = Solver::Smartcore;
            FamilyParams::LogisticRegression(LogisticRegressionParams {
                c,
                solver,
                ..Default::default()
            })
        }
        ParamsV1::LogisticRegressionLbfgs { c } => {
            let solver = Solver::Lbfgs;
            FamilyParams::LogisticRegression(LogisticRegressionParams {
                c,
                solver,
                ..Default::default()
            })
        }
        ParamsV1::RandomForest { n_trees, max_features, max_depth, min_samples_leaf } => {
            let max_features = super::lineage_wire::decode_max_features(max_features);
            FamilyParams::RandomForest(RandomForestParams {
                n_trees,
                max_features,
                max_depth,
                min_samples_leaf,
                ..RandomForestParams::default()
            })
        }
        ParamsV1::Svm { c, gamma } => {
            let gamma = gamma.map_or(Gamma::Scale, Gamma::Value);
            FamilyParams::Svm(SvmParams { c, gamma, ..Default::default() })
        }
    };
    Lineage {
        algorithm_version: wire.algorithm_version,
        data_hash: wire.data_hash,
        n_train: wire.n_train as usize,
        n_test: wire.n_test as usize,
        split_hash: None,
        params: TrainParams {
            test_size: wire.test_size,
            cv_folds: wire.cv_folds as usize,
            seed: wire.seed,
            ..TrainParams::new(family)
        },
    }
}
