//! The frame of a chart of two axes: which value lies where, with ticks and labels.

use super::scene::{Anchor, Item, Mark, PixelBox, Scene, Tone};

/// Text of ticks and labels.
pub(crate) const SMALL_TEXT: f64 = 13.0;
/// About the width of a letter of it.
pub(crate) const LETTER: f64 = 6.6;
/// A mark is pointed at within this distance.
const REACH: f64 = 8.0;
/// Room above, for half a tick label.
const TOP: f64 = 10.0;
/// Room below, for tick labels and the axis' name.
const BOTTOM: f64 = 44.0;
const RIGHT: f64 = 14.0;

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    from: f64,
    to: f64,
    is_log: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From 0 to 100 %.
    pub(crate) fn percent() -> Self {
        let tick = |percent: u32| (f64::from(percent) / 100.0, format!("{percent}"));
        let ticks = [0, 20, 40, 60, 80, 100].map(tick).to_vec();
        Self { from: 0.0, to: 1.0, is_log: false, ticks }
    }

    /// Over `values`, in equal steps of 1, 2 or 5; `say` names a tick.
    pub(crate) fn linear(values: impl Iterator<Item = f64>, say: impl Fn(f64) -> String) -> Self {
        let (from, to) = widened(values, |span| 0.02 * span);
        let rough = (to - from) / 6.0;
        let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = step.into_iter().find(|step| *step >= rough).unwrap_or(rough);
        let first = libm::ceil(from / step);
        let last = libm::floor(to / step);
        let n_ticks =
            if (last - first).is_finite() { (last - first).clamp(0.0, 9.0) as u32 } else { 0 };
        // Adding 0 makes a negative zero a positive one.
        let ticks = (0..=n_ticks).map(|at| (first + f64::from(at)) * step + 0.0);
        Self { from, to, is_log: false, ticks: ticks.map(|value| (value, say(value))).collect() }
    }

    /// Over `values` above 0, in powers of ten, or with 2 and 5 between where that is narrow.
    pub(crate) fn logarithmic(
        values: impl Iterator<Item = f64>,
        say: impl Fn(f64) -> String,
    ) -> Self {
        let logs = values.filter(|value| *value > 0.0).map(libm::log10);
        let (from, to) = widened(logs, |span| 0.12 * span + 0.08);
        let factors: &[f64] = if to - from > 1.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let powers = libm::floor(from) as i32..=libm::ceil(to) as i32;
        let all = powers.flat_map(|power| {
            let power = libm::pow(10.0, f64::from(power));
            factors.iter().map(move |factor| factor * power)
        });
        let inside = all.filter(|value| (from..=to).contains(&libm::log10(*value)));
        let ticks = inside.map(|value| (value, say(value))).collect();
        Self { from, to, is_log: true, ticks }
    }

    /// Names side by side, each in the middle of its part.
    pub(crate) fn names(names: &[String]) -> Self {
        let ticks = names.iter().enumerate().map(|(at, name)| (at as f64, name.clone())).collect();
        Self { from: -0.5, to: names.len() as f64 - 0.5, is_log: false, ticks }
    }

    /// Where `value` lies: 0 at the start, 1 at the end.
    fn share(&self, value: f64) -> f64 {
        let value = if self.is_log { libm::log10(value.max(f64::MIN_POSITIVE)) } else { value };
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// Least and greatest of `values` with a margin; never the same two.
fn widened(values: impl Iterator<Item = f64>, margin: impl Fn(f64) -> f64) -> (f64, f64) {
    // What cannot be subtracted from each other has no span.
    let finite = values.filter(|value| value.is_finite()).map(|value| value.clamp(-1e300, 1e300));
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let span = high - low;
    if span <= 1e-9 * high.abs().max(f64::MIN_POSITIVE) {
        let half = 0.5_f64.max(0.1 * high.abs());
        return (low - half, high + half);
    }
    (low - margin(span), high + margin(span))
}

/// A chart's frame, laid out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plot {
    area: PixelBox,
    x: Axis,
    y: Axis,
}

impl Plot {
    /// A frame in a chart `width` pixels wide, itself as high as `height`, drawn into a new scene. Axes are
    /// named by `names`, x first.
    pub(crate) fn draw(
        (x, y): (Axis, Axis),
        names: (&str, &str),
        (width, height): (f64, f64),
    ) -> (Self, Scene) {
        let longest = y.ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
        let left = (longest as f64 * LETTER + 20.0).clamp(30.0, 0.4 * width);
        let head = TOP + 18.0;
        let area = PixelBox { x: left, y: head, width: (width - left - RIGHT).max(20.0), height };
        let mut scene = Scene::new(width, head + height + BOTTOM);
        let plot = Self { area, x, y };
        plot.draw_grid(&mut scene);
        let middle = area.x + area.width / 2.0;
        scene.items.push(label((middle, scene.height - 9.0), names.0, Anchor::Middle));
        scene.items.push(label((2.0, 9.0), names.1, Anchor::Start));
        (plot, scene)
    }

