//! Whose model a file holds, for people and for programs.

use serde::Serialize;

use super::proto::{Property, ValueInfo};
use crate::artifact::Artifact;
use crate::schema::{Feature, FeatureKind};

/// One column as `metadata_props` tells it.
#[derive(Serialize)]
struct Column<'a> {
    /// As in the data.
    name: &'a str,
    /// The input that holds it: its own, or the one of all columns.
    input: &'a str,
    unit: Option<&'a str>,
    /// Whether a row may go without a value.
    nullable: bool,
    /// What a row outside ONNX is refused beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<&'a [String]>,
    /// Which of the categories any text is that is none of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<&'a str>,
}

/// What the model is, in a sentence or two.
pub(super) fn description(artifact: &Artifact, takes_doubles: bool) -> String {
    let (schema, lineage) = (artifact.schema(), artifact.lineage());
    format!(
        "{} that tells the {} of {}, trained by Tepal on {} rows. Probabilities are in the order \
         of the classes in metadata_props; a missing number is NaN, a missing text is empty.{}",
        artifact.family().label(),
        schema.target,
        schema.name,
        lineage.n_train,
        if takes_doubles { " Numbers are doubles: floats would round them." } else { "" },
    )
}

/// Facts by name; lists are JSON.
pub(super) fn properties(artifact: &Artifact, inputs: &[ValueInfo]) -> Vec<Property> {
    let schema = artifact.schema();
    let columns: Vec<Column<'_>> = schema
        .features
        .iter()
        .enumerate()
        .map(|(at, feature)| {
            // One input holds all columns, or each has its own.
            let input = if inputs.len() == 1 { inputs.first() } else { inputs.get(at) };
            column(feature, input.map_or("", |input| &input.name))
        })
        .collect();
    let facts = [
        ("model_id", artifact.id().to_string()),
        ("family", artifact.family().to_string()),
        ("data", schema.name.clone()),
        ("target", schema.target.clone()),
        ("classes", json(&schema.classes)),
        ("features", json(&columns)),
    ];
    facts.into_iter().map(|(key, value)| Property { key: key.to_owned(), value }).collect()
}

fn column<'a>(feature: &'a Feature, input: &'a str) -> Column<'a> {
    let (range, categories) = match &feature.kind {
        FeatureKind::Numeric(range) => (Some([range.hard.min, range.hard.max]), None),
        FeatureKind::Categorical(categories) => (None, Some(categories.as_slice())),
    };
    let unit = feature.unit.as_deref();
    let (name, nullable, other) = (&feature.name, feature.nullable, feature.other_category());
    Column { name, input, unit, nullable, range, categories, other }
}

/// Texts, finite numbers and lists of them always have a JSON form.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
