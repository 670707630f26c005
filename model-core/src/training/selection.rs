//! Which of several models is the better one: one answer for finished models and for the trials of a
//! search.

use std::cmp::Ordering;

use crate::artifact::Artifact;

/// How a model did in cross-validation, as far as a choice goes by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    /// Mean accuracy of the folds.
    pub(super) accuracy: f64,
    /// Mean log loss of the folds.
    pub(super) log_loss: f64,
}

impl Standing {
    /// Better ones first: by accuracy, on a tie by log loss.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        // Means of the same counts in another order differ in their last bits.
        let in_billionths = |standing: &Self| (1e9 * standing.accuracy).round();
        in_billionths(other)
            .total_cmp(&in_billionths(self))
            .then(self.log_loss.total_cmp(&other.log_loss))
    }

    /// `None` of a model that was not cross-validated.
    fn of(model: &Artifact) -> Option<Self> {
        let cv = model.evaluation().cv.as_ref()?;
        Some(Self { accuracy: cv.mean(), log_loss: cv.mean_log_loss() })
    }
}

/// The model to serve: the best mean accuracy in cross-validation, on a tie the least log loss
/// there, then the first. The test part has no say; models without cross-validation come last.
///
/// Returns an index into `models`, `None` if there are none.
#[must_use]
pub fn select_best(models: &[Artifact]) -> Option<usize> {
    let mut best: Option<(usize, Option<Standing>)> = None;
    for (index, model) in models.iter().enumerate() {
        let standing = Standing::of(model);
        let better = best.is_none_or(|(_, best)| match (standing, best) {
            (Some(standing), Some(best)) => standing.order(&best).is_lt(),
            (standing, best) => standing.is_some() && best.is_none(),
        });
        if better {
            best = Some((index, standing));
        }
    }
    best.map(|(index, _)| index)
}