    fn draw_grid(&self, scene: &mut Scene) {
        let area = self.area;
        let (bottom, right) = (area.y + area.height, area.x + area.width);
        let rule = |from, to| Item::Line { from, to, tone: Tone::Rule, line: 1.0 };
        let mut free_from = f64::NEG_INFINITY;
        for (value, text) in &self.x.ticks {
            let x = self.x_of(*value);
            scene.items.push(rule((x, area.y), (x, bottom)));
            let half = text.chars().count() as f64 * LETTER / 2.0;
            // Labels that would run into each other, or out of the chart, are left out.
            let at = x.min(scene.width - half).max(half);
            if at - half >= free_from {
                free_from = at + half + 6.0;
                scene.items.push(label((at, bottom + 13.0), text, Anchor::Middle));
            }
        }
        for (value, text) in &self.y.ticks {
            let y = self.y_of(*value);
            scene.items.push(rule((area.x, y), (right, y)));
            let at = area.x - 14.0 - text.chars().count() as f64 * LETTER;
            scene.items.push(label((at.max(0.0), y), text, Anchor::Start));
        }
    }

    /// The pixel of a value of the x axis.
    pub(crate) fn x_of(&self, value: f64) -> f64 {
        self.area.x + self.x.share(value) * self.area.width
    }

    /// The pixel of a value of the y axis, which grows upwards.
    pub(crate) fn y_of(&self, value: f64) -> f64 {
        self.area.y + (1.0 - self.y.share(value)) * self.area.height
    }

    /// The pixels of a pair of values.
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x_of(x), self.y_of(y))
    }

    /// The frame's own box.
    pub(crate) const fn area(&self) -> PixelBox {
        self.area
    }

    /// A line through `points`, given in values.
    pub(crate) fn line(&self, scene: &mut Scene, points: &[(f64, f64)], tone: Tone, line: f64) {
        for pair in points.windows(2) {
            if let [from, to] = *pair {
                let (from, to) = (self.at(from.0, from.1), self.at(to.0, to.1));
                scene.items.push(Item::Line { from, to, tone, line });
            }
        }
    }
}

/// A text of the small size.
pub(crate) fn label(at: (f64, f64), text: &str, anchor: Anchor) -> Item {
    Item::Text {
        at,
        text: text.to_owned(),
        size: SMALL_TEXT,
        tone: Tone::Quiet,
        anchor,
        bold: false,
    }
}

/// A mark around the pixel `(x, y)`.
pub(crate) fn point_mark((x, y): (f64, f64), readout: String) -> Mark {
    let area = PixelBox { x: x - REACH, y: y - REACH, width: 2.0 * REACH, height: 2.0 * REACH };
    Mark { area, readout }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|(_, text)| text.clone()).collect()
    }

    fn linear(values: &[f64]) -> Vec<String> {
        ticks(&Axis::linear(values.iter().copied(), |value| format!("{value}")))
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(linear(&[4.3, 7.9]), ["5", "6", "7"]);
        assert_eq!(
            linear(&[-30.0, 70.0]),
            ["-20", "0", "20", "40", "60"].map(str::to_owned).to_vec()
        );
        assert!(linear(&[1e300, -1e300]).len() <= 10);
    }

    #[test]
    fn one_value_none_and_odd_ones_have_an_axis_too() {
        for values in [&[][..], &[2.0], &[f64::NAN], &[f64::MAX, f64::MIN], &[1e16, 1e16]] {
            let axis = Axis::linear(values.iter().copied(), |value| format!("{value}"));
            assert!(axis.to > axis.from, "{axis:?}");
            assert!((0.0..=1.0).contains(&axis.share(2.0)), "{axis:?}");
        }
    }

    #[test]
    fn powers_of_ten_are_ticks_of_a_wide_range_and_more_of_a_narrow_one() {
        let log = |values: [f64; 2]| {
            ticks(&Axis::logarithmic(values.into_iter(), |value| format!("{value}")))
        };
        assert_eq!(log([1.0, 10_000.0]), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(log([10.0, 60.0]), ["10", "20", "50"]);
        assert_eq!(log([5.0, 5.0]), ["2", "5", "10"]);
    }

    #[test]
    fn values_lie_inside_the_frame_and_grow_to_the_right_and_upwards() {
        let (plot, scene) =
            Plot::draw((Axis::percent(), Axis::percent()), ("x", "y"), (320.0, 200.0));
        let area = plot.area();
        assert!(area.x + area.width <= scene.width && area.y + area.height < scene.height);
        assert!(plot.x_of(0.2) < plot.x_of(0.9) && plot.y_of(0.2) > plot.y_of(0.9));
        assert_eq!(plot.at(0.0, 0.0), (area.x, area.y + area.height));
        assert_eq!(plot.at(2.0, f64::NAN.max(1.0)), (area.x + area.width, area.y));
    }
}
