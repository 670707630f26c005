//! Where the fields can start: what is typical in the model's own reference sample.

use model_core::sort_items;
use std::cmp::Reverse;

use model_core::{Artifact, ReferenceRows, Schema};

use super::format;
use super::measurement::{Field, FieldKind};
use super::typical_date::typical_date;

/// A starting point: a text for each field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Preset {
    /// The class that it is typical of.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// Field texts; none for a text, of which the sample holds only what was made of it.
    pub(crate) texts: Vec<Option<String>>,
}

/// A typical row of each class that the reference sample has rows of.
pub(crate) fn presets(artifact: &Artifact) -> Vec<Preset> {
    let (schema, rows) = (artifact.schema(), &artifact.reference().train);
    let classes = schema.classes.iter().enumerate();
    classes
        .filter_map(|(class, name)| {
            let texts = typical(schema, rows, |label| label as usize == class)?;
            Some(Preset { class, name: name.clone(), texts })
        })
        .collect()
}

/// Where the page starts: what is typical of all `rows` that a model carries, or for one that carries none
/// the middle of each training range and the first of the categories. Texts start as an
/// example, and so do dates without rows.
pub(crate) fn start(schema: &Schema, rows: Option<&ReferenceRows>) -> Vec<String> {
    let fields = Field::all(schema);
    let typical = rows.and_then(|rows| typical(schema, rows, |_| true));
    let mut typical = typical.into_iter().flatten();
    let text = |field: &Field| match (typical.next().flatten(), &field.kind) {
        (Some(text), _) => text,
        (None, FieldKind::Number(range)) => {
            let middle = f64::midpoint(range.training.min, range.training.max);
            format::typed(middle, range.decimals)
        }
        (None, FieldKind::Choice { names, .. }) => names.first().cloned().unwrap_or_default(),
        (None, FieldKind::Text { example, .. }) => (*example).to_owned(),
    };
    fields.iter().map(text).collect()
}

/// Median or most frequent category of each field's column over the wanted rows, if there are any; of a
/// column of dates a date whose features are typical.
fn typical(
    schema: &Schema,
    rows: &ReferenceRows,
    wanted: impl Fn(u32) -> bool,
) -> Option<Vec<Option<String>>> {
    let rows: Vec<&[f64]> =
        rows.rows().filter(|(_, label)| wanted(*label)).map(|(row, _)| row).collect();
    let known = |feature: usize| -> Vec<f64> {
        let column = rows.iter().filter_map(|row| row.get(feature).copied());
        column.filter(|value| !value.is_nan()).collect()
    };
    let fields = Field::all(schema);
    let columns = fields.iter().map(|field| match schema.source(&field.name) {
        Some(source) => {
            typical_date(&source.kind, |part| median(known(source.first_feature + part)))
        }
        None => text_of(field, known(field.first_feature)),
    });
    (!rows.is_empty()).then(|| columns.collect())
}

/// The text that stands for a field's column, empty if it has no value at all.
fn text_of(field: &Field, column: Vec<f64>) -> Option<String> {
    let text = match &field.kind {
        FieldKind::Number(range) => {
            median(column).map(|value| format::typed(value, range.decimals))
        }
        FieldKind::Choice { names, .. } => mode(&column).and_then(|code| names.get(code)).cloned(),
        FieldKind::Text { .. } => return None,
    };
    Some(text.unwrap_or_default())
}

/// The most frequent category; of equally frequent ones the first.
fn mode(codes: &[f64]) -> Option<usize> {
    let count = |code: f64| codes.iter().filter(|other| **other == code).count();
    let codes = codes.iter().map(|&code| (count(code), Reverse(code as usize)));
    codes.max().map(|(_, Reverse(code))| code)
}

