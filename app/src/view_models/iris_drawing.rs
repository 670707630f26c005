//! An iris to scale: three sepals (falls) and three petals (standards) as long and as wide as
//! measured, and one of each beside them, taken apart, with a scale bar.
//!
//! Invariant: a part of length `l` and width `w` cm is drawn exactly `l` times `scale` long and
//! `w` times `scale` wide. Stem and leaves are not measured and only say what it is.

use model_core::{Artifact, is_iris};

use super::format;
use crate::i18n::t;

/// Half the drawing's width in SVG units.
const HALF_WIDTH: f64 = 180.0;
/// What a part as long as `BASE_REACH_CM` takes of it.
const REACH: f64 = 160.0;
/// Length that always fits: the longest sepal of the data is 7.9 cm. Longer parts shrink the
/// scale, and the scale bar with it.
const BASE_REACH_CM: f64 = 8.0;
/// Height of the strip in which the single parts lie, between the rule and their labels.
const SINGLE_HEIGHT: f64 = 100.0;
/// Width that always fits: the widest sepal of the data is 4.4 cm.
const BASE_WIDTH_CM: f64 = 5.0;
/// What the scale bar stands for.
const BAR_CM: f64 = 2.0;

/// Length and width of a part in cm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// From base to tip.
    pub(crate) length_cm: f64,
    /// Where it is widest.
    pub(crate) width_cm: f64,
}

impl Part {
    /// `5.9 × 3.0 cm`.
    pub(crate) fn size(self) -> String {
        let (length, width) =
            (format::decimal(self.length_cm, 1), format::decimal(self.width_cm, 1));
        format!("{length} × {width}{}cm", format::NBSP)
    }
}

/// The four measurements of an iris.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Iris {
    /// The outer parts.
    pub(crate) sepal: Part,
    /// The inner parts.
    pub(crate) petal: Part,
}

impl Iris {
    /// The measurements in `values`, if `artifact` learned from the built-in Iris.
    ///
    /// Its data's hash decides: the drawing is to scale, and neither a name nor columns of the same
    /// names say that a number is a length in cm.
    pub(crate) fn of(artifact: &Artifact, values: &[f64]) -> Option<Self> {
        if !is_iris(&artifact.lineage().data_hash) {
            return None;
        }
        let schema = artifact.schema();
        let value = |name: &str| values.get(schema.feature_index(name)?).copied();
        Some(Self {
            sepal: Part { length_cm: value("sepal_length")?, width_cm: value("sepal_width")? },
            petal: Part { length_cm: value("petal_length")?, width_cm: value("petal_width")? },
        })
    }

    /// The drawing in words.
    pub(crate) fn description(&self) -> String {
        t!(
            "An iris drawn to scale: three sepals of {sepal} and three petals of {petal}.",
            sepal = self.sepal.size(),
            petal = self.petal.size()
        )
    }
}

/// Outline of a part standing on the origin, tip up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    /// The edge, closed.
    pub(crate) edge: String,
    /// Midrib and side veins.
    pub(crate) veins: String,
}

/// Everything the SVG needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IrisDrawing {
    /// SVG units a centimetre.
    pub(crate) scale: f64,
    /// Outline of a sepal.
    pub(crate) sepal: Outline,
    /// Outline of a petal.
    pub(crate) petal: Outline,
    /// Length of the scale bar.
    pub(crate) bar: f64,
    /// Its label.
    pub(crate) bar_label: String,
    /// Where the single sepal lies: `transform` of its outline.
    pub(crate) single_sepal: String,
    /// Where the single petal lies.
    pub(crate) single_petal: String,
    /// What the single sepal is, with its size.
    pub(crate) sepal_label: String,
    /// What the single petal is, with its size.
    pub(crate) petal_label: String,
    /// Middle of the single sepal.
    pub(crate) sepal_label_x: f64,
    /// Middle of the single petal.
    pub(crate) petal_label_x: f64,
}

/// `viewBox` of the drawing: the flower around the origin, the single parts below it.
pub(crate) const VIEW_BOX: &str = "-180 -170 360 498";
/// Height at which the single parts lie, and their labels below them.
pub(crate) const SINGLE_Y: f64 = 256.0;
/// Height of the labels of the single parts.
pub(crate) const LABEL_Y: f64 = 320.0;
/// About half the width of a letter of them.
const HALF_LETTER: f64 = 58.0 / 18.0;
/// Degrees from upright at which the sepals stand.
pub(crate) const SEPAL_ANGLES: [f64; 3] = [-112.0, 112.0, 180.0];
/// Degrees from upright at which the petals stand.
pub(crate) const PETAL_ANGLES: [f64; 3] = [-46.0, 46.0, 0.0];

/// Heights, as shares of a part's length, of the two control points of its edge. A sepal is a
/// spoon, widest beyond its middle; a petal is slimmer at the tip.
const SEPAL_CONTROLS: (f64, f64) = (0.42, 1.0);
const PETAL_CONTROLS: (f64, f64) = (0.38, 0.92);

