//! Is it time to train anew?

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::drift::is_lasting;
use crate::evaluation::confidence_sequence;

/// What is known of the model that serves, and of the retrainings before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RetrainEvidence {
    /// Labelled rows since it serves.
    pub n_labelled: u64,
    /// Those that it answered right.
    pub n_right: u64,
    /// Windows of its rows in a row that drifted, up to the newest.
    pub n_drifted: usize,
    /// The newest window's p-value.
    pub drift_p_value: f64,
    /// What that has to reach for an alarm: [`alarm_level`](crate::drift::alarm_level).
    pub drift_level: f64,
    /// Whether somebody asked for it.
    pub is_asked: bool,
    /// Whether the clock asks for it.
    pub is_due: bool,
    /// Whether one is under way.
    pub is_running: bool,
    /// Hours since the last one ended, if there was one.
    pub hours_since_last: Option<f64>,
    /// Retrainings of this day.
    pub n_today: u32,
    /// Rows with a class that there are to train on.
    pub n_rows: u64,
}

/// What asks for a retraining.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Somebody.
    Hand,
    /// It is shown to be right too seldom.
    Accuracy {
        /// Upper end of the interval of its accuracy, valid at all looks.
        at_most: f64,
        /// What it should be at least.
        needed: f64,
    },
    /// Its rows have changed for good.
    Drift {
        /// Windows in a row that drifted.
        n_windows: usize,
        /// The newest one's p-value.
        p_value: f64,
    },
    /// The clock.
    Schedule,
}

/// What stands in the way of one that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// One is under way.
    Running,
    /// The last one ended a short while ago.
    Cooldown {
        /// Hours until the next may begin.
        hours: f64,
    },
    /// There were as many as a day may have.
    Budget {
        /// As many.
        n: u32,
    },
    /// There are too few rows to train on.
    Rows {
        /// Rows that there are.
        is: u64,
        /// Rows that it takes.
        needed: u64,
    },
}

/// Whether to retrain, and why, or why not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Retraining {
    /// What asks for it; nothing if all is well.
    pub triggers: Vec<Trigger>,
    /// What stands in the way of it.
    pub hindrances: Vec<Hindrance>,
}

impl Retraining {
    /// Whether to begin now.
    #[must_use]
    pub const fn is_go(&self) -> bool {
        !self.triggers.is_empty() && self.hindrances.is_empty()
    }
}

