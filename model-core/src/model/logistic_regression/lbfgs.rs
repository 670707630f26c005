//! Limited-memory BFGS for smooth convex functions, with a line search for the strong Wolfe
//! conditions.
//!
//! Source: Nocedal & Wright, "Numerical Optimization" (2006), algorithms 7.4, 7.5, 3.5 and 3.6.
//! Near the minimum the value's decrease drowns in its rounding while the gradient still tells the
//! way; there the approximate conditions of Hager & Zhang, SIAM J. Optim. 16 (2005), hold instead.

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

/// Minimises `function` from `point`, in place; `function` writes its gradient and returns its
/// value.
///
/// Stops once no entry of the gradient is beyond `tolerance`, when rounding hides any further
/// progress, or after `max_steps`. Returns whether the last point is finite.
pub(super) fn minimise(
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
    point: &mut [f64],
    tolerance: f64,
    max_steps: usize,
) -> bool {
    let n = point.len();
    let mut gradient = vec![0.0; n];
    let mut value = function(point, &mut gradient);
    let mut memory: VecDeque<Pair> = VecDeque::with_capacity(MEMORY);
    let (mut stalled, mut flattest) = (0, f64::INFINITY);
    for _ in 0..max_steps {
        if greatest(&gradient) <= tolerance || !value.is_finite() || stalled > MAX_STALLED {
            break;
        }
        let mut direction = descent(&memory, &gradient);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            // Rounding has spoilt the memory: begin anew with steepest descent.
            memory.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = dot(&direction, &gradient);
        }
        // Without memory the gradient's length says nothing of the step's.
        let first = if memory.is_empty() { 1.0 / greatest(&gradient).max(1.0) } else { 1.0 };
        let start = Trial { step: 0.0, value, slope };
        let mut line = Line {
            function: &mut function,
            origin: point,
            direction: &direction,
            point: vec![0.0; n],
            gradient: vec![0.0; n],
        };
        let Some(found) = line.search(start, first) else { break };
        let (next, next_gradient) = (line.point, line.gradient);
        let step: Vec<f64> = next.iter().zip(point.iter()).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&step, &change);
        if curvature > 0.0 {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Pair { step, change, inverse_curvature: 1.0 / curvature });
        }
        point.copy_from_slice(&next);
        gradient = next_gradient;
        let steepest = greatest(&gradient);
        let goes_on = found.value < value - NOISE * value.abs() || steepest < flattest;
        stalled = if goes_on { 0 } else { stalled + 1 };
        flattest = flattest.min(steepest);
        value = found.value;
    }
    value.is_finite() && point.iter().all(|x| x.is_finite())
}

/// One step and what it did to the gradient.
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
#[derive(Clone, Copy)]
struct Trial {
    step: f64,
    value: f64,
    slope: f64,
}

/// The function along one direction, with the last point looked at and its gradient.
struct Line<'a, F> {
    function: &'a mut F,
    origin: &'a [f64],
    direction: &'a [f64],
    point: Vec<f64>,
    gradient: Vec<f64>,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Line<'_, F> {
    fn look(&mut self, step: f64) -> Trial {
        for ((x, o), d) in self.point.iter_mut().zip(self.origin).zip(self.direction) {
            *x = o + step * d;
        }
        let value = (self.function)(&self.point, &mut self.gradient);
        Trial { step, value, slope: dot(&self.gradient, self.direction) }
    }

    /// A step that meets the strong Wolfe conditions; it is the last one looked at. `None` if
    /// rounding leaves none to be found.
    fn search(&mut self, start: Trial, first: f64) -> Option<Trial> {
        let noise = NOISE * start.value.abs();
        let enough = |trial: Trial| {
            trial.value <= start.value + SUFFICIENT_DECREASE * trial.step * start.slope
                || trial.value <= start.value + noise
                    && trial.slope <= (2.0 * SUFFICIENT_DECREASE - 1.0) * start.slope
        };
        let flat = |trial: Trial| trial.slope.abs() <= -CURVATURE * start.slope;
        let (mut low, mut high) = (start, None::<Trial>);
        let mut step = first;
        for _ in 0..MAX_TRIALS {
            let trial = self.look(step);
            if !trial.value.is_finite()
                || !enough(trial)
                || trial.value >= low.value + noise && low.step > 0.0
            {
                high = Some(trial);
            } else if flat(trial) {
                return Some(trial);
            } else if trial.slope >= 0.0
                || high.is_some_and(|high| trial.slope * (high.step - low.step) >= 0.0)
            {
                high = Some(low);
                low = trial;
            } else {
                low = trial;
            }
            step = match high {
                None => 2.0 * step,
                Some(high) => between(low, high),
            };
            if step == low.step || !step.is_finite() {
                break;
            }
        }
        None
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
