//! A share that is looked at again and again: an interval that holds at all looks at once.
//!
//! An interval for one look, such as [`wilson_interval`](super::wilson_interval), misses the truth at
//! one of twenty looks; who looks after each label will meet that one, and stop there if it pleases. A
//! *confidence sequence* is an interval for each number of labels such that all of them hold the truth
//! at once with the probability of its level, so that it may be looked at whenever and stopped at will.
//!
//! The likelihood of the outcomes under all shares, mixed by Beta(1/2, 1/2), over their likelihood
//! under the true one is a martingale that begins at 1. By Ville's inequality it reaches `1 / alpha`
//! at any time with a probability of at most `alpha`, and the interval holds the shares of which it has
//! not. It needs the two counts alone, and no past.
//!
//! It holds if each outcome, whatever came before, is a success with the same probability: for a model
//! whose accuracy drifts it is of no single number, and labels that come for wrong answers first
//! mislead it as they would any count.
//!
//! Sources: Ville, "Étude critique de la notion de collectif" (1939); Robbins, "Statistical methods
//! related to the law of the iterated logarithm", Annals of Mathematical Statistics 41 (1970), for the
//! mixture; Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
//! sequences", Annals of Statistics 49 (2021); Krichevsky & Trofimov, "The performance of universal
//! encoding", IEEE Transactions on Information Theory 27 (1981), for the prior.

use serde::{Deserialize, Serialize};

const LN_PI: f64 = 1.144_729_885_849_400_2;
const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;
/// Above it Stirling's series is exact to the last bit, and differences of gammas are not.
const STIRLING_FROM: f64 = 1e4;

/// The interval for the share behind `successes` in `trials` that is valid at all times at once:
/// with probability `level` it holds the true share after every trial, from the first one on.
///
/// `level` is between 0 and 1, such as 0.95; from 1 on, and without trials, nothing is excluded. The
/// observed share lies within. It is wider than an interval for one look: 0.846 to 0.941 at 450 of
/// 500, where Wilson's is 0.871 to 0.923; 1.5 to 2 times, from tens of trials to thousands.
///
/// ```
/// use model_core::evaluation::confidence_sequence;
/// let (low, high) = confidence_sequence(450, 500, 0.95);
/// assert!((low - 0.846).abs() < 1e-3 && (high - 0.941).abs() < 1e-3);
/// assert_eq!(confidence_sequence(0, 0, 0.95), (0.0, 1.0));
/// ```
#[must_use]
pub fn confidence_sequence(successes: u64, trials: u64, level: f64) -> (f64, f64) {
    let counts = Counts::new(successes, trials);
    let bound = -libm::log(1.0 - level);
    let is_excluded = |share: f64| counts.log_martingale(share) >= bound;
    let observed = counts.observed();
    let excludes_none = bound.is_nan() || bound == f64::INFINITY;
    if trials == 0 || excludes_none {
        return (0.0, 1.0);
    }
    if is_excluded(observed) {
        // A level of nothing.
        return (observed, observed);
    }
    let end = |outside: f64| {
        if is_excluded(outside) { bisect(outside, observed, is_excluded) } else { outside }
    };
    (end(0.0), end(1.0))
}

/// The share outside next to those that are not excluded.
fn bisect(mut outside: f64, mut inside: f64, is_excluded: impl Fn(f64) -> bool) -> f64 {
    // As many halvings as a double has bits.
    for _ in 0..64 {
        let middle = f64::midpoint(outside, inside);
        if is_excluded(middle) { outside = middle } else { inside = middle }
    }
    outside
}

/// Are requests split as was configured? A check that holds however often one looks.
///
/// A split that is off says that assignments are lost or made otherwise than one thinks, and then a
/// comparison of the two sides says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// Assignments to the one side.
    pub n_assigned: u64,
    /// Assignments to both.
    pub n_total: u64,
    /// Share that the side should get.
    pub expected: f64,
    /// [`confidence_sequence`] of the share that it gets.
    pub interval: (f64, f64),
    /// The least `1 − level` at which the expected share is excluded now: with a split as configured
    /// it falls to `alpha` at any time with a probability of at most `alpha`.
    pub p_value: f64,
    /// Whether the expected share is excluded.
    pub is_mismatch: bool,
}

