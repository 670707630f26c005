//! Sequential minimal optimisation of one pair's dual problem.
//!
//! Minimises `½ Σ_ij s_i s_j α_i α_j K_ij − Σα` with `0 ≤ α_i ≤ C_i` and `Σ s·α = 0`, `s` the
//! rows' signs. Each step takes the row that violates optimality most and the partner that
//! promises the greatest decrease by second-order information. Rows that sit at a bound and want
//! to stay there leave the active set for a while.
//!
//! The solver owns all that it works on but the rows, so that it can be left between two steps, or
//! while it takes rows back, and taken up again later.
//!
//! Sources: Fan, Chen & Lin, "Working set selection using second order information for training
//! support vector machines", JMLR 6 (2005); Chang & Lin (2011), section 5, for shrinking.

use super::pair_kernel::PairKernel;
use crate::budget::Budget;
use crate::model::{FitError, TrainingRows};

/// The solver stops when no pair of rows violates optimality by more; libsvm's default.
const TOLERANCE: f64 = 1e-3;
/// Steps at most, libsvm's figure: problems that converge take thousands, and these seconds. What
/// gets here has classes that no finite penalty parts, and a C that will not let them be.
const MOST_STEPS: usize = 10_000_000;
/// Active rows that all steps look at in sum, at most; so that a large problem of that kind ends
/// after about half a minute, too. One that converges on 10,000 rows looks at 20 million.
pub(super) const MOST_VISITS: u64 = 10_000_000_000;
/// Stands in for a curvature that is not positive.
const LEAST_CURVATURE: f64 = 1e-12;

/// The answer: `decision(x) = Σ s_i · alpha_i · K(x_i, x) − rho`.
#[derive(Debug)]
pub(super) struct Solution {
    pub(super) alpha: Vec<f64>,
    pub(super) rho: f64,
}

/// `s · alpha` of a row may grow.
const RISE: u8 = 1;
/// `s · alpha` of a row may fall.
const FALL: u8 = 2;

/// Where each row of the pair stands.
#[derive(Debug)]
pub(super) struct Rows {
    signs: Vec<f64>,
    c: [f64; 2],
    pub(super) alpha: Vec<f64>,
    /// What the objective loses as `s · alpha` grows; true for active rows only.
    pub(super) slope: Vec<f64>,
    /// [`RISE`], [`FALL`] or both.
    moves: Vec<u8>,
    /// Rows that take part, ascending.
    pub(super) active: Vec<usize>,
}

impl Rows {
    fn c(&self, t: usize) -> f64 {
        self.c[usize::from(self.signs[t] <= 0.0)]
    }

    fn at_upper(&self, t: usize) -> bool {
        self.alpha[t] >= self.c(t)
    }

    fn at_lower(&self, t: usize) -> bool {
        self.alpha[t] <= 0.0
    }

    fn can(&self, t: usize, direction: u8) -> bool {
        self.moves[t] & direction != 0
    }

    pub(super) fn set_alpha(&mut self, t: usize, alpha: f64) {
        self.alpha[t] = alpha;
        let (grows, falls) = if self.signs[t] > 0.0 { (RISE, FALL) } else { (FALL, RISE) };
        let grows = if self.at_upper(t) { 0 } else { grows };
        let falls = if self.at_lower(t) { 0 } else { falls };
        self.moves[t] = grows | falls;
    }

    /// The active row whose rise pays most, with its slope; the last of equals, as libsvm has it.
    fn steepest(&self) -> Option<(usize, f64)> {
        let (mut i, mut steepest) = (None, f64::NEG_INFINITY);
        for &t in &self.active {
            let slope = self.slope[t];
            if slope >= steepest && self.can(t, RISE) {
                (i, steepest) = (Some(t), slope);
            }
        }
        Some((i?, steepest))
    }

