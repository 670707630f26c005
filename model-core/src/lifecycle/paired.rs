//! Two models on the same labelled rows: is the one better, however often one looks?
//!
//! On rows where both are right or both are wrong they do not differ. Of the others, one is right at each; if
//! neither model is better, each of them is with probability 1/2 (McNemar's test). Whatever share above 1/2 the
//! better one truly has, the likelihood of the outcomes under it over that under 1/2 is a supermartingale while it
//! is not better, and so is any mixture over such shares, fixed beforehand: by Ville's inequality it reaches
//! `1 / alpha` at any time with a probability of at most `alpha`. So it may be looked at after each label, and
//! what it says may be acted on at once. It needs four counts, and no past.
//!
//! Sources: McNemar, "Note on the sampling error of the difference between correlated proportions or
//! percentages", Psychometrika 12 (1947); Ville, "Étude critique de la notion de collectif" (1939); Ramdas,
//! Grünwald, Vovk & Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38
//! (2023).

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::evaluation::confidence_sequence;

/// Shares of the rows on which the models differ, at which the better one may be right: 17/32 to 31/32.
const N_SHARES: usize = 15;

/// How two models did on the same labelled rows.
///
/// ```
/// use model_core::lifecycle::Paired;
/// let paired = Paired { both: 840, first: 90, second: 40, neither: 30 };
/// assert_eq!((paired.n(), paired.gain()), (1000, 0.05));
/// assert!(paired.p_value_first_better() < 0.001);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paired {
    /// Rows at which both were right.
    pub both: u64,
    /// Rows at which the first alone was right.
    pub first: u64,
    /// Rows at which the second alone was right.
    pub second: u64,
    /// Rows at which neither was right.
    pub neither: u64,
}

impl Paired {
    /// Counts a row.
    pub const fn count(&mut self, is_first_right: bool, is_second_right: bool) {
        let counter = match (is_first_right, is_second_right) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.first,
            (false, true) => &mut self.second,
            (false, false) => &mut self.neither,
        };
        *counter += 1;
    }

    /// Rows.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.both + self.first + self.second + self.neither
    }

    /// Accuracy of the first less that of the second; 0 without rows.
    #[must_use]
    pub fn gain(&self) -> f64 {
        match self.n() {
            0 => 0.0,
            n => (self.first as f64 - self.second as f64) / n as f64,
        }
    }

    /// An interval for the true gain that holds after every row at once with probability `level`.
    ///
    /// ```
    /// use model_core::lifecycle::Paired;
    /// let paired = Paired { both: 840, first: 90, second: 40, neither: 30 };
    /// let (low, high) = paired.gain_interval(0.95);
    /// assert!(low < paired.gain() && paired.gain() < high);
    /// ```
    #[must_use]
    pub fn gain_interval(&self, level: f64) -> (f64, f64) {
        // Each of the two shares misses the truth with half of what may be missed.
        let each = f64::midpoint(1.0, level);
        let (first_low, first_high) = confidence_sequence(self.first, self.n(), each);
        let (second_low, second_high) = confidence_sequence(self.second, self.n(), each);
        (first_low - second_high, first_high - second_low)
    }

    /// The least `alpha` at which the first is shown to be better now. If it is not better, this falls to `alpha`
    /// at any time with a probability of at most `alpha`.
    #[must_use]
    pub fn p_value_first_better(&self) -> f64 {
        p_value(self.first, self.second)
    }

    /// The same of the second.
    #[must_use]
    pub fn p_value_second_better(&self) -> f64 {
        p_value(self.second, self.first)
    }

    /// The two in the other order.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { first: self.second, second: self.first, ..self }
    }
}

/// Of each share its logarithm and that of what it leaves, over those of 1/2: asked for after each label.
static LOGS: OnceLock<[[f64; 2]; N_SHARES]> = OnceLock::new();

fn logs_of_shares() -> [[f64; 2]; N_SHARES] {
    std::array::from_fn(|at| {
        let share = 0.5 + (at + 1) as f64 / 32.0;
        [libm::log(2.0 * share), libm::log(2.0 * (1.0 - share))]
    })
}

