//! Partial dependence: how the probabilities move with one column, on average over rows.

use model_core::Schema;
use model_core::explanation::{Dependence, FeatureValue};

use super::class_mark::series;
use super::comparison::in_full;
use super::format;
use super::plot::{Axis, Plot, point_mark};
use super::scene::{Item, Scene, Tone};
use crate::i18n::t;

const HEIGHT: f64 = 300.0;
/// Shapes along a line.
const N_SHAPES: usize = 6;

/// The chart of `dependence` of a model of `schema`, `width` pixels wide.
pub(crate) fn dependence_chart(dependence: &Dependence, schema: &Schema, width: f64) -> Scene {
    let feature = schema.features.iter().find(|feature| feature.name == dependence.feature);
    let label = feature.map_or_else(
        || dependence.feature.clone(),
        |feature| {
            let unit = feature.unit.as_ref().map(|unit| format!(", {unit}")).unwrap_or_default();
            format!("{}{unit}", feature.label)
        },
    );
    let is_category = matches!(dependence.grid.first(), Some(FeatureValue::Category(_)));
    let names: Vec<String> = dependence.grid.iter().map(value_text).collect();
    let x_axis =
        if is_category { Axis::names(&names) } else { Axis::linear(values(dependence), short) };
    let axes = (x_axis, Axis::percent());
    let names_of_axes = (label.as_str(), t!("mean probability, in percent"));
    let (plot, mut scene) = Plot::draw(axes, names_of_axes, (width, HEIGHT));
    let places: Vec<f64> = if is_category {
        (0..names.len()).map(|at| at as f64).collect()
    } else {
        values(dependence).collect()
    };
    let every = places.len().div_ceil(N_SHAPES).max(1);
    for (class, name) in schema.classes.iter().enumerate() {
        let mean = |at: usize| dependence.mean.get(at).and_then(|of| of.get(class)).copied();
        let points: Vec<(f64, f64)> =
            places.iter().enumerate().filter_map(|(at, &x)| Some((x, mean(at)?))).collect();
        if !is_category {
            plot.line(&mut scene, &points, Tone::Class(series(class)), 2.0);
        }
        for (at, &(x, share)) in points.iter().enumerate() {
            let place = plot.at(x, share);
            if is_category || at % every == every / 2 {
                scene.items.push(Item::class_mark(class, place, 11.0));
            }
            let value = names.get(at).map_or("", String::as_str);
            scene.marks.push(point_mark(
                place,
                t!(
                    "{column} {value}: {class} {share} on average.",
                    column = label,
                    value,
                    class = name,
                    share = format::percent(share)
                ),
            ));
        }
    }
    scene
}

/// A value of the grid, as the language of the page writes it.
pub(crate) fn value_text(value: &FeatureValue) -> String {
    match value {
        FeatureValue::Number(value) => in_full(*value),
        FeatureValue::Category(name) => name.clone(),
        FeatureValue::Missing => t!("missing").to_owned(),
    }
}

/// The grid of a column of numbers.
fn values(dependence: &Dependence) -> impl Iterator<Item = f64> {
    dependence.grid.iter().filter_map(|value| match value {
        FeatureValue::Number(value) => Some(*value),
        FeatureValue::Category(_) | FeatureValue::Missing => None,
    })
}

/// A number of a tick or of the table, with four figures.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        return format::told(&format!("{value:.1e}"));
    }
    let decimals = match size {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format::trimmed(value, decimals)
}

#[cfg(test)]
mod tests {
    use model_core::explanation::DependenceParams;

    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    const PARAMS: DependenceParams =
        DependenceParams { grid_resolution: 20, percentiles: [0.05, 0.95] };

    #[test]
    fn lines_of_a_number_rise_and_fall_with_it() {
        let artifact = built_in();
        let of = Dependence::of(&artifact, &artifact.reference().held_out, 2, PARAMS).unwrap();
        let scene = dependence_chart(&of, artifact.schema(), 480.0);
        assert_eq!(scene.marks.len(), 3 * of.grid.len());
        let words = &scene.marks[0].readout;
        assert!(words.starts_with("Petal length, cm 1."), "{words}");
        assert!(words.contains("setosa"), "{words}");
        let setosa: Vec<f64> = of.mean.iter().map(|of| of[0]).collect();
        assert!(setosa.first() > setosa.last());
    }

    #[test]
    fn categories_stand_side_by_side_without_lines_between() {
        let artifact = mixed();
        let of = Dependence::of(&artifact, &artifact.reference().train, 1, PARAMS).unwrap();
        let scene = dependence_chart(&of, artifact.schema(), 300.0);
        assert_eq!(scene.marks.len(), 2 * 2);
        let lines = scene
            .items
            .iter()
            .filter(|item| matches!(item, Item::Line { tone: Tone::Class(_), .. }));
        assert_eq!(lines.count(), 0);
        assert!(scene.marks[0].readout.contains("blue"));
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (1234.5, "1234"),
            (12.34, "12.3"),
            (1.5, "1.5"),
            (0.0, "0"),
            (-0.25, "\u{2212}0.25"),
            (2e7, "2.0e7"),
            (100.0, "100"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
