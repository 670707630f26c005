//! What each feature adds to the answer, as bars to both sides of a line and in words.

use model_core::{Artifact, Schema};

use super::comparison::Samples;
use super::format;
use super::ranking::ranked;
use crate::i18n::t;
use crate::lab::Why;

/// Bars that are drawn; the others are summed up.
const MAX_BARS: usize = 8;
/// The least width of the axis, in probability: what hardly adds anything looks like it.
const MIN_SPAN: f64 = 0.1;

/// Bars and words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WhyBars {
    /// Which answer is explained.
    pub(crate) heading: String,
    /// What the bars are measured against, and where they lead.
    pub(crate) sentence: String,
    /// How exact they are, if they are not exact.
    pub(crate) estimate: Option<String>,
    /// Where the line stands, in percent of the width.
    pub(crate) zero: f64,
    /// What adds or takes most comes first.
    pub(crate) bars: Vec<WhyBar>,
    /// The class.
    pub(crate) class: usize,
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WhyBar {
    /// Its name for people.
    pub(crate) label: String,
    /// What it adds, in points, with its sign.
    pub(crate) number: String,
    /// Left end, in percent of the width.
    pub(crate) left: f64,
    /// Width in percent.
    pub(crate) width: f64,
    /// Whether it speaks for the class.
    pub(crate) speaks_for: bool,
}

impl WhyBars {
    /// The bars of `why`, which `model` gave.
    pub(crate) fn of(model: &Artifact, why: &Why) -> Self {
        let schema = model.schema();
        let parts = parts(schema, &why.added);
        let ends = parts.iter().fold((0.0_f64, 0.0_f64), |(least, most), (_, added)| {
            (least.min(*added), most.max(*added))
        });
        let missing = (MIN_SPAN - (ends.1 - ends.0)).max(0.0);
        let (least, span) = (ends.0 - missing / 2.0, ends.1 - ends.0 + missing);
        let place = |value: f64| 100.0 * (value - least) / span;
        let bars = parts.into_iter().map(|(label, added)| WhyBar {
            label,
            number: points(added),
            left: place(added.min(0.0)),
            width: 100.0 * added.abs() / span,
            speaks_for: added >= 0.0,
        });
        let class = why.class as usize;
        let name = schema.classes.get(class).map_or("", String::as_str);
        let rows = Samples::of(model).count(why.n_background as usize);
        let (base, here) = (format::percent(why.base), format::percent(why.probability));
        Self {
            heading: t!("Why {class}", class = name),
            sentence: t!(
                "In points of probability, against {rows} of the training data: from {base}, the mean for {class} among them, to {here} here.",
                rows,
                base,
                class = name,
                here
            ),
            estimate: why.standard_error.map(|error| {
                t!(
                    "Estimated: a number may be off by about {points}.",
                    points = format::decimal(100.0 * error, 1)
                )
            }),
            zero: place(0.0),
            bars: bars.collect(),
            class,
        }
    }
}

/// The features by what they add, the least ones together.
fn parts(schema: &Schema, added: &[f64]) -> Vec<(String, f64)> {
    let sizes: Vec<f64> = added.iter().map(|added| added.abs()).collect();
    let part = |at: usize| {
        let feature = schema.features.get(at)?;
        Some((format::words(&feature.label), added.get(at).copied()?))
    };
    let mut parts: Vec<(String, f64)> = ranked(&sizes).into_iter().filter_map(part).collect();
    if parts.len() > MAX_BARS {
        let rest = parts.split_off(MAX_BARS - 1);
        let sum = rest.iter().map(|(_, added)| added).sum();
        parts.push((t!("{n} others", n = rest.len()), sum));
    }
    parts
}

/// A difference of probabilities in points, with its sign; what rounds to nothing has none.
fn points(added: f64) -> String {
    let number = format::decimal(100.0 * added.abs(), 1);
    match added < 0.0 {
        _ if number == format::decimal(0.0, 1) => number,
        true => format!("\u{2212}{number}"),
        false => format!("+{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, journal};
    use crate::view_models::format::NBSP;

    fn why(added: &[f64]) -> Why {
        Why {
            class: 2,
            base: 0.342,
            probability: 0.342 + added.iter().sum::<f64>(),
            added: added.to_vec(),
            standard_error: None,
            n_background: 64,
        }
    }

    #[test]
    fn what_adds_most_comes_first_and_says_against_what() {
        let bars = WhyBars::of(&built_in(), &why(&[-0.08, 0.0, 0.08, 0.31]));
        assert_eq!(bars.heading, "Why virginica");
        let sentence = bars.sentence.replace(NBSP, " ");
        assert_eq!(
            sentence,
            "In points of probability, against 64 flowers of the training data: from 34.2 %, the mean for virginica among them, to 65.2 % here."
        );
        let numbers: Vec<(&str, &str)> =
            bars.bars.iter().map(|bar| (bar.label.as_str(), bar.number.as_str())).collect();
        assert_eq!(numbers[0], ("Petal width", "+31.0"));
        assert_eq!(numbers[3], ("Sepal width", "0.0"));
        assert!(numbers.contains(&("Sepal length", "\u{2212}8.0")));
    }

    #[test]
    fn bars_begin_at_the_line_and_stay_on_the_axis() {
        for added in [[0.3, -0.1, 0.0, 0.0], [0.001, 0.0, 0.0, -0.002], [0.0; 4], [-0.5; 4]] {
            let bars = WhyBars::of(&built_in(), &why(&added));
            for bar in &bars.bars {
                let start = if bar.speaks_for { bar.left } else { bar.left + bar.width };
                assert!((start - bars.zero).abs() < 1e-9, "{added:?}: {bar:?}");
                assert!(bar.left >= -1e-9 && bar.left + bar.width <= 100.0 + 1e-9);
            }
        }
        let small = WhyBars::of(&built_in(), &why(&[0.001, 0.0, 0.0, 0.0]));
        assert!(small.bars[0].width < 2.0, "hardly anything looks like it");
    }

    #[test]
    fn of_many_features_the_least_are_summed_up() {
        let model = journal();
        let n_features = model.schema().features.len();
        let added: Vec<f64> = (0..n_features).map(|at| 0.001 * at as f64).collect();
        let bars = WhyBars::of(&model, &Why { class: 0, ..why(&added) });
        assert_eq!(bars.bars.len(), MAX_BARS);
        assert_eq!(bars.bars[7].label, format!("{} others", n_features - 7));
        let sum: f64 = bars
            .bars
            .iter()
            .map(|bar| bar.number.replace('\u{2212}', "-").parse::<f64>().unwrap())
            .sum();
        assert!((sum - 100.0 * added.iter().sum::<f64>()).abs() < 0.4);
    }

    #[test]
    fn an_estimate_says_so() {
        let drawn = Why { standard_error: Some(0.0123), ..why(&[0.1, 0.0, 0.0, 0.0]) };
        let words = WhyBars::of(&built_in(), &drawn).estimate.unwrap();
        assert_eq!(words, "Estimated: a number may be off by about 1.2.");
    }
}
