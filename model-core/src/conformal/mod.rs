//! Prediction sets: the classes that a model cannot exclude at the coverage that was asked for.
//!
//! The rule is LAC, of the least ambiguous set-valued classifiers. A row's score is `1 − p(true
//! class)`, from a model that did not train on the row; cross-validation has fitted those models
//! already. With `n` scores and coverage `c`, the threshold is the score of rank `⌈(n + 1) c⌉`, and
//! a class is in the set if `1 − p` is no greater. If that rank is beyond `n`, the scores are too
//! few for the coverage, and every class is in.
//!
//! Training collects the scores of the folds, the artifact carries them (`scores` keeps few of
//! many), `Artifact::predict` asks for the set, and `evaluation` counts how often the sets of
//! held-out rows hold the truth. A set may be empty: no class conforms.
//!
//! The comparison is of two doubles made by one subtraction, the same bits everywhere. Thresholds
//! are single-precision numbers rounded up, so rounding never takes a class out.
//!
//! Source: Sadinle, Lei & Wasserman, "Least ambiguous set-valued classifiers with bounded error
//! levels", JASA 114 (2019); Vovk, "Cross-conformal predictors", Annals of Mathematics and
//! Artificial Intelligence 74 (2015).

mod class_set;
mod evaluation;
mod scores;

pub use self::class_set::ClassSet;
pub use self::evaluation::SetEvaluation;
pub use self::scores::ConformalScores;

/// The least coverage that can be asked for.
pub const MIN_COVERAGE: f64 = 0.5;
/// The greatest coverage that can be asked for.
pub const MAX_COVERAGE: f64 = 0.999;
/// The coverage that is asked for if nothing is said.
pub const DEFAULT_COVERAGE: f64 = 0.9;

/// Whether prediction sets can be asked to hold the truth this often.
#[must_use]
pub fn is_coverage(coverage: f64) -> bool {
    (MIN_COVERAGE..=MAX_COVERAGE).contains(&coverage)
}

/// What turns probabilities into prediction sets.
///
/// ```
/// use model_core::conformal::ConformalPredictor;
/// // Nine rows, whose true classes had these probabilities.
/// let scores = [0.9, 0.8, 0.95, 0.6, 0.99, 0.7, 0.85, 0.75, 0.65].map(|p: f64| 1.0 - p);
/// let sets = ConformalPredictor::new(scores.to_vec(), 0.8).expect("there are scores");
/// // The eighth of ten steps: 1 − 0.65.
/// assert!((sets.threshold().unwrap() - 0.35).abs() < 1e-7);
/// assert_eq!(sets.prediction_set(&[0.7, 0.2, 0.1]).to_vec(), [0]);
/// assert!(sets.prediction_set(&[0.4, 0.3, 0.3]).is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConformalPredictor {
    scores: ConformalScores,
    coverage: f64,
    threshold: Option<f64>,
}

impl ConformalPredictor {
    /// From `1 − p(true class)` of each row, by models that did not train on it, in any order.
    ///
    /// Scores beyond 0 and 1 count as those, NaN as 1. `None` without scores, or if
    /// [`is_coverage`] says no.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// assert!(ConformalPredictor::new(vec![0.1, 0.4], 0.9).is_some());
    /// assert!(ConformalPredictor::new(Vec::new(), 0.9).is_none(), "nothing to go by");
    /// ```
    #[must_use]
    pub fn new(scores: Vec<f64>, coverage: f64) -> Option<Self> {
        if !is_coverage(coverage) {
            return None;
        }
        Some(Self::with_scores(ConformalScores::keep(scores, coverage)?, coverage))
    }

    pub(crate) fn with_scores(scores: ConformalScores, coverage: f64) -> Self {
        let threshold = scores.threshold(coverage);
        Self { scores, coverage, threshold }
    }

    /// Classes that conform to the scores at the model's coverage; none, perhaps, or all.
    ///
    /// `probabilities` has a place a class, in the schema's order.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// let sets = ConformalPredictor::new(vec![0.1, 0.2, 0.3, 0.4], 0.8).expect("there are scores");
    /// assert_eq!(sets.prediction_set(&[0.7, 0.3]).to_vec(), [0]);
    /// ```
    #[must_use]
    pub fn prediction_set(&self, probabilities: &[f64]) -> ClassSet {
        set_of(probabilities, self.threshold)
    }

