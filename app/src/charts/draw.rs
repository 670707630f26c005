//! A scene onto a canvas. Canvas pixels are CSS pixels times the device's pixel ratio, so lines
//! and letters are as sharp as the screen.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, ShapeStyle, TextStyle};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::HtmlCanvasElement;

use super::Palette;
use crate::view_models::scene::{Anchor, Item, PixelBox, Scene, Tone};

type Area = DrawingArea<CanvasBackend, Shift>;
type Drawn = Result<
    (),
    DrawingAreaErrorKind<<CanvasBackend as plotters::prelude::DrawingBackend>::ErrorType>,
>;

/// Draws `scene` on `canvas`, with a frame around the mark `active`. Returns whether it could: a
/// browser may refuse a canvas its context, and the table beside the chart says the same.
pub(crate) fn draw(
    canvas: &HtmlCanvasElement,
    scene: &Scene,
    palette: &Palette,
    pixel_ratio: f64,
    active: Option<usize>,
) -> bool {
    // Setting the size clears the canvas, and shows the sheet below it.
    canvas.set_width((scene.width * pixel_ratio).round() as u32);
    canvas.set_height((scene.height * pixel_ratio).round() as u32);
    let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) else { return false };
    let pen = Pen { area: backend.into_drawing_area(), palette, pixel_ratio };
    let marked = active.and_then(|index| scene.marks.get(index)).map(|mark| Item::Frame {
        area: mark.area,
        tone: Tone::Ink,
        line: 1.5,
    });
    scene.items.iter().chain(&marked).all(|item| pen.item(item).is_ok())
}

/// `scene` as a picture of its own, on the ground that it stands on in the page; none if the browser
/// refuses it.
pub(crate) fn picture(
    scene: &Scene,
    palette: &Palette,
    pixel_ratio: f64,
) -> Option<HtmlCanvasElement> {
    let canvas = leptos::prelude::document().create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    let mut scene = scene.clone();
    let area = PixelBox { x: 0.0, y: 0.0, width: scene.width, height: scene.height };
    scene.items.insert(0, Item::Fill { area, tone: Tone::Sheet });
    draw(&canvas, &scene, palette, pixel_ratio, None).then_some(canvas)
}

struct Pen<'a> {
    area: Area,
    palette: &'a Palette,
    pixel_ratio: f64,
}

impl Pen<'_> {
    fn item(&self, item: &Item) -> Drawn {
        match item {
            Item::Fill { area, tone } => {
                self.area.draw(&Rectangle::new(self.corners(area), self.fill(*tone)))
            }
            Item::Frame { area, tone, line } => {
                self.area.draw(&Rectangle::new(self.corners(area), self.stroke(*tone, *line)))
            }
            Item::Line { from, to, tone, line } => {
                let ends = [self.point(*from), self.point(*to)];
                self.area.draw(&PathElement::new(ends, self.stroke(*tone, *line)))
            }
            Item::Dot { center, radius, tone } => {
                let radius = self.pixels(*radius);
                self.area.draw(&Circle::new(self.point(*center), radius, self.fill(*tone)))
            }
            Item::Polygon { points, tone } => {
                let points: Vec<(i32, i32)> =
                    points.iter().map(|point| self.point(*point)).collect();
                self.area.draw(&Polygon::new(points, self.fill(*tone)))
            }
            Item::Text { at, text, size, tone, anchor, bold } => {
                let style = self.text(*size, *tone, *anchor, *bold);
                self.area.draw(&Text::new(text.as_str(), self.point(*at), style))
            }
        }
    }

    fn pixels(&self, css_pixels: f64) -> i32 {
        (css_pixels * self.pixel_ratio).round() as i32
    }

    fn point(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (self.pixels(x), self.pixels(y))
    }

    fn corners(&self, area: &PixelBox) -> [(i32, i32); 2] {
        [self.point((area.x, area.y)), self.point((area.x + area.width, area.y + area.height))]
    }

    fn fill(&self, tone: Tone) -> ShapeStyle {
        self.palette.color(tone).filled()
    }

    fn stroke(&self, tone: Tone, line: f64) -> ShapeStyle {
        self.palette.color(tone).stroke_width(self.pixels(line).max(1) as u32)
    }

    fn text(&self, size: f64, tone: Tone, anchor: Anchor, bold: bool) -> TextStyle<'_> {
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
        };
        let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = (self.palette.font_family.as_str(), size * self.pixel_ratio, style);
        let mut text = TextStyle::from(font).pos(Pos::new(horizontal, VPos::Center));
        text.color = self.palette.color(tone).to_backend_color();
        text
    }
}
