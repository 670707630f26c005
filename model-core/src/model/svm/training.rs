//! The machines on their way, pair after pair, in slices of bounded work.

use super::pair_kernel::PairKernel;
use super::smo::Solver;
use super::{MachineKernel, SvmMachine, SvmParams, n_pairs, pairs};
use crate::budget::Budget;
use crate::model::all_fits::{AllFits, all_fits};
use crate::model::{FitError, TrainingRows};

/// One machine a pair of classes in training: [`step`](Self::step) takes it on by a slice of work.
///
/// It holds no rows: every step is handed those that it began with.
#[derive(Debug)]
pub(crate) struct SvmTraining {
    kernel: MachineKernel,
    /// What bounds the alphas of each class.
    c: Vec<f64>,
    /// Rows of each class.
    pub(super) members: Vec<Vec<usize>>,
    /// The pair under way.
    pub(super) solver: Option<Solver>,
    /// `alphas[row * (k - 1) + slot]`: the row's coefficient against each other class.
    pub(super) alphas: Vec<f64>,
    /// Of the pairs that are solved.
    pub(super) intercepts: Vec<f64>,
    _fits: AllFits,
}

impl SvmTraining {
    /// Machines whose problems are still to be solved.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::Solver`] in a build that fits none.
    pub(crate) fn new(rows: TrainingRows<'_>, params: &SvmParams) -> Result<Self, FitError> {
        params.check()?;
        let weights = params.class_weight.of(rows)?;
        let mut members = vec![Vec::new(); rows.n_classes];
        for (row, &label) in rows.labels.iter().enumerate() {
            members[label as usize].push(row);
        }
        Ok(Self {
            kernel: MachineKernel::resolve(params, rows),
            c: weights.iter().map(|weight| params.c * weight).collect(),
            members,
            solver: None,
            alphas: vec![0.0; rows.n_samples() * (rows.n_classes - 1)],
            intercepts: Vec::with_capacity(n_pairs(rows.n_classes)),
            _fits: all_fits()?,
        })
    }

    /// Solves pairs until the budget is spent; returns whether more is to come.
    ///
    /// # Errors
    /// [`FitError::NotConverged`] if the solver runs out of steps.
    pub(crate) fn step(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        while !budget.is_spent() {
            let Some((first, second)) = self.next_pair() else { return Ok(false) };
            let mut solver = match self.solver.take() {
                Some(solver) => solver,
                None => self.begin(rows, first, second),
            };
            if solver.advance(rows, budget)? {
                self.solver = Some(solver);
            } else {
                self.keep(solver, first, second);
            }
        }
        Ok(self.next_pair().is_some())
    }

    pub(super) fn next_pair(&self) -> Option<(usize, usize)> {
        pairs(self.members.len()).nth(self.intercepts.len())
    }

    pub(super) fn begin(&self, rows: TrainingRows<'_>, first: usize, second: usize) -> Solver {
        let (ones, others) = (&self.members[first], &self.members[second]);
        let signs = [vec![1.0; ones.len()], vec![-1.0; others.len()]].concat();
        let pair = [ones.as_slice(), others].concat();
        let kernel = PairKernel::new(self.kernel, rows.n_features, pair);
        Solver::new(kernel, signs, [self.c[first], self.c[second]])
    }

    fn keep(&mut self, solver: Solver, first: usize, second: usize) {
        let n_slots = self.members.len() - 1;
        let (pair, solution) = solver.finish();
        self.intercepts.push(-solution.rho);
        let n_first = self.members[first].len();
        for (at, (row, alpha)) in pair.into_iter().zip(solution.alpha).enumerate() {
            let (slot, sign) = if at < n_first { (second - 1, 1.0) } else { (first, -1.0) };
            self.alphas[row * n_slots + slot] = sign * alpha;
        }
    }

    /// Share of the work that is done: a pair takes time in the square of its rows.
    pub(crate) fn share_done(&self) -> f64 {
        let (mut done, mut all) = (0.0, 0.0);
        for (at, (first, second)) in pairs(self.members.len()).enumerate() {
            let n_rows = (self.members[first].len() + self.members[second].len()) as f64;
            let of_pair = match at.cmp(&self.intercepts.len()) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => self.solver.as_ref().map_or(0.0, Solver::share_done),
                std::cmp::Ordering::Greater => 0.0,
            };
            done += of_pair * n_rows * n_rows;
            all += n_rows * n_rows;
        }
        if all > 0.0 { done / all } else { 1.0 }
    }

    /// The machine, with the index in `rows` of each support vector.
    ///
    /// # Errors
    /// [`FitError::Diverged`] if a coefficient is not finite, or a pair is not solved yet.
    pub(crate) fn finish(
        self,
        rows: TrainingRows<'_>,
    ) -> Result<(SvmMachine, Vec<usize>), FitError> {
        let n_slots = self.members.len() - 1;
        let alphas_of = |row: usize| &self.alphas[row * n_slots..][..n_slots];
        let is_support = |row: &usize| alphas_of(*row).iter().any(|alpha| *alpha != 0.0);
        let support: Vec<Vec<usize>> = self
            .members
            .iter()
            .map(|rows| rows.iter().copied().filter(is_support).collect())
            .collect();
        let order: Vec<usize> = support.concat();
        let machine = SvmMachine::from_parts(
            self.kernel,
            rows.n_features,
            order.iter().flat_map(|&row| rows.row(row)).copied().collect(),
            support.iter().map(Vec::len).collect(),
            order.iter().flat_map(|&row| alphas_of(row)).copied().collect(),
            self.intercepts,
        );
        Ok((machine.ok_or(FitError::Diverged)?, order))
    }
}
