//! Is a newly trained model worth a trial?

use serde::{Deserialize, Serialize};

use super::{Paired, Policy};
use crate::Artifact;
use crate::dataset::Dataset;
use crate::evaluation::{ComparisonError, CrossValidation, Fold, compare};
use crate::split::Split;

/// A newly trained model, the first, and the champion, the second, on rows that neither was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateEvidence {
    /// Both by cross-validation; absent if the champion was trained on some of its rows.
    pub folds: Option<FoldEvidence>,
    /// Both on the rows that were held out of all folds, but for those that trained the champion.
    pub held_out: Paired,
}

/// A newly trained model and the champion on the rows that folds hold out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FoldEvidence {
    /// Accuracy of the new model less that of the champion, mean over folds.
    pub gain: f64,
    /// Two-sided p-value of that, corrected for folds that share rows (Nadeau & Bengio, "Inference for the generalization
    /// error", Machine Learning 52, 2003).
    pub p_value: f64,
    /// Rows that folds held out, a row of a repeat for each time.
    pub n_rows: u64,
}

impl CandidateEvidence {
    /// Holds `candidate`, which was trained on `dataset` by this `split`, against a `champion` that the first `n_seen` rows have
    /// trained, and no other. The champion is what it is in each fold; a row that it can't read it has wrong.
    ///
    /// # Errors
    /// [`ComparisonError`] if the candidate was not cross-validated by the split's folds.
    pub fn gather(
        candidate: &Artifact,
        champion: &Artifact,
        dataset: &Dataset,
        split: &Split,
        n_seen: usize,
    ) -> Result<Self, ComparisonError> {
        let classes = &dataset.schema().classes;
        let is_right = |model: &Artifact, row: usize| {
            let read = model.schema().row(dataset.row(row)).ok();
            let class = read.as_ref().map(|row| model.classify(row));
            class.is_some() && class == classes.get(dataset.label(row) as usize).map(String::as_str)
        };
        let mut held_out = Paired::default();
        for &row in split.test.iter().filter(|row| **row >= n_seen) {
            held_out.count(is_right(candidate, row), is_right(champion, row));
        }
        if n_seen > 0 {
            return Ok(Self { folds: None, held_out });
        }
        let fold = |rows: &Vec<usize>| Fold {
            n_correct: rows.iter().filter(|row| is_right(champion, **row)).count() as u32,
            n_samples: rows.len() as u32,
            log_loss: 0.0,
        };
        let folds: Vec<Fold> = split.folds.iter().map(fold).collect();
        let n_rows = folds.iter().map(|fold| u64::from(fold.n_samples)).sum();
        let (n_repeats, n_train) = (split.folds.n_repeats(), split.train.len() as u32);
        let of_champion = CrossValidation { folds, n_repeats, n_rows: n_train };
        let none = CrossValidation { folds: Vec::new(), n_repeats, n_rows: n_train };
        let of_candidate = candidate.evaluation().cv.as_ref().unwrap_or(&none);
        let test = compare(of_candidate, &of_champion)?;
        let folds = FoldEvidence { gain: test.mean, p_value: test.p_value, n_rows };
        Ok(Self { folds: Some(folds), held_out })
    }

    /// Accuracy of the new model less that of the champion: by cross-validation where there is one, else on the rows that were
    /// held out.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.folds.map_or_else(|| self.held_out.gain(), |folds| folds.gain)
    }
}

/// Why a newly trained model is not worth a trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// It is right no more often than the champion.
    NoGain {
        /// Its accuracy less that of the champion.
        gain: f64,
    },
    /// On the newest rows it is shown to be worse.
    Worse {
        /// How sure that is.
        p_value: f64,
    },
}

