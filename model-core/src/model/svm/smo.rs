//! Sequential minimal optimisation of one pair's dual problem.
//!
//! Minimises `½ Σ_ij s_i s_j α_i α_j K_ij − Σα` with `0 ≤ α_i ≤ C_i` and `Σ s·α = 0`, `s` the
//! rows' signs. Each step takes the row that violates optimality most and the partner that
//! promises the greatest decrease by second-order information. Rows that sit at a bound and want
//! to stay there leave the active set for a while.
//!
//! Sources: Fan, Chen & Lin, "Working set selection using second order information for training
//! support vector machines", JMLR 6 (2005); Chang & Lin (2011), section 5, for shrinking.

use super::pair_kernel::PairKernel;
use crate::model::FitError;

/// The solver stops when no pair of rows violates optimality by more; libsvm's default.
const TOLERANCE: f64 = 1e-3;
/// Steps at most, libsvm's figure: problems that converge take thousands, and these seconds. What
/// gets here has classes that no finite penalty parts, and a C that will not let them be.
const MOST_STEPS: usize = 10_000_000;
/// Active rows that all steps look at in sum, at most; so that a large problem of that kind ends
/// after about half a minute, too. One that converges on 10,000 rows looks at 20 million.
const MOST_VISITS: u64 = 10_000_000_000;
/// Stands in for a curvature that is not positive.
const LEAST_CURVATURE: f64 = 1e-12;

/// The answer: `decision(x) = Σ s_i · alpha_i · K(x_i, x) − rho`.
#[derive(Debug)]
pub(super) struct Solution {
    pub(super) alpha: Vec<f64>,
    pub(super) rho: f64,
}

/// Solves for rows whose `signs` are 1 or -1; `c` bounds the alphas of the ones and of the others.
///
/// # Errors
/// [`FitError::NotConverged`] when the steps run out.
pub(super) fn solve(
    kernel: PairKernel<'_>,
    signs: &[f64],
    c: [f64; 2],
) -> Result<Solution, FitError> {
    solve_within(MOST_STEPS, kernel, signs, c)
}

fn solve_within(
    most_steps: usize,
    kernel: PairKernel<'_>,
    signs: &[f64],
    c: [f64; 2],
) -> Result<Solution, FitError> {
    let n = kernel.len();
    let mut solver = Solver {
        kernel,
        bound: vec![0.0; n],
        rows: Rows {
            signs,
            c,
            alpha: vec![0.0; n],
            slope: signs.to_vec(),
            moves: signs.iter().map(|&sign| if sign > 0.0 { RISE } else { FALL }).collect(),
            active: (0..n).collect(),
        },
        unshrunk: false,
    };
    solver.run(most_steps)?;
    Ok(Solution { rho: solver.rows.rho(), alpha: solver.rows.alpha })
}

/// `s · alpha` of a row may grow.
const RISE: u8 = 1;
/// `s · alpha` of a row may fall.
const FALL: u8 = 2;

/// Where each row of the pair stands.
struct Rows<'a> {
    signs: &'a [f64],
    c: [f64; 2],
    alpha: Vec<f64>,
    /// What the objective loses as `s · alpha` grows; true for active rows only.
    slope: Vec<f64>,
    /// [`RISE`], [`FALL`] or both.
    moves: Vec<u8>,
    /// Rows that take part, ascending.
    active: Vec<usize>,
}

