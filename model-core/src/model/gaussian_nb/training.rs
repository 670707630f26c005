//! Means and variances on their way: two passes over the rows, in slices of bounded work.

use super::{GaussianNb, GaussianNbParams, MIN_VARIANCE};
use crate::budget::Budget;
use crate::model::{FitError, TrainingRows};

/// A model in training: [`step`](Self::step) takes it on by a slice of work.
///
/// It holds no rows: every step is handed those that it began with. Every sum runs over its rows in
/// their order.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
pub(crate) struct GaussianNbTraining {
    var_smoothing: f64,
    counts: Vec<usize>,
    /// Column by column, the sums of all rows, then those of each class: of values, which become
    /// means, and of their squared distances from those.
    means: Vec<f64>,
    squares: Vec<f64>,
    /// Rows that the pass under way has seen.
    rows_done: usize,
    pass: Pass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "checkpoint", derive(serde::Serialize, serde::Deserialize))]
enum Pass {
    Means,
    Variances,
    Done,
}

/// To add a value to two sums.
const UNITS_A_VALUE: u64 = 3;

impl GaussianNbTraining {
    /// A model that has not seen a row.
    ///
    /// # Errors
    /// [`FitError::Param`] and [`FitError::EmptyClass`].
    pub(crate) fn new(rows: TrainingRows<'_>, params: &GaussianNbParams) -> Result<Self, FitError> {
        params.check()?;
        let counts = rows.class_counts()?;
        let zeros = vec![0.0; (1 + rows.n_classes) * rows.n_features];
        let (var_smoothing, means, squares) = (params.var_smoothing, zeros.clone(), zeros);
        Ok(Self { var_smoothing, counts, means, squares, rows_done: 0, pass: Pass::Means })
    }

    /// The training of which `state` was written down; `None` if it cannot be one of these rows and
    /// parameters.
    #[cfg(feature = "checkpoint")]
    pub(crate) fn resume(
        rows: TrainingRows<'_>,
        params: &GaussianNbParams,
        state: Self,
    ) -> Option<Self> {
        let begun = Self::new(rows, params).ok()?;
        let is_sound = state.rows_done <= rows.n_samples()
            && state.means.len() == begun.means.len()
            && state.squares.len() == begun.squares.len();
        let Self { var_smoothing, counts, .. } = begun;
        is_sound.then_some(Self { var_smoothing, counts, ..state })
    }

    /// Goes on through the rows until the budget is spent; returns whether more is to come.
    pub(crate) fn step(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) -> bool {
        while self.pass != Pass::Done {
            if budget.is_spent() {
                return true;
            }
            if self.rows_done == rows.n_samples() {
                self.end_pass(rows);
                continue;
            }
            self.see(rows.row(self.rows_done), rows.labels[self.rows_done]);
            self.rows_done += 1;
            budget.spend(rows.n_features, UNITS_A_VALUE);
        }
        false
    }

    /// Adds a row to the sums of all and to those of its class.
    fn see(&mut self, row: &[f64], class: u32) {
        let of_class = (1 + class as usize) * row.len();
        for start in [0, of_class] {
            let range = start..start + row.len();
            let (means, squares) = (&mut self.means[range.clone()], &mut self.squares[range]);
            if self.pass == Pass::Means {
                means.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            } else {
                for ((sum, mean), value) in squares.iter_mut().zip(means).zip(row) {
                    *sum += (value - *mean) * (value - *mean);
                }
            }
        }
    }

    /// Turns the sums of a pass into means, of values or of squares.
    fn end_pass(&mut self, rows: TrainingRows<'_>) {
        let (sums, next) = match self.pass {
            Pass::Means => (&mut self.means, Pass::Variances),
            Pass::Variances | Pass::Done => (&mut self.squares, Pass::Done),
        };
        let n_of = std::iter::once(rows.n_samples()).chain(self.counts.iter().copied());
        for (sums, n) in sums.chunks_exact_mut(rows.n_features.max(1)).zip(n_of) {
            sums.iter_mut().for_each(|sum| *sum /= n as f64);
        }
        (self.pass, self.rows_done) = (next, 0);
    }

    /// Share of the two passes that is done.
    pub(crate) fn share_done(&self, n_rows: usize) -> f64 {
        let of_pass = 0.5 * self.rows_done as f64 / n_rows.max(1) as f64;
        match self.pass {
            Pass::Means => of_pass,
            Pass::Variances => 0.5 + of_pass,
            Pass::Done => 1.0,
        }
    }

    /// The model of the means, the smoothed variances and each class's share of the rows.
    ///
    /// # Errors
    /// [`FitError::Diverged`] if a mean or variance is not within
    /// [`MAX_PARAMETER`](crate::model::MAX_PARAMETER).
    pub(crate) fn finish(self, rows: TrainingRows<'_>) -> Result<GaussianNb, FitError> {
        let p = rows.n_features;
        let (of_all, of_classes) = self.squares.split_at(p);
        let smoothing = self.var_smoothing * of_all.iter().copied().fold(0.0, f64::max);
        let variances = of_classes.iter().map(|var| (var + smoothing).max(MIN_VARIANCE));
        let n = rows.n_samples() as f64;
        let priors = self.counts.iter().map(|&count| count as f64 / n);
        let means = self.means.into_iter().skip(p);
        GaussianNb::from_parts(means.collect(), variances.collect(), priors.collect(), p)
            .ok_or(FitError::Diverged)
    }
}

#[cfg(test)]
mod tests {
    use smartcore::linalg::basic::arrays::ArrayView2;
    use smartcore::linalg::basic::matrix::DenseMatrix;

    use super::*;
    use crate::rng::SplitMix64;

    #[test]
    fn slices_of_any_size_give_the_means_of_smartcore() {
        let mut rng = SplitMix64::new(6);
        let values: Vec<f64> = (0..900).map(|_| rng.unit() - 0.3).collect();
        let labels: Vec<u32> = (0..300).map(|_| rng.below(3)).collect();
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 3, n_classes: 3 };
        let params = GaussianNbParams::default();
        let whole = GaussianNb::fit(rows, &params).unwrap();
        for (class, means) in (0..).zip(whole.means().chunks(3)) {
            let members = (0..300).filter(|&row| labels[row] == class);
            let of_class: Vec<f64> = members.flat_map(|row| rows.row(row)).copied().collect();
            let matrix = DenseMatrix::new(of_class.len() / 3, 3, of_class, false).unwrap();
            assert_eq!(matrix.mean_by(0), means);
        }
        let mut training = GaussianNbTraining::new(rows, &params).unwrap();
        let (mut n_slices, mut share, mut goes_on) = (0, 0.0, true);
        while goes_on {
            let mut budget = Budget::new(100);
            goes_on = training.step(rows, &mut budget);
            assert!(budget.spent() <= 100 + 3 * UNITS_A_VALUE);
            assert!(training.share_done(300) >= share);
            share = training.share_done(300);
            n_slices += 1;
        }
        assert!(share == 1.0 && n_slices > 50, "{n_slices}");
        assert_eq!(training.finish(rows).unwrap(), whole);
    }
}