/// What speaks against a trial of a newly trained model; nothing if it is worth one.
///
/// No significance is asked for here: a trial begins in the shadow, where nobody is answered by the challenger, and it is the
/// trial that promotes no equal one. What this spares is labels, spent on a model of which nothing better is to be expected.
///
/// ```
/// use model_core::lifecycle::{CandidateEvidence, Paired, Policy, judge_candidate};
/// let held_out = Paired { both: 30, first: 4, second: 1, neither: 2 };
/// let evidence = CandidateEvidence { folds: None, held_out };
/// assert!(judge_candidate(&evidence, &Policy::default()).is_empty());
/// ```
#[must_use]
pub fn judge_candidate(evidence: &CandidateEvidence, policy: &Policy) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    let gain = evidence.gain();
    if gain.is_nan() || gain <= 0.0 {
        shortfalls.push(Shortfall::NoGain { gain });
    }
    let p_value = evidence.held_out.p_value_second_better();
    if p_value <= policy.alpha {
        shortfalls.push(Shortfall::Worse { p_value });
    }
    shortfalls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Family, TrainParams, Training};

    /// Rows of which the first half goes by `x`, the second by another rule.
    fn turned() -> Dataset {
        let mut csv = "x,z,y\n".to_owned();
        for i in 0..300_u32 {
            let (x, z) = (i * 37 % 100, i * 61 % 100);
            let is_high = if i < 100 { x >= 50 } else { z >= 50 };
            csv += &format!("{x},{z},{}\n", if is_high { "high" } else { "low" });
        }
        Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap()
    }

    fn rows(data: &Dataset, rows: std::ops::Range<usize>) -> Dataset {
        let read = rows.clone().map(|row| data.schema().row(data.row(row)).unwrap());
        let labels = rows.map(|row| data.label(row)).collect();
        Dataset::of_known_rows(data.schema(), &read.collect::<Vec<_>>(), labels).unwrap()
    }

    fn trained(data: &Dataset, params: &TrainParams) -> (Artifact, Split) {
        let (folds, repeats) = (params.cv_folds, params.cv_repeats);
        let split =
            Split::with_newest_held_out(data, params.test_size, folds, repeats, params.seed);
        let split = split.unwrap();
        let training = Training::with_split(data, params.clone(), split.clone()).unwrap();
        (training.run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap(), split)
    }

    #[test]
    fn a_model_of_the_new_rule_is_worth_a_trial_and_one_of_the_old_rule_is_not() {
        let all = turned();
        let (old, new) = (rows(&all, 0..100), rows(&all, 100..300));
        let params = TrainParams { cv_repeats: 2, ..TrainParams::new(Family::RandomForest) };
        let (of_old, _) = trained(&old, &params);
        let (of_new, split) = trained(&new, &params);
        let found = CandidateEvidence::gather(&of_new, &of_old, &new, &split, 0).unwrap();
        let folds = found.folds.unwrap();
        assert!(folds.gain > 0.3 && folds.p_value < 0.001, "{found:?}");
        assert_eq!((folds.n_rows, found.held_out.n()), (320, 40));
        assert!(judge_candidate(&found, &Policy::default()).is_empty());
        let found = CandidateEvidence { held_out: found.held_out.swapped(), ..found };
        assert!(matches!(
            judge_candidate(&found, &Policy::default())[..],
            [Shortfall::Worse { .. }]
        ));
        // Trained by other folds, it can't be held against it.
        let (again, _) = trained(&new, &TrainParams { cv_repeats: 1, ..params });
        let refused = CandidateEvidence::gather(&again, &of_old, &new, &split, 0).unwrap_err();
        assert!(matches!(refused, ComparisonError::Unpaired { what: "repeats", .. }));
        // A champion that most of the rows have trained is not asked for those.
        let found = CandidateEvidence::gather(&of_new, &of_old, &new, &split, 190).unwrap();
        assert_eq!((found.folds, found.held_out.n()), (None, 10));
    }

    #[test]
    fn an_equal_model_is_not() {
        let held_out = Paired { both: 40, ..Paired::default() };
        for gain in [0.0, -0.1, f64::NAN] {
            let folds = Some(FoldEvidence { gain, p_value: 1.0, n_rows: 160 });
            let evidence = CandidateEvidence { folds, held_out };
            let found = judge_candidate(&evidence, &Policy::default());
            assert!(matches!(found[..], [Shortfall::NoGain { .. }]), "{gain}: {found:?}");
        }
    }
}
