//! Limited-memory BFGS for smooth convex functions, with a line search for the strong Wolfe
//! conditions.
//!
//! Source: Nocedal & Wright, "Numerical Optimization" (2006), algorithms 7.4, 7.5, 3.5 and 3.6.
//! Near the minimum the value's decrease drowns in its rounding while the gradient still tells the
//! way; there the approximate conditions of Hager & Zhang, SIAM J. Optim. 16 (2005), hold instead.
//!
//! The search does not call the function: it asks for its value at a point and is told it, so that
//! it can be left before any value and taken up again later.

use std::collections::VecDeque;

/// Pairs of steps and gradient changes that are remembered; scikit-learn's (scipy's) figure.
const MEMORY: usize = 10;
/// Share of the promised decrease that a step must bring.
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Share of the slope that may be left after a step; the book's figure for quasi-Newton methods.
const CURVATURE: f64 = 0.9;
/// Function values that one line search may ask for.
const MAX_TRIALS: usize = 20;
/// What a value may be off by, as a share of it, from the rounding of sums over many rows.
const NOISE: f64 = 1e-12;
/// Steps in a row that neither lower the value by more than its noise nor find a flatter place
/// before the search ends.
const MAX_STALLED: u32 = 20;

/// A minimisation on its way.
///
/// It ends once no entry of the gradient is beyond the tolerance, when rounding hides any further
/// progress, or after the most steps.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
pub(super) struct Lbfgs {
    tolerance: f64,
    steps_left: usize,
    /// The last point that a line search ended at, and the function there.
    point: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    memory: VecDeque<Pair>,
    stalled: u32,
    flattest: f64,
    /// The gradient's greatest entry where it began.
    first_slope: f64,
    phase: Phase,
}

/// What is asked for.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
enum Phase {
    /// The function where it begins.
    Begin,
    /// The function on a line.
    Search(Line),
    Done,
}

impl Lbfgs {
    /// From `point`, with at most `max_steps` line searches.
    pub(super) fn new(point: Vec<f64>, tolerance: f64, max_steps: usize) -> Self {
        Self {
            tolerance,
            steps_left: max_steps,
            point,
            value: f64::NAN,
            gradient: Vec::new(),
            memory: VecDeque::with_capacity(MEMORY),
            stalled: 0,
            flattest: f64::INFINITY,
            first_slope: f64::NAN,
            phase: Phase::Begin,
        }
    }

    /// Whether a search that began as this one, and has not come further, may have come to `self`.
    #[cfg(feature = "checkpoint")]
    pub(super) fn goes_on_from(&self, begin: &Self) -> bool {
        let n = begin.point.len();
        let is_one = |vector: &Vec<f64>| vector.len() == n;
        let pairs = self.memory.iter().flat_map(|pair| [&pair.step, &pair.change]);
        let (gradient, of_line) = match &self.phase {
            Phase::Begin => (None, None),
            Phase::Search(line) => (Some(&self.gradient), Some(line)),
            Phase::Done => return false,
        };
        let line = of_line.iter().flat_map(|line| [&line.direction, &line.point]);
        [&self.point].into_iter().chain(gradient).chain(pairs).chain(line).all(is_one)
            && self.memory.len() <= MEMORY
            && self.tolerance == begin.tolerance
            && self.steps_left <= begin.steps_left
            && self.stalled <= MAX_STALLED
            && of_line.is_none_or(|line| line.n_trials < MAX_TRIALS)
    }

    /// Where the function is wanted next; `None` at the end.
    pub(super) fn asks(&self) -> Option<&[f64]> {
        match &self.phase {
            Phase::Begin => Some(&self.point),
            Phase::Search(line) => Some(&line.point),
            Phase::Done => None,
        }
    }

