//! The served model as `GET /api/v1/model` shows it.

use model_core::schema::{DateOrder, Source, SourceKind};
use model_core::{Artifact, FeatureKind, Schema, SetEvaluation, SplitEvaluation};
use tepal_api::{
    ClassReport, CrossValidation, FeatureSchema, FeatureType, ModelEvaluation, ModelLineage,
    ModelResponse, ModelSchema, PredictionSets, SourceSchema, SourceType, SplitMetrics, ValueRange,
};

use crate::services::serving::ServedModel;

/// The wire form of `model`, whose file `is_public` or not.
pub(crate) fn describe(model: &ServedModel, is_public: bool) -> ModelResponse {
    let artifact = &model.artifact;
    let lineage = artifact.lineage();
    ModelResponse {
        model_id: model.id.clone(),
        model_version: model.version,
        model_used: artifact.family().as_str().to_owned(),
        artifact_bytes: model.artifact_bytes,
        artifact_public: is_public,
        schema: schema(artifact.schema()),
        evaluation: evaluation(artifact),
        lineage: ModelLineage {
            data_hash: lineage.data_hash.to_string(),
            seed: lineage.params.seed,
            algorithm_version: lineage.algorithm_version,
        },
    }
}

fn schema(schema: &Schema) -> ModelSchema {
    let features = schema.features.iter().map(|feature| {
        let numeric = feature.numeric();
        let range = |range: model_core::Range| ValueRange { min: range.min, max: range.max };
        FeatureSchema {
            name: feature.name.clone(),
            label: feature.label.clone(),
            unit: feature.unit.clone(),
            kind: match &feature.kind {
                FeatureKind::Numeric(_) => FeatureType::Numeric,
                FeatureKind::Categorical(_) => FeatureType::Categorical,
            },
            training_range: numeric.map(|numeric| range(numeric.training)),
            hard_range: numeric.map(|numeric| range(numeric.hard)),
            decimals: numeric.map(|numeric| numeric.decimals),
            categories: feature.categories().map(<[String]>::to_vec),
            other: feature.other_category().map(str::to_owned),
            nullable: feature.nullable,
        }
    });
    ModelSchema {
        name: schema.name.clone(),
        target: schema.target.clone(),
        features: features.collect(),
        sources: schema.sources.iter().map(|source| source_schema(schema, source)).collect(),
        classes: schema.classes.clone(),
    }
}

fn source_schema(schema: &Schema, source: &Source) -> SourceSchema {
    let features = schema.features.get(source.features()).unwrap_or_default();
    SourceSchema {
        name: source.name.clone(),
        kind: match &source.kind {
            SourceKind::DateTime { order: DateOrder::Clock, .. } => SourceType::Time,
            SourceKind::DateTime { .. } => SourceType::Date,
            SourceKind::Text { .. } => SourceType::Text,
        },
        example: source.kind.example().to_owned(),
        features: features.iter().map(|feature| feature.name.clone()).collect(),
        nullable: schema.is_nullable(source),
    }
}

fn evaluation(artifact: &Artifact) -> ModelEvaluation {
    let (evaluation, schema) = (artifact.evaluation(), artifact.schema());
    let test_sets = evaluation.prediction_sets.as_ref();
    ModelEvaluation {
        test: evaluation.test.as_ref().map(|part| split(part, schema)),
        train: split(&evaluation.train, schema),
        cross_validation: evaluation.cv.as_ref().map(|cv| CrossValidation {
            fold_accuracies: cv.fold_accuracies().collect(),
            accuracy_mean: cv.mean(),
            accuracy_std: cv.std(),
        }),
        out_of_bag_accuracy: evaluation.out_of_bag_accuracy,
        prediction_sets: artifact.conformal().map(|sets| PredictionSets {
            coverage: sets.coverage(),
            n_scores: sets.scores().n_scores(),
            threshold: sets.threshold(),
            test_coverage: test_sets.map(SetEvaluation::coverage),
            test_mean_size: test_sets.map(SetEvaluation::mean_size),
        }),
    }
}

fn split(part: &SplitEvaluation, schema: &Schema) -> SplitMetrics {
    let confusion = &part.confusion;
    let classes = 0..confusion.n_classes();
    let report = confusion.report();
    SplitMetrics {
        n_samples: confusion.total(),
        n_correct: confusion.n_correct(),
        accuracy: confusion.accuracy(),
        log_loss: part.log_loss,
        confusion_matrix: classes
            .clone()
            .map(|actual| {
                classes.clone().map(|predicted| confusion.get(actual, predicted)).collect()
            })
            .collect(),
        classes: schema
            .classes
            .iter()
            .zip(&report.classes)
            .map(|(class, metrics)| ClassReport {
                class: class.clone(),
                precision: metrics.precision,
                recall: metrics.recall,
                f1: metrics.f1,
                support: metrics.support,
            })
            .collect(),
    }
}
