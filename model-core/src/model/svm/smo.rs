//! Sequential minimal optimisation of one pair's dual problem.
//!
//! Minimises `½ αᵀQα − Σα` with `0 ≤ α ≤ C` and `Σ sign·α = 0`. Each step takes the row that
//! violates optimality most and the partner that promises the greatest decrease by second-order
//! information. Rows that sit at a bound and want to stay there leave the active set for a while.
//!
//! Sources: Fan, Chen & Lin, "Working set selection using second order information for training
//! support vector machines", JMLR 6 (2005); Chang & Lin (2011), section 5, for shrinking.

use super::kernel::PairKernel;

/// The solver stops when no pair of rows violates optimality by more; libsvm's default.
const TOLERANCE: f64 = 1e-3;
/// Stands in for a curvature that is not positive.
const LEAST_CURVATURE: f64 = 1e-12;

/// The answer: `decision(x) = Σ sign_i · alpha_i · K(x_i, x) − rho`.
#[derive(Debug)]
pub(super) struct Solution {
    pub(super) alpha: Vec<f64>,
    pub(super) rho: f64,
}

pub(super) fn solve(kernel: PairKernel<'_>, signs: &[f64], c: f64) -> Solution {
    let n = kernel.len();
    let mut solver = Solver {
        alpha: vec![0.0; n],
        gradient: vec![-1.0; n],
        bound_gradient: vec![0.0; n],
        active: (0..n).collect(),
        kernel,
        signs,
        c,
        unshrunk: false,
    };
    solver.run();
    Solution { rho: solver.rho(), alpha: solver.alpha }
}

struct Solver<'a> {
    kernel: PairKernel<'a>,
    signs: &'a [f64],
    c: f64,
    alpha: Vec<f64>,
    /// Derivative of the objective; true for active rows only.
    gradient: Vec<f64>,
    /// What rows at the upper bound put into every row's gradient, so that the gradients of
    /// inactive rows can be had back without all of Q.
    bound_gradient: Vec<f64>,
    /// Rows that take part, ascending.
    active: Vec<usize>,
    /// Whether all rows were taken back once, shortly before the end.
    unshrunk: bool,
}

