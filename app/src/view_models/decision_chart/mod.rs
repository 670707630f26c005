//! The map of what a model answers over two features: areas by class, known rows, and the row at hand.
//!
//! An area has its class's colour, its name and a line around it, so that it can be told without
//! colour; known rows have their class's mark.

mod areas;
mod axes;

use model_core::{Artifact, Feature, FeatureRow};

use crate::i18n::t;
use crate::lab::{DecisionMap, MapAxis, Why};
use crate::view_models::comparison::Samples;
use crate::view_models::feature_words::{name, plain, quantity};
use crate::view_models::format;
use crate::view_models::ranking::ranked;
use crate::view_models::scene::{Item, Mark, PixelBox, Scene, Tone};

/// Room for the labels left, below, above and right of the map.
const LEFT: f64 = 52.0;
const BELOW: f64 = 44.0;
const ABOVE: f64 = 26.0;
const RIGHT: f64 = 14.0;
const SMALL_TEXT: f64 = 13.0;
/// About the width of a letter of it.
const LETTER: f64 = 6.8;
/// Size of a known row's mark, and of the row at hand.
const KNOWN: f64 = 9.0;
const HERE: f64 = 10.0;
/// Places along and up that can be pointed at.
const POINTED: (usize, usize) = (8, 6);

/// What is drawn.
#[derive(Clone, Copy)]
pub(crate) struct MapOf<'a> {
    /// The model that answers.
    pub(crate) model: &'a Artifact,
    /// The row at hand.
    pub(crate) row: &'a FeatureRow,
    /// The feature along and the one up.
    pub(crate) features: (usize, usize),
    /// The answers.
    pub(crate) map: &'a DecisionMap,
}

/// A place on the map, and what is answered there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// Value of the feature along, with its unit.
    pub(crate) x: String,
    /// Value of the feature up.
    pub(crate) y: String,
    /// The answer.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// Its probability in percent.
    pub(crate) percent: u8,
    /// The cell.
    cell: (usize, usize),
}

/// The two features that add most to the answer which `why` explains, of those that can be chosen
/// freely; the first two without it.
pub(crate) fn strongest(model: &Artifact, why: Option<&Why>) -> Option<(usize, usize)> {
    let features: Vec<usize> = plain(model).into_iter().map(|(feature, _)| feature).collect();
    let added = |at: usize| why.and_then(|why| why.added.get(at)).map_or(0.0, |added| added.abs());
    let sizes: Vec<f64> = features.iter().map(|&feature| added(feature)).collect();
    match ranked(&sizes).as_slice() {
        [x, y, ..] => features.get(*x).copied().zip(features.get(*y).copied()),
        _ => None,
    }
}

/// `row` as far as the map over `features` depends on it: moving along the map asks for no other one.
pub(crate) fn held(model: &Artifact, row: FeatureRow, (x, y): (usize, usize)) -> FeatureRow {
    let schema = model.schema();
    let mut values = row.values().to_vec();
    for (at, value) in values.iter_mut().enumerate().filter(|(at, _)| [x, y].contains(at)) {
        let Some(feature) = schema.features.get(at) else { continue };
        match feature.numeric() {
            // What lies outside widens the map.
            Some(range) if *value < range.training.min || *value > range.training.max => {}
            Some(range) => *value = range.training.min,
            None => *value = 0.0,
        }
    }
    schema.row(&values).unwrap_or(row)
}

impl<'a> MapOf<'a> {
    fn feature(&self, at: usize) -> Option<&'a Feature> {
        self.model.schema().features.get(at)
    }

    fn class_name(&self, class: usize) -> &'a str {
        self.model.schema().classes.get(class).map_or("", String::as_str)
    }

    /// A value of the feature along, or up.
    fn own(&self, at: usize) -> f64 {
        self.row.values().get(at).copied().unwrap_or(f64::NAN)
    }

    /// Places spread over the map, from the top row down: what is read out, and the table.
    pub(crate) fn places(&self) -> Vec<Vec<Place>> {
        let spread = |n: usize, most: usize| -> Vec<usize> {
            let count = n.min(most).max(1);
            (0..count).map(|at| (2 * at + 1) * n / (2 * count)).collect()
        };
        let (DecisionMap { x, y, .. }, (along, up)) = (self.map, self.features);
        let columns = spread(x.n(), POINTED.0);
        let rows = spread(y.n(), POINTED.1).into_iter().rev();
        let place = |i: usize, j: usize| {
            let (class, percent) = self.map.cell(i, j)?;
            let text = |at: usize, number| Some(quantity(self.feature(at)?, number));
            Some(Place {
                x: text(along, x.value(i))?,
                y: text(up, y.value(j))?,
                class,
                name: self.class_name(class).to_owned(),
                percent,
                cell: (i, j),
            })
        };
        rows.map(|j| columns.iter().filter_map(|&i| place(i, j)).collect()).collect()
    }

    /// What the chart shows, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let names = [self.features.0, self.features.1].map(|at| self.feature(at).map(name));
        let [along, up] = names.map(Option::unwrap_or_default);
        let answer = self.model.predict(self.row);
        t!(
            "Answers by {along} and {up}, everything else as it is. Here: {class}.",
            along,
            up,
            class = self.class_name(answer.class)
        )
    }
}