/// Whether it is time to train anew; may be asked as often as one likes.
///
/// A model whose accuracy is as asked for is retrained for its accuracy at any time with a probability of at most
/// [`Policy::alpha`]. For its drift it is retrained without reason at most once in 30 days.
///
/// ```
/// use model_core::lifecycle::{Policy, RetrainEvidence, decide_retraining};
/// let fallen = RetrainEvidence { n_labelled: 200, n_right: 150, n_rows: 900, ..Default::default() };
/// assert!(decide_retraining(&fallen, &Policy::default()).is_go());
/// ```
#[must_use]
pub fn decide_retraining(evidence: &RetrainEvidence, policy: &Policy) -> Retraining {
    let mut decision = Retraining::default();
    let triggers = &mut decision.triggers;
    if evidence.is_asked {
        triggers.push(Trigger::Hand);
    }
    // The upper end alone is looked at, but misses the truth more often than half as often as both do,
    // for some accuracies: it gets no less than the whole level.
    let level = policy.level();
    let (_, at_most) = confidence_sequence(evidence.n_right, evidence.n_labelled, level);
    if at_most < policy.min_accuracy {
        triggers.push(Trigger::Accuracy { at_most, needed: policy.min_accuracy });
    }
    let RetrainEvidence { n_drifted, drift_p_value: p_value, drift_level, .. } = *evidence;
    if is_lasting(n_drifted, p_value, policy.drift_windows, drift_level) {
        triggers.push(Trigger::Drift { n_windows: n_drifted, p_value });
    }
    if evidence.is_due {
        triggers.push(Trigger::Schedule);
    }
    if triggers.is_empty() {
        return decision;
    }
    let hindrances = &mut decision.hindrances;
    if evidence.is_running {
        hindrances.push(Hindrance::Running);
    }
    let hours = evidence.hours_since_last.map_or(0.0, |hours| policy.cooldown_hours - hours);
    if hours > 0.0 && !evidence.is_asked {
        hindrances.push(Hindrance::Cooldown { hours });
    }
    if evidence.n_today >= policy.max_per_day {
        hindrances.push(Hindrance::Budget { n: policy.max_per_day });
    }
    if evidence.n_rows < policy.min_rows {
        hindrances.push(Hindrance::Rows { is: evidence.n_rows, needed: policy.min_rows });
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(evidence: RetrainEvidence) -> Retraining {
        decide_retraining(&RetrainEvidence { n_rows: 500, ..evidence }, &Policy::default())
    }

    fn labelled(n_right: u64, n_labelled: u64) -> RetrainEvidence {
        RetrainEvidence { n_right, n_labelled, ..RetrainEvidence::default() }
    }

    #[test]
    fn accuracy_asks_once_it_is_shown_to_be_too_low() {
        assert_eq!(decide(labelled(0, 0)), Retraining::default());
        assert_eq!(decide(labelled(8, 10)), Retraining::default(), "ten labels show nothing");
        let Retraining { triggers, hindrances } = decide(labelled(160, 200));
        assert!(matches!(triggers[..], [Trigger::Accuracy { at_most, .. }] if at_most < 0.9));
        assert!(hindrances.is_empty());
    }

    /// How probable it is that a model of this accuracy is ever retrained for it, with a look after each
    /// of so many labels: exactly, by the probabilities of all counts that were not retrained for yet.
    fn ever_asked(accuracy: f64, policy: &Policy, n_labels: u64) -> f64 {
        let asks = |n_right, n_labelled| {
            let evidence = labelled(n_right, n_labelled);
            !decide_retraining(&evidence, policy).triggers.is_empty()
        };
        let (mut of_count, mut asked, mut n_asking) = (vec![1.0], 0.0, 0);
        for n_labelled in 1..=n_labels {
            let right = of_count.iter().map(|of| of * accuracy);
            let wrong = of_count.iter().map(|of| of * (1.0 - accuracy)).chain([0.0]);
            of_count = [0.0].into_iter().chain(right).zip(wrong).map(|(a, b)| a + b).collect();
            // As few right ones as asked before ask with one more label, too.
            while n_asking <= n_labelled && asks(n_asking, n_labelled) {
                n_asking += 1;
            }
            for of in of_count.iter_mut().take(n_asking as usize) {
                asked += std::mem::take(of);
            }
        }
        asked
    }

    #[test]
    fn a_model_as_accurate_as_asked_is_rarely_ever_retrained_for_it() {
        for (min_accuracy, alpha) in
            [(0.7, 0.05), (0.9, 0.05), (0.99, 0.05), (0.8, 0.2), (0.5, 0.5)]
        {
            let policy = Policy { min_accuracy, alpha, ..Policy::default() };
            let asked = ever_asked(min_accuracy, &policy, 2_000);
            println!("accuracy {min_accuracy}, alpha {alpha}: {:.2} % ever asked", 100.0 * asked);
            assert!(asked <= alpha, "{min_accuracy}, {alpha}: {asked}");
            assert!(asked >= alpha / 4.0, "{min_accuracy}, {alpha}: {asked} is too careful");
        }
    }

    #[test]
    fn drift_asks_if_it_stays() {
        let drifting = |n_drifted, drift_p_value| RetrainEvidence {
            n_drifted,
            drift_p_value,
            drift_level: 0.001,
            ..labelled(0, 0)
        };
        assert!(!decide(drifting(2, 1e-9)).is_go());
        assert!(!decide(drifting(3, 0.01)).is_go(), "three in a row by a reference that is off");
        let expected = Trigger::Drift { n_windows: 3, p_value: 1e-9 };
        assert_eq!(decide(drifting(3, 1e-9)).triggers, [expected]);
    }

    #[test]
    fn what_stands_in_the_way_is_said_all_at_once() {
        let evidence = RetrainEvidence {
            is_due: true,
            is_running: true,
            hours_since_last: Some(2.0),
            n_today: 4,
            n_rows: 3,
            ..RetrainEvidence::default()
        };
        let decision = decide_retraining(&evidence, &Policy::default());
        let expected = [
            Hindrance::Running,
            Hindrance::Cooldown { hours: 22.0 },
            Hindrance::Budget { n: 4 },
            Hindrance::Rows { is: 3, needed: 50 },
        ];
        assert_eq!(decision.hindrances, expected);
        assert!(!decision.is_go());
    }

    #[test]
    fn a_hand_does_not_wait_for_the_cooldown() {
        let evidence = RetrainEvidence { hours_since_last: Some(1.0), ..labelled(0, 0) };
        let by_clock = decide(RetrainEvidence { is_due: true, ..evidence.clone() });
        let by_hand = decide(RetrainEvidence { is_asked: true, ..evidence });
        assert_eq!((by_clock.is_go(), by_hand.is_go()), (false, true));
    }
}
