//! From a file's structures, whatever its format, to a content whose parts are sound and fit.

use serde::de::DeserializeOwned;

use super::additions_wire::{self, AdditionsWire};
use super::conformal_wire::{self, ConformalWire};
use super::evaluation_wire::{self, EvaluationWire};
use super::model_wire::{self, ModelWire};
use super::origin_wire::{self, OriginWire};
use super::preprocessor_wire::{self, PreprocessorWire};
use super::reference_wire::{self, ReferenceKindWire};
use super::schema_wire::{self, SchemaWire};
use super::{ArtifactError, Content, Lineage};
use crate::conformal::SetEvaluation;
use crate::dataset::n_shares;
use crate::evaluation::Evaluation;
use crate::pipeline::Pipeline;
use crate::schema::row::is_code;
use crate::schema::{FeatureKind, Schema};

/// Reads structure after structure. In postcard's encoding a structure is its fields, one after the
/// other, so what formats have in common is read by the same code.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self(body)
    }

    #[inline(never)]
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> Result<T, ArtifactError> {
        let (value, rest) = postcard::take_from_bytes(self.0).map_err(|_| malformed())?;
        self.0 = rest;
        Ok(value)
    }

    /// What is left over, if there is something.
    pub(super) fn take_last<T: DeserializeOwned>(mut self) -> Result<Option<T>, ArtifactError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let last = self.take()?;
        self.end()?;
        Ok(Some(last))
    }

    /// Refuses what is left over.
    pub(super) fn end(self) -> Result<(), ArtifactError> {
        if self.0.is_empty() { Ok(()) } else { Err(malformed()) }
    }
}

fn malformed() -> ArtifactError {
    ArtifactError::Malformed { part: "content" }
}

/// What every version of the format is brought to.
pub(super) struct Parts {
    pub(super) schema: SchemaWire,
    pub(super) preprocessor: PreprocessorWire,
    pub(super) model: ModelWire,
    pub(super) evaluation: EvaluationWire,
    pub(super) reference: ReferenceKindWire,
    pub(super) lineage: Lineage,
    /// Absent before format 3.
    pub(super) conformal: Option<ConformalWire>,
    pub(super) additions: AdditionsWire,
    /// Absent in the file of a model that was trained and did not learn on.
    pub(super) origin: Option<OriginWire>,
}

/// The content that these parts make, if each is sound and they fit together.
pub(super) fn assemble(parts: Parts) -> Result<Content, ArtifactError> {
    let unfit = |part| move || ArtifactError::Inconsistent { part };
    let mut schema = schema_wire::decode(parts.schema).ok_or_else(unfit("schema"))?;
    let AdditionsWire { features, sources, max_rows } = parts.additions;
    let sources = sources.into_iter().map(|source| *source);
    additions_wire::complete(&mut schema, features, sources).ok_or_else(unfit("schema"))?;
    let (p, k) = (schema.features.len(), schema.classes.len());
    let preprocessor = preprocessor_wire::decode(parts.preprocessor, p)
        .filter(|preprocessor| encodes(preprocessor.encoder().encodings(), &schema))
        .ok_or_else(unfit("preprocessing"))?;
    let model =
        model_wire::decode(parts.model, preprocessor.width(), k).ok_or_else(unfit("model"))?;
    let mut evaluation =
        evaluation_wire::decode(parts.evaluation, p, k).ok_or_else(unfit("evaluation"))?;
    let (reference, summary) = reference_wire::decode(parts.reference, &schema)
        .filter(|(reference, _)| {
            let rows = reference.train.rows().chain(reference.held_out.rows());
            rows.into_iter().all(|(values, _)| holds(values, &schema))
        })
        .ok_or_else(unfit("reference sample"))?;
    let mut lineage = parts.lineage;
    lineage.params.max_rows = max_rows;
    if let Some(origin) = parts.origin {
        lineage.origin =
            origin_wire::decode(origin, model.family()).ok_or_else(unfit("lineage"))?;
    }
    let mut conformal = None;
    if let Some(wire) = parts.conformal {
        lineage.params.coverage = wire.coverage;
        (conformal, evaluation.prediction_sets) = conformal_wire::decode(wire, k)
            .filter(|(_, sets)| {
                sets.as_ref().is_none_or(|sets| counts_test_rows(&evaluation, sets))
            })
            .ok_or_else(unfit("prediction sets"))?;
    }
    let sound = lineage.params.family.family() == model.family()
        && lineage.params.check().is_ok()
        && (0.0..=0.9).contains(&lineage.params.test_size);
    if !sound {
        return Err(ArtifactError::Inconsistent { part: "lineage" });
    }
    Ok(Content {
        pipeline: Pipeline { preprocessor, model },
        schema,
        evaluation,
        conformal,
        reference,
        summary,
        lineage,
    })
}

/// Whether sets were asked for of the rows that the model was tested on.
fn counts_test_rows(evaluation: &Evaluation, sets: &SetEvaluation) -> bool {
    evaluation.test.as_ref().is_some_and(|test| {
        let rows = test.confusion.counts().chunks(sets.classes.len().max(1));
        let in_test = rows.map(|counts| counts.iter().map(|&n| u64::from(n)).sum::<u64>());
        in_test.eq(sets.classes.iter().map(|&(rows, _)| u64::from(rows)))
    })
}

/// Whether each column is encoded as its type asks.
fn encodes(encodings: &[crate::pipeline::Encoding], schema: &Schema) -> bool {
    use crate::pipeline::Encoding;
    encodings.iter().zip(&schema.features).all(|(encoding, feature)| {
        match (encoding, &feature.kind) {
            (Encoding::Number, FeatureKind::Numeric(_)) => true,
            (Encoding::OneHot(codes), FeatureKind::Categorical(names)) => {
                codes.last().is_none_or(|&last| (last as usize) < names.len())
            }
            (Encoding::Target(table), FeatureKind::Categorical(names)) => {
                table.codes().last().is_none_or(|&last| (last as usize) < names.len())
                    && table.prior().len() == n_shares(schema.classes.len())
            }
            _ => false,
        }
    })
}

/// Whether the values are of the schema's types; ranges are of no matter here.
fn holds(values: &[f64], schema: &Schema) -> bool {
    values.iter().zip(&schema.features).all(|(value, feature)| match &feature.kind {
        _ if value.is_nan() => true,
        FeatureKind::Numeric(_) => value.is_finite(),
        FeatureKind::Categorical(names) => is_code(*value, names.len()),
    })
}