    /// Takes the value and the gradient at the point that was asked for.
    pub(super) fn tell(&mut self, value: f64, gradient: Vec<f64>) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Begin => {
                (self.value, self.gradient) = (value, gradient);
                self.first_slope = greatest(&self.gradient);
                self.next_line()
            }
            Phase::Search(mut line) => match line.judge(value, &gradient) {
                Verdict::Found => {
                    self.step_to(line.point, value, gradient);
                    self.next_line()
                }
                Verdict::GoOn(step) => {
                    line.look_at(step, &self.point);
                    Phase::Search(line)
                }
                Verdict::GiveUp => Phase::Done,
            },
            Phase::Done => Phase::Done,
        };
    }

    /// How far it is: the gradient falls by about the same factor in the same time.
    pub(super) fn share_done(&self) -> f64 {
        let way = libm::log(self.first_slope / self.tolerance);
        let gone = libm::log(self.first_slope / self.flattest);
        match self.phase {
            Phase::Done => 1.0,
            _ if gone > 0.0 && way > 0.0 => (gone / way).min(1.0),
            _ => 0.0,
        }
    }

    /// The last point; `None` if it or the value there is not finite.
    pub(super) fn finish(self) -> Option<Vec<f64>> {
        let is_finite = self.value.is_finite() && self.point.iter().all(|x| x.is_finite());
        is_finite.then_some(self.point)
    }

    /// The line to search next, from the last point.
    fn next_line(&mut self) -> Phase {
        if self.steps_left == 0
            || greatest(&self.gradient) <= self.tolerance
            || !self.value.is_finite()
            || self.stalled > MAX_STALLED
        {
            return Phase::Done;
        }
        self.steps_left -= 1;
        let mut direction = descent(&self.memory, &self.gradient);
        let mut slope = dot(&direction, &self.gradient);
        if slope >= 0.0 {
            // Rounding has spoilt the memory: begin anew with steepest descent.
            self.memory.clear();
            direction = self.gradient.iter().map(|g| -g).collect();
            slope = dot(&direction, &self.gradient);
        }
        // Without memory the gradient's length says nothing of the step's.
        let is_first = self.memory.is_empty();
        let step = if is_first { 1.0 / greatest(&self.gradient).max(1.0) } else { 1.0 };
        let start = Trial { step: 0.0, value: self.value, slope };
        let mut line = Line::new(start, direction);
        line.look_at(step, &self.point);
        Phase::Search(line)
    }

    /// Remembers what a step did to the gradient, and stands where it led.
    fn step_to(&mut self, next: Vec<f64>, value: f64, gradient: Vec<f64>) {
        let step: Vec<f64> = next.iter().zip(&self.point).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = gradient.iter().zip(&self.gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&step, &change);
        if curvature > 0.0 {
            if self.memory.len() == MEMORY {
                self.memory.pop_front();
            }
            self.memory.push_back(Pair { step, change, inverse_curvature: 1.0 / curvature });
        }
        (self.point, self.gradient) = (next, gradient);
        let steepest = greatest(&self.gradient);
        let goes_on = value < self.value - NOISE * self.value.abs() || steepest < self.flattest;
        self.stalled = if goes_on { 0 } else { self.stalled + 1 };
        self.flattest = self.flattest.min(steepest);
        self.value = value;
    }
}

/// One step and what it did to the gradient.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse_curvature: f64,
}

/// The quasi-Newton direction: minus the remembered inverse Hessian times the gradient.
fn descent(memory: &VecDeque<Pair>, gradient: &[f64]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut weights = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let weight = pair.inverse_curvature * dot(&pair.step, &direction);
        add(&mut direction, -weight, &pair.change);
        weights.push(weight);
    }
    if let Some(newest) = memory.back() {
        let scale = 1.0 / (newest.inverse_curvature * dot(&newest.change, &newest.change));
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (pair, weight) in memory.iter().zip(weights.into_iter().rev()) {
        let correction = pair.inverse_curvature * dot(&pair.change, &direction);
        add(&mut direction, weight - correction, &pair.step);
    }
    direction
}

/// A point on the line: how far, the value there, and the slope along the line.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "checkpoint", derive(serde::Serialize, serde::Deserialize))]
struct Trial {
    step: f64,
    value: f64,
    slope: f64,
}

/// A search along one direction for a step that meets the strong Wolfe conditions.
#[derive(Debug)]
#[cfg_attr(feature = "checkpoint", derive(Clone, serde::Serialize, serde::Deserialize))]
struct Line {
    start: Trial,
    direction: Vec<f64>,
    low: Trial,
    high: Option<Trial>,
    n_trials: usize,
    /// How far along it the function is wanted, and the point there.
    step: f64,
    point: Vec<f64>,
}

/// What a value on a line means.
enum Verdict {
    /// The step meets the conditions.
    Found,
    /// This step is to be tried next.
    GoOn(f64),
    /// Rounding leaves no step to be found.
    GiveUp,
}

impl Line {
    fn new(start: Trial, direction: Vec<f64>) -> Self {
        let point = vec![0.0; direction.len()];
        Self { start, direction, low: start, high: None, n_trials: 0, step: 0.0, point }
    }

    fn look_at(&mut self, step: f64, origin: &[f64]) {
        self.step = step;
        for ((x, o), d) in self.point.iter_mut().zip(origin).zip(&self.direction) {
            *x = o + step * d;
        }
    }