/// Where the map lies, and its scales.
struct Frame {
    area: PixelBox,
    x: MapAxis,
    y: MapAxis,
}

impl Frame {
    fn at(&self, along: f64, up: f64) -> (f64, f64) {
        let PixelBox { x, y, width, height } = self.area;
        (x + along * width, y + (1.0 - up) * height)
    }

    /// Corners of a run of cells: along from `i` to before `end`, in row `j`.
    fn run(&self, i: usize, end: usize, j: usize) -> PixelBox {
        let (n_x, n_y) = (self.x.n() as f64, self.y.n() as f64);
        let (left, top) = self.at(i as f64 / n_x, (j + 1) as f64 / n_y);
        let (right, bottom) = self.at(end as f64 / n_x, j as f64 / n_y);
        PixelBox { x: left, y: top, width: right - left, height: bottom - top }
    }

    fn point(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        Some(self.at(self.x.place(x)?, self.y.place(y)?))
    }
}

/// The chart, `width` pixels wide.
pub(crate) fn decision_chart(of: MapOf<'_>, width: f64) -> Scene {
    let height = (0.72 * width).clamp(240.0, 420.0);
    let area = PixelBox {
        x: LEFT,
        y: ABOVE,
        width: (width - LEFT - RIGHT).max(40.0),
        height: height - ABOVE - BELOW,
    };
    let frame = Frame { area, x: of.map.x, y: of.map.y };
    let mut scene = Scene::new(width, height);
    areas::fill(&mut scene, of, &frame);
    axes::draw(&mut scene, of, &frame);
    places(&mut scene, of, &frame);
    known_rows(&mut scene, of, &frame);
    areas::names(&mut scene, of, &frame);
    here(&mut scene, of, &frame);
    scene
}

/// The training rows that the model carries.
fn known_rows(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    let samples = Samples::of(of.model);
    for (values, label) in of.model.reference().train.rows() {
        let value_of = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
        let (x, y) = (value_of(of.features.0), value_of(of.features.1));
        let Some(center) = frame.point(x, y) else { continue };
        scene.items.push(Item::class_mark(label as usize, center, KNOWN));
        let (spot, class) = (spot(of, x, y), of.class_name(label as usize));
        let readout = match samples {
            Samples::Flowers => t!("A known flower at {spot}: {class}.", spot, class),
            Samples::Rows => t!("A known row at {spot}: {class}.", spot, class),
        };
        scene.marks.push(Mark { area: around(center, KNOWN), readout });
    }
}

/// `petal length 4.9 cm, petal width 1.7 cm`
fn spot(of: MapOf<'_>, x: f64, y: f64) -> String {
    let part = |at: usize, number| {
        of.feature(at).map(|feature| format!("{} {}", name(feature), quantity(feature, number)))
    };
    let parts = [part(of.features.0, x), part(of.features.1, y)].map(Option::unwrap_or_default);
    parts.join(", ")
}

/// The row at hand: lines to both axes, and a ring around the mark of its answer.
fn here(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    let (x, y) = (of.own(of.features.0), of.own(of.features.1));
    let Some((at_x, at_y)) = frame.point(x, y) else { return };
    let bottom = frame.area.y + frame.area.height;
    for (from, to) in [((frame.area.x, at_y), (at_x, at_y)), ((at_x, at_y), (at_x, bottom))] {
        scene.items.push(Item::Line { from, to, tone: Tone::Ink, line: 1.0 });
    }
    let answer = of.model.predict(of.row);
    scene.items.push(Item::Dot { center: (at_x, at_y), radius: HERE, tone: Tone::Ink });
    scene.items.push(Item::Dot { center: (at_x, at_y), radius: HERE - 2.5, tone: Tone::Sheet });
    scene.items.push(Item::class_mark(answer.class, (at_x, at_y), HERE));
    let share = format::percent(answer.confidence());
    let (spot, class) = (spot(of, x, y), of.class_name(answer.class));
    let readout = t!("Here, at {spot}: {class}, {share}.", spot, class, share);
    // Read first.
    scene.marks.insert(0, Mark { area: around((at_x, at_y), 2.0 * HERE), readout });
}

/// What is answered elsewhere.
fn places(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    let places = of.places();
    let n_rows = places.len().max(1) as f64;
    for (row, places) in places.iter().enumerate() {
        let n_columns = places.len().max(1) as f64;
        let (width, height) = (frame.area.width / n_columns, frame.area.height / n_rows);
        scene.marks.extend(places.iter().enumerate().map(|(column, place)| Mark {
            area: PixelBox {
                x: frame.area.x + column as f64 * width,
                y: frame.area.y + row as f64 * height,
                width,
                height,
            },
            readout: t!(
                "At {spot}: {class}, {percent}\u{a0}%.",
                spot = spot(of, frame.x.value(place.cell.0), frame.y.value(place.cell.1)),
                class = place.name,
                percent = place.percent
            ),
        }));
    }
}

