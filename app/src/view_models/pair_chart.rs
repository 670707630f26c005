//! Columns of numbers against each other: a panel for each pair, below the diagonal.

use super::format::{count, decimal};
use super::scene::{Anchor, Item, Mark, PixelBox, Scene, Tone};
use crate::i18n::t;
use crate::lab::Pairs;

/// Room for a line of names: above each row of panels what goes up in it, below all what goes across.
const NAMES: f64 = 22.0;
/// Between panels of a row.
const GAP: f64 = 10.0;
/// A panel is no taller than this.
const MAX_PANEL: f64 = 260.0;
/// Room inside a panel, so that marks at its edge stay whole.
const INSET: f64 = 8.0;
const TEXT: f64 = 13.0;
/// About the width of a letter, of a font that runs wide.
const LETTER: f64 = 7.4;

/// The chart, `width` pixels wide.
pub(crate) fn pair_chart(pairs: &Pairs, width: f64) -> Scene {
    let n = pairs.columns.len().saturating_sub(1);
    if n == 0 {
        return Scene::new(width, 0.0);
    }
    let side = ((width - GAP * (n as f64 - 1.0)) / n as f64).clamp(40.0, MAX_PANEL);
    let below = n as f64 * (NAMES + side);
    let mut scene = Scene::new(width, below + NAMES);
    let mark_size = (side / 18.0).clamp(5.0, 9.0);
    for row in 0..n {
        let top = row as f64 * (NAMES + side);
        for column in 0..=row {
            let area = PixelBox {
                x: column as f64 * (side + GAP),
                y: top + NAMES,
                width: side,
                height: side,
            };
            panel(&mut scene, pairs, (column, row + 1), area, mark_size);
        }
        // Beside it the line is free.
        name(&mut scene, format!("↑ {}", pairs.columns[row + 1]), (0.0, top), width);
    }
    for column in 0..n {
        let left = column as f64 * (side + GAP);
        name(&mut scene, format!("→ {}", pairs.columns[column]), (left, below), side);
    }
    scene
}

/// A column's name on the line below `y`, shortened to `room`.
fn name(scene: &mut Scene, mut text: String, (x, y): (f64, f64), room: f64) {
    let most = (room / LETTER) as usize;
    if text.chars().count() > most {
        text = text.chars().take(most.saturating_sub(1)).chain(['…']).collect();
    }
    scene.items.push(Item::Text {
        at: (x, y + NAMES / 2.0),
        text,
        size: TEXT,
        tone: Tone::Quiet,
        anchor: Anchor::Start,
        bold: false,
    });
}

fn panel(scene: &mut Scene, pairs: &Pairs, (x, y): (usize, usize), area: PixelBox, mark_size: f64) {
    let p = pairs.columns.len();
    let (x_span, y_span) = (span(pairs, x), span(pairs, y));
    scene.items.push(Item::Frame { area, tone: Tone::Rule, line: 1.0 });
    let rows = pairs.values.chunks_exact(p).zip(&pairs.labels);
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (row, &label) in rows {
        let (a, b) = (f64::from(row[x]), f64::from(row[y]));
        if !(a.is_finite() && b.is_finite()) {
            continue;
        }
        points.push((a, b));
        let inner = (area.width - 2.0 * INSET, area.height - 2.0 * INSET);
        let center = (
            area.x + INSET + share(a, x_span) * inner.0,
            area.y + area.height - INSET - share(b, y_span) * inner.1,
        );
        scene.items.push(Item::class_mark(label as usize, center, mark_size));
    }
    let (x, y) = (&pairs.columns[x], &pairs.columns[y]);
    let rows = count(points.len(), t!("row"), t!("rows"));
    let readout = match correlation(&points) {
        Some(r) => t!("{x} across, {y} up: {rows}, r = {r}.", x, y, rows, r = decimal(r, 2)),
        None => t!("{x} across, {y} up: {rows}, no correlation can be told.", x, y, rows),
    };
    scene.marks.push(Mark { area, readout });
}

/// Least and greatest value of a column.
fn span(pairs: &Pairs, column: usize) -> (f64, f64) {
    let values = pairs.values.iter().skip(column).step_by(pairs.columns.len().max(1));
    values.filter(|value| value.is_finite()).fold((f64::MAX, f64::MIN), |(least, most), &value| {
        (least.min(f64::from(value)), most.max(f64::from(value)))
    })
}

fn share(value: f64, (least, most): (f64, f64)) -> f64 {
    if most > least { (value - least) / (most - least) } else { 0.5 }
}

/// Pearson's r of the rows that are shown.
fn correlation(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|it| it.0), mean(|it| it.1));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        let (x, y) = (x - x_mean, y - y_mean);
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    let r = xy / (xx * yy).sqrt();
    r.is_finite().then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Pairs {
        let values = (0..30).flat_map(|row| {
            let row = row as f32;
            [row, 2.0 * row, if row == 3.0 { f32::NAN } else { -row }]
        });
        Pairs {
            columns: vec!["a".into(), "b".into(), "a name that is far too long for a panel".into()],
            labels: (0..30).map(|row| row % 3).collect(),
            values: values.collect(),
        }
    }

    #[test]
    fn every_pair_has_a_panel_that_says_what_it_shows() {
        let scene = pair_chart(&pairs(), 600.0);
        let words: Vec<&str> = scene.marks.iter().map(|mark| mark.readout.as_str()).collect();
        assert_eq!(words.len(), 3);
        assert_eq!(words[0], "a across, b up: 30 rows, r = 1.00.");
        assert!(words[1].ends_with("29 rows, r = \u{2212}1.00."), "{words:?}");
    }

    #[test]
    fn everything_stays_inside_at_any_width() {
        for width in [280.0, 390.0, 1200.0] {
            let scene = pair_chart(&pairs(), width);
            for mark in &scene.marks {
                assert!(mark.area.x >= 0.0 && mark.area.x + mark.area.width <= width + 0.01);
                assert!(mark.area.y + mark.area.height <= scene.height);
            }
            for item in &scene.items {
                if let Item::Dot { center: (x, y), .. } = item {
                    assert!((0.0..=width).contains(x) && (0.0..=scene.height).contains(y));
                }
            }
        }
    }

    #[test]
    fn no_name_lies_over_a_panel_and_each_ends_where_the_next_begins() {
        let scene = pair_chart(&pairs(), 390.0);
        for item in &scene.items {
            let Item::Text { at, text, .. } = item else { continue };
            let (top, bottom) = (at.1 - NAMES / 2.0, at.1 + NAMES / 2.0);
            let is_free = |mark: &Mark| {
                mark.area.y + mark.area.height <= top + 0.01 || mark.area.y >= bottom - 0.01
            };
            assert!(scene.marks.iter().all(is_free), "{text}");
            assert!(at.0 + text.chars().count() as f64 * LETTER <= 390.0, "{text}");
        }
    }

    #[test]
    fn without_two_columns_there_is_nothing() {
        let none = Pairs { columns: vec!["a".into()], labels: Vec::new(), values: Vec::new() };
        assert!(pair_chart(&none, 600.0).marks.is_empty());
    }
}
