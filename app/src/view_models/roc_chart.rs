//! ROC curves, each class against the rest.

use model_core::Schema;
use model_core::evaluation::{RocPoint, roc_auc, roc_curve};

use super::class_mark::series;
use super::format;
use super::known_rows::KnownRows;
use super::plot::{Axis, Plot, point_mark};
use super::scene::{Item, Scene, Tone};
use crate::i18n::t;

/// The frame is a square up to this side.
const MAX_SIDE: f64 = 360.0;
/// Between the shapes along a curve, which tell classes apart where colours do not: every curve is 2 long, one
/// across and one up.
const SHAPES_APART: f64 = 0.25;
/// Corners of a curve that can be pointed at.
const MAX_MARKS: usize = 60;

/// One class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    /// The class.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// Area under the curve.
    pub(crate) area: f64,
    /// Its corners, from (0, 0) to (1, 1).
    pub(crate) points: Vec<RocPoint>,
}

/// The curves of the classes that have one: those with rows of their own and of others.
pub(crate) fn curves(known: &KnownRows, schema: &Schema) -> Vec<Curve> {
    let (probabilities, labels) = (known.probabilities(), known.labels());
    let k = schema.classes.len();
    let areas = roc_auc(probabilities, labels, k);
    let named = schema.classes.iter().zip(areas).enumerate();
    named
        .filter_map(|(class, (name, area))| {
            let points = roc_curve(probabilities, labels, k, class);
            Some(Curve { class, name: name.clone(), area: area?, points })
        })
        .collect()
}

/// The chart of `curves`, `width` pixels wide.
pub(crate) fn roc_chart(curves: &[Curve], width: f64) -> Scene {
    let side = (width - 60.0).clamp(120.0, MAX_SIDE);
    let (plot, mut scene) = Plot::draw(
        (Axis::percent(), Axis::percent()),
        (t!("others called by the class, in percent"), t!("rows of the class found, in percent")),
        (width.min(side + 60.0), side),
    );
    plot.line(&mut scene, &[(0.0, 0.0), (1.0, 1.0)], Tone::Rule, 2.0);
    // No curve covers another's shapes, and where they run into each other the shapes take turns.
    let mut shapes = Vec::new();
    for (at, curve) in curves.iter().enumerate() {
        let tone = Tone::Class(series(curve.class));
        let points: Vec<(f64, f64)> = curve.points.iter().map(place).collect();
        plot.line(&mut scene, &points, tone, 2.0);
        let first = SHAPES_APART * (at as f64 + 0.5) / curves.len() as f64;
        for (x, y) in along(&points, first) {
            shapes.push(Item::class_mark(curve.class, plot.at(x, y), 11.0));
        }
        for point in thinned(&curve.points, MAX_MARKS) {
            let (x, y) = place(point);
            scene.marks.push(point_mark(plot.at(x, y), readout(curve, point)));
        }
    }
    scene.items.append(&mut shapes);
    scene
}

/// Places along the line through `points`, the first after `next`, across and up counted together.
fn along(points: &[(f64, f64)], mut next: f64) -> Vec<(f64, f64)> {
    let mut places = Vec::new();
    for pair in points.windows(2) {
        let &[(x, y), (to_x, to_y)] = pair else { continue };
        let length = (to_x - x).abs() + (to_y - y).abs();
        while next < length {
            let share = next / length;
            places.push((x + share * (to_x - x), y + share * (to_y - y)));
            next += SHAPES_APART;
        }
        next -= length;
    }
    places
}

/// What a corner says.
fn readout(curve: &Curve, point: &RocPoint) -> String {
    let (found, others) =
        (format::percent(point.true_positive_rate), format::percent(point.false_positive_rate));
    match point.threshold {
        None => t!("{class}: nothing is called so.", class = curve.name),
        Some(threshold) => t!(
            "{class}: calling a row so from a probability of {threshold} on finds {found} of them, and takes {others} of the others for it.",
            class = curve.name,
            threshold = format::decimal(threshold, 3),
            found,
            others
        ),
    }
}

fn place(point: &RocPoint) -> (f64, f64) {
    (point.false_positive_rate, point.true_positive_rate)
}

/// At most `n` of `points`, evenly, the first and the last among them.
fn thinned(points: &[RocPoint], n: usize) -> impl Iterator<Item = &RocPoint> {
    let last = points.len().saturating_sub(1);
    let n = n.min(points.len()).max(2);
    let mut indices: Vec<usize> = (0..n).map(|at| at * last / (n - 1)).collect();
    indices.dedup();
    indices.into_iter().filter_map(|index| points.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    fn iris() -> Vec<Curve> {
        let artifact = built_in();
        curves(&KnownRows::of(&artifact, None).unwrap(), artifact.schema())
    }

    #[test]
    fn the_areas_are_those_in_the_model_file() {
        let artifact = built_in();
        let quality = artifact.evaluation().test.clone().unwrap().quality.unwrap();
        let areas: Vec<Option<f64>> = iris().iter().map(|curve| Some(curve.area)).collect();
        assert_eq!(areas, quality.roc_auc);
    }

    #[test]
    fn curves_run_from_corner_to_corner_and_marks_stay_inside() {
        for width in [280.0, 500.0, 900.0] {
            let curves = iris();
            let scene = roc_chart(&curves, width);
            assert!(scene.width <= width);
            assert!(scene.marks.len() >= 3 * 3);
            for mark in &scene.marks {
                let (x, y) = (mark.area.x + 8.0, mark.area.y + 8.0);
                assert!(x >= 0.0 && x <= scene.width && y >= 0.0 && y <= scene.height);
            }
        }
    }

    #[test]
    fn shapes_of_curves_that_cover_each_other_take_turns() {
        let perfect = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let shapes = [0, 1, 2].map(|at| along(&perfect, SHAPES_APART * (at as f64 + 0.5) / 3.0));
        assert!(shapes.iter().all(|shapes| shapes.len() == 8));
        for (at, (x, y)) in shapes[1].iter().enumerate() {
            let (before, after) = (shapes[0][at], shapes[2][at]);
            assert!(before.0 + before.1 < x + y && x + y < after.0 + after.1);
        }
    }

    #[test]
    fn a_read_out_says_what_a_threshold_does() {
        let curves = iris();
        let words = readout(&curves[0], &curves[0].points[1]).replace(format::NBSP, " ");
        assert!(words.starts_with("setosa: calling a row so from a probability of 0."), "{words}");
        assert!(words.ends_with("finds 100.0 % of them, and takes 0.0 % of the others for it."));
        assert_eq!(readout(&curves[0], &curves[0].points[0]), "setosa: nothing is called so.");
    }

    #[test]
    fn many_corners_are_thinned_and_keep_their_ends() {
        let point = |at: u32| RocPoint {
            false_positive_rate: f64::from(at),
            true_positive_rate: 0.0,
            threshold: None,
        };
        for n in [0, 1, 2, 5, 1_000] {
            let points: Vec<RocPoint> = (0..n).map(point).collect();
            let kept: Vec<&RocPoint> = thinned(&points, 8).collect();
            assert!(kept.len() <= 8);
            assert_eq!(kept.first().copied(), points.first());
            assert_eq!(kept.last().copied(), points.last());
        }
    }
}