fn p_value(wins: u64, losses: u64) -> f64 {
    let [wins, losses] = [wins, losses].map(|count| count as f64);
    let mut logs = *LOGS.get_or_init(logs_of_shares);
    for [log, of_losses] in &mut logs {
        *log = wins * *log + losses * *of_losses;
    }
    let greatest = logs.iter().map(|[log, _]| *log).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|[log, _]| libm::exp(log - greatest)).sum();
    let log_evidence = greatest + libm::log(sum / N_SHARES as f64);
    libm::exp(-log_evidence).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, SplitMix64};

    fn paired(first: u64, second: u64) -> Paired {
        Paired { both: 100, first, second, neither: 10 }
    }

    #[test]
    fn nothing_is_shown_by_nothing_or_by_equals() {
        assert_eq!(Paired::default().p_value_first_better(), 1.0);
        assert_eq!(Paired::default().gain_interval(0.95), (-1.0, 1.0));
        assert_eq!(paired(20, 20).p_value_first_better(), 1.0);
        assert_eq!(paired(20, 20).gain(), 0.0);
    }

    #[test]
    fn the_order_of_the_two_is_the_sign() {
        let (ahead, behind) = (paired(60, 10), paired(60, 10).swapped());
        assert!(ahead.p_value_first_better() < 1e-3);
        assert_eq!(ahead.p_value_first_better(), behind.p_value_second_better());
        assert_eq!(behind.p_value_first_better(), 1.0);
        assert_eq!(ahead.gain(), -behind.gain());
        let (low, high) = ahead.gain_interval(0.95);
        assert!(0.0 < low && low < ahead.gain() && ahead.gain() < high, "{low} {high}");
    }

    #[test]
    fn the_evidence_of_one_row_is_fair() {
        // Under 1/2 the mean of the evidence after one more row is what it was.
        for (first, second) in [(0, 0), (3, 1), (30, 12), (200, 180)] {
            let evidence = |first, second| {
                let log = |at: usize| {
                    let share = 0.5 + at as f64 / 32.0;
                    first as f64 * libm::log(2.0 * share)
                        + second as f64 * libm::log(2.0 * (1.0 - share))
                };
                (1..=N_SHARES).map(|at| libm::exp(log(at))).sum::<f64>() / N_SHARES as f64
            };
            let mean = f64::midpoint(evidence(first + 1, second), evidence(first, second + 1));
            assert!((mean / evidence(first, second) - 1.0).abs() < 1e-12);
            let p_value = paired(first, second).p_value_first_better();
            assert!((p_value - (1.0 / evidence(first, second)).min(1.0)).abs() < 1e-12);
        }
    }

    /// The share of streams at which the first is ever shown to be better, with a look after each row.
    fn shown(first: f64, second: f64, n_rows: u64, n_streams: u32) -> f64 {
        let mut rng = SplitMix64::for_purpose(13, Purpose::Synthetic);
        let mut uniform = || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let stream = |_: &u32| {
            let mut paired = Paired::default();
            (0..n_rows).fold(false, |is_shown, _| {
                let at = uniform();
                paired.count(at < first, (first..first + second).contains(&at));
                is_shown || (at < first && paired.p_value_first_better() <= 0.05)
            })
        };
        let n_shown = (0..n_streams).filter(stream).count();
        n_shown as f64 / f64::from(n_streams)
    }

    #[test]
    fn an_equal_model_is_rarely_ever_shown_to_be_better() {
        for differing in [0.02, 0.1, 0.3] {
            let shown = shown(differing / 2.0, differing / 2.0, 2_000, 2_000);
            println!("equal, differing at {differing}: {:.2} % ever shown better", 100.0 * shown);
            assert!(shown <= 0.05, "{differing}: {shown}");
        }
    }

    #[test]
    fn five_points_are_mostly_shown_within_two_thousand_labels() {
        let shown = shown(0.1, 0.05, 2_000, 1_000);
        println!("5 points better: {:.1} % shown within 2,000 labels", 100.0 * shown);
        assert!(shown >= 0.9, "{shown}");
    }

    #[test]
    fn ten_points_are_nearly_always_shown_within_five_hundred_labels() {
        let shown = shown(0.13, 0.03, 500, 1_000);
        println!("10 points better: {:.1} % shown within 500 labels", 100.0 * shown);
        assert!(shown >= 0.95, "{shown}");
    }
}
