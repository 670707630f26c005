//! The OpenAPI document: wire types and routes describe themselves, the model describes its row.

use model_core::schema::{DateOrder, InputColumn, Source, SourceKind};
use model_core::{Feature, FeatureKind, NumericRange, Schema, filled};
use serde_json::{Map, Value, json};

use crate::services::serving::ServedModel;

/// The document for `model` as JSON text. `described` is what wire types and routes say of themselves, written down: making it
/// takes ten times as much of the upload as having it. A test of `routes` holds it to what they say.
///
/// # Errors
/// [`serde_json::Error`] if `described` is no JSON.
pub(crate) fn document(model: &ServedModel, described: &str) -> Result<String, serde_json::Error> {
    let mut document: Value = serde_json::from_str(described)?;
    let schema = model.artifact.schema();
    if let Some(body) =
        document.pointer_mut("/paths/~1predict/post/requestBody/content/application~1json")
    {
        *body = json!({
            "schema": { "$ref": "#/components/schemas/PredictRequest" },
            "example": example(schema),
        });
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        schemas["PredictRequest"] = request_schema(model, schema);
        if let Some(prediction) = schemas.pointer_mut("/PredictResponse/properties/prediction") {
            prediction["enum"] = json!(schema.classes);
        }
        let in_set = "/PredictResponse/properties/prediction_set/items";
        if let Some(class) = schemas.pointer_mut(in_set) {
            class["enum"] = json!(schema.classes);
        }
    }
    serde_json::to_string(&document)
}

/// JSON Schema of a `/predict` body: names, hard ranges, units and categories of the columns that the
/// model's rows are given by.
fn request_schema(model: &ServedModel, schema: &Schema) -> Value {
    let described = |column: InputColumn<'_>| match column {
        InputColumn::Feature(feature) => property(feature),
        InputColumn::Source(source) => text_property(schema, source),
    };
    let properties = schema.input_columns();
    let properties: Map<String, Value> =
        filled(properties.map(|column| (column.name().to_owned(), described(column))));
    let is_required = |column: &InputColumn<'_>| match column {
        InputColumn::Feature(feature) => !feature.nullable,
        InputColumn::Source(source) => !schema.is_nullable(source),
    };
    let required = schema.input_columns().filter(is_required);
    let required: Vec<&str> = required.map(|column| column.name()).collect();
    json!({
        "type": "object",
        "description": format!("One row for model {} ({}).", model.version, schema.name),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// JSON Schema of a source column's text.
fn text_property(schema: &Schema, source: &Source) -> Value {
    let (name, expected) = (&source.name, source.kind.expected());
    let mut description = match &source.kind {
        SourceKind::DateTime { order: DateOrder::Clock, .. } | SourceKind::Text { .. } => {
            format!("{name}: {expected}")
        }
        SourceKind::DateTime { .. } => format!("{name}: {expected}, or as in ISO 8601"),
    };
    let mut property = json!({ "type": "string", "examples": [source.kind.example()] });
    if schema.is_nullable(source) {
        description += "; may be left out or null";
        property["type"] = json!(["string", "null"]);
    }
    property["description"] = json!(description);
    property
}

/// JSON Schema of a feature's value.
fn property(feature: &Feature) -> Value {
    let unit = feature.unit.as_deref().map(|unit| format!(" in {unit}")).unwrap_or_default();
    let mut description = format!("{}{unit}", feature.label);
    let mut property = match &feature.kind {
        FeatureKind::Numeric(NumericRange { training, hard, .. }) => {
            description += &format!(
                "; trained on {} to {}, beyond which the answer carries a warning",
                training.min, training.max
            );
            json!({ "type": "number", "minimum": hard.min, "maximum": hard.max })
        }
        FeatureKind::Categorical(categories) => match feature.other_category() {
            None => match feature.truth_codes() {
                None => json!({ "type": "string", "enum": categories }),
                Some(_) => {
                    let truths = [json!(true), json!(false)].into_iter();
                    let values: Vec<Value> =
                        categories.iter().map(|c| json!(c)).chain(truths).collect();
                    json!({ "type": ["string", "boolean"], "enum": values })
                }
            },
            Some(other) => {
                description += &format!(
                    "; a text that is none of the examples counts as {other:?}, and the answer \
                     carries a warning"
                );
                json!({ "type": "string", "examples": categories })
            }
        },
    };
    if feature.nullable {
        description += "; may be left out or null";
        property["type"] = match property["type"].take() {
            Value::Array(types) => types.into_iter().chain([json!("null")]).collect(),
            only => json!([only, "null"]),
        };
        if let Some(values) = property.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    property["description"] = json!(description);
    if let Some(unit) = &feature.unit {
        property["x-unit"] = json!(unit);
    }
    property
}

/// A row to try: the middle of the training ranges, and the first of each feature's categories
/// that is no collection of others.
fn example(schema: &Schema) -> Value {
    let value = |feature: &Feature| match &feature.kind {
        FeatureKind::Numeric(NumericRange { training, decimals, .. }) => {
            let middle = f64::midpoint(training.min, training.max);
            let scale = (0..*decimals).fold(1.0, |scale, _| scale * 10.0);
            json!((middle * scale).round() / scale)
        }
        FeatureKind::Categorical(categories) => {
            json!(categories.iter().find(|name| feature.other_category() != Some(name)))
        }
    };
    let values = schema.input_columns().map(|column| {
        let value = match column {
            InputColumn::Feature(feature) => value(feature),
            InputColumn::Source(source) => json!(source.kind.example()),
        };
        (column.name().to_owned(), value)
    });
    Value::Object(values.collect())
}
