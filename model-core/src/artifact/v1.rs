//! Format version 1 of the content. What is written stays readable: new kinds may be added at the
//! end of an enum, anything else comes with version 2.
//!
//! The structures below are the format, in postcard's encoding, and are kept apart from the ones
//! the program works with, so that those may change freely.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forest_code::{self, ForestCode};
use super::frame::to_postcard;
use super::reference::{MAX_HELD_OUT_ROWS, MAX_TRAIN_ROWS, ReferenceRows, ReferenceSample};
use super::{ArtifactError, Content, Lineage};
use crate::dataset::{MAX_CLASSES, MAX_COLUMNS};
use crate::digest::Digest;
use crate::evaluation::{ConfusionMatrix, CrossValidation, Evaluation, Fold, SplitEvaluation};
use crate::model::forest::{MaxFeatures, RandomForestParams};
use crate::model::logistic_regression::{LogisticRegression, LogisticRegressionParams, Solver};
use crate::model::svm::{Gamma, Sigmoid, Svm, SvmMachine, SvmParams};
use crate::model::{FamilyParams, Model};
use crate::pipeline::{Pipeline, StandardScaler};
use crate::schema::{Feature, FeatureKind, NumericRange, Range, Schema, scaled, unscaled};
use crate::training::TrainParams;

pub(super) const FORMAT_VERSION: u16 = 1;

#[derive(Serialize, Deserialize)]
struct ContentV1 {
    schema: SchemaV1,
    scaler: Option<(Vec<f64>, Vec<f64>)>,
    model: ModelV1,
    evaluation: EvaluationV1,
    reference: ReferenceV1,
    lineage: LineageV1,
}

