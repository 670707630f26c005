//! A feature and its values as people read them, and as the form takes them.

use model_core::{Artifact, Feature, FeatureKind};

use super::format::{self, NBSP};
use super::measurement::{Field, FieldKind};
use crate::i18n::t;

/// The name of a feature in the middle of a sentence: `Petal length` reads `petal length`, `BMI` stays.
pub(crate) fn name(feature: &Feature) -> String {
    let label = format::words(&feature.label);
    let mut letters = label.chars();
    // Of ASCII alone: the tables for every script are 15 KB, and the entry would carry them for this.
    match (letters.next(), letters.clone().any(|letter| letter.is_ascii_uppercase())) {
        (Some(first), false) => {
            std::iter::once(first.to_ascii_lowercase()).chain(letters).collect()
        }
        _ => label,
    }
}

/// What `value` is, without a unit, to the decimals of the data.
pub(crate) fn value(feature: &Feature, value: f64) -> String {
    if value.is_nan() {
        t!("no value").to_owned()
    } else {
        written(feature, value, format::decimal)
    }
}

/// As [`value`]; `write` writes numbers.
fn written(feature: &Feature, value: f64, write: fn(f64, u8) -> String) -> String {
    match &feature.kind {
        FeatureKind::Numeric(range) => write(value, range.decimals),
        FeatureKind::Categorical(names) => names.get(value as usize).cloned().unwrap_or_default(),
    }
}

/// As [`value`], with the unit.
pub(crate) fn quantity(feature: &Feature, number: f64) -> String {
    let text = value(feature, number);
    match &feature.unit {
        Some(unit) if !number.is_nan() => format!("{text}{NBSP}{unit}"),
        _ => text,
    }
}

/// Texts for the fields that set these features to these values; none where one of them is made of a
/// date or a text, which cannot be told from it.
pub(crate) fn texts(model: &Artifact, values: &[(u32, f64)]) -> Option<Vec<Option<String>>> {
    let schema = model.schema();
    let fields = Field::all(schema);
    let mut texts = vec![None; fields.len()];
    for (feature, number) in values {
        let feature = *feature as usize;
        let at =
            fields.iter().position(|field| field.first_feature == feature && !is_text(field))?;
        let text = match schema.features.get(feature)? {
            _ if number.is_nan() => String::new(),
            feature => written(feature, *number, format::plain),
        };
        *texts.get_mut(at)? = Some(text);
    }
    Some(texts)
}

/// The features that a field stands for alone, with its name for people.
pub(crate) fn plain(model: &Artifact) -> Vec<(usize, String)> {
    let fields = Field::all(model.schema()).into_iter();
    let plain = fields.filter(|field| !is_text(field));
    plain.map(|field| (field.first_feature, format::words(&field.label))).collect()
}

const fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, journal, mixed};

    #[test]
    fn names_fit_a_sentence_unless_they_are_written_otherwise() {
        let model = built_in();
        let mut feature = model.schema().features[2].clone();
        assert_eq!(name(&feature), "petal length");
        for (label, expected) in [("BMI", "BMI"), ("pH", "pH"), ("body_mass", "body mass")] {
            feature.label = label.into();
            assert_eq!(name(&feature), expected);
        }
    }

    #[test]
    fn values_have_the_decimals_of_the_data_their_unit_and_their_name() {
        let (iris, mixed) = (built_in(), mixed());
        assert_eq!(quantity(&iris.schema().features[2], 4.9), format!("4.9{NBSP}cm"));
        assert_eq!(quantity(&mixed.schema().features[1], 1.0), "red");
        assert_eq!(quantity(&mixed.schema().features[2], f64::NAN), "no value");
    }

    #[test]
    fn changed_features_are_texts_of_their_fields() {
        let model = mixed();
        let filled = texts(&model, &[(1, 1.0), (2, 2.5)]).unwrap();
        assert_eq!(filled, [None, Some("red".into()), Some("2.5".into()), None]);
        let journal = journal();
        assert_eq!(texts(&journal, &[(1, 3.0)]), None, "a month is no date");
        let sky = journal.schema().features.len() - 1;
        let filled = texts(&journal, &[(0, 4.0), (sky as u32, 1.0)]).unwrap();
        assert_eq!(filled, [Some("4".into()), None, None, Some("grey".into())]);
        let names: Vec<String> = plain(&journal).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["depth", "sky"]);
    }
}
