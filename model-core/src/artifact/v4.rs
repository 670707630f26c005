//! Format version 4 of the content, the one that is written; `later` reads it. What is written stays
//! readable: new kinds may be added at the end of an enum, anything else comes with version 5.
//!
//! The structures in the `*_wire` modules are the format, in postcard's encoding, and are kept
//! apart from the ones the program works with, so that those may change freely. Against format 3,
//! one structure came to the end: [`AdditionsWire`]. Behind it stands what a model was made of, if
//! that is not a data set: see `origin_wire`.

use serde::Serialize;

use super::Content;
use super::additions_wire::{self, AdditionsWire};
use super::conformal_wire::{self, ConformalWire};
use super::evaluation_wire::{self, EvaluationWire};
use super::frame::to_postcard;
use super::lineage_wire::{self, LineageWire};
use super::model_wire::{self, ModelWire};
use super::origin_wire;
use super::preprocessor_wire::{self, PreprocessorWire};
use super::reference_wire::{self, ReferenceKindWire};
use super::schema_wire::{self, SchemaWire};

pub(super) const FORMAT_VERSION: u16 = 4;

#[derive(Serialize)]
struct ContentV4 {
    schema: SchemaWire,
    preprocessor: PreprocessorWire,
    model: ModelWire,
    evaluation: EvaluationWire,
    reference: ReferenceKindWire,
    lineage: LineageWire,
    conformal: ConformalWire,
    additions: AdditionsWire,
}

pub(super) fn encode(content: &Content) -> Vec<u8> {
    let mut bytes = FORMAT_VERSION.to_le_bytes().to_vec();
    bytes.extend(to_postcard(&wire(content)));
    if let Some(origin) = origin_wire::encode(&content.lineage.origin) {
        bytes.extend(to_postcard(&origin));
    }
    bytes
}