    /// The active row whose fall pays most when row `i` rises by as much, unless no two violate
    /// optimality by more than the tolerance; and by how much they do.
    fn partner(
        &self,
        i: usize,
        steepest: f64,
        row: &[f32],
        diagonal: &[f64],
    ) -> (Option<usize>, f64) {
        let (mut j, mut best, mut flattest) = (None, f64::INFINITY, f64::INFINITY);
        for &t in &self.active {
            if !self.can(t, FALL) {
                continue;
            }
            let slope = self.slope[t];
            flattest = flattest.min(slope);
            let gap = steepest - slope;
            if gap > 0.0 {
                let curvature = curvature(diagonal[i] + diagonal[t] - 2.0 * f64::from(row[t]));
                let decrease = -(gap * gap) / curvature;
                if decrease <= best {
                    (j, best) = (Some(t), decrease);
                }
            }
        }
        let violation = steepest - flattest;
        (if violation < TOLERANCE { None } else { j }, violation)
    }

    /// The alphas of rows `i` and `j` at the pair's optimum inside the box.
    fn optimum(&self, i: usize, j: usize, curvature: f64) -> (f64, f64) {
        let (c_i, c_j) = (self.c(i), self.c(j));
        let (mut a_i, mut a_j) = (self.alpha[i], self.alpha[j]);
        let delta = (self.slope[i] - self.slope[j]) / curvature;
        if self.signs[i] == self.signs[j] {
            let sum = a_i + a_j;
            a_i += self.signs[i] * delta;
            a_j -= self.signs[i] * delta;
            if sum > c_i && a_i > c_i {
                (a_i, a_j) = (c_i, sum - c_i);
            } else if sum <= c_i && a_j < 0.0 {
                (a_i, a_j) = (sum, 0.0);
            }
            if sum > c_j && a_j > c_j {
                (a_i, a_j) = (sum - c_j, c_j);
            } else if sum <= c_j && a_i < 0.0 {
                (a_i, a_j) = (0.0, sum);
            }
        } else {
            let difference = a_i - a_j;
            a_i += self.signs[i] * delta;
            a_j += self.signs[i] * delta;
            if difference > 0.0 && a_j < 0.0 {
                (a_i, a_j) = (difference, 0.0);
            } else if difference <= 0.0 && a_i < 0.0 {
                (a_i, a_j) = (0.0, -difference);
            }
            if difference > c_i - c_j && a_i > c_i {
                (a_i, a_j) = (c_i, c_i - difference);
            } else if difference <= c_i - c_j && a_j > c_j {
                (a_i, a_j) = (c_j + difference, c_j);
            }
        }
        (a_i, a_j)
    }

    /// The greatest slope of what can rise and the least of what can fall, among active rows.
    fn extremes(&self) -> (f64, f64) {
        let (mut up, mut down) = (f64::NEG_INFINITY, f64::INFINITY);
        for &t in &self.active {
            let slope = self.slope[t];
            if self.can(t, RISE) {
                up = up.max(slope);
            }
            if self.can(t, FALL) {
                down = down.min(slope);
            }
        }
        (up, down)
    }

    /// The threshold: the mean over free rows, or the middle of what rows at bounds allow.
    fn rho(&self) -> f64 {
        let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
        let (mut sum, mut free) = (0.0, 0_u32);
        for (&slope, &moves) in self.slope.iter().zip(&self.moves) {
            match moves {
                RISE => most = most.min(-slope),
                FALL => least = least.max(-slope),
                _ => {
                    sum -= slope;
                    free += 1;
                }
            }
        }
        if free > 0 { sum / f64::from(free) } else { (least + most) / 2.0 }
    }
}

/// What the solver does next.
#[derive(Debug)]
pub(super) enum Phase {
    /// Lays the kernel's rows out.
    LayOut,
    /// Steps from pair to pair.
    Step,
    /// Takes all rows back because the active ones may be optimal, or close to.
    Unshrink {
        unshrinking: Unshrinking,
        then: Then,
    },
    Done,
}

/// What follows once all rows are back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    /// The shrinking during which the end came near.
    Shrink,
    /// The choice of the next pair, for which the active rows had none left.
    Select,
}

/// Rows that are on their way back.
#[derive(Debug)]
pub(super) struct Unshrinking {
    pub(super) inactive: Vec<usize>,
    /// Rows whose part in the inactive ones' slopes is known.
    pub(super) n_known: usize,
}

