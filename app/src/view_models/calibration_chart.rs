//! The reliability diagram: whether a model that is 80 % sure is right 80 % of the time, with how many rows
//! say so.

use model_core::evaluation::{CalibrationBin, CalibrationCurve};
use model_core::wilson_interval;

use super::comparison::Samples;
use super::format;
use super::plot::{Axis, Plot, point_mark};
use super::scene::{Item, PixelBox, Scene, Tone};
use crate::i18n::t;

const MAX_SIDE: f64 = 360.0;
/// Height of the longest bar of counts.
const BARS: f64 = 44.0;

/// A bin that holds rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bin {
    /// From which confidence to which.
    pub(crate) range: (f64, f64),
    /// Its rows.
    pub(crate) count: u32,
    /// Their mean confidence.
    pub(crate) confidence: f64,
    /// The share of them that was right.
    pub(crate) accuracy: f64,
    /// Its 95 % Wilson interval.
    pub(crate) interval: (f64, f64),
}

/// The bins of `curve` that hold rows.
pub(crate) fn bins(curve: &CalibrationCurve) -> Vec<Bin> {
    let n_bins = curve.bins.len().max(1) as f64;
    let bins = curve.bins.iter().enumerate();
    bins.filter(|(_, bin)| bin.count > 0)
        .map(|(at, bin)| {
            let CalibrationBin { count, mean_confidence, accuracy } = *bin;
            let n_correct = (accuracy * f64::from(count)).round() as u32;
            Bin {
                range: (at as f64 / n_bins, (at + 1) as f64 / n_bins),
                count,
                confidence: mean_confidence,
                accuracy,
                interval: wilson_interval(n_correct, count),
            }
        })
        .collect()
}

/// What the diagram says, in a sentence.
pub(crate) fn summary(curve: &CalibrationCurve) -> String {
    let bins = bins(curve);
    let total: f64 = bins.iter().map(|bin| f64::from(bin.count)).sum();
    let mean = |of: fn(&Bin) -> f64| {
        bins.iter().map(|bin| of(bin) * f64::from(bin.count)).sum::<f64>() / total.max(1.0)
    };
    let (sure, right) = (mean(|bin| bin.confidence), mean(|bin| bin.accuracy));
    let gap = 100.0 * (sure - right);
    let (sure, right) = (format::percent(sure), format::percent(right));
    let verdict = match gap {
        gap if gap > 2.0 => t!(
            "Answers were given {sure} on average, and {right} were right: it is surer than it should be.",
            sure,
            right
        ),
        gap if gap < -2.0 => t!(
            "Answers were given {sure} on average, and {right} were right: it is right more often than it says.",
            sure,
            right
        ),
        _ => t!(
            "Answers were given {sure} on average, and {right} were right: on average it is as sure as it should be.",
            sure,
            right
        ),
    };
    let within = t!(
        "Within bins the two differ by {points}\u{a0}points on average (expected calibration error).",
        points = format::decimal(100.0 * curve.expected_calibration_error, 1)
    );
    format!("{verdict} {within}")
}

/// The diagram of `curve`, `width` pixels wide.
pub(crate) fn calibration_chart(curve: &CalibrationCurve, samples: Samples, width: f64) -> Scene {
    let side = (width - 60.0).clamp(120.0, MAX_SIDE);
    let (plot, mut scene) = Plot::draw(
        (Axis::percent(), Axis::percent()),
        (t!("how sure the model was, in percent"), t!("how often it was right, in percent")),
        (width.min(side + 60.0), side),
    );
    let bins = bins(curve);
    let most = f64::from(bins.iter().map(|bin| bin.count).max().unwrap_or(1));
    for bin in &bins {
        let (left, right) = (plot.x_of(bin.range.0), plot.x_of(bin.range.1));
        let height = (BARS * f64::from(bin.count) / most).max(2.0);
        let area = PixelBox {
            x: left + 1.0,
            y: plot.y_of(0.0) - height,
            width: right - left - 2.0,
            height,
        };
        scene.items.push(Item::Fill { area, tone: Tone::Rule });
    }
    plot.line(&mut scene, &[(0.0, 0.0), (1.0, 1.0)], Tone::Quiet, 1.0);
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect();
    plot.line(&mut scene, &points, Tone::Moss, 2.0);
    for bin in &bins {
        let x = plot.x_of(bin.confidence);
        let (low, high) = (plot.y_of(bin.interval.0), plot.y_of(bin.interval.1));
        scene.items.push(Item::Line { from: (x, low), to: (x, high), tone: Tone::Moss, line: 1.5 });
        let center = (x, plot.y_of(bin.accuracy));
        scene.items.push(Item::Dot { center, radius: 5.0, tone: Tone::Moss });
        scene.marks.push(point_mark(center, readout(bin, samples)));
    }
    scene
}

fn readout(bin: &Bin, samples: Samples) -> String {
    let (low, high) = bin.interval;
    t!(
        "{rows} answered with {from} to {to}\u{a0}% confidence, {mean} on average: {right} of them right, 95\u{a0}% interval {low} to {high}\u{a0}%.",
        rows = samples.count(bin.count as usize),
        from = format::whole_percent(bin.range.0),
        to = format::whole_percent(bin.range.1),
        mean = format::percent(bin.confidence),
        right = format::percent(bin.accuracy),
        low = format::whole_percent(low),
        high = format::whole_percent(high)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> CalibrationCurve {
        // Ten rows: four of them 62 % sure and half right, six 95 % sure and all right.
        let sure = |p: f64| [p, 1.0 - p];
        let probabilities: Vec<f64> =
            [sure(0.62); 4].into_iter().chain([sure(0.95); 6]).flatten().collect();
        CalibrationCurve::of(&probabilities, &[0, 0, 1, 1, 0, 0, 0, 0, 0, 0], 2)
    }

    #[test]
    fn bins_without_rows_are_left_out() {
        let bins = bins(&curve());
        let said: Vec<(u32, f64)> = bins.iter().map(|bin| (bin.count, bin.accuracy)).collect();
        assert_eq!(said, [(4, 0.5), (6, 1.0)]);
        assert_eq!(bins[0].range, (0.6, 0.7));
        assert!(bins[0].interval.0 < 0.5 && bins[0].interval.1 > 0.5);
    }

    #[test]
    fn the_sentence_says_which_way_it_errs() {
        let words = summary(&curve()).replace(format::NBSP, " ");
        assert!(words.starts_with("Answers were given 81.8 % on average, and 80.0 % were right: on average it is as sure"), "{words}");
        let wrong = CalibrationCurve::of(&[0.9, 0.1], &[1], 2);
        assert!(summary(&wrong).contains("surer than it should be"));
        let modest = CalibrationCurve::of(&[0.6, 0.4], &[0], 2);
        assert!(summary(&modest).contains("right more often than it says"));
    }

    #[test]
    fn every_bin_is_a_mark_with_its_count() {
        let scene = calibration_chart(&curve(), Samples::Rows, 400.0);
        let words: Vec<String> =
            scene.marks.iter().map(|mark| mark.readout.replace(format::NBSP, " ")).collect();
        assert_eq!(
            words[0],
            "4 rows answered with 60 to 70 % confidence, 62.0 % on average: 50.0 % of them right, 95 % interval 15 to 85 %."
        );
        assert_eq!(words.len(), 2);
        let none = CalibrationCurve::of(&[], &[], 2);
        assert!(calibration_chart(&none, Samples::Rows, 400.0).marks.is_empty());
    }
}
