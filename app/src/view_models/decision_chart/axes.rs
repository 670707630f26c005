//! Ticks and names of the two features.

use model_core::Feature;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;

use super::{Frame, LETTER, MapOf, SMALL_TEXT};
use crate::i18n::t;
use crate::lab::MapAxis;
use crate::view_models::comparison::in_full;
use crate::view_models::feature_words::value;
use crate::view_models::format;
use crate::view_models::scene::{Anchor, Item, PixelBox, Scene, Tone};

/// Ticks and names of both features.
pub(super) fn draw(scene: &mut Scene, of: MapOf<'_>, frame: &Frame) {
    let text = |at, text: String, anchor| Item::Text {
        at,
        text,
        size: SMALL_TEXT,
        tone: Tone::Quiet,
        anchor,
        bold: false,
    };
    let PixelBox { x, y, width, height } = frame.area;
    let bottom = y + height;
    let (Some(along), Some(up)) = (of.feature(of.features.0), of.feature(of.features.1)) else {
        return;
    };
    for (share, label) in ticks(frame.x, along, width / 70.0) {
        let at = x + share * width;
        let tick =
            Item::Line { from: (at, bottom), to: (at, bottom + 4.0), tone: Tone::Quiet, line: 1.0 };
        scene.items.extend([tick, text((at, bottom + 14.0), label, Anchor::Middle)]);
    }
    for (share, label) in ticks(frame.y, up, height / 40.0) {
        let at = bottom - share * height;
        let tick = Item::Line { from: (x - 4.0, at), to: (x, at), tone: Tone::Quiet, line: 1.0 };
        let label: String = label.chars().take(7).collect();
        let start = (x - 8.0 - LETTER * label.chars().count() as f64).max(0.0);
        scene.items.extend([tick, text((start, at), label, Anchor::Start)]);
    }
    scene.items.push(text((x + width / 2.0, bottom + 34.0), titled(along), Anchor::Middle));
    scene.items.push(text((0.0, 10.0), titled(up), Anchor::Start));
}

/// `Petal length in cm`.
fn titled(feature: &Feature) -> String {
    let label = format::words(&feature.label);
    match &feature.unit {
        Some(unit) => t!("{label} in {unit}", label, unit),
        None => label,
    }
}

/// About `most` places along an axis, as shares of it, with their labels.
fn ticks(axis: MapAxis, feature: &Feature, most: f64) -> Vec<(f64, String)> {
    let most = most.clamp(2.0, 8.0) as usize;
    match axis {
        MapAxis::Numbers { from, to, .. } => {
            let points = RangedCoordf64::from(from..to).key_points(BoldPoints(most));
            // A place that is found by adding steps is off by a little, which nobody wants to read.
            let is_small = to - from < 1e-6;
            let label = |point| if is_small { in_full(point) } else { format::trimmed(point, 9) };
            let place = |point: f64| Some((axis.place(point)?, label(point)));
            points.into_iter().filter_map(place).collect()
        }
        MapAxis::Categories { n } => {
            let step = (n as usize).div_ceil(most).max(1);
            let codes = (0..n).step_by(step).map(f64::from);
            codes.filter_map(|code| Some((axis.place(code)?, value(feature, code)))).collect()
        }
    }
}
