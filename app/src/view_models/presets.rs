//! Where the sliders can start: the medians of the model's own reference sample.

use model_core::Artifact;

use super::format;

/// A starting point: the field texts in the schema's order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Preset {
    /// The class whose median it is.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// Field texts.
    pub(crate) texts: Vec<String>,
}

/// A typical row of each class that the reference sample has rows of.
pub(crate) fn presets(artifact: &Artifact) -> Vec<Preset> {
    let classes = artifact.schema().classes.iter().enumerate();
    classes
        .filter_map(|(class, name)| {
            let texts = medians(artifact, |label| label as usize == class)?;
            Some(Preset { class, name: name.clone(), texts })
        })
        .collect()
}

/// Where the page starts: the median of every reference row, or the middle of the training
/// ranges for a model that carries no rows.
pub(crate) fn start(artifact: &Artifact) -> Vec<String> {
    medians(artifact, |_| true).unwrap_or_else(|| {
        let features = artifact.schema().features.iter().map(model_core::Feature::numeric);
        features
            .map(|range| {
                let middle = f64::midpoint(range.training.min, range.training.max);
                format::decimal(middle, range.decimals)
            })
            .collect()
    })
}

fn medians(artifact: &Artifact, wanted: impl Fn(u32) -> bool) -> Option<Vec<String>> {
    let rows: Vec<&[f64]> = artifact
        .reference()
        .train
        .rows()
        .filter(|(_, label)| wanted(*label))
        .map(|(row, _)| row)
        .collect();
    artifact
        .schema()
        .features
        .iter()
        .enumerate()
        .map(|(index, feature)| {
            let column: Vec<f64> = rows.iter().filter_map(|row| row.get(index).copied()).collect();
            Some(format::decimal(median(column)?, feature.numeric().decimals))
        })
        .collect()
}

/// The middle value; of an even number of values the lower of the two in the middle, so that a
/// preset is made of values that were measured.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::answer::{Answer, read_row};
    use crate::view_models::fixtures::built_in;

    #[test]
    fn the_typical_flower_of_a_class_is_classified_as_it() {
        let artifact = built_in();
        let presets = presets(&artifact);
        assert_eq!(presets.len(), 3);
        for preset in presets {
            let row = read_row(artifact.schema(), &preset.texts).unwrap();
            assert_eq!(Answer::predict(&artifact, &row).class, preset.class, "{}", preset.name);
        }
    }

    #[test]
    fn median_takes_a_measured_value() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    /// `text` as it stands in an HTML file.
    fn html_text(text: &str) -> String {
        text.replace(format::NBSP, "&nbsp;").replace("< ", "&lt; ").replace("> ", "&gt; ")
    }

    #[test]
    fn static_first_paint_shows_the_answer_that_the_model_gives() {
        let artifact = built_in();
        let texts = start(&artifact);
        let answer = Answer::predict(&artifact, &read_row(artifact.schema(), &texts).unwrap());
        let mut expected: Vec<String> =
            texts.iter().map(|text| format!("value=\"{text}\"")).collect();
        expected.extend(artifact.schema().features.iter().map(|feature| {
            let slider = crate::view_models::measurement::Slider::of(feature.numeric());
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