/// The middle value; of an even number of values the lower of the two in the middle, so that a
/// preset is made of values that were measured.
fn median(mut values: Vec<f64>) -> Option<f64> {
    sort_items(&mut values, &mut f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::answer::Answer;
    use crate::view_models::fixtures::{built_in, journal, mixed, row};

    fn started(model: &Artifact) -> Vec<String> {
        start(model.schema(), Some(&model.reference().train))
    }

    #[test]
    fn without_rows_the_fields_start_in_the_middle_of_what_is_known() {
        let model = mixed();
        assert_eq!(start(model.schema(), None), ["12", "blue", "12.5", "long"]);
    }

    #[test]
    fn the_typical_flower_of_a_class_is_classified_as_it() {
        let artifact = built_in();
        let presets = presets(&artifact);
        assert_eq!(presets.len(), 3);
        for preset in presets {
            let texts: Vec<&str> = preset.texts.iter().flatten().map(String::as_str).collect();
            let row = row(&artifact, &texts).unwrap();
            assert_eq!(Answer::predict(&artifact, &row).class, preset.class, "{}", preset.name);
        }
    }

    #[test]
    fn median_takes_a_measured_value() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn a_typical_row_holds_categories_and_only_what_was_measured() {
        let model = mixed();
        assert_eq!(started(&model), ["11", "blue", "11.5", "round"]);
        let presets = presets(&model);
        let expected = [["10", "blue", "", "round"], ["11", "red", "11.5", "long"]];
        for (preset, texts) in presets.iter().zip(expected) {
            assert_eq!(preset.texts, texts.map(|text| Some(text.to_owned())));
            assert!(row(&model, &texts).is_ok(), "{texts:?}");
        }
    }

    #[test]
    fn dates_start_as_a_typical_one_and_texts_as_an_example() {
        let model = journal();
        let start = started(&model);
        assert!(start[1].starts_with("2024-0"), "{start:?}");
        assert_eq!(start[2], "some words");
        let texts: Vec<&str> = start.iter().map(String::as_str).collect();
        let row = row(&model, &texts).unwrap();
        let day = model.schema().source("day").unwrap().features();
        let outside: Vec<usize> = row.outside_training(model.schema()).collect();
        assert!(outside.iter().all(|feature| !day.contains(feature)), "{start:?}: {outside:?}");
        for preset in presets(&model) {
            let given: Vec<bool> = preset.texts.iter().map(Option::is_some).collect();
            assert_eq!(given, [true, true, false, true]);
        }
    }

    #[test]
    fn of_equally_frequent_categories_the_first_is_typical() {
        assert_eq!(mode(&[2.0, 1.0, 2.0, 1.0, 0.0]), Some(1));
        assert_eq!(mode(&[]), None);
    }

    /// `text` as it stands in an HTML file.
    fn html_text(text: &str) -> String {
        text.replace(format::NBSP, "&nbsp;").replace("< ", "&lt; ").replace("> ", "&gt; ")
    }

    #[test]
    fn static_first_paint_shows_the_answer_that_the_model_gives() {
        let artifact = built_in();
        let texts = started(&artifact);
        let values: Vec<&str> = texts.iter().map(String::as_str).collect();
        let answer = Answer::predict(&artifact, &row(&artifact, &values).unwrap());
        let mut expected: Vec<String> =
            texts.iter().map(|text| format!("value=\"{text}\"")).collect();
        expected.extend(artifact.schema().features.iter().map(|feature| {
            let slider = crate::view_models::slider::Slider::of(feature.numeric().unwrap());
            format!(
                "aria-label=\"{}, slider\" min=\"{}\" max=\"{}\"",
                feature.label, slider.min, slider.max
            )
        }));
        expected.push(format!("<em class=\"species\">{}</em>", answer.name));
        expected.push(html_text(&answer.sentence()));
        expected.extend(
            answer.shares.iter().map(|share| html_text(&format::percent(share.probability))),
        );
        let html = include_str!("../../index.html");
        expected.retain(|text| !html.contains(text));
        assert!(expected.is_empty(), "index.html lacks {expected:#?}");
    }
}
