//! A logistic regression on its way to its optimum, in slices of bounded work.

use super::lbfgs::Lbfgs;
use super::objective::{Evaluation, Objective};
use super::{LogisticRegression, LogisticRegressionParams, Solver, centre, smartcore_solver};
use crate::budget::Budget;
use crate::model::{ClassWeight, FitError, TrainingRows};

/// The search ends when no entry of the mean loss's gradient is beyond this. scikit-learn stops at
/// 1e-4; the rest costs few steps and brings digits that comparisons can rest on.
const GRADIENT_TOLERANCE: f64 = 1e-9;
/// Steps at most; ordinary data take tens.
const MAX_STEPS: usize = 1000;

/// A model in training: [`step`](Self::step) takes it on by a slice of work.
///
/// It holds no rows: every step is handed those that it began with.
#[derive(Debug)]
pub(crate) struct LogisticTraining {
    c: f64,
    /// Our own search; smartcore's has none, it runs whole in [`finish`](Self::finish).
    pub(super) search: Option<Search>,
}

#[derive(Debug)]
pub(super) struct Search {
    pub(super) objective: Objective,
    pub(super) lbfgs: Lbfgs,
    /// At the point that the search asks for.
    pub(super) evaluation: Option<Evaluation>,
}

impl LogisticTraining {
    /// A model that stands where all classes are alike.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::Solver`] if smartcore is asked
    /// to weigh classes.
    pub(crate) fn new(
        rows: TrainingRows<'_>,
        params: &LogisticRegressionParams,
    ) -> Result<Self, FitError> {
        params.check()?;
        let weights = params.class_weight.of(rows)?;
        let search = match params.solver {
            Solver::Lbfgs => {
                let objective = Objective::new(rows, weights, params.c);
                let point = vec![0.0; objective.n_parameters()];
                let lbfgs = Lbfgs::new(point, GRADIENT_TOLERANCE, MAX_STEPS);
                Some(Search { objective, lbfgs, evaluation: None })
            }
            Solver::Smartcore if params.class_weight == ClassWeight::Uniform => None,
            Solver::Smartcore => {
                return Err(FitError::Solver("smartcore does not weigh classes".to_owned()));
            }
        };
        Ok(Self { c: params.c, search })
    }

    /// Goes on towards the optimum until the budget is spent; returns whether more is to come.
    pub(crate) fn step(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) -> bool {
        let Some(Search { objective, lbfgs, evaluation }) = &mut self.search else { return false };
        while !budget.is_spent() {
            let Some(point) = lbfgs.asks() else { return false };
            let mut under_way = evaluation.take().unwrap_or_else(|| objective.begin());
            if objective.advance(&mut under_way, rows, point, budget) {
                *evaluation = Some(under_way);
            } else {
                let (value, gradient) = objective.finish(under_way, point);
                lbfgs.tell(value, gradient);
                budget.spend(objective.n_parameters(), UNITS_A_PARAMETER);
            }
        }
        lbfgs.asks().is_some()
    }

    /// How far it is, by how flat the objective has become.
    pub(crate) fn share_done(&self) -> f64 {
        self.search.as_ref().map_or(0.0, |search| search.lbfgs.share_done())
    }

    /// The model where the search ended.
    ///
    /// # Errors
    /// [`FitError::Solver`] if smartcore refuses the rows, and [`FitError::Diverged`] if the answer
    /// is not finite.
    pub(crate) fn finish(self, rows: TrainingRows<'_>) -> Result<LogisticRegression, FitError> {
        let p = rows.n_features;
        let (mut coefficients, mut intercepts) = match self.search {
            Some(search) => {
                let weights = search.lbfgs.finish().ok_or(FitError::Diverged)?;
                let vectors = weights.chunks_exact(p + 1);
                let (coefficients, intercepts): (Vec<&[f64]>, Vec<&[f64]>) =
                    vectors.map(|vector| vector.split_at(p)).unzip();
                (coefficients.concat(), intercepts.concat())
            }
            None => smartcore_solver::solve(rows, self.c)?,
        };
        if rows.n_classes == 2 {
            // One sigmoid for class 1 is the softmax of its logit and 0.
            coefficients.splice(0..0, vec![0.0; p]);
            intercepts.insert(0, 0.0);
        } else {
            centre(&mut coefficients, p, rows.n_classes);
            centre(&mut intercepts, 1, rows.n_classes);
        }
        LogisticRegression::from_parts(coefficients, intercepts, p).ok_or(FitError::Diverged)
    }
}

/// To turn the memory's ten pairs into a direction.
const UNITS_A_PARAMETER: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dataset;

    #[test]
    fn slices_of_any_size_find_the_optimum_that_fit_does() {
        let iris = Dataset::iris();
        let values: Vec<f64> = (0..150).flat_map(|row| iris.row(row).to_vec()).collect();
        let two: Vec<u32> = iris.labels().iter().map(|&label| label.min(1)).collect();
        for (labels, n_classes) in [(iris.labels(), 3), (&two, 2)] {
            let rows = TrainingRows { values: &values, labels, n_features: 4, n_classes };
            let params = LogisticRegressionParams::default();
            let whole = LogisticRegression::fit(rows, &params).unwrap();
            for (units, least) in [(1, 60), (20_000, 3)] {
                let mut training = LogisticTraining::new(rows, &params).unwrap();
                let (mut n_slices, mut share, mut goes_on) = (0, 0.0, true);
                while goes_on {
                    let mut budget = Budget::new(units);
                    goes_on = training.step(rows, &mut budget);
                    // A block of 64 rows, and the direction after the last one.
                    assert!(budget.spent() <= units + 64 * 3 * 12 + 15 * UNITS_A_PARAMETER);
                    assert!(training.share_done() >= share);
                    share = training.share_done();
                    n_slices += 1;
                }
                assert!(share == 1.0 && n_slices >= least, "{n_slices}");
                assert_eq!(training.finish(rows).unwrap(), whole);
            }
        }
    }
}