#[derive(Serialize, Deserialize)]
struct SchemaV1 {
    name: String,
    target: String,
    features: Vec<FeatureV1>,
    classes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct FeatureV1 {
    name: String,
    label: String,
    unit: Option<String>,
    kind: FeatureKindV1,
}

#[derive(Serialize, Deserialize)]
enum FeatureKindV1 {
    Numeric { training: [f64; 2], hard: [f64; 2], decimals: u8 },
}

#[derive(Serialize, Deserialize)]
enum ModelV1 {
    LogisticRegression {
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
    },
    RandomForest(ForestCode),
    Svm {
        gamma: f64,
        vectors: Vec<f64>,
        class_counts: Vec<u32>,
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        sigmoids: Vec<[f64; 2]>,
    },
}

#[derive(Serialize, Deserialize)]
struct EvaluationV1 {
    test: Option<(Vec<u32>, f64)>,
    train: (Vec<u32>, f64),
    cv: Option<Vec<(u32, u32, f64)>>,
    out_of_bag_accuracy: Option<f64>,
}

/// Training rows first, then held-out ones, column by column.
#[derive(Serialize, Deserialize)]
struct ReferenceV1 {
    n_train: u32,
    labels: Vec<u32>,
    columns: Vec<ColumnV1>,
}

/// The distinct values, ascending, and the place of each row's value among them.
#[derive(Serialize, Deserialize)]
struct ColumnV1 {
    dictionary: DictionaryV1,
    places: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
enum DictionaryV1 {
    /// `first`, then steps, all over `10^scale`: what was measured to a few decimals.
    Decimal {
        scale: u8,
        first: i64,
        steps: Vec<u64>,
    },
    Float(Vec<f64>),
}

#[derive(Serialize, Deserialize)]
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

#[derive(Serialize, Deserialize)]
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

/// `max_features` on the wire: a count, or one of these two.
const SQRT_FEATURES: u32 = 0;
const ALL_FEATURES: u32 = u32::MAX;

pub(super) fn encode(content: &Content) -> Vec<u8> {
    let mut bytes = FORMAT_VERSION.to_le_bytes().to_vec();
    bytes.extend(to_postcard(&ContentV1 {
        schema: encode_schema(&content.schema),
        scaler: content
            .pipeline
            .scaler
            .as_ref()
            .map(|scaler| (scaler.mean().to_vec(), scaler.scale().to_vec())),
        model: encode_model(&content.pipeline.model),
        evaluation: encode_evaluation(&content.evaluation),
        reference: encode_reference(&content.reference),
        lineage: encode_lineage(&content.lineage),
    }));
    bytes
}

pub(super) fn decode(body: &[u8]) -> Result<Content, ArtifactError> {
    let wire = match postcard::take_from_bytes::<ContentV1>(body) {
        Ok((wire, [])) => wire,
        _ => return Err(ArtifactError::Malformed { part: "content" }),
    };
    let fits = |part| move || ArtifactError::Inconsistent { part };
    let schema = decode_schema(wire.schema).ok_or_else(fits("schema"))?;
    let (p, k) = (schema.features.len(), schema.classes.len());
    let model = decode_model(wire.model, p, k).ok_or_else(fits("model"))?;
    let scaler = match wire.scaler {
        None => None,
        Some((mean, scale)) => {
            let scaler = StandardScaler::from_parts(mean, scale).filter(|s| s.mean().len() == p);
            Some(scaler.ok_or_else(fits("scaler"))?)
        }
    };
    let lineage = decode_lineage(wire.lineage).ok_or_else(fits("lineage"))?;
    if lineage.params.family.family() != model.family() {
        return Err(ArtifactError::Inconsistent { part: "lineage" });
    }
    Ok(Content {
        pipeline: Pipeline { scaler, model },
        evaluation: decode_evaluation(wire.evaluation, k).ok_or_else(fits("evaluation"))?,
        reference: decode_reference(wire.reference, p, k).ok_or_else(fits("reference sample"))?,
        lineage,
        schema,
    })
}

fn encode_schema(schema: &Schema) -> SchemaV1 {
    let feature = |feature: &Feature| {
        let FeatureKind::Numeric(NumericRange { training, hard, decimals }) = feature.kind;
        FeatureV1 {
            name: feature.name.clone(),
            label: feature.label.clone(),
            unit: feature.unit.clone(),
            kind: FeatureKindV1::Numeric {
                training: [training.min, training.max],
                hard: [hard.min, hard.max],
                decimals,
            },
        }
    };
    SchemaV1 {
        name: schema.name.clone(),
        target: schema.target.clone(),
        features: schema.features.iter().map(feature).collect(),
        classes: schema.classes.clone(),
    }
}

fn decode_schema(wire: SchemaV1) -> Option<Schema> {
    let range = |[min, max]: [f64; 2]| {
        (min.is_finite() && max.is_finite() && min <= max).then_some(Range { min, max })
    };
    let feature = |feature: FeatureV1| {
        let FeatureKindV1::Numeric { training, hard, decimals } = feature.kind;
        let (training, hard) = (range(training)?, range(hard)?);
        let kind = FeatureKind::Numeric(NumericRange { training, hard, decimals });
        let sound = decimals <= 9 && hard.min <= training.min && training.max <= hard.max;
        let FeatureV1 { name, label, unit, .. } = feature;
        sound.then_some(Feature { name, label, unit, kind })
    };
    let features: Vec<Feature> = wire.features.into_iter().map(feature).collect::<Option<_>>()?;
    let sound = (1..=MAX_COLUMNS).contains(&features.len())
        && (2..=MAX_CLASSES).contains(&wire.classes.len());
    sound.then_some(Schema {
        name: wire.name,
        target: wire.target,
        features,
        classes: wire.classes,
    })
}

fn encode_model(model: &Model) -> ModelV1 {
    match model {
        Model::LogisticRegression(model) => ModelV1::LogisticRegression {
            coefficients: model.coefficients().to_vec(),
            intercepts: model.intercepts().to_vec(),
        },
        Model::RandomForest(forest) => ModelV1::RandomForest(forest_code::encode(forest)),
        Model::Svm(svm) => {
            let machine = svm.machine();
            ModelV1::Svm {
                gamma: machine.gamma(),
                vectors: machine.vectors().to_vec(),
                class_counts: machine.class_counts().iter().map(|&n| n as u32).collect(),
                coefficients: machine.coefficients().to_vec(),
                intercepts: machine.intercepts().to_vec(),
                sigmoids: svm.sigmoids().iter().map(|s| [s.slope, s.offset]).collect(),
            }
        }
    }
}

fn decode_model(wire: ModelV1, n_features: usize, n_classes: usize) -> Option<Model> {
    let model = match wire {
        ModelV1::LogisticRegression { coefficients, intercepts } => Model::LogisticRegression(
            LogisticRegression::from_parts(coefficients, intercepts, n_features)?,
        ),
        ModelV1::RandomForest(code) => Model::RandomForest(forest_code::decode(&code, n_classes)?),
        ModelV1::Svm { gamma, vectors, class_counts, coefficients, intercepts, sigmoids } => {
            let counts = class_counts.into_iter().map(|n| n as usize).collect();
            let machine = SvmMachine::from_parts(
                gamma,
                n_features,
                vectors,
                counts,
                coefficients,
                intercepts,
            )?;
            let sigmoid = |[slope, offset]: [f64; 2]| Sigmoid { slope, offset };
            let sigmoids = sigmoids.into_iter().map(sigmoid).collect();
            Model::Svm(Svm::from_parts(machine, sigmoids)?)
        }
    };
    (model.n_features() == n_features && model.n_classes() == n_classes).then_some(model)
}

fn encode_evaluation(evaluation: &Evaluation) -> EvaluationV1 {
    let split = |part: &SplitEvaluation| (part.confusion.counts().to_vec(), part.log_loss);
    EvaluationV1 {
        test: evaluation.test.as_ref().map(split),
        train: split(&evaluation.train),
        cv: evaluation.cv.as_ref().map(|cv| {
            cv.folds.iter().map(|fold| (fold.n_correct, fold.n_samples, fold.log_loss)).collect()
        }),
        out_of_bag_accuracy: evaluation.out_of_bag_accuracy,
    }
}

fn decode_evaluation(wire: EvaluationV1, n_classes: usize) -> Option<Evaluation> {
    let split = |(counts, log_loss): (Vec<u32>, f64)| {
        let confusion = ConfusionMatrix::from_counts(n_classes, counts)?;
        log_loss.is_finite().then_some(SplitEvaluation { confusion, log_loss })
    };
    let fold = |(n_correct, n_samples, log_loss): (u32, u32, f64)| {
        let sound = n_correct <= n_samples && log_loss.is_finite();
        sound.then_some(Fold { n_correct, n_samples, log_loss })
    };
    let cv = match wire.cv {
        Some(folds) => {
            let folds = folds.into_iter().map(fold).collect::<Option<Vec<Fold>>>()?;
            Some(CrossValidation { folds })
        }
        None => None,
    };
    let test = match wire.test {
        Some(test) => Some(split(test)?),
        None => None,
    };
    let out_of_bag_accuracy = wire.out_of_bag_accuracy;
    let share = out_of_bag_accuracy.is_none_or(|share| (0.0..=1.0).contains(&share));
    let train = split(wire.train)?;
    share.then_some(Evaluation { test, train, cv, out_of_bag_accuracy })
}

fn encode_reference(reference: &ReferenceSample) -> ReferenceV1 {
    let ReferenceSample { train, held_out } = reference;
    let n_features = train.n_features;
    let rows = || train.rows().chain(held_out.rows());
    ReferenceV1 {
        n_train: train.len() as u32,
        labels: rows().map(|(_, label)| label).collect(),
        columns: (0..n_features)
            .map(|j| encode_column(&rows().map(|(values, _)| values[j]).collect::<Vec<_>>()))
            .collect(),
    }
}

fn encode_column(values: &[f64]) -> ColumnV1 {
    let mut distinct = values.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup_by_key(|value| value.to_bits());
    let places: BTreeMap<u64, u32> =
        distinct.iter().zip(0..).map(|(value, place)| (value.to_bits(), place)).collect();
    let places = values.iter().map(|value| places[&value.to_bits()]).collect();
    ColumnV1 { dictionary: encode_dictionary(distinct), places }
}

fn encode_dictionary(distinct: Vec<f64>) -> DictionaryV1 {
    let integers = |scale: u8| -> Option<Vec<i64>> {
        distinct.iter().map(|&value| scaled(value, scale)).collect()
    };
    match (0..=9).find_map(|scale| Some((scale, integers(scale)?))) {
        Some((scale, integers)) => DictionaryV1::Decimal {
            scale,
            first: integers.first().copied().unwrap_or_default(),
            steps: integers.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect(),
        },
        None => DictionaryV1::Float(distinct),
    }
}

fn decode_dictionary(wire: DictionaryV1) -> Option<Vec<f64>> {
    let values = match wire {
        DictionaryV1::Float(values) => values,
        DictionaryV1::Decimal { scale, first, steps } => {
            let mut at = first;
            let mut values = vec![unscaled(at, scale)?];
            for step in steps {
                at = at.checked_add_unsigned(step)?;
                values.push(unscaled(at, scale)?);
            }
            values
        }
    };
    values.iter().all(|value| value.is_finite()).then_some(values)
}

fn decode_reference(wire: ReferenceV1, p: usize, k: usize) -> Option<ReferenceSample> {
    let (n, n_train) = (wire.labels.len(), wire.n_train as usize);
    let n_held_out = n.checked_sub(n_train)?;
    let sound = n_train <= MAX_TRAIN_ROWS
        && n_held_out <= MAX_HELD_OUT_ROWS
        && wire.columns.len() == p
        && wire.columns.iter().all(|column| column.places.len() == n)
        && wire.labels.iter().all(|&label| (label as usize) < k);
    if !sound {
        return None;
    }
    let mut values = vec![0.0; n * p];
    for (j, column) in wire.columns.into_iter().enumerate() {
        let dictionary = decode_dictionary(column.dictionary)?;
        for (row, place) in column.places.into_iter().enumerate() {
            values[row * p + j] = *dictionary.get(place as usize)?;
        }
    }
    let held_out_values = values.split_off(n_train * p);
    let mut labels = wire.labels;
    let held_out_labels = labels.split_off(n_train);
    Some(ReferenceSample {
        train: ReferenceRows { values, labels, n_features: p },
        held_out: ReferenceRows { values: held_out_values, labels: held_out_labels, n_features: p },
    })
}

fn encode_lineage(lineage: &Lineage) -> LineageV1 {
    let TrainParams { family, test_size, cv_folds, seed } = &lineage.params;
    LineageV1 {
        algorithm_version: lineage.algorithm_version,
        data_hash: lineage.data_hash,
        n_train: lineage.n_train as u32,
        n_test: lineage.n_test as u32,
        test_size: *test_size,
        cv_folds: *cv_folds as u32,
        seed: *seed,
        params: match family {
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver }) => {
                match solver {
                    Solver::Smartcore => ParamsV1::LogisticRegression { c: *c },
                    Solver::Lbfgs => ParamsV1::LogisticRegressionLbfgs { c: *c },
                }
            }
            FamilyParams::RandomForest(params) => ParamsV1::RandomForest {
                n_trees: params.n_trees,
                max_features: match params.max_features {
                    MaxFeatures::Sqrt => SQRT_FEATURES,
                    MaxFeatures::All => ALL_FEATURES,
                    MaxFeatures::Count(count) => count,
                },
                max_depth: params.max_depth,
                min_samples_leaf: params.min_samples_leaf,
            },
            FamilyParams::Svm(params) => ParamsV1::Svm {
                c: params.c,
                gamma: match params.gamma {
                    Gamma::Scale => None,
                    Gamma::Value(gamma) => Some(gamma),
                },
            },
        },
    }
}

