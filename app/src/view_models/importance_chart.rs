//! What a model goes by: a bar for each column, from the fit itself or from shuffling the column.

use model_core::explanation::Importance;
use model_core::sort_items;
use model_core::{Artifact, Schema};

use super::format::{self, NBSP};
use super::scene::{Anchor, Item, Mark, PixelBox, Scene, Tone};

/// Bars that are drawn; the table has all.
pub(crate) const MAX_BARS: usize = 20;
/// Height of a bar with its gap.
const BAND: f64 = 30.0;
const TEXT: f64 = 13.0;
const LETTER: f64 = 6.8;
/// Room for the figure beside a bar.
const FIGURE: f64 = 84.0;

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight {
    /// Its name for people.
    pub(crate) name: String,
    /// How much it matters.
    pub(crate) value: f64,
    /// How much that varies.
    pub(crate) spread: f64,
    /// The same as a text.
    pub(crate) text: String,
}

/// What the fit of a forest or of boosting tells: shares of all that the trees' splits gained; the
/// greatest first.
pub(crate) fn of_fit(artifact: &Artifact) -> Option<Vec<Weight>> {
    let shares = artifact.evaluation().feature_importances.as_ref()?;
    let weight = |(name, &value): (String, &f64)| Weight {
        name,
        value,
        spread: 0.0,
        text: format::percent(value),
    };
    Some(ordered(labels(artifact.schema()).zip(shares).map(weight).collect()))
}

/// What shuffling tells: by how many points accuracy drops; the greatest first.
pub(crate) fn of_shuffling(importance: &Importance, schema: &Schema) -> Vec<Weight> {
    // Adding 0 makes a negative zero a positive one.
    let points = |share: f64| format::decimal(100.0 * share + 0.0, 1);
    let weight = |(name, of): (String, &model_core::explanation::FeatureImportance)| {
        let drop = of.accuracy_drop;
        Weight {
            name,
            value: drop.mean,
            spread: drop.std,
            text: format!("{}{NBSP}±{NBSP}{}", points(drop.mean), points(drop.std)),
        }
    };
    ordered(labels(schema).zip(&importance.features).map(weight).collect())
}

fn labels(schema: &Schema) -> impl Iterator<Item = String> {
    schema.features.iter().map(|feature| feature.label.clone())
}

fn ordered(mut weights: Vec<Weight>) -> Vec<Weight> {
    sort_items(&mut weights, &mut |a, b| b.value.total_cmp(&a.value));
    weights
}

/// The chart of `weights`, `width` pixels wide; what the longest bar stands for sets the scale.
pub(crate) fn importance_chart(weights: &[Weight], width: f64) -> Scene {
    let shown = weights.get(..MAX_BARS.min(weights.len())).unwrap_or_default();
    let mut scene = Scene::new(width, shown.len() as f64 * BAND + 4.0);
    let longest = shown.iter().map(|weight| weight.name.chars().count()).max().unwrap_or(0);
    let gutter = (longest as f64 * LETTER + 12.0).min(0.4 * width);
    let low = shown.iter().map(|weight| weight.value - weight.spread).fold(0.0, f64::min);
    let high = shown.iter().map(|weight| weight.value + weight.spread).fold(1e-9, f64::max);
    let scale = (width - gutter - FIGURE).max(20.0) / (high - low);
    let x = |value: f64| gutter + (value - low) * scale;
    let zero = x(0.0);
    for (at, weight) in shown.iter().enumerate() {
        let top = at as f64 * BAND + 2.0;
        let middle = top + BAND / 2.0 - 2.0;
        let end = x(weight.value);
        scene.items.push(text((0.0, middle), &cut(&weight.name, gutter), Tone::Ink));
        let bar = PixelBox {
            x: zero.min(end),
            y: top + 4.0,
            width: (end - zero).abs().max(1.0),
            height: BAND - 12.0,
        };
        let tone = if weight.value > 0.0 { Tone::Moss } else { Tone::Rule };
        scene.items.push(Item::Fill { area: bar, tone });
        let mut right = zero.max(end);
        if weight.spread > 0.0 {
            let (from, to) = (x(weight.value - weight.spread), x(weight.value + weight.spread));
            let line = |from, to| Item::Line { from, to, tone: Tone::Ink, line: 1.0 };
            scene.items.push(line((from, middle), (to, middle)));
            right = right.max(to);
        }
        scene.items.push(text((right + 8.0, middle), &weight.text, Tone::Quiet));
        let area = PixelBox { x: 0.0, y: top, width, height: BAND - 2.0 };
        scene.marks.push(Mark { area, readout: format!("{}: {}.", weight.name, weight.text) });
    }
    let bottom = scene.height - 2.0;
    let axis = Item::Line { from: (zero, 2.0), to: (zero, bottom), tone: Tone::Quiet, line: 1.0 };
    scene.items.push(axis);
    scene
}

/// As much of `name` as the gutter holds.
fn cut(name: &str, gutter: f64) -> String {
    let room = (((gutter - 12.0) / LETTER) as usize).max(3);
    if name.chars().count() <= room {
        return name.to_owned();
    }
    name.chars().take(room - 1).chain(['…']).collect()
}

fn text(at: (f64, f64), text: &str, tone: Tone) -> Item {
    let text = text.to_owned();
    Item::Text { at, text, size: TEXT, tone, anchor: Anchor::Start, bold: false }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use model_core::explanation::ImportanceParams;

    use super::*;
    use crate::view_models::fixtures::built_in;

    fn shuffled() -> Vec<Weight> {
        let artifact = built_in();
        let (rows, params) = (&artifact.reference().held_out, ImportanceParams::default());
        let go_on = &mut |_| ControlFlow::Continue(());
        let importance = Importance::of(&artifact, rows, params, go_on).unwrap();
        of_shuffling(&importance, artifact.schema())
    }

    #[test]
    fn petals_come_before_sepals() {
        let weights = shuffled();
        assert_eq!(weights.len(), 4);
        assert!(weights[0].name.starts_with("Petal"), "{weights:?}");
        assert!(weights.is_sorted_by(|a, b| a.value >= b.value));
    }

    #[test]
    fn the_fit_of_an_svm_tells_nothing() {
        assert_eq!(of_fit(&built_in()), None);
    }

    #[test]
    fn bars_stay_inside_and_many_columns_are_cut_to_the_first() {
        let one = |at: usize| Weight {
            name: format!("a column with a rather long name, number {at}"),
            value: 0.3 - 0.02 * at as f64,
            spread: 0.01,
            text: "x".to_owned(),
        };
        let weights: Vec<Weight> = (0..40).map(one).collect();
        for width in [280.0, 700.0] {
            let scene = importance_chart(&weights, width);
            assert_eq!(scene.marks.len(), MAX_BARS);
            for item in &scene.items {
                if let Item::Fill { area, .. } = item {
                    assert!(area.x >= 0.0 && area.x + area.width <= width, "{area:?}");
                }
            }
        }
        assert!(importance_chart(&[], 400.0).marks.is_empty());
    }
}
