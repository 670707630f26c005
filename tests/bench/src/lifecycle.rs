//! Trials and probations, played label by label: how often each ends as it should, and after how many labels.

use model_core::lifecycle::{
    Errors, Paired, Policy, Probation, Rollout, Stage, TrialEvidence, judge_promoted, next_stage,
};
use model_core::rng::{Purpose, SplitMix64};

/// Rows of the published rule's test set.
const PUBLISHED_ROWS: u32 = 30;
/// The gain that it asks for.
const PUBLISHED_GAIN: f64 = 0.02;

/// Two models: how often the first is right more often than the second, and how often they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Models {
    /// Accuracy of the first less that of the second.
    pub gain: f64,
    /// Share of rows at which one of them alone is right.
    pub differ: f64,
}

/// How streams of labels ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    /// Labels until a change in favour of what was tested for: a promotion, a rollback.
    pub acted: Vec<u64>,
    /// Streams that ended the other way: dropped, passed.
    pub others: usize,
}

impl Ends {
    /// Share of the streams that were acted on within `n_labels`, in per cent.
    #[must_use]
    pub fn acted_within(&self, n_labels: u64) -> f64 {
        let acted = self.acted.iter().filter(|at| **at <= n_labels).count();
        100.0 * acted as f64 / (self.acted.len() + self.others) as f64
    }

    /// Labels within which half of those that were acted on were.
    #[must_use]
    pub fn median_labels(&self) -> Option<u64> {
        let mut sorted = self.acted.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

impl Models {
    /// Counts one more label, and says whether to look now: it tells the models apart, or it is the fifth that does not.
    fn label(self, rng: &mut SplitMix64, paired: &mut Paired) -> bool {
        let first = f64::midpoint(self.differ, self.gain);
        let at = rng.unit();
        let differ = at < self.differ;
        paired.count(!differ || at < first, !differ || at >= first);
        differ || paired.n().is_multiple_of(5)
    }

    /// Whole trials of the first as a challenger under `policy`, with a look after each label that tells the two apart.
    #[must_use]
    pub fn trials(self, policy: &Policy, n_streams: u64, seed: u64) -> Ends {
        let mut ends = Ends::default();
        for stream in 0..n_streams {
            let mut rng = SplitMix64::for_purpose(seed ^ (stream << 20), Purpose::Synthetic);
            let (mut stage, mut n_at_begin) = (Stage::Shadow, 0);
            let mut evidence = TrialEvidence::default();
            loop {
                if !self.label(&mut rng, &mut evidence.paired) {
                    continue;
                }
                match next_stage(stage, n_at_begin, &evidence, policy) {
                    Rollout::Wait { .. } => {}
                    Rollout::Advance(next) => (stage, n_at_begin) = (next, evidence.paired.n()),
                    Rollout::Promote { .. } => {
                        ends.acted.push(evidence.paired.n());
                        break;
                    }
                    Rollout::Drop(_) => {
                        ends.others += 1;
                        break;
                    }
                }
            }
        }
        ends
    }

    /// Whole probations of the first as a champion against the second.
    #[must_use]
    pub fn probations(self, policy: &Policy, n_streams: u64, seed: u64) -> Ends {
        let mut ends = Ends::default();
        for stream in 0..n_streams {
            let mut rng = SplitMix64::for_purpose(seed ^ (stream << 20), Purpose::Synthetic);
            let mut paired = Paired::default();
            loop {
                if !self.label(&mut rng, &mut paired) {
                    continue;
                }
                match judge_promoted(paired, Errors::default(), policy) {
                    Probation::Watch { .. } => {}
                    Probation::Passed => {
                        ends.others += 1;
                        break;
                    }
                    Probation::RollBack(_) => {
                        ends.acted.push(paired.n());
                        break;
                    }
                }
            }
        }
        ends
    }

    /// The same by the published rule: the first is better if it is right in 2 points more of 30 rows, once.
    #[must_use]
    pub fn published(self, n_streams: u64, seed: u64) -> Ends {
        let mut ends = Ends::default();
        for stream in 0..n_streams {
            let mut rng = SplitMix64::for_purpose(seed ^ (stream << 20), Purpose::Synthetic);
            let mut paired = Paired::default();
            for _ in 0..PUBLISHED_ROWS {
                self.label(&mut rng, &mut paired);
            }
            match paired.gain() > PUBLISHED_GAIN {
                true => ends.acted.push(PUBLISHED_ROWS.into()),
                false => ends.others += 1,
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 1_000;

    #[test]
    fn an_equal_challenger_is_promoted_and_an_equal_champion_taken_back_in_at_most_one_of_twenty() {
        let policy = Policy::default();
        // Three standard errors of 5 % in so many streams.
        let most = 5.0 + 3.0 * (5.0_f64 * 95.0 / N as f64).sqrt();
        for differ in [0.04, 0.1, 0.3] {
            let equal = Models { gain: 0.0, differ };
            let promoted = equal.trials(&policy, N, 1).acted_within(u64::MAX);
            let taken_back = equal.probations(&policy, N, 2).acted_within(u64::MAX);
            assert!(promoted <= most && taken_back <= most, "{differ}: {promoted}, {taken_back}");
        }
    }

    #[test]
    fn one_that_is_better_comes_and_one_that_is_worse_goes() {
        let policy = Policy::default();
        let better = Models { gain: 0.05, differ: 0.1 }.trials(&policy, N, 3);
        assert!(better.acted_within(2_000) >= 90.0, "{}", better.acted_within(2_000));
        let worse = Models { gain: -0.1, differ: 0.16 }.probations(&policy, N, 4);
        assert!(worse.acted_within(500) >= 95.0, "{}", worse.acted_within(500));
    }
}