impl SampleRatio {
    /// Holds `n_assigned` of `n_total` assignments against the share `expected`, at a `level` such as
    /// 0.99.
    ///
    /// Each assignment must be drawn by itself. Where a key always gets the same side, count the keys
    /// and not their requests: one busy key would pass for a mismatch.
    ///
    /// ```
    /// use model_core::evaluation::SampleRatio;
    /// assert!(!SampleRatio::of(2_050, 10_000, 0.2, 0.99).is_mismatch);
    /// assert!(SampleRatio::of(2_400, 10_000, 0.2, 0.99).is_mismatch);
    /// ```
    #[must_use]
    pub fn of(n_assigned: u64, n_total: u64, expected: f64, level: f64) -> Self {
        let expected = if expected.is_nan() { 0.0 } else { expected.clamp(0.0, 1.0) };
        let log_martingale = Counts::new(n_assigned, n_total).log_martingale(expected);
        let p_value = libm::exp(-log_martingale.max(0.0));
        Self {
            n_assigned: n_assigned.min(n_total),
            n_total,
            expected,
            interval: confidence_sequence(n_assigned, n_total, level),
            p_value,
            is_mismatch: p_value <= 1.0 - level,
        }
    }
}

/// Successes and failures.
struct Counts {
    successes: f64,
    failures: f64,
    /// Logarithm of the mixture's likelihood over the greatest one that a share can have.
    log_ratio: f64,
}

impl Counts {
    fn new(successes: u64, trials: u64) -> Self {
        let successes = successes.min(trials);
        let [s, f, n] = [successes, trials - successes, trials].map(|count| count as f64);
        let log_ratio = half_remainder(s) + half_remainder(f) - remainder(n) - LN_PI;
        Self { successes: s, failures: f, log_ratio }
    }

    fn observed(&self) -> f64 {
        let trials = self.successes + self.failures;
        if trials > 0.0 { self.successes / trials } else { 0.5 }
    }

    /// Logarithm of the martingale if the share is this one; infinite if it cannot be.
    fn log_martingale(&self, share: f64) -> f64 {
        let trials = self.successes + self.failures;
        // By what the outcomes are less likely than under the observed share.
        let lost = |count: f64, share: f64| match count > 0.0 {
            true => count * libm::log(count / trials / share),
            false => 0.0,
        };
        self.log_ratio + lost(self.successes, share) + lost(self.failures, 1.0 - share)
    }
}

/// `ln Γ(n + 1) − (n ln n − n)`.
fn remainder(n: f64) -> f64 {
    if n == 0.0 {
        return 0.0;
    }
    let log = libm::log(n);
    if n < STIRLING_FROM {
        return libm::lgamma(n + 1.0) - (n * log - n);
    }
    HALF_LN_TWO_PI + 0.5 * log + 1.0 / (12.0 * n) - 1.0 / (360.0 * n * n * n)
}

