//! Which of several models is the better one: one answer for finished models and for the trials of a
//! search.
//!
//! A [`SelectionMetric`] is read from a [`Standing`], which holds what the rows that folds held out
//! say. The test part has no say, so that it stays a fair judge of what was chosen.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;
use crate::evaluation::{ConfusionMatrix, Fold, ProbabilityQuality, SplitEvaluation};

/// What decides which model is the better one, measured on the rows that folds held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionMetric {
    /// Mean log loss of the folds: how much probability the truth was given. The default, as it
    /// sees rare classes and does not reward a model that always gives the most frequent answer.
    #[default]
    LogLoss,
    /// Mean accuracy of the folds.
    Accuracy,
    /// Mean recall of the classes over all rows that folds held out: each class counts alike,
    /// however few rows it has. Classes that no fold held out do not count.
    BalancedAccuracy,
    /// Mean over the folds of the macro average of ROC AUC, each class against the rest.
    RocAuc,
}

impl SelectionMetric {
    /// Every metric.
    pub const ALL: [Self; 4] =
        [Self::LogLoss, Self::Accuracy, Self::BalancedAccuracy, Self::RocAuc];

    /// The name on the wire and on the command line.
    ///
    /// ```
    /// assert_eq!(model_core::SelectionMetric::LogLoss.as_str(), "log_loss");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogLoss => "log_loss",
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::RocAuc => "roc_auc",
        }
    }

    /// The name for people.
    ///
    /// ```
    /// assert!(!model_core::SelectionMetric::LogLoss.label().is_empty());
    /// ```
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LogLoss => "log loss",
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced accuracy",
            Self::RocAuc => "ROC AUC",
        }
    }

    /// Index of the best of these, the first of equals; `None` if none was cross-validated.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// use model_core::{SelectionMetric, Standing};
    /// let standing = Standing::of(&model);
    /// assert_eq!(SelectionMetric::LogLoss.best([&standing]), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn best<'a>(self, standings: impl IntoIterator<Item = &'a Standing>) -> Option<usize> {
        let mut best: Option<(usize, &Standing)> = None;
        for (index, standing) in standings.into_iter().enumerate() {
            if !standing.folds().is_empty()
                && best.is_none_or(|(_, best)| standing.order(best, self).is_lt())
            {
                best = Some((index, standing));
            }
        }
        best.map(|(index, _)| index)
    }
}

/// How a model did on the rows that folds held out, as far as a choice goes by it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    pub(super) folds: Vec<Fold>,
    /// The macro ROC AUC of each fold that has one.
    pub(super) areas: Vec<f64>,
    /// All folds together; absent if a file said no more than the folds' counts.
    pub(super) confusion: Option<ConfusionMatrix>,
}

