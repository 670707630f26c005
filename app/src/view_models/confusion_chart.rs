//! The confusion matrix: rows are the true classes, columns the model's answers.

use model_core::{ConfusionMatrix, Schema};

use super::class_mark::series;
use super::comparison::Samples;
use super::format;
use super::scene::{Anchor, Item, Mark, PixelBox, Scene, Tone};
use crate::i18n::t;

/// Between cells.
const GAP: f64 = 3.0;
/// Height of the column heads.
const HEAD: f64 = 28.0;
/// The same with marks above the names.
const MARKED_HEAD: f64 = 46.0;
const SMALL_TEXT: f64 = 13.0;
const COUNT_TEXT: f64 = 18.0;
/// About the width of a letter of the small text: it sets the gutter, and where a name is cut.
const LETTER: f64 = 7.2;
/// What stands before a row's name: the mark of its class.
const NAME_AT: f64 = 20.0;

/// One cell of the matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// True class.
    pub(crate) actual: usize,
    /// The model's answer.
    pub(crate) predicted: usize,
    /// Rows.
    pub(crate) count: u32,
}

impl Cell {
    /// Rows that were taken for another class.
    pub(crate) const fn is_confused(&self) -> bool {
        self.actual != self.predicted && self.count > 0
    }
}

/// Every cell, row by row.
pub(crate) fn cells(confusion: &ConfusionMatrix) -> Vec<Cell> {
    let n_classes = confusion.n_classes();
    (0..n_classes)
        .flat_map(|actual| (0..n_classes).map(move |predicted| (actual, predicted)))
        .map(|(actual, predicted)| Cell {
            actual,
            predicted,
            count: confusion.get(actual, predicted),
        })
        .collect()
}

/// What went wrong, in words: `1 of 30 flowers confused: versicolor taken for virginica (1).`
pub(crate) fn summary(confusion: &ConfusionMatrix, schema: &Schema, samples: Samples) -> String {
    let total = samples.count(confusion.total() as usize);
    let wrong: Vec<String> = cells(confusion)
        .iter()
        .filter(|cell| cell.is_confused())
        .map(|cell| {
            let (actual, predicted) =
                (class_name(schema, cell.actual), class_name(schema, cell.predicted));
            t!("{actual} taken for {predicted} ({n})", actual, predicted, n = cell.count)
        })
        .collect();
    let n_wrong = confusion.total() - confusion.n_correct();
    if n_wrong == 0 {
        t!("None of {total} confused.", total)
    } else {
        t!("{n_wrong} of {total} confused: {pairs}.", n_wrong, total, pairs = wrong.join(", "))
    }
}

/// What a cell is: `True setosa, answered versicolor: 2 flowers`.
pub(crate) fn cell_words(cell: &Cell, schema: &Schema, samples: Samples) -> String {
    t!(
        "True {actual}, answered {predicted}: {rows}",
        actual = class_name(schema, cell.actual),
        predicted = class_name(schema, cell.predicted),
        rows = samples.count(cell.count as usize)
    )
}

/// The chart of `confusion`, `width` pixels wide.
pub(crate) fn confusion_chart(
    confusion: &ConfusionMatrix,
    schema: &Schema,
    samples: Samples,
    width: f64,
) -> Scene {
    let n_classes = confusion.n_classes().max(1) as f64;
    let longest = schema.classes.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64;
    let gutter = (longest * LETTER + 26.0).min(0.36 * width);
    let cell_width = (width - gutter) / n_classes;
    let cell_height = (cell_width * 0.62).clamp(36.0, 84.0);
    // A name that is cut has its class's mark above it: beside the same, in its row, it is longer.
    let head = if longest * LETTER > cell_width { MARKED_HEAD } else { HEAD };
    let mut scene = Scene::new(width, head + n_classes * cell_height);
    draw_heads(&mut scene, schema, (gutter, head), (cell_width, cell_height));
    for cell in cells(confusion) {
        let area = PixelBox {
            x: gutter + cell.predicted as f64 * cell_width,
            y: head + cell.actual as f64 * cell_height,
            width: cell_width - GAP,
            height: cell_height - GAP,
        };
        draw_cell(&mut scene, &cell, area);
        let readout = format!("{}.", cell_words(&cell, schema, samples));
        scene.marks.push(Mark { area, readout });
    }
    scene
}

