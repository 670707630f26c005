//! Accuracy of each model: the test part with its interval, cross-validation with its spread,
//! and the published figure.

use model_core::ModelId;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;

use super::comparison::ComparisonRow;
use super::format::{self, NBSP};
use super::scene::{Anchor, Item, Mark, PixelBox, Scene, Tone};
use crate::i18n::t;

/// Height of one model's band.
const BAND: f64 = 62.0;
/// Room for the axis below the bands.
const AXIS: f64 = 30.0;
/// Room left and right, for half a tick label.
const MARGIN: f64 = 20.0;
/// A mark is pointed at within this distance.
const REACH: f64 = 9.0;
const TEXT: f64 = 15.0;
const SMALL_TEXT: f64 = 13.0;

/// The chart of `rows`, `width` pixels wide; `chosen` is the model that answers.
pub(crate) fn accuracy_chart(rows: &[ComparisonRow], chosen: Option<ModelId>, width: f64) -> Scene {
    let bands = rows.len() as f64 * BAND;
    let mut scene = Scene::new(width, bands + AXIS);
    let axis = Axis::of(rows, width);
    axis.draw(&mut scene, bands);
    for (index, row) in rows.iter().enumerate() {
        draw_row(&mut scene, &axis, row, index as f64 * BAND, Some(row.model_id) == chosen);
    }
    scene
}

/// Percent along the chart's width.
struct Axis {
    coord: RangedCoordf64,
    /// In tenths of a pixel: the coordinate maps to whole numbers.
    limits: (i32, i32),
}

impl Axis {
    /// From the multiple of five under the least bound to 100 %.
    fn of(rows: &[ComparisonRow], width: f64) -> Self {
        let least = rows
            .iter()
            .flat_map(|row| {
                let test = row.test.map(|test| test.interval.0);
                let cv = row.cv.map(|(mean, std)| mean - std);
                [test, cv, row.published].into_iter().flatten()
            })
            .fold(0.9_f64, f64::min);
        let from = ((100.0 * least / 5.0).floor() * 5.0).clamp(0.0, 90.0);
        let limits =
            ((10.0 * MARGIN) as i32, (10.0 * (width - MARGIN)).max(10.0 * MARGIN + 10.0) as i32);
        Self { coord: RangedCoordf64::from(from..100.0), limits }
    }

    fn x(&self, share: f64) -> f64 {
        let percent = (100.0 * share).clamp(0.0, 100.0);
        f64::from(self.coord.map(&percent, self.limits)) / 10.0
    }

    fn draw(&self, scene: &mut Scene, bottom: f64) {
        for percent in self.coord.key_points(BoldPoints(6)) {
            let x = self.x(percent / 100.0);
            scene.items.push(Item::Line {
                from: (x, 4.0),
                to: (x, bottom + 2.0),
                tone: Tone::Rule,
                line: 1.0,
            });
            let unit = if percent >= 100.0 { format!("{NBSP}%") } else { String::new() };
            scene.items.push(Item::Text {
                at: (x, bottom + 15.0),
                text: format!("{percent:.0}{unit}"),
                size: SMALL_TEXT,
                tone: Tone::Quiet,
                anchor: Anchor::Middle,
                bold: false,
            });
        }
    }
}