fn decode_lineage(wire: LineageV1) -> Option<Lineage> {
    let family = match wire.params {
        ParamsV1::LogisticRegression { c } => {
            let solver = Solver::Smartcore;
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver })
        }
        ParamsV1::LogisticRegressionLbfgs { c } => {
            let solver = Solver::Lbfgs;
            FamilyParams::LogisticRegression(LogisticRegressionParams { c, solver })
        }
        ParamsV1::RandomForest { n_trees, max_features, max_depth, min_samples_leaf } => {
            let max_features = match max_features {
                SQRT_FEATURES => MaxFeatures::Sqrt,
                ALL_FEATURES => MaxFeatures::All,
                count => MaxFeatures::Count(count),
            };
            FamilyParams::RandomForest(RandomForestParams {
                n_trees,
                max_features,
                max_depth,
                min_samples_leaf,
            })
        }
        ParamsV1::Svm { c, gamma } => {
            let gamma = gamma.map_or(Gamma::Scale, Gamma::Value);
            FamilyParams::Svm(SvmParams { c, gamma })
        }
    };
    family.check().ok()?;
    let params = TrainParams {
        family,
        test_size: wire.test_size,
        cv_folds: wire.cv_folds as usize,
        seed: wire.seed,
    };
    (0.0..=0.9).contains(&wire.test_size).then_some(Lineage {
        algorithm_version: wire.algorithm_version,
        data_hash: wire.data_hash,
        n_train: wire.n_train as usize,
        n_test: wire.n_test as usize,
        params,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Artifact, DEFAULT_ARTIFACT};

    /// What decoding says of the default model's content once `change` was made to it.
    fn decoded(change: impl FnOnce(&mut ContentV1)) -> Result<Content, ArtifactError> {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let mut wire: ContentV1 = postcard::from_bytes(&encode(&model.content)[2..]).unwrap();
        change(&mut wire);
        decode(&to_postcard(&wire))
    }

    fn refused(part: &'static str, change: impl FnOnce(&mut ContentV1)) {
        assert_eq!(decoded(change).unwrap_err(), ArtifactError::Inconsistent { part });
    }

    #[test]
    fn contents_beyond_the_limits_of_training_are_refused() {
        assert!(decoded(|_| {}).is_ok());
        refused("schema", |wire| wire.schema.classes = vec![String::new(); MAX_CLASSES + 1]);
        refused("schema", |wire| wire.schema.features.clear());
        refused("reference sample", |wire| wire.reference.labels.extend([0; MAX_TRAIN_ROWS]));
        refused("reference sample", |wire| wire.reference.columns[0].places[0] = u32::MAX);
        refused("scaler", |wire| wire.scaler = Some((vec![0.0; 3], vec![1.0; 3])));
        refused("evaluation", |wire| wire.evaluation.train.1 = f64::NAN);
        refused("lineage", |wire| wire.lineage.params = ParamsV1::LogisticRegression { c: 1.0 });
        refused("model", |wire| {
            let (coefficients, intercepts) = (vec![1e101; 12], vec![0.0; 3]);
            wire.model = ModelV1::LogisticRegression { coefficients, intercepts };
        });
    }
}
