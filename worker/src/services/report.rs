//! The report on the versions that answer, from the shards' counts.
//!
//! Everything in it is a sum of whole numbers, so it doesn't depend on shards or order, and costs the same
//! however many rows the log has.

use std::collections::BTreeMap;

use model_core::evaluation::{SampleRatio, confidence_sequence};
use tepal_api::{Draw, LabelledReport, SampleRatioReport, VersionReport};

use crate::ports::{Part, Tally};
use crate::services::log::tally::drawn;

/// Level of the interval of labelled accuracy.
pub(crate) const ACCURACY_LEVEL: f64 = 0.95;

/// Level at which a split counts as off.
const RATIO_LEVEL: f64 = 0.99;

/// Confidences are counted in millionths.
const MILLIONTHS: f64 = 1e6;

/// A share as sentences have it.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A difference of two shares as sentences have it.
pub(crate) fn points(difference: f64) -> String {
    format!("{:.1} points", 100.0 * difference)
}

/// A p-value as sentences have it: none of them is 0.
pub(crate) fn chance(p_value: f64) -> String {
    if p_value < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p_value:.4}") }
}

#[derive(Debug, Default)]
struct Sums {
    n: u64,
    n_shadow: u64,
    millionths: u64,
    classes: BTreeMap<String, u64>,
    warnings: BTreeMap<String, u64>,
    n_labelled: u64,
    n_correct: u64,
}

/// Each version that was asked, the lowest first; with `only`, that one.
pub(crate) fn versions(tallies: &[Tally], only: Option<u64>) -> Vec<VersionReport> {
    let mut versions: BTreeMap<u64, Sums> = BTreeMap::new();
    for tally in tallies.iter().filter(|tally| only.is_none_or(|only| tally.version == only)) {
        let [n, sum] = [tally.n, tally.sum].map(count);
        if n == 0 || matches!(tally.part, Part::Drawn | Part::Paired) {
            continue;
        }
        let sums = versions.entry(tally.version).or_default();
        match tally.part {
            Part::Answered | Part::Shadow => {
                sums.n += n;
                sums.n_shadow += if tally.part == Part::Shadow { n } else { 0 };
                sums.millionths += sum;
                *sums.classes.entry(tally.word.clone()).or_default() += n;
            }
            Part::Warned => *sums.warnings.entry(tally.word.clone()).or_default() += n,
            Part::Labelled => {
                sums.n_labelled += n;
                sums.n_correct += sum;
            }
            Part::Drawn | Part::Paired => {}
        }
    }
    versions.into_iter().map(|(version, sums)| report(version, sums)).collect()
}

/// How the predictions of `version` turned out, as far as they have a label.
pub(crate) fn labelled(tallies: &[Tally], version: u64) -> LabelledReport {
    let found = versions(tallies, Some(version)).into_iter().next();
    found.map_or_else(|| turned_out(0, 0), |report| report.labelled)
}

fn turned_out(n: u64, n_correct: u64) -> LabelledReport {
    let (low, high) = confidence_sequence(n_correct, n, ACCURACY_LEVEL);
    LabelledReport { n, n_correct, accuracy: share(n_correct, n), interval: [low, high] }
}

fn report(version: u64, sums: Sums) -> VersionReport {
    let Sums { n, n_shadow, millionths, classes, warnings, n_labelled, n_correct } = sums;
    VersionReport {
        version,
        n,
        n_shadow,
        classes,
        mean_confidence: share(millionths, n).map(|mean| (mean + 0.5).floor() / MILLIONTHS),
        warnings,
        labelled: turned_out(n_labelled, n_correct),
    }
}

/// Whether `draw` deals as it should.
///
/// Only requests that were dealt by their own ids are counted. Those of a key all fall on one side, so
/// one busy key would pass for a mismatch.
pub(crate) fn sample_ratio(tallies: &[Tally], draw: Draw) -> SampleRatioReport {
    let word = drawn(&draw);
    let drawn = tallies.iter().filter(|tally| tally.part == Part::Drawn && tally.word == word);
    let (mut n_challenger, mut n_total) = (0, 0);
    for tally in drawn {
        n_total += count(tally.n);
        if tally.version == draw.challenger_version {
            n_challenger += count(tally.n);
        }
    }
    let expected = f64::from(draw.split_basis_points) / 10_000.0;
    let ratio = SampleRatio::of(n_challenger, n_total, expected, RATIO_LEVEL);
    SampleRatioReport {
        challenger_version: draw.challenger_version,
        n_challenger: ratio.n_assigned,
        n_total: ratio.n_total,
        expected: ratio.expected,
        interval: [ratio.interval.0, ratio.interval.1],
        p_value: ratio.p_value,
        is_mismatch: ratio.is_mismatch,
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// `part / whole`, if there is a whole.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(version: u64, part: Part, word: &str, n: i64, sum: i64) -> Tally {
        Tally { version, part, word: word.into(), n, sum }
    }

    #[test]
    fn each_version_is_reported_with_what_it_said_in_the_light_and_in_the_shadow() {
        let tallies = [
            tally(2, Part::Shadow, "x", 1, 600_000),
            tally(1, Part::Answered, "x", 3, 2_700_000),
            tally(1, Part::Answered, "y", 1, 500_001),
            tally(2, Part::Answered, "y", 1, 700_000),
            tally(1, Part::Warned, "w", 2, 0),
            tally(1, Part::Labelled, "x", 4, 3),
            tally(3, Part::Answered, "x", 0, 0),
        ];
        let found = versions(&tallies, None);
        assert_eq!(found.len(), 2, "what was erased is no version");
        assert_eq!((found[0].version, found[0].n, found[0].n_shadow), (1, 4, 0));
        assert_eq!(found[0].classes, [("x".into(), 3), ("y".into(), 1)].into());
        assert_eq!(found[0].mean_confidence, Some(0.8));
        assert_eq!(found[0].labelled.accuracy, Some(0.75));
        let (low, high) = confidence_sequence(3, 4, 0.95);
        assert_eq!(found[0].labelled.interval, [low, high]);
        assert_eq!((found[1].version, found[1].n, found[1].n_shadow), (2, 2, 1));
        assert_eq!(found[1].labelled.interval, [0.0, 1.0]);
        assert_eq!(versions(&tallies, Some(2)), found[1..]);
    }

    #[test]
    fn the_ratio_is_of_the_draws_of_this_challenger_at_this_split() {
        let draw = Draw { challenger_version: 2, split_basis_points: 2_000 };
        let tallies = [
            tally(1, Part::Drawn, "2/2000", 790, 0),
            tally(2, Part::Drawn, "2/2000", 210, 0),
            tally(2, Part::Drawn, "2/5000", 500, 0),
            tally(3, Part::Drawn, "3/2000", 500, 0),
        ];
        let ratio = sample_ratio(&tallies, draw);
        assert_eq!((ratio.n_challenger, ratio.n_total, ratio.expected), (210, 1_000, 0.2));
        assert!(!ratio.is_mismatch);
        let one_sided = [tally(1, Part::Drawn, "2/2000", 1_000, 0)];
        assert!(sample_ratio(&one_sided, draw).is_mismatch);
    }
}
