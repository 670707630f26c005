//! Format version 2 of the content, the one that is written. What is written stays readable: new
//! kinds may be added at the end of an enum, anything else comes with version 3.
//!
//! The structures in the `*_wire` modules are the format, in postcard's encoding, and are kept
//! apart from the ones the program works with, so that those may change freely.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::evaluation_wire::{self, EvaluationWire};
use super::frame::to_postcard;
use super::lineage_wire::{self, LineageWire};
use super::model_wire::{self, ModelWire};
use super::preprocessor_wire::{self, PreprocessorWire};
use super::reference_wire::{self, ReferenceWire};
use super::schema_wire::{self, SchemaWire};
use super::{ArtifactError, Content, Lineage};
use crate::pipeline::Pipeline;
use crate::schema::row::is_code;
use crate::schema::{FeatureKind, Schema};

pub(super) const FORMAT_VERSION: u16 = 2;

#[derive(Serialize, Deserialize)]
struct ContentV2 {
    schema: SchemaWire,
    preprocessor: PreprocessorWire,
    model: ModelWire,
    evaluation: EvaluationWire,
    reference: ReferenceWire,
    lineage: LineageWire,
}

pub(super) fn encode(content: &Content) -> Vec<u8> {
    let mut bytes = FORMAT_VERSION.to_le_bytes().to_vec();
    bytes.extend(to_postcard(&wire(content)));
    bytes
}

fn wire(content: &Content) -> ContentV2 {
    ContentV2 {
        schema: schema_wire::encode(&content.schema),
        preprocessor: preprocessor_wire::encode(&content.pipeline.preprocessor),
        model: model_wire::encode(&content.pipeline.model),
        evaluation: evaluation_wire::encode(&content.evaluation),
        reference: reference_wire::encode(&content.reference),
        lineage: lineage_wire::encode(&content.lineage),
    }
}

pub(super) fn decode(body: &[u8]) -> Result<Content, ArtifactError> {
    let wire = from_postcard::<ContentV2>(body)?;
    let lineage = lineage_wire::decode(wire.lineage)
        .ok_or(ArtifactError::Inconsistent { part: "lineage" })?;
    assemble(Parts {
        schema: wire.schema,
        preprocessor: wire.preprocessor,
        model: wire.model,
        evaluation: wire.evaluation,
        reference: wire.reference,
        lineage,
    })
}

/// All of `bytes` as a `T`.
pub(super) fn from_postcard<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ArtifactError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(ArtifactError::Malformed { part: "content" }),
    }
}

/// What every version of the format is brought to.
pub(super) struct Parts {
    pub(super) schema: SchemaWire,
    pub(super) preprocessor: PreprocessorWire,
    pub(super) model: ModelWire,
    pub(super) evaluation: EvaluationWire,
    pub(super) reference: ReferenceWire,
    pub(super) lineage: Lineage,
}

/// The content that these parts make, if each is sound and they fit together.
pub(super) fn assemble(parts: Parts) -> Result<Content, ArtifactError> {
    let unfit = |part| move || ArtifactError::Inconsistent { part };
    let schema = schema_wire::decode(parts.schema).ok_or_else(unfit("schema"))?;
    let (p, k) = (schema.features.len(), schema.classes.len());
    let preprocessor = preprocessor_wire::decode(parts.preprocessor, p)
        .filter(|preprocessor| encodes(preprocessor.encoder().encodings(), &schema))
        .ok_or_else(unfit("preprocessing"))?;
    let model =
        model_wire::decode(parts.model, preprocessor.width(), k).ok_or_else(unfit("model"))?;
    let evaluation =
        evaluation_wire::decode(parts.evaluation, p, k).ok_or_else(unfit("evaluation"))?;
    let reference = reference_wire::decode(parts.reference, p, k)
        .filter(|reference| {
            let rows = reference.train.rows().chain(reference.held_out.rows());
            rows.into_iter().all(|(values, _)| holds(values, &schema))
        })
        .ok_or_else(unfit("reference sample"))?;
    let lineage = parts.lineage;
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
        reference,
        lineage,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::MAX_CLASSES;
    use crate::{Artifact, DEFAULT_ARTIFACT};

    /// What decoding says of the default model's content once `change` was made to it.
    fn decoded(change: impl FnOnce(&mut ContentV2)) -> Result<Content, ArtifactError> {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let mut wire = wire(&model.content);
        change(&mut wire);
        decode(&to_postcard(&wire))
    }

    fn refused(part: &'static str, change: impl FnOnce(&mut ContentV2)) {
        assert_eq!(decoded(change).unwrap_err(), ArtifactError::Inconsistent { part });
    }

    #[test]
    fn contents_beyond_the_limits_of_training_are_refused() {
        assert!(decoded(|_| {}).is_ok());
        refused("schema", |wire| wire.schema.classes = vec![String::new(); MAX_CLASSES + 1]);
        refused("schema", |wire| wire.schema.features.clear());
        refused("schema", |wire| wire.schema.features[0].missing_share = f64::NAN);
        refused("reference sample", |wire| wire.reference.labels.extend([0; 257]));
        refused("reference sample", |wire| wire.reference.columns[0].places[0] = u32::MAX);
        refused("preprocessing", |wire| {
            wire.preprocessor.scaler = Some((vec![0.0; 3], vec![1.0; 3]));
        });
        refused("preprocessing", |wire| wire.preprocessor.fill[0] = f64::NAN);
        refused("preprocessing", |wire| wire.preprocessor.selected = Some(vec![4]));
        refused("evaluation", |wire| wire.evaluation.train.log_loss = f64::NAN);
        refused("lineage", |wire| wire.lineage.test_size = f64::NAN);
        refused("model", |wire| {
            let (coefficients, intercepts) = (vec![1e101; 12], vec![0.0; 3]);
            wire.model = ModelWire::LogisticRegression { coefficients, intercepts };
        });
    }
}