    /// As [`prediction_set`](Self::prediction_set), at another coverage.
    ///
    /// Of many scores only some are kept: the set may then hold what a quarter of a percent more
    /// coverage would. `None` if [`is_coverage`] says no.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// let sets = ConformalPredictor::new(vec![0.1, 0.2, 0.3, 0.4], 0.8).expect("there are scores");
    /// let half = sets.prediction_set_at(&[0.75, 0.25], 0.5);
    /// assert!(half.is_some_and(|set| set.len() <= sets.prediction_set(&[0.75, 0.25]).len()));
    /// ```
    #[must_use]
    pub fn prediction_set_at(&self, probabilities: &[f64], coverage: f64) -> Option<ClassSet> {
        is_coverage(coverage).then(|| set_of(probabilities, self.scores.threshold(coverage)))
    }

    /// How often the sets should hold the truth; 0.9 if nothing else was asked for.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// let sets = ConformalPredictor::new(vec![0.1, 0.2, 0.3, 0.4], 0.8).expect("there are scores");
    /// assert_eq!(sets.coverage(), 0.8);
    /// ```
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// The greatest score that conforms, 0 to 1. `None` if the scores are too few for the coverage:
    /// every set then holds every class.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// let sets = ConformalPredictor::new(vec![0.1, 0.2, 0.3, 0.4], 0.8).expect("there are scores");
    /// assert!(sets.threshold().is_some_and(|score| (score - 0.4).abs() < 1e-6));
    /// ```
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        self.threshold
    }

    /// What the threshold was read from.
    ///
    /// ```
    /// use model_core::ConformalPredictor;
    /// let sets = ConformalPredictor::new(vec![0.1, 0.2, 0.3, 0.4], 0.8).expect("there are scores");
    /// assert_eq!(sets.scores().n_scores(), 4);
    /// ```
    #[must_use]
    pub fn scores(&self) -> &ConformalScores {
        &self.scores
    }
}

/// `1 − probability`, 0 to 1; NaN is no probability at all.
pub(crate) fn score(probability: f64) -> f64 {
    1.0 - if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) }
}

fn set_of(probabilities: &[f64], threshold: Option<f64>) -> ClassSet {
    let conforms = |p: f64| threshold.is_none_or(|threshold| score(p) <= threshold);
    probabilities
        .iter()
        .enumerate()
        .filter(|&(_, &p)| conforms(p))
        .map(|(class, _)| class)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    #[test]
    fn a_class_at_the_threshold_conforms() {
        // 1 - 0.3 is no single-precision number: rounded down, the row's own class would drop out.
        for p in [0.3, 0.1, 0.7, 1.0 / 3.0, 1e-9, 1.0 - 1e-12, 0.0, 1.0] {
            let sets = ConformalPredictor::new(vec![1.0 - p; 9], 0.9).unwrap();
            assert!(sets.prediction_set(&[p, 1.0 - p]).contains(0), "{p}");
        }
    }

    #[test]
    fn too_few_scores_exclude_nothing() {
        // Rank 9 of 8 scores; nine scores are enough.
        let sets = ConformalPredictor::new(vec![0.0; 8], 0.9).unwrap();
        assert_eq!(sets.threshold(), None);
        assert_eq!(sets.prediction_set(&[1.0, 0.0, 0.0]).to_vec(), [0, 1, 2]);
        let sets = ConformalPredictor::new(vec![0.0; 9], 0.9).unwrap();
        assert_eq!(sets.prediction_set(&[1.0, 0.0, 0.0]).to_vec(), [0]);
        assert_eq!(sets.prediction_set_at(&[1.0, 0.0], 0.95).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_score_or_coverage_is_refused_or_the_worst() {
        assert_eq!(ConformalPredictor::new(Vec::new(), 0.9), None);
        for coverage in [0.49, 0.9991, f64::NAN, -1.0, f64::INFINITY] {
            assert_eq!(ConformalPredictor::new(vec![0.5; 9], coverage), None, "{coverage}");
        }
        let sets = ConformalPredictor::new(vec![f64::NAN; 9], 0.9).unwrap();
        assert_eq!(sets.threshold(), Some(1.0));
        assert_eq!(sets.prediction_set_at(&[0.5, 0.5], 0.2), None);
        assert_eq!(sets.prediction_set(&[f64::NAN, 0.5]).len(), 2);
    }

    #[test]
    fn a_greater_coverage_takes_no_class_out() {
        let mut rng = SplitMix64::new(3);
        let scores: Vec<f64> = (0..2000).map(|_| rng.unit() * rng.unit()).collect();
        let sets = ConformalPredictor::new(scores, 0.9).unwrap();
        for _ in 0..200 {
            let p = rng.unit();
            let sizes = [0.5, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999].map(|coverage| {
                let set = sets.prediction_set_at(&[p, 1.0 - p], coverage).unwrap();
                set.len()
            });
            assert!(sizes.is_sorted(), "{sizes:?}");
        }
    }
}