impl Standing {
    /// What a finished model's file says: the folds, which know accuracy and log loss only.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// use model_core::Standing;
    /// assert_eq!(Standing::of(&model).folds().len(), 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(model: &Artifact) -> Self {
        let cv = model.evaluation().cv.as_ref();
        let folds = cv.map(|cv| cv.folds.clone()).unwrap_or_default();
        Self { folds, ..Self::default() }
    }

    /// Takes one more fold.
    pub(super) fn add(&mut self, evaluation: &SplitEvaluation) {
        self.folds.push(Fold::of(evaluation));
        let quality = evaluation.quality.as_ref();
        self.areas.extend(quality.and_then(ProbabilityQuality::macro_roc_auc));
        match &mut self.confusion {
            Some(confusion) => confusion.add(&evaluation.confusion),
            None => self.confusion = Some(evaluation.confusion.clone()),
        }
    }

    /// The folds so far.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// use model_core::Standing;
    /// assert_eq!(Standing::of(&model).folds()[0].n_samples, 24);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn folds(&self) -> &[Fold] {
        &self.folds
    }

    /// Classes of all rows that folds held out, a row of a repeat for each time.
    ///
    /// ```
    /// assert!(model_core::Standing::default().confusion().is_none(), "no fold yet");
    /// ```
    #[must_use]
    pub fn confusion(&self) -> Option<&ConfusionMatrix> {
        self.confusion.as_ref()
    }

    /// The figure that `metric` goes by; `None` without folds that tell.
    ///
    /// ```
    /// use model_core::{SelectionMetric, Standing};
    /// assert_eq!(Standing::default().value(SelectionMetric::LogLoss), None, "no fold yet");
    /// ```
    #[must_use]
    pub fn value(&self, metric: SelectionMetric) -> Option<f64> {
        match metric {
            SelectionMetric::LogLoss => self.mean(|fold| fold.log_loss),
            SelectionMetric::Accuracy => self.mean(Fold::accuracy),
            SelectionMetric::BalancedAccuracy => self.confusion.as_ref()?.balanced_accuracy(),
            SelectionMetric::RocAuc => {
                let n = self.areas.len();
                (n > 0).then(|| self.areas.iter().sum::<f64>() / n as f64)
            }
        }
    }

    fn mean(&self, of: fn(&Fold) -> f64) -> Option<f64> {
        let n = self.folds.len();
        (n > 0).then(|| self.folds.iter().map(of).sum::<f64>() / n as f64)
    }

    /// Better ones first: by `metric`, on a tie by log loss, then by accuracy. Without a figure
    /// comes last.
    pub(super) fn order(&self, other: &Self, metric: SelectionMetric) -> Ordering {
        // Means of the same counts in another order differ in their last bits.
        let key = |standing: &Self, metric| {
            let sign = if metric == SelectionMetric::LogLoss { 1e9 } else { -1e9 };
            standing.value(metric).map_or(f64::INFINITY, |value| (sign * value).round())
        };
        [metric, SelectionMetric::LogLoss, SelectionMetric::Accuracy]
            .into_iter()
            .map(|metric| key(self, metric).total_cmp(&key(other, metric)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// The model to serve: the least mean log loss in cross-validation, on a tie the best accuracy
/// there, then the first. The test part has no say; models without cross-validation come last.
///
/// Returns an index into `models`, `None` if there are none. By another metric:
/// [`SelectionMetric::best`] of what [`Training::standing`](super::Training::standing) gives.
///
/// ```
/// # use model_core::{Artifact, DEFAULT_ARTIFACT};
/// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
/// assert_eq!(model_core::select_best(&[model]), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn select_best(models: &[Artifact]) -> Option<usize> {
    let standings: Vec<Standing> = models.iter().map(Standing::of).collect();
    SelectionMetric::LogLoss.best(&standings).or((!models.is_empty()).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fold of 10 rows of class 0 and 2 of class 1, which get these probabilities of class 1.
    fn standing(of_zero: f64, of_one: f64) -> Standing {
        let row = |p: f64| [1.0 - p, p];
        let probabilities = [row(of_zero).repeat(10), row(of_one).repeat(2)].concat();
        let labels = [[0; 10].as_slice(), &[1; 2]].concat();
        let mut standing = Standing::default();
        standing.add(&SplitEvaluation::of(&probabilities, &labels, 2));
        standing
    }

    #[test]
    fn each_metric_is_read_from_the_folds() {
        let told = standing(0.1, 0.4);
        let value = |metric| told.value(metric).unwrap();
        let log_loss = -(10.0 * libm::log(0.9) + 2.0 * libm::log(0.4)) / 12.0;
        assert!((value(SelectionMetric::LogLoss) - log_loss).abs() < 1e-12);
        assert_eq!(value(SelectionMetric::Accuracy), 10.0 / 12.0);
        assert_eq!(value(SelectionMetric::BalancedAccuracy), 0.5);
        assert_eq!(value(SelectionMetric::RocAuc), 1.0);
        assert_eq!(Standing::default().value(SelectionMetric::LogLoss), None);
    }

    #[test]
    fn a_model_that_always_says_no_wins_by_accuracy_alone() {
        // The second finds both rows of the rare class, at the cost of nothing but confidence.
        let models = [standing(0.01, 0.01), standing(0.51, 0.9), Standing::default()];
        let best = |metric: SelectionMetric| metric.best(&models);
        assert_eq!(best(SelectionMetric::Accuracy), Some(0));
        assert_eq!(best(SelectionMetric::RocAuc), Some(1));
        let models = [standing(0.01, 0.01), standing(0.3, 0.9)];
        for metric in SelectionMetric::ALL {
            assert_eq!(metric.best(&models), Some(1), "{metric:?}");
        }
    }

    #[test]
    fn ties_go_to_the_log_loss_and_then_to_the_first() {
        let models = [standing(0.2, 0.6), standing(0.1, 0.9), standing(0.1, 0.9)];
        for metric in SelectionMetric::ALL {
            assert_eq!(metric.best(&models), Some(1), "{metric:?}");
        }
        assert_eq!(SelectionMetric::LogLoss.best(&[Standing::default()]), None);
        assert_eq!(select_best(&[]), None);
    }

    #[test]
    fn a_figure_comes_before_none() {
        // A fold of one class has no area.
        let mut flat = Standing::default();
        flat.add(&SplitEvaluation::of(&[0.9, 0.1], &[0], 2));
        assert_eq!(flat.value(SelectionMetric::RocAuc), None);
        assert_eq!(SelectionMetric::RocAuc.best(&[flat, standing(0.5, 0.5)]), Some(1));
    }
}