impl Solver<'_> {
    fn run(&mut self) {
        let n = self.alpha.len();
        // libsvm's cap: it is never met on problems that converge.
        let most = 10_000_000.max(100 * n);
        let mut until_shrinking = n.min(1000) + 1;
        for _ in 0..most {
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
            let Some((i, j)) = working_set else { break };
            self.step(i, j);
        }
        self.unshrink();
    }

    fn at_upper(&self, t: usize) -> bool {
        self.alpha[t] >= self.c
    }

    fn at_lower(&self, t: usize) -> bool {
        self.alpha[t] <= 0.0
    }

    /// Whether `sign · alpha` may grow.
    fn can_rise(&self, t: usize) -> bool {
        if self.signs[t] > 0.0 { !self.at_upper(t) } else { !self.at_lower(t) }
    }

    /// Whether `sign · alpha` may fall.
    fn can_fall(&self, t: usize) -> bool {
        if self.signs[t] > 0.0 { !self.at_lower(t) } else { !self.at_upper(t) }
    }

    /// The pair to optimise next, or `None` within the tolerance.
    fn working_set(&mut self) -> Option<(usize, usize)> {
        let (mut i, mut steepest) = (None, f64::NEG_INFINITY);
        for &t in &self.active {
            let slope = -self.signs[t] * self.gradient[t];
            // The last of equals, as libsvm takes it.
            if self.can_rise(t) && slope >= steepest {
                (i, steepest) = (Some(t), slope);
            }
        }
        let i = i?;
        let q_i = self.kernel.row(i);
        let (mut j, mut best, mut flattest) = (None, f64::INFINITY, f64::NEG_INFINITY);
        for &t in &self.active {
            if !self.can_fall(t) {
                continue;
            }
            let slope = self.signs[t] * self.gradient[t];
            flattest = flattest.max(slope);
            let gap = steepest + slope;
            if gap > 0.0 {
                // An RBF kernel has K(x, x) = 1.
                let likeness = self.signs[i] * self.signs[t] * f64::from(q_i[t]);
                let curvature = curvature(2.0 - 2.0 * likeness);
                let decrease = -(gap * gap) / curvature;
                if decrease <= best {
                    (j, best) = (Some(t), decrease);
                }
            }
        }
        if steepest + flattest < TOLERANCE { None } else { Some((i, j?)) }
    }

    /// Moves the pair to its optimum inside the box, and the gradients with it.
    fn step(&mut self, i: usize, j: usize) {
        let (q_i, q_j) = (self.kernel.row(i), self.kernel.row(j));
        let (old_i, old_j) = (self.alpha[i], self.alpha[j]);
        let (was_upper_i, was_upper_j) = (self.at_upper(i), self.at_upper(j));
        let c = self.c;
        let q_ij = f64::from(q_i[j]);
        let (mut a_i, mut a_j) = (old_i, old_j);
        if self.signs[i] == self.signs[j] {
            let delta = (self.gradient[i] - self.gradient[j]) / curvature(2.0 - 2.0 * q_ij);
            let sum = a_i + a_j;
            a_i -= delta;
            a_j += delta;
            if sum > c && a_i > c {
                (a_i, a_j) = (c, sum - c);
            } else if sum <= c && a_j < 0.0 {
                (a_i, a_j) = (sum, 0.0);
            }
            if sum > c && a_j > c {
                (a_i, a_j) = (sum - c, c);
            } else if sum <= c && a_i < 0.0 {
                (a_i, a_j) = (0.0, sum);
            }
        } else {
            let delta = (-self.gradient[i] - self.gradient[j]) / curvature(2.0 + 2.0 * q_ij);
            let difference = a_i - a_j;
            a_i += delta;
            a_j += delta;
            if difference > 0.0 && a_j < 0.0 {
                (a_i, a_j) = (difference, 0.0);
            } else if difference <= 0.0 && a_i < 0.0 {
                (a_i, a_j) = (0.0, -difference);
            }
            if difference > 0.0 && a_i > c {
                (a_i, a_j) = (c, c - difference);
            } else if difference <= 0.0 && a_j > c {
                (a_i, a_j) = (c + difference, c);
            }
        }
        self.alpha[i] = a_i;
        self.alpha[j] = a_j;
        let (delta_i, delta_j) = (a_i - old_i, a_j - old_j);
        for &t in &self.active {
            self.gradient[t] += f64::from(q_i[t]) * delta_i + f64::from(q_j[t]) * delta_j;
        }
        for (was_upper, t, q) in [(was_upper_i, i, q_i), (was_upper_j, j, q_j)] {
            let is_upper = self.at_upper(t);
            if was_upper != is_upper {
                let change = if is_upper { c } else { -c };
                self.bound_gradient
                    .iter_mut()
                    .zip(q.iter())
                    .for_each(|(sum, q)| *sum += change * f64::from(*q));
            }
        }
    }

    /// The steepest ways up and down among active rows.
    fn extremes(&self) -> (f64, f64) {
        let (mut up, mut down) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for &t in &self.active {
            let slope = -self.signs[t] * self.gradient[t];
            if self.can_rise(t) {
                up = up.max(slope);
            }
            if self.can_fall(t) {
                down = down.max(-slope);
            }
        }
        (up, down)
    }

    /// Takes rows out that sit at a bound and that no active row could move.
    fn shrink(&mut self) {
        let (mut up, mut down) = self.extremes();
        if !self.unshrunk && up + down <= TOLERANCE * 10.0 {
            // Close to the end: mistakes of earlier shrinking are made good once.
            self.unshrunk = true;
            self.unshrink();
            (up, down) = self.extremes();
        }
        let settled = |t: usize| {
            let slope = -self.signs[t] * self.gradient[t];
            match (self.can_rise(t), self.can_fall(t)) {
                (true, false) => slope < -down,
                (false, true) => -slope < -up,
                _ => false,
            }
        };
        let active = self.active.iter().copied().filter(|&t| !settled(t)).collect();
        self.active = active;
    }

    /// Takes every row back and works out the gradients that were not kept.
    fn unshrink(&mut self) {
        let n = self.alpha.len();
        if self.active.len() == n {
            return;
        }
        let mut is_active = vec![false; n];
        self.active.iter().for_each(|&t| is_active[t] = true);
        let inactive: Vec<usize> = (0..n).filter(|&t| !is_active[t]).collect();
        for &t in &inactive {
            self.gradient[t] = self.bound_gradient[t] - 1.0;
        }
        for s in 0..n {
            if !self.at_lower(s) && !self.at_upper(s) {
                let (q, alpha) = (self.kernel.row(s), self.alpha[s]);
                inactive.iter().for_each(|&t| self.gradient[t] += alpha * f64::from(q[t]));
            }
        }
        self.active = (0..n).collect();
    }

    /// The threshold: the mean over free rows, or the middle of what rows at bounds allow.
    fn rho(&self) -> f64 {
        let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
        let (mut sum, mut free) = (0.0, 0_u32);
        for t in 0..self.alpha.len() {
            let slope = self.signs[t] * self.gradient[t];
            match (self.can_rise(t), self.can_fall(t)) {
                (true, true) => {
                    sum += slope;
                    free += 1;
                }
                (true, false) => most = most.min(slope),
                (false, _) => least = least.max(slope),
            }
        }
        if free > 0 { sum / f64::from(free) } else { (least + most) / 2.0 }
    }
}

fn curvature(value: f64) -> f64 {
    if value > 0.0 { value } else { LEAST_CURVATURE }
}
