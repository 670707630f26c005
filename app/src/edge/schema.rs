//! The schema of a model from the description of it: what its rows are checked against before they are
//! sent.

use model_core::schema::{DateOrder, DatePart, Source, SourceKind};
use model_core::{Feature, FeatureKind, NumericRange, Range, Schema};
use tepal_api::{FeatureSchema, FeatureType, ModelSchema, SourceSchema, SourceType, ValueRange};

use super::json::Json;

/// The schema of a described model; `None` of a description that is not understood.
pub(super) fn schema_in(json: &Json) -> Option<Schema> {
    let range =
        |json: Json| Some(ValueRange { min: json.number("min")?, max: json.number("max")? });
    let feature = |json: Json| {
        Some(FeatureSchema {
            name: json.text_if_any("name")?,
            label: json.text_if_any("label")?,
            unit: json.text_if_any("unit"),
            kind: match json.text("type").as_str() {
                "numeric" => FeatureType::Numeric,
                "categorical" => FeatureType::Categorical,
                _ => return None,
            },
            training_range: range(json.get("training_range")),
            hard_range: range(json.get("hard_range")),
            decimals: json.number("decimals").map(|decimals| decimals as u8),
            categories: json.get_if_any("categories").map(|_| json.texts("categories")),
            other: json.text_if_any("other"),
            nullable: json.is("nullable"),
        })
    };
    let source = |json: Json| {
        Some(SourceSchema {
            name: json.text_if_any("name")?,
            kind: match json.text("type").as_str() {
                "date" => SourceType::Date,
                "time" => SourceType::Time,
                "text" => SourceType::Text,
                _ => return None,
            },
            example: json.text("example"),
            features: json.texts("features"),
            nullable: json.is("nullable"),
        })
    };
    schema_of(&ModelSchema {
        name: json.text_if_any("name")?,
        target: json.text_if_any("target")?,
        features: json.items("features").into_iter().map(feature).collect::<Option<Vec<_>>>()?,
        sources: json.items("sources").into_iter().map(source).collect::<Option<Vec<_>>>()?,
        classes: json.texts("classes"),
    })
}

/// The schema that `wire` describes; `None` if it contradicts itself.
fn schema_of(wire: &ModelSchema) -> Option<Schema> {
    let features = wire.features.iter().map(feature).collect::<Option<Vec<Feature>>>()?;
    let sources = wire.sources.iter().map(|source| source_of(source, &features));
    Some(Schema {
        name: wire.name.clone(),
        target: wire.target.clone(),
        sources: sources.collect::<Option<Vec<Source>>>()?,
        features,
        left_out: Vec::new(),
        classes: wire.classes.clone(),
    })
}

fn feature(wire: &FeatureSchema) -> Option<Feature> {
    let range = |range: ValueRange| Range { min: range.min, max: range.max };
    let categories = wire.categories.clone().unwrap_or_default();
    let other = wire.other.as_ref();
    let other = other.and_then(|other| categories.iter().position(|name| name == other));
    let kind = match wire.kind {
        FeatureType::Numeric => FeatureKind::Numeric(NumericRange {
            training: range(wire.training_range?),
            hard: range(wire.hard_range?),
            decimals: wire.decimals?,
        }),
        FeatureType::Categorical => FeatureKind::Categorical(categories),
    };
    Some(Feature {
        name: wire.name.clone(),
        label: wire.label.clone(),
        unit: wire.unit.clone(),
        kind,
        missing_share: 0.0,
        nullable: wire.nullable,
        other: other.map(|at| at as u32),
    })
}

fn source_of(wire: &SourceSchema, features: &[Feature]) -> Option<Source> {
    let first = wire.features.first()?;
    let first_feature = features.iter().position(|feature| feature.name == *first)?;
    let parts = wire.features.iter().map(|name| {
        let own = name.strip_prefix(&wire.name)?.strip_prefix('.')?;
        DatePart::ALL.into_iter().find(|part| part.as_str() == own)
    });
    let kind = match wire.kind {
        SourceType::Date | SourceType::Time => SourceKind::DateTime {
            order: DateOrder::ALL.into_iter().find(|order| order.example() == wire.example)?,
            parts: parts.collect::<Option<Vec<DatePart>>>()?,
        },
        SourceType::Text => {
            SourceKind::Text { n_buckets: wire.features.len().checked_sub(2)?.try_into().ok()? }
        }
    };
    let source = Source { name: wire.name.clone(), kind, first_feature };
    let end = source.features().end;
    (end <= features.len()).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::Value;

    const WIRE: &str = r#"{
        "name": "journal", "target": "kind", "classes": ["a", "b"],
        "features": [
            {"name": "depth", "label": "depth", "unit": "m", "type": "numeric",
             "training_range": {"min": 0.0, "max": 39.0}, "hard_range": {"min": -39.0, "max": 78.0},
             "decimals": 0, "nullable": false},
            {"name": "day.month", "label": "day.month", "type": "numeric",
             "training_range": {"min": 1.0, "max": 3.0}, "hard_range": {"min": 1.0, "max": 12.0},
             "decimals": 0, "nullable": false},
            {"name": "day.elapsed_days", "label": "day.elapsed_days", "type": "numeric",
             "training_range": {"min": 19723.0, "max": 19800.0},
             "hard_range": {"min": -719528.0, "max": 2932897.0}, "decimals": 0, "nullable": false},
            {"name": "sky", "label": "sky", "type": "categorical", "categories": ["clear", "other"],
             "other": "other", "nullable": true}
        ],
        "sources": [{"name": "day", "type": "date", "example": "2024-03-31",
                     "features": ["day.month", "day.elapsed_days"], "nullable": false}]
    }"#;

    fn wire() -> ModelSchema {
        serde_json::from_str(WIRE).unwrap()
    }

    #[test]
    fn a_described_schema_takes_the_rows_of_its_model() {
        let schema = schema_of(&wire()).unwrap();
        let row = |day, sky| {
            let named = [("depth", Value::Number(3.0)), ("day", Value::Text(day)), ("sky", sky)];
            schema.row_of_named(named)
        };
        let known = row("2024-02-14", Value::Text("clear")).unwrap();
        assert_eq!(known.values(), [3.0, 2.0, 19767.0, 0.0]);
        let unknown = row("2024-02-14", Value::Text("grey")).unwrap();
        assert_eq!(unknown.values()[3], 1.0, "shared by all that are unknown");
        assert!(row("soon", Value::Missing).is_err());
    }

    #[test]
    fn a_description_that_contradicts_itself_is_none() {
        let refused = |change: fn(&mut ModelSchema)| {
            let mut wire = wire();
            change(&mut wire);
            assert_eq!(schema_of(&wire), None);
        };
        refused(|wire| wire.features[0].training_range = None);
        refused(|wire| wire.sources[0].features = vec!["day.month".into(), "day.moon".into()]);
        refused(|wire| wire.sources[0].features = vec!["elsewhere".into()]);
        refused(|wire| wire.sources[0].example = "yesterday".into());
    }
}