fn wire(content: &Content) -> ContentV4 {
    let (evaluation, lineage) = (&content.evaluation, &content.lineage);
    ContentV4 {
        schema: schema_wire::encode(&content.schema),
        preprocessor: preprocessor_wire::encode(&content.pipeline.preprocessor),
        model: model_wire::encode(&content.pipeline.model),
        evaluation: evaluation_wire::encode(evaluation),
        reference: reference_wire::encode(&content.reference, content.summary.as_ref()),
        lineage: lineage_wire::encode(lineage),
        conformal: conformal_wire::encode(
            lineage.params.coverage,
            content.conformal.as_ref(),
            evaluation.prediction_sets.as_ref(),
        ),
        additions: additions_wire::encode(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::reference_wire::{ColumnWire, DictionaryWire, ReferenceWire};
    use crate::artifact::{ArtifactError, later};
    use crate::dataset::MAX_CLASSES;
    use crate::{Artifact, DEFAULT_ARTIFACT};

    /// What decoding says of the default model's content once `change` was made to it.
    fn decoded(change: impl FnOnce(&mut ContentV4)) -> Result<Content, ArtifactError> {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let mut wire = wire(&model.content);
        change(&mut wire);
        later::decode(FORMAT_VERSION, &to_postcard(&wire))
    }

    fn refused(part: &'static str, change: impl FnOnce(&mut ContentV4)) {
        assert_eq!(decoded(change).unwrap_err(), ArtifactError::Inconsistent { part });
    }

    fn rows(wire: &mut ContentV4) -> &mut ReferenceWire {
        let ReferenceKindWire::Rows(rows) = &mut wire.reference else { panic!("no rows") };
        rows
    }

    #[test]
    fn contents_beyond_the_limits_of_training_are_refused() {
        assert!(decoded(|_| {}).is_ok());
        refused("schema", |wire| wire.schema.classes = vec![String::new(); MAX_CLASSES + 1]);
        refused("schema", |wire| wire.schema.features.clear());
        refused("schema", |wire| wire.schema.features[0].missing_share = f64::NAN);
        refused("reference sample", |wire| rows(wire).labels.extend([0; 257]));
        refused("reference sample", |wire| rows(wire).columns[0].places[0] = u32::MAX);
        refused("schema", |wire| wire.additions.features.clear());
        // A number has no category that others share.
        refused("schema", |wire| wire.additions.features[0].other = Some(0));
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

    /// What decoding says of a model without rows, of two columns of numbers and two of categories.
    fn decoded_summary(
        change: impl FnOnce(&mut Vec<Box<ColumnWire>>),
    ) -> Result<Content, ArtifactError> {
        let mut csv = String::from("n,c,x,d,y\n");
        for row in 0..60 {
            let (n, c, d) = (row * row % 37, ["u", "v", "w"][row % 3], ["p", "q"][row / 30]);
            csv.push_str(&format!("{n},{c},{}.5,{d},{}\n", row % 4, ["a", "b"][row % 2]));
        }
        let data = crate::Dataset::from_csv(csv.as_bytes(), &Default::default()).unwrap();
        let model = crate::TrainParams::new(crate::Family::GaussianNb).train(&data).unwrap();
        let model = model.without_rows().unwrap();
        assert_eq!(Artifact::from_bytes(&model.to_bytes()).as_ref(), Ok(&model));
        let mut wire = wire(&model.content);
        let ReferenceKindWire::Summary(summary) = &mut wire.reference else { panic!("rows") };
        change(summary);
        later::decode(FORMAT_VERSION, &to_postcard(&wire))
    }

    #[test]
    fn summaries_that_no_training_writes_are_refused() {
        assert!(decoded_summary(|_| {}).is_ok());
        let refused = |change: fn(&mut Vec<Box<ColumnWire>>)| {
            let part = "reference sample";
            assert_eq!(decoded_summary(change).unwrap_err(), ArtifactError::Inconsistent { part });
        };
        let floats = |wire: &mut Vec<Box<ColumnWire>>, at: usize, values: Vec<f64>| {
            wire[at].places = vec![5; values.len() + 2];
            wire[at].dictionary = DictionaryWire::Float(values);
        };
        refused(|wire| wire.truncate(3));
        refused(|wire| wire[0].places.clear());
        refused(|wire| wire[0].places.truncate(1));
        refused(|wire| wire[0].places.truncate(3));
        refused(|wire| wire[0].places.push(5));
        let last = |wire: &mut Vec<Box<ColumnWire>>, behind: usize, rows: u32| {
            let at = wire[0].places.len() - behind;
            wire[0].places[at] = rows;
        };
        // By which ranks are off, without a value, that a number stands for.
        for (behind, rows) in [(1, 257), (2, u32::MAX), (3, u32::MAX)] {
            assert!(decoded_summary(|wire| last(wire, behind, rows)).is_err(), "{behind}");
        }
        // A number that stands for fewer rows than a group has; a category that no row has.
        refused(|wire| wire[0].places[0] = 4);
        refused(|wire| wire[1].places[0] = 0);
        for values in [vec![2.0, 1.0], vec![1.0, 1.0], vec![f64::NAN], vec![f64::INFINITY]] {
            let result = decoded_summary(|wire| floats(wire, 0, values.clone()));
            assert!(result.is_err(), "{values:?}");
        }
        for codes in [vec![3.0], vec![0.5], vec![-1.0]] {
            let result = decoded_summary(|wire| floats(wire, 1, codes.clone()));
            assert!(result.is_err(), "{codes:?}");
        }
        assert!(decoded_summary(|wire| floats(wire, 1, vec![0.0, 2.0])).is_ok());
        // Of a column without values there is nothing.
        let none = decoded_summary(|wire| {
            floats(wire, 0, Vec::new());
            wire[0].places = vec![0, 0];
        });
        assert!(none.is_ok());
    }

    #[test]
    fn prediction_sets_that_no_training_writes_are_refused() {
        let sets = |change: fn(&mut ConformalWire)| {
            refused("prediction sets", |wire| change(&mut wire.conformal));
        };
        sets(|wire| wire.coverage = f64::NAN);
        sets(|wire| wire.coverage = 0.3);
        sets(|wire| wire.scores.as_mut().unwrap().n = 0);
        sets(|wire| wire.scores.as_mut().unwrap().n = u32::MAX);
        sets(|wire| wire.scores.as_mut().unwrap().steps.push(0));
        sets(|wire| wire.scores.as_mut().unwrap().steps.clear());
        sets(|wire| wire.scores.as_mut().unwrap().steps[0] = 1.1_f32.to_bits());
        sets(|wire| wire.scores.as_mut().unwrap().steps[0] = f32::NAN.to_bits());
        sets(|wire| wire.scores.as_mut().unwrap().steps[3] = u32::MAX);
        sets(|wire| wire.test.as_mut().unwrap().classes[0].0 += 1);
        sets(|wire| wire.test.as_mut().unwrap().sizes[0] += 1);
        // Sets that were counted without scores.
        sets(|wire| wire.scores = None);
        // Rows that were counted without a test part.
        refused("prediction sets", |wire| wire.evaluation.test = None);
        // Without a coverage that training takes there is nothing to train again.
        refused("lineage", |wire| {
            wire.conformal = ConformalWire { coverage: 2.0, scores: None, test: None };
        });
        let without = decoded(|wire| {
            wire.conformal = ConformalWire { coverage: 0.8, scores: None, test: None };
        });
        let without = without.unwrap();
        assert_eq!((without.conformal, without.lineage.params.coverage), (None, 0.8));
    }
}
