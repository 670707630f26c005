//! A strip of the specimen drawer: its bars as paths, its figures and its one sentence.

use super::format::{count, told, trimmed};
use crate::i18n::t;
use crate::lab::{Bars, Contents, Strip};

/// Width of a bar with its gap, and height of all, in the units of the drawing.
const BAR_WIDTH: f64 = 10.0;
const HEIGHT: f64 = 100.0;
/// Gap between two bars.
const GAP: f64 = 1.0;
/// Categories whose rows are told.
const MAX_TOLD: usize = 5;

/// The bars of one group of classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BarPath {
    /// The group: a class, or all beyond the eighth.
    pub(crate) group: usize,
    /// The `d` of an SVG path.
    pub(crate) d: String,
}

/// The bars of a strip, if it has any.
pub(crate) const fn bars(contents: &Contents) -> Option<&Bars> {
    match contents {
        Contents::Numbers { bars, .. }
        | Contents::Categories { bars, .. }
        | Contents::Target { bars, .. } => Some(bars),
        Contents::Derived { .. } | Contents::LeftOut { .. } => None,
    }
}

/// The box that the paths of `bars` are drawn in.
pub(crate) fn view_box(bars: &Bars) -> String {
    format!("0 0 {} {HEIGHT}", BAR_WIDTH * bars.0.len().max(1) as f64)
}

/// Stacked bars, the highest one as high as the box.
pub(crate) fn paths(bars: &Bars) -> Vec<BarPath> {
    let total = |bar: &Vec<u32>| bar.iter().map(|&n| f64::from(n)).sum::<f64>();
    let highest = bars.0.iter().map(total).fold(1.0, f64::max);
    let n_groups = bars.0.first().map_or(0, Vec::len);
    let path = |group: usize| {
        let mut d = String::new();
        for (at, bar) in bars.0.iter().enumerate() {
            let n = f64::from(bar.get(group).copied().unwrap_or_default());
            if n > 0.0 {
                let below: f64 = bar.iter().take(group).map(|&n| f64::from(n)).sum();
                let height = HEIGHT * n / highest;
                let y = HEIGHT - HEIGHT * below / highest - height;
                let x = at as f64 * BAR_WIDTH + GAP / 2.0;
                let width = BAR_WIDTH - GAP;
                d += &format!("M{x:.1} {y:.2}h{width:.1}v{height:.2}h-{width:.1}z");
            }
        }
        BarPath { group, d }
    };
    (0..n_groups).map(path).filter(|path| !path.d.is_empty()).collect()
}

/// What the column is, in a word or two.
pub(crate) fn kind(contents: &Contents) -> &'static str {
    match contents {
        Contents::Numbers { .. } => t!("numbers"),
        Contents::Categories { .. } => t!("categories"),
        Contents::Derived { of_text: true, .. } => t!("text"),
        Contents::Derived { of_text: false, .. } => t!("dates or times"),
        Contents::LeftOut { .. } => t!("left out"),
        Contents::Target { .. } => t!("what is learnt"),
    }
}

/// What stands under the bars.
pub(crate) fn figures(contents: &Contents) -> String {
    match contents {
        Contents::Numbers { quartiles: [min, _, median, _, max], .. } => {
            t!(
                "{least} to {greatest} · median {median}",
                least = number(*min),
                greatest = number(*max),
                median = number(*median)
            )
        }
        Contents::Categories { distinct, shown, bars } => {
            let rows = |bar: &Vec<u32>| bar.iter().sum::<u32>();
            let told = shown.iter().zip(&bars.0).take(MAX_TOLD);
            let mut told: Vec<String> =
                told.map(|(name, bar)| format!("{name} {}", rows(bar))).collect();
            let n = (*distinct as usize).saturating_sub(told.len());
            if n > 0 {
                told.push(t!("and {n} more", n));
            }
            told.join(" · ")
        }
        Contents::Derived { n_features, .. } => {
            let features = count(*n_features as usize, t!("feature"), t!("features"));
            t!("used as {features}", features)
        }
        Contents::LeftOut { examples } if examples.is_empty() => t!("no values").to_owned(),
        Contents::LeftOut { examples } => t!("such as {examples}", examples = examples.join(", ")),
        Contents::Target { n_classes, .. } => {
            count(*n_classes as usize, t!("class"), t!("classes"))
        }
    }
}

/// All the figures of a column of numbers, each with its name.
pub(crate) fn details(contents: &Contents) -> Vec<(&'static str, String)> {
    let Contents::Numbers { quartiles: [min, q1, median, q3, max], mean, std, .. } = contents
    else {
        return Vec::new();
    };
    let named = [
        (t!("least"), min),
        (t!("first quartile"), q1),
        (t!("median"), median),
        (t!("third quartile"), q3),
        (t!("greatest"), max),
        (t!("mean"), mean),
        (t!("standard deviation"), std),
    ];
    named.map(|(name, value)| (name, number(*value))).to_vec()
}

/// What the bars show, for those who do not see them.
pub(crate) fn sentence(strip: &Strip, n_rows: u32) -> String {
    let Strip { name, n_missing, contents } = strip;
    let (kind, figures) = (kind(contents), figures(contents));
    match n_missing {
        0 => format!("{name}: {kind}, {figures}"),
        n => {
            t!("{name}: {kind}, {figures}, {n} of {n_rows} missing", name, kind, figures, n, n_rows)
        }
    }
}

/// Four figures, no zeros behind them, and powers of ten where it would be long.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return told(&format!("{value:.2e}"));
    }
    let decimals = match size {
        _ if size >= 1000.0 => 0,
        _ if size >= 100.0 => 1,
        _ if size >= 10.0 => 2,
        _ if size >= 1.0 || size == 0.0 => 3,
        _ => 5,
    };
    trimmed(value, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_stacked_up_to_the_height_of_the_highest() {
        let bars = Bars(vec![vec![2, 2], vec![0, 1]]);
        let paths = paths(&bars);
        assert_eq!(view_box(&bars), "0 0 20 100");
        assert_eq!(paths[0].d, "M0.5 50.00h9.0v50.00h-9.0z");
        assert_eq!(paths[1].d, "M0.5 0.00h9.0v50.00h-9.0zM10.5 75.00h9.0v25.00h-9.0z");
        assert_eq!(paths.len(), 2);
    }

    #[test]
    fn nothing_has_no_bars() {
        assert!(paths(&Bars::default()).is_empty());
        assert!(paths(&Bars(vec![vec![0, 0]])).is_empty());
    }

    #[test]
    fn figures_are_short_and_exact_enough() {
        for (value, text) in [
            (44.45, "44.45"),
            (4050.0, "4050"),
            (0.0, "0"),
            (-1.5, "\u{2212}1.5"),
            (0.001_25, "0.00125"),
            (197.0, "197"),
            (1e12, "1.00e12"),
            (1e-7, "1.00e\u{2212}7"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn classes_beyond_the_last_colour_are_counted() {
        let bars = Bars(vec![vec![20; 9]; 9]);
        assert_eq!(figures(&Contents::Target { n_classes: 12, bars }), "12 classes");
    }

    #[test]
    fn the_sentence_tells_gaps() {
        let contents = Contents::Categories {
            distinct: 7,
            shown: (0..6).map(|at| format!("k{at}")).collect(),
            bars: Bars(vec![vec![1, 1]; 6]),
        };
        let strip = Strip { name: "kind".into(), n_missing: 2, contents };
        assert_eq!(
            sentence(&strip, 14),
            "kind: categories, k0 2 · k1 2 · k2 2 · k3 2 · k4 2 · and 2 more, 2 of 14 missing"
        );
    }
}
