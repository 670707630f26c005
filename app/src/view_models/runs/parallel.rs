//! Parallel coordinates: an upright axis for each figure in which models differ, and a line through all of them for
//! each model.

use super::compare::CompareLine;
use crate::i18n::t;
use crate::view_models::class_mark::series;
use crate::view_models::plot::{LETTER, SMALL_TEXT, point_mark};
use crate::view_models::scene::{Anchor, Item, Scene, Tone};

/// Axes that there is room for.
const MAX_AXES: usize = 8;
const HEIGHT: f64 = 300.0;
/// Room for the names of the axes, in two rows so that neighbours do not run into each other.
const TOP: f64 = 56.0;
const BOTTOM: f64 = 30.0;
const MARK: f64 = 14.0;

/// The lines that an axis is drawn for: all models have a number there, and not the same.
pub(crate) fn axes(lines: &[CompareLine]) -> Vec<&CompareLine> {
    let is_axis = |line: &&CompareLine| line.differs && line.numbers.iter().all(Option::is_some);
    lines.iter().filter(is_axis).take(MAX_AXES).collect()
}

/// The chart of the `models` that `lines` compare, `width` pixels wide.
pub(crate) fn parallel_chart(lines: &[CompareLine], models: &[String], width: f64) -> Scene {
    let axes = axes(lines);
    let mut scene = Scene::new(width, HEIGHT);
    let side = (width / (2.0 * axes.len().max(1) as f64)).min(70.0);
    let step = if axes.len() > 1 { (width - 2.0 * side) / (axes.len() - 1) as f64 } else { 0.0 };
    let place = |axis: usize, model: usize| -> (f64, f64) {
        let share = axes.get(axis).map_or(0.5, |line| share(&line.numbers, model));
        (side + axis as f64 * step, TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM))
    };
    for (axis, line) in axes.iter().enumerate() {
        draw_axis(&mut scene, line, axis, side + axis as f64 * step, step);
    }
    for model in 0..models.len() {
        let tone = Tone::Class(series(model));
        for axis in 1..axes.len() {
            let (from, to) = (place(axis - 1, model), place(axis, model));
            scene.items.push(Item::Line { from, to, tone, line: 2.0 });
        }
    }
    for (model, name) in models.iter().enumerate() {
        for (axis, line) in axes.iter().enumerate() {
            let at = place(axis, model);
            scene.items.push(Item::class_mark(model, at, MARK));
            let value = line.cells.get(model).cloned().unwrap_or_default();
            let readout = t!("{model}: {name} {value}.", model = name, name = line.name, value);
            scene.marks.push(point_mark(at, readout));
        }
    }
    scene
}

/// Where the number of `model` lies between the least, 0, and the greatest, 1.
fn share(numbers: &[Option<f64>], model: usize) -> f64 {
    let known = numbers.iter().flatten().copied();
    let (low, high) = known
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    let value = numbers.get(model).copied().flatten().unwrap_or(low);
    if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 }
}

fn draw_axis(scene: &mut Scene, line: &CompareLine, axis: usize, x: f64, step: f64) {
    let bottom = HEIGHT - BOTTOM;
    let tone = Tone::Rule;
    scene.items.push(Item::Line { from: (x, TOP), to: (x, bottom), tone, line: 1.0 });
    let end = |is_end: fn(f64) -> bool| {
        let at = (0..line.numbers.len()).find(|at| is_end(share(&line.numbers, *at)));
        at.and_then(|at| line.cells.get(at)).cloned().unwrap_or_default()
    };
    let name_y = if axis.is_multiple_of(2) { 10.0 } else { 26.0 };
    let texts = [
        (name_y, line.name.clone(), Tone::Ink, 2.0 * step),
        (TOP - 13.0, end(|share| share >= 1.0), Tone::Quiet, step),
        (bottom + 14.0, end(|share| share <= 0.0), Tone::Quiet, step),
    ];
    for (y, text, tone, room) in texts {
        // What would run into its neighbour is cut: the table has it in full.
        let room = if room > 0.0 { room - 6.0 } else { scene.width };
        let n_letters = (room / LETTER).max(3.0) as usize;
        let is_long = text.chars().count() > n_letters;
        let text: String =
            if is_long { text.chars().take(n_letters - 1).chain(['…']).collect() } else { text };
        let half = text.chars().count() as f64 * LETTER / 2.0;
        let at = (x.min(scene.width - half).max(half), y);
        scene.items.push(Item::Text {
            at,
            text,
            size: SMALL_TEXT,
            tone,
            anchor: Anchor::Middle,
            bold: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, numbers: &[Option<f64>]) -> CompareLine {
        let cells =
            numbers.iter().map(|it| it.map_or("–".to_owned(), |it| it.to_string())).collect();
        let differs = numbers.iter().any(|it| *it != numbers[0]);
        CompareLine { name: name.to_owned(), cells, numbers: numbers.to_vec(), differs }
    }

    fn chart(width: f64) -> Scene {
        let lines = [
            line("accuracy", &[Some(0.9), Some(1.0), Some(0.95)]),
            line("alike", &[Some(1.0), Some(1.0), Some(1.0)]),
            line("gap", &[Some(1.0), None, Some(2.0)]),
            line("a parameter of a long name", &[Some(3.0), Some(1.0), Some(2.0)]),
            line("size", &[Some(3e4), Some(1e3), Some(2e3)]),
        ];
        parallel_chart(&lines, &["A".to_owned(), "B".to_owned(), "C".to_owned()], width)
    }

    #[test]
    fn an_axis_is_drawn_where_all_have_a_number_and_not_the_same() {
        let scene = chart(600.0);
        assert_eq!(scene.marks.len(), 9);
        assert_eq!(scene.marks[0].readout, "A: accuracy 0.9.");
        assert_eq!(scene.marks[8].readout, "C: size 2000.");
    }

    #[test]
    fn more_is_higher_and_all_of_it_is_in_the_chart() {
        for width in [280.0, 600.0, 1_200.0] {
            let scene = chart(width);
            let y = |mark: usize| scene.marks[mark].area.y;
            assert!(y(3) < y(6) && y(6) < y(0), "accuracy of B, C, A");
            for item in &scene.items {
                if let Item::Text { at, text, .. } = item {
                    let half = text.chars().count() as f64 * LETTER / 2.0;
                    assert!(at.0 - half >= -0.1 && at.0 + half <= width + 0.1, "{text} at {width}");
                }
            }
        }
    }

    #[test]
    fn models_that_differ_in_no_number_have_no_axes() {
        let lines = [line("alike", &[Some(1.0), Some(1.0)])];
        assert!(parallel_chart(&lines, &["A".to_owned(), "B".to_owned()], 400.0).marks.is_empty());
    }
}
