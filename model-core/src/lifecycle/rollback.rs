//! Did a promotion do harm?

use serde::{Deserialize, Serialize};

use super::{Errors, Paired, Policy};

/// Why a promoted model is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackReason {
    /// It is shown to be less accurate than the model before.
    Accuracy {
        /// Its accuracy less that of the model before, on the rows of its probation.
        gain: f64,
        /// The p-value, valid at all looks.
        p_value: f64,
    },
    /// It fails more often.
    Errors(Errors),
}

/// How a promoted model stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probation {
    /// It is watched for so many labelled rows more.
    Watch {
        /// Labelled rows.
        n_labels: u64,
    },
    /// It stays, and the model before need not be asked any more.
    Passed,
    /// The model before comes back.
    RollBack(RollbackReason),
}

/// Judges a promoted model against the one before, which goes on being asked in its shadow. Rows and errors are
/// counted from the promotion on, the promoted model first; may be asked after each label.
///
/// One that is no worse is taken back at any time of its probation with a probability of at most [`Policy::alpha`]
/// for its accuracy, and as much for its errors.
///
/// ```
/// use model_core::lifecycle::{Errors, Paired, Policy, Probation, judge_promoted};
/// let worse = Paired { both: 80, first: 3, second: 30, neither: 7 };
/// let verdict = judge_promoted(worse, Errors::default(), &Policy::default());
/// assert!(matches!(verdict, Probation::RollBack(_)));
/// ```
#[must_use]
pub fn judge_promoted(paired: Paired, errors: Errors, policy: &Policy) -> Probation {
    let p_value = paired.p_value_second_better();
    if p_value <= policy.alpha {
        let gain = paired.gain();
        return Probation::RollBack(RollbackReason::Accuracy { gain, p_value });
    }
    if errors.rise(policy.level()) {
        return Probation::RollBack(RollbackReason::Errors(errors));
    }
    match policy.probation_labels.saturating_sub(paired.n()) {
        0 => Probation::Passed,
        n_labels => Probation::Watch { n_labels },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_watched_passes_or_is_taken_back() {
        let policy = Policy::default();
        let judge = |paired, errors| judge_promoted(paired, errors, &policy);
        let fine = Paired { both: 95, first: 3, second: 2, neither: 0 };
        assert_eq!(judge(fine, Errors::default()), Probation::Watch { n_labels: 400 });
        assert_eq!(judge(Paired { both: 500, ..fine }, Errors::default()), Probation::Passed);
        let errors = Errors { first: 20, second: 1 };
        let failing = Probation::RollBack(RollbackReason::Errors(errors));
        assert_eq!(judge(fine, errors), failing);
        assert_eq!(
            judge(fine, Errors { first: 1, second: 20 }),
            Probation::Watch { n_labels: 400 }
        );
    }
}