    fn judge(&mut self, value: f64, gradient: &[f64]) -> Verdict {
        let trial = Trial { step: self.step, value, slope: dot(gradient, &self.direction) };
        let (start, noise) = (self.start, NOISE * self.start.value.abs());
        let enough = trial.value <= start.value + SUFFICIENT_DECREASE * trial.step * start.slope
            || trial.value <= start.value + noise
                && trial.slope <= (2.0 * SUFFICIENT_DECREASE - 1.0) * start.slope;
        if !trial.value.is_finite()
            || !enough
            || trial.value >= self.low.value + noise && self.low.step > 0.0
        {
            self.high = Some(trial);
        } else if trial.slope.abs() <= -CURVATURE * start.slope {
            return Verdict::Found;
        } else {
            let has_passed = trial.slope >= 0.0
                || self.high.is_some_and(|high| trial.slope * (high.step - self.low.step) >= 0.0);
            if has_passed {
                self.high = Some(self.low);
            }
            self.low = trial;
        }
        let step = match self.high {
            None => 2.0 * self.step,
            Some(high) => between(self.low, high),
        };
        self.n_trials += 1;
        if self.n_trials == MAX_TRIALS || step == self.low.step || !step.is_finite() {
            return Verdict::GiveUp;
        }
        Verdict::GoOn(step)
    }
}

/// Where the cubic through both trials has its minimum, kept off their ends.
fn between(low: Trial, high: Trial) -> f64 {
    let width = high.step - low.step;
    let middle = low.step + 0.5 * width;
    if !high.value.is_finite() {
        return middle;
    }
    let d1 = low.slope + high.slope - 3.0 * (low.value - high.value) / (low.step - high.step);
    let square = d1 * d1 - low.slope * high.slope;
    if square < 0.0 {
        return middle;
    }
    let d2 = square.sqrt() * width.signum();
    let step = high.step - width * (high.slope + d2 - d1) / (high.slope - low.slope + 2.0 * d2);
    let share = (step - low.step) / width;
    if (0.1..=0.9).contains(&share) { step } else { middle }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `a += factor · b`.
fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| value.abs().max(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minimises from `point`, in place; whether the last point is finite.
    fn minimise(
        mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
        point: &mut [f64],
        tolerance: f64,
        max_steps: usize,
    ) -> bool {
        let mut search = Lbfgs::new(point.to_vec(), tolerance, max_steps);
        let mut share = 0.0;
        while let Some(asked) = search.asks() {
            let mut gradient = vec![0.0; asked.len()];
            let value = function(asked, &mut gradient);
            search.tell(value, gradient);
            assert!(search.share_done() >= share);
            share = search.share_done();
        }
        let found = search.finish();
        point.copy_from_slice(found.as_deref().unwrap_or(&vec![f64::NAN; point.len()]));
        found.is_some()
    }

    #[test]
    fn a_stretched_bowl_is_brought_to_its_bottom() {
        let scales = [1.0, 10.0, 1e3, 1e5];
        let mut point = [3.0, -2.0, 1.0, 0.5];
        let finite = minimise(
            |x, g| {
                let mut value = 0.0;
                for ((g, x), s) in g.iter_mut().zip(x).zip(scales) {
                    *g = s * (x - 1.0);
                    value += 0.5 * s * (x - 1.0) * (x - 1.0);
                }
                value
            },
            &mut point,
            1e-9,
            500,
        );
        assert!(finite && point.iter().all(|x| (x - 1.0).abs() < 1e-8), "{point:?}");
    }

    #[test]
    fn the_valley_of_rosenbrock_is_followed_to_its_end() {
        let mut point = [-1.2, 1.0];
        minimise(
            |x, g| {
                let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
                g[0] = -2.0 * a - 400.0 * x[0] * b;
                g[1] = 200.0 * b;
                a * a + 100.0 * b * b
            },
            &mut point,
            1e-9,
            500,
        );
        assert!((point[0] - 1.0).abs() < 1e-6 && (point[1] - 1.0).abs() < 1e-6, "{point:?}");
    }

    #[test]
    fn a_decrease_that_drowns_in_rounding_is_followed_by_its_gradient() {
        let (mut point, mut n_values) = ([3.0, -2.0], 0);
        minimise(
            |x, g| {
                n_values += 1;
                (g[0], g[1]) = (x[0] - 1.0, 50.0 * (x[1] - 1.0));
                1e6 + 0.5 * (x[0] - 1.0) * (x[0] - 1.0) + 25.0 * (x[1] - 1.0) * (x[1] - 1.0)
            },
            &mut point,
            1e-9,
            500,
        );
        assert!(point.iter().all(|x| (x - 1.0).abs() < 1e-9), "{point:?}");
        assert!(n_values < 50, "{n_values}");
    }

    #[test]
    fn a_function_that_is_not_finite_is_told() {
        assert!(!minimise(
            |_, g| {
                g.fill(1.0);
                f64::NAN
            },
            &mut [0.0],
            1e-9,
            10
        ));
    }
}
