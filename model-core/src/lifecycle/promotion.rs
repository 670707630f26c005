//! Is a challenger better than the champion, and on which rows not?

use serde::{Deserialize, Serialize};

use super::{Errors, Paired, Policy};

/// The labelled rows of one class that both models answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassOutcomes {
    /// The class.
    pub class: String,
    /// Its rows, the challenger first.
    pub paired: Paired,
}

/// What is known of a challenger since its trial began. Both models are asked for each of these rows, whichever of
/// them the asker is answered by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialEvidence {
    /// All labelled rows, the challenger first.
    pub paired: Paired,
    /// The same by true class.
    pub classes: Vec<ClassOutcomes>,
    /// Rows that could not be answered, the challenger first.
    pub errors: Errors,
}

/// What a challenger lacks for a promotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It gains less than asked for.
    Gain {
        /// Gain on the labelled rows.
        is: f64,
        /// What it must be.
        needed: f64,
    },
    /// Chance alone may have made the gain.
    Significance {
        /// The p-value, valid at all looks.
        p_value: f64,
        /// What it must be at most.
        alpha: f64,
    },
    /// A class loses more of its recall than it may.
    Recall {
        /// The class.
        class: String,
        /// Recall of the champion less that of the challenger.
        drop: f64,
        /// What that may be at most.
        allowed: f64,
    },
}

impl Missing {
    /// Whether it is a class that loses too much.
    pub(super) const fn is_recall(&self) -> bool {
        matches!(self, Self::Recall { .. })
    }
}

/// Why a challenger is given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// It is shown to be worse.
    Worse {
        /// The p-value, valid at all looks.
        p_value: f64,
    },
    /// It fails more often than the champion.
    Errors(Errors),
    /// So many labelled rows have not shown it to be better.
    Budget {
        /// Labelled rows.
        n: u64,
        /// What it lacked at the end.
        missing: Vec<Missing>,
    },
}

/// What is to become of a challenger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promotion {
    /// It is better.
    Promote {
        /// Gain on the labelled rows.
        gain: f64,
        /// The p-value, valid at all looks.
        p_value: f64,
    },
    /// It goes on being tried.
    Wait(Vec<Missing>),
    /// It is given up.
    Drop(Dropped),
}

/// Judges a challenger by what its trial has shown; may be asked after each label.
///
/// An equal one is promoted at any time of its trial with a probability of at most [`Policy::alpha`].
///
/// ```
/// use model_core::lifecycle::{Paired, Policy, Promotion, TrialEvidence, judge_challenger};
/// let paired = Paired { both: 840, first: 90, second: 40, neither: 30 };
/// let evidence = TrialEvidence { paired, ..TrialEvidence::default() };
/// let verdict = judge_challenger(&evidence, &Policy::default());
/// assert!(matches!(verdict, Promotion::Promote { gain, .. } if gain == 0.05));
/// ```
#[must_use]
pub fn judge_challenger(evidence: &TrialEvidence, policy: &Policy) -> Promotion {
    let TrialEvidence { paired, classes, errors } = evidence;
    let worse = paired.p_value_second_better();
    if worse <= policy.alpha {
        return Promotion::Drop(Dropped::Worse { p_value: worse });
    }
    if errors.rise(policy.level()) {
        return Promotion::Drop(Dropped::Errors(*errors));
    }
    let (gain, p_value) = (paired.gain(), paired.p_value_first_better());
    let mut missing = Vec::new();
    if gain < policy.min_gain {
        missing.push(Missing::Gain { is: gain, needed: policy.min_gain });
    }
    if p_value > policy.alpha {
        missing.push(Missing::Significance { p_value, alpha: policy.alpha });
    }
    for ClassOutcomes { class, paired } in classes {
        let drop = -paired.gain();
        if paired.n() >= policy.min_class_rows && drop > policy.max_recall_drop {
            let (class, allowed) = (class.clone(), policy.max_recall_drop);
            missing.push(Missing::Recall { class, drop, allowed });
        }
    }
    match missing.is_empty() {
        true => Promotion::Promote { gain, p_value },
        false if paired.n() >= policy.max_labels => {
            Promotion::Drop(Dropped::Budget { n: paired.n(), missing })
        }
        false => Promotion::Wait(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(paired: Paired) -> Promotion {
        judge_challenger(&TrialEvidence { paired, ..TrialEvidence::default() }, &Policy::default())
    }

    #[test]
    fn a_gain_that_is_too_small_is_none_however_sure_it_is() {
        let small = Paired { both: 1_500, first: 60, second: 25, neither: 300 };
        let expected = Missing::Gain { is: small.gain(), needed: 0.02 };
        assert_eq!(judge(small), Promotion::Wait(vec![expected]));
    }

    #[test]
    fn a_gain_that_is_not_sure_is_none_however_large_it_is() {
        let few = Paired { both: 10, first: 3, second: 0, neither: 0 };
        assert!(
            matches!(judge(few), Promotion::Wait(missing) if matches!(missing[..], [Missing::Significance { .. }]))
        );
    }

    #[test]
    fn a_class_that_pays_for_the_others_holds_the_challenger_back() {
        let paired = Paired { both: 840, first: 90, second: 40, neither: 30 };
        let rare = Paired { both: 10, first: 1, second: 9, neither: 5 };
        let class =
            |n: u64| ClassOutcomes { class: "rare".into(), paired: Paired { neither: n, ..rare } };
        let judge = |class: ClassOutcomes| {
            let evidence =
                TrialEvidence { paired, classes: vec![class], errors: Errors::default() };
            judge_challenger(&evidence, &Policy::default())
        };
        let Promotion::Wait(missing) = judge(class(5)) else { panic!("recall falls by 0.32") };
        assert!(matches!(&missing[..], [Missing::Recall { class, .. }] if class == "rare"));
        let few = ClassOutcomes { paired: Paired { both: 1, ..rare }, ..class(0) };
        assert!(matches!(judge(few), Promotion::Promote { .. }), "11 rows say nothing");
    }

    #[test]
    fn one_that_is_worse_fails_or_takes_too_long_is_dropped() {
        let better = Paired { both: 840, first: 90, second: 40, neither: 30 };
        assert!(matches!(judge(better.swapped()), Promotion::Drop(Dropped::Worse { .. })));
        let errors = Errors { first: 12, second: 0 };
        let failing = TrialEvidence { paired: better, errors, ..TrialEvidence::default() };
        let dropped = judge_challenger(&failing, &Policy::default());
        assert_eq!(dropped, Promotion::Drop(Dropped::Errors(errors)));
        let equal = Paired { both: 1_900, first: 50, second: 50, neither: 0 };
        let Promotion::Drop(Dropped::Budget { n, missing }) = judge(equal) else { panic!("equal") };
        assert_eq!((n, missing.len()), (2_000, 2));
    }
}