/// `ln Γ(n + 1/2) − (n ln n − n)`.
fn half_remainder(n: f64) -> f64 {
    if n == 0.0 {
        return 0.5 * LN_PI;
    }
    if n < STIRLING_FROM {
        return libm::lgamma(n + 0.5) - (n * libm::log(n) - n);
    }
    HALF_LN_TWO_PI - 1.0 / (24.0 * n) + 7.0 / (2880.0 * n * n * n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::wilson_interval;
    use crate::rng::{Purpose, SplitMix64};

    /// Of each number of trials, the fewest and the most successes whose interval holds `share`.
    fn allowed(
        share: f64,
        n_looks: u64,
        interval: impl Fn(u64, u64) -> (f64, f64),
    ) -> Vec<(u64, u64)> {
        let (mut least, mut most) = (0, 0);
        (1..=n_looks)
            .map(|n| {
                while least < n && interval(least, n).1 < share {
                    least += 1;
                }
                most = most.max(least);
                while most < n && interval(most + 1, n).0 <= share {
                    most += 1;
                }
                (least, most)
            })
            .collect()
    }

    /// The share of streams of which some look excludes the true share.
    fn missed(share: f64, n_streams: u32, allowed: &[(u64, u64)]) -> f64 {
        let mut rng = SplitMix64::for_purpose(11, Purpose::Synthetic);
        let limit = (share * u64::MAX as f64) as u64;
        let n_missed = (0..n_streams)
            .filter(|_| {
                let mut successes = 0;
                // Every stream takes all its numbers, so that none depends on another's end.
                let outcomes = allowed.iter().filter(|(least, most)| {
                    successes += u64::from(rng.next_u64() < limit);
                    successes < *least || successes > *most
                });
                outcomes.count() > 0
            })
            .count();
        n_missed as f64 / f64::from(n_streams)
    }

    #[test]
    fn at_most_one_stream_of_twenty_ever_excludes_the_truth() {
        for share in [0.03, 0.5, 0.9, 0.97, 0.999] {
            let allowed = allowed(share, 5000, |s, n| confidence_sequence(s, n, 0.95));
            let missed = missed(share, 10_000, &allowed);
            println!("share {share}: {:.2} % of streams ever exclude it", 100.0 * missed);
            assert!(missed <= 0.05, "{share}: {missed}");
        }
    }

    #[test]
    fn an_interval_for_one_look_is_wrong_at_some_look() {
        let allowed = allowed(0.9, 5000, |s, n| wilson_interval(s as u32, n as u32));
        let missed = missed(0.9, 1000, &allowed);
        println!("{:.1} % of streams leave Wilson's interval", 100.0 * missed);
        assert!(missed > 0.4, "{missed}");
    }

    #[test]
    fn the_configured_split_is_rarely_called_another() {
        let level = 0.99;
        let mut ever = 0;
        let mut rng = SplitMix64::for_purpose(5, Purpose::Synthetic);
        for _ in 0..500 {
            let mut n_assigned = 0;
            let looks = (1..=1000_u64).filter(|&n| {
                n_assigned += u64::from(rng.below(10_000) < 2000);
                n % 10 == 0 && SampleRatio::of(n_assigned, n, 0.2, level).is_mismatch
            });
            ever += u32::from(looks.count() > 0);
        }
        assert!(ever <= 5, "{ever} of 500");
    }

    #[test]
    fn intervals_hold_what_was_observed_and_narrow() {
        for level in [0.5, 0.95, 0.999] {
            for share in [0.0, 0.03, 0.5, 0.9, 1.0] {
                let mut last = 1.0;
                for n in [1_u64, 10, 100, 1000, 100_000, 10_000_000, 1_000_000_000_000] {
                    let successes = (share * n as f64) as u64;
                    let (low, high) = confidence_sequence(successes, n, level);
                    let observed = successes as f64 / n as f64;
                    assert!(0.0 <= low && low <= observed && observed <= high && high <= 1.0);
                    assert!(high - low < last, "{share} of {n}: {low} to {high}");
                    last = high - low;
                    let (mirror_low, mirror_high) = confidence_sequence(n - successes, n, level);
                    assert!((1.0 - low - mirror_high).abs() < 1e-9);
                    assert!((1.0 - high - mirror_low).abs() < 1e-9);
                }
            }
        }
        assert_eq!(confidence_sequence(40, 40, 0.95).1, 1.0);
        assert_eq!(confidence_sequence(0, 40, 0.95).0, 0.0);
    }

    #[test]
    fn it_is_wider_than_an_interval_for_one_look() {
        for (successes, n) in [(27, 30), (450, 500), (4500, 5000)] {
            let (low, high) = confidence_sequence(successes, n, 0.95);
            let (a, b) = wilson_interval(successes as u32, n as u32);
            let ratio = (high - low) / (b - a);
            println!(
                "{successes} of {n}: {low:.4} to {high:.4}, Wilson {a:.4} to {b:.4}, {ratio:.2} times"
            );
            assert!((1.5..2.1).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn the_martingale_is_the_mixture_of_likelihoods() {
        // B(3.5, 1.5) / B(0.5, 0.5) is 5 / 128: over shares that 3 of 4 trials succeed in this order.
        let counts = Counts::new(3, 4);
        let expected = libm::log(5.0 / 128.0 / (0.6 * 0.6 * 0.6 * 0.4));
        assert!((counts.log_martingale(0.6) - expected).abs() < 1e-12);
        // Where Stirling's series takes over, nothing jumps.
        for part in [remainder, half_remainder] {
            let (below, above) = (part(STIRLING_FROM - 1.0), part(STIRLING_FROM));
            assert!((above - below).abs() < 1e-4, "{below} {above}");
            let exact = |n: f64| 2.0 * part(n) - part(n - 1.0) - part(n + 1.0);
            assert!(exact(STIRLING_FROM).abs() < 1e-7);
        }
    }

    #[test]
    fn odd_arguments_have_an_interval() {
        assert_eq!(confidence_sequence(9, 4, 0.95), confidence_sequence(4, 4, 0.95));
        for level in [1.0, 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(confidence_sequence(3, 4, level), (0.0, 1.0), "{level}");
        }
        for level in [0.0, -1.0, -1e300] {
            let (low, high) = confidence_sequence(3, 4, level);
            assert!(low <= 0.75 && 0.75 <= high, "{level}: {low} {high}");
        }
        let (low, high) = confidence_sequence(u64::MAX / 2, u64::MAX, 0.95);
        assert!(low <= 0.5 && 0.5 <= high);
        // A share of nothing or all is contradicted by one assignment.
        assert!(SampleRatio::of(1, 50, 0.0, 0.99).is_mismatch);
        assert!(!SampleRatio::of(0, 50, 0.0, 0.99).is_mismatch);
        assert!(SampleRatio::of(49, 50, 1.0, 0.99).is_mismatch);
        assert!(!SampleRatio::of(0, 0, 0.2, 0.99).is_mismatch);
        assert_eq!(SampleRatio::of(0, 0, 0.2, 0.99).p_value, 1.0);
        assert!(SampleRatio::of(1, 2, f64::NAN, 0.99).p_value.is_finite());
    }
}
