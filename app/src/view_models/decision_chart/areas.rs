//! The areas of the map: runs of cells of a class, the lines between classes, and a name in each.

use super::{Frame, LETTER, MapOf, SMALL_TEXT};
use crate::lab::DecisionMap;
use crate::view_models::class_mark::series;
use crate::view_models::scene::{Anchor, Item, PixelBox, Scene, Tone};

/// Runs of cells of a class, and the lines between classes.
pub(super) fn fill(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    let (n_x, n_y) = (frame.x.n(), frame.y.n());
    let class = |i: usize, j: usize| of.map.cell(i, j).map(|(class, _)| class);
    let mut lines = Vec::new();
    for j in 0..n_y {
        let mut start = 0;
        for i in 0..n_x {
            let own = class(i, j);
            let cell = frame.run(i, i + 1, j);
            let mut line = |from, to| {
                lines.push(Item::Line { from, to, tone: Tone::Quiet, line: 1.5 });
            };
            if j + 1 < n_y && class(i, j + 1) != own {
                line((cell.x, cell.y), (cell.x + cell.width, cell.y));
            }
            if i + 1 < n_x && class(i + 1, j) == own {
                continue;
            }
            if i + 1 < n_x {
                let right = cell.x + cell.width;
                line((right, cell.y), (right, cell.y + cell.height));
            }
            let tone = Tone::ClassSoft(series(own.unwrap_or_default()));
            scene.items.push(Item::Fill { area: frame.run(start, i + 1, j), tone });
            start = i + 1;
        }
    }
    scene.items.extend(lines);
    scene.items.push(Item::Frame { area: frame.area, tone: Tone::Rule, line: 1.0 });
}

/// The name of each class where its area is widest.
pub(super) fn names(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    for class in 0..of.model.schema().classes.len() {
        let Some((i, j)) = widest(of.map, class) else { continue };
        let cell = frame.run(i, i + 1, j);
        let text: String = of.class_name(class).chars().take(20).collect();
        let width = 24.0 + LETTER * text.chars().count() as f64;
        let (least, most) = (frame.area.x + 2.0, frame.area.x + frame.area.width - width - 2.0);
        let left = (cell.x + cell.width / 2.0 - width / 2.0).min(most).max(least);
        let middle = cell.y + cell.height / 2.0;
        let label = PixelBox { x: left, y: middle - 10.0, width, height: 20.0 };
        scene.items.push(Item::Fill { area: label, tone: Tone::Sheet });
        scene.items.push(Item::class_mark(class, (left + 10.0, middle), 11.0));
        scene.items.push(Item::Text {
            at: (left + 19.0, middle),
            text,
            size: SMALL_TEXT,
            tone: Tone::Ink,
            anchor: Anchor::Start,
            bold: false,
        });
    }
}

/// The cell of a class with the most cells of it around; none if it has no area to write in.
fn widest(map: &DecisionMap, class: usize) -> Option<(usize, usize)> {
    let is_own = |i: usize, j: usize| map.cell(i, j).is_some_and(|(other, _)| other == class);
    // How far the class reaches from a cell to all sides, or to the edge of the map.
    let reach = |i: usize, j: usize| {
        let within = |reach: usize| {
            let (left, low) = (i.checked_sub(reach), j.checked_sub(reach));
            left.zip(low).is_some_and(|(left, low)| {
                (left..=i + reach).all(|i| is_own(i, low) && is_own(i, j + reach))
                    && (low..=j + reach).all(|j| is_own(left, j) && is_own(i + reach, j))
            })
        };
        (1..map.x.n()).take_while(|reach| within(*reach)).count()
    };
    let cells = (0..map.y.n()).flat_map(|j| (0..map.x.n()).map(move |i| (i, j)));
    let own = cells.filter(|&(i, j)| is_own(i, j));
    own.max_by_key(|&(i, j)| reach(i, j))
}