/// One pair's problem on its way.
#[derive(Debug)]
pub(super) struct Solver {
    pub(super) kernel: PairKernel,
    pub(super) rows: Rows,
    /// What rows at the upper bound take from every row's slope, so that the slopes of inactive
    /// rows can be had back without the whole matrix.
    pub(super) bound: Vec<f64>,
    /// Whether all rows were taken back once, shortly before the end.
    pub(super) unshrunk: bool,
    pub(super) phase: Phase,
    pub(super) most_steps: usize,
    pub(super) n_steps: usize,
    /// Active rows that all steps looked at.
    pub(super) visits: u64,
    pub(super) until_shrinking: usize,
    /// The least violation of optimality so far.
    pub(super) violation: f64,
}

/// A step looks at each active row three times.
const UNITS_A_VISIT: u64 = 6;

impl Solver {
    /// For rows whose `signs` are 1 or -1; `c` bounds the alphas of the ones and of the others.
    pub(super) fn new(kernel: PairKernel, signs: Vec<f64>, c: [f64; 2]) -> Self {
        let n = kernel.len();
        Self {
            kernel,
            bound: vec![0.0; n],
            rows: Rows {
                c,
                alpha: vec![0.0; n],
                slope: signs.clone(),
                moves: signs.iter().map(|&sign| if sign > 0.0 { RISE } else { FALL }).collect(),
                active: (0..n).collect(),
                signs,
            },
            unshrunk: false,
            phase: Phase::LayOut,
            most_steps: MOST_STEPS,
            n_steps: 0,
            visits: 0,
            until_shrinking: n.min(1000) + 1,
            violation: FIRST_VIOLATION,
        }
    }