fn around((x, y): (f64, f64), size: f64) -> PixelBox {
    PixelBox { x: x - size / 2.0, y: y - size / 2.0, width: size, height: size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Explained;
    use crate::view_models::fixtures::{built_in, decision_map, mixed};
    use crate::view_models::format::NBSP;

    fn check(model: &Artifact, values: &[f64], features: (usize, usize), run: impl Fn(MapOf<'_>)) {
        let row = model.schema().row(values).unwrap();
        let Explained::Map(map) = decision_map(model, values, features) else { panic!() };
        run(MapOf { model, row: &row, features, map: &map });
    }

    const FLOWER: [f64; 4] = [5.9, 3.0, 4.2, 1.3];

    #[test]
    fn everything_on_the_map_can_be_pointed_at() {
        for width in [260.0, 480.0, 900.0] {
            check(&built_in(), &FLOWER, (2, 3), |of| {
                let scene = decision_chart(of, width);
                assert_eq!(scene.marks.len(), 1 + 48 + 120);
                for mark in &scene.marks {
                    assert!(mark.area.x >= -5.0 && mark.area.x + mark.area.width <= width + 5.0);
                    assert!(mark.area.y + mark.area.height <= scene.height);
                }
                let here = scene.marks[0].readout.replace(NBSP, " ");
                let expected =
                    "Here, at petal length 4.2 cm, petal width 1.3 cm: versicolor, 98.1 %.";
                assert_eq!(here, expected);
                assert!(scene.marks[1].readout.contains("petal width 2.3"), "top row first");
                assert!(scene.marks[168].readout.starts_with("A known flower at petal length "));
            });
        }
    }

    #[test]
    fn every_class_with_an_area_has_its_name_in_it() {
        check(&built_in(), &FLOWER, (2, 3), |of| {
            let scene = decision_chart(of, 480.0);
            for class in &of.model.schema().classes {
                let is_name =
                    |item: &Item| matches!(item, Item::Text { text, .. } if text == class);
                assert_eq!(scene.items.iter().filter(|item| is_name(item)).count(), 1, "{class}");
            }
        });
    }

    #[test]
    fn areas_tile_the_map() {
        check(&built_in(), &FLOWER, (0, 3), |of| {
            let scene = decision_chart(of, 500.0);
            let sum: f64 = scene
                .items
                .iter()
                .map(|item| match item {
                    Item::Fill { area, tone: Tone::ClassSoft(_) } => area.width * area.height,
                    _ => 0.0,
                })
                .sum();
            let whole = (500.0 - LEFT - RIGHT) * (360.0 - ABOVE - BELOW);
            assert!((sum - whole).abs() < 1e-6 * whole, "{sum} of {whole}");
        });
    }

    #[test]
    fn the_table_says_what_the_model_answers() {
        check(&built_in(), &FLOWER, (2, 3), |of| {
            let places = of.places();
            assert_eq!((places.len(), places[0].len()), (6, 8));
            assert_eq!(places[5][0].class, 0, "short and narrow petals are setosa's");
            assert_eq!(places[0][7].class, 2);
            assert_eq!(
                of.sentence(),
                "Answers by petal length and petal width, everything else as it is. Here: versicolor."
            );
        });
    }

    #[test]
    fn the_map_starts_with_what_adds_most_and_depends_on_the_others_alone() {
        let model = built_in();
        let why = Why {
            class: 0,
            base: 0.0,
            probability: 0.0,
            added: vec![0.1, 0.0, -0.3, 0.2],
            standard_error: None,
            n_background: 64,
        };
        assert_eq!(strongest(&model, Some(&why)), Some((2, 3)));
        assert_eq!(strongest(&model, None), Some((0, 1)));
        let held = |values: [f64; 4]| held(&model, model.schema().row(&values).unwrap(), (2, 3));
        assert_eq!(held(FLOWER), held([5.9, 3.0, 1.5, 2.0]));
        assert_ne!(held(FLOWER), held([5.8, 3.0, 4.2, 1.3]));
        assert_ne!(held(FLOWER), held([5.9, 3.0, 9.0, 1.3]), "beyond the map");
    }

    #[test]
    fn categories_and_gaps_have_a_map_too() {
        check(&mixed(), &[3.0, 1.0, f64::NAN, 0.0], (2, 1), |of| {
            let scene = decision_chart(of, 400.0);
            assert!(!scene.marks[0].readout.starts_with("Here"), "a gap is nowhere on the map");
            let labels: Vec<&str> = scene
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Text { text, .. } => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            assert!(labels.contains(&"red") && labels.contains(&"blue"), "{labels:?}");
        });
    }
}