impl IrisDrawing {
    /// The drawing of `iris`.
    pub(crate) fn of(iris: &Iris) -> Self {
        let Iris { sepal, petal } = *iris;
        let longest = sepal.length_cm.max(petal.length_cm).max(BASE_REACH_CM);
        let widest = sepal.width_cm.max(petal.width_cm).max(BASE_WIDTH_CM);
        let scale = (REACH / longest).min(SINGLE_HEIGHT / widest);
        let gap = 2.0 * HALF_WIDTH - (sepal.length_cm + petal.length_cm) * scale;
        let margin = (gap / 3.0).clamp(4.0, 36.0);
        let sepal_x = -HALF_WIDTH + margin;
        let petal_x = HALF_WIDTH - margin - petal.length_cm * scale;
        let sepal_label = t!("sepal {size}", size = sepal.size());
        let petal_label = t!("petal {size}", size = petal.size());
        // A label stays within the drawing, however short its part is.
        let most = |label: &str| HALF_WIDTH - HALF_LETTER * label.chars().count() as f64;
        Self {
            scale,
            sepal: outline(sepal, scale, SEPAL_CONTROLS),
            petal: outline(petal, scale, PETAL_CONTROLS),
            bar: BAR_CM * scale,
            bar_label: format!("{BAR_CM}{}cm", format::NBSP),
            single_sepal: format!("translate({sepal_x:.2} {SINGLE_Y}) rotate(90)"),
            single_petal: format!("translate({petal_x:.2} {SINGLE_Y}) rotate(90)"),
            sepal_label_x: (sepal_x + sepal.length_cm * scale / 2.0).max(-most(&sepal_label)),
            petal_label_x: (petal_x + petal.length_cm * scale / 2.0).min(most(&petal_label)),
            sepal_label,
            petal_label,
        }
    }
}

/// A part's edge is one cubic curve a side. With both control points `k` off the axis the curve
/// is at most `3/4 k` off it (at its middle), so `k = 2/3 w` gives a width of exactly `w`.
fn outline(part: Part, scale: f64, (low, high): (f64, f64)) -> Outline {
    let (length, width) = (part.length_cm * scale, part.width_cm * scale);
    let side = |share_of_width: f64, reach: f64| {
        let k = share_of_width * width * 2.0 / 3.0;
        let (low, high, tip) = (-low * length * reach, -high * length * reach, -length * reach);
        (
            format!("{k:.2} {low:.2} {k:.2} {high:.2} 0 {tip:.2}"),
            format!("{:.2} {high:.2} {:.2} {low:.2} 0 0", -k, -k),
            tip,
        )
    };
    let (up, down, _) = side(1.0, 1.0);
    let (vein_right, vein_left, tip) = side(0.5, 0.82);
    Outline {
        edge: format!("M0 0 C {up} C {down} Z"),
        veins: format!(
            "M0 0 L0 {:.2} M0 0 C {vein_right} M0 {tip:.2} C {vein_left}",
            -0.9 * length
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, called_iris, mixed};

    fn iris(values: [f64; 4]) -> Iris {
        Iris::of(&built_in(), &values).unwrap()
    }

    /// Corner points of an edge's first curve, read back from the path.
    fn first_curve(edge: &str) -> [f64; 6] {
        let numbers: Vec<f64> =
            edge.split_whitespace().filter_map(|word| word.parse().ok()).take(7).collect();
        // "M0 0 C": `M0` is no number, the 0 after it is.
        numbers[1..7].try_into().unwrap()
    }

    #[test]
    fn parts_are_as_long_and_as_wide_as_measured() {
        let drawing = IrisDrawing::of(&iris([5.9, 3.0, 4.8, 1.7]));
        for (outline, part) in [(&drawing.sepal, (5.9, 3.0)), (&drawing.petal, (4.8, 1.7))] {
            let [k, y1, _, y2, _, tip] = first_curve(&outline.edge);
            assert!((-tip / drawing.scale - part.0).abs() < 1e-3);
            let at = |t: f64| 3.0 * k * t * (1.0 - t);
            let widest = (0..=1000).map(|i| at(f64::from(i) / 1000.0)).fold(0.0, f64::max);
            assert!((2.0 * widest / drawing.scale - part.1).abs() < 2e-3);
            // Nothing rises above the tip: both control points are at or below it.
            assert!(y1 >= tip && y2 >= tip);
        }
    }

    #[test]
    fn scale_bar_keeps_the_scale_when_a_long_part_shrinks_the_drawing() {
        let usual = IrisDrawing::of(&iris([7.9, 3.8, 6.4, 2.0]));
        let giant = IrisDrawing::of(&iris([10.0, 3.8, 6.4, 2.0]));
        let stout = IrisDrawing::of(&iris([6.0, 10.0, 6.4, 2.0]));
        assert!((usual.scale - 20.0).abs() < 1e-12);
        assert!((giant.scale - 16.0).abs() < 1e-12);
        assert!((stout.scale - 10.0).abs() < 1e-12);
        assert!((giant.bar / giant.scale - usual.bar / usual.scale).abs() < 1e-12);
    }

    #[test]
    fn other_data_sets_are_not_drawn_as_irises_whatever_they_are_called() {
        for other in called_iris().into_iter().chain([mixed()]) {
            assert_eq!(Iris::of(&other, &[1.0, 1.0, 1.0, 1.0]), None);
        }
    }

    #[test]
    fn the_description_gives_the_sizes() {
        let words = iris([5.9, 3.0, 4.8, 1.7]).description().replace(format::NBSP, " ");
        assert_eq!(
            words,
            "An iris drawn to scale: three sepals of 5.9 × 3.0 cm and three petals of 4.8 × 1.7 cm."
        );
    }
}