    /// Works until the problem is solved or the budget is spent; returns whether more is to come.
    ///
    /// # Errors
    /// [`FitError::NotConverged`] when the steps run out.
    pub(super) fn advance(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<bool, FitError> {
        while !budget.is_spent() {
            match std::mem::replace(&mut self.phase, Phase::Done) {
                Phase::LayOut => {
                    let is_laid_out = self.kernel.lay_out(rows, budget);
                    self.phase = if is_laid_out { Phase::Step } else { Phase::LayOut };
                }
                Phase::Step => self.phase = self.begin_step(rows, budget)?,
                Phase::Unshrink { mut unshrinking, then } => {
                    self.phase = if !self.unshrink(&mut unshrinking, rows, budget) {
                        Phase::Unshrink { unshrinking, then }
                    } else {
                        match then {
                            Then::Shrink => {
                                self.shrink();
                                self.select(rows, budget)
                            }
                            Then::Select => self.select_from_all(rows, budget),
                        }
                    };
                }
                Phase::Done => return Ok(false),
            }
        }
        Ok(!matches!(self.phase, Phase::Done))
    }

    /// How far it is, by how far the violation of optimality has come on its way to the tolerance:
    /// it falls by about the same factor in the same time.
    pub(super) fn share_done(&self) -> f64 {
        if matches!(self.phase, Phase::Done) {
            return 1.0;
        }
        let way = libm::log(FIRST_VIOLATION / TOLERANCE);
        (libm::log(FIRST_VIOLATION / self.violation.max(TOLERANCE)) / way).clamp(0.0, 1.0)
    }

    /// The rows of the pair, and the answer.
    pub(super) fn finish(self) -> (Vec<usize>, Solution) {
        let rho = self.rows.rho();
        (self.kernel.into_pair(), Solution { alpha: self.rows.alpha, rho })
    }

    /// The next step, or the rows to take back before it.
    fn begin_step(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Result<Phase, FitError> {
        if self.n_steps == self.most_steps {
            return Err(FitError::NotConverged { steps: self.most_steps });
        }
        self.visits += self.rows.active.len() as u64;
        if self.visits > MOST_VISITS {
            return Err(FitError::NotConverged { steps: self.n_steps });
        }
        self.n_steps += 1;
        self.until_shrinking -= 1;
        if self.until_shrinking == 0 {
            self.until_shrinking = self.kernel.len().min(1000);
            let (up, down) = self.rows.extremes();
            if !self.unshrunk && up - down <= TOLERANCE * 10.0 {
                // Close to the end: mistakes of earlier shrinking are made good once.
                self.unshrunk = true;
                let unshrinking = self.begin_unshrinking();
                return Ok(Phase::Unshrink { unshrinking, then: Then::Shrink });
            }
            self.shrink();
        }
        Ok(self.select(rows, budget))
    }

    /// Steps on, or takes all rows back if the active ones are optimal: are all?
    fn select(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) -> Phase {
        match self.working_set(rows, budget) {
            Some((i, j)) => {
                self.step(i, j, rows, budget);
                Phase::Step
            }
            None => {
                let unshrinking = self.begin_unshrinking();
                Phase::Unshrink { unshrinking, then: Then::Select }
            }
        }
    }

    /// As [`select`](Self::select), once all rows are back.
    fn select_from_all(&mut self, rows: TrainingRows<'_>, budget: &mut Budget) -> Phase {
        let Some((i, j)) = self.working_set(rows, budget) else { return Phase::Done };
        self.until_shrinking = 1;
        self.step(i, j, rows, budget);
        Phase::Step
    }

    /// The pair to optimise next, or `None` within the tolerance.
    fn working_set(
        &mut self,
        rows: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> Option<(usize, usize)> {
        let (i, steepest) = self.rows.steepest()?;
        self.kernel.load(rows, i, budget);
        let (row, diagonal) = (self.kernel.row(i), self.kernel.diagonal());
        let (j, violation) = self.rows.partner(i, steepest, row, diagonal);
        self.violation = self.violation.min(violation);
        Some((i, j?))
    }

    /// Moves the pair to its optimum inside the box, and the slopes with it.
    fn step(&mut self, i: usize, j: usize, training: TrainingRows<'_>, budget: &mut Budget) {
        self.kernel.load(training, i, budget);
        self.kernel.load(training, j, budget);
        let Self { kernel, rows, bound, .. } = self;
        let (row_i, row_j, diagonal) = (kernel.row(i), kernel.row(j), kernel.diagonal());
        let curvature = curvature(diagonal[i] + diagonal[j] - 2.0 * f64::from(row_i[j]));
        let (old_i, old_j) = (rows.alpha[i], rows.alpha[j]);
        let were_upper = [rows.at_upper(i), rows.at_upper(j)];
        let (a_i, a_j) = rows.optimum(i, j, curvature);
        rows.set_alpha(i, a_i);
        rows.set_alpha(j, a_j);
        let (rise_i, rise_j) = (rows.signs[i] * (a_i - old_i), rows.signs[j] * (a_j - old_j));
        for &t in &rows.active {
            rows.slope[t] -= f64::from(row_i[t]) * rise_i + f64::from(row_j[t]) * rise_j;
        }
        for (was_upper, t, row) in [(were_upper[0], i, row_i), (were_upper[1], j, row_j)] {
            let is_upper = rows.at_upper(t);
            if was_upper != is_upper {
                let c = rows.signs[t] * rows.c(t);
                let change = if is_upper { c } else { -c };
                for (sum, value) in bound.iter_mut().zip(row) {
                    *sum += change * f64::from(*value);
                }
            }
        }
        budget.spend(rows.active.len(), UNITS_A_VISIT);
    }

    /// Takes rows out that sit at a bound and that no active row could move.
    fn shrink(&mut self) {
        let (up, down) = self.rows.extremes();
        let Rows { slope, moves, active, .. } = &mut self.rows;
        active.retain(|&t| match moves[t] {
            RISE => slope[t] >= down,
            FALL => slope[t] <= up,
            _ => true,
        });
    }

    /// Begins to take every row back whose slope was not kept.
    fn begin_unshrinking(&mut self) -> Unshrinking {
        let Self { rows, bound, .. } = self;
        let n = bound.len();
        let mut is_active = vec![false; n];
        rows.active.iter().for_each(|&t| is_active[t] = true);
        let inactive: Vec<usize> = (0..n).filter(|&t| !is_active[t]).collect();
        for &t in &inactive {
            rows.slope[t] = rows.signs[t] - bound[t];
        }
        let n_known = if inactive.is_empty() { n } else { 0 };
        Unshrinking { inactive, n_known }
    }

    /// Works out the slopes that were not kept; false if the budget ends before.
    fn unshrink(
        &mut self,
        Unshrinking { inactive, n_known }: &mut Unshrinking,
        training: TrainingRows<'_>,
        budget: &mut Budget,
    ) -> bool {
        let Self { kernel, rows, .. } = self;
        for s in *n_known..kernel.len() {
            if rows.moves[s] != RISE | FALL {
                continue;
            }
            if budget.is_spent() {
                *n_known = s;
                return false;
            }
            kernel.load(training, s, budget);
            let (row, weight) = (kernel.row(s), rows.signs[s] * rows.alpha[s]);
            inactive.iter().for_each(|&t| rows.slope[t] -= weight * f64::from(row[t]));
            budget.spend(inactive.len(), 2);
        }
        rows.active = (0..kernel.len()).collect();
        true
    }
}

/// The violation that every problem begins with: a rise and a fall of 1.
const FIRST_VIOLATION: f64 = 2.0;

fn curvature(value: f64) -> f64 {
    if value > 0.0 { value } else { LEAST_CURVATURE }
}

#[cfg(test)]
mod tests {
    use super::super::MachineKernel;
    use super::*;
    use crate::model::TrainingRows;
    use crate::rng::SplitMix64;

    /// Solves for `n` rows of which `signs` know nothing, in slices of `units`.
    fn solve_noise(
        n: usize,
        c: [f64; 2],
        most_steps: usize,
        units: u64,
    ) -> Result<(Solution, usize), FitError> {
        let mut rng = SplitMix64::new(8);
        let values: Vec<f64> = (0..2 * n).map(|_| rng.unit()).collect();
        let labels = vec![0; n];
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 1 };
        let signs: Vec<f64> = (0..n).map(|at| if 2 * at < n { 1.0 } else { -1.0 }).collect();
        let kernel = PairKernel::new(MachineKernel::Rbf { gamma: 1.0 }, 2, (0..n).collect());
        let mut solver = Solver { most_steps, ..Solver::new(kernel, signs, c) };
        let (mut n_slices, mut share, mut goes_on) = (0, 0.0, true);
        while goes_on {
            let mut budget = Budget::new(units);
            goes_on = solver.advance(rows, &mut budget)?;
            // A step: two kernel rows and three looks at each active row.
            assert!(budget.spent() <= units + n as u64 * (UNITS_A_VISIT + 2 * 8));
            assert!(solver.share_done() >= share);
            share = solver.share_done();
            n_slices += 1;
        }
        assert_eq!(share, 1.0);
        Ok((solver.finish().1, n_slices))
    }

    #[test]
    fn steps_that_run_out_are_an_error() {
        let error = solve_noise(60, [1e6, 1e6], 1000, u64::MAX - 10_000).unwrap_err();
        assert_eq!(error, FitError::NotConverged { steps: 1000 });
        assert!(error.to_string().starts_with("the solver did not converge in 1000 steps"));
    }

    #[test]
    fn alphas_keep_to_their_box_and_balance() {
        for c in [[1.0, 1.0], [0.5, 3.0], [3.0, 0.5]] {
            let alpha = solve_noise(80, c, MOST_STEPS, 10_000).unwrap().0.alpha;
            let (ones, others) = alpha.split_at(40);
            for (part, c) in [ones, others].into_iter().zip(c) {
                assert!(part.iter().all(|alpha| (0.0..=c).contains(alpha)), "{part:?}");
            }
            let sum = |part: &[f64]| part.iter().sum::<f64>();
            assert!((sum(ones) - sum(others)).abs() < 1e-9 && sum(ones) > 1.0);
        }
    }

    #[test]
    fn slices_of_any_size_find_the_same_solution() {
        let solve = |units| solve_noise(300, [10.0, 10.0], MOST_STEPS, units).unwrap();
        let (whole, n_whole) = solve(u64::MAX - 10_000);
        assert_eq!(n_whole, 1);
        let (by_step, n_steps) = solve(1);
        let (by_slice, n_slices) = solve(100_000);
        assert!(n_steps > 20 * n_slices && n_slices > 5, "{n_steps} {n_slices}");
        for sliced in [by_step, by_slice] {
            assert_eq!((sliced.alpha, sliced.rho), (whole.alpha.clone(), whole.rho));
        }
    }
}