fn draw_row(scene: &mut Scene, axis: &Axis, row: &ComparisonRow, top: f64, chosen: bool) {
    let (test_y, cv_y) = (top + 31.0, top + 47.0);
    scene.items.push(Item::Text {
        at: (MARGIN, top + 13.0),
        text: row.name.to_owned(),
        size: TEXT,
        tone: Tone::Ink,
        anchor: Anchor::Start,
        bold: chosen,
    });
    if let Some(published) = row.published {
        let x = axis.x(published);
        scene.items.push(Item::Line {
            from: (x, test_y - 10.0),
            to: (x, cv_y + 8.0),
            tone: Tone::Quiet,
            line: 2.0,
        });
        scene.marks.push(mark(
            (x, x),
            (test_y - 10.0, cv_y + 8.0),
            t!(
                "{model}, published: {share}\u{a0}% test accuracy.",
                model = row.name,
                share = format::decimal(100.0 * published, 2)
            ),
        ));
    }
    if let Some(test) = row.test {
        let (low, high, x) = (axis.x(test.interval.0), axis.x(test.interval.1), axis.x(test.share));
        let tone = if chosen { Tone::Moss } else { Tone::Ink };
        whisker(scene, (low, high), test_y, tone, 2.0);
        scene.items.push(Item::Dot { center: (x, test_y), radius: 6.0, tone });
        scene.marks.push(mark(
            (low, high),
            (test_y, test_y),
            t!(
                "{model}, test: {share} ({n_correct} of {n_total} right), 95\u{a0}% interval {interval}\u{a0}%.",
                model = row.name,
                share = format::percent(test.share),
                n_correct = test.n_correct,
                n_total = test.n_total,
                interval = test.interval_text()
            ),
        ));
    }
    if let Some((mean, std)) = row.cv {
        let (low, high, x) = (axis.x(mean - std), axis.x(mean + std), axis.x(mean));
        whisker(scene, (low, high), cv_y, Tone::Quiet, 1.0);
        let area = PixelBox { x: x - 4.0, y: cv_y - 4.0, width: 8.0, height: 8.0 };
        scene.items.push(Item::Fill { area, tone: Tone::Sheet });
        scene.items.push(Item::Frame { area, tone: Tone::Ink, line: 1.5 });
        scene.marks.push(mark(
            (low, high),
            (cv_y, cv_y),
            t!(
                "{model}, cross-validation: {share}.",
                model = row.name,
                share = row.cv_text().unwrap_or_default()
            ),
        ));
    }
}

fn whisker(scene: &mut Scene, (low, high): (f64, f64), y: f64, tone: Tone, line: f64) {
    scene.items.push(Item::Line { from: (low, y), to: (high, y), tone, line });
    for x in [low, high] {
        scene.items.push(Item::Line { from: (x, y - 4.0), to: (x, y + 4.0), tone, line });
    }
}

fn mark((left, right): (f64, f64), (upper, lower): (f64, f64), readout: String) -> Mark {
    let area = PixelBox {
        x: left - REACH,
        y: upper - REACH,
        width: right - left + 2.0 * REACH,
        height: lower - upper + 2.0 * REACH,
    };
    Mark { area, readout }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    fn rows() -> Vec<ComparisonRow> {
        vec![ComparisonRow::of(&built_in(), 4_000); 3]
    }

    #[test]
    fn every_mark_stays_inside_the_chart_at_any_width() {
        for width in [280.0, 358.0, 640.0, 1200.0] {
            let scene = accuracy_chart(&rows(), None, width);
            assert_eq!(scene.marks.len(), 9);
            for mark in &scene.marks {
                assert!(mark.area.x >= 0.0 && mark.area.x + mark.area.width <= width, "{mark:?}");
                assert!(mark.area.y + mark.area.height <= scene.height);
            }
        }
    }

    #[test]
    fn the_axis_reaches_from_the_least_bound_to_all() {
        let scene = accuracy_chart(&rows(), None, 400.0);
        let labels: Vec<String> = scene
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { text, tone: Tone::Quiet, .. } => Some(text.replace(NBSP, " ")),
                _ => None,
            })
            .collect();
        assert_eq!(labels.first().map(String::as_str), Some("80"));
        assert_eq!(labels.last().map(String::as_str), Some("100 %"));
    }

    #[test]
    fn the_read_out_says_the_interval() {
        let scene = accuracy_chart(&rows(), None, 400.0);
        let words = scene.marks[1].readout.replace(NBSP, " ");
        assert_eq!(words, "SVM, test: 96.7 % (29 of 30 right), 95 % interval 83 to 99 %.");
    }

    #[test]
    fn no_models_make_an_empty_chart() {
        assert!(accuracy_chart(&[], None, 400.0).marks.is_empty());
    }
}