impl Rows<'_> {
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

    fn set_alpha(&mut self, t: usize, alpha: f64) {
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

    /// The active row whose fall pays most when row `i` rises by as much, and whether the two
    /// violate optimality by more than the tolerance.
    fn partner(&self, i: usize, steepest: f64, row: &[f32], diagonal: &[f64]) -> Option<usize> {
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
        if steepest - flattest < TOLERANCE { None } else { j }
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

struct Solver<'a> {
    kernel: PairKernel<'a>,
    rows: Rows<'a>,
    /// What rows at the upper bound take from every row's slope, so that the slopes of inactive
    /// rows can be had back without the whole matrix.
    bound: Vec<f64>,
    /// Whether all rows were taken back once, shortly before the end.
    unshrunk: bool,
}

impl Solver<'_> {
    fn run(&mut self, most_steps: usize) -> Result<(), FitError> {
        let n = self.kernel.len();
        let mut visits = 0;
        let mut until_shrinking = n.min(1000) + 1;
        for steps in 0..most_steps {
            visits += self.rows.active.len() as u64;
            if visits > MOST_VISITS {
                return Err(FitError::NotConverged { steps });
            }
            until_shrinking -= 1;
            if until_shrinking == 0 {
                until_shrinking = n.min(1000);
                self.shrink();
            }
            let working_set = self.working_set().or_else(|| {
                // Optimal for the active rows: is it for all?
                self.unshrink();
                let found = self.working_set();
                if found.is_some() {
                    until_shrinking = 1;
                }
                found
            });
            let Some((i, j)) = working_set else { return Ok(()) };
            self.step(i, j);
        }
        Err(FitError::NotConverged { steps: most_steps })
    }

    /// The pair to optimise next, or `None` within the tolerance.
    fn working_set(&mut self) -> Option<(usize, usize)> {
        let (i, steepest) = self.rows.steepest()?;
        self.kernel.load(i);
        let j = self.rows.partner(i, steepest, self.kernel.row(i), self.kernel.diagonal())?;
        Some((i, j))
    }

    /// Moves the pair to its optimum inside the box, and the slopes with it.
    fn step(&mut self, i: usize, j: usize) {
        self.kernel.load(i);
        self.kernel.load(j);
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
    }

    /// Takes rows out that sit at a bound and that no active row could move.
    fn shrink(&mut self) {
        let (mut up, mut down) = self.rows.extremes();
        if !self.unshrunk && up - down <= TOLERANCE * 10.0 {
            // Close to the end: mistakes of earlier shrinking are made good once.
            self.unshrunk = true;
            self.unshrink();
            (up, down) = self.rows.extremes();
        }
        let Rows { slope, moves, active, .. } = &mut self.rows;
        active.retain(|&t| match moves[t] {
            RISE => slope[t] >= down,
            FALL => slope[t] <= up,
            _ => true,
        });
    }

    /// Takes every row back and works out the slopes that were not kept.
    fn unshrink(&mut self) {
        let Self { kernel, rows, bound, .. } = self;
        let n = kernel.len();
        if rows.active.len() == n {
            return;
        }
        let mut is_active = vec![false; n];
        rows.active.iter().for_each(|&t| is_active[t] = true);
        let inactive: Vec<usize> = (0..n).filter(|&t| !is_active[t]).collect();
        for &t in &inactive {
            rows.slope[t] = rows.signs[t] - bound[t];
        }
        for s in 0..n {
            if rows.moves[s] == RISE | FALL {
                kernel.load(s);
                let (row, weight) = (kernel.row(s), rows.signs[s] * rows.alpha[s]);
                inactive.iter().for_each(|&t| rows.slope[t] -= weight * f64::from(row[t]));
            }
        }
        rows.active = (0..n).collect();
    }
}

fn curvature(value: f64) -> f64 {
    if value > 0.0 { value } else { LEAST_CURVATURE }
}

#[cfg(test)]
mod tests {
    use super::super::MachineKernel;
    use super::*;
    use crate::model::TrainingRows;
    use crate::rng::SplitMix64;

    /// Solves for `n` rows of which `signs` know nothing.
    fn solve_noise(n: usize, c: [f64; 2], most_steps: usize) -> Result<Solution, FitError> {
        let mut rng = SplitMix64::new(8);
        let values: Vec<f64> = (0..2 * n).map(|_| rng.unit()).collect();
        let labels = vec![0; n];
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 2, n_classes: 1 };
        let signs: Vec<f64> = (0..n).map(|at| if 2 * at < n { 1.0 } else { -1.0 }).collect();
        let pair: Vec<usize> = (0..n).collect();
        let kernel = PairKernel::new(MachineKernel::Rbf { gamma: 1.0 }, rows, &pair);
        solve_within(most_steps, kernel, &signs, c)
    }

    #[test]
    fn steps_that_run_out_are_an_error() {
        let error = solve_noise(60, [1e6, 1e6], 1000).unwrap_err();
        assert_eq!(error, FitError::NotConverged { steps: 1000 });
        assert!(error.to_string().starts_with("the solver did not converge in 1000 steps"));
    }

    #[test]
    fn alphas_keep_to_their_box_and_balance() {
        for c in [[1.0, 1.0], [0.5, 3.0], [3.0, 0.5]] {
            let alpha = solve_noise(80, c, MOST_STEPS).unwrap().alpha;
            let (ones, others) = alpha.split_at(40);
            for (part, c) in [ones, others].into_iter().zip(c) {
                assert!(part.iter().all(|alpha| (0.0..=c).contains(alpha)), "{part:?}");
            }
            let sum = |part: &[f64]| part.iter().sum::<f64>();
            assert!((sum(ones) - sum(others)).abs() < 1e-9 && sum(ones) > 1.0);
        }
    }
}