fn draw_heads(
    scene: &mut Scene,
    schema: &Schema,
    (gutter, head): (f64, f64),
    (cell_width, cell_height): (f64, f64),
) {
    for (class, name) in schema.classes.iter().enumerate() {
        let text = |at, anchor, room| Item::Text {
            at,
            text: cut(name, room),
            size: SMALL_TEXT,
            tone: Tone::Quiet,
            anchor,
            bold: false,
        };
        let column = gutter + (class as f64 + 0.5) * cell_width - GAP / 2.0;
        let row = head + (class as f64 + 0.5) * cell_height - GAP / 2.0;
        scene.items.push(text((column, head - HEAD / 2.0), Anchor::Middle, cell_width));
        if head > HEAD {
            scene.items.push(Item::class_mark(class, (column, 10.0), 13.0));
        }
        scene.items.push(Item::class_mark(class, (7.0, row), 13.0));
        scene.items.push(text((NAME_AT, row), Anchor::Start, gutter - NAME_AT));
    }
}

/// As much of `name` as `room` pixels hold: the read-out and the table have all of it.
fn cut(name: &str, room: f64) -> String {
    let n_letters = (room / LETTER).max(1.0) as usize;
    if name.chars().count() <= n_letters {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(n_letters.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn draw_cell(scene: &mut Scene, cell: &Cell, area: PixelBox) {
    let fill = match cell {
        cell if cell.is_confused() => Tone::WarnSoft,
        Cell { actual, predicted, count } if actual == predicted && *count > 0 => {
            Tone::ClassSoft(series(*actual))
        }
        _ => Tone::Paper,
    };
    scene.items.push(Item::Fill { area, tone: fill });
    if cell.is_confused() {
        scene.items.push(Item::Frame { area, tone: Tone::Warn, line: 2.0 });
    }
    scene.items.push(Item::Text {
        at: (area.x + area.width / 2.0, area.y + area.height / 2.0),
        text: cell.count.to_string(),
        size: COUNT_TEXT,
        tone: if cell.count == 0 { Tone::Quiet } else { Tone::Ink },
        anchor: Anchor::Middle,
        bold: cell.is_confused(),
    });
}

fn class_name(schema: &Schema, class: usize) -> String {
    schema.classes.get(class).map_or_else(|| t!("class {class}", class), |name| format::words(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    fn chart(width: f64) -> (ConfusionMatrix, Schema, Scene) {
        let artifact = built_in();
        let confusion = artifact.evaluation().test.clone().unwrap().confusion;
        let schema = artifact.schema().clone();
        let scene = confusion_chart(&confusion, &schema, Samples::Flowers, width);
        (confusion, schema, scene)
    }

    #[test]
    fn cells_tile_the_matrix_without_overlap() {
        for width in [300.0, 480.0] {
            let (_, _, scene) = chart(width);
            assert_eq!(scene.marks.len(), 9);
            for (index, mark) in scene.marks.iter().enumerate() {
                assert!(mark.area.x + mark.area.width <= width);
                let (x, y) =
                    (mark.area.x + mark.area.width / 2.0, mark.area.y + mark.area.height / 2.0);
                assert_eq!(scene.mark_at(x, y), Some(index));
            }
        }
    }

    #[test]
    fn names_that_have_no_room_are_cut() {
        let heads = |width| {
            let (_, _, scene) = chart(width);
            let is_head = |at: &(f64, f64)| at.1 < MARKED_HEAD;
            scene.items.into_iter().filter_map(move |item| match item {
                Item::Text { at, text, .. } if is_head(&at) => Some(text),
                _ => None,
            })
        };
        assert_eq!(heads(480.0).collect::<Vec<_>>(), ["setosa", "versicolor", "virginica"]);
        assert_eq!(heads(250.0).collect::<Vec<_>>(), ["setosa", "versic…", "virgin…"]);
    }

    #[test]
    fn marks_count_every_test_row() {
        let (confusion, schema, scene) = chart(400.0);
        let total: u32 = cells(&confusion).iter().map(|cell| cell.count).sum();
        assert_eq!(total, 30);
        assert_eq!(scene.marks[0].readout, "True setosa, answered setosa: 10 flowers.");
        assert!(
            summary(&confusion, &schema, Samples::Flowers)
                .starts_with("1 of 30 flowers confused: ")
        );
    }
}
