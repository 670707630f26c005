//! Time against size: what each model took to fit, and what it weighs, both on logarithmic axes.

use model_core::ModelId;

use super::comparison::ComparisonRow;
use super::format;
use super::plot::{Axis, LETTER, Plot, SMALL_TEXT, point_mark};
use super::scene::{Anchor, Item, PixelBox, Scene, Tone};
use crate::i18n::t;

/// The chart is about as high as that of the accuracies beside it: so much for each model.
const BAND: f64 = 64.0;
const RADIUS: f64 = 6.0;
/// Height of a label.
const LINE: f64 = 16.0;

/// The rows whose time was measured.
pub(crate) fn timed(rows: &[ComparisonRow]) -> Vec<&ComparisonRow> {
    rows.iter().filter(|row| millis(row) > 0.0).collect()
}

/// Time of the fit with that of the calibration.
pub(crate) fn millis(row: &ComparisonRow) -> f64 {
    row.fit_millis + row.calibration_millis
}

/// The chart of `rows`, `width` pixels wide; `chosen` is the model that answers.
pub(crate) fn time_size_chart(
    rows: &[ComparisonRow],
    chosen: Option<ModelId>,
    width: f64,
) -> Scene {
    let rows = timed(rows);
    let x = Axis::logarithmic(rows.iter().map(|row| millis(row)), format::millis);
    let sizes = rows.iter().map(|row| row.n_bytes as f64);
    let y = Axis::logarithmic(sizes, |n_bytes| format::bytes(n_bytes as usize));
    let height = (rows.len() as f64 * BAND).clamp(200.0, 480.0);
    let (plot, mut scene) =
        Plot::draw((x, y), (t!("time of the fit"), t!("size of the model file")), (width, height));
    let places: Vec<(f64, f64)> =
        rows.iter().map(|row| plot.at(millis(row), row.n_bytes as f64)).collect();
    let mut taken: Vec<PixelBox> = places
        .iter()
        .map(|(x, y)| PixelBox { x: x - 8.0, y: y - 8.0, width: 16.0, height: 16.0 })
        .collect();
    for (row, &(x, y)) in rows.iter().zip(&places) {
        let is_chosen = Some(row.model_id) == chosen;
        let tone = if is_chosen { Tone::Moss } else { Tone::Ink };
        scene.items.push(Item::Dot { center: (x, y), radius: RADIUS, tone });
        let area = label_box(text_width(row.name, is_chosen), (x, y), plot.area(), &taken);
        scene.items.push(Item::Text {
            // By its middle: what the width is wrong by runs to both sides, half as far.
            at: (area.x + area.width / 2.0, area.y + LINE / 2.0),
            text: row.name.to_owned(),
            size: SMALL_TEXT,
            tone,
            anchor: Anchor::Middle,
            bold: is_chosen,
        });
        taken.push(area);
        let (time, size) = (format::millis(millis(row)), format::bytes(row.n_bytes));
        let readout = t!("{model}: fitted in {time}, {size}.", model = row.name, time, size);
        scene.marks.push(point_mark((x, y), readout));
    }
    scene
}

/// About as wide as `text` is drawn.
fn text_width(text: &str, is_bold: bool) -> f64 {
    text.chars().count() as f64 * LETTER * if is_bold { 1.15 } else { 1.0 }
}

/// Where the label of a mark stands: right of it, left, above or below, wherever it runs into nothing, or
/// into least.
fn label_box(width: f64, (x, y): (f64, f64), frame: PixelBox, taken: &[PixelBox]) -> PixelBox {
    let at = |x: f64, y: f64| PixelBox { x, y: y - LINE / 2.0, width, height: LINE };
    let aside = RADIUS + 6.0;
    let places = [
        at(x + aside, y),
        at(x - aside - width, y),
        at(x - width / 2.0, y - 17.0),
        at(x - width / 2.0, y + 17.0),
        at(x + aside, y - 15.0),
        at(x + aside, y + 15.0),
        at(x - aside - width, y - 15.0),
        at(x - aside - width, y + 15.0),
        at(x - width / 2.0, y - 31.0),
        at(x - width / 2.0, y + 31.0),
    ];
    let cost = |area: &PixelBox| {
        let beyond = (frame.x - area.x).max(area.x + area.width - frame.x - frame.width - 12.0);
        let covered: f64 = taken.iter().map(|other| overlap(area, other)).sum();
        covered + beyond.max(0.0) * LINE
    };
    let [mut best, others @ ..] = places;
    for place in others {
        if cost(&place) < cost(&best) {
            best = place;
        }
    }
    best
}

/// The area that two boxes share.
fn overlap(a: &PixelBox, b: &PixelBox) -> f64 {
    let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
    let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
    width.max(0.0) * height.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    fn rows() -> Vec<ComparisonRow> {
        let row = ComparisonRow::of(&built_in(), 0);
        let figures = [
            ("Logistic regression", 1.0, 2_000),
            ("Random forest", 60.0, 90_000),
            ("SVM", 8.0, 4_000),
            ("Nearest neighbours", 0.4, 5_000),
            ("Naive Bayes", 0.3, 1_900),
            ("Gradient boosting", 70.0, 80_000),
        ];
        figures
            .map(|(name, fit_millis, n_bytes)| ComparisonRow {
                name,
                fit_millis,
                n_bytes,
                ..row.clone()
            })
            .to_vec()
    }

    #[test]
    fn labels_keep_clear_of_each_other_where_there_is_room() {
        let scene = time_size_chart(&rows(), None, 640.0);
        let labels: Vec<PixelBox> = scene
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { at, text, tone: Tone::Ink, .. } => {
                    let width = text.chars().count() as f64 * LETTER;
                    Some(PixelBox {
                        x: at.0 - width / 2.0,
                        y: at.1 - LINE / 2.0,
                        width,
                        height: LINE,
                    })
                }
                _ => None,
            })
            .collect();
        assert_eq!(labels.len(), 6);
        for (at, label) in labels.iter().enumerate() {
            assert!(label.x >= 0.0 && label.x + label.width <= scene.width);
            assert!(labels.iter().take(at).all(|other| overlap(label, other) == 0.0), "{at}");
        }
    }

    #[test]
    fn a_model_whose_time_nobody_measured_is_left_out() {
        let mut rows = rows();
        rows[1].fit_millis = 0.0;
        let scene = time_size_chart(&rows, None, 400.0);
        assert_eq!(scene.marks.len(), 5);
        assert!(scene.marks.iter().all(|mark| !mark.readout.starts_with("Random forest")));
        assert!(time_size_chart(&[], None, 400.0).marks.is_empty());
    }

    #[test]
    fn the_read_out_says_time_and_size() {
        let scene = time_size_chart(&rows(), None, 400.0);
        let words = scene.marks[2].readout.replace(format::NBSP, " ");
        assert_eq!(words, "SVM: fitted in 8.0 ms, 4.0 KB.");
    }
}
