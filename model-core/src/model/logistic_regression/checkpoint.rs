//! A logistic regression in training as it is written down between two steps, and taken up again:
//! the whole state of the search, which is a few dozen times the parameters.

use serde::{Deserialize, Serialize};

use super::LogisticRegressionParams;
use super::lbfgs::Lbfgs;
use super::objective::Evaluation;
use super::training::{LogisticTraining, Search};
use crate::model::TrainingRows;

/// What is written down; smartcore's solver has nothing to write down, it runs whole in the end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogisticState(Option<SearchState>);

#[derive(Debug, Serialize, Deserialize)]
struct SearchState {
    lbfgs: Lbfgs,
    evaluation: Option<Evaluation>,
}

impl LogisticTraining {
    /// What [`resume`](Self::resume) takes.
    pub(crate) fn state(&self) -> LogisticState {
        let state = |search: &Search| SearchState {
            lbfgs: search.lbfgs.clone(),
            evaluation: search.evaluation.clone(),
        };
        LogisticState(self.search.as_ref().map(state))
    }

    /// The training of which this was written down; `None` if it cannot be one of these rows and
    /// parameters.
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &LogisticRegressionParams,
        state: LogisticState,
    ) -> Option<Self> {
        let mut training = Self::new(rows, params).ok()?;
        match (&mut training.search, state.0) {
            (Some(search), Some(SearchState { lbfgs, evaluation })) => {
                let is_whole = |evaluation: &Evaluation| search.objective.owns(evaluation, rows);
                if !lbfgs.goes_on_from(&search.lbfgs) || !evaluation.as_ref().is_none_or(is_whole) {
                    return None;
                }
                (search.lbfgs, search.evaluation) = (lbfgs, evaluation);
            }
            (None, None) => {}
            _ => return None,
        }
        Some(training)
    }
}
