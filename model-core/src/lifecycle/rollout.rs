//! A challenger on its way to all requests, step by step.

use serde::{Deserialize, Serialize};

use super::{Dropped, Missing, Policy, Promotion, TrialEvidence, judge_challenger};

/// How far a challenger has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is asked, and nobody is answered by it.
    #[default]
    Shadow,
    /// It answers a tenth of the requests.
    Tenth,
    /// It answers half of them.
    Half,
}

impl Stage {
    /// From the first to the last.
    pub const ALL: [Self; 3] = [Self::Shadow, Self::Tenth, Self::Half];

    /// Its share of the answers, in hundredths of a per cent.
    ///
    /// ```
    /// use model_core::lifecycle::Stage;
    /// assert_eq!(Stage::ALL.map(Stage::basis_points), [0, 1_000, 5_000]);
    /// ```
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        match self {
            Self::Shadow => 0,
            Self::Tenth => 1_000,
            Self::Half => 5_000,
        }
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::Shadow => Some(Self::Tenth),
            Self::Tenth => Some(Self::Half),
            Self::Half => None,
        }
    }
}

/// What is to be done with a challenger at a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollout {
    /// It stays where it is.
    Wait {
        /// Labelled rows that this stage still needs.
        n_labels: u64,
        /// What a promotion lacks, once it is about that.
        missing: Vec<Missing>,
    },
    /// It goes on to this stage.
    Advance(Stage),
    /// It becomes the champion.
    Promote {
        /// Gain on the labelled rows.
        gain: f64,
        /// The p-value, valid at all looks.
        p_value: f64,
    },
    /// It is given up.
    Drop(Dropped),
}

/// The next step of a challenger that has been at `stage` since `n_at_begin` labelled rows were there.
///
/// A stage asks that nothing speaks against the challenger on the labelled rows that it needs; only the last asks that
/// something speaks for it. The evidence counts from the begin of the trial throughout: one test for all stages, and
/// one error rate.
///
/// ```
/// use model_core::lifecycle::{Paired, Policy, Rollout, Stage, TrialEvidence, next_stage};
/// let paired = Paired { both: 45, first: 4, second: 1, neither: 0 };
/// let evidence = TrialEvidence { paired, ..TrialEvidence::default() };
/// let step = next_stage(Stage::Shadow, 0, &evidence, &Policy::default());
/// assert_eq!(step, Rollout::Advance(Stage::Tenth));
/// ```
#[must_use]
pub fn next_stage(
    stage: Stage,
    n_at_begin: u64,
    evidence: &TrialEvidence,
    policy: &Policy,
) -> Rollout {
    let verdict = judge_challenger(evidence, policy);
    let at = match stage {
        Stage::Shadow => 0,
        Stage::Tenth => 1,
        Stage::Half => 2,
    };
    let n_here = evidence.paired.n().saturating_sub(n_at_begin);
    let n_labels = policy.stage_labels[at].saturating_sub(n_here);
    match (verdict, stage.next()) {
        (Promotion::Drop(dropped), _) => Rollout::Drop(dropped),
        (_, _) if n_labels > 0 => Rollout::Wait { n_labels, missing: Vec::new() },
        // A class that pays for the others would pay more with every stage.
        (Promotion::Wait(missing), Some(_)) if missing.iter().any(Missing::is_recall) => {
            let missing = missing.into_iter().filter(Missing::is_recall).collect();
            Rollout::Wait { n_labels: 0, missing }
        }
        (_, Some(next)) => Rollout::Advance(next),
        (Promotion::Promote { gain, p_value }, None) => Rollout::Promote { gain, p_value },
        (Promotion::Wait(missing), None) => Rollout::Wait { n_labels: 0, missing },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::{ClassOutcomes, Paired};

    fn evidence(both: u64, first: u64, second: u64) -> TrialEvidence {
        let paired = Paired { both, first, second, neither: 0 };
        TrialEvidence { paired, ..TrialEvidence::default() }
    }

    #[test]
    fn stages_are_passed_by_labels_and_the_last_by_proof() {
        let policy = Policy::default();
        let step =
            |stage, begin, evidence: &TrialEvidence| next_stage(stage, begin, evidence, &policy);
        let waits = |n_labels| Rollout::Wait { n_labels, missing: Vec::new() };
        assert_eq!(step(Stage::Shadow, 0, &evidence(20, 0, 0)), waits(30));
        assert_eq!(step(Stage::Shadow, 0, &evidence(50, 0, 0)), Rollout::Advance(Stage::Tenth));
        assert_eq!(step(Stage::Tenth, 50, &evidence(50, 0, 0)), waits(100));
        assert_eq!(step(Stage::Tenth, 50, &evidence(130, 15, 5)), Rollout::Advance(Stage::Half));
        assert_eq!(step(Stage::Half, 150, &evidence(130, 30, 2)), waits(188));
        let Rollout::Wait { n_labels: 0, missing } = step(Stage::Half, 150, &evidence(345, 3, 2))
        else {
            panic!("nothing is shown");
        };
        assert_eq!(missing.len(), 2);
        let proven = step(Stage::Half, 150, &evidence(300, 45, 5));
        assert!(matches!(proven, Rollout::Promote { .. }), "{proven:?}");
    }

    #[test]
    fn a_class_that_loses_too_much_holds_the_challenger_at_its_stage() {
        let paired = Paired { both: 5, first: 2, second: 20, neither: 0 };
        let rare = ClassOutcomes { class: "rare".into(), paired };
        let held = TrialEvidence { classes: vec![rare], ..evidence(900, 60, 20) };
        for stage in Stage::ALL {
            let Rollout::Wait { n_labels: 0, missing } =
                next_stage(stage, 0, &held, &Policy::default())
            else {
                panic!("recall falls by two thirds");
            };
            assert!(missing.iter().all(Missing::is_recall) && !missing.is_empty());
        }
    }

    #[test]
    fn one_that_is_shown_to_be_worse_goes_at_any_stage() {
        for stage in Stage::ALL {
            let step = next_stage(stage, 0, &evidence(10, 2, 30), &Policy::default());
            assert!(matches!(step, Rollout::Drop(Dropped::Worse { .. })), "{stage:?}");
        }
    }
}
