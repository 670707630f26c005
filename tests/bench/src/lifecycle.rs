//! Trials, probations and champions that are watched, played label by label: how often each ends as it should, and after how
//! many labels.

use model_core::lifecycle::{
    Errors, Paired, Policy, Probation, RetrainEvidence, Rollout, Stage, TrialEvidence,
    decide_retraining, judge_promoted, next_stage,
};
use model_core::rng::{Purpose, SplitMix64};

/// Rows of the published rule's test set.
const PUBLISHED_ROWS: usize = 30;
/// The accuracy that it asks for.
const PUBLISHED_ACCURACY: f64 = 0.9;
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
                true => ends.acted.push(PUBLISHED_ROWS as u64),
                false => ends.others += 1,
            }
        }
        ends
    }
}

/// A champion that is watched: how often it is right, and how many labels come between two looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Champion {
    /// Share of the rows that it answers right.
    pub accuracy: f64,
    /// Labels that come from one look to the next.
    pub labels_a_look: u64,
}

impl Champion {
    /// Labels until its accuracy asks for a retraining under `policy`; the others are streams of `n_labels` in which it never does.
    #[must_use]
    pub fn asked_anew(self, policy: &Policy, n_labels: u64, n_streams: u64, seed: u64) -> Ends {
        self.looked_at(n_labels, n_streams, seed, |labels| {
            let evidence = RetrainEvidence {
                n_labelled: labels.len() as u64,
                n_right: labels.iter().filter(|it| **it).count() as u64,
                ..RetrainEvidence::default()
            };
            !decide_retraining(&evidence, policy).triggers.is_empty()
        })
    }

    /// The same by the published rule: its newest 30 labels are right in less than 90 %.
    #[must_use]
    pub fn published(self, n_labels: u64, n_streams: u64, seed: u64) -> Ends {
        self.looked_at(n_labels, n_streams, seed, |labels| {
            let newest = labels.last_chunk::<PUBLISHED_ROWS>();
            newest.is_some_and(|newest| {
                let n_right = newest.iter().filter(|it| **it).count() as f64;
                n_right < PUBLISHED_ACCURACY * PUBLISHED_ROWS as f64
            })
        })
    }

    /// Labels until a look says so. It is shown whether each label so far was right.
    fn looked_at(
        self,
        n_labels: u64,
        n_streams: u64,
        seed: u64,
        look: impl Fn(&[bool]) -> bool,
    ) -> Ends {
        let mut ends = Ends::default();
        for stream in 0..n_streams {
            let mut rng = SplitMix64::for_purpose(seed ^ (stream << 20), Purpose::Synthetic);
            let mut labels = Vec::new();
            let acted = (1..=n_labels).find(|n| {
                labels.push(rng.unit() < self.accuracy);
                n.is_multiple_of(self.labels_a_look) && look(&labels)
            });
            match acted {
                Some(n_labels) => ends.acted.push(n_labels),
                None => ends.others += 1,
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
    fn a_champion_that_is_right_often_enough_is_left_alone_and_one_that_is_not_is_not() {
        let policy = Policy::default();
        let most = 5.0 + 3.0 * (5.0_f64 * 95.0 / (N / 10) as f64).sqrt();
        for labels_a_look in [1, 50] {
            let watched = |accuracy| {
                let champion = Champion { accuracy, labels_a_look };
                champion.asked_anew(&policy, 1_000, N / 10, 5)
            };
            let asked = watched(policy.min_accuracy).acted_within(u64::MAX);
            assert!(asked <= most, "{labels_a_look}: {asked}");
            let fallen = watched(0.7).acted_within(200);
            assert!(fallen >= 95.0, "{labels_a_look}: {fallen}");
        }
        let published = Champion { accuracy: 0.95, labels_a_look: 5 }.published(2_000, N / 10, 5);
        assert!(published.acted_within(u64::MAX) > 90.0, "thirty labels are few");
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
