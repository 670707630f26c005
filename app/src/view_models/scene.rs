//! A chart before it is drawn: shapes in CSS pixels and colour names, and marks with the pixel
//! boxes that hover, keyboard read-out and exports go by.

use super::class_mark;

/// A box in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PixelBox {
    /// Left edge.
    pub(crate) x: f64,
    /// Upper edge.
    pub(crate) y: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

impl PixelBox {
    /// Whether the point lies inside.
    pub(crate) fn contains(&self, x: f64, y: f64) -> bool {
        (self.x..=self.x + self.width).contains(&x) && (self.y..=self.y + self.height).contains(&y)
    }
}

/// A colour by its role; the palette turns it into the token's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Text and firm lines.
    Ink,
    /// Second-rank text and lines.
    Quiet,
    /// Hairlines.
    Rule,
    /// The page's background.
    Paper,
    /// The panel's background.
    Sheet,
    /// What is chosen.
    Moss,
    /// What the user should act on.
    Warn,
    /// Background of the same.
    WarnSoft,
    /// A class.
    Class(usize),
    /// Background of a class.
    ClassSoft(usize),
}

/// Which point of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Left end, middle of the height.
    Start,
    /// Middle.
    Middle,
}

/// One thing to draw, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    /// A filled rectangle.
    Fill { area: PixelBox, tone: Tone },
    /// An outlined rectangle.
    Frame { area: PixelBox, tone: Tone, line: f64 },
    /// A straight line.
    Line { from: (f64, f64), to: (f64, f64), tone: Tone, line: f64 },
    /// A filled circle.
    Dot { center: (f64, f64), radius: f64, tone: Tone },
    /// A filled polygon.
    Polygon { points: Vec<(f64, f64)>, tone: Tone },
    /// A word or a number.
    Text { at: (f64, f64), text: String, size: f64, tone: Tone, anchor: Anchor, bold: bool },
}

impl Item {
    /// The mark of a class in a square of `size` pixels around `center`.
    pub(crate) fn class_mark(class: usize, center: (f64, f64), size: f64) -> Self {
        let tone = Tone::Class(class_mark::series(class));
        let corners = class_mark::corners(class);
        let unit = size / 16.0;
        if corners.is_empty() {
            return Self::Dot { center, radius: class_mark::CIRCLE_RADIUS * unit, tone };
        }
        let points = corners
            .iter()
            .map(|(x, y)| (center.0 + (x - 8.0) * unit, center.1 + (y - 8.0) * unit))
            .collect();
        Self::Polygon { points, tone }
    }
}

/// Something a reader can point at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// Where it is.
    pub(crate) area: PixelBox,
    /// What it says.
    pub(crate) readout: String,
}

/// A chart, laid out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    /// Width in CSS pixels.
    pub(crate) width: f64,
    /// Height in CSS pixels.
    pub(crate) height: f64,
    /// What to draw, back to front.
    pub(crate) items: Vec<Item>,
    /// What can be pointed at, in reading order.
    pub(crate) marks: Vec<Mark>,
}

impl Scene {
    /// An empty chart.
    pub(crate) const fn new(width: f64, height: f64) -> Self {
        Self { width, height, items: Vec::new(), marks: Vec::new() }
    }

    /// The mark under a point; of overlapping ones the smallest.
    pub(crate) fn mark_at(&self, x: f64, y: f64) -> Option<usize> {
        let hit = self.marks.iter().enumerate().filter(|(_, mark)| mark.area.contains(x, y));
        let size = |mark: &Mark| mark.area.width * mark.area.height;
        hit.min_by(|(_, a), (_, b)| size(a).total_cmp(&size(b))).map(|(index, _)| index)
    }

    /// The mark that a key moves to from `active`, if the key moves.
    pub(crate) fn mark_after_key(&self, active: Option<usize>, key: &str) -> Option<usize> {
        let last = self.marks.len().checked_sub(1)?;
        match key {
            "ArrowRight" | "ArrowDown" => Some(active.map_or(0, |index| (index + 1).min(last))),
            "ArrowLeft" | "ArrowUp" => Some(active.map_or(last, |index| index.saturating_sub(1))),
            "Home" => Some(0),
            "End" => Some(last),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        let mark = |x, width| Mark {
            area: PixelBox { x, y: 0.0, width, height: 10.0 },
            readout: String::new(),
        };
        Scene {
            marks: vec![mark(0.0, 100.0), mark(40.0, 10.0), mark(200.0, 10.0)],
            ..Scene::new(300.0, 10.0)
        }
    }

    #[test]
    fn pointing_finds_the_smallest_mark() {
        assert_eq!(scene().mark_at(5.0, 5.0), Some(0));
        assert_eq!(scene().mark_at(45.0, 5.0), Some(1));
        assert_eq!(scene().mark_at(150.0, 5.0), None);
    }

    #[test]
    fn keys_walk_the_marks_and_stop_at_the_ends() {
        let scene = scene();
        assert_eq!(scene.mark_after_key(None, "ArrowRight"), Some(0));
        assert_eq!(scene.mark_after_key(Some(2), "ArrowDown"), Some(2));
        assert_eq!(scene.mark_after_key(Some(0), "ArrowLeft"), Some(0));
        assert_eq!(scene.mark_after_key(Some(1), "End"), Some(2));
        assert_eq!(scene.mark_after_key(Some(1), "Tab"), None);
        assert_eq!(Scene::new(1.0, 1.0).mark_after_key(None, "Home"), None);
    }

    #[test]
    fn class_marks_keep_to_their_square() {
        for class in 0..8 {
            match Item::class_mark(class, (50.0, 50.0), 16.0) {
                Item::Dot { radius, .. } => assert!(radius <= 8.0),
                Item::Polygon { points, .. } => {
                    assert!(
                        points
                            .iter()
                            .all(|(x, y)| (42.0..=58.0).contains(x) && (42.0..=58.0).contains(y))
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
